"""Text from outside made harmless and visible, before any format escapes it.

Source, references, engine output, titles, names and messages may hold characters that steer a terminal, hide, or
re-order what is read. Each becomes a visible stand-in: ``⟨ESC⟩``, or ``⟨U+202E⟩`` for a right-to-left override; the
control pictures of Unicode (``␛``) would be shorter, but many fonts lack them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from harness.reports.words.messages import say

_SUSPECT = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u070f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e007f]"
)
"""C0 and C1 controls, lone surrogates and what Unicode calls default-ignorable, but for variation selectors, which
emoji, Mongolian and Japanese names are spelt with."""

_CONTROLS = (
    *("NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "BEL", "BS", "TAB", "LF", "VT", "FF", "CR", "SO", "SI"),
    *("DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US"),
)
"""ASCII's own names of its control characters, in order."""

_JOINERS = "\u200c\u200d"


def visible(text: str) -> str:
    """``text`` with every control, hidden and direction-changing character shown by its name or code point."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(piece for _, piece in pieces(text))


def pieces(text: str) -> Iterator[tuple[bool, str]]:
    """Cut ``text`` into ``(is_stand_in, piece)``, so that a format can style what was not there to be read.

    Zero-width joiners stay as they are where they are spelling: between letters of scripts that join (Persian,
    Hindi) and inside emoji.
    """
    start = 0
    for match in _SUSPECT.finditer(text):
        position = match.start()
        if text[position] in _JOINERS and _is_spelling(text, position):
            continue
        if position > start:
            yield False, text[start:position]
        yield True, _stand_in(text[position])
        start = position + 1
    if start < len(text):
        yield False, text[start:]


def _stand_in(character: str) -> str:
    code = ord(character)
    if code < len(_CONTROLS):
        return f"⟨{_CONTROLS[code]}⟩"
    return f"⟨U+{code:04X}⟩"


def _is_spelling(text: str, position: int) -> bool:
    around = text[position - 1 : position] + text[position + 1 : position + 2]
    return len(around) == 2 and all(_takes_joiner(character) for character in around)


def _takes_joiner(character: str) -> bool:
    # Scripts that join start at Arabic; the Latin, Greek, Cyrillic and Hebrew blocks before it have no use for one.
    if character == "\ufe0f":
        return True
    return ord(character) >= 0x0600 and unicodedata.category(character) in {"Lo", "Mn", "Mc", "So", "Sk"}


def shorten(text: str, limit: int) -> str:
    """``text`` if it is short, else its beginning and how long it is: a cut is always said."""
    if len(text) <= limit:
        return text
    return say("text.cut", start=text[:limit], n=f"{len(text):,}")


def direction_of(text: str, expected: str) -> str:
    """The direction to set ``text`` in: its language's, unless every letter in it runs the other way.

    An answer left untranslated stays readable so, and one sentence with a foreign name in front keeps its order.
    """
    strong = {"L"} if expected == "ltr" else {"R", "AL"}
    other = False
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in strong:
            return expected
        other = other or kind in {"L", "R", "AL"}
    if not other:
        return expected
    return "rtl" if expected == "ltr" else "ltr"
