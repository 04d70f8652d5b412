"""DocCOMET: texts behind those before them, as the library's ``enable_context`` reads them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from harness.errors import MetricUnavailable
from harness.metrics.comet.blueprint import Kind
from harness.metrics.comet.library import import_comet, quiet
from harness.metrics.interface import Document, Place, ScoringItem
from harness.types import ArticleId, Failed, Outcome, Translated
from tests.metrics.build import MemoryCache, context
from tests.metrics.test_comet import TEXTS, comet

pytestmark = [pytest.mark.comet, pytest.mark.xdist_group("comet")]

Checkpoints = Callable[[Kind], Path]
WINDOW = 2
ARTICLES = (4, 3)
"""Segments of TEXTS in each."""


def items(outcomes: list[Outcome] | None = None) -> list[ScoringItem]:
    """TEXTS as the translations of one system in two articles."""
    said = outcomes or [Translated(mt) for _, mt, _ in TEXTS]
    made: list[ScoringItem] = []
    for article, size in enumerate(ARTICLES):
        start = len(made) if not article else ARTICLES[0]
        part = TEXTS[start : start + size]
        document = Document(
            ArticleId(str(article)),
            tuple(src for src, _, _ in part),
            tuple((ref,) for _, _, ref in part),
            tuple(said[start : start + size]),
        )
        made += [
            ScoringItem("one", start + index + 1, src, mt, (ref,), Place(document, index))
            for index, (src, mt, ref) in enumerate(part)
        ]
    return made


def behind(texts: list[str], own: list[str]) -> list[str]:
    """Each of ``own`` behind up to two of ``texts`` before it in its article: the published recipe, by hand."""
    joined = []
    for number, text in enumerate(own):
        first = 0 if number < ARTICLES[0] else ARTICLES[0]
        joined.append(" </s> ".join([*texts[max(first, number - WINDOW) : number], text]))
    return joined


@pytest.mark.parametrize("kind", ["regression", "referenceless"])
@pytest.mark.usefixtures("library")
def test_equals_the_library_with_context(checkpoint: Checkpoints, kind: Kind) -> None:
    sources, hypotheses, references = ([texts[field] for texts in TEXTS] for field in range(3))
    columns = {"src": behind(sources, sources), "mt": behind(hypotheses, hypotheses)}
    if kind == "regression":
        columns |= {"mt": behind(references, hypotheses), "ref": behind(references, references)}
    library = import_comet()
    with quiet():
        model = library.load_from_checkpoint(str(checkpoint(kind) / "checkpoints" / "model.ckpt")).float()
        model.enable_context()
        rows = [dict(zip(columns, texts, strict=True)) for texts in zip(*columns.values(), strict=True)]
        expected = model.predict(rows, batch_size=4, gpus=0, num_workers=0, progress_bar=False)["scores"]
    alone = comet(checkpoint(kind)).statistics(items(), context()).rows[:, 0]
    for engine in ("auto", "library"):
        table = comet(checkpoint(kind), context=WINDOW, engine=engine).statistics(items(), context())
        np.testing.assert_allclose(table.rows[:, 0], expected, rtol=0, atol=1e-6)
        assert "|empty:0|context:2|" in table.identity.signature
        # The first segment of an article has nothing before it; the others are read otherwise.
        changed = np.abs(table.rows[:, 0] - alone) > 1e-6
        assert changed.tolist() == [False, True, True, True, False, True, True]


def test_scores_with_and_without_context_share_nothing(checkpoint: Checkpoints) -> None:
    cache = MemoryCache()
    for segments in (0, 1, WINDOW):
        comet(checkpoint("regression"), context=segments).statistics(items(), context(cache=cache))
    assert len(cache.kept) == 3 * len(TEXTS)


def test_a_failed_translation_is_no_context(checkpoint: Checkpoints) -> None:
    """Nor is an empty hypothesis sent, whatever stands before it."""
    failed: list[Outcome] = [Failed("no answer"), *(Translated(mt) for _, mt, _ in TEXTS[1:])]
    metric = comet(checkpoint("referenceless"), context=1)
    whole, broken = (metric.statistics(items(said), context()).rows[:, 0] for said in (None, failed))
    assert (whole != broken).tolist() == [False, True, *[False] * 5]
    second = items()[1]
    empty = ScoringItem("one", second.line, second.source, " ", second.references, second.place)
    table = metric.statistics([empty], context())
    assert table.rows.tolist() == [[0, 1]]
    assert table.marks["empty"].tolist() == [True]


def test_models_that_read_texts_together_have_no_context(checkpoint: Checkpoints) -> None:
    with pytest.raises(MetricUnavailable, match="kiwi cannot read context") as caught:
        comet(checkpoint("kiwi"), context=1).statistics(items(), context())
    assert caught.value.hint == "context = 0 under [metric.comet] in harness.toml"
    with pytest.raises(MetricUnavailable, match='engine = "isolated" cannot read context'):
        comet(checkpoint("regression"), context=1, engine="isolated").statistics(items(), context())
