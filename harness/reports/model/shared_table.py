"""The scores on the segments that all systems have: more systems than the leaderboard compares, and fewer segments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.analysis.pair import PairAnalysis
from harness.analysis.shared import Shared
from harness.reports.formats.evidence_json import comparison_json
from harness.reports.model.effort import EMPTY, SmallTable
from harness.reports.model.excluded import shared_extent
from harness.reports.model.leaderboard import Cell, Notebook, make_cells
from harness.reports.model.shown import display_names
from harness.reports.model.verdict import interval_text
from harness.reports.words.messages import say
from harness.reports.words.numbers import format_difference, format_p, metric_title
from harness.reports.words.text import visible
from harness.store.runs.frame import corpus_score
from harness.types import JsonValue, Missing, Score, SystemName


def shared_table(pair: PairAnalysis, notes: Notebook) -> tuple[SmallTable, ...]:
    """One for each such comparison, with a row for each system, best first."""
    names = display_names(pair.result)
    return tuple(_table(shared, names, notes) for shared in pair.shared)


def _table(shared: Shared, names: Mapping[SystemName, str], notes: Notebook) -> SmallTable:
    standing = shared.pair.standing
    metrics = [metric for metric in shared.pair.result.metrics if metric in standing.identities]
    columns = {
        metric: make_cells(
            standing,
            metric,
            {comparison.name: corpus_score(comparison, metric) for comparison in standing.systems},
            notes,
            "segment",
        )
        for metric in metrics
    }
    headings = [visible(metric_title(metric)) for metric in metrics]
    evidence = shared.pair.metric(standing.primary)
    if evidence is not None and evidence.comparisons:
        headings += [say("excluded.heading.lead"), say("excluded.heading.interval"), say("excluded.heading.p")]
    rows = []
    for index, system in enumerate(standing.systems):
        cells = [columns[metric][index] for metric in metrics]
        if evidence is not None and evidence.comparisons:
            leads = (EMPTY, EMPTY, EMPTY)
            if system.name in evidence.ranking[1:]:
                comparison = evidence.between(evidence.ranking[0], system.name)
                p = EMPTY if isinstance(comparison.p_adjusted, Missing) else format_p(comparison.p_adjusted)
                decimals = evidence.metric.decimals
                leads = (format_difference(decimals, comparison.delta), interval_text(decimals, comparison), p)
            cells += [Cell(text) for text in leads]
        rows.append((names[system.name], tuple(cells)))
    title = say("excluded.title", extent=shared_extent(shared, names))
    return SmallTable(title, tuple(headings), frozenset(), tuple(rows), (say("excluded.remark"),))


def shared_json(shared: Sequence[Shared]) -> JsonValue:
    """``{"segments", "of", "systems", "scores", "comparisons"}``; null where there is no such comparison.

    Where there are several, the others are in ``others``.
    """
    first, *others = map(_part_json, shared) if shared else (None,)
    return {**first, "others": list(others)} if first and others else first


def _part_json(shared: Shared) -> dict[str, JsonValue]:
    return {
        "segments": len(shared.pair.result.corpus.segments),
        "of": shared.of,
        "systems": [system.name for system in shared.pair.result.systems],
        "scores": {
            system.name: {
                metric: {"score": score.value, "n": score.n}
                for metric in shared.pair.result.metrics
                if isinstance(score := corpus_score(system, metric), Score)
            }
            for system in shared.pair.result.systems
        },
        "comparisons": [
            comparison_json(item) for metric in shared.pair.evidence.compared.values() for item in metric.comparisons
        ],
    }
