"""One metric of one pair: profiles of all systems, differences of all pairs, one joint test, ties."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

import numpy as np

from harness.analysis.comparison import ALPHA, UNDECLARED, Comparison, MetricEvidence
from harness.analysis.eligible import Table
from harness.analysis.stats.agreement import curve_of, human_agreement
from harness.analysis.stats.alone import compare_alone
from harness.analysis.stats.columns import Moved
from harness.analysis.stats.compare import (
    Difference,
    Interval,
    Profile,
    ScoreFunction,
    compare,
    make_profiles,
    score_interval,
)
from harness.analysis.stats.design import Sample
from harness.analysis.stats.family import judge_together
from harness.analysis.stats.groups import tie_groups
from harness.analysis.stats.power import FEWEST_UNITS, LEVEL
from harness.analysis.stats.segment_tests import randomisation_p, swapped_sums_of
from harness.analysis.stats.skew import corrected_ends
from harness.analysis.units import too_few
from harness.metrics.interface import Mask, Rows
from harness.types import Missing, Reason, Score, SystemName, Unit

SEGMENT_TRIALS = 10_000

Pair = tuple[SystemName, SystemName]


def any_scored(tables: Mapping[SystemName, Table]) -> Mask:
    """(n,) segments that are scored for any system."""
    scored: Mask = np.logical_or.reduce([mask for _, mask, _ in tables.values()])
    return scored


class Bench:
    """Everything about one metric, with profiles by which segments are scored: systems that share them share swaps."""

    def __init__(
        self,
        score: ScoreFunction,
        tables: Mapping[SystemName, Table],
        sample: Sample,
        *,
        unit: Unit,
        floors: frozenset[SystemName],
        stay: dict[tuple[int, bytes], Moved],
        alpha: float,
    ) -> None:
        self._score = score
        self._tables = tables
        self._sample = sample
        self._unit: Unit = unit
        self._floors = floors
        self._identity = next(iter(tables.values()))[2].identity
        # Tables are told apart by their identity: all of them outlive the bench, and their contents may be large.
        self._profiles: dict[tuple[int, bytes], Profile] = {}
        self._stay = stay
        self._alpha, self._level = alpha, LEVEL if alpha == ALPHA else 1 - alpha

    def weigh(self, *, segment_tests: bool, together: bool = True) -> MetricEvidence:
        """Intervals of all systems, comparisons of all pairs, ties of those that are no floors.

        Pairs that are scored on no common segment are left out, and then there are no ties.

        Args:
            segment_tests: whether to make the segment-level tests.
            together: whether to test all pairs together; else there is no corrected p.
        """
        ranking = self._ranking()
        self._prepare([(rows, scored) for rows, scored, _ in self._tables.values()])
        pairs = list(combinations(ranking, 2))
        compare_two = compare if together else compare_alone
        compared = {pair: self._difference(*pair, compare_two) for pair in pairs if self._both(*pair).any()}
        tested = {pair: item for pair, item in compared.items() if item.units >= FEWEST_UNITS}
        corrected = self._together(tested) if together else dict.fromkeys(tested, (UNDECLARED, self._level))
        comparisons = tuple(
            self._comparison(pair, item, corrected.get(pair), segment_tests=segment_tests)
            for pair, item in compared.items()
        )
        groups = self._groups(ranking, comparisons) if len(compared) == len(pairs) else ()
        return MetricEvidence(self._identity, self._intervals(), comparisons, groups, ranking)

    def _together(self, tested: Mapping[Pair, Difference]) -> dict[Pair, tuple[float | Missing, float]]:
        """The corrected p of each pair, and the level at which it is tested."""
        corrected: dict[Pair, tuple[float | Missing, float]] = {}
        # What a floor is compared with is a question of its own; it takes nothing from the choice among the others.
        for with_floor in (False, True):
            family = {pair: item for pair, item in tested.items() if self._has_floor(pair) == with_floor}
            together = judge_together(list(family.values()), self._sample.design, level=self._level)
            corrected |= dict(zip(family, zip(together.adjusted, together.levels, strict=True), strict=True))
        return corrected

    def _ranking(self) -> tuple[SystemName, ...]:
        sign = 1 if self._identity.higher_is_better else -1
        values = {
            name: sign * score.corpus.value
            for name, (_, _, score) in self._tables.items()
            if isinstance(score.corpus, Score)
        }
        return tuple(sorted(values, key=lambda name: (-values[name], name)))

    def _has_floor(self, pair: Pair) -> bool:
        return not self._floors.isdisjoint(pair)

    def _intervals(self) -> dict[SystemName, Interval | Missing]:
        intervals: dict[SystemName, Interval | Missing] = {}
        for name, (rows, scored, _) in self._tables.items():
            profile = self._profile(rows, scored)
            count = int((profile.shares > 0).sum())
            if count < FEWEST_UNITS:
                intervals[name] = too_few(count, self._unit)
                continue
            interval = score_interval(profile, self._sample.design, level=self._level)
            intervals[name] = self._of_sample(profile, interval) if self._is_sampled(rows, scored) else interval
        return intervals

    def _is_sampled(self, rows: Rows, scored: Mask) -> bool:
        """Whether the segments are a sample, each of which counts for several: only judges draw one."""
        return self._identity.traits.kind == "judge" and float(rows[scored, -1].max(initial=0.0)) > 1

    @staticmethod
    def _of_sample(profile: Profile, interval: Interval) -> Interval:
        counting = profile.shares > 0
        residuals = (profile.contributions - profile.value * profile.shares)[counting]
        return Interval(*corrected_ends(profile.value, (interval.low, interval.high), residuals))

    def _groups(
        self, ranking: Sequence[SystemName], comparisons: Sequence[Comparison]
    ) -> tuple[tuple[SystemName, ...], ...]:
        among = [item for item in comparisons if not self._has_floor((item.a, item.b))]
        if among and all(isinstance(item.p_adjusted, Missing) for item in among):
            return ()
        different = {(item.a, item.b) for item in among if not item.tied}
        groups = tie_groups([name for name in ranking if name not in self._floors], different)
        return tuple(tuple(SystemName(name) for name in group) for group in groups if group)

    def _prepare(self, tables: Sequence[tuple[Rows, Mask]]) -> None:
        """Make the profiles of many tables, each on its own segments; those with the same segments together."""
        masks: dict[bytes, tuple[Mask, list[Rows]]] = {}
        for rows, mask in tables:
            masks.setdefault(mask.tobytes(), (mask, []))[1].append(rows)
        for key, (mask, group) in masks.items():
            sums = [self._sample.sums(rows, mask) for rows in group]
            profiles = make_profiles(sums, self._sample.sizes(mask), self._score, self._sample.design)
            for rows, profile in zip(group, profiles, strict=True):
                self._profiles[id(rows), key] = profile

    def _profile(self, rows: Rows, mask: Mask) -> Profile:
        """The profile of rows on the segments of ``mask``."""
        if (id(rows), mask.tobytes()) not in self._profiles:
            self._prepare([(rows, mask)])
        return self._profiles[id(rows), mask.tobytes()]

    def _both(self, a: SystemName, b: SystemName) -> Mask:
        both: Mask = self._tables[a][1] & self._tables[b][1]
        return both

    def _difference(self, a: SystemName, b: SystemName, compare_two: Callable[..., Difference]) -> Difference:
        both = self._both(a, b)
        one, other = (self._profile(self._tables[name][0], both) for name in (a, b))
        higher = self._identity.higher_is_better
        return compare_two(one, other, self._score, self._sample.design, higher_is_better=higher, level=self._level)

    def _segment_p(self, a: Rows, b: Rows, mask: Mask) -> float:
        """The segment-level test on the segments of ``mask``.

        With too few segments for any evidence it is 1: sacrebleu's formula counts only larger differences, of which
        one segment swapped has none, and gives its smallest p.
        """
        if mask.sum() < FEWEST_UNITS:
            return 1.0
        key = mask.tobytes()
        for rows in (a, b):
            if (id(rows), key) not in self._stay:
                shown = rows if mask.all() else rows[mask]
                self._stay[id(rows), key] = Moved(shown, swapped_sums_of([shown], SEGMENT_TRIALS)[0])
        return randomisation_p(self._stay[id(a), key], self._stay[id(b), key], self._score)

    def _comparison(
        self,
        pair: Pair,
        difference: Difference,
        corrected: tuple[float | Missing, float] | None,
        *,
        segment_tests: bool,
    ) -> Comparison:
        a, b = pair
        both = self._both(a, b)
        curve = curve_of(self._identity.signature)
        few = too_few(difference.units, self._unit)
        p_adjusted, level = corrected or (few, self._level)
        return Comparison(
            metric=self._identity,
            a=a,
            b=b,
            delta=difference.delta,
            interval=difference.interval if corrected else few,
            p=difference.p if corrected else few,
            p_adjusted=p_adjusted,
            segment_p=self._segment_p(self._tables[a][0], self._tables[b][0], both) if segment_tests else 1.0,
            unit=self._unit,
            units=difference.units,
            segments=int(both.sum()),
            standard_error=difference.standard_error,
            human_agreement=human_agreement(curve, difference.delta, difference.standard_error)
            if curve
            else Missing(Reason("evidence.no_curve")),
            level=level,
            alpha=self._alpha,
            lopsided=difference.lopsided,
        )
