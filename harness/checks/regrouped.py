"""Figures that stand on both sides but are divided otherwise: telephone numbers, lists, and amounts in parts.

``0800 555 111`` and ``0800555111``, ``33, 34`` and ``33,34``, ``10,000`` and ``10، 000``, ``2.8 billion`` and two
milliards 800 millions in a language whose words for them are not known: no value is equal, but the figures are.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from decimal import Decimal

from harness.checks.quantities import Quantity
from harness.types.patterns import on_demand

_GROUP = on_demand(r"\d+")
_LARGE = 10_000
_THOUSAND = 1000
_BEFORE_THOUSAND = 3
_FEWEST_FIGURES = 5
"""Of a number that may be several of the other side written together."""


def not_regrouped(
    missing: Sequence[Quantity], strange: Sequence[Quantity], *, scales_known: bool, mirrored: bool
) -> tuple[list[Quantity], list[Quantity]]:
    """What is left of both if those are taken away that are the same figures.

    Args:
        missing: numbers of the source that the translation has not, in order.
        strange: numbers of the translation that the source has not, in order.
        scales_known: whether the words that multiply are known in the target language; otherwise 37 may be 3700 of
            something else.
        mirrored: whether groups of a number may stand in reverse, as in a text from right to left.

    Returns:
        Missing and strange numbers that nothing explains.
    """
    sides = [[_groups(quantity) for quantity in side] for side in (missing, strange)]
    left = [list(range(len(side))) for side in sides]
    # 1.234,5 million and 1.2345 million have the same figures, too: only what has no decimals is written together.
    whole = not any(sign in quantity.text for side in (missing, strange) for quantity in side for sign in ".,")
    for one, other in ((0, 1), (1, 0)):
        for place in [*left[one]]:
            run = _same_figures(
                sides[one][place], [sides[other][n] for n in left[other]], whole=whole, mirrored=mirrored
            )
            if run:
                left[one].remove(place)
                left[other] = [n for index, n in enumerate(left[other]) if index not in run]
    for place in [*left[0]] if not scales_known else ():
        # A thousand is written out or not: 30,000 is no 3,000 of something, but may be 30 of it.
        longest = _longest_figure(missing[place])
        candidates = [n for n in left[1] if len("".join(sides[1][n])) <= longest]
        if run := _same_digits(sides[0][place], [sides[1][n] for n in candidates]):
            left[0].remove(place)
            left[1] = [n for n in left[1] if n not in {candidates[index] for index in run}]
    return [missing[n] for n in left[0]], [strange[n] for n in left[1]]


def _groups(quantity: Quantity) -> tuple[str, ...]:
    return tuple("".join(str(unicodedata.digit(c)) for c in group) for group in _GROUP.findall(quantity.text))


def _longest_figure(quantity: Quantity) -> int:
    """Figures of a number that may stand for this one before a word that is not known; 0 if it is no large amount."""
    least, most = min(quantity.values, default=Decimal(0)), max(quantity.values, default=Decimal(0))
    if most >= _THOUSAND * least > 0 and most % least == 0:
        return most.adjusted()
    return _BEFORE_THOUSAND if least >= _LARGE else 0


def _same_figures(groups: Sequence[str], others: Sequence[Sequence[str]], *, whole: bool, mirrored: bool) -> range:
    """Places of neighbours that have these groups, or, of whole numbers, all their figures written together."""
    orders = [tuple(groups), tuple(groups[::-1])] if mirrored else [tuple(groups)]
    together = "".join(groups)
    for start in range(len(others)):
        run: tuple[str, ...] = ()
        for stop in range(start, len(others)):
            run += tuple(others[stop])
            # The same groups in one number are another value: 380,000 is 380 in German.
            divided_otherwise = stop > start or run != tuple(groups)
            joined = whole and len(together) >= _FEWEST_FIGURES and "".join(run) == together
            if divided_otherwise and (run in orders or joined):
                return range(start, stop + 1)
            if len(run) > len(groups) and len("".join(run)) > len(together):
                break
    return range(0)


def _same_digits(groups: Sequence[str], others: Sequence[Sequence[str]]) -> range:
    """The same, whatever powers of ten the words after them stand for."""
    digits = "".join(groups).strip("0")
    for start in range(len(others)):
        run = ""
        for stop in range(start, min(start + 2, len(others))):
            run = (run + "".join(others[stop])).rstrip("0")
            if digits and run.lstrip("0") == digits:
                return range(start, stop + 1)
    return range(0)
