"""mt-metrics-eval: a test set goes out with the scores of the run, and segment scores come back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import DataError, UsageError
from harness.metrics.scores.metric import Scores
from harness.metrics.scores.rows import MarkedError
from harness.reports.exporters.interface import OriginalLine
from harness.reports.exporters.load import load_exporter
from harness.reports.words.reasons import noted
from harness.store.runs.result import MetricScores, Run
from harness.testing.exporter import sample_handoff
from harness.types import Score
from tests.export.conftest import OUTPUTS, build_run, exported, ratings_of

WHOLE = {name: texts for name, texts in OUTPUTS.items() if name != "bad"}

NAME = "mt-metrics-eval"


def lines(run: Run, name: str) -> list[str]:
    return exported(NAME, run).files[name].decode().splitlines()


def test_texts(run: Run) -> None:
    assert lines(run, "documents/de-en.docs") == ["news news-1"] * 3 + ["blog blog-2"] * 2
    assert lines(run, "sources/de-en.txt")[3] == "=1+1 ist zwei."
    assert lines(run, "references/de-en.refA.txt")[2:4] == ["", "=1+1 is two."]
    assert lines(run, "references/de-en.refB.txt") == ["", "", "", "=1+1 makes two.", ""]
    assert lines(run, "system-outputs/de-en/bad.txt")[2] == "[No translation supplied]"
    (result,) = run.pairs
    bare = tuple(replace(article, meta={}) for article in result.corpus.articles)
    nameless = replace(run, pairs=(replace(result, corpus=replace(result.corpus, articles=bare)),))
    assert lines(nameless, "documents/de-en.docs")[0] == "unknown news-1"


def test_the_scores_are_those_of_the_run() -> None:
    run = build_run(WHOLE)
    (result,) = run.pairs
    read = [line.split("\t") for line in lines(run, "metric-scores/de-en/bleu-refA.refB.sys.score")]
    assert {name: float(value) for name, value in read} == {
        system.name: system.scores["bleu"].corpus.value
        for system in result.systems  # type: ignore[union-attr]
    }
    documents = [line.split("\t") for line in lines(run, "metric-scores/de-en/chrf-refA.refB.doc.score")]
    assert [name for name, _ in documents] == ["good", "good", "fair", "fair"]
    assert [float(value) for _, value in documents] == [
        score.value
        for system in result.systems
        for scores in [system.scores["chrf"]]
        if isinstance(scores, MetricScores)
        for score in scores.articles
        if isinstance(score, Score)
    ]


def test_a_level_that_lacks_a_score_is_left_out_and_named(run: Run) -> None:
    done = exported(NAME, run)
    assert [name for name in done.files if name.startswith("metric-scores")] == [
        f"metric-scores/de-en/{metric}-refA.refB.doc.score" for metric in ("chrf", "bleu")
    ], "no article lacks a score"
    said = [noted(note) for note in done.notes]
    assert f"{NAME}: no sys scores of bleu: some are missing for bad" in said
    assert f"{NAME}: no seg scores of chrf: some are missing for good, fair, bad" in said, "one has no reference"
    whole = exported(NAME, build_run(WHOLE))
    assert {name for name in whole.files if name.startswith("metric-scores")} == {
        f"metric-scores/de-en/{metric}-refA.refB.{level}.score"
        for metric in ("chrf", "bleu")
        for level in ("sys", "doc")
    }


def test_the_segment_scores_come_back_by_line(tmp_path: Path) -> None:
    run = build_run(WHOLE)
    (result,) = run.pairs
    kept = [replace(article, segments=article.segments[:2]) for article in result.corpus.articles]
    rows = [0, 1, 3, 4]
    systems = []
    for system in result.systems:
        scores = {
            name: replace(found, segments=found.segments[rows], scored=found.scored[rows])
            for name, found in system.scores.items()
            if isinstance(found, MetricScores)
        }
        systems.append(replace(system, outcomes=tuple(system.outcomes[row] for row in rows), scores=scores))
    part = replace(run, pairs=(replace(
        result, corpus=replace(result.corpus, articles=tuple(kept)), systems=tuple(systems)
    ),))  # fmt: skip
    path = tmp_path / "chrf.seg.score"
    path.write_bytes(exported(NAME, part).files["metric-scores/de-en/chrf-refA.refB.seg.score"])
    found = ratings_of(Scores.from_tsv("chrf", path), part)
    assert len(found) == 8
    for system in part.pairs[0].systems:
        scores = system.scores["chrf"]
        assert isinstance(scores, MetricScores)
        values = [found[system.name, str(segment.id)] for segment in part.pairs[0].corpus.segments]
        assert values == scores.segments.tolist()


def test_lines_are_in_the_order_of_the_imported_file(run: Run) -> None:
    segments = run.pairs[0].corpus.segments
    places = {segment.id: OriginalLine("x", row if row > 2 else row + 10) for row, segment in enumerate(segments)}
    handoff = replace(sample_handoff(run), originals=places)
    files = load_exporter(NAME).export(handoff).files
    assert files["documents/de-en.docs"].decode().split("\n")[:3] == ["blog blog-2", "blog blog-2", "news news-1"]
    mixed = {segment.id: OriginalLine("x", (0, 2, 4, 1, 3)[row]) for row, segment in enumerate(segments)}
    done = load_exporter(NAME).export(replace(handoff, originals=mixed))
    assert done.files["documents/de-en.docs"].decode().startswith("news news-1\nnews news-1\n")
    assert "mixed its articles" in noted(done.notes[0])


def test_a_system_that_is_called_as_a_reference_keeps_its_name() -> None:
    files = exported(NAME, build_run({"refA": ["a"] * 5, "other": ["b"] * 5})).files
    assert {name for name in files if "ref" in name and "scores" not in name} == {
        "references/de-en.refB.txt", "references/de-en.refC.txt", "system-outputs/de-en/refA.txt"
    }  # fmt: skip


def test_a_name_with_a_space() -> None:
    with pytest.raises(UsageError, match="the system 'my system' has spaces"):
        exported(NAME, build_run({"my system": ["a"] * 5}))


def test_scores_without_a_header_and_none(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "en-de.esa.seg.score"
    rows = ["good\tNone", "good\t47", "good\t1e1", "good 5", "good\t-0.5", *["refA\t3"] * 5]
    path.write_text("\n".join(rows), encoding="utf-8")
    metric = Scores.from_tsv("esa", path)
    assert ratings_of(metric, run) == {
        ("good", "news-1:2"): 47, ("good", "news-1:3"): 10, ("good", "blog-2:1"): 5, ("good", "blog-2:2"): -0.5
    }  # fmt: skip
    assert "rated, but not in this run: refA" in noted(metric.notes[-1])


def test_marked_errors_are_kept(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "en-de.mqm.merged.seg.rating"
    error = '{"start": 3, "end": 9, "category": "accuracy/addition", "severity": "Major", "score": 5}'
    rows = [f'good\t{{"errors": [{error}, {error}]}}\trater2', 'good\t{"errors": []}', *["good\tNone"] * 3]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    metric = Scores.from_tsv("mqm", path)
    assert not metric.higher_is_better
    assert ratings_of(metric, run) == {("good", "news-1:1"): 10, ("good", "news-1:2"): 0}
    (spans,) = metric.ratings.spans.values()
    assert spans == (MarkedError((3, 9), "major", "accuracy/addition"),) * 2


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["good\t1"] * 4, "4 lines for system 'good', but 5 segments"),
        (["good\t1"] * 6, "no line 6; the last is 5"),
        (["good\t1"] * 30 + ["good"], ":31: not a system and its score"),
        (['good\t{"errors": [{"start": 1}]}'], ":1: not a rating with the score of every error"),
        (['good\t{"errors": []}', "good\t1"], "scores and marked errors in one file"),
    ],
)
def test_files_of_another_length_or_with_faults(rows: list[str], said: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.seg.score"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=said):
        ratings_of(Scores.from_tsv("x", path), run)
