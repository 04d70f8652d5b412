"""What comparing the systems of a pair shows: two systems, one metric, two metrics that decide together, all of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Literal

from harness.analysis.stats.compare import Interval
from harness.analysis.stats.groups import letters
from harness.analysis.stats.power import FEWEST_UNITS, LEVEL, ArticlesNeeded, detectable_difference, needed_range
from harness.analysis.units import one_article
from harness.types import MetricIdentity, Missing, Reason, SystemName, Unit

if TYPE_CHECKING:
    import pandas as pd

ALPHA = 0.05

STATISTICS_VERSION = "3"
"""Moves when the same scores and seed may give another p or interval. 1 was Holm's correction and the bootstrap; 2
measured by ranks alone how far a pair has come."""

UNDECLARED = Missing(Reason("unscored.undeclared"), Reason("unscored.undeclared_help"))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two systems under one metric on the same segments; positive ``delta`` means ``a`` is better."""

    metric: MetricIdentity
    a: SystemName
    b: SystemName
    delta: float
    """Difference of the corpus scores over the segments both have, oriented so that positive means a is better."""
    interval: Interval | Missing
    """At ``1 - alpha``; Missing with fewer than :data:`FEWEST_UNITS` units."""
    p: float | Missing
    """Swap test over units, two-sided; Missing with too few units. At most ``alpha`` where the interval excludes 0, and
    only there."""
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
    lopsided: bool = False
    """Whether a few units are far on the other side: p and interval may then be too sure of a difference
    (:mod:`harness.analysis.stats.skew`)."""
    alpha: float = ALPHA
    """What ``p_adjusted`` is compared with: the level of a look where articles came in looks, and the interval then is
    the repeated confidence interval, which holds the true difference at all looks together in 95 % of runs."""
    close: bool = False
    """Too small a difference for what decides, whatever p says: ``STRING_POINTS`` of
    :mod:`harness.analysis.decision.lead`."""

    def ahead(self, system: SystemName) -> float:
        """By how much ``system`` is ahead of the other of the two; negative where it is behind."""
        return self.delta if self.a == system else -self.delta

    def interval_ahead(self, system: SystemName) -> Interval | Missing:
        """The interval of what :meth:`ahead` says."""
        if isinstance(self.interval, Missing) or self.a == system:
            return self.interval
        return Interval(-self.interval.high, -self.interval.low)

    @property
    def significant(self) -> bool:
        """Whether the corrected p says the two differ."""
        return not isinstance(self.p_adjusted, Missing) and self.p_adjusted <= self.alpha

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

    def between(self, a: SystemName, b: SystemName) -> Comparison:
        """The comparison of two systems, the one of the higher score first."""
        return next(item for item in self.comparisons if {item.a, item.b} == {a, b})

    def ahead(self, system: SystemName, other: SystemName) -> float:
        """By how much ``system`` is ahead of ``other``; negative where it is behind."""
        return self.between(system, other).ahead(system)

    def share_of_largest(self, comparison: Comparison) -> float:
        """How large a difference is against the largest of the metric, 0 to 1; 0 where it is not significant."""
        largest = max(abs(item.delta) for item in self.comparisons)
        return 0.0 if comparison.tied or largest == 0 else abs(comparison.delta) / largest

    def top(self, floors: Collection[SystemName] = ()) -> tuple[list[SystemName], bool]:
        """The leader and all that cannot be told apart from it, best first; and whether none of them differ.

        Args:
            floors: systems that are left out.
        """
        leader, *others = (name for name in self.ranking if name not in floors)
        top = [leader, *(name for name in others if self.between(leader, name).tied)]
        return top, all(self.between(one, other).tied for one, other in combinations(top, 2))

    def bands(self, floors: Collection[SystemName] = ()) -> tuple[tuple[SystemName, ...], ...]:
        """Neighbours in the ranking, cut where one differs significantly from the first of its band.

        Unlike :attr:`groups`, every system stands in exactly one. Empty where no pair could be tested.

        Args:
            floors: systems that are left out.
        """
        bands: list[list[SystemName]] = []
        for name in self.ranking if self.letters else ():
            if name in floors:
                continue
            if bands and self.between(bands[-1][0], name).tied:
                bands[-1].append(name)
            else:
                bands.append([name])
        return tuple(map(tuple, bands))

    @property
    def tested_together(self) -> int:
        """For how many comparisons p is corrected: those between floors and others are a family of their own."""
        systems = {name for group in self.groups for name in group} or set(self.ranking)
        return sum(item.a in systems and item.b in systems for item in self.comparisons)

    @property
    def better(self) -> frozenset[tuple[SystemName, SystemName]]:
        """(better, worse) for every two systems that the metric separates."""
        return frozenset(
            (item.a, item.b) if item.delta > 0 else (item.b, item.a) for item in self.comparisons if not item.tied
        )

    @property
    def letters(self) -> Mapping[str, str]:
        """Tie-group letters by system; none where no pair has a verdict."""
        if all(isinstance(item.p_adjusted, Missing) for item in self.comparisons):
            return {}
        return letters(self.groups)


