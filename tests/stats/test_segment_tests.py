"""The segment-level tests give sacrebleu's own p-values."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.significance import PairedTest

from harness.analysis.stats.segment_tests import paired_bootstrap, paired_randomisation
from harness.metrics.interface import MetricContext, Rows, ScoringItem
from harness.metrics.strings.bleu import Bleu, BleuOptions
from harness.metrics.strings.chrf import Chrf, ChrfOptions
from harness.store.cache.nothing import NoCache
from harness.types import LangPair

WORDS = (
    *("the", "a", "cat", "dog", "house", "tree", "runs", "sleeps"),
    *("quickly", "never", "on", "under", "red", "small", "old"),
)


def corpus(seed: int, noise: float, references: list[str]) -> list[str]:
    rng = random.Random(seed)
    return [
        " ".join(rng.choice(WORDS) if rng.random() < noise else word for word in reference.split())
        for reference in references
    ]


@pytest.fixture(scope="module")
def texts() -> tuple[list[str], list[str], list[str]]:
    rng = random.Random(0)
    references = [" ".join(rng.choice(WORDS) for _ in range(rng.randrange(4, 20))) for _ in range(150)]
    return references, corpus(1, 0.300, references), corpus(3, 0.300, references)


def rows(metric: Bleu | Chrf, hypotheses: list[str], references: list[str]) -> Rows:
    items = [
        ScoringItem("s", n, "x", hyp, (ref,))
        for n, (hyp, ref) in enumerate(zip(hypotheses, references, strict=True), 1)
    ]
    return metric.statistics(items, MetricContext(LangPair("de", "en"), NoCache())).rows


@pytest.mark.parametrize("kind", ["ar", "bs"])
@pytest.mark.parametrize(("ours", "theirs"), [(Bleu(BleuOptions()), BLEU), (Chrf(ChrfOptions()), CHRF)])
def test_p_values_are_sacrebleu_s(
    texts: tuple[list[str], list[str], list[str]], ours: Bleu | Chrf, theirs: type[BLEU | CHRF], kind: str
) -> None:
    references, a, b = texts
    metric = theirs(references=[references])
    _, found = PairedTest([("a", a), ("b", b)], {"m": metric}, None, test_type=kind, n_samples=1000)()
    (scores,) = (value for name, value in found.items() if name != "System")
    expected = scores[1].p_value
    test = paired_randomisation if kind == "ar" else paired_bootstrap
    count = {"trials": 1000} if kind == "ar" else {"resamples": 1000}
    assert test(rows(ours, a, references), rows(ours, b, references), ours.score, **count) == expected  # type: ignore[arg-type]
    assert expected > 0.001


@pytest.mark.parametrize("n", [6, 7, 8])
@pytest.mark.parametrize(
    ("ours", "theirs"), [(Bleu(BleuOptions()), BLEU()), (Chrf(ChrfOptions()), CHRF())], ids=["bleu", "chrf"]
)
def test_ties_of_few_segments_count_as_in_sacrebleu(ours: Bleu | Chrf, theirs: Any, n: int) -> None:
    """With n segments one swap in 2**(n-1) gives the observed difference again; sacrebleu's ``>`` leaves it out."""
    for seed in range(12):
        rng = random.Random(1000 * n + seed)
        references = [" ".join(rng.choice(WORDS) for _ in range(rng.randrange(5, 20))) for _ in range(n)]
        a, b = (rows(ours, corpus(seed + add, 0.3, references), references) for add in (1, 100))

        def exactly(sums: Rows) -> Rows:
            """The arithmetic of sacrebleu, which computes every score from its sum alone."""
            known = {
                row.tobytes(): theirs._compute_score_from_stats(row.tolist()).score for row in np.unique(sums, axis=0)
            }
            return np.array([known[row.tobytes()] for row in sums])

        stay = np.random.default_rng(12345).integers(2, size=(10_000, n), dtype=bool)
        apart = np.abs(exactly(stay @ a + ~stay @ b) - exactly(~stay @ a + stay @ b))
        one, other = exactly(np.array([a.sum(axis=0), b.sum(axis=0)]))
        expected = (int((apart > abs(one - other)).sum()) + 1) / 10_001
        assert paired_randomisation(a, b, ours.score) == expected, seed


def test_identical_outputs_are_not_significant() -> None:
    same = np.random.default_rng(0).random((20, 2))
    assert paired_randomisation(same, same.copy(), lambda t: t[..., 0]) == 1.0
    assert paired_bootstrap(same, same.copy(), lambda t: t[..., 0]) == 1.0


def test_many_segments_are_drawn_in_the_same_stream() -> None:
    """Blocks change memory, not results: booleans come from 32-bit words, so blocks are multiples of 32."""
    import harness.analysis.stats.segment_tests as module

    rng = np.random.default_rng(5)
    a, b = rng.integers(0, 9, (301, 2)).astype(float) + 1, rng.integers(0, 9, (301, 2)).astype(float) + 1
    whole = paired_randomisation(a, b, lambda t: t[..., 0] / t[..., 1], trials=500)
    cells, module.CELLS = module.CELLS, 301 * 40
    try:
        assert paired_randomisation(a, b, lambda t: t[..., 0] / t[..., 1], trials=500) == whole
    finally:
        module.CELLS = cells
