"""No text, or only punctuation although the source has words."""

from __future__ import annotations

from collections.abc import Iterator

from harness.checks.characters import ALPHANUMERIC, Selected
from harness.checks.interface import WHOLE, CheckContext, Flag, Item
from harness.checks.screen import Batch, screened_by
from harness.types import Reason


def _without_words(batch: Batch, _context: CheckContext) -> Selected:
    return ~batch.texts.having(ALPHANUMERIC)


@screened_by(_without_words)
def check_empty(item: Item, _context: CheckContext) -> Iterator[Flag]:
    """Flag a translation without any letter or figure."""
    if not item.source.strip() or any(map(str.isalnum, item.text)):
        return
    if not item.text.strip():
        yield Flag("empty", WHOLE, Reason("flag.empty"), 1.0)
    elif any(map(str.isalnum, item.source)):
        yield Flag("empty", WHOLE, Reason("flag.only", {"text": item.text.strip()}), 0.95)
