"""Drawings are kept for the user who had them made: the library that draws takes half a second to start.

They lie below ``~/.cache/translation-harness/charts``, or ``HARNESS_CHARTS_CACHE``, each under a digest of what it was
drawn from, so that a report of the same results has no need of the library. Nothing depends on them: what is missing,
damaged or cannot be kept is drawn again.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from harness.workspace.environment import package_version, user_cache
from harness.workspace.operating_system import replace_file

MOST_KEPT = 256
"""Drawings, of about 20 KB each; where there are more, the older half goes."""
MOST_BYTES = 2**25
"""Of one drawing."""
SUFFIX = ".svg.z"
_BEGINS, _ENDS = "<svg ", "</svg>"


def folder() -> Path:
    """Where drawings are kept."""
    given = os.environ.get("HARNESS_CHARTS_CACHE", "")
    return Path(given).expanduser() if given else user_cache() / "charts"


def kept_or_drawn(spec: Mapping[str, Any], draw: Callable[[Mapping[str, Any]], str]) -> str:
    """The drawing of a complete specification, as SVG.

    Args:
        spec: the specification; as JSON it is the same wherever the same is drawn.
        draw: draws it, if need be.
    """
    file = folder() / f"{_digest(spec)}{SUFFIX}"
    known = _read(file)
    if known:
        return known
    drawn = draw(spec)
    with suppress(OSError):
        _keep(file, drawn)
    return drawn


def _digest(spec: Mapping[str, Any]) -> str:
    given = json.dumps([package_version("vl-convert-python"), spec], sort_keys=True)
    return hashlib.blake2b(given.encode("ascii"), digest_size=20).hexdigest()


def _read(file: Path) -> str:
    """What is kept; empty where nothing is, or something else."""
    try:
        unpacked = zlib.decompressobj().decompress(file.read_bytes(), MOST_BYTES).decode("utf-8")
    except (OSError, ValueError, zlib.error):
        return ""
    return unpacked if unpacked.startswith(_BEGINS) and unpacked.endswith(_ENDS) else ""


def _keep(file: Path, drawn: str) -> None:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = file.with_name(f"{file.name}.{os.getpid()}")
    temporary.write_bytes(zlib.compress(drawn.encode("utf-8")))
    replace_file(temporary, file)
    kept = sorted(file.parent.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime)
    for path in kept[: len(kept) // 2] if len(kept) > MOST_KEPT else ():
        path.unlink()
