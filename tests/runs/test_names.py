"""Runs by name: what may be a name, what it leads to, and reading it from the first bytes."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.reports.words.reasons import sentence
from harness.store.runs.directory import load_run, write_run
from harness.store.runs.heads import HEAD, RunHead, read_head
from harness.store.runs.names import check_name, find_run
from harness.store.runs.result import Run
from tests.runs.test_directory import a_run

FIRST, SECOND, THIRD = (f"2026010{day}T000000-aaaaaa" for day in (1, 2, 3))


def _run(id_: str, name: str = "", status: str = "complete") -> Run:
    return replace(a_run(), id=id_, name=name, status=status)


def test_a_name_is_kept_and_leads_to_its_run(tmp_path: Path) -> None:
    made = write_run(_run(FIRST, "release 1.4"), tmp_path, sentence)
    write_run(_run(SECOND), tmp_path, sentence)
    assert find_run(tmp_path, "release 1.4") == made
    assert load_run(made).name == "release 1.4"
    assert load_run(made).called == f"release 1.4 ({FIRST})"
    with pytest.raises(UsageError, match="no run 'release'"):
        find_run(tmp_path, "release")
    for name, meant in (("release 1.3", "release 1.4"), ("lates", "latest"), (f"{FIRST[:-1]}b", FIRST)):
        with pytest.raises(UsageError) as caught:
            find_run(tmp_path, name)
        assert caught.value.hint.startswith(f"did you mean '{meant}'? to list all 2: harness list runs")
    with pytest.raises(UsageError) as caught:
        find_run(tmp_path / "empty", "latst")
    assert caught.value.hint == "to make one: harness run"


def test_an_id_goes_before_a_name_and_a_name_before_a_path_and_a_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = tmp_path / "runs"
    write_run(_run(FIRST), runs, sentence)
    named = write_run(_run(SECOND, "2026"), runs, sentence)
    sliced = write_run(_run(THIRD, "release/1"), runs, sentence)
    assert find_run(runs, "2026") == named
    monkeypatch.chdir(tmp_path)
    shutil.copytree(named, tmp_path / "release" / "1")
    assert find_run(runs, "release/1") == sliced
    assert find_run(runs, FIRST) == runs / FIRST


def test_a_complete_run_goes_before_incomplete_ones_of_its_name(tmp_path: Path) -> None:
    write_run(_run(FIRST, "nightly", "incomplete"), tmp_path, sentence)
    second = write_run(_run(SECOND, "nightly", "incomplete"), tmp_path, sentence)
    assert find_run(tmp_path, "nightly") == second
    check_name("nightly", tmp_path)
    done = write_run(_run(THIRD, "nightly"), tmp_path, sentence)
    assert find_run(tmp_path, "nightly") == done
    with pytest.raises(UsageError, match=f"{THIRD} already has the name 'nightly'"):
        check_name("nightly", tmp_path)
    shutil.copytree(done, tmp_path / f"{THIRD}-copy")
    with pytest.raises(UsageError, match="2 runs have the name 'nightly'"):
        find_run(tmp_path, "nightly")


@pytest.mark.parametrize(
    "name", ["", " ", " x", "x ", "a\nb", "a\x1b[0m", "latest", "-x", "20260101T000000-aaaaaa", "x" * 101]
)
def test_what_cannot_be_a_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--name"):
        check_name(name, tmp_path)


@pytest.mark.parametrize("name", ["release 1.4", "ünï “quoted”", 'a "b" \\ c', "x" * 100, "3"])
def test_what_can(name: str, tmp_path: Path) -> None:
    check_name(name, tmp_path)
    made = write_run(_run(FIRST, name), tmp_path, sentence)
    assert find_run(tmp_path, name) == made
    assert read_head(made) == RunHead(made, FIRST, name, a_run().created, "complete")


def test_a_manifest_in_another_shape_is_read_whole(tmp_path: Path) -> None:
    made = write_run(_run(FIRST, "mine"), tmp_path, sentence)
    path = made / "run.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    for text in (json.dumps(data), json.dumps(data, indent=4), json.dumps({"environment": {"x": "y" * HEAD}, **data})):
        path.write_text(text, encoding="utf-8")
        assert read_head(made).name == "mine"


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"name": 3}'])
def test_what_cannot_be_read_has_no_name(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes(text)
    assert read_head(tmp_path) == RunHead(tmp_path)


def test_a_name_inside_of_a_pair_is_not_the_run_s(tmp_path: Path) -> None:
    """Systems have names as well, and settings may hold any text."""
    run = replace(a_run(), id=FIRST, command='harness run\n "name": "trap",', settings={"name": "trap"})
    assert read_head(write_run(run, tmp_path, sentence)).name == ""


def test_runs_of_before_have_no_name() -> None:
    folders = sorted((Path(__file__).parents[1] / "data" / "old_runs").glob("*/*/run.json"))
    assert folders
    for path in folders:
        assert read_head(path.parent).name == ""
        assert load_run(path.parent).called == load_run(path.parent).id
