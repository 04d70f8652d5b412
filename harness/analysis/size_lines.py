"""What the articles of a workspace can confirm, and what a wanted difference takes: a line before anything is sent.

By the spread that is usual for the metric that will decide; ``harness plan RUN`` plans by a run's own.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping

from harness.analysis.primary import gating_metric
from harness.analysis.sample_size import SampleSize, plan_without_run
from harness.analysis.stats.power import MOST_ARTICLES, ArticlesNeeded
from harness.analysis.units import units_of
from harness.errors import UsageError
from harness.metrics.load import traits_of
from harness.types import Corpus, LangPair, Money, Part, Reason, SystemName, Unknown
from harness.workspace.file_models import WorkspaceFile

FIRST_DIFFERENCE = 1.0
"""Points to plan for where the metric has no usual margin."""

Prices = Mapping[SystemName, Money | Unknown]
"""Of a million source characters."""


def usual_sizes(
    corpora: Iterable[Corpus],
    settings: WorkspaceFile,
    *,
    absent: Collection[str] = (),
    systems: Mapping[LangPair, int] | None = None,
    prices: Mapping[LangPair, Prices] | None = None,
) -> list[SampleSize]:
    """Plan each corpus by the metric that would decide; corpora of which nothing is known are left out.

    Args:
        corpora: the reference articles.
        settings: which metrics there are, and what is independent.
        absent: metrics that cannot run on this machine.
        systems: how many are compared, by pair; 2 where it is not said.
        prices: of the systems, by pair.
    """
    known = {name: traits_of(name, settings.metric.get(name, {})) for name in settings.metrics if name not in absent}
    named = settings.decision.metric
    column = named if named in known else gating_metric(known)
    if column is None:
        return []
    wanted = known[column].usual_margin or FIRST_DIFFERENCE
    plans = []
    for corpus in corpora:
        if len(units_of(corpus, settings.statistics.unit)[1]) < 1:
            continue
        try:
            plans.append(
                plan_without_run(
                    corpus,
                    column,
                    known[column],
                    wanted,
                    systems=max(2, (systems or {}).get(corpus.pair, 2)),
                    declared=settings.statistics.unit,
                    prices=(prices or {}).get(corpus.pair, {}),
                )
            )
        except UsageError:  # no usual spread of the metric is known, or the unit is the segment
            continue
    return plans


def size_line(plan: SampleSize) -> Reason:
    """What a plan says in a line."""
    sizing = plan.sizings[0]
    extent, metric = Part("count", plan.units, plan.unit), Part("metric", plan.metric)
    needed = Part("needed", ArticlesNeeded(sizing.units, sizing.units, sign_open=False), plan.unit)
    wanted = Part("number", plan.difference)
    need = Reason("size.line_needs", {"wanted": wanted, "needed": needed})
    costs = tuple(Part("money", cost) for cost in sizing.costs if cost.amount > 0)
    if costs and not plan.unpriced and sizing.units < MOST_ARTICLES:
        need = Reason("size.line_costs", {"wanted": wanted, "needed": needed, "costs": Part("list", costs)})
    pair, systems = str(plan.pair), Part("count", plan.systems, "system")
    if isinstance(plan.finds, Unknown) or math.isinf(plan.finds):
        return Reason("size.line_nothing", {"pair": pair, "articles": extent, "need": need})
    return Reason(
        "size.line",
        {
            "pair": pair,
            "articles": extent,
            "points": Part("at_least", plan.finds),
            "metric": metric,
            "systems": systems,
            "need": need,
        },
    )
