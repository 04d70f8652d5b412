"""What metrics that ask a language model cost in the run: a table beside that of the systems, and a line."""

from __future__ import annotations

from collections.abc import Iterator

from harness.analysis.pair import PairAnalysis
from harness.reports.model.effort import SmallTable, about_cost
from harness.reports.model.leaderboard import Cell, Notebook
from harness.reports.words.messages import say
from harness.reports.words.numbers import format_money, metric_title
from harness.reports.words.text import visible
from harness.types import Missing, Money


def metric_costs_table(pair: PairAnalysis, notes: Notebook) -> tuple[SmallTable, ...]:
    """The cost of each metric that can say so; nothing where none can. Reasons go into ``notes``."""
    rows = []
    for metric, cost in pair.result.metric_costs.items():
        name = visible(metric_title(metric))
        note = 0 if isinstance(cost, Money) else notes.number(Missing(cost.why), name, about_cost)
        rows.append((name, (Cell(visible(format_money(cost)), note=note),)))
    if not rows:
        return ()
    heading = say("effort.heading.cost")
    return (SmallTable(say("metric_costs.title"), (heading,), frozenset(), tuple(rows), (say("metric_costs.remark"),)),)


def metric_costs_sentences(pair: PairAnalysis) -> Iterator[str]:
    """What was paid for metrics in this run, a sentence each."""
    for metric, cost in pair.result.metric_costs.items():
        if isinstance(cost, Money) and cost.amount > 0:
            yield say("metric_costs.sentence", metric=visible(metric_title(metric)), cost=visible(format_money(cost)))
