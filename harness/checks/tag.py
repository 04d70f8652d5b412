"""Tags and other markup that were lost, added, or turned into visible text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from harness.checks.characters import Selected, sign
from harness.checks.interface import WHOLE, CheckContext, Flag, Item
from harness.checks.screen import Batch, having, screened_by
from harness.corpus.lint.pairs import placeholders
from harness.types import Reason
from harness.types.patterns import on_demand

_ENTITY = on_demand(r"&(?:[a-z]{2,8}|#\d{2,5}|#x[0-9a-f]{2,5});", re.IGNORECASE)
_MARKDOWN = on_demand(r"\*\*(?=\S)[^*]+\*\*|(?<!\w)__(?=\S)[^_]+__(?!\w)|^#{1,6} |\]\(https?://")

_OPENS = sign("<")
_SIGNS = ("&", "**", "__", "](http")
"""One of which every entity and every piece of Markdown has, but for headings at the beginning of a text."""


def _with_markup(batch: Batch, context: CheckContext) -> Selected:
    texts = batch.texts
    selected = having(text=_OPENS, source=_OPENS)(batch, context)
    selected |= texts.codes[texts.starts] == ord("#")
    for signs in _SIGNS:
        selected |= texts.containing(signs)
    return selected


@screened_by(_with_markup)
def check_tag(item: Item, _context: CheckContext) -> Iterator[Flag]:
    """Flag tags that are not those of the source, and entities and Markdown that only the translation has.

    Where a reference has other tags than the source, people translated or dropped them, and any are right.
    """
    if "<" in item.text or "<" in item.source:
        yield from _other_tags(item)
    for pattern in (_ENTITY, _MARKDOWN):
        match = pattern.search(item.text)
        if match and not any(pattern.search(other) for other in (item.source, *item.references)):
            why = Reason("flag.entity" if pattern is _ENTITY else "flag.markup", {"text": match[0]})
            yield Flag("tag", match.span(), why, 0.9)


def _other_tags(item: Item) -> Iterator[Flag]:
    source, written = _tags(item.source), _tags(item.text)
    if source != written and all(_tags(other) == source for other in item.references):
        for mark in written - source:
            start = item.text.find(mark.removesuffix(">"))
            end = item.text.find(">", start) + 1
            yield Flag("tag", (start, end), Reason("flag.tag_extra", {"mark": mark}), 0.9)
        if missing := source - written:
            listed = " ".join(sorted(missing.elements()))
            yield Flag("tag", WHOLE, Reason("flag.tag_missing", {"marks": listed}), 0.95)


def _tags(text: str) -> Counter[str]:
    if "<" not in text:
        return Counter()
    return Counter({mark: count for mark, count in placeholders(text).items() if mark.startswith("<")})
