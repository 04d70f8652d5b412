"""What the gate asks for: ``harness.toml``, with what the command line or the caller says on top; and the tiers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from harness.config import WorkspaceFile
from harness.decision_policy import check_kinds
from harness.errors import UsageError
from harness.registry import suggestion
from harness.runs.result import Run
from harness.types import SystemName
from harness.verdict import Policy

CHEAP, FULL = "cheap", "full"


def tier_metrics(settings: WorkspaceFile, tier: str) -> tuple[str, ...]:
    """The metrics of a tier; empty means all there are.

    ``cheap`` are those of ``harness.toml`` that need no model, ``full`` is everything; ``[gate.tiers]`` adds others and
    may say otherwise of these.

    Raises:
        UsageError: there is no such tier, or it leaves no metric.
    """
    given = settings.gate.tiers
    if tier in given:
        found = given[tier]
        if not found:
            raise UsageError(f"[gate.tiers] {tier} names no metric", hint=f'{tier} = ["bleu", "chrf"]')
        return found
    if tier == FULL:
        return ()
    if tier != CHEAP:
        raise UsageError(f"there is no tier '{tier}'", hint=suggestion(tier, [CHEAP, FULL, *given]))
    found = tuple(name for name in settings.metrics if settings.metric.get(name, {}).get("metric", name) != "comet")
    if not found:
        raise UsageError("every metric of harness.toml needs a model: none is cheap", hint="[gate.tiers] cheap = [...]")
    return found


def make_policy(
    settings: WorkspaceFile,
    baseline: Run,
    *,
    margins: Mapping[str, float],
    metrics: Sequence[str],
    systems: Mapping[str, str],
    tier: str,
    max_flagged: Mapping[str, int],
) -> Policy:
    """The policy for one run of the gate; see :func:`harness.api.gate` for the arguments.

    Raises:
        UsageError: a margin is no number of at least 0 or for a metric that the baseline does not have, no check finds
            a kind of flag, there is no such tier, or both a tier and metrics are given.
    """
    known = {name for pair in baseline.pairs for name in pair.metrics}
    for name, margin in margins.items():
        if not (math.isfinite(margin) and margin >= 0):
            raise UsageError(f"margin of {name}: {margin:g} is not a number of at least 0", hint="--margin bleu=1")
        if name not in known:
            raise UsageError(f"margin of {name}: the baseline has no such metric", hint=", ".join(sorted(known)))
    if tier and metrics:
        raise UsageError("a tier names its metrics itself", hint="give --tier or --metric")
    flagged = {**settings.gate.max_flagged, **max_flagged}
    check_kinds(tuple(flagged), "max_flagged")
    for kind, most in flagged.items():
        if most < 0:
            raise UsageError(f"max_flagged {kind}: {most} is less than 0", hint="0 allows none")
    return Policy(
        margins={**settings.gate.margin, **margins},
        deciding=settings.gate.metrics,
        only=tuple(metrics),
        within=tier_metrics(settings, tier) if tier else (),
        systems={SystemName(name): SystemName(old) for name, old in systems.items()},
        slices=settings.gate.slices,
        max_flagged=flagged,
        max_age_days=settings.gate.max_age_days,
    )
