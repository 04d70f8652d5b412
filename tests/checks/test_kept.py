"""Flags from earlier runs: the same as new ones, and never those of other texts, terms or rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from harness.checks import run, stored
from harness.checks.glossary import term_reason
from harness.checks.interface import WHOLE, CheckContext, Flag, Item
from harness.checks.load import NOT_CHECKED, load_checks
from harness.checks.run import check_system
from harness.checks.stored import check_systems
from harness.types import Corpus, Outcome, SystemName, Translated
from harness.workspace.languages import parse_pair
from tests.checks.material import corpus_of, translated
from tests.metrics.build import MemoryCache

SOURCES = tuple(f"The ferry to island {number} leaves at {number + 6} o'clock." for number in range(30))

REFERENCES = tuple((text,) for text in SOURCES)
FAULTY = ("", *SOURCES[1:-1], "See <b>\ud800</b> 12 12 12 12 12 12 12 12")


@pytest.fixture
def corpus() -> Corpus:
    return corpus_of(parse_pair("en-de"), SOURCES, ["ferries"] * len(SOURCES), REFERENCES)


@pytest.fixture
def outputs() -> dict[SystemName, tuple[Outcome, ...]]:
    return {SystemName("good"): translated(SOURCES), SystemName("faulty"): translated(FAULTY)}


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    calls: list[int] = []
    original = run.check_outputs

    def counted(corpus: Corpus, systems: Sequence[Sequence[Outcome]], context: CheckContext, *count: Any) -> object:
        calls.extend([1] * len(systems))
        return original(corpus, systems, context, *count)

    monkeypatch.setattr(stored, "check_outputs", counted)
    return calls


def test_kept_flags_are_the_flags(
    corpus: Corpus, outputs: dict[SystemName, tuple[Outcome, ...]], checked: list[int]
) -> None:
    cache = MemoryCache()
    first, second = (check_systems(corpus, outputs, kept=cache) for _ in range(2))
    assert len(checked) == 2
    assert first == second == {name: check_system(corpus, answers) for name, answers in outputs.items()}
    assert any(first[SystemName("faulty")])


def test_other_texts_terms_and_rules_are_checked_again(
    corpus: Corpus,
    outputs: dict[SystemName, tuple[Outcome, ...]],
    checked: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cache = MemoryCache()
    check_systems(corpus, outputs, kept=cache)
    checked.clear()
    changed = {**outputs, SystemName("good"): (Translated("Neu."), *outputs[SystemName("good")][1:])}
    check_systems(corpus, changed, kept=cache)
    assert len(checked) == 1
    check_systems(corpus, outputs, {"river": "Fluss"}, kept=cache)
    assert len(checked) == 3
    monkeypatch.setattr(stored, "_code", lambda: "other rules")
    check_systems(corpus, outputs, kept=cache)
    assert len(checked) == 5


def test_the_code_of_the_checks_is_all_there() -> None:
    assert len(stored._code()) == 40
    assert all(stored._modules(stored.files("harness").joinpath(name)) for name in stored.CODE)


def test_a_check_that_failed_is_run_again(
    corpus: Corpus,
    outputs: dict[SystemName, tuple[Outcome, ...]],
    checked: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(item: Item, _context: CheckContext) -> Iterator[Flag]:
        raise MemoryError(item.text)

    cache = MemoryCache()
    monkeypatch.setattr(run, "load_checks", lambda: {**load_checks(), "number": broken})
    flags = check_systems(corpus, outputs, kept=cache)
    assert {flag.failed for flag in flags[SystemName("good")][0]} >= {"number"}
    monkeypatch.undo()
    again = check_systems(corpus, outputs, kept=cache)
    assert not [flag for segment in again[SystemName("good")] for flag in segment if flag.kind == NOT_CHECKED]


def test_what_failed_and_what_was_wanted_survive_being_kept() -> None:
    flags = (
        (Flag("not_checked", WHOLE, "it failed", 0.0, "number"),),
        (Flag("number", (1, 2), "340", 0.5), Flag("glossary", WHOLE, term_reason("Ufer", ["bank", "shore"]), 0.9)),
    )
    assert stored.decode(stored.encode(flags), len(flags)) == flags
