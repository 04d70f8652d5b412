"""The baseline file: read again as it was written, of any earlier schema, and refused where it cannot be."""

from __future__ import annotations

import base64
import json
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import harness.store.baseline as baseline_module
from harness.errors import StoreError, UsageError
from harness.store.baseline import BASELINE_SCHEMA, Baseline, load_baseline
from harness.store.runs.result import Traffic
from harness.types import Missing
from tests.kept import write_baseline
from tests.runs.test_directory import a_run, assert_equal_runs

WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "reports" / "baseline.json"
    write_baseline(Baseline(a_run(), WHEN, "first"), path)
    return path


def change(path: Path, **keys: Any) -> None:
    data = json.loads(path.read_text(encoding="ascii"))
    path.write_text(json.dumps(data | keys), encoding="ascii")


def test_it_is_read_as_it_was_written(path: Path) -> None:
    found = load_baseline(path)
    assert (found.accepted, found.note) == (WHEN, "first")
    assert_equal_runs(found.run, a_run())


def test_a_time_without_its_zone_is_damage(path: Path) -> None:
    change(path, accepted="2026-03-04T05:06:07")
    with pytest.raises(StoreError, match="damaged: ValueError: accepted: a time without its time zone"):
        load_baseline(path)


@pytest.mark.parametrize("version", [BASELINE_SCHEMA + 1, "2", None])
def test_a_newer_file_is_refused(path: Path, version: object) -> None:
    change(path, schema_version=version)
    with pytest.raises(StoreError, match="written by a newer harness"):
        load_baseline(path)


def test_a_newer_run_in_it_is_refused(path: Path) -> None:
    run = json.loads(path.read_text(encoding="ascii"))["run"]
    change(path, run=run | {"schema_version": run["schema_version"] + 1})
    with pytest.raises(StoreError, match="written by a newer harness"):
        load_baseline(path)


def test_a_run_of_the_first_schema_in_it_is_brought_up_to_date(path: Path) -> None:
    run = json.loads(path.read_text(encoding="ascii"))["run"]
    for pair in run["pairs"]:
        for system in pair["systems"]:
            del system["traffic"], system["repeats"]
    change(path, run=run | {"schema_version": 1})
    systems = [system for pair in load_baseline(path).run.pairs for system in pair.systems]
    assert systems
    assert all(isinstance(system.traffic, Missing) and not isinstance(system.traffic, Traffic) for system in systems)


def test_none_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no baseline at"):
        load_baseline(tmp_path / "baseline.json")


def test_what_is_out_of_all_proportion_unpacked(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baseline_module, "MOST_UNPACKED", 2**20)
    packed = base64.b64encode(zlib.compress(b" " * 2**22)).decode()
    change(path, outcomes=packed)
    with pytest.raises(StoreError, match=r"damaged: ValueError: more than 0 GiB unpacked"):
        load_baseline(path)
    change(path, outcomes=packed[:400])
    with pytest.raises(StoreError, match=r"damaged: ValueError: cut off"):
        load_baseline(path)
