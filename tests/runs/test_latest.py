"""Which run was made last: what is recorded, and everything that must not win against it."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from harness.errors import StoreError, UsageError
from harness.store.runs import latest
from harness.store.runs.directory import list_runs
from harness.store.runs.latest import record_of, why_partial
from harness.store.runs.names import find_run
from harness.store.runs.result import Run
from tests.kept import write_run
from tests.runs.test_directory import a_run

EARLY, LATE = "20260101T000000-aaaaaa", "20270101T000000-bbbbbb"


def _run(name: str, **settings: object) -> Run:
    return replace(a_run(), id=name, status="complete", settings=settings)


def test_the_run_made_last_wins_over_greater_names(tmp_path: Path) -> None:
    write_run(_run(LATE), tmp_path)
    made = write_run(_run(EARLY), tmp_path)  # the clock was put back
    assert list_runs(tmp_path)[-1].name == LATE
    for name in ("", "latest"):
        assert find_run(tmp_path, name) == made
    shutil.copytree(tmp_path / LATE, tmp_path / "99991231T235959-ffffff")
    shutil.copytree(tmp_path / LATE, tmp_path / f"{EARLY}-copy")
    assert find_run(tmp_path, "") == made
    assert find_run(tmp_path, EARLY) == made


def test_of_two_runs_in_one_second_the_one_made_last_wins(tmp_path: Path) -> None:
    for name in ("20260101T000000-ffffff", "20260101T000000-aaaaaa"):
        made = write_run(_run(name), tmp_path)
        assert find_run(tmp_path, "") == find_run(tmp_path, "latest") == made


def test_without_a_record_only_a_single_run_is_taken(tmp_path: Path) -> None:
    for name in ("", "latest"):
        with pytest.raises(UsageError, match="no runs in"):
            find_run(tmp_path, name)
    write_run(_run(EARLY), tmp_path)
    record_of(tmp_path).unlink()
    assert find_run(tmp_path, "") == find_run(tmp_path, "latest") == tmp_path / EARLY
    shutil.copytree(tmp_path / EARLY, tmp_path / LATE)
    for name in ("", "latest"):
        with pytest.raises(UsageError, match=r"2 runs .* no record of the most recent one"):
            find_run(tmp_path, name)
    assert find_run(tmp_path, LATE) == tmp_path / LATE


def _gone(folder: Path) -> None:
    shutil.rmtree(folder)


def _manifest(folder: Path) -> None:
    path = folder / "run.json"
    path.write_text(path.read_text(encoding="utf-8").replace("harness run", "harness  run"), encoding="utf-8")


def _outcomes(folder: Path) -> None:
    with (folder / "outcomes.jsonl").open("a", encoding="utf-8") as stream:
        stream.write("\n")


def _swapped(folder: Path) -> None:
    for name in ("segments.jsonl", "outcomes.jsonl"):
        (folder / name).rename(folder / f"{name}.old")
    (folder / "segments.jsonl.old").rename(folder / "outcomes.jsonl")
    (folder / "outcomes.jsonl.old").rename(folder / "segments.jsonl")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_gone, "is missing"),
        (_manifest, "has changed since"),
        (_outcomes, "has changed since"),
        (_swapped, "has changed since"),
    ],
)
def test_a_run_that_is_not_what_was_made_is_not_taken(
    tmp_path: Path, change: Callable[[Path], None], says: str
) -> None:
    write_run(_run(LATE), tmp_path)
    change(write_run(_run(EARLY), tmp_path))
    for name in ("", "latest"):
        with pytest.raises(UsageError, match=says) as caught:
            find_run(tmp_path, name)
        assert EARLY in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "status", "why"),
    [
        ({"limit": 10}, "complete", "limited by --limit"),
        ({"systems": ["a"], "articles": ["x"]}, "complete", "limited by --system, --article"),
        ({"only_pairs": ["de-en"]}, "complete", "limited by --pair"),
        ({"skipped_articles": ["x"]}, "complete", "limited by --skip-article"),
        ({}, "incomplete", "incomplete"),
        ({"limit": 0, "systems": [], "articles": [], "only_pairs": []}, "complete", ""),
    ],
)
def test_latest_is_never_a_part(tmp_path: Path, settings: dict[str, object], status: str, why: str) -> None:
    run = replace(a_run(), id=LATE, settings=settings, status=status)
    assert why_partial(run) == why
    whole = write_run(_run(EARLY), tmp_path)
    made = write_run(run, tmp_path)
    assert find_run(tmp_path, "") == made
    told: list[str] = []
    assert find_run(tmp_path, "latest", told.append) == (whole if why else made)
    assert told == ([f"the later run {LATE} is {why}; the last complete and unfiltered run is {EARLY}"] if why else [])
    if why:
        with pytest.raises(UsageError, match="complete and unfiltered") as caught:
            find_run(tmp_path, "latest")
        assert all(name in str(caught.value) for name in (EARLY, LATE))


def test_a_whole_run_that_ends_while_another_is_noted_is_not_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = latest._read
    others: list[threading.Thread] = []

    def meanwhile(path: Path) -> object:
        before = read(path)
        if not others:  # between reading and writing
            others.append(threading.Thread(target=write_run, args=(_run(LATE), tmp_path)))
            others[0].start()
            others[0].join(0.5)
        return before

    write_run(_run(EARLY), tmp_path)
    monkeypatch.setattr(latest, "_read", meanwhile)
    write_run(_run("20260101T000001-cccccc", limit=1), tmp_path)
    others[0].join(60)
    assert find_run(tmp_path, "latest").name == LATE


def test_a_record_that_another_process_holds_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_run(_run(EARLY), tmp_path)
    monkeypatch.setattr(latest, "PATIENCE", 0.05)
    with (
        FileLock(record_of(tmp_path).with_suffix(".lock")),
        pytest.raises(StoreError, match=r"held by another process for 0\.05 s"),
    ):
        write_run(_run(LATE), tmp_path)


def test_latest_is_never_a_trial_even_where_no_run_is_whole(tmp_path: Path) -> None:
    made = write_run(_run(EARLY, limit=1), tmp_path)
    told: list[str] = []
    for tell in (None, told.append):
        with pytest.raises(
            UsageError, match=f"no run is complete and unfiltered: the most recent, {EARLY}, is limited by --limit"
        ):
            find_run(tmp_path, "latest", tell)
    assert told == []
    assert find_run(tmp_path, "") == made


def test_where_all_runs_are_incomplete_latest_is_only_good_for_looking(tmp_path: Path) -> None:
    made = write_run(replace(_run(EARLY), status="incomplete"), tmp_path)
    doubt = f"no run is complete and unfiltered; the most recent, {EARLY}, is incomplete"
    with pytest.raises(UsageError, match=doubt):
        find_run(tmp_path, "latest")
    told: list[str] = []
    assert find_run(tmp_path, "latest", told.append) == made
    assert told == [doubt]


def _record(**made: object) -> str:
    return json.dumps({"schema_version": 1, "made": {"run": EARLY, "digest": "", "partial": "", **made}})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "[" * 100_000,
        '{"schema_version": 2}',
        _record(run="../elsewhere"),
        _record(run="/etc"),
        _record(run=".."),
        _record(run=""),
        _record(extra=1),
    ],
    ids=range(10),
)
def test_a_damaged_record_is_said_and_replaced_by_the_next_run(tmp_path: Path, text: str) -> None:
    write_run(_run(EARLY), tmp_path)
    record_of(tmp_path).write_text(text, encoding="utf-8")
    for name in ("", "latest"):
        with pytest.raises(StoreError, match="damaged"):
            find_run(tmp_path, name)
    assert find_run(tmp_path, EARLY) == tmp_path / EARLY
    assert write_run(_run(LATE), tmp_path) == find_run(tmp_path, "latest")


def test_names_that_a_folder_elsewhere_could_steal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = tmp_path / "runs"
    made = write_run(_run(EARLY), runs)
    write_run(_run(LATE), tmp_path / "elsewhere")
    monkeypatch.chdir(tmp_path)
    for name in ("latest", EARLY, "2026"):
        shutil.copytree(tmp_path / "elsewhere" / LATE, tmp_path / name)
        assert find_run(runs, name) == made
    shutil.copy(tmp_path / "elsewhere" / LATE / "run.json", tmp_path / "run.json")
    assert find_run(runs, "") == made


@pytest.mark.parametrize("name", ["name with spaces", "ünï-“quoted”", "a=b", "-x", "{}"])
def test_odd_ids_and_links(tmp_path: Path, name: str) -> None:
    made = write_run(_run(name), tmp_path / "runs")
    assert find_run(tmp_path / "runs", "latest") == made
    elsewhere = tmp_path / "elsewhere"
    made.rename(elsewhere)
    made.symlink_to(elsewhere, target_is_directory=True)
    assert find_run(tmp_path / "runs", "latest") == made
