"""BLEU, chrF, chrF++ and TER against sacrebleu's public API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU, CHRF, TER

from harness.metrics.interface import Metric
from harness.metrics.strings import kernels
from harness.metrics.strings.bleu import Bleu, BleuOptions, Smoothing, bleu_of_sums
from harness.metrics.strings.chrf import Chrf, ChrfOptions, ChrfPlusPlus, ChrfPlusPlusOptions, chrf_of_sums
from harness.metrics.strings.ter import Ter, TerOptions, ter_of_sums
from harness.workspace.kernels import Absent, library
from tests.metrics.build import SENTENCES, context, items

# (ours, sacrebleu's for corpora, sacrebleu's for single segments)
CASES: dict[str, tuple[Metric, Any, Any]] = {
    "bleu": (Bleu(BleuOptions()), BLEU(), BLEU(effective_order=True)),
    "bleu-lc-floor": (
        Bleu(BleuOptions(lowercase=True, smooth="floor", tokenize="intl")),
        BLEU(lowercase=True, smooth_method="floor", tokenize="intl"),
        BLEU(lowercase=True, smooth_method="floor", tokenize="intl", effective_order=True),
    ),
    "bleu-add-k": (
        Bleu(BleuOptions(smooth="add-k", tokenize="char")),
        BLEU(smooth_method="add-k", tokenize="char"),
        BLEU(smooth_method="add-k", tokenize="char", effective_order=True),
    ),
    "bleu-none": (
        Bleu(BleuOptions(smooth="none")),
        BLEU(smooth_method="none"),
        BLEU(smooth_method="none", effective_order=True),
    ),
    "chrf": (Chrf(ChrfOptions()), CHRF(), CHRF()),
    "chrf-options": (
        Chrf(ChrfOptions(char_order=4, word_order=1, beta=3, lowercase=True, whitespace=True)),
        CHRF(char_order=4, word_order=1, beta=3, lowercase=True, whitespace=True),
        CHRF(char_order=4, word_order=1, beta=3, lowercase=True, whitespace=True),
    ),
    "chrf++": (ChrfPlusPlus(ChrfPlusPlusOptions()), CHRF(word_order=2), CHRF(word_order=2)),
    "ter": (Ter(TerOptions()), TER(), TER()),
    "ter-options": (
        Ter(TerOptions(normalized=True, no_punct=True, asian_support=True, case_sensitive=True)),
        TER(normalized=True, no_punct=True, asian_support=True, case_sensitive=True),
        TER(normalized=True, no_punct=True, asian_support=True, case_sensitive=True),
    ),
}
by_case = pytest.mark.parametrize("case", list(CASES))


@pytest.fixture(autouse=True, scope="module", params=["compiled", "sacrebleu"])
def counted_by(request: pytest.FixtureRequest) -> Iterator[str]:
    """Every promise holds with the compiled kernels and without them."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "sacrebleu":
            patch.setattr(kernels, "library", lambda: Absent("turned off", ""))
        elif isinstance(library(), Absent):
            pytest.skip("the kernels are not compiled here")
        yield request.param


def streams(pairs: list[tuple[str, tuple[str, ...]]]) -> list[list[str | None]]:
    """References as sacrebleu takes them: one list per reference, None where a segment has fewer."""
    depth = max(len(references) for _, references in pairs)
    return [[r[i] if i < len(r) else None for _, r in pairs] for i in range(depth)]


def check(case: str, pairs: list[tuple[str, tuple[str, ...]]]) -> None:
    """Corpus score and signature to the bit, segment scores to 1e-10."""
    ours, corpus, segment = CASES[case]
    table = ours.statistics(items(pairs), context())
    totals = table.rows.sum(axis=0)
    expected = corpus.corpus_score([hypothesis for hypothesis, _ in pairs], streams(pairs)).score
    assert float(ours.score(totals)) == expected
    assert table.identity.signature == str(corpus.get_signature())
    assert table.scored.all()
    each = [segment.sentence_score(hypothesis, list(references)).score for hypothesis, references in pairs]
    np.testing.assert_allclose(ours.segment_scores(table.rows), each, rtol=0, atol=1e-10)
    stack = np.stack([totals, 2 * totals, np.zeros_like(totals), *table.rows]).reshape(1, -1, len(totals))
    one_by_one = [[float(ours.score(sums)) for sums in stack[0]]]
    np.testing.assert_allclose(ours.score(stack), one_by_one, rtol=0, atol=1e-10)


@by_case
def test_one_reference(case: str) -> None:
    check(case, [(hypothesis, references[:1]) for hypothesis, references in SENTENCES])


@by_case
def test_several_references(case: str) -> None:
    check(case, [(hypothesis, (*references, "The cat sat.")) for hypothesis, references in SENTENCES])


@by_case
def test_numbers_of_references_differ(case: str) -> None:
    pairs = [(hypothesis, references[: 1 + number % 2]) for number, (hypothesis, references) in enumerate(SENTENCES)]
    check(case, pairs)
    table = CASES[case][0].statistics(items(pairs), context())
    assert "nrefs:var|" in table.identity.signature


WORDS = st.lists(st.sampled_from(["the", "cat", "Cat", "sat", "on", ".", "a,", "(mat)", "日本", "ß"]), max_size=9)
TEXTS = st.builds(" ".join, WORDS)
REFERENCES = st.lists(TEXTS.filter(bool), min_size=1, max_size=3).map(tuple)


