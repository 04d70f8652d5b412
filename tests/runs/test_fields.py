"""What is in memory and what is in a run's files have the same fields, or a reason why not."""

from __future__ import annotations

from dataclasses import fields

import pytest
from pydantic import BaseModel

from harness.metrics.interface import ErrorSpan
from harness.store.runs.fields import by_name
from harness.store.runs.latency import Timing
from harness.store.runs.result import Run, SystemResult, Traffic
from harness.store.runs.schema import (
    EngineFile,
    IdentityFile,
    RunFile,
    SpanFile,
    SystemEntry,
    TimingFile,
    TrafficFile,
    TraitsFile,
)
from harness.types import EngineIdentity, MetricIdentity, Traits


@pytest.mark.parametrize(
    ("kept", "model", "in_memory_only", "in_file_only"),
    [
        (Run, RunFile, set(), {"schema_version"}),
        (SystemResult, SystemEntry, {"outcomes", "flags", "tables"}, set()),  # these have files of their own
        (Traffic, TrafficFile, set(), set()),
        (Timing, TimingFile, set(), set()),
        (EngineIdentity, EngineFile, set(), set()),
        (MetricIdentity, IdentityFile, set(), set()),
        (Traits, TraitsFile, set(), set()),
        (ErrorSpan, SpanFile, set(), set()),
    ],
)
def test_a_field_is_kept_under_its_own_name(
    kept: type, model: type[BaseModel], in_memory_only: set[str], in_file_only: set[str]
) -> None:
    in_memory = {field.name for field in fields(kept)}
    assert in_memory - in_memory_only == set(model.model_fields) - in_file_only


def test_a_field_that_nobody_gives_is_an_error() -> None:
    identity = EngineIdentity("deepl", "2", {"formality": "less"})
    assert by_name(identity, EngineFile, version="3") == {
        "engine": "deepl",
        "version": "3",
        "options": {"formality": "less"},
    }
    with pytest.raises(AttributeError):
        by_name(identity, RunFile)
