"""Every two systems side by side, under the primary metric and those no other table shows; where metrics disagree."""

from __future__ import annotations

import math
from dataclasses import replace

from harness.analysis.comparison import Comparison, MetricEvidence
from harness.analysis.pair import PairAnalysis
from harness.analysis.stats.power import RARE_FAILURES
from harness.reports.model.effort import EMPTY, SmallTable
from harness.reports.model.leaderboard import Cell
from harness.reports.model.shown import display_names
from harness.reports.model.verdict import interval_text
from harness.reports.words.messages import say
from harness.reports.words.numbers import counted_as, format_difference, format_p, metric_title
from harness.reports.words.text import visible
from harness.types import Decimals, Missing

MOST_DISAGREEMENTS = 10

COLUMNS = ("against", "difference", "interval_alone", "p_alone", "adjusted", "segment_p", "agreement", "detectable")
"""Names of the columns' headings among the messages, in ``comparisons.heading``."""


def pairwise_table(pair: PairAnalysis) -> tuple[SmallTable, ...]:
    """The comparisons of the primary metric, those of the leader first; nothing where there are none.

    After it, a table for each metric by which systems are compared in pairs only, on the segments that both have.
    """
    evidence = pair.evidence
    apart = {name: found for name, found in evidence.compared.items() if name not in pair.standing.comparable}
    primary = {name: found for name, found in evidence.metrics.items() if name == pair.primary}
    return tuple(_table(pair, name, found) for name, found in (primary | apart).items() if found.comparisons)


def against_best(pair: PairAnalysis) -> tuple[SmallTable, ...]:
    """The comparisons of the system at the top under the primary metric; nothing where there are none."""
    evidence = pair.metric(pair.primary)
    if evidence is None or not evidence.comparisons:
        return ()
    best = next((name for name in evidence.ranking if name not in pair.evidence.floors), evidence.ranking[0])
    comparisons = tuple(item for item in evidence.comparisons if best in (item.a, item.b))
    return (_table(pair, evidence.metric.name, replace(evidence, comparisons=comparisons)),) if comparisons else ()


def _table(pair: PairAnalysis, metric: str, evidence: MetricEvidence) -> SmallTable:
    names = display_names(pair.result)
    shown = [index for index, name in enumerate(COLUMNS) if pair.segment_tests or name != "segment_p"]
    rows = []
    for comparison in evidence.comparisons:
        texts = _texts(evidence.metric.decimals, names[comparison.b], comparison)
        rows.append((names[comparison.a], tuple(Cell(texts[index]) for index in shown)))
    by_segment = pair.evidence.unit == "segment"
    swapped = say("units.swapped_segments") if by_segment else say("units.swapped_articles")
    remarks = [say("comparisons.remark", swapped=swapped)]
    # Beside a test over articles the one over segments is too small; where segments are the unit it is another sample.
    if pair.segment_tests and not by_segment:
        remarks.append(say("comparisons.segment_remark"))
    if by_segment:
        declared = pair.evidence.declared
        remarks.append(say("comparisons.independent_remark" if declared else "comparisons.bare_remark"))
    units = evidence.comparisons[0].units
    if evidence.comparisons[0].unit == "article" and units < RARE_FAILURES:
        remarks.append(say("comparisons.rare", n=units))
    title = say("comparisons.title", metric=visible(metric_title(metric)))
    columns = tuple(say(f"comparisons.heading.{COLUMNS[index]}") for index in shown)
    return SmallTable(title, columns, frozenset({0}), tuple(rows), tuple(remarks))


def _texts(decimals: Decimals, other: str, comparison: Comparison) -> tuple[str, ...]:
    return (
        other,
        format_difference(decimals, comparison.delta),
        interval_text(decimals, comparison),
        _p(comparison.p),
        _p(comparison.p_adjusted),
        format_p(comparison.segment_p),
        say("comparisons.no_curve")
        if isinstance(comparison.human_agreement, Missing)
        else f"{comparison.human_agreement:.0f} %",
        format_difference(decimals, comparison.detectable) if math.isfinite(comparison.detectable) else EMPTY,
    )


def _p(p: float | Missing) -> str:
    return EMPTY if isinstance(p, Missing) else format_p(p)


def disagreement_notes(pair: PairAnalysis) -> tuple[str, ...]:
    """A sentence for each two systems whose order depends on the metric."""
    names = display_names(pair.result)
    disagreements = pair.disagreements
    notes = [
        say(
            "comparisons.disagree",
            a=names[item.a],
            b=names[item.b],
            better=visible(metric_title(item.better)),
            worse=visible(metric_title(item.worse)),
        )
        for item in disagreements[:MOST_DISAGREEMENTS]
    ]
    if len(disagreements) > MOST_DISAGREEMENTS:
        notes.append(counted_as("comparisons.disagree_more", len(disagreements) - MOST_DISAGREEMENTS))
    return tuple(notes)
