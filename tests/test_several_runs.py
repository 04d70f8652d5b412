"""Systems of several runs against each other: only where texts and signatures are alike."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import harness as package
from harness.api.evidence import analyse_joined
from harness.errors import IncomparableError, UsageError
from harness.metrics.interface import StatTable
from harness.reports.formats.blocks import Grid, fitted_apart
from harness.reports.formats.compare_screen import compare_blocks
from harness.store.runs.result import PairResult
from harness.types import ArticleId, LangPair
from tests.cli.conftest import Shell, harness
from tests.gate_runs import a_corpus, a_result, a_run, a_system
from tests.kept import write_run

__all__ = ["harness"]

CORPUS = a_corpus()
N = len(CORPUS.segments)
BEFORE = np.linspace(20, 60, N)
WOBBLE = np.random.default_rng(5).normal(0, 1, N)
OLD, NEW = "20260101T0000-aaaaaa", "20260102T0000-bbbbbb"

FIRST = a_run(a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE}, name="a")), run=OLD)


def second(result: PairResult) -> package.api.Run:
    return a_run(result, run=NEW)


def test_systems_of_two_runs_are_compared_and_named_by_their_runs() -> None:
    after = a_result(
        CORPUS,
        a_system(CORPUS, {"chrf": BEFORE + 3 + WOBBLE}, name="a"),
        a_system(CORPUS, {"chrf": BEFORE - 3 + WOBBLE}, name="b"),
    )
    found = package.compare(FIRST, second(after), systems=("a",))
    (item,) = found["de-en"].metrics["chrf"].comparisons
    assert (item.a, item.b) == (f"a@{NEW}", f"a@{OLD}")
    assert item.delta == pytest.approx(3 + WOBBLE.mean())
    assert not item.tied
    frame = package.compare(FIRST, second(after)).to_frame()
    assert len(frame) == 3
    assert set(frame["pair"]) == {"de-en"}


@pytest.mark.parametrize(
    ("names", "called"),
    [
        (("old", "new"), {"a@old", "a@new"}),
        (("old", ""), {"a@old", f"a@{NEW}"}),
        (("same", "same"), {f"a@{OLD}", f"a@{NEW}"}),
        ((NEW, ""), {f"a@{OLD}", f"a@{NEW}"}),
    ],
)
def test_runs_are_called_by_their_names_where_these_tell_them_apart(names: tuple[str, str], called: set[str]) -> None:
    after = second(a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE + 3 + WOBBLE}, name="a")))
    found = package.compare(replace(FIRST, name=names[0]), replace(after, name=names[1]))
    (item,) = found["de-en"].metrics["chrf"].comparisons
    assert {item.a, item.b} == called


@pytest.mark.parametrize("width", [40, 80, 100, 200])
def test_no_two_rows_of_a_narrow_comparison_read_the_same(width: int) -> None:
    names = (
        "GPT-4",
        "Unbabel-Tower70B",
        "Unbabel-Tower70B-with-a-very-long-name-1",
        "Unbabel-Tower70B-with-a-very-long-name-2",
    )
    scores = {name: BEFORE + place + WOBBLE * (place + 1) for place, name in enumerate(names)}
    first, other = (
        a_result(CORPUS, *(a_system(CORPUS, {"chrf": values + shift}, name=name) for name, values in scores.items()))
        for shift in (0, np.sin(np.arange(N)))
    )
    (pair,) = analyse_joined(
        [a_run(first, run=OLD), a_run(other, run=NEW)],
        seed=None, pairs=(), systems=(), metrics=(), unit="undeclared", skip_articles=(),
    ).pairs  # fmt: skip
    (grid,) = (block for block in compare_blocks(pair, width, every=True) if isinstance(block, Grid))
    labels = [row[0] for row in grid.rows[1:]]
    assert len(labels) == len(set(labels)) == 28
    assert any(f"Tower70B @{NEW}" in label for label in labels) == (width in (80, 100))


def test_names_that_would_be_cut_to_the_same_text_lose_their_middle_or_nothing() -> None:
    long = [f"{'x' * 30}{end}" for end in ("one", "two")]
    assert fitted_apart([*long, "short"], [11, 11, 11]) == [
        "xxxxx…xxone (33 characters in total)",
        "xxxxx…xxtwo (33 characters in total)",
        "short",
    ]
    inside = [f"{'x' * 15}{end}{'y' * 15}" for end in ("one", "two")]
    assert fitted_apart(inside, [11, 11]) == inside
    assert fitted_apart([long[0], long[0]], [11, 11]) == ["xxxxxxxxxx… (33 characters in total)"] * 2


def test_the_difference_is_the_one_of_the_same_systems_in_one_run() -> None:
    rows = a_system(CORPUS, {"chrf": BEFORE + WOBBLE}, name="b")
    apart = package.compare(FIRST, second(a_result(CORPUS, rows)))["de-en"].metrics["chrf"].comparisons[0]
    together = a_run(a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE}, name="a"), rows))
    at_once = package.compare(together)["de-en"].metrics["chrf"].comparisons[0]
    assert (apart.delta, apart.interval, apart.p) == (at_once.delta, at_once.interval, at_once.p)


def test_other_texts_are_refused_and_named() -> None:
    renamed = replace(CORPUS, articles=(replace(CORPUS.articles[0], id=ArticleId("fresh")), *CORPUS.articles[1:]))
    with pytest.raises(IncomparableError, match=r"different texts .* added: fresh") as caught:
        package.compare(FIRST, second(a_result(renamed, a_system(renamed, {"chrf": BEFORE}))))
    assert caught.value.exit_code == 3


def test_another_signature_direction_pair_or_metric_is_refused() -> None:
    for changed in ({"signature": "v2"}, {"higher": False}):
        with pytest.raises(IncomparableError, match="chrf was computed differently"):
            package.compare(FIRST, second(a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE}, **changed))))  # type: ignore[arg-type]
    elsewhere = replace(CORPUS, pair=LangPair("fr", "en"))
    with pytest.raises(IncomparableError, match=r"is in .* and not in"):
        package.compare(FIRST, second(a_result(elsewhere, a_system(elsewhere, {"chrf": BEFORE}))))
    with pytest.raises(IncomparableError, match="not in every run: chrf, bleu"):
        package.compare(FIRST, second(a_result(CORPUS, a_system(CORPUS, {"bleu": BEFORE}))))


def test_a_metric_of_one_run_only_is_left_out_and_said(tmp_path: Path, harness: Shell) -> None:
    more = second(a_result(CORPUS, a_system(CORPUS, {"chrf": BEFORE, "bleu": BEFORE}, name="a")))
    for run in (FIRST, more):
        write_run(run, tmp_path / "reports" / "runs")
    done = harness("compare", OLD, NEW, "-C", tmp_path, "--format", "json")
    assert done.code == 0, done.err
    assert "not in every run and not compared: bleu" in done.err
    (item,) = json.loads(done.out)["comparisons"]
    assert (item["metric"], item["p"], item["delta"], item["ci"]) == ("chrf", 1.0, 0.0, [0.0, 0.0])
    done = harness("compare", OLD, NEW, "-C", tmp_path, "--metric", "bleu")
    assert (done.code, "not in every run: bleu" in done.err) == (3, True)
    assert harness("compare", OLD, OLD, "-C", tmp_path).code == 2
    assert harness("compare", OLD, NEW, "-C", tmp_path, "--system", "nobody").code == 2
    assert harness("compare", "-C", tmp_path).code == 0


def test_nothing_to_compare_is_said() -> None:
    with pytest.raises(UsageError, match="no run"):
        package.compare()
    with pytest.raises(UsageError, match="given twice"):
        package.compare(FIRST, FIRST)


def test_statistics_that_are_no_numbers_are_left_out() -> None:
    broken = a_system(CORPUS, {"chrf": np.where(np.arange(N) == 3, np.nan, BEFORE)}, name="b")
    assert isinstance(broken.tables["chrf"], StatTable)
    found = package.compare(FIRST, second(a_result(CORPUS, broken)))
    assert found["de-en"].metrics["chrf"].comparisons == ()
