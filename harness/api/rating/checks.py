"""Attention checks: damaged copies of translations, which whoever reads scores below the original."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from harness.reports.exporters.interface import DamagedCopy
from harness.store.runs.result import PairResult
from harness.types import SegmentId, SystemName, Translated

USUAL_CHECKS = 8
"""For each person: one may go wrong, see :mod:`harness.metrics.scores.raters`."""

ONE_IN = 10
"""With many segments, so many of them have a check."""

DONORS = 50
"""Segments at most whose texts are considered for a damaged copy."""

SHORTEST = 8
"""Characters of a text that can be damaged so that everybody sees it."""


def place_checks(result: PairResult, draw: random.Random) -> Mapping[SegmentId, DamagedCopy]:
    """Segments of what one person sees, each with a damaged copy of one of its translations.

    The middle half of its words is replaced by words of another segment; of its characters, where there are no spaces.
    A segment none of whose translations is long enough has no check.
    """
    segments = result.corpus.segments
    wanted = max(USUAL_CHECKS, len(segments) // ONE_IN)
    texts = [_texts(result, row) for row in range(len(segments))]
    checks: dict[SegmentId, DamagedCopy] = {}
    for row in draw.sample(range(len(segments)), len(segments)):
        if len(checks) == wanted:
            break
        if (made := _damaged(texts, row, draw)) is not None:
            checks[segments[row].id] = made
    return checks


def _damaged(texts: Sequence[Mapping[SystemName, str]], row: int, draw: random.Random) -> DamagedCopy | None:
    own = texts[row]
    fitting = [(name, text) for name, text in own.items() if len(text) >= SHORTEST]
    for name, text in draw.sample(fitting, len(fitting)):
        others = draw.sample(range(len(texts)), min(len(texts), DONORS))
        donors = [
            other
            for at in others
            if at != row
            for other in texts[at].values()
            if len(other) >= SHORTEST and other != text
        ]
        if donors:
            copy = damage(text, draw.choice(donors))
            if copy not in own.values():
                return DamagedCopy(copy, name)
    return None


def damage(text: str, donor: str) -> str:
    """A text whose middle half is that of another one."""
    space = " " if len(text.split()) > 2 else ""
    parts, other = (text.split(), donor.split()) if space else (list(text), list(donor))
    first, last = len(parts) // 4, len(parts) - len(parts) // 4
    foreign = (other * (len(parts) // len(other) + 1))[: last - first]
    return space.join((*parts[:first], *foreign, *parts[last:]))


def _texts(result: PairResult, row: int) -> dict[SystemName, str]:
    outcomes = ((system.name, system.outcomes[row]) for system in result.systems)
    return {name: outcome.text for name, outcome in outcomes if isinstance(outcome, Translated)}
