"""Every two systems under the primary metric, side by side, and where the metrics disagree."""

from __future__ import annotations

import math

from harness.evidence import Comparison
from harness.reports.effort import EMPTY, SmallTable
from harness.reports.findings import Findings, disagreements
from harness.reports.format import format_difference, format_p, metric_title
from harness.reports.leaderboard import Cell, display_names
from harness.reports.order import Standing
from harness.reports.text import visible
from harness.reports.verdict import interval_text
from harness.runs.result import PairResult
from harness.types import Missing

MOST_DISAGREEMENTS = 10

NO_CURVE = "no published curve"

_COLUMNS = (
    *("Against", "Difference", "95 % interval", "p", "p (Holm)", "Segment p"),
    *("Agreement", "Detectable"),
)

_REMARK = (
    "Difference: positive where the first is better. p: whole articles swapped between the two; p (Holm): corrected "
    "for all pairs, and what the verdict goes by. Agreement: how often people would be expected to agree with such a "
    "difference (Kocmi et al. 2024, corpora of single sentences). Detectable: the smallest true one that "
    "four of five such comparisons would find."
)

_SEGMENT_REMARK = "Segment p: as sacrebleu's --paired-ar, for comparison with papers; it is too small."

_BARE_REMARK = "The text has no article ids, so the segments are swapped: every p is too small."


def pairwise_table(result: PairResult, standing: Standing, findings: Findings) -> tuple[SmallTable, ...]:
    """The comparisons of the primary metric, those of the leader first; nothing where there are none."""
    metric = standing.primary
    found = findings.metric(metric)
    if metric is None or found is None or not found.comparisons:
        return ()
    names = display_names(result)
    shown = [index for index, heading in enumerate(_COLUMNS) if findings.segment_tests or heading != "Segment p"]
    rows = []
    for item in found.comparisons:
        texts = _texts(metric, names[item.b], item)
        rows.append((names[item.a], tuple(Cell(texts[index]) for index in shown)))
    remarks = [_REMARK]
    if findings.segment_tests:
        remarks.append(_SEGMENT_REMARK)
    if findings.evidence.unit == "segment":
        remarks.append(_BARE_REMARK)
    title = f"{visible(metric_title(metric))} by pair of systems"
    columns = tuple(_COLUMNS[index] for index in shown)
    return (SmallTable(title, columns, frozenset({0}), tuple(rows), tuple(remarks)),)


def _texts(metric: str, other: str, item: Comparison) -> tuple[str, ...]:
    return (
        other,
        format_difference(metric, item.delta),
        interval_text(metric, item),
        _p(item.p),
        _p(item.p_holm),
        format_p(item.segment_p),
        NO_CURVE if isinstance(item.human_agreement, Missing) else f"{item.human_agreement:.0f} %",
        format_difference(metric, item.detectable) if math.isfinite(item.detectable) else EMPTY,
    )


def _p(p: float | Missing) -> str:
    return EMPTY if isinstance(p, Missing) else format_p(p)


def disagreement_notes(result: PairResult, standing: Standing, findings: Findings) -> tuple[str, ...]:
    """A sentence for each two systems whose order depends on the metric."""
    names = display_names(result)
    found = disagreements(findings, standing)
    notes = [
        f"The metrics disagree: {names[item.a]} is better than {names[item.b]} on "
        f"{visible(metric_title(item.better))}, and worse on {visible(metric_title(item.worse))}."
        for item in found[:MOST_DISAGREEMENTS]
    ]
    if len(found) > MOST_DISAGREEMENTS:
        notes.append(f"The metrics disagree on {len(found) - MOST_DISAGREEMENTS:,} more pairs: see the JSON report.")
    return tuple(notes)
