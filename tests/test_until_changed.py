"""Runs until decided that are interrupted, and begun again with other articles, systems or settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import harness as package
from harness.analysis.stats.spending import SHARED, spent
from harness.api.begun import after_looks, begun, notes_of, planned_looks, question_of
from harness.errors import StoreError, UsageError
from harness.reports.words.reasons import noted
from harness.store.cache.answers import Cache
from harness.store.runs.looks_begun import BegunLooks, begun_file, note_looks
from harness.translation.planning import Plan, plan_run
from harness.translation.request import RunRequest
from harness.types import Money
from harness.workspace.folder import open_workspace
from tests.cli.conftest import Shell, harness
from tests.loopback import Loopback
from tests.test_until_decided import PAIR, Vendor, bought

__all__ = ["harness"]

REQUEST = RunRequest(metrics=("chrf",), until_decided=True, seed=1)


def planned(root: Path, request: RunRequest = REQUEST) -> Plan:
    opened = open_workspace(root)
    with Cache.open(opened.cache) as cache:
        return plan_run(opened, request, cache)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace whose run until decided was interrupted after two looks."""
    Vendor(tmp_path, {"fine": 0.1, "fair": 0.12}, articles=24).write_systems("http://127.0.0.1:9")
    plan = planned(tmp_path)
    (pair,) = plan.pairs
    looked = after_looks(
        BegunLooks(question=question_of(plan, pair)), planned_looks(plan, pair, _new(plan)), 2, ended=False
    )
    note_looks(plan.workspace.runs, PAIR, looked)
    return tmp_path


def _new(plan: Plan) -> BegunLooks:
    return BegunLooks(question=question_of(plan, plan.pairs[0]))


def _edit(root: Path) -> RunRequest:
    path = root / "references" / "de-en" / "a03.de.txt"
    path.write_text(path.read_text(encoding="utf-8").replace("wort", "Wort", 1), encoding="utf-8")
    return REQUEST


def _remove(root: Path) -> RunRequest:
    for path in (root / "references" / "de-en").glob("a03.*"):
        path.unlink()
    return REQUEST


def _another_system(root: Path) -> RunRequest:
    given = (root / "systems" / "fine.toml").read_text(encoding="utf-8")
    (root / "systems" / "new.toml").write_text(given.replace("/fine", "/new"), encoding="utf-8")
    return REQUEST


def _other_options(root: Path) -> RunRequest:
    path = root / "systems" / "fine.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("/fine", "/finer"), encoding="utf-8")
    return REQUEST


def _decided_by(root: Path) -> RunRequest:
    with (root / "harness.toml").open("a", encoding="utf-8") as file:
        file.write('[decision]\nmetric = "chrf"\n')
    return REQUEST


Change = Callable[[Path], RunRequest]


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        (_edit, "articles"),
        (_remove, "articles"),
        (_another_system, "systems"),
        (_other_options, "systems"),
        (_decided_by, "metrics"),
        (lambda _: replace(REQUEST, metrics=("bleu",)), "metrics"),
        (lambda _: replace(REQUEST, seed=2), "--seed"),
        (lambda _: replace(REQUEST, look_every=8), "--look-every"),
        (lambda _: replace(REQUEST, articles=tuple(f"a{n:02}" for n in range(16))), "articles"),
    ],
)
def test_who_changes_the_question_pays_for_the_looks_before(root: Path, change: Change, changed: str) -> None:
    plan = planned(root, change(root))
    (pair,) = plan.pairs
    known = begun(plan, pair)
    assert (known.changed, known.looks, known.looks_before) == ((changed,), 0, 2)
    assert known.used_before == pytest.approx(spent(0.75))
    anew, whole = planned_looks(plan, pair, known), planned_looks(plan, pair, _new(plan))
    assert sum(anew.levels) < 0.8 * sum(whole.levels)
    (note,) = notes_of(pair, known)
    assert noted(note).startswith(f"de-en: {changed} changed after 2 looks, which used up 1.37 % of the level")
    # Interrupted again, it goes on with these levels; changed again, it pays again.
    note_looks(plan.workspace.runs, PAIR, after_looks(known, anew, 1, ended=False))
    again = begun(plan, pair)
    assert planned_looks(plan, pair, again) == anew
    assert again.looks == 1
    back = begun(planned(root, replace(plan.request, seed=9)), pair)
    assert back.used_before > known.used_before
    assert back.looks_before == 3


