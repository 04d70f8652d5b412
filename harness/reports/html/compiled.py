"""Templates are compiled once for an installation: their code lies where that of modules lies, as Python keeps it.

As with modules, nothing is kept where the folder cannot be written or ``PYTHONDONTWRITEBYTECODE`` is set, and
``PYTHONPYCACHEPREFIX`` moves it.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket


class CompiledTemplates(jinja2.FileSystemBytecodeCache):
    """The code of the templates of one folder; that of other templates, options or versions is never taken for it."""

    def __init__(self, templates: Path, options: str) -> None:
        """``options`` is whatever else the code depends on."""
        folder = Path(cache_from_source(str(templates / "any.py"))).parent
        super().__init__(str(folder), f"%s.{sys.implementation.cache_tag}.j2c")
        self._beside = f"\n{options}\n{jinja2.__version__}"

    def get_source_checksum(self, source: str) -> str:
        """A digest of a template and of what else its code depends on."""
        return super().get_source_checksum(source + self._beside)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template, where that is possible."""
        if sys.dont_write_bytecode:
            return
        with suppress(OSError):
            Path(self.directory).mkdir(parents=True, exist_ok=True)
            super().dump_bytecode(bucket)

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read the code of a template; a damaged file counts as none."""
        try:
            super().load_bytecode(bucket)
        except Exception:  # noqa: BLE001 - pickle and marshal raise anything on what they did not write
            bucket.reset()
