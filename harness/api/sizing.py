"""How many articles a comparison needs, from a run or from the reference articles alone."""

from __future__ import annotations

from collections.abc import Sequence

from harness.analysis import SampleSize, analyse, plan_from_run, plan_without_run
from harness.corpus.native import read_workspace
from harness.errors import UsageError
from harness.metrics.load import formulas, traits_of
from harness.store.runs.result import Run
from harness.types import LangPair, SystemName
from harness.workspace.folder import Workspace
from harness.workspace.registry import suggestion

FIRST_DIFFERENCE = 1.0
"""Points to plan for where the metric has no usual margin."""


def size_from_run(
    run: Run,
    *,
    metric: str = "",
    difference: float | None = None,
    systems: int | None = None,
    between: Sequence[SystemName] = (),
) -> list[SampleSize]:
    """Plan each pair of a run.

    Args:
        run: the pilot.
        metric: column heading; empty for the metric that decides.
        difference: the wanted one in points; None for the margin that is usual for the metric.
        systems: how many will be compared; None for as many as the run has.
        between: only the differences between these systems; empty for all.

    Raises:
        UsageError: the run has no such metric or system, or no two systems that differ.
    """
    known = sorted({system.name for result in run.pairs for system in result.systems})
    for name in between:
        if name not in known:
            raise UsageError(f"the run has no system '{name}'", hint=suggestion(name, known))
    plans = []
    for analysed in analyse(run).pairs:
        result = analysed.result
        if metric and metric not in result.identities:
            raise UsageError(f"the run has no scores of '{metric}'", hint=suggestion(metric, sorted(result.identities)))
        column = metric or analysed.primary
        if column is None:
            raise UsageError(f"{result.pair}: no metric has scores", hint="plan from a run with scores")
        wanted = difference or result.identities[column].traits.usual_margin or FIRST_DIFFERENCE
        plans.append(plan_from_run(result, column, formulas(run.settings), wanted, systems=systems, between=between))
    return plans


def size_from_articles(
    workspace: Workspace,
    *,
    pairs: Sequence[LangPair] = (),
    metric: str = "",
    difference: float | None = None,
    systems: int | None = None,
) -> list[SampleSize]:
    """Plan each pair of the reference articles by the usual spread of a metric.

    Args:
        workspace: the folder with ``references/``.
        pairs: only these; empty for all.
        metric: its name; empty for chrF.
        difference: the wanted one in points; None for the margin that is usual for the metric.
        systems: how many will be compared; None for 2.

    Raises:
        UsageError: nothing is known of the metric.
        DataError: an article cannot be read.
    """
    column = metric or "chrf"
    traits = traits_of(column, workspace.settings.metric.get(column, {}))
    wanted = difference or traits.usual_margin or FIRST_DIFFERENCE
    declared = workspace.settings.statistics.unit
    return [
        plan_without_run(corpus, column, traits, wanted, systems=systems or 2, declared=declared)
        for corpus in read_workspace(workspace.references, pairs=pairs)
    ]
