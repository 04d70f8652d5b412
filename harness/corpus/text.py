r"""Text files read by written rules: nothing is repaired silently, and every refusal names file, line and column.

Lines end in ``\n`` and in nothing else. Characters that some other tool takes for a line break are refused, because
a file that is 100 lines here and 101 lines there is misaligned for one of the two. What is merely unusual (NFD,
no-break spaces, tabs, spaces at the ends) is kept as written; :mod:`harness.corpus.lint` talks about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Literal, NoReturn

from harness.errors import DataError, so_many
from harness.store.files import LARGEST, open_regular
from harness.types import Note

MAX_LINE_CHARACTERS = 100_000
"""No segment is this long; a file with such a line is not one segment per line."""

BOM = "\ufeff"

LINE_BREAKS = {
    "\r": "carriage return",
    "\v": "vertical tab",
    "\f": "form feed",
    "\x1c": "file separator",
    "\x1d": "group separator",
    "\x1e": "record separator",
    "\x85": "next line",
    "\u2028": "line separator",
    "\u2029": "paragraph separator",
}
"""Characters other than ``\n`` at which Python, editors or word processors break lines."""

_SUSPECTS = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CONTROLS = bytes({*range(0x20), 0x7F} - {0x09, 0x0A})
_HIGHER_CONTROLS = re.compile(b"\xc2[\x80-\x9f]")
_SEPARATORS = ("\u2028".encode(), "\u2029".encode())
"""The same in UTF-8, each looked for in the way that is fast for it; half a character cannot be decoded."""
_BOM = BOM.encode()

AT_ONCE = 2**20
"""Bytes of a file that is looked at as a whole first, and line by line only where there is something to find."""

_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"

BomRule = Literal["refuse", "keep", "drop"]
ControlRule = Literal["refuse", "keep"]
CrlfRule = Literal["refuse", "convert"]


@dataclass(frozen=True, slots=True)
class TextFile:
    r"""The lines of a file, without their ``\n``, and what a reader of the result should know about them."""

    path: Path
    lines: tuple[str, ...]
    """At least one; line ``n`` of the file is ``lines[n - 1]``. May be empty strings."""
    notes: tuple[Note, ...]

    def at(self, line: int) -> str:
        """``file:line``, as it stands in messages; ``line`` counts from 1."""
        return f"{self.path}:{line}"


def read_lines(
    path: Path,
    *,
    bom: BomRule = "refuse",
    controls: ControlRule = "refuse",
    crlf: CrlfRule = "refuse",
    longest: int = MAX_LINE_CHARACTERS,
) -> TextFile:
    r"""Read a UTF-8 text file, one pass, never more than one over-long line in memory.

    Args:
        path: The file.
        bom: What to do with a byte order mark at the start: an error, part of the first line, or removed. The
            last two leave a note.
        controls: Whether control characters that break no lines are an error or kept with a note. NUL is always
            an error, a tab never.
        crlf: Whether ``\r\n`` is an error or read as ``\n`` with a note. A lone ``\r`` is always an error.
        longest: Most characters in a line.

    Raises:
        DataError: the file is missing, a folder, empty, not UTF-8, or breaks one of the rules.
    """
    reader = _Reader(path, bom, controls, crlf, longest)
    with open_text(path) as file:
        beginning = file.read(AT_ONCE)
        if len(beginning) < AT_ONCE and (lines := _plain_lines(beginning, longest)):
            return TextFile(path, lines, ())
        file.seek(0)
        # One byte more than the longest legal line could have, so that a longer one is seen without reading it.
        while raw := file.readline(4 * longest + 3):
            reader.add(raw)
    return reader.finish()


def _plain_lines(raw: bytes, longest: int) -> tuple[str, ...]:
    """The lines of a file that has nothing to refuse or to note by any rule; none where each must be looked at."""
    if raw.startswith(_BOM) or len(raw.translate(None, _CONTROLS)) < len(raw) or _HIGHER_CONTROLS.search(raw):
        return ()
    if any(separator in raw for separator in _SEPARATORS):
        return ()
    try:
        lines = raw.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        return ()
    if not lines[-1]:
        lines.pop()
    return tuple(lines) if max(map(len, lines), default=0) <= longest else ()


def line_fault(text: str, *, bom: BomRule = "refuse", controls: ControlRule = "refuse") -> str:
    """Why a text cannot be one line of a file that :func:`read_lines` reads by these rules; empty where it can."""
    if "\n" in text:
        return f"a line break ({code_point(chr(10))})"
    name = "text"
    try:
        _Reader(Path(name), bom, controls, "refuse", MAX_LINE_CHARACTERS).add(text.encode("utf-8", "surrogatepass"))
    except DataError as error:
        return str(error).removeprefix(f"{name}:1: ")
    return ""


def check_text(text: str, where: str) -> None:
    """Check one segment that did not come from a line of a native file against the rules for native files.

    Raises:
        DataError: headed by ``where``.
    """
    match = _SUSPECTS.search(text)
    if match:
        _refuse(f"{where}: character {match.start() + 1}", match[0])
    if len(text) > MAX_LINE_CHARACTERS:
        raise DataError(
            f"{where}: {len(text):,} characters; a segment has at most {MAX_LINE_CHARACTERS:,}",
            hint="split it into sentences",
        )
    if text and is_blank(text):
        raise DataError(f"{where}: only white space", hint="write text, or leave it empty")


def is_blank(text: str) -> bool:
    """Whether nothing can be seen of ``text``: empty, white space, zero-width characters."""
    return not text.strip().strip(_INVISIBLE).strip()


def code_point(character: str) -> str:
    """``U+2028``."""
    return f"U+{ord(character):04X}"


@contextmanager
def open_text(path: Path, *, most: float = LARGEST) -> Iterator[BufferedReader]:
    """Open a file to read its bytes.

    Raises:
        DataError: it is missing, a folder, too large, or cannot be read.
    """
    try:
        with open_regular(path, most=most) as file:
            yield file
    except FileNotFoundError:
        raise DataError(f"{path}: no such file", hint="check the path; it is relative to the current folder") from None
    except IsADirectoryError:
        raise DataError(f"{path}: is a folder, not a file", hint="name a file in it") from None
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from error


class _Reader:
    """The state of one pass over a file."""

    def __init__(self, path: Path, bom: BomRule, controls: ControlRule, crlf: CrlfRule, longest: int) -> None:
        self.path, self.bom, self.controls, self.crlf, self.longest = path, bom, controls, crlf, longest
        self.lines: list[str] = []
        self.notes: list[Note] = []
        self.converted = 0
        self.kept: list[tuple[int, str]] = []

    def add(self, raw: bytes) -> None:
        number = len(self.lines) + 1
        text = self._decode(raw.removesuffix(b"\n"), number)
        if number == 1 and text.startswith(BOM):
            text = self._byte_order_mark(text)
        if self.crlf == "convert" and text.endswith("\r") and raw.endswith(b"\n"):
            text = text[:-1]
            self.converted += 1
        if len(text) > self.longest:
            self._too_long(number)
        for match in _SUSPECTS.finditer(text):
            character = match[0]
            if character in LINE_BREAKS or character == "\x00" or self.controls == "refuse":
                _refuse(f"{self.path}:{number}: column {match.start() + 1}", character)
            self.kept.append((number, character))
        self.lines.append(text)

    def _decode(self, raw: bytes, number: int) -> str:
        if len(raw) > 4 * self.longest + 1:  # cut short by the read limit, perhaps inside a character
            self._too_long(number)
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            utf16 = number == 1 and raw[:2] in (b"\xff\xfe", b"\xfe\xff")
            kind = "UTF-16" if utf16 else "not UTF-8"
            raise DataError(
                f"{self.path}:{number}: byte {error.start + 1} of the line (0x{raw[error.start]:02X}): {kind}",
                hint="save the file as UTF-8"
                + ("" if utf16 else "; an old Windows file is converted by: iconv -f WINDOWS-1252 -t UTF-8"),
            ) from None

    def _too_long(self, number: int) -> NoReturn:
        raise DataError(
            f"{self.path}:{number}: the line is longer than {self.longest:,} characters",
            hint="one segment per line: split the text into sentences",
        )

    def _byte_order_mark(self, text: str) -> str:
        if self.bom == "refuse":
            raise DataError(
                f"{self.path}:1: column 1: byte order mark ({code_point(BOM)})",
                hint="save the file as UTF-8 without BOM, or import it with `harness import`, which removes it",
            )
        if self.bom == "keep":
            self.notes.append(Note(f"{self.path}:1", "byte order mark kept as part of the first line"))
            return text
        self.notes.append(Note(f"{self.path}:1", "byte order mark removed"))
        return text[1:]

    def finish(self) -> TextFile:
        """The file, once every line was added."""
        if not self.lines:
            raise DataError(f"{self.path}: the file is empty", hint="write one segment per line, or remove the file")
        if self.converted:
            self.notes.append(Note(str(self.path), f"CRLF line ends read as LF in {so_many(self.converted, 'line')}"))
        if self.kept:
            line, character = self.kept[0]
            text = f"control characters kept: {len(self.kept)}; the first is {code_point(character)}"
            self.notes.append(Note(f"{self.path}:{line}", text))
        return TextFile(self.path, tuple(self.lines), tuple(self.notes))


def _refuse(where: str, character: str) -> NoReturn:
    point = code_point(character)
    if character == "\r":
        raise DataError(
            f"{where}: carriage return ({point})",
            hint="save the file with LF line ends (sed -i 's/\\r$//' FILE), or import the article with "
            "`harness import`, which reads CRLF as LF; if Git wrote CRLF: git config core.autocrlf input",
        )
    if character == "\n":
        raise DataError(f"{where}: line break inside a segment", hint="one segment is one line: split or join it")
    if character in LINE_BREAKS:
        raise DataError(
            f"{where}: {LINE_BREAKS[character]} ({point}), which some tools treat as a line break",
            hint="replace it with a space, or start a new line there in every file of the article",
        )
    name = "NUL" if character == "\x00" else "surrogate" if "\ud800" <= character <= "\udfff" else "control character"
    raise DataError(f"{where}: {name} ({point})", hint="remove the character; text files hold text and tabs only")
