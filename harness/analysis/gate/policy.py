"""What the gate asks for: ``harness.toml``, with what the command line or the caller says on top; and the tiers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from harness.analysis.gate.verdict import ACCEPTABLE, Policy, Status
from harness.analysis.primary import LEARNED
from harness.checks.load import check_kinds
from harness.errors import UsageError
from harness.metrics.load import traits_of
from harness.store.runs.encoders import had_encoder
from harness.store.runs.glossaries import glossaries_of
from harness.store.runs.result import PairResult, Run
from harness.types import SystemName
from harness.workspace import registry
from harness.workspace.file_models import WorkspaceFile
from harness.workspace.registry import suggestion

CHEAP, FULL = "cheap", "full"

NONE = "none"
"""Accepts nothing, where ``harness.toml`` accepts something."""


def tier_metrics(settings: WorkspaceFile, tier: str) -> tuple[str, ...]:
    """The metrics of a tier; empty means all there are.

    ``cheap`` are those of ``harness.toml`` that need no model, ``full`` is everything; ``[gate.tiers]`` adds others and
    may say otherwise of these.

    Raises:
        UsageError: there is no such tier, or it leaves no metric.
    """
    given = settings.gate.tiers
    if tier in given:
        metrics = given[tier]
        if not metrics:
            raise UsageError(f"[gate.tiers] {tier} is empty", hint=f'{tier} = ["bleu", "chrf"]')
        return metrics
    if tier == FULL:
        return ()
    if tier != CHEAP:
        raise UsageError(f"unknown tier '{tier}'", hint=suggestion(tier, [CHEAP, FULL, *given]))
    traits = {name: traits_of(name, settings.metric.get(name, {})) for name in settings.metrics}
    cheap = tuple(name for name in traits if traits[name].kind not in {*LEARNED, "judge"})
    if not cheap:
        raise UsageError(
            "the cheap tier is empty: every metric in harness.toml needs a model", hint="[gate.tiers] cheap = [...]"
        )
    return cheap


def make_policy(
    settings: WorkspaceFile,
    candidate: Run,
    baseline: Run,
    *,
    margins: Mapping[str, float],
    metrics: Sequence[str],
    systems: Mapping[str, str],
    tier: str,
    max_flagged: Mapping[str, int],
    accept: Sequence[str],
) -> Policy:
    """The policy for one run of the gate; see :func:`harness.api.gate` for the arguments.

    Raises:
        UsageError: a margin is no number of at least 0 or for a metric that the baseline does not have; neither run has
            a system of a name, or a slice; no metric, kind of flag, tier or verdict has a name; or both a tier and
            metrics are given.
    """
    known = {name for pair in baseline.pairs for name in pair.metrics}
    for name, margin in margins.items():
        if not (math.isfinite(margin) and margin >= 0):
            raise UsageError(f"margin of {name}: {margin:g} is not a number of at least 0", hint="--margin bleu=1")
        if name not in known:
            raise UsageError(
                f"margin of {name}: the baseline does not have this metric", hint=suggestion(name, sorted(known))
            )
    if tier and metrics:
        raise UsageError("a tier has its own metrics", hint="give --tier or --metric")
    flagged = {**settings.gate.max_flagged, **max_flagged}
    check_kinds(tuple(flagged), "max_flagged")
    for kind, most in flagged.items():
        if most < 0:
            raise UsageError(f"max_flagged {kind}: {most} is less than 0", hint="0 allows none")
    _check_metrics(settings, (candidate, baseline), metrics)
    _check_slices(settings.gate.slices, (candidate, baseline))
    _check_systems(systems, candidate, baseline)
    return Policy(
        margins={**settings.gate.margin, **margins},
        deciding=settings.gate.metrics,
        only=tuple(metrics),
        within=tier_metrics(settings, tier) if tier else (),
        systems={SystemName(name): SystemName(old) for name, old in systems.items()},
        slices=settings.gate.slices,
        max_flagged=flagged,
        with_glossary=glossaries_of(candidate.settings),
        with_encoder=had_encoder(candidate.settings),
        max_age_days=settings.gate.max_age_days,
        accept=check_accept(accept, "accept") if accept else check_accept(settings.gate.accept, "[gate] accept"),
    )


def check_accept(names: Sequence[str], where: str) -> tuple[Status, ...]:
    """The verdicts that are let through beside ``pass``; the one name ``none`` stands for none of them.

    Raises:
        UsageError: a name is none that may be accepted.
    """
    if tuple(names) == (NONE,):
        return ()
    for name in names:
        if name == "regressed":
            raise UsageError(
                f"{where}: a regression cannot be accepted",
                hint="to make the run the baseline: harness baseline accept RUN; to widen a margin: --margin METRIC=N",
            )
        if name not in ACCEPTABLE:
            raise UsageError(f"{where}: unknown verdict '{name}'", hint=suggestion(name, [*ACCEPTABLE, NONE]))
    return tuple(status for status in ACCEPTABLE if status in names)


def _check_metrics(settings: WorkspaceFile, runs: Sequence[Run], only: Sequence[str]) -> None:
    """A metric that is nowhere is a slip of the pen; one that is only missing in a run is for the gate to judge."""
    scored = [name for run in runs for pair in run.pairs for name in pair.metrics]
    known = sorted({*scored, *settings.metrics, *settings.metric, *registry.names("metrics")})
    given = {
        "[gate] margin": tuple(settings.gate.margin),
        "[gate] metrics": settings.gate.metrics,
        **{f"[gate.tiers] {tier}": names for tier, names in settings.gate.tiers.items()},
        "--metric": tuple(only),
    }
    for where, names in given.items():
        for name in names:
            if name not in known:
                raise UsageError(f"{where}: unknown metric '{name}'", hint=suggestion(name, known))


def _check_slices(keys: Sequence[str], runs: Sequence[Run]) -> None:
    articles = [article for run in runs for pair in run.pairs for article in pair.corpus.articles]
    known = sorted({key for article in articles for key in article.meta})
    for key in keys:
        if key not in known:
            raise UsageError(f"[gate] slices: no article has '{key}' in its metadata", hint=suggestion(key, known))


def _check_systems(systems: Mapping[str, str], candidate: Run, baseline: Run) -> None:
    """A name that neither run has is a slip of the pen; one that one run has is missing in the other."""
    known = {name for run in (candidate, baseline) for pair in run.pairs for name in _systems_of(pair)}
    for name in dict.fromkeys([*systems, *systems.values()]):
        if name not in known:
            raise UsageError(f"--system: neither run has a system '{name}'", hint=suggestion(name, sorted(known)))


def _systems_of(pair: PairResult) -> set[str]:
    return {*(system.name for system in pair.systems), *pair.absent}
