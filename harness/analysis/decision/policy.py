"""The user's policy: from ``[decision]`` of ``harness.toml`` into a run's settings, and back for its reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from harness.analysis.decision.recommendation import DecisionPolicy
from harness.store.runs.encoders import had_encoder
from harness.store.runs.glossaries import glossaries_of
from harness.types import JsonValue, SystemName

if TYPE_CHECKING:
    from harness.workspace.file_models import DecisionFile


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


def policy_settings(given: DecisionFile) -> dict[str, JsonValue]:
    """What a run keeps of the policy: the keys that were given."""
    return cast("dict[str, JsonValue]", given.model_dump(mode="json", exclude_defaults=True))


def policy_of(settings: Mapping[str, JsonValue]) -> DecisionPolicy:
    """The policy among the settings of a run; the usual one where it keeps none.

    Raises:
        ConfigError: what it keeps is no policy.
    """
    kept = settings.get("decision", {})
    return replace(
        DecisionPolicy() if kept == {} else _read(kept),
        tuned_on=tuned_of(settings),
        with_glossary=glossaries_of(settings),
        with_encoder=had_encoder(settings),
    )


def _read(kept: JsonValue) -> DecisionPolicy:
    from harness.workspace.config import parse_model
    from harness.workspace.file_models import DecisionFile

    data = dict(kept) if isinstance(kept, dict) else {"decision": kept}
    return policy_from(parse_model(DecisionFile, data, "the run's settings [decision]"))


TUNED = "tuned_on"


def tuned_settings(given: Mapping[SystemName, tuple[str, ...]]) -> dict[str, JsonValue]:
    """What a run keeps of what its system files say they were tuned on; nothing where none says so."""
    said: dict[str, JsonValue] = {name: list(metrics) for name, metrics in given.items() if metrics}
    return {TUNED: said} if said else {}


def tuned_of(settings: Mapping[str, JsonValue]) -> dict[SystemName, tuple[str, ...]]:
    """System to the metrics it was tuned on, as the settings of a run have it."""
    kept = settings.get(TUNED, {})
    tuned = kept.items() if isinstance(kept, dict) else ()
    return {SystemName(name): tuple(map(str, metrics)) for name, metrics in tuned if isinstance(metrics, list)}
