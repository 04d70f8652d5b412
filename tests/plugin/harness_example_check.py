"""``exclamation``: the source ends in an exclamation mark, the translation does not."""

from __future__ import annotations

from collections.abc import Iterator

from harness.checks.interface import WHOLE, CheckContext, Flag, Item

MARKS = ("!", "！", "՜")


def check_exclamation(item: Item, context: CheckContext) -> Iterator[Flag]:
    """Flag a lost exclamation mark, unless a human translation leaves it out, too."""
    if not _shouts(item.source) or _shouts(item.text) or any(not _shouts(text) for text in item.references):
        return
    yield Flag("exclamation", WHOLE, "the source ends in an exclamation mark, the translation does not", 0.6)


def _shouts(text: str) -> bool:
    return text.rstrip(" \"'”’»)").endswith(MARKS)
