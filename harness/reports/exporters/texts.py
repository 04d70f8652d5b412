"""Texts as a format can hold them, and a count of those that had to change."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from harness.types import Note

_LINE_ENDS = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
"""Whatever one of the usual readers takes for the end of a line."""

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, escaped or not."""


def unicode_text(text: str) -> str:
    """``text`` without lone surrogates, which UTF-8 cannot hold; each is replaced by U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def one_line(text: str) -> str:
    """``text`` on one line: every line end is a space, and NUL, which ends a text for many programs, is U+FFFD."""
    return _LINE_ENDS.sub(" ", unicode_text(text)).replace("\0", "\ufffd")


def one_field(text: str) -> str:
    """``text`` in one field of a table without quoting: on one line, and every tab a space."""
    return one_line(text).replace("\t", " ")


def xml_text(text: str) -> str:
    """``text`` with U+FFFD for every character that XML 1.0 cannot hold."""
    return _NOT_XML.sub("\ufffd", unicode_text(text))


@dataclass(slots=True)
class Cleaner:
    """Applies a rule to texts and counts those that it changed."""

    rule: Callable[[str], str]
    changed: int = 0

    def __call__(self, text: str) -> str:
        """``text`` by the rule."""
        clean = self.rule(text)
        self.changed += clean != text
        return clean

    def notes(self, format_name: str, what: str) -> tuple[Note, ...]:
        """One note where any text was changed."""
        return (Note(format_name, f"texts changed: {self.changed}; {what}"),) if self.changed else ()
