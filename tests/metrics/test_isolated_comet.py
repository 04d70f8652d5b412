"""COMET by unbabel-comet in an environment of its own: the scores that the library gives in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from harness.errors import MetricUnavailable
from harness.executors.local import LocalExecutor
from harness.metrics.comet.blueprint import Kind
from harness.metrics.comet.metric import Comet, CometOptions
from harness.metrics.interface import MetricContext, ScoringItem, StatTable
from harness.metrics.isolated.comet import IsolatedComet
from harness.store.cache.nothing import NoCache
from harness.types import LangPair
from tests.metrics.borrowed import borrow
from tests.metrics.test_comet import TEXTS
from tests.needs import needs

needs("comet")

pytestmark = [pytest.mark.slow, pytest.mark.comet, pytest.mark.xdist_group("isolated")]


@pytest.fixture(autouse=True, scope="module")
def _environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("HARNESS_METRICS_CACHE", str(tmp_path_factory.mktemp("environments")))
        monkeypatch.setattr(IsolatedComet, "environment", borrow(IsolatedComet.environment))
        yield


def score(folder: Path, engine: str, *, references: bool = True) -> StatTable:
    metric = Comet(CometOptions.model_validate({"model": str(folder), "engine": engine, "device": "cpu"}))
    items = [
        ScoringItem("one", line, source, text, (reference, reference.upper()) if references else ())
        for line, (source, text, reference) in enumerate((*TEXTS, ("leer", " ", "empty")), start=1)
    ]
    executor = LocalExecutor()
    try:
        context = MetricContext(LangPair("de", "en"), NoCache(), executor=executor, offline=True)
        return metric.statistics(items, context)
    finally:
        executor.close()


@pytest.mark.parametrize(("kind", "references"), [("regression", True), ("xcomet", True), ("unified", False)])
def test_the_same_scores_as_in_this_process(
    checkpoint: Callable[[Kind], Path], kind: Kind, *, references: bool
) -> None:
    folder = checkpoint(kind)
    ours, theirs = (score(folder, engine, references=references) for engine in ("isolated", "library"))
    np.testing.assert_allclose(ours.rows, theirs.rows, rtol=0, atol=1e-6)
    assert ours.scored.tolist() == theirs.scored.tolist()
    assert {name: mask.tolist() for name, mask in ours.marks.items()} == {
        name: mask.tolist() for name, mask in theirs.marks.items()
    }
    assert ours.spans.keys() == theirs.spans.keys()
    assert bool(ours.spans) == (kind == "xcomet")
    assert (ours.identity.needs_reference, ours.identity.traits) == (
        theirs.identity.needs_reference,
        theirs.identity.traits,
    )
    signature = ours.identity.signature
    assert signature.startswith(f"comet:isolated1|model:{folder.name}|digest:")
    assert "|precision:fp32|" in signature
    assert "|unbabel-comet:2." in signature
    assert signature.endswith(f"|refs:{2 if references else 0}|empty:0")


def test_only_in_full_precision() -> None:
    metric = Comet(CometOptions(engine="isolated", precision="bf16", device="cpu"))
    with pytest.raises(MetricUnavailable, match="the library runs only in fp32"):
        metric.statistics([ScoringItem("a", 1, "s", "h", ("r",))], MetricContext(LangPair("de", "en"), NoCache()))
