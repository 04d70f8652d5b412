"""From stored statistics to evidence: intervals, paired comparisons, ties. Needs no text, no torch, no network.

The unit is the article, or the segment where a run declares its segments independent. Bare files without document ids
have no articles: undeclared, their segments are the unit, every result says so, and nothing is decided by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from harness.analysis.comparison import ALPHA, UNDECLARED, Evidence, Joint, MetricEvidence
from harness.analysis.eligible import Table, eligible
from harness.analysis.floors import floors_of
from harness.analysis.joint import agreed, couple, joint_identity, mean_rows, separated
from harness.analysis.stats.columns import Moved
from harness.analysis.stats.compare import FormulaOf
from harness.analysis.stats.design import Units
from harness.analysis.stats.groups import tie_groups
from harness.analysis.stats.segment_tests import swapped_sums_of
from harness.analysis.units import units_of
from harness.analysis.weighing import SEGMENT_TRIALS, Bench, any_scored
from harness.metrics.interface import Rows
from harness.metrics.segment import SegmentMean
from harness.store.runs.result import MetricScores, PairResult
from harness.types import Score, SystemName, Unit


def weigh(
    result: PairResult, formula_of: FormulaOf, *, seed: int, segment_tests: bool = True, detectable: bool = True
) -> Evidence:
    """Compare what may be compared of a pair (:mod:`harness.analysis.eligible`) under every metric.

    Args:
        result: a pair of a run.
        formula_of: formulas by column name.
        seed: of everything random here.
        segment_tests: False leaves out the segment-level tests (``segment_p`` is then 1), which cost most of the time.
        detectable: False leaves out, where units are undeclared, the test of all pairs together: beside verdicts, only
            detectable differences rest on it. The level of each comparison is then that of one alone.
    """
    unit, units = units_of(result.corpus, result.unit)
    declared = unit == "article" or result.unit == "segment"
    alpha = ALPHA if result.looks is None else result.looks.alpha
    known = eligible(result, formula_of)
    comparable = known.tables
    stay = _segment_sums(comparable) if segment_tests else {}
    floors = floors_of(result)
    compared = {
        column: Bench(
            formula_of(column),
            tables,
            units.sample(any_scored(tables), seed),
            unit=unit,
            floors=floors,
            stay=stay,
            alpha=alpha,
        ).weigh(segment_tests=segment_tests, together=declared or detectable)
        for column, tables in comparable.items()
    }
    weighed = {column: found for column, found in compared.items() if column not in known.apart}
    partly = {column: found for column, found in compared.items() if column in known.apart and found.comparisons}
    swaps = units.sample(np.ones(len(result.corpus.segments), dtype=np.bool_), seed).design.swaps
    joint = (
        _weigh_joint(comparable, weighed, units, unit=unit, floors=floors, seed=seed, alpha=alpha) if declared else None
    )
    evidence = Evidence(
        str(result.pair),
        weighed,
        unit,
        len(units),
        seed,
        known.apart,
        partly,
        floors=floors,
        swaps=swaps,
        joint=joint,
        alpha=alpha,
        looks="" if result.looks is None else f"{len(result.looks.made)}/{len(result.looks.counts)}",
        unsound=known.unsound,
    )
    return evidence if declared else _withheld(evidence)


def _withheld(evidence: Evidence) -> Evidence:
    """Intervals and uncorrected p stay, for comparison with other tools; nothing that a verdict could rest on does."""
    metrics, partly = (
        {
            column: replace(
                found, groups=(), comparisons=tuple(replace(item, p_adjusted=UNDECLARED) for item in found.comparisons)
            )
            for column, found in columns.items()
        }
        for columns in (evidence.metrics, evidence.partly)
    )
    return replace(evidence, metrics=metrics, partly=partly, declared=False)


def _weigh_joint(
    comparable: Mapping[str, Mapping[SystemName, Table]],
    weighed: Mapping[str, MetricEvidence],
    units: Units,
    *,
    unit: Unit,
    floors: frozenset[SystemName],
    seed: int,
    alpha: float,
) -> Joint | None:
    two = couple({name: item.metric for name, item in weighed.items()})
    if two is None or len(weighed[two[0]].ranking) < 2:
        return None
    first, second = (weighed[name] for name in two)
    identity = joint_identity(first.metric, second.metric)
    plain = [{name: (rows, mask) for name, (rows, mask, _) in comparable[metric].items()} for metric in two]
    signs = (1 if first.metric.higher_is_better else -1, 1 if second.metric.higher_is_better else -1)
    means = mean_rows(plain[0], plain[1], signs) if first.metric.traits.kind != "strings" else None
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
        sample = units.sample(any_scored(tables), seed)
        bench = Bench(score, tables, sample, unit=unit, floors=floors, stay={}, alpha=alpha)
        return Joint(*two, "mean", bench.weigh(segment_tests=False))
    both = agreed(first, second)
    if both is None:
        return None
    ranking = [name for name in first.ranking if name not in floors]
    different = separated([item for item in both if floors.isdisjoint((item.a, item.b))])
    groups = tuple(tuple(SystemName(name) for name in group) for group in tie_groups(ranking, different) if group)
    return Joint(*two, "both", replace(first, comparisons=both, groups=groups if first.groups else ()))


def _segment_sums(comparable: Mapping[str, Mapping[SystemName, Table]]) -> dict[tuple[int, bytes], Moved]:
    """Swapped sums of all tables, by table and mask: tables scored on the same segments share their swaps."""
    groups: dict[bytes, list[Rows]] = {}
    for tables in comparable.values():
        if len(tables) > 1:
            for rows, mask, _ in tables.values():
                groups.setdefault(mask.tobytes(), []).append(rows)
    sums_of: dict[tuple[int, bytes], Moved] = {}
    for key, group in groups.items():
        mask = np.frombuffer(key, dtype=np.bool_)
        scored = group if mask.all() else [rows[mask] for rows in group]
        sums = swapped_sums_of(scored, SEGMENT_TRIALS)
        sums_of |= {(id(rows), key): Moved(*item) for rows, *item in zip(group, scored, sums, strict=True)}
    return sums_of
