"""From stored statistics to evidence: intervals, paired comparisons, ties. Needs no text, no torch, no network.

The unit is the article, or the segment where a run declares its segments independent. Bare files without document ids
have no articles: undeclared, their segments are the unit, every result says so, and nothing is decided by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np

from harness.joint import agreed, couple, joint_identity, mean_rows, separated
from harness.messages import plural, say
from harness.metric_kinds import kind_of
from harness.metrics.interface import Mask, Rows
from harness.metrics.segment import SegmentMean
from harness.runs.result import MetricScores, PairResult, article_rows
from harness.stats.agreement import curve_of, human_agreement
from harness.stats.compare import Interval, Profile, ScoreFunction, compare, make_profiles, score_interval
from harness.stats.design import Design, Starts, make_design, masked_sums
from harness.stats.groups import holm, tie_groups
from harness.stats.power import articles_needed, detectable_difference
from harness.stats.segment_tests import randomisation_p, swapped_sums_of
from harness.types import Corpus, MetricIdentity, Missing, Score, SystemName, Unit, UnitChoice

if TYPE_CHECKING:
    import pandas as pd

ALPHA = 0.05

FEWEST_UNITS = 6
"""With 5 articles the smallest possible two-sided p is 2/2**5 = .0625: no verdict at 5 % is possible."""

NO_ARTICLES = "all"
"""The one article of bare files without document ids (:func:`harness.references.bare.corpus_from_files`)."""

SEGMENT_TRIALS = 10_000

FormulaOf = Callable[[str], ScoreFunction]
"""Column name to the formula that turns sums of its rows into scores."""


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
    """Swap test over units, two-sided; Missing with too few units."""
    p_holm: float | Missing
    """``p`` corrected for all pairs of systems under this metric."""
    segment_p: float
    """Approximate randomisation over segments as in sacrebleu, for comparison with papers; 1 with fewer than
    :data:`FEWEST_UNITS` segments."""
    unit: Unit
    units: int
    segments: int
    standard_error: float
    human_agreement: float | Missing
    """Percent of human judgements expected to agree, where a published curve applies."""

    @property
    def tied(self) -> bool:
        """True unless the corrected p says the two differ."""
        return isinstance(self.p_holm, Missing) or self.p_holm > ALPHA

    @property
    def detectable(self) -> float:
        """The smallest true difference that four of five such comparisons would find."""
        return detectable_difference(self.standard_error, self.units) if self.units > 1 else float("inf")

    @property
    def articles_for_this(self) -> int:
        """How many articles like these would find a true difference as large as the observed one."""
        if not self.delta or self.units < 2:
            return 0
        return articles_needed(self.standard_error, self.units, abs(self.delta))


@dataclass(frozen=True, slots=True)
class MetricEvidence:
    """Everything about one metric of one pair."""

    metric: MetricIdentity
    intervals: Mapping[SystemName, Interval | Missing]
    comparisons: tuple[Comparison, ...]
    groups: tuple[tuple[SystemName, ...], ...]
    """Systems that cannot be told apart, best first; a system may stand in several. None where nothing is decided."""
    ranking: tuple[SystemName, ...]
    """Best first, by corpus score."""


@dataclass(frozen=True, slots=True)
class Joint:
    """Two metrics that decide together (:mod:`harness.joint`)."""

    first: str
    second: str
    how: Literal["mean", "both"]
    """``mean``: of both, standardised; ``both``: each confirms the difference."""
    found: MetricEvidence
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
    """Columns with scores of two systems that share no scored segment, and which: nothing is compared by them."""
    declared: bool = True
    """False: the unit is the segment for want of articles, and nobody said that the segments are independent."""
    joint: Joint | None = None
    """What two metrics say together; None where one has to do, and where nothing is decided."""

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
                    "p_holm": float("nan") if isinstance(item.p_holm, Missing) else item.p_holm,
                    "segment_p": item.segment_p,
                    "unit": item.unit,
                    "units": item.units,
                    "tied": item.tied,
                }
                for evidence in self.metrics.values()
                for item in evidence.comparisons
            ]
        )


def undeclared(evidence: Evidence) -> Missing | None:
    """What keeps a verdict back because nobody said what is independent, and how to say it; None where it is known."""
    if not evidence.declared:
        return Missing(say("unscored.undeclared"), say("unscored.undeclared_help"))
    return one_article() if evidence.unit == "article" and evidence.units == 1 else None


def one_article() -> Missing:
    """Why a corpus of one article has no verdict."""
    return Missing(say("unscored.one_article"), say("unscored.one_article_help"))


def too_few(units: int, unit: Unit) -> Missing:
    """Why there is no verdict."""
    return Missing(
        say(f"unscored.few.{unit}", n=units, least=FEWEST_UNITS),
        plural("decision.few_help", FEWEST_UNITS - units, n=FEWEST_UNITS - units),
    )


def has_articles(corpus: Corpus) -> bool:
    """False for bare files without document ids."""
    return not (len(corpus.articles) == 1 and corpus.articles[0].id == NO_ARTICLES)


def units_of(corpus: Corpus, unit: UnitChoice) -> tuple[Unit, Starts]:
    """The unit of the statistics, and with which row of the per-segment tables each begins.

    Args:
        corpus: the segments.
        unit: what the run declares, :attr:`harness.runs.result.PairResult.unit`.
    """
    if unit == "segment" or (unit == "undeclared" and not has_articles(corpus)):
        return "segment", np.arange(len(corpus.segments))
    return "article", np.array([rows.start for rows in article_rows(corpus).values() if rows.start < rows.stop])


def weigh(result: PairResult, formula_of: FormulaOf, *, seed: int, segment_tests: bool = True) -> Evidence:
    """Compare all complete systems of a pair under every metric.

    Args:
        result: a pair of a run.
        formula_of: formulas by column name.
        seed: of everything random here.
        segment_tests: False leaves out the segment-level tests (``segment_p`` is then 1), which cost most of the time.
    """
    unit, units = units_of(result.corpus, result.unit)
    comparable: dict[str, dict[SystemName, Table]] = {}
    for column in result.metrics:
        tables = {
            system.name: (system.tables[column].rows, system.tables[column].scored, scores)
            for system in result.systems
            if isinstance(scores := system.scores[column], MetricScores)
            and isinstance(scores.corpus, Score)
            and np.isfinite(scores.corpus.value)
        }
        signatures = {scores.identity.signature for _, _, scores in tables.values()}
        if tables and len(signatures) == 1:
            comparable[column] = tables
    unweighed = {column: why for column, tables in comparable.items() if (why := _nothing_shared(tables))}
    comparable = {column: tables for column, tables in comparable.items() if column not in unweighed}
    stay = _segment_sums(comparable) if segment_tests else {}
    found = {
        column: _weigh_metric(tables, formula_of(column), units, unit, seed, segment_tests=segment_tests, stay=stay)
        for column, tables in comparable.items()
    }
    joint = _weigh_joint(comparable, found, units, unit, seed)
    evidence = Evidence(str(result.pair), found, unit, len(units), seed, unweighed, joint=joint)
    return evidence if unit == "article" or result.unit == "segment" else _withheld(evidence)


def _withheld(evidence: Evidence) -> Evidence:
    """Intervals and uncorrected p stay, for comparison with other tools; nothing that a verdict could rest on does."""
    why = Missing(say("unscored.undeclared"), say("unscored.undeclared_help"))
    metrics = {
        column: replace(found, groups=(), comparisons=tuple(replace(item, p_holm=why) for item in found.comparisons))
        for column, found in evidence.metrics.items()
    }
    return replace(evidence, metrics=metrics, joint=None, declared=False)


def _weigh_joint(
    comparable: Mapping[str, Mapping[SystemName, Table]],
    found: Mapping[str, MetricEvidence],
    units: Starts,
    unit: Unit,
    seed: int,
) -> Joint | None:
    two = couple({name: item.metric for name, item in found.items()})
    if two is None or len(found[two[0]].ranking) < 2:
        return None
    first, second = (found[name] for name in two)
    identity = joint_identity(first.metric, second.metric)
    plain = [{name: (rows, mask) for name, (rows, mask, _) in comparable[metric].items()} for metric in two]
    signs = (1 if first.metric.higher_is_better else -1, 1 if second.metric.higher_is_better else -1)
    means = mean_rows(plain[0], plain[1], signs) if kind_of(first.metric) != "strings" else None
    if means is not None:
        score = SegmentMean().score
        tables = {
            name: (
                rows,
                mask,
                MetricScores(identity, Score(float(score(rows.sum(axis=0))), int(mask.sum())), (), rows[:, 0], mask),
            )
            for name, (rows, mask) in means.items()
        }
        return Joint(*two, "mean", _weigh_metric(tables, score, units, unit, seed, segment_tests=False, stay={}))
    both = agreed(first, second)
    if both is None:
        return None
    groups = tuple(tuple(SystemName(name) for name in group) for group in tie_groups(first.ranking, separated(both)))
    return Joint(*two, "both", replace(first, comparisons=both, groups=groups))


Table = tuple[Rows, Mask, MetricScores]


def _nothing_shared(tables: Mapping[SystemName, Table]) -> Missing | None:
    """Why a column cannot be weighed: two of its systems are scored on no common segment; None where all share some.

    The other pairs are not compared either: ranking and groups are of all systems, and would hold a tie nobody tested.
    """
    for (a, (_, mask_a, _)), (b, (_, mask_b, _)) in combinations(tables.items(), 2):
        if not (mask_a & mask_b).any():
            return Missing(say("unscored.apart", a=a, b=b), say("unscored.apart_help"))
    return None


def _segment_sums(comparable: Mapping[str, Mapping[SystemName, Table]]) -> dict[tuple[int, bytes], Rows]:
    """Swapped sums of all tables, by table and mask: tables scored on the same segments share their swaps."""
    groups: dict[bytes, list[Rows]] = {}
    for tables in comparable.values():
        if len(tables) > 1:
            for rows, mask, _ in tables.values():
                groups.setdefault(mask.tobytes(), []).append(rows)
    found: dict[tuple[int, bytes], Rows] = {}
    for key, group in groups.items():
        mask = np.frombuffer(key, dtype=np.bool_)
        sums = swapped_sums_of(group if mask.all() else [rows[mask] for rows in group], SEGMENT_TRIALS)
        found |= {(id(rows), key): item for rows, item in zip(group, sums, strict=True)}
    return found


def _weigh_metric(
    tables: Mapping[SystemName, Table],
    score: ScoreFunction,
    units: Starts,
    unit: Unit,
    seed: int,
    *,
    segment_tests: bool,
    stay: dict[tuple[int, bytes], Rows],
) -> MetricEvidence:
    identity = next(iter(tables.values()))[2].identity
    bench = _Bench(score, units, seed, stay)
    sign = 1 if identity.higher_is_better else -1
    values = {
        name: sign * score.corpus.value for name, (_, _, score) in tables.items() if isinstance(score.corpus, Score)
    }
    ranking = tuple(sorted(values, key=lambda name: (-values[name], name)))
    intervals: dict[SystemName, Interval | Missing] = {}
    bench.prepare([(rows, scored) for rows, scored, _ in tables.values()])
    for name, (rows, scored, _) in tables.items():
        profile, design = bench.profile(rows, scored)
        enough = design.units >= FEWEST_UNITS
        intervals[name] = score_interval(profile, design) if enough else too_few(design.units, unit)
    raw = [
        _compare_two(a, b, tables, identity=identity, bench=bench, unit=unit, segment_tests=segment_tests)
        for a, b in combinations(ranking, 2)
    ]
    known = [item for item in raw if not isinstance(item.p, Missing)]
    corrected = iter(holm([item.p for item in known if not isinstance(item.p, Missing)]))
    comparisons = tuple(item if isinstance(item.p, Missing) else replace(item, p_holm=next(corrected)) for item in raw)
    different = {(item.a, item.b) for item in comparisons if not item.tied}
    groups = tuple(tuple(SystemName(name) for name in group) for group in tie_groups(ranking, different))
    return MetricEvidence(identity, intervals, comparisons, groups, ranking)


class _Bench:
    """Profiles by which units are scored; systems scored on the same segments share one design."""

    def __init__(self, score: ScoreFunction, units: Starts, seed: int, stay: dict[tuple[int, bytes], Rows]) -> None:
        self.score = score
        self._units = units
        self._seed = seed
        self._designs: dict[int, Design] = {}
        # Tables are told apart by their identity: all of them outlive the bench, and their contents may be large.
        self._profiles: dict[tuple[int, bytes], tuple[Profile, Design]] = {}
        self._stay = stay

    def prepare(self, tables: Sequence[tuple[Rows, Mask]]) -> None:
        """Make the profiles of many tables, each on its own segments; those with the same segments together."""
        groups: dict[bytes, tuple[Mask, list[Rows]]] = {}
        for rows, mask in tables:
            groups.setdefault(mask.tobytes(), (mask, []))[1].append(rows)
        for key, (mask, group) in groups.items():
            sums = [masked_sums(rows, mask, self._units) for rows in group]
            count = len(sums[0])
            if count not in self._designs:
                self._designs[count] = make_design(count, self._seed)
            design = self._designs[count]
            for rows, profile in zip(group, make_profiles(sums, self.score, design), strict=True):
                self._profiles[id(rows), key] = (profile, design)

    def profile(self, rows: Rows, mask: Mask) -> tuple[Profile, Design]:
        """The profile of rows on the segments of ``mask``, over the units that have such segments."""
        if (id(rows), mask.tobytes()) not in self._profiles:
            self.prepare([(rows, mask)])
        return self._profiles[id(rows), mask.tobytes()]

    def segment_p(self, a: Rows, b: Rows, mask: Mask) -> float:
        """The segment-level test on the segments of ``mask``.

        With too few segments for any evidence it is 1: sacrebleu's formula counts only larger differences, of which
        one segment swapped has none, and gives its smallest p.
        """
        if mask.sum() < FEWEST_UNITS:
            return 1.0
        key = mask.tobytes()
        both = (a, b) if mask.all() else (a[mask], b[mask])
        for rows, shown in zip((a, b), both, strict=True):
            if (id(rows), key) not in self._stay:
                self._stay[id(rows), key] = swapped_sums_of([shown], SEGMENT_TRIALS)[0]
        return randomisation_p(*both, self._stay[id(a), key], self._stay[id(b), key], self.score)


def _compare_two(
    a: SystemName,
    b: SystemName,
    tables: Mapping[SystemName, Table],
    *,
    identity: MetricIdentity,
    bench: _Bench,
    unit: Unit,
    segment_tests: bool,
) -> Comparison:
    rows_a, mask_a, _ = tables[a]
    rows_b, mask_b, _ = tables[b]
    both = mask_a & mask_b
    profile_a, design = bench.profile(rows_a, both)
    profile_b, _ = bench.profile(rows_b, both)
    score = bench.score
    difference = compare(profile_a, profile_b, score, design, higher_is_better=identity.higher_is_better)
    few = design.units < FEWEST_UNITS
    curve = curve_of(identity.signature)
    return Comparison(
        metric=identity,
        a=a,
        b=b,
        delta=difference.delta,
        interval=too_few(design.units, unit) if few else difference.interval,
        p=too_few(design.units, unit) if few else difference.p,
        p_holm=too_few(design.units, unit),
        segment_p=bench.segment_p(rows_a, rows_b, both) if segment_tests else 1.0,
        unit=unit,
        units=design.units,
        segments=int(both.sum()),
        standard_error=difference.standard_error,
        human_agreement=human_agreement(curve, difference.delta)
        if curve
        else Missing("no published curve applies to this metric", ""),
    )
