"""Text as it may be printed: what a terminal or a CI service would obey is shown instead."""

from __future__ import annotations

import re

_OBEYED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]"
    r"|(?<=#)#(?=\[|[A-Za-z]+\[)"
)
_COMMAND = re.compile(r"^(\s*):(?=:)", re.MULTILINE)


def shown(text: str, *, line_start: bool = True) -> str:
    """The text with everything that a terminal or a CI service would obey as a backslash, u and four figures.

    Args:
        text: of one or more lines.
        line_start: whether it begins a line: only there ``::`` begins a command.
    """
    text = _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    if line_start:
        return _COMMAND.sub(r"\1\\u003a", text)
    first, newline, rest = text.partition("\n")
    return first + newline + _COMMAND.sub(r"\1\\u003a", rest)
