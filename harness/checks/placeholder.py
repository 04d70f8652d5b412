"""Placeholders of software texts, ``{name}`` or ``%1$s``, that were lost, changed or duplicated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from harness.checks.characters import sign
from harness.checks.interface import WHOLE, CheckContext, Flag, Item, Where
from harness.checks.screen import having, screened_by
from harness.corpus.lint.pairs import placeholders
from harness.types import Reason

_SIGNS = sign("[{%]")
"""One of which every placeholder has."""


@screened_by(having(text=_SIGNS, source=_SIGNS))
def check_placeholder(item: Item, _context: CheckContext) -> Iterator[Flag]:
    """Flag placeholders that are not those of the source, each as often."""
    source, written = _of(item.source), _of(item.text)
    if source == written or any(_of(other) == written for other in item.references):
        return
    missing, extra = source - written, written - source
    for mark in extra:
        start = item.text.find(mark)
        where: Where = (start, start + len(mark))
        yield Flag("placeholder", where, Reason("flag.placeholder_extra", {"mark": mark}), 0.95)
    if missing:
        listed = " ".join(sorted(missing.elements()))
        yield Flag("placeholder", WHOLE, Reason("flag.placeholder_missing", {"marks": listed}), 0.97)


def _of(text: str) -> Counter[str]:
    return Counter({mark: count for mark, count in placeholders(text).items() if not mark.startswith("<")})