@by_case
@settings(max_examples=40, deadline=None)
@given(pairs=st.lists(st.tuples(TEXTS, REFERENCES), min_size=1, max_size=6))
def test_any_corpus(case: str, pairs: list[tuple[str, tuple[str, ...]]]) -> None:
    check(case, pairs)


def test_signature_as_sacrebleu_prints_it() -> None:
    import sacrebleu

    table = Bleu(BleuOptions()).statistics(items(SENTENCES), context())
    printed = f"nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp|version:{sacrebleu.__version__}"
    assert table.identity.signature == printed


@by_case
def test_without_reference_unscored_and_equal_text_equal_rows(case: str) -> None:
    ours = CASES[case][0]
    full = ours.statistics(items(SENTENCES), context())
    gaps = ours.statistics([*items(SENTENCES), *items([("words", ())], system="two")], context())
    assert gaps.scored.tolist() == [True] * len(SENTENCES) + [False]
    assert not gaps.rows[-1].any()
    assert gaps.identity == full.identity
    assert (gaps.rows[0] == gaps.rows[7]).all()
    assert full.rows[0].any()


@by_case
def test_no_reference_at_all(case: str) -> None:
    table = CASES[case][0].statistics(items([("words", ()), ("more", ())]), context())
    assert not table.scored.any()
    assert not table.rows.any()
    assert table.identity.signature.startswith("nrefs:0|")
    assert CASES[case][0].statistics([], context()).rows.shape[0] == 0


def test_equal_pairs_are_computed_once_and_progress_is_told(counted_by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    original = CHRF._compute_segment_statistics

    def counted(self: CHRF, hypothesis: str, ref_kwargs: dict[str, Any]) -> list[float]:
        seen.append(hypothesis)
        return original(self, hypothesis, ref_kwargs)

    monkeypatch.setattr(CHRF, "_compute_segment_statistics", counted)
    told: list[tuple[int, int]] = []
    quiet = context()
    loud = type(quiet)(quiet.pair, quiet.cache, progress=lambda done, total: told.append((done, total)))
    Chrf(ChrfOptions()).statistics(items(SENTENCES) + items(SENTENCES, system="two"), loud)
    assert len(seen) == (len(SENTENCES) - 1 if counted_by == "sacrebleu" else 0)
    assert told == [(16, 16)]


@pytest.mark.parametrize("case", ["bleu", "chrf", "ter"])
def test_only_one_portion_of_the_references_is_in_memory(
    case: str, counted_by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their n-grams take a hundred times the room of the text. How they are portioned moves no number."""
    ours = CASES[case][0]
    mixed = [(hypothesis, references[: 1 + line % 2]) for line, (hypothesis, references) in enumerate(SENTENCES)]
    scored = items(mixed) + items([(f"{hypothesis} x", references) for hypothesis, references in mixed], system="two")
    whole = ours.statistics(scored, context())
    kind = type(CASES[case][1])
    read: list[list[tuple[str | None, ...]]] = []
    original = kind._cache_references

    def counted(self: Any, streams: Any) -> Any:
        read.append(list(zip(*streams, strict=True)))
        return original(self, streams)

    monkeypatch.setattr(kind, "_cache_references", counted)
    monkeypatch.setattr("harness.metrics.strings.sacrebleu_stats.CHUNK", 2)
    monkeypatch.setattr("harness.metrics.strings.sacrebleu_stats.COMPILED_CHUNK", 2)
    table = ours.statistics(scored, context())
    assert (table.rows == whole.rows).all()
    assert table.identity == whole.identity
    assert table.identity.signature.startswith("nrefs:var|")
    if counted_by == "sacrebleu" and case != "ter":
        assert max(map(len, read)) <= 2
        assert sum(map(len, read)) == len({references for _, references in mixed})


def test_directions() -> None:
    assert {name: ours.higher_is_better for name, (ours, _, _) in CASES.items() if "-" not in name} == {
        "bleu": True,
        "chrf": True,
        "chrf++": True,
        "ter": False,
    }


def test_corner_values() -> None:
    assert bleu_of_sums(np.zeros((1, 10)), "exp", effective_order=True).tolist() == [0.0]
    assert chrf_of_sums(np.zeros((1, 18)), 2).tolist() == [0.0]
    assert ter_of_sums(np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 2.0]])).tolist() == [0.0, 100.0, 150.0]


@pytest.mark.parametrize("smooth", ["exp", "floor", "add-k", "none"])
@pytest.mark.parametrize("effective_order", [True, False])
def test_the_score_of_sums_does_not_depend_on_others_without_matches(effective_order: bool, smooth: Smoothing) -> None:
    sums = np.random.default_rng(1).integers(1, 400, size=(200, 18)).astype(float)
    beside = np.vstack([sums, np.zeros(18)])
    assert chrf_of_sums(sums, 2).tolist() == chrf_of_sums(beside, 2)[:-1].tolist()
    alone = bleu_of_sums(sums[:, :10], smooth, effective_order=effective_order)
    assert alone.tolist() == bleu_of_sums(beside[:, :10], smooth, effective_order=effective_order)[:-1].tolist()
    assert len(set(alone.tolist())) > 100
