"""A system without every segment is named first, everywhere; all are compared on what all have; nothing is mixed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import harness as package
from harness.analysis import analyse
from harness.analysis.subset import exclusions, shared_parts, skip_articles
from harness.errors import UsageError
from harness.metrics.load import formulas
from harness.reports.words.reasons import noted
from harness.store.runs.directory import load_run
from harness.store.runs.result import MetricScores, Run
from harness.types import Missing, Score
from harness.workspace.registry import load
from tests.cli.conftest import Shell, harness
from tests.workspace import write_article, write_system

__all__ = ["harness"]

ARTICLES = ("a1", "a10", "a2", "Beta", "c", "d", "e", "f", "g")

SIZE = 4

NAMES = ("best", "good", "poor")


def workspace(root: Path, lost: dict[str, tuple[str, ...]]) -> Path:
    """Three recorded systems, each without the articles of ``lost``."""
    for article in ARTICLES:
        rows = [(f"Satz {n} von {article} heute", f"sentence {n} of {article} for today") for n in range(SIZE)]
        write_article(root, article, rows)
        for index, name in enumerate(NAMES):
            folder = root / "systems" / name / "de-en"
            folder.mkdir(parents=True, exist_ok=True)
            if article not in lost.get(name, ()):
                words = [
                    " ".join(["sentence", str(n), "of", article, "for", "today"][: 6 - index]) for n in range(SIZE)
                ]
                (folder / f"{article}.txt").write_text("".join(f"{line}\n" for line in words), encoding="utf-8")
    for name in NAMES:
        write_system(root, name, 'engine = "recorded"\n')
    (root / "harness.toml").write_text('metrics = ["chrf", "bleu"]\n', encoding="utf-8")
    return root


def run_of(root: Path, harness: Shell, *more: object) -> tuple[Run, str]:
    done = harness("run", "-C", root, "-q", "-v", *more)
    folder = max((root / "reports" / "runs").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    return load_run(folder), " ".join(done.out.split())


def corpus_scores(run: Run, metric: str = "chrf") -> dict[str, Score | Missing]:
    found = {}
    for system in run.pairs[0].systems:
        scores = system.scores[metric]
        found[str(system.name)] = scores.corpus if isinstance(scores, MetricScores) else scores
    return found


def test_one_missing_article_is_named_first_and_the_others_are_compared(tmp_path: Path, harness: Shell) -> None:
    run, text = run_of(workspace(tmp_path, {"best": ("a10",)}), harness)
    (excluded,) = exclusions(run.pairs[0])
    assert (excluded.system, excluded.missing, excluded.of, excluded.articles) == ("best", 4, 36, ("a10",))
    said = "Excluded: best lacks 4 of 36 segments, in a10 ("
    assert said in text
    assert "a10.txt is missing" in text
    assert "add --skip-article a10." in text
    assert text.index(said) < text.index("good scores significantly higher than poor")
    assert text.index("good scores significantly higher than poor") < text.index(
        "On the 32 of 36 segments common to 3 systems: best"
    )


def test_the_shared_comparison_is_the_run_on_those_segments(tmp_path: Path, harness: Shell) -> None:
    run, _ = run_of(workspace(tmp_path, {"best": ("a10",), "poor": ("Beta", "a2")}), harness)
    (shared,) = shared_parts(run.pairs[0], formulas(run.settings))
    kept = [name for name in sorted(ARTICLES) if name not in ("a10", "Beta", "a2")]
    assert [article.id for article in shared.corpus.articles] == kept
    again, _ = run_of(tmp_path, harness, *(word for name in kept for word in ("--article", name)))
    assert again.status == "complete"
    for system, other in zip(shared.systems, again.pairs[0].systems, strict=True):
        for metric in ("chrf", "bleu"):
            mine, alone = system.scores[metric], other.scores[metric]
            assert isinstance(mine, MetricScores)
            assert isinstance(alone, MetricScores)
            assert mine.corpus == alone.corpus
            assert mine.articles == alone.articles
    (strict,) = analyse(run).pairs
    (part,) = strict.shared
    assert strict.evidence.metrics["chrf"].ranking == ("good",)
    assert part.pair.evidence.metrics["chrf"].ranking == ("best", "good", "poor")
    (whole,) = analyse(again).pairs
    assert part.pair.evidence.metrics["chrf"].comparisons == whole.evidence.metrics["chrf"].comparisons


def test_leaving_articles_out_of_a_stored_run_equals_a_run_without_them(tmp_path: Path, harness: Shell) -> None:
    run, _ = run_of(workspace(tmp_path, {"best": ("a10",)}), harness)
    assert run.status == "incomplete"
    assert isinstance(corpus_scores(run)["best"], Missing)
    stored = skip_articles(run, ["a10"])
    made, text = run_of(tmp_path, harness, "--skip-article", "a10")
    assert (stored.status, made.status) == ("complete", "complete")
    assert corpus_scores(stored) == corpus_scores(made)
    assert stored.settings["skipped_articles"] == made.settings["skipped_articles"] == ["a10"]
    assert "--skip-article a10" in made.command
    assert "Left out for every system: a10." in text
    assert "Excluded" not in text
    assert analyse(stored).pairs[0].shared == ()
    assert [noted(note) for note in stored.pairs[0].notes if "skip" in noted(note)] == [
        noted(note) for note in made.pairs[0].notes if "skip" in noted(note)
    ]


@pytest.mark.parametrize("name", ["terminal", "md", "html", "json", "latex"])
def test_every_report_names_the_excluded_and_what_was_left_out(tmp_path: Path, harness: Shell, name: str) -> None:
    run, _ = run_of(workspace(tmp_path, {"best": ("a10",)}), harness)
    text = " ".join(load("reports", name)().render(analyse(run)).decode("utf-8").split())
    assert "Excluded: best lacks 4 of 36 segments" in text
    assert "skip-article" in text or name == "latex"
    if name == "json":
        (pair,) = json.loads(load("reports", name)().render(analyse(run)))["pairs"]
        assert pair["excluded"][0]["system"] == "best"
        assert pair["excluded"][0]["articles"] == ["a10"]
        assert pair["excluded"][0]["fix"] == "--skip-article a10"
        shared = pair["shared"]
        assert (shared["segments"], shared["of"], shared["systems"]) == (32, 36, list(NAMES))
        assert {score["n"] for scores in shared["scores"].values() for score in scores.values()} == {32}
    elif name != "latex":
        assert "On the 32 of 36 segments common to 3 systems" in text
        assert "cannot be compared with it" in text
    without = " ".join(load("reports", name)().render(analyse(skip_articles(run, ["a10"]))).decode("utf-8").split())
    assert "left out for every system: a10" in without.lower()
    assert "Excluded:" not in without


def test_compare_and_decide_name_them_too(tmp_path: Path, harness: Shell) -> None:
    run_of(workspace(tmp_path, {"best": ("a10",)}), harness)
    text = harness("compare", "-C", tmp_path).out
    assert text.startswith("de-en: Excluded: best lacks 4 of 36 segments, in a10 (")
    assert "On the 32 of 36 segments common to 3 systems" in text
    document = json.loads(harness("compare", "-C", tmp_path, "--format", "json").out)
    assert document["excluded"]["de-en"][0]["system"] == "best"
    assert document["shared"]["de-en"]["segments"] == 32
    decided = harness("decide", "-C", tmp_path)
    assert decided.out.startswith("de-en: Excluded: best")
    assert "good is recommended" in decided.out
    decided = harness("decide", "-C", tmp_path, "--skip-article", "a10")
    assert decided.code == 0
    assert "best is recommended" in decided.out
    assert "Left out for every system: a10" in decided.out
    assert "Excluded" not in harness("compare", "-C", tmp_path, "--skip-article", "a10").out
    assert "Left out for every system: a10" in harness("report", "-C", tmp_path, "--skip-article", "a10").out
    evidence = package.compare(load_run(next((tmp_path / "reports" / "runs").iterdir())), skip_articles=["a10"])
    assert evidence["de-en"].units == 8


def test_a_system_with_little_does_not_take_the_segments_from_the_others(tmp_path: Path, harness: Shell) -> None:
    run, text = run_of(workspace(tmp_path, {"best": ARTICLES[:8], "poor": ("c",)}), harness)
    (found,) = analyse(run).pairs
    (part,) = found.shared
    assert [system.name for system in part.pair.result.systems] == ["good", "poor"]
    assert "Excluded: best lacks 32 of 36 segments, in 8 articles" in text
    assert "--skip-article" not in text
    assert "Their outputs are recorded: add the missing lines in systems/best/de-en/, systems/poor/de-en/." in text


def test_nothing_is_shared_where_nothing_is_lost_or_left(tmp_path: Path, harness: Shell) -> None:
    whole, text = run_of(workspace(tmp_path / "whole", {}), harness)
    assert analyse(whole).pairs[0].shared == ()
    assert "Excluded" not in text
    alone, _ = run_of(workspace(tmp_path / "alone", {"best": ARTICLES, "poor": ARTICLES}), harness)
    assert analyse(alone).pairs[0].shared == ()


def test_more_than_three_are_counted(tmp_path: Path, harness: Shell) -> None:
    root = workspace(tmp_path, {})
    for number in range(5):
        write_system(root, f"gone{number}", 'engine = "deepl"\npairs = ["de-en"]\n')
    _, text = run_of(root, harness, "--offline")
    assert text.count("Excluded: gone") == 3
    assert "2 more systems are excluded." in text


def test_wrong_articles_are_refused(tmp_path: Path, harness: Shell) -> None:
    run, _ = run_of(workspace(tmp_path, {"best": ("a10",)}), harness)
    for arguments in (["run", "-q"], ["report"], ["compare"], ["decide"]):
        refused = harness(*arguments, "-C", tmp_path, "--skip-article", "beta")
        assert refused.code == 2, arguments
        assert "--skip-article beta: no such article" in refused.err
        assert "did you mean 'Beta'?" in refused.err
    with pytest.raises(UsageError, match="leaves no article"):
        skip_articles(run, ARTICLES)
    assert "leaves no article" in harness("run", "-C", tmp_path, "--skip-article", ",".join(ARTICLES)).err


def test_an_article_that_only_one_pair_has(tmp_path: Path, harness: Shell) -> None:
    root = workspace(tmp_path, {})
    for name in ("c", "other"):
        write_article(root, name, [("a sentence", "ein Satz")] * 2, "en-de")
    for system in NAMES:
        folder = root / "systems" / system / "en-de"
        folder.mkdir()
        for name in ("c", "other"):
            (folder / f"{name}.txt").write_text("ein Satz\nein Satz\n", encoding="utf-8")
    run, _ = run_of(root, harness, "--skip-article", "other")
    assert [[article.id for article in pair.corpus.articles] for pair in run.pairs] == [sorted(ARTICLES), ["c"]]
    assert [any("left out" in noted(note) for note in pair.notes) for pair in run.pairs] == [False, True]


def test_score_leaves_articles_out(tmp_path: Path, harness: Shell) -> None:
    for name, lines in {"src": "eins\nzwei\ndrei\n", "ref": "one\ntwo\nthree\n", "hyp": "one\ntwo\ntree\n"}.items():
        (tmp_path / name).write_text(lines, encoding="utf-8")
    (tmp_path / "docids").write_text("x\nx\ny\n", encoding="utf-8")
    command = [
        "score",
        "-s",
        tmp_path / "src",
        "-r",
        tmp_path / "ref",
        "-t",
        f"A={tmp_path / 'hyp'}",
        "--pair",
        "de-en",
    ]
    command += ["--docids", tmp_path / "docids", "--metric", "chrf", "-q", "--no-checks", "--format", "json"]
    whole = json.loads(harness(*command).out)
    part = json.loads(harness(*command, "--skip-article", "y").out)
    assert (whole["systems"]["A"]["chrf"]["n"], part["systems"]["A"]["chrf"]["n"]) == (3, 2)
    assert part["systems"]["A"]["chrf"]["score"] == 100.0
    assert "--skip-article: left out for every system: y" in part["notes"]


def test_runs_side_by_side_leave_out_what_only_some_of_them_have(tmp_path: Path, harness: Shell) -> None:
    first, _ = run_of(workspace(tmp_path, {}), harness)
    for file in (tmp_path / "references" / "de-en").glob("a10.*"):
        file.unlink()
    run_of(tmp_path, harness)
    for arguments in (["--history"], [first.id, "latest"]):
        shown = harness("report", *arguments, "-C", tmp_path, "--skip-article", "a10")
        assert shown.code == 0, shown.err
    refused = harness("report", "--history", "-C", tmp_path, "--skip-article", "beta")
    assert (refused.code, "did you mean 'Beta'?" in refused.err) == (2, True)


def test_systems_that_share_nothing_are_each_compared_with_the_complete_ones(tmp_path: Path, harness: Shell) -> None:
    """Two halves: no segment is one that all three have, and still each half says something."""
    root = workspace(tmp_path, {"best": ARTICLES[:4], "poor": ARTICLES[5:]})
    run, text = run_of(root, harness)
    (found,) = analyse(run).pairs
    assert [[str(system.name) for system in part.pair.result.systems] for part in found.shared] == [
        ["best", "good"],
        ["good", "poor"],
    ]
    assert "On the 20 of 36 segments common to 2 systems, including best" in text
    assert "On the 20 of 36 segments common to 2 systems, including poor" in text
    compared = harness("compare", "-C", root)
    assert "best − good" in compared.out
    assert "good − poor" in compared.out
    shared = json.loads(harness("compare", "-C", root, "--format", "json").out)["shared"]["de-en"]
    assert (shared["systems"], [item["systems"] for item in shared["others"]]) == (["best", "good"], [["good", "poor"]])


@pytest.mark.parametrize("other", [True, False])
def test_a_metric_by_which_systems_share_no_segment_says_why_they_are_not_compared(
    tmp_path: Path, harness: Shell, other: bool
) -> None:
    """``other``: a third system shares segments with each of the two, and is compared with both."""
    root = workspace(tmp_path, {})
    rated = {"good": ARTICLES[:4], "poor": ARTICLES[4:]} | ({"best": ARTICLES} if other else {})
    lines = [f"{name}\t{article}\t1\t{len(article)}" for name, articles in rated.items() for article in articles]
    (root / "r.tsv").write_text("\n".join(["system\tarticle\tsegment\tscore", *lines, ""]), encoding="utf-8")
    text = 'metrics = ["chrf", "sim"]\n[metric.sim]\nmetric = "scores"\nfile = "r.tsv"\n'
    (root / "harness.toml").write_text(text, encoding="utf-8")
    _, said = run_of(root, harness)
    why = "good and poor have no scored segments in common"
    assert f"{'no ranking and no tie groups' if other else 'not compared'}, because {why}" in said
    assert ("sim by pair" in said) is other
    assert why in harness("compare", "-C", root).out
    assert json.loads(harness("compare", "-C", root, "--format", "json").out)["not_compared"]["de-en"] == {"sim": why}
    (pair,) = json.loads(harness("report", "-C", root, "--format", "json").out)["pairs"]
    assert pair["evidence"]["not_compared"] == {"sim": why}
    pairs = {frozenset((item["a"], item["b"])) for item in pair["evidence"]["comparisons"] if item["metric"] == "sim"}
    assert pairs == ({frozenset(("best", "good")), frozenset(("best", "poor"))} if other else set())