@pytest.mark.parametrize("request_", [REQUEST, replace(REQUEST, margin=2.0, max_cost=Money(1.0, "USD"), name="again")])
def test_the_same_question_goes_on(root: Path, request_: RunRequest) -> None:
    plan = planned(root, request_)
    (pair,) = plan.pairs
    known = begun(plan, pair)
    assert (known.looks, known.used_before, known.changed, notes_of(pair, known)) == (2, 0.0, (), ())
    looks = planned_looks(plan, pair, known)
    assert looks == planned_looks(plan, pair, _new(plan))
    assert after_looks(known, looks, 1, ended=False) == known
    assert after_looks(known, looks, 3, ended=False).used == pytest.approx(SHARED)


def test_another_question_has_the_whole_level(root: Path) -> None:
    few = replace(REQUEST, articles=tuple(f"a{n:02}" for n in range(5)))
    plan = planned(root, few)
    assert begun(plan, plan.pairs[0]) == _new(plan)
    plan = planned(root)
    (pair,) = plan.pairs
    note_looks(
        plan.workspace.runs, PAIR, after_looks(begun(plan, pair), planned_looks(plan, pair, _new(plan)), 3, ended=True)
    )
    changed = planned(root, replace(REQUEST, seed=2))
    assert begun(changed, changed.pairs[0]) == _new(changed)


def test_a_level_that_is_used_up_and_a_file_that_is_damaged_are_said(root: Path) -> None:
    plan = planned(root)
    (pair,) = plan.pairs
    note_looks(plan.workspace.runs, PAIR, _new(plan).model_copy(update={"looks": 3, "used": SHARED}))
    changed = planned(root, replace(REQUEST, seed=2))
    with pytest.raises(UsageError, match="de-en: looks before --seed changed have used up the level"):
        begun(changed, changed.pairs[0])
    begun_file(plan.workspace.runs).write_text("{}", encoding="utf-8")
    with pytest.raises(StoreError, match="which records the looks that were made, is damaged"):
        begun(plan, pair)


@pytest.mark.slow
def test_changed_after_an_interruption_it_says_so_and_looks_more_strictly(tmp_path: Path, harness: Shell) -> None:
    vendor = Vendor(tmp_path, {"fine": 0.1, "fair": 0.12}, articles=24)
    command: tuple[Any, ...] = ("run", "-C", tmp_path, "--until-decided", "--metric", "chrf")
    everything = 2 * sum(map(len, vendor.references)) * 20e-6
    with Loopback(vendor.answer) as server:
        vendor.write_systems(server.url)
        stopped = harness(*command, "--max-cost", 0.6 * everything)
        assert stopped.code == 3, stopped.err
        first = package.load_run(workspace=tmp_path).pairs[0].looks
        shown = harness(*command, "--seed", 77, "--dry-run")
        assert "de-en: --seed changed after" in shown.err
        done = harness(*command, "--seed", 77)
        assert done.code == 0, done.err
        assert max(bought(server).values()) == 1
    assert "de-en: --seed changed after" in done.err
    result = package.load_run(workspace=tmp_path).pairs[0]
    assert first is not None
    assert result.looks is not None
    assert len(first.made) > 1
    assert result.looks.levels[-1] < first.levels[-1]
    assert "--seed changed after" in harness("report", "-C", tmp_path, "--format", "md").out
