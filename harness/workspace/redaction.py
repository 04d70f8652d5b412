"""Keys are taken out of everything that is kept or shown, in whatever form they come back.

Services echo keys: as they are, percent-encoded in an address, escaped in JSON or HTML, in base64 as Basic
authentication, cut off in the middle by an excerpt, broken over lines, taken apart into a list. :data:`REDACTOR` is
told every key when it is read from the environment, and is asked wherever a text from outside enters: errors when they
are made, excerpts before they are cut, error output of programs before it is cut, answers before they are kept, and the
terminal last of all.

It is one for the process, because an excerpt is made where nobody knows any more whose key was sent.
"""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Iterable, Iterator

MASK = "***"

SHORTEST = 4
"""Characters of the shortest value that is looked for; up to :data:`ANYWHERE`, it must stand alone."""

ANYWHERE = 8
"""From this length on, a key is looked for inside of words as well, and in answers."""

FRAGMENT = 8
"""Characters of a piece of a key that are taken for it in a message, where somebody else has cut the text."""

FRAGMENT_OF_ANSWER = 16
"""The same in a translation, which must not lose a word of its own."""

LONGEST = 512
"""Characters of a key that are looked for as a whole; what is longer is found by its pieces."""

SPREAD = 16
"""Letters and figures of a piece of a key, or of its encodings, that are taken for it whatever stands between them."""

UNSEEN = "[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]*"
"""What may stand between two characters without being seen."""

_WIDE = "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\U000e0030-\U000e0039\U000e0041-\U000e005a\U000e0061-\U000e007a"
_NOTHING = rf"(?:\\+[nrt]|%0[ad]|[^0-9A-Za-z{_WIDE}])+"
_BETWEEN = re.compile(_NOTHING, re.IGNORECASE)
_LETTER = re.compile(rf"{_NOTHING}|([0-9A-Za-z{_WIDE}])", re.IGNORECASE)
_ASCII = {base + ord(char): char for char in map(chr, range(33, 127)) if char.isalnum() for base in (0xFEE0, 0xE0000)}
"""Wide letters and invisible tags, which stand for letters."""

NAMED = {"&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos"}


