"""The compiled kernels against sacrebleu, row by row; and that their absence is said and moves no number."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU, CHRF, TER

from harness.metrics.interface import Rows
from harness.metrics.strings import kernels
from harness.metrics.strings.kernels import Count
from harness.metrics.strings.sacrebleu_stats import extract
from harness.workspace import kernels as loading
from harness.workspace.kernels import Absent
from tests.metrics.build import lines

OFF = Absent("turned off", "")

Pairs = Sequence[tuple[str, tuple[str, ...]]]

ORACLES: dict[str, tuple[Any, int]] = {
    "13a": (BLEU(), 10),
    "13a-lowercase": (BLEU(lowercase=True), 10),
    "none": (BLEU(tokenize="none"), 10),
    "char": (BLEU(tokenize="char"), 10),
    "intl": (BLEU(tokenize="intl"), 10),
    "zh": (BLEU(tokenize="zh"), 10),
    "chrf": (CHRF(), 18),
    "chrf++": (CHRF(word_order=2), 24),
    "chrf-options": (CHRF(char_order=3, word_order=4, beta=3, lowercase=True, whitespace=True), 21),
    "words-only": (CHRF(char_order=1, word_order=1), 6),
    "ter": (TER(), 2),
    "ter-case": (TER(case_sensitive=True), 2),
    "ter-normalized": (TER(normalized=True, asian_support=True), 2),
    "ter-options": (TER(normalized=True, no_punct=True, asian_support=True), 2),
}
by_oracle = pytest.mark.parametrize("name", list(ORACLES))


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    if isinstance(loading.library(), Absent):
        pytest.skip("the kernels are not compiled here")


@pytest.fixture
def _fresh() -> Iterator[None]:
    """Look for the library anew, and once more afterwards."""
    loading.library.cache_clear()
    yield
    loading.library.cache_clear()


def compiled(name: str) -> Count | Absent:
    oracle, _ = ORACLES[name]
    if isinstance(oracle, BLEU):
        return kernels.bleu(name.partition("-")[0], oracle, 4)
    return kernels.chrf(oracle) if isinstance(oracle, CHRF) else kernels.ter(oracle)


def both(name: str, pairs: Pairs) -> tuple[Rows, Rows]:
    oracle, width = ORACLES[name]
    count = compiled(name)
    assert not isinstance(count, Absent)
    return extract(oracle, pairs, width, count), extract(oracle, pairs, width, OFF)


def check(name: str, pairs: Pairs) -> None:
    ours, theirs = both(name, pairs)
    different = np.flatnonzero((ours != theirs).any(axis=1))
    assert not len(different), [(pairs[row], ours[row], theirs[row]) for row in different[:3]]


# What the tokenizers, the white space and the case rules turn on.
PIECES = (
    *("a", "b", "A", "the", "The", "3", "3.5", "1,000", "2-3", "-", "--", ".", ",", "..", ".,", "(", ")", "(hi)"),
    *("'", "''", "&quot;", "&amp;", "&amp;lt;", "&", "<", ">", "<skipped>", "<skip<skipped>ped>", "a-\n", "\n"),
    *("\t", "\r", "-\n-\n", "\u00a0", "\u2028", "\u3000", "\x1c", "\x85", "\u200b", "\ufeff", "ß", "İ", "Σ", "ΣΑΣ"),
    *("日本", "、", "語", "é", "e\u0301", "😀", "\ud800", "٣", "٣.٣", "x.y", "x,5", "5,x", "/", "@", "~", "`", "[x]"),
    *("{", "_", "^", "\x00", "\x7f"),
)  # fmt: skip
TEXT = st.lists(st.sampled_from([*PIECES, " ", " ", " "]), max_size=14).map("".join)
REFERENCES = st.lists(TEXT.filter(bool), min_size=1, max_size=3).map(tuple)


@by_oracle
@settings(max_examples=60, deadline=None)
@given(pairs=st.lists(st.tuples(TEXT, REFERENCES), min_size=1, max_size=5))
def test_any_text(name: str, pairs: list[tuple[str, tuple[str, ...]]]) -> None:
    check(name, pairs)


FEW_WORDS = st.lists(st.sampled_from("abcde"), min_size=0, max_size=24).map(" ".join)


@settings(max_examples=250, deadline=None)
@given(pairs=st.lists(st.tuples(FEW_WORDS, st.tuples(FEW_WORDS)), min_size=1, max_size=4))
def test_shifts_of_repeated_words(pairs: list[tuple[str, tuple[str, ...]]]) -> None:
    check("ter", pairs)


def hard_pairs() -> Pairs:
    """The beam, its widening for lengths far apart, moves of more than 50 words, and 1000 candidates."""
    rng = np.random.default_rng(3)
    some = [" ".join(rng.choice(list("abcdefghijklmnopqrst"), size)) for size in (1, 3, 60, 90)]
    block = [f"w{i}" for i in range(120)]
    whole = " ".join(block)
    pairs = [(one, (other,)) for one in some for other in some]
    pairs += [("", ("a b",)), ("a", (whole,)), (whole, ("w7",))]
    pairs += [(" ".join(block[place:] + block[:place]), (whole,)) for place in (40, 70)]
    pairs += [("a b " * 40, ("b a " * 40,)), ("x " * 30 + "a", ("a " + "x " * 30,))]
    return pairs


@pytest.mark.parametrize("name", ["none", "char", "chrf", "chrf++", "ter"])
def test_white_space_is_python_s_for_every_code_point(name: str) -> None:
    points = [chr(point) for point in range(sys.maxunicode + 1)]
    text = [f"a{point}b" for point in points]
    oracle, width = ORACLES[name]
    count = compiled(name)
    assert not isinstance(count, Absent)
    rows = extract(oracle, [(one, ("a b",)) for one in text], width, count)
    space = np.array([point.isspace() for point in points])
    split = {"none": rows[:, 0] == 2, "char": rows[:, 0] == 2, "ter": rows[:, 0] == 0}
    characters = rows[:, 0] == 2
    assert ((split.get(name, characters)) == space).all()


def test_a_segment_too_long_for_the_kernel_is_left_to_sacrebleu(monkeypatch: pytest.MonkeyPatch) -> None:
    count = compiled("ter")
    assert not isinstance(count, Absent)
    long = "a " * 6000
    rows = count(kernels.Portion(["a", long], [(long,)], np.zeros(2, dtype=np.int64)))
    assert (rows[:, 0] < 0).tolist() == [False, True]
    monkeypatch.setattr(TER, "_compute_segment_statistics", lambda *_: [7, 3])
    rows = extract(TER(), [("a", (long,)), (long, (long,))], 2, count)
    assert rows[1].tolist() == [7, 3]
    assert rows[0].tolist() == [5999, 6000]


def test_options_that_are_not_compiled() -> None:
    for oracle in (CHRF(eps_smoothing=True), CHRF(char_order=99), CHRF(beta=10**6)):
        assert isinstance(kernels.chrf(oracle), Absent)


@pytest.mark.usefixtures("_fresh")
def test_why_there_is_no_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def why() -> str:
        loading.library.cache_clear()
        found = loading.library()
        assert isinstance(found, Absent)
        assert isinstance(kernels.ter(TER()), Absent)
        return found.why

    with monkeypatch.context() as patch:
        patch.setenv(loading.SWITCH, "off")
        assert why() == "HARNESS_KERNELS is off"
    with monkeypatch.context() as patch:
        patch.setattr(loading, "LIBRARY", tmp_path / "none.so")
        assert "without a C compiler" in why()
        (tmp_path / "none.so").write_bytes(b"not a library")
        assert "cannot be loaded" in why()
    monkeypatch.setattr(loading, "VERSION", 10**6)
    assert "built from other sources" in why()


def test_the_header_and_the_loader_agree() -> None:
    found = loading.library()
    assert isinstance(found, ctypes.CDLL)
    assert found.harness_kernels_version() == loading.VERSION


@pytest.mark.slow
@pytest.mark.parametrize("name", ["13a", "chrf", "chrf++"])
def test_a_year_of_wmt(wmt_data: Path, name: str) -> None:
    """Each segment of the year, by one of four systems in turn."""
    folder = wmt_data / "wmt23.zh-en"
    references = list(zip(*map(lines, sorted(folder.glob("reference.*.txt"))), strict=True))
    for place, path in enumerate(sorted((folder / "systems").iterdir())[:4]):
        check(name, list(zip(lines(path), references, strict=True))[place::4])


def test_references_are_prepared_twice_as_sacrebleu_does() -> None:
    for name in ("ter", "ter-normalized", "ter-options"):
        check(name, [("..5,x 3,y", ("..5,x", "3,y ..5,x")), ("", ("..5,x",))])
