"""Statistics and scores of a stored run that do not belong together: nothing is claimed from them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis import analyse
from harness.store.runs.result import Run
from harness.types import Missing, Score

from .build import DE_EN, corpus, pair_result, run, system


def stored(factor: float) -> Run:
    """Two systems that clearly differ; the corpus score that is kept of one is its statistics' times the factor."""
    texts = corpus(DE_EN, articles=8)
    good, bad = system(texts, "good", 0.8), system(texts, "bad", 0.5)
    scores = good.scores["bleu"]
    assert not isinstance(scores, Missing)
    assert isinstance(scores.corpus, Score)
    kept = replace(scores, corpus=replace(scores.corpus, value=scores.corpus.value * factor))
    return run(pair_result(texts, [replace(good, scores={**good.scores, "bleu": kept}), bad]))


@pytest.mark.parametrize(("factor", "sound"), [(1.0, True), (1 + 1e-9, True), (1 + 1e-4, False), (0.95, False)])
def test_a_metric_whose_statistics_do_not_give_its_scores_is_left_out(factor: float, sound: bool) -> None:
    (found,) = analyse(stored(factor)).pairs
    assert ("bleu" in found.evidence.metrics) is sound
    assert ("bleu" in found.evidence.unsound) is not sound
    assert "chrf" in found.evidence.metrics
