"""Whether two references translate the same source: lines that stand side by side share more than lines that do not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from harness.errors import DataError
from harness.types import Note

_FEWEST_LINES = 4
_MOST_LINES = 400
_FACTOR = 1.5
"""Measured on WMT21: two translations of one text share 1.6 to 3.2 times as many trigrams side by side as apart, from
four lines on; those of two texts 0.9 to 1.4 times, from ten lines on."""


def check_same_text(first: Sequence[str], other: Sequence[str], names: tuple[str, str]) -> tuple[Note, ...]:
    """Refuse another article as a further reference, which has as many lines by chance.

    Args:
        first: Lines of the first reference.
        other: Lines of a further one, line for line.
        names: Of the two files, for messages.

    Returns:
        A note where there are too few lines to tell.

    Raises:
        DataError: the lines do not belong together.
    """
    both = [(one, two) for one, two in zip(first, other, strict=True) if one and two][:_MOST_LINES]
    if len(both) < _FEWEST_LINES:
        return (Note(names[1], "taken for another translation of the same text; too short to check"),)
    together = sum(_shared(one, two) for one, two in both)
    apart = sum(_shared(one, two) for (one, _), (_, two) in pairwise([*both, both[0]]))
    if together < _FACTOR * apart or not together:
        raise DataError(
            f"{names[1]} does not translate the same text as {names[0]}: their lines share no more than chance",
            hint="a further reference is another translation of the same source; import other articles on their own",
        )
    return ()


def _shared(one: str, two: str) -> float:
    """Share of the trigrams of the shorter line that the other has, too."""
    left, right = _trigrams(one), _trigrams(two)
    return len(left & right) / max(1, min(len(left), len(right)))


def _trigrams(text: str) -> frozenset[str]:
    folded = text.casefold()
    return frozenset(folded[begin : begin + 3] for begin in range(max(1, len(folded) - 2)))
