"""What is printed, whoever prints it: the terminal and the logs of CI are formats too, and readers may leave early.

While a command runs, ``sys.stdout`` and ``sys.stderr`` are these. As text they show what a terminal or a CI service
would obey: control and escape characters, marks that turn the direction of writing, and commands such as
``::add-mask::`` or ``##[group]``. They do so in a way that JSON stays JSON. A terminal gets its own encoding, and what
that lacks is escaped instead of ending the command; pipes and files get UTF-8, as every file the harness writes. A
reader that has gone is told nothing more, and the command keeps its exit code.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, TextIO

from harness.errors import UsageError
from harness.workspace.printable import shown
from harness.workspace.redaction import REDACTOR
from harness.workspace.screen import screen_of

if TYPE_CHECKING:
    from rich.console import RenderableType

PEOPLE = frozenset({"terminal", "table", "md"})
"""Formats for people; the others are for programs, and are written byte for byte."""


def emit(data: bytes, format: str) -> None:  # noqa: A002 - the flag's name
    """Write a rendered report to stdout."""
    if format in PEOPLE:
        sys.stdout.write(data.decode("utf-8"))
    else:
        if format == "json":
            data = shown(data.decode("utf-8")).encode("utf-8")
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    sys.stdout.flush()


def show(blocks: Callable[[int], Iterable[RenderableType]], stream: TextIO | None = None) -> None:
    """Write blocks to stdout, or to another guarded stream, as wide and as styled as it takes them.

    Args:
        blocks: makes them for so many columns.
        stream: the guarded stderr, for what is not the result.
    """
    from harness.reports.formats.blocks import rendered

    target = sys.stdout if stream is None else stream
    screen = screen_of(target)
    text = rendered(blocks(screen.width), screen)
    if isinstance(target, Guarded):
        target.write_harmless(text)
    else:
        target.write(text)
    target.flush()


def say_line(text: str) -> None:
    """Remarks on stderr, one a line; wrapped where that is a terminal, but for paths and commands, which stay whole."""
    if not sys.stderr.isatty():  # a log: the same lines, without what wrapping takes to import
        print(text, file=sys.stderr, flush=True)
        return
    from harness.reports.formats.blocks import Line

    show(lambda _: [Line(line, hang=2, whole=True) for line in text.split("\n")], sys.stderr)


def refuse_terminal(format: str, *, binary: bool, hint: str = "") -> None:  # noqa: A002 - the flag's name
    """Return if the format may be written to stdout; asked before any work is done.

    Raises:
        UsageError: it is no text, and stdout is a terminal.
    """
    if binary and sys.stdout.isatty():
        raise UsageError(
            f"{format} is binary and is not written to a terminal",
            hint=hint or f"write it to a file: harness report --format {format} -o report.{format}",
        )


class Bytes:
    """The bytes behind a stream, for as long as somebody reads them."""

    def __init__(self, stream: IO[Any] | None) -> None:
        self._stream = stream

    def write(self, data: bytes | str) -> int:
        """Write; nothing where nobody reads."""
        if self._stream is not None:
            with self._read():
                self._stream.write(data)
        return len(data)

    def flush(self) -> None:
        """The same."""
        if self._stream is not None:
            with self._read():
                self._stream.flush()

    @contextlib.contextmanager
    def _read(self) -> Iterator[None]:
        stream = self._stream
        try:
            yield
        except BrokenPipeError:
            self._stream = None
            if stream is not None:  # what it still holds must not fail when the interpreter ends
                with contextlib.suppress(OSError), Path(os.devnull).open("wb") as nowhere:
                    os.dup2(nowhere.fileno(), stream.fileno())


class Guarded(io.TextIOBase):
    """A text stream that shows what would be obeyed."""

    def __init__(self, stream: TextIO | None, *, redact: bool) -> None:
        self.unguarded = stream
        """For who draws on a terminal, and makes its own text harmless."""
        self._buffer = Bytes(getattr(stream, "buffer", None))
        self._text = Bytes(None if hasattr(stream, "buffer") else stream)
        self._redact = redact
        self._line_start = True
        declared = getattr(stream, "encoding", None) or "utf-8"
        self._encoding = declared if self.isatty() and codecs.lookup(declared).name != "ascii" else "utf-8"

    def close(self) -> None:
        """Forget the stream beneath, which is somebody else's; one that they closed has nothing left to flush."""
        with contextlib.suppress(ValueError):
            super().close()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """What a terminal declares; UTF-8 where it declares ASCII, and elsewhere."""
        return self._encoding

    @property
    def errors(self) -> str:  # type: ignore[override]
        """Nothing is an error."""
        return "backslashreplace"

    @property
    def buffer(self) -> BinaryIO:
        """The bytes."""
        return self._buffer  # type: ignore[return-value]

    def write(self, text: str) -> int:
        """Write text, harmless and encodable."""
        if not isinstance(text, str):
            raise TypeError("text is written here")
        harmless = shown(REDACTOR(text) if self._redact else text, line_start=self._line_start)
        self._line_start = text.endswith("\n") if text else self._line_start
        harmless = _encodable(harmless, self._encoding)
        self._buffer.write(harmless.encode(self._encoding))
        self._text.write(harmless)
        return len(text)

    def write_harmless(self, text: str) -> None:
        """Write lines whose escape sequences are the harness's own: everything else in them was made harmless."""
        text = _encodable(REDACTOR(text) if self._redact else text, self._encoding)
        self._buffer.write(text.encode(self._encoding))
        self._text.write(text)
        self._line_start = True

    def flush(self) -> None:
        """Hand on what was written."""
        self._buffer.flush()
        self._text.flush()

    def writable(self) -> bool:
        """It is."""
        return True

    def isatty(self) -> bool:
        """Whether a person reads it."""
        return self.unguarded is not None and self.unguarded.isatty()

    def fileno(self) -> int:
        """Of the stream behind it."""
        if self.unguarded is None:
            raise OSError("there is no such stream")
        return self.unguarded.fileno()


def _encodable(text: str, encoding: str) -> str:
    """What the encoding lacks, escaped as in JSON: two of them for what lies beyond 16 bits."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(char if _fits(char, encoding) else _escaped(char) for char in text)
    return text


def _fits(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _escaped(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


@contextlib.contextmanager
def guarded_streams() -> Iterator[None]:
    """Have the standard streams be these while a command runs."""
    out, err = sys.stdout, sys.stderr
    for stream in (out, err):
        if stream is not None:  # what was printed before comes first
            stream.flush()
    sys.stdout, sys.stderr = Guarded(out, redact=False), Guarded(err, redact=True)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = out, err
