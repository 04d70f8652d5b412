"""The user's policy: from ``[decision]`` of ``harness.toml`` into a run's settings, and back for its reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from harness.checks.run import KINDS
from harness.config import DecisionFile, parse_model
from harness.errors import ConfigError
from harness.recommendation import DecisionPolicy
from harness.registry import suggestion
from harness.types import JsonValue


def policy_from(given: DecisionFile) -> DecisionPolicy:
    """The policy that a file describes."""
    return DecisionPolicy(
        metric=given.metric,
        weights=given.weights,
        max_cost_per_million=given.max_cost_per_million,
        max_p95=given.max_p95,
        no_flags=given.no_flags,
        currency=given.currency,
    )


def check_kinds(kinds: tuple[str, ...], where: str) -> None:
    """Refuse a kind of flag that no check finds: a misspelt limit would change nothing and look kept.

    Raises:
        ConfigError: there is none of that name.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise ConfigError(f"{where}: no check finds '{kind}'", hint=suggestion(kind, list(KINDS)))


def policy_settings(given: DecisionFile) -> dict[str, JsonValue]:
    """What a run keeps of the policy: the keys that were given."""
    return cast("dict[str, JsonValue]", given.model_dump(mode="json", exclude_defaults=True))


def policy_of(settings: Mapping[str, JsonValue]) -> DecisionPolicy:
    """The policy among the settings of a run; the usual one where it keeps none.

    Raises:
        ConfigError: what it keeps is no policy.
    """
    kept = settings.get("decision", {})
    data = dict(kept) if isinstance(kept, dict) else {"decision": kept}
    return policy_from(parse_model(DecisionFile, data, "the run's settings [decision]"))
