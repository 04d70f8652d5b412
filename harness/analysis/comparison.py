"""What comparing the systems of a pair under one metric shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from harness.analysis.stats.compare import Interval
from harness.analysis.stats.power import FEWEST_UNITS, LEVEL, ArticlesNeeded, detectable_difference, needed_range
from harness.types import MetricIdentity, Missing, Reason, SystemName, Unit

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two systems under one metric on the same segments; positive ``delta`` means ``a`` is better."""

    metric: MetricIdentity
    a: SystemName
    b: SystemName
    delta: float
    """Difference of the corpus scores over the segments both have, oriented so that positive means a is better."""
    interval: Interval | Missing
    """95 %; Missing with fewer than :data:`FEWEST_UNITS` units."""
    p: float | Missing
    """Swap test over units, two-sided; Missing with too few units. At most .05 where the interval excludes 0, and only
    there."""
    p_adjusted: float | Missing
    """``p`` corrected for all pairs of systems under this metric: step-down (:mod:`harness.analysis.stats.family`)."""
    segment_p: float
    """Approximate randomisation over segments as in sacrebleu, for comparison with papers; 1 with fewer than
    :data:`FEWEST_UNITS` segments."""
    unit: Unit
    units: int
    segments: int
    standard_error: float
    human_agreement: float | Missing
    """Percent of human judgements expected to agree, where a published curve applies."""
    level: float = LEVEL
    """At which this comparison alone is tested so that all pairs together keep 95 %."""
    close: bool = False
    """Too small a difference for what decides, whatever p says: ``STRING_POINTS`` of
    :mod:`harness.analysis.decision.primary`."""

    @property
    def significant(self) -> bool:
        """Whether the corrected p says the two differ."""
        return not isinstance(self.p_adjusted, Missing) and self.p_adjusted <= ALPHA

    @property
    def tied(self) -> bool:
        """True unless the two differ significantly, and by enough to decide."""
        return self.close or not self.significant

    @property
    def detectable(self) -> float:
        """The smallest true difference that this test, corrected for all pairs, finds 80 % of the time.

        Infinite where no test is possible.
        """
        if self.units < FEWEST_UNITS:
            return float("inf")
        return detectable_difference(self.standard_error, self.units, self.level)

    @property
    def needed(self) -> ArticlesNeeded | Missing:
        """How many articles like these would find the true difference, as far as this one shows it.

        Not only fewer than there are, where these did not: beside many systems a pair can be held back by how far
        others swing, which its own standard error does not know.
        """
        if self.units < 2 or not self.delta:
            return Missing(Reason("evidence.no_difference"))
        needed = needed_range(self.standard_error, self.units, self.delta, self.level)
        if self.significant or isinstance(self.p_adjusted, Missing) or needed.most > self.units:
            return needed
        return replace(needed, least=self.units + 1, most=self.units + 1)


@dataclass(frozen=True, slots=True)
class MetricEvidence:
    """Everything about one metric of one pair."""

    metric: MetricIdentity
    intervals: Mapping[SystemName, Interval | Missing]
    comparisons: tuple[Comparison, ...]
    groups: tuple[tuple[SystemName, ...], ...]
    """Systems that do not differ significantly, best first; a system may stand in several. Floors are in none. Empty
    where no pair could be tested: nothing is known of ties then."""
    ranking: tuple[SystemName, ...]
    """Best first, by corpus score; floors included."""


@dataclass(frozen=True, slots=True)
class Joint:
    """Two metrics that decide together (:mod:`harness.analysis.joint`)."""

    first: str
    second: str
    how: Literal["mean", "both"]
    """``mean``: of both, standardised; ``both``: each confirms the difference."""
    found: MetricEvidence
    """Deltas of a mean are in standard deviations between systems on one segment; else those of ``first``."""
