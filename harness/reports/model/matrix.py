"""Every system against every other under one metric: a square table, the better half of it the mirror of the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.analysis.comparison import MetricEvidence
from harness.analysis.pair import PairAnalysis
from harness.reports.model.shown import display_names
from harness.reports.words.numbers import format_difference, format_p_equation, metric_title
from harness.reports.words.text import visible
from harness.types import Missing, SystemName

STRENGTHS = 3

Side = Literal["better", "worse", "tied", "self"]


@dataclass(frozen=True, slots=True)
class Duel:
    """The system of the row against the system of the column."""

    side: Side
    """``tied``: no significant difference after correction for all pairs."""
    strength: int
    """1 to 3: the difference against the largest of the table; 0 on the diagonal and where tied."""
    difference: str
    """Positive: the row is better."""
    p: str
    """Corrected; empty with too few articles."""
    agreement: str
    """Percent of human judgements expected to agree; empty where no curve applies."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """One metric; rows and columns in its own order, best first."""

    metric: str
    title: str
    names: tuple[str, ...]
    rows: tuple[tuple[Duel, ...], ...]

    @property
    def has_agreement(self) -> bool:
        """Whether a published curve says how often people would agree."""
        return any(duel.agreement for row in self.rows for duel in row)


def matrices(pair: PairAnalysis) -> tuple[Matrix, ...]:
    """A matrix for every metric that compares two systems, the primary one first."""
    labels = display_names(pair.result)
    found = [item for name, item in pair.evidence.metrics.items() if name in pair.standing.comparable]
    made = [_matrix(item, labels) for item in found if item.comparisons]
    return tuple(sorted(made, key=lambda matrix: matrix.metric != pair.primary))


def _matrix(found: MetricEvidence, labels: dict[SystemName, str]) -> Matrix:
    largest = max(abs(item.delta) for item in found.comparisons)
    return Matrix(
        found.metric.name,
        visible(metric_title(found.metric.name)),
        tuple(labels[name] for name in found.ranking),
        tuple(tuple(_duel(found, one, other, largest) for other in found.ranking) for one in found.ranking),
    )


def _duel(found: MetricEvidence, one: SystemName, other: SystemName, largest: float) -> Duel:
    if one == other:
        return Duel("self", 0, "", "", "")
    item = found.between(one, other)
    delta = item.ahead(one)
    text = format_difference(found.metric.decimals, delta)
    p = "" if isinstance(item.p_adjusted, Missing) else format_p_equation(item.p_adjusted)
    agreement = "" if isinstance(item.human_agreement, Missing) else f"{item.human_agreement:.0f} %"
    side: Side = "tied" if item.tied else ("better" if delta > 0 else "worse")
    strength = 0 if item.tied else 1 + min(STRENGTHS - 1, int(STRENGTHS * abs(delta) / largest))
    return Duel(side, strength, f"+{text}" if delta > 0 else text, p, agreement)