class Redactor:
    """Knows keys and cuts them out. Only ever learns more; may be used by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: set[str] = set()
        self._forms: set[str] = set()
        self._patterns: tuple[re.Pattern[str] | None, re.Pattern[str] | None] | None = None
        self._spread: frozenset[str] = frozenset()
        self._fragments: dict[int, frozenset[str]] = {FRAGMENT: frozenset(), FRAGMENT_OF_ANSWER: frozenset()}

    def learn(self, value: str) -> None:
        """Take a value for a key from now on, and so its lines, and what follows ``Bearer`` or ``user:`` in it."""
        with self._lock:
            if value in self._known:
                return
            self._known.add(value)
            parts = set(_parts(value))
            self._forms |= {form for part in parts for form in _forms(part)}
            self._patterns = None
            for size, known in self._fragments.items():
                pieces = {piece for part in parts if len(part) >= 2 * FRAGMENT for piece in _pieces(part, size)}
                self._fragments[size] = known | pieces
            self._spread |= {piece for part in parts for piece in _spread_pieces(part)}

    def __call__(self, text: str) -> str:
        """The text of a message without keys and without pieces of them."""
        pattern, _ = self._compiled()
        if pattern is not None:
            text = pattern.sub(MASK, text)
        return self._without_spread(self._without_fragments(text, FRAGMENT)[0], "")[0]

    def answer(self, text: str, source: str) -> tuple[str, int]:
        """A translation without keys, and how many there were.

        What the source holds as well is no secret: a variable may be set to an ordinary word.
        """
        if not self._known:
            return text, 0
        count = 0

        def cut(match: re.Match[str]) -> str:
            nonlocal count
            if match[0].casefold() in source.casefold():
                return match[0]
            count += 1
            return MASK

        _, pattern = self._compiled()
        if pattern is not None:
            text = pattern.sub(cut, text)
        text, pieces = self._without_fragments(text, FRAGMENT_OF_ANSWER)
        text, spread = self._without_spread(text, source)
        return text, count + pieces + spread

    def _compiled(self) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
        """For messages and for answers; compiled when first asked for, which takes about a second for a few keys."""
        with self._lock:
            if self._patterns is None:
                # The longest first, so that no end of one is left behind when a shorter one is cut out of it.
                forms = sorted(self._forms, key=len, reverse=True)
                self._patterns = _pattern(forms), _pattern([form for form in forms if len(form) >= ANYWHERE])
            return self._patterns

    def _without_fragments(self, text: str, size: int) -> tuple[str, int]:
        pieces = self._fragments[size]
        if not pieces:
            return text, 0
        starts = range(len(text) - size + 1)
        return _masked(text, ((at, at + size) for at in starts if text[at : at + size] in pieces))

    def _without_spread(self, text: str, source: str) -> tuple[str, int]:
        """Without what is a key when all that stands between letters and figures is left out."""
        squeezed = _squeezed(text) if self._spread else ""
        hits = [at for at in range(len(squeezed) - SPREAD + 1) if squeezed[at : at + SPREAD] in self._spread]
        known = _squeezed(source) if hits else ""
        hits = [at for at in hits if squeezed[at : at + SPREAD] not in known]
        if not hits:
            return text, 0
        places = [found.start() for found in _LETTER.finditer(text) if found[1]]
        return _masked(text, ((places[at], places[at + SPREAD - 1] + 1) for at in hits))


REDACTOR = Redactor()
"""The one of this process."""


def _masked(text: str, spans: Iterable[tuple[int, int]]) -> tuple[str, int]:
    """A text without spans, which come in order, and how many there were; those that touch are one."""
    kept: list[str] = []
    end = 0
    for start, stop in spans:
        if start > end or not kept:
            kept += [text[end:start], MASK]
        end = stop
    return "".join(kept) + text[end:], len(kept) // 2


def _parts(value: str) -> Iterator[str]:
    """What of a value may come back by itself."""
    lines = [line.strip() for line in value.splitlines()]
    words = [word for line in lines for word in line.split()]
    long = [word for word in words if len(word) >= ANYWHERE]
    passwords = [word.partition(":")[2] for word in long if len(word.partition(":")[2]) >= ANYWHERE]
    for part in (value.strip(), *lines, *long, *passwords):
        if len(part) >= SHORTEST:
            yield part[:LONGEST]


def _forms(part: str) -> Iterator[str]:
    """A part as it is, in base64 wherever it begins within three bytes, in base32, and in hexadecimal."""
    yield part
    data = part.encode("utf-8", "surrogateescape")
    if len(data) < ANYWHERE:
        return
    yield from (data.hex(), data.hex(" "), data.hex(":"))
    yield base64.b32encode(data).decode().rstrip("=")
    for core in _base64(data):
        yield core
        yield core.translate(str.maketrans("+/", "-_"))


def _base64(octets: bytes) -> Iterator[str]:
    """What of their base64 does not depend on what stands around them, wherever they begin within three bytes."""
    for shift, lead in enumerate((0, 2, 3)):
        yield base64.b64encode(b"\0" * shift + octets).decode()[lead : (shift + len(octets)) // 3 * 4]


def _pieces(part: str, size: int) -> Iterator[str]:
    for start in range(len(part) - size + 1):
        piece = part[start : start + size]
        # A piece that could be a word of a message would cut up what the message says.
        if not piece.replace("-", "").replace("_", "").replace(" ", "").isalpha() or not (
            piece.islower() or piece.isupper() or piece.istitle()
        ):
            yield piece


def _squeezed(text: str) -> str:
    return _BETWEEN.sub("", text).translate(_ASCII).lower()


def _spread_pieces(part: str) -> Iterator[str]:
    """All pieces of a part and of what it is encoded as, letters and figures only."""
    plain = _BETWEEN.sub("", part)
    if len(plain) >= SPREAD:
        yield from (piece.lower() for piece in _pieces(plain, SPREAD))
    if len(part) >= ANYWHERE:
        for form in _encoded(part):
            squeezed = _squeezed(form)
            yield from (squeezed[at : at + SPREAD] for at in range(len(squeezed) - SPREAD + 1))


def _encoded(part: str) -> Iterator[str]:
    """A part as base64, also of itself and of UTF-16, as base32, and as numbers in the usual bases."""
    data = part.encode("utf-8", "surrogateescape")
    wide = part.encode("utf-16-le", "surrogatepass")
    whole = base64.b64encode(data)
    for octets in (data, wide, whole):
        yield from _base64(octets)
    yield from (base64.b32encode(data).decode().rstrip("="), data.hex(), wide.hex())
    yield from ("".join(f"{byte:{base}}" for byte in data) for base in ("d", "03o", "#04x", "06x"))


def _pattern(forms: list[str]) -> re.Pattern[str] | None:
    if not forms:
        return None
    return re.compile("|".join(map(_tolerant, forms)), re.IGNORECASE)


def _tolerant(form: str) -> str:
    """Matches a form with any of its characters escaped in any of the usual ways."""
    body = UNSEEN.join(map(_character, form))
    return body if len(form) >= ANYWHERE else rf"(?<![^\W_]){body}(?![^\W_])"


def _character(char: str) -> str:
    number = ord(char)
    ways = [re.escape(char)]
    octets = char.encode("utf-8", "surrogateescape")
    ways += ["".join(f"%(?:25)*{byte:02x}" for byte in octets), "".join(f"={byte:02x}" for byte in octets)]
    ways += [
        rf"\\+(?:u{number:04x}|u\{{0*{number:x}\}}|U{number:08x}|x{number:02x}|{number:03o})",
        f"&(?:amp;)?#(?:0*{number}|x0*{number:x});?",
    ]
    if char in NAMED:
        ways.append(f"&(?:amp;)?{NAMED[char]};?")
    if char.isspace():
        ways += [r"\s", r"\\+[nrt]", r"\+"]
    elif not char.isalnum():
        ways.append(rf"\\+{re.escape(char)}")
    return f"(?:{'|'.join(ways)})"
