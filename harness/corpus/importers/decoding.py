"""A whole file as text, for formats in which a line is no segment: UTF-8, or UTF-16 with its byte order mark."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.corpus.text import open_text
from harness.errors import DataError
from harness.types import Note

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class DecodedText:
    """What a file says; line ends are as they are in it."""

    text: str
    utf16: bool
    notes: tuple[Note, ...]


def read_text(path: Path) -> DecodedText:
    """Read a file of text.

    Raises:
        DataError: missing, a folder, empty, too large, or in another encoding; with the line and the byte.
    """
    with open_text(path) as file:
        data = file.read()
    utf16 = data.startswith(_UTF16)
    notes: list[Note] = []
    try:
        text = data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_unicode(path, data, error.start, utf16=utf16) from None
    if utf16:
        notes.append(Note(f"{path}:1", "UTF-16 read as it is"))
    elif data.startswith(_UTF8_MARK):
        notes.append(Note(f"{path}:1", "byte order mark removed"))
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise DataError(
            f"{path}:{line}: NUL (U+0000)", hint="save it as UTF-8: this is not text, or UTF-16 without its mark"
        )
    if not text.strip():
        raise DataError(f"{path}: the file is empty", hint="write one segment per line, or remove the file")
    return DecodedText(text, utf16, tuple(notes))


def _not_unicode(path: Path, data: bytes, start: int, *, utf16: bool) -> DataError:
    line = data.count(b"\n", 0, start) + 1
    byte = start - (data.rfind(b"\n", 0, start) + 1) + 1
    if utf16:
        return DataError(f"{path}: byte {start + 1}: broken UTF-16", hint="save the file as UTF-8")
    return DataError(
        f"{path}:{line}: byte {byte} of the line (0x{data[start]:02X}): not UTF-8; perhaps Windows-1252",
        hint='save it as "CSV UTF-8" in the spreadsheet, or convert it: iconv -f WINDOWS-1252 -t UTF-8',
    )
