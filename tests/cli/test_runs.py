"""Names of runs on the command line, and pruning."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harness.reports.words.reasons import sentence
from harness.store.runs.directory import list_runs, write_run
from harness.store.runs.latest import record_of
from tests.cli.conftest import Shell
from tests.cli.test_gate_runs import _run, workspace
from tests.runs.test_directory import a_run

__all__ = ["workspace"]

COMMANDS = (("report",), ("compare",), ("decide",), ("gate",), ("baseline", "accept"))


def test_a_name_goes_wherever_a_run_goes(workspace: Path, harness: Shell) -> None:
    made = _run(workspace, harness, "--name", "release 1.4")
    _run(workspace, harness, "--name", "a trial", "--limit", "2")
    for command in COMMANDS:
        outputs = {harness(*command, *run, "-C", workspace).out for run in ((made,), ("release 1.4",), ("--run", made))}
        assert len(outputs) == 1, command
        twice = harness(*command, "release 1.4", "--run", "release 1.4", "-C", workspace)
        assert twice.code == (
            2 if command[0] in ("report", "compare") else harness(*command, made, "-C", workspace).code
        )
    assert json.loads(harness("baseline", "show", "-C", workspace, "--format", "json").out)["name"] == "release 1.4"


def test_a_name_is_shown(workspace: Path, harness: Shell) -> None:
    made = _run(workspace, harness, "--name", "release <1.4>")
    assert harness("list", "runs", "-C", workspace).out.splitlines()[-1].endswith("\trelease <1.4>")
    listed = json.loads(harness("list", "runs", "-C", workspace, "--format", "json").out)
    assert [run["name"] for run in listed] == ["", "release <1.4>"]
    for name in ("terminal", "md", "html", "latex"):
        text = harness("report", "-C", workspace, "--format", name).out
        assert made in text
        assert "1.4" in text, name
        assert "release <1.4>" not in text or name in ("terminal", "latex"), name
    assert json.loads(harness("report", "-C", workspace, "--format", "json").out)["run"]["name"] == "release <1.4>"
    history = harness("report", "-C", workspace, "--history", "--format", "json").out
    assert [run["name"] for run in json.loads(history)["runs"]] == ["", "release <1.4>"]


def test_a_taken_name_is_refused_before_anything_is_sent(workspace: Path, harness: Shell) -> None:
    made = _run(workspace, harness, "--name", "nightly")
    runs = workspace / "reports" / "runs"
    before = list_runs(runs)
    done = harness("run", "-C", workspace, "--name", "nightly")
    assert done.code == 2
    assert done.err == f"error: the run {made} already has the name 'nightly'\nhint: choose another name\n"
    assert harness("run", "-C", workspace, "--name", "").code == 2
    assert list_runs(runs) == before


def test_latest_is_never_a_trial(workspace: Path, harness: Shell) -> None:
    whole = harness("list", "runs", "-C", workspace).out.split("\t")[0]
    for number, filters in enumerate(
        (("--system", "mine"), ("--article", "a0"), ("--pair", "de-en"), ("--limit", "2"))
    ):
        trial = _run(workspace, harness, *filters)
        for command in ("report", "compare", "decide"):
            done = harness(command, "latest", "-C", workspace)
            assert done.out == harness(command, whole, "-C", workspace).out
            flag = filters[0]
            assert done.err == (
                f"note: the later run {trial} is limited by {flag}; the last complete and unfiltered run is {whole}\n"
            ), number
        done = harness("gate", "latest", "-C", workspace)
        assert done.code == 2
        assert trial in done.err
        assert whole in done.err


NOW = datetime.now(UTC).replace(microsecond=0)


def _stored(root: Path, days: int, name: str = "") -> str:
    made = NOW - timedelta(days=days)
    run = replace(
        a_run(),
        id=f"{made:%Y%m%dT%H%M%S}-{days:06d}",
        name=name,
        created=made.isoformat(),
        status="complete",
        settings={},
    )
    write_run(run, root / "reports" / "runs", sentence)
    return run.id


def _left(root: Path) -> list[str]:
    return [folder.name for folder in list_runs(root / "reports" / "runs")]


def test_pruning_shows_first_and_deletes_with_yes(tmp_path: Path, harness: Shell) -> None:
    ids = [_stored(tmp_path, days) for days in (90, 60, 40, 20, 1)]
    size = sum(path.stat().st_size for path in (tmp_path / "reports" / "runs" / ids[0]).iterdir())
    done = harness("runs", "prune", "-C", tmp_path, "--older-than", "30d")
    assert done.code == 0
    assert [line.split("\t")[0] for line in done.out.splitlines()] == ids[:3]
    assert all(line.endswith("\twould be deleted") for line in done.out.splitlines())
    assert f"{size / 1000:.1f} kB" in done.out.splitlines()[0]
    assert done.err.startswith("3 runs, ")
    assert done.err.endswith("would be deleted\nhint: add --yes to delete them\n")
    assert _left(tmp_path) == ids
    done = harness("runs", "prune", "-C", tmp_path, "--older-than", "30d", "--yes", "--format", "json")
    assert [item["id"] for item in json.loads(done.out) if item["deleted"]] == ids[:3]
    assert json.loads(done.out)[0]["bytes"] == size
    assert _left(tmp_path) == ids[3:]
    assert harness("runs", "prune", "-C", tmp_path, "--older-than", "30d").err == "0 runs, 0 bytes would be deleted\n"


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        (("--keep", "2"), [3, 4]),
        (("--keep", "9"), [0, 1, 2, 3, 4]),
        (("--keep", "0"), [4]),
        (("--keep", "4", "--older-than", "4w"), [1, 2, 3, 4]),
        (("--keep", "1", "--older-than", "50d"), [2, 3, 4]),
        (("--older-than", "1000h"), [3, 4]),
    ],
)
def test_what_goes(arguments: tuple[str, ...], left: list[int], tmp_path: Path, harness: Shell) -> None:
    ids = [_stored(tmp_path, days) for days in (90, 60, 42, 20, 1)]
    assert harness("runs", "prune", "-C", tmp_path, "--yes", *arguments).code == 0
    assert _left(tmp_path) == [ids[number] for number in left]


def test_what_never_goes(tmp_path: Path, harness: Shell) -> None:
    baseline, elsewhere, aside, named, linked, undated, old = (
        _stored(tmp_path, days, name)
        for days, name in zip(range(90, 20, -10), ["", "", "", "v1", "", "", ""], strict=True)
    )
    last = _stored(tmp_path, 10)
    runs = tmp_path / "reports" / "runs"
    assert harness("baseline", "accept", baseline, "-C", tmp_path).code == 0
    assert harness("baseline", "accept", aside, "-C", tmp_path, "--baseline", tmp_path / "reports" / "b.json").code == 0
    given = tmp_path / "else.json"
    assert harness("baseline", "accept", elsewhere, "-C", tmp_path, "--baseline", given).code == 0
    (tmp_path / "reports" / "notes.json").write_text("[1]")
    (tmp_path / "reports" / "broken.json").write_text("{")
    (runs / linked).rename(tmp_path / "aside")
    (runs / linked).symlink_to(tmp_path / "aside", target_is_directory=True)
    manifest = runs / undated / "run.json"
    manifest.write_text(manifest.read_text().replace('"created": "2', '"created": "then: 2'))
    arguments = ("runs", "prune", "-C", tmp_path, "--keep", "0", "--baseline", given)
    done = harness(*arguments, "--yes")
    assert done.code == 0, done.err
    why = {line.split("\t")[0]: line.split("\t")[-1] for line in done.out.splitlines()}
    assert why == {
        baseline: "kept: it is a baseline",
        elsewhere: "kept: it is a baseline",
        aside: "kept: it is a baseline",
        named: "kept: it has a name; --named deletes it too",
        linked: "kept: it is a link",
        undated: "kept: its date cannot be read",
        old: "deleted",
        last: "kept: it is the most recent run, or the latest complete one",
    }
    assert set(_left(tmp_path)) == set(why) - {old}
    assert harness(*arguments, "--named", "--yes").err.startswith("1 run, ")
    assert named not in _left(tmp_path)
    assert harness("report", "latest", "-C", tmp_path).code == 0


def test_a_baseline_that_cannot_be_read_stops_it(tmp_path: Path, harness: Shell) -> None:
    ids = [_stored(tmp_path, days) for days in (90, 1)]
    (tmp_path / "reports" / "baseline.json").write_text("{")
    assert harness("runs", "prune", "-C", tmp_path, "--keep", "0", "--yes").code == 2
    (tmp_path / "reports" / "baseline.json").unlink()
    for file in ("nothing.json", "reports"):
        assert harness("runs", "prune", "-C", tmp_path, "--keep", "0", "--yes", "--baseline", tmp_path / file).code == 2
    record_of(tmp_path / "reports" / "runs").write_text("{")
    assert harness("runs", "prune", "-C", tmp_path, "--keep", "0", "--yes").code == 2
    assert _left(tmp_path) == ids


@pytest.mark.parametrize("arguments", [(), ("--older-than", "30"), ("--older-than", "0d"), ("--keep", "-1")])
def test_prune_wants_to_know_what(arguments: tuple[str, ...], tmp_path: Path, harness: Shell) -> None:
    kept = _stored(tmp_path, 90)
    assert harness("runs", "prune", "-C", tmp_path, "--yes", *arguments).code == 2
    assert _left(tmp_path) == [kept]


def test_pruning_nothing(tmp_path: Path, harness: Shell) -> None:
    done = harness("runs", "prune", "-C", tmp_path, "--keep", "3")
    assert (done.code, done.out) == (0, "")
    shutil.rmtree(tmp_path)
