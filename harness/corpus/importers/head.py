"""The beginning of a file, from which its format is known: content goes before suffix."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harness.corpus.text import open_text
from harness.errors import DataError

BYTES = 65_536

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_BARE_UTF16 = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))
_DECLARED = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9_.:-]+)[\"']")
_PROLOG = re.compile(
    r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE\b(?:[^\[>]|\[.*?\]\s*)*>\s*)*", re.DOTALL | re.IGNORECASE
)
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)(?=[\s/>])")


@dataclass(frozen=True)
class Head:
    """The first bytes of a file."""

    path: Path
    data: bytes
    """At most :data:`BYTES`."""

    @property
    def suffix(self) -> str:
        """The last suffix in lower case, without the dot; empty where there is none."""
        return self.path.suffix.lower().removeprefix(".")

    @cached_property
    def text(self) -> str:
        """The bytes as text, by byte order mark or XML declaration, else UTF-8; what fits neither is U+FFFD."""
        declared = _DECLARED.match(self.data)
        encoding = next(
            (name for mark, name in (*_BOMS, *_BARE_UTF16) if self.data.startswith(mark)),
            declared[1].decode("ascii") if declared else "utf-8",
        )
        try:
            return self.data.decode(encoding, errors="replace")
        except LookupError:
            return self.data.decode("utf-8", errors="replace")

    @cached_property
    def root(self) -> str:
        """The first element of markup, without namespace, in lower case; empty where the file begins otherwise."""
        prolog = _PROLOG.match(self.text)
        match = _ROOT.match(self.text, prolog.end() if prolog else 0)
        return match[1].lower() if match else ""


def read_head(path: Path) -> Head:
    """Read the beginning of a file.

    Raises:
        DataError: it is missing, a folder, empty, or cannot be read.
    """
    with open_text(path, most=math.inf) as file:
        data = file.read(BYTES)
    if not data:
        raise DataError(f"{path}: the file is empty", hint="write one segment per line, or remove the file")
    return Head(path, data)
