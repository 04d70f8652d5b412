"""How a run looks in a notebook: its extent in one line, its scores in one table for each pair."""

from __future__ import annotations

from html import escape
from typing import Final

from harness.store.runs.result import MetricScores, PairResult, Run, SystemResult
from harness.types import Score

NOT_SCORED: Final = "\N{EN DASH}"


def extent(result: PairResult) -> str:
    """``de-en, 9 systems, 12 articles, 70 segments``."""
    counts = (
        (len(result.systems), "system"),
        (len(result.corpus.articles), "article"),
        (len(result.corpus.segments), "segment"),
    )
    return ", ".join([str(result.pair), *(f"{count} {noun if count == 1 else f'{noun}s'}" for count, noun in counts)])


def run_html(run: Run) -> str:
    """What the run is called, and the corpus scores of every system."""
    heading = f"<p><strong>Run {escape(run.called)}</strong>, {escape(run.created)}, {run.status}</p>"
    return heading + "".join(map(_table, run.pairs))


def _table(result: PairResult) -> str:
    head = "".join(f"<th>{escape(metric)}</th>" for metric in result.metrics)
    rows = "".join(
        f"<tr><th>{escape(system.label)}</th>{''.join(_cell(system, metric) for metric in result.metrics)}</tr>"
        for system in result.systems
    )
    return (
        f"<table><caption>{escape(extent(result))}</caption>"
        f"<thead><tr><th>system</th>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _cell(system: SystemResult, metric: str) -> str:
    scores = system.scores.get(metric)
    if isinstance(scores, MetricScores) and isinstance(scores.corpus, Score):
        return f"<td>{scores.corpus.value:.4g}</td>"
    return f"<td>{NOT_SCORED}</td>"