@dataclass(frozen=True, slots=True)
class Joint:
    """Two metrics that decide together (:mod:`harness.analysis.joint`)."""

    first: str
    second: str
    how: Literal["mean", "both"]
    """``mean``: of both, standardised; ``both``: each confirms the difference."""
    evidence: MetricEvidence
    """Deltas of a mean are in standard deviations between systems on one segment; else those of ``first``."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the scores of one pair show."""

    pair: str
    metrics: Mapping[str, MetricEvidence]
    unit: Unit
    units: int
    seed: int
    unweighed: Mapping[str, Missing] = field(default_factory=dict)
    """Columns with scores of two systems that share no scored segment, and which: nothing is decided by them."""
    partly: Mapping[str, MetricEvidence] = field(default_factory=dict)
    """Of these columns, the pairs that do share segments; no tie groups, which would hold a tie nobody tested."""
    floors: frozenset[SystemName] = frozenset()
    """Systems that only show what no engine may fall below; they are compared, and never win, tie or come second."""
    swaps: int = 0
    """Swaps behind the p-values; all there are, where that is at most 4,096."""
    declared: bool = True
    """False: the unit is the segment for want of articles, and nobody said that the segments are independent."""
    joint: Joint | None = None
    """What two metrics say together; None where one has to do, and where nothing is decided."""
    alpha: float = ALPHA
    """At which everything is tested."""
    looks: str = ""
    """``3/5``: the third look of five planned ones; empty where all articles came at once."""
    unsound: tuple[str, ...] = ()
    """Columns with scores whose statistics do not give them: another version's, or a metric that is not installed."""

    def __repr__(self) -> str:
        """One line, however many systems there are."""
        count = sum(len(scores.comparisons) for scores in self.compared.values())
        return f"<Evidence {self.pair}: {count} comparisons; {', '.join(self.compared)}>"

    @property
    def signature(self) -> str:
        """The statistics in one line to cite: test, correction, interval, unit, units, swaps, seed, version."""
        parts = {
            "test": "swap",
            "adjusted": "stepdown",
            "ci": "inverted",
            "level": f"{round(1 - self.alpha, 6):g}",
            "unit": self.unit,
            "units": str(self.units),
            "swaps": str(self.swaps),
            "seed": str(self.seed),
            "stats": STATISTICS_VERSION,
        } | ({"looks": self.looks} if self.looks else {})
        return "|".join(f"{name}:{value}" for name, value in parts.items())

    @property
    def compared(self) -> Mapping[str, MetricEvidence]:
        """Every column by which two systems are compared, those with all pairs first."""
        return {**self.metrics, **self.partly}

    @property
    def withheld(self) -> Missing | None:
        """What keeps a verdict back because nobody said what is independent; None where it is known."""
        if not self.declared:
            return UNDECLARED
        return one_article() if self.unit == "article" and self.units == 1 else None

    def to_frame(self) -> pd.DataFrame:
        """One row per comparison."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "pair": self.pair,
                    "metric": item.metric.name,
                    "a": item.a,
                    "b": item.b,
                    "delta": item.delta,
                    "low": item.interval.low if isinstance(item.interval, Interval) else float("nan"),
                    "high": item.interval.high if isinstance(item.interval, Interval) else float("nan"),
                    "p": float("nan") if isinstance(item.p, Missing) else item.p,
                    "p_adjusted": float("nan") if isinstance(item.p_adjusted, Missing) else item.p_adjusted,
                    "segment_p": item.segment_p,
                    "unit": item.unit,
                    "units": item.units,
                    "tied": item.tied,
                }
                for evidence in self.compared.values()
                for item in evidence.comparisons
            ]
        )
