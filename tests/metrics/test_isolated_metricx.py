"""MetricX-24 by the worker that scores with the true weights, on a model of its architecture with random ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from harness.errors import MetricUnavailable
from harness.executors.local import LocalExecutor
from harness.metrics.interface import MetricContext, ScoringItem, StatTable
from harness.metrics.isolated.metricx import MetricX, MetricXOptions
from harness.store.cache.nothing import NoCache
from harness.types import LangPair
from tests.metrics.borrowed import borrow
from tests.metrics.standin_metricx import build
from tests.needs import needs

needs("torch", "transformers", "sentencepiece")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("isolated")]

SOURCE = "der Zug kommt um zwölf Uhr"
HYPOTHESES = (
    "opens bridge Museum candidate reference",
    "der Abend um am heute",
    "vor reference leaves heute Zug",
    "candidate comes bridge am kommt",
    "noon the Museum der reference",
    "the bridge " * 40,
)
REFERENCES = ("the train comes at noon", "the train comes before six")

Scorer = Any


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the model; the environment is there as well."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("HARNESS_METRICS_CACHE", str(tmp_path_factory.mktemp("environments")))
        monkeypatch.setattr(MetricX, "environment", borrow(MetricX.environment))
        yield build(tmp_path_factory.mktemp("metricx"))


@pytest.fixture(scope="module")
def oracle(model: Path) -> Scorer:
    """The score of a text by all of the library's own model, one text at a time and without this project's code."""
    import torch
    from transformers import AutoTokenizer, MT5ForConditionalGeneration

    loaded = MT5ForConditionalGeneration.from_pretrained(model).eval()
    tokenizer = AutoTokenizer.from_pretrained(model)

    def score(text: str, most: int = 1536) -> float:
        ids = tokenizer(text, max_length=most, truncation=True)["input_ids"][:-1]
        with torch.no_grad():
            logits = loaded(input_ids=torch.tensor([ids]), decoder_input_ids=torch.tensor([[0]])).logits
        return min(25.0, max(0.0, float(logits[0, 0, 250089])))

    return score


@pytest.fixture(scope="module")
def executor() -> Iterator[LocalExecutor]:
    """One process for the tests of this file, as for the pairs of a run."""
    executor = LocalExecutor()
    yield executor
    executor.close()


def score(
    executor: LocalExecutor, hypotheses: Sequence[str], references: Sequence[str], **options: object
) -> StatTable:
    metric = MetricX(MetricXOptions.model_validate({"device": "cpu", "batch_size": 3, **options}))
    items = [ScoringItem("a", line, SOURCE, text, tuple(references)) for line, text in enumerate(hypotheses, start=1)]
    return metric.statistics(items, MetricContext(LangPair("de", "en"), NoCache(), executor=executor, offline=True))


def test_scores_with_references(model: Path, oracle: Scorer, executor: LocalExecutor) -> None:
    table = score(executor, [*HYPOTHESES, " "], REFERENCES, model=str(model))
    expected = [
        sum(oracle(f"source: {SOURCE} candidate: {text} reference: {reference}") for reference in REFERENCES) / 2
        for text in HYPOTHESES
    ]
    assert table.rows[:-1, 0].tolist() == pytest.approx(expected, abs=1e-4)
    assert len({round(score, 3) for score in expected if 0 < score < 25}) >= 4
    assert table.rows[-1].tolist() == [25.0, 1.0]
    assert table.marks["empty"].tolist() == [False] * 6 + [True]
    identity = table.identity
    assert (identity.higher_is_better, identity.needs_reference, identity.traits.kind) == (
        False,
        True,
        "with_reference",
    )
    assert identity.signature.startswith(f"metricx:isolated1|model:{model.name}|digest:")
    assert f"|device:cpu|max:1536|precision:fp32|torch:{version('torch').partition('+')[0]}|" in identity.signature
    assert identity.signature.endswith("|refs:2|empty:25")


def test_scores_without_references(model: Path, oracle: Scorer, executor: LocalExecutor) -> None:
    table = score(executor, HYPOTHESES, (), model=str(model), qe=True)
    expected = [oracle(f"source: {SOURCE} candidate: {text}") for text in HYPOTHESES]
    assert table.rows[:, 0].tolist() == pytest.approx(expected, abs=1e-4)
    assert table.scored.all()
    assert (table.identity.needs_reference, table.identity.traits.kind) == (False, "without_reference")
    assert table.identity.signature.endswith("|refs:0|empty:25")


def test_scores_are_cut_to_the_scale(model: Path, executor: LocalExecutor) -> None:
    table = score(executor, HYPOTHESES, REFERENCES[1:], model=str(model))
    assert 0.0 in table.rows[:, 0]
    assert 25.0 in table.rows[:, 0]


def test_what_is_longer_than_the_model_reads_is_cut_and_marked(
    model: Path, oracle: Scorer, executor: LocalExecutor
) -> None:
    table = score(executor, HYPOTHESES, REFERENCES[:1], model=str(model), max_length=32)
    expected = [oracle(f"source: {SOURCE} candidate: {text} reference: {REFERENCES[0]}", 32) for text in HYPOTHESES]
    assert table.rows[:, 0].tolist() == pytest.approx(expected, abs=1e-4)
    assert table.marks["truncated"].tolist() == [False] * 5 + [True]
    assert "|max:32|" in table.identity.signature


def test_a_model_of_half_the_size(model: Path, executor: LocalExecutor, tmp_path: Path) -> None:
    """Such as google/metricx-24-hybrid-large-v2p6-bfloat16: its precision is its own, and in the signature."""
    import torch
    from transformers import MT5ForConditionalGeneration

    folder = build(tmp_path / "half")
    MT5ForConditionalGeneration.from_pretrained(folder).to(torch.bfloat16).save_pretrained(folder)
    whole = score(executor, HYPOTHESES[:1], REFERENCES[:1], model=str(model))
    table = score(executor, HYPOTHESES[:1], REFERENCES[:1], model=str(folder))
    assert "|precision:bf16|" in table.identity.signature
    assert table.rows[0, 0] == pytest.approx(whole.rows[0, 0], abs=1.5)
    assert table.identity.signature != whole.identity.signature


def test_models_that_are_none(model: Path, executor: LocalExecutor, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name, why in [
        (str(tmp_path / "empty"), "has no model"),
        (str(tmp_path / "absent"), "is neither a folder nor a name on the model hub"),
        ("google/metricx-24-hybrid-large-v2p6", "is not on this machine, and may not be fetched offline"),
    ]:
        with pytest.raises(MetricUnavailable, match=why) as caught:
            score(executor, ["x"], ["y"], model=name)
        assert caught.value.hint
