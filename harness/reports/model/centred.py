"""Articles as differences from their mean over systems: what is unusual, not what is hard."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from harness.analysis.pair import PairAnalysis
from harness.reports.words.numbers import format_difference, format_score
from harness.store.runs.frame import finite, scores_of
from harness.types import Missing, Score

STRENGTHS = 3

Lean = Literal["better", "worse", "same"]


@dataclass(frozen=True, slots=True)
class Deviation:
    """A score against the mean of its article."""

    text: str
    """``+1.2``, ``−0.4``; empty where there is no score, and for floors, which are in no mean."""
    lean: Lean = "same"
    strength: int = 0
    """1 to 3, against the largest of the table; 0 within a tenth of it."""


@dataclass(frozen=True, slots=True)
class CentredRow:
    """One article."""

    mean: str
    """Over the systems that have a score, floors aside; empty where none has."""
    deviations: tuple[Deviation, ...]
    """By system, in leaderboard order."""


def deviations_of(pair: PairAnalysis, metric: str) -> tuple[list[float], list[list[float]]]:
    """The mean of every article over systems, and every system's difference from it, systems as in the standing.

    NaN where a score is missing; floors are in no mean and have no difference.
    """
    floors, systems = pair.evidence.floors, pair.standing.systems
    rows = [
        [_score(pair, metric, place, index) if system.name not in floors else math.nan
         for place, system in enumerate(systems)]
        for index in range(len(pair.result.corpus.articles))
    ]  # fmt: skip
    means = [_mean(row) for row in rows]
    return means, [[score - mean for score in row] for row, mean in zip(rows, means, strict=True)]


def centre(pair: PairAnalysis, metric: str) -> tuple[CentredRow, ...]:
    """Every article under one metric, in the order of the corpus."""
    identity = pair.standing.identities[metric]
    means, rows = deviations_of(pair, metric)
    largest = max((abs(value) for row in rows for value in row if math.isfinite(value)), default=0.0)
    sign = 1 if identity.higher_is_better else -1

    def shown(value: float) -> Deviation:
        if not math.isfinite(value):
            return Deviation("")
        text = format_difference(identity.decimals, value)
        share = abs(value) / largest if largest else 0.0
        if share < 0.1:
            return Deviation(f"+{text}" if value > 0 else text)
        lean: Lean = "better" if sign * value > 0 else "worse"
        return Deviation(f"+{text}" if value > 0 else text, lean, 1 + min(STRENGTHS - 1, int(STRENGTHS * share)))

    return tuple(
        CentredRow(
            format_score(identity.decimals, mean) if math.isfinite(mean) else "", tuple(shown(value) for value in row)
        )
        for mean, row in zip(means, rows, strict=True)
    )


def _score(pair: PairAnalysis, metric: str, place: int, index: int) -> float:
    scores = scores_of(pair.standing.systems[place], metric)
    score = scores if isinstance(scores, Missing) else finite(scores.articles[index])
    return score.value if isinstance(score, Score) else math.nan


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return sum(known) / len(known) if known else math.nan
