"""Deciding by a policy from ``harness.toml`` and the limits somebody gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.analysis import Analysis, Asked, analyse
from harness.analysis.decision.policy import policy_from, tuned_of
from harness.checks.load import check_kinds
from harness.errors import UsageError
from harness.store.runs.encoders import had_encoder
from harness.store.runs.glossaries import glossaries_of
from harness.store.runs.result import Run
from harness.workspace.file_models import DecisionFile
from harness.workspace.registry import suggestion


def analyse_by(
    run: Run,
    given: DecisionFile,
    *,
    metric: str = "",
    max_cost_per_million: float | None = None,
    max_p95: float | None = None,
    slices: Sequence[str] = (),
) -> Analysis:
    """What a run shows by ``[decision]`` of ``harness.toml``; a metric or limit given here replaces the one there.

    Routing is tried by ``slices`` alone where there are any.

    Raises:
        UsageError: the run has no such metric, or no check raises a flag that must not occur.
    """
    usual = policy_from(given)
    policy = replace(
        usual,
        metric=metric or usual.metric,
        max_cost_per_million=usual.max_cost_per_million if max_cost_per_million is None else max_cost_per_million,
        max_p95=usual.max_p95 if max_p95 is None else max_p95,
        tuned_on=tuned_of(run.settings),
        with_glossary=glossaries_of(run.settings),
        with_encoder=had_encoder(run.settings),
    )
    known = {name for result in run.pairs for name in result.metrics}
    if policy.metric and policy.metric not in known:
        raise UsageError(f"the run has no metric '{policy.metric}'", hint=suggestion(policy.metric, sorted(known)))
    check_kinds(policy.no_flags, "no_flags")
    return analyse(run, policy, asked=Asked(slices=tuple(slices)))
