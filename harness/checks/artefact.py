"""What no writer types: broken encodings, decomposed letters, a model's own tokens, escapes and line breaks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from harness.checks.characters import MAY_COMPOSE, Selected, sign
from harness.checks.interface import WHOLE, CheckContext, Flag, Item
from harness.checks.screen import Batch, screened_by
from harness.types import Reason
from harness.types.patterns import on_demand
from harness.workspace.languages import primary

Span = tuple[int, int]

_TOKEN = on_demand(
    r"</?s>|<(?:unk|pad|eos|bos|mask|start_of_turn|end_of_turn)>|<\|[A-Za-z_]{2,40}\|>|\[/?INST\]|\u2047|\u2581"
    r"|(?<=\w)@@(?=\s|$)"
)
"""Of language models, SentencePiece (\u2047 for an unknown piece, \u2581 for a space) and BPE (``un@@ known``)."""
_ESCAPE = on_demand(r"\\(?:[nrt](?![a-z]{2})|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2})")
_CONTROL = on_demand(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LINE_BREAK = on_demand(r"[\r\n\u2028\u2029\x85]")
_CONTINUED = "\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122"
_LONG_LEAD = "\u00e2"
_MISREAD: Sequence[tuple[re.Pattern[str], int]] = (
    (on_demand(f"[\u00c2-\u00df][{_CONTINUED}]"), 2),
    (on_demand(f"{_LONG_LEAD}[\u0080-\u008b\u20ac\u201a\u0192\u201e][{_CONTINUED}]"), 4),
    (on_demand(f"[\u00e0-\u00ef][{_CONTINUED}]{{2}}"), 1),
)
"""A character of UTF-8 read as Windows-1252, and how much that proves. The last could be é before a guillemet."""
_MISREAD_START = on_demand(f"[\u00c2-\u00ef][{_CONTINUED}]")
"""What all of these begin with."""
_LEAD, _FOLLOWS = sign("[\u00c2-\u00ef]"), sign(f"[{_CONTINUED}]")
"""The first two characters of it."""
_THREE_BYTES = 0xE0
"""From this lead on, two characters follow."""
_PROOF = 4
_ACCENT = on_demand("[\u0300-\u036f]")
_ACCENTS_OF_THEIR_OWN = frozenset({"yo", "ee", "fon", "ig", "ln", "bm", "dyu", "gn", "nv"})
"""Languages with letters that normal form C cannot compose, as ``ẹ́`` and ``ɔ̀``: keyboards type every accent alone."""

_SIGNS = sign(r"[\x00-\x08\n-\x1f\x7f-\x9f<\[\\\u2028\u2029\u2047\u2581\ufffd]")
"""One of which every sort has that is neither misread nor decomposed, but for BPE."""


def _with_signs(batch: Batch, _context: CheckContext) -> Selected:
    texts = batch.texts
    leads, follows = np.flatnonzero(texts.are(_LEAD)[:-1]), texts.are(_FOLLOWS)
    leads = leads[follows[leads + 1]]
    codes = texts.codes[leads]
    # Behind the last text stands a separator, which follows nothing.
    long = (codes >= _THREE_BYTES) & follows[np.minimum(leads + 2, len(follows) - 1)]
    proof = 2 * texts.count_of(leads[codes < _THREE_BYTES]) + texts.count_of(leads[long])
    misread = (proof >= _PROOF) | texts.holding(leads[long & (codes == ord(_LONG_LEAD))])
    return texts.having(_SIGNS | MAY_COMPOSE) | texts.containing("@@") | misread


@screened_by(_with_signs)
def check_artefact(item: Item, context: CheckContext) -> Iterator[Flag]:
    """Flag each sort once, at its first place, unless the source or a reference has the same sort."""
    for sort, spans in _SORTS.items():
        if sort == "decomposed" and primary(context.pair.target) in _ACCENTS_OF_THEIR_OWN:
            continue
        places = spans(item.text)
        if places and not any(map(spans, (item.source, *item.references))):
            start, end = places[0]
            if sort == "decomposed":
                yield Flag("artefact", WHOLE, Reason("flag.decomposed", {"times": len(places)}), 0.95)
                continue
            why = Reason(f"flag.artefact.{sort}", {"text": visible(item.text[start:end])})
            yield Flag("artefact", (start, end), why, 0.95)


def visible(text: str) -> str:
    """A text whose control characters are written as code points."""
    return "".join(f"U+{ord(c):04X}" if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text)


def _matches(pattern: re.Pattern[str]) -> Callable[[str], list[Span]]:
    return lambda text: [match.span() for match in pattern.finditer(text)]


def _decomposed(text: str) -> list[Span]:
    """Letters that are two characters although one exists; what normal form C takes apart is not meant.

    Nor are texts with accents for which there is no such letter: whoever types those types all.
    """
    if _is_composed(text):
        return []
    composed = unicodedata.normalize("NFC", text)
    if len(composed) >= len(text) or _ACCENT.search(composed):
        return []
    marks = [n for n, character in enumerate(text) if n and unicodedata.combining(character)]
    return [(n - 1, n + 1) for n in marks if len(unicodedata.normalize("NFC", text[n - 1 : n + 1])) == 1]


def _is_composed(text: str) -> bool:
    return unicodedata.is_normalized("NFC", text)


def _mojibake(text: str) -> list[Span]:
    """``Ã¼`` for ``ü`` and ``â€™`` for an apostrophe: UTF-8 that was read as Windows-1252."""
    if text.isascii() or not _MISREAD_START.search(text):
        return []
    spans = [
        (match.span(), weight) for pattern, weight in _MISREAD for match in pattern.finditer(text) if _is_utf8(match[0])
    ]
    return sorted(span for span, _ in spans) if sum(weight for _, weight in spans) >= _PROOF else []


def _is_utf8(text: str) -> bool:
    try:
        # Windows-1252 has no character for five bytes, which stay what they are in Latin-1.
        data = b"".join(c.encode("latin-1") if ord(c) < 256 else c.encode("cp1252") for c in text)
        data.decode("utf-8")
    except UnicodeError:
        return False
    return True


_SORTS: Mapping[str, Callable[[str], list[Span]]] = {
    "replacement": _matches(on_demand("\ufffd+")),
    "mojibake": _mojibake,
    "decomposed": _decomposed,
    "token": _matches(_TOKEN),
    "escape": _matches(_ESCAPE),
    "line_break": _matches(_LINE_BREAK),
    "control": _matches(_CONTROL),
}
