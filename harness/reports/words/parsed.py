"""The tables of a TOML file of the package, read once for an installation: as JSON they take a tenth of the time.

They lie where the code of modules lies, as Python keeps it. As with modules, nothing is kept where the folder cannot be
written or ``PYTHONDONTWRITEBYTECODE`` is set, and ``PYTHONPYCACHEPREFIX`` moves it.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any


def tables_of(file: Path) -> dict[str, Any]:
    """What a TOML file in UTF-8 holds: tables, texts, numbers and lists of them, no dates."""
    written = file.read_text(encoding="utf-8")
    known = Path(cache_from_source(str(file.with_suffix(".py")))).with_name(f"{file.name}.json")
    with suppress(OSError, ValueError, TypeError):
        of, tables = json.loads(known.read_bytes())
        if of == written and isinstance(tables, dict):
            return tables
    import tomllib

    tables = tomllib.loads(written)
    if not sys.dont_write_bytecode:
        with suppress(OSError):
            _keep(known, json.dumps([written, tables]).encode("ascii"))
    return tables


def _keep(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f"{file.name}.{os.getpid()}")
    temporary.write_bytes(data)
    temporary.replace(file)
