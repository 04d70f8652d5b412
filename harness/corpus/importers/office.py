"""The parts of Office files (.docx, .xlsx), which are XML in a ZIP archive."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.corpus.importers.markup import parse_bytes
from harness.errors import DataError

LARGEST_PART = 64 * 2**20
"""Bytes of a part after unpacking; a document of 10,000 pages has less."""


@dataclass(frozen=True, slots=True)
class OfficeFormat:
    """What such a file is called in messages."""

    name: str
    """Without its article: ``workbook``."""
    short: str
    """What is split when it is too large."""
    suffix: str

    def part(self, path: Path, archive: zipfile.ZipFile, name: str) -> Any:
        """The root element of a part, unpacked up to :data:`LARGEST_PART`.

        Raises:
            DataError: there is no such part, it is too large, or no safe XML.
        """
        try:
            member = archive.getinfo(name)
        except KeyError:
            raise DataError(
                f"{path}: not a {self.name}: it has no {name}", hint=f"save it again as {self.suffix}"
            ) from None
        if member.file_size > LARGEST_PART:
            raise DataError(
                f"{path}: {name} is larger than {LARGEST_PART / 2**20:g} MiB", hint=f"split the {self.short}"
            )
        with archive.open(member) as file:
            return parse_bytes(file.read(LARGEST_PART + 1), f"{path}: {name}")
