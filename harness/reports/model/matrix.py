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
    compared = [item for name, item in pair.evidence.metrics.items() if name in pair.standing.comparable]
    made = [_matrix(item, labels) for item in compared if item.comparisons]
    return tuple(sorted(made, key=lambda matrix: matrix.metric != pair.primary))


def _matrix(evidence: MetricEvidence, labels: dict[SystemName, str]) -> Matrix:
    return Matrix(
        evidence.metric.name,
        visible(metric_title(evidence.metric.name)),
        tuple(labels[name] for name in evidence.ranking),
        tuple(tuple(_duel(evidence, one, other) for other in evidence.ranking) for one in evidence.ranking),
    )


def _duel(evidence: MetricEvidence, system: SystemName, other: SystemName) -> Duel:
    if system == other:
        return Duel("self", 0, "", "", "")
    comparison = evidence.between(system, other)
    delta = comparison.ahead(system)
    text = format_difference(evidence.metric.decimals, delta)
    p = "" if isinstance(comparison.p_adjusted, Missing) else format_p_equation(comparison.p_adjusted)
    agreement = "" if isinstance(comparison.human_agreement, Missing) else f"{comparison.human_agreement:.0f} %"
    side: Side = "tied" if comparison.tied else ("better" if delta > 0 else "worse")
    share = evidence.share_of_largest(comparison)
    strength = 0 if comparison.tied else 1 + min(STRENGTHS - 1, int(STRENGTHS * share))
    return Duel(side, strength, f"+{text}" if delta > 0 else text, p, agreement)
