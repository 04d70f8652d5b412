"""CometKiwi beside COMET: by its own name, by default where its model is, and in one decision with COMET."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import harness
from harness.analysis.primary import partner_of
from harness.metrics.comet.blueprint import Kind
from harness.metrics.comet.kiwi import CometKiwi, CometKiwiOptions
from harness.metrics.comet.metric import Comet, CometOptions
from harness.metrics.interface import MetricContext, ScoringItem
from harness.store.runs.result import MetricScores, Run
from harness.types import MetricIdentity
from tests.metrics.build import context
from tests.metrics.test_comet import items
from tests.workspace import write_article, write_system

pytestmark = [pytest.mark.comet, pytest.mark.xdist_group("comet")]

Checkpoints = Callable[[Kind], Path]


def run_with(folder: Path, settings: str) -> Run:
    write_article(folder, "a", [("Eins und zwei.", "One and two."), ("Drei.", "Three.")], "de-en")
    write_system(folder, "copy", 'engine = "copy"\n')
    (folder / "harness.toml").write_text(settings, encoding="utf-8")
    return harness.run(folder)


@pytest.mark.parametrize(
    ("metrics", "model", "columns"),
    [
        ("", "kiwi", {"bleu", "chrf", "comet", "cometkiwi"}),
        ("", "gone", {"bleu", "chrf", "comet"}),
        ('metrics = ["chrf", "comet"]', "kiwi", {"chrf", "comet"}),
    ],
)
def test_it_joins_where_its_model_is_and_nobody_named_metrics(
    checkpoint: Checkpoints, tmp_path: Path, metrics: str, model: str, columns: set[str]
) -> None:
    place = checkpoint("kiwi") if model == "kiwi" else tmp_path / "gone"
    tables = f'[metric.comet]\nmodel = "{checkpoint("regression").as_posix()}"\n'
    tables += f'[metric.cometkiwi]\nmodel = "{place.as_posix()}"\n'
    run = run_with(tmp_path, f"{metrics}\n{tables}")
    scores = run.pairs[0].systems[0].scores
    assert set(scores) == columns
    assert all(isinstance(score, MetricScores) for score in scores.values())


def identity_of(metric: Comet, rows: list[ScoringItem], where: MetricContext) -> MetricIdentity:
    return metric.statistics(rows, where).identity


def test_comet_and_cometkiwi_decide_together(checkpoint: Checkpoints) -> None:
    comet = identity_of(Comet(CometOptions(model=str(checkpoint("regression")))), items(), context())
    kiwi = identity_of(CometKiwi(CometKiwiOptions(model=str(checkpoint("kiwi")))), items(), context())
    assert (comet.traits.kind, kiwi.traits.kind) == ("with_reference", "without_reference")
    assert partner_of({"comet": comet, "cometkiwi": kiwi}, "comet") == "cometkiwi"


@pytest.mark.parametrize("kind", ["unified", "xcomet"])
def test_a_model_that_was_given_references_shares_the_blind_spots_of_comet(checkpoint: Checkpoints, kind: Kind) -> None:
    """It could do without, but did not: beside COMET it is no second opinion."""
    comet = identity_of(Comet(CometOptions(model=str(checkpoint("regression")))), items(), context())
    metric = Comet(CometOptions(model=str(checkpoint(kind)), name="other"))
    with_references = identity_of(metric, items(), context())
    assert with_references.traits.kind == "with_reference"
    assert partner_of({"comet": comet, "other": with_references}, "comet") is None
    bare = [ScoringItem("one", item.line, item.source, item.hypothesis, ()) for item in items()]
    without = identity_of(metric, bare, context())
    assert without.traits.kind == "without_reference"
    assert partner_of({"comet": comet, "other": without}, "comet") == "other"
