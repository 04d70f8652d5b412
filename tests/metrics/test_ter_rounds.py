"""TER without the compiled library against sacrebleu, row by row; with it, too, where sacrebleu takes seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import TER

from harness.metrics.strings import kernels, ter_rounds
from harness.metrics.strings.kernels import Count, Portion
from harness.metrics.strings.sacrebleu_stats import extract
from harness.workspace.kernels import Absent
from tests.metrics.build import lines
from tests.metrics.test_kernels import FEW_WORDS, OFF, REFERENCES, TEXT, Pairs, hard_pairs

ORACLES = {"ter": TER(), "case": TER(case_sensitive=True), "options": TER(normalized=True, asian_support=True)}


def check(oracle: TER, pairs: Pairs, *others: Count | Absent) -> None:
    """An absent one leaves the counting to sacrebleu."""
    theirs = extract(oracle, pairs, 2, OFF)
    for count in (ter_rounds.count(oracle), *others):
        ours = extract(oracle, pairs, 2, count)
        different = np.flatnonzero((ours != theirs).any(axis=1))
        assert not len(different), [(pairs[row], ours[row], theirs[row]) for row in different[:3]]


@pytest.mark.parametrize("name", list(ORACLES))
@settings(max_examples=60, deadline=None)
@given(pairs=st.lists(st.tuples(TEXT, REFERENCES), min_size=1, max_size=5))
def test_any_text(name: str, pairs: list[tuple[str, tuple[str, ...]]]) -> None:
    check(ORACLES[name], pairs)


@settings(max_examples=250, deadline=None)
@given(pairs=st.lists(st.tuples(FEW_WORDS, st.tuples(FEW_WORDS)), min_size=1, max_size=4))
def test_shifts_of_repeated_words(pairs: list[tuple[str, tuple[str, ...]]]) -> None:
    check(ORACLES["ter"], pairs)


@pytest.mark.slow
def test_lengths_far_apart_long_moves_and_the_limit_of_candidates() -> None:
    check(ORACLES["ter"], hard_pairs(), kernels.ter(ORACLES["ter"]))


def test_company_moves_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    texts = [" ".join(rng.choice(list("abcdefgh"), size)) for size in rng.integers(1, 30, 40)]
    pairs = [(one, (other,)) for one, other in zip(texts, reversed(texts), strict=True)]
    together = extract(ORACLES["ter"], pairs, 2, ter_rounds.count(ORACLES["ter"]))
    monkeypatch.setattr(ter_rounds, "TOGETHER", 3)
    monkeypatch.setattr(ter_rounds, "CELLS", 100)
    assert (extract(ORACLES["ter"], pairs, 2, ter_rounds.count(ORACLES["ter"])) == together).all()


def test_a_segment_too_long_is_left_to_sacrebleu() -> None:
    long = "a " * (ter_rounds.MOST_WORDS + 1)
    rows = ter_rounds.count(TER())(Portion(["a", "b"], [("a",), (long,)], np.arange(2)))
    assert (rows[:, 0] < 0).tolist() == [False, True]


def test_real_outputs(wmt_data: Path) -> None:
    folder = wmt_data / "wmt24.en-cs"
    references = lines(folder / "reference.refA.txt")[::25]
    for system in sorted((folder / "systems").iterdir())[:2]:
        pairs = [(one, (other,)) for one, other in zip(lines(system)[::25], references, strict=True)]
        check(ORACLES["ter"], pairs)


@pytest.mark.slow
def test_a_year_of_wmt(wmt_data: Path) -> None:
    """Both ways agree on each segment of a system, and with sacrebleu, which needs ten seconds for all, on a third."""
    folder, oracle = wmt_data / "wmt24.en-cs", ORACLES["ter"]
    outputs = lines(min((folder / "systems").iterdir()))
    pairs = [(one, (other,)) for one, other in zip(outputs, lines(folder / "reference.refA.txt"), strict=True)]
    compiled = kernels.ter(oracle)
    check(oracle, pairs[::3], compiled)
    if not isinstance(compiled, Absent):
        one, other = (extract(oracle, pairs, 2, count) for count in (compiled, ter_rounds.count(oracle)))
        np.testing.assert_array_equal(one, other)
