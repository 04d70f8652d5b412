"""``harness import`` and ``harness lint`` as commands: what goes to stdout, what to stderr, and the exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from harness.cli.import_ import import_references
from harness.cli.lint import lint
from harness.corpus.native import read_workspace
from harness.errors import DataError, UsageError
from tests.references.articles import TEXTS, lines_of, write_lines

app = typer.Typer()
app.command("import")(import_references)
app.command("lint")(lint)
runner = CliRunner()


def written(folder: Path, *, shifted: bool = False) -> Path:
    for name in TEXTS:
        sources, references = zip(*lines_of(name), strict=True)
        if shifted and name == "harvest":
            sources = tuple(text for text in sources if text)
            references = (*(text for text in references if text),)
            references = (references[0], *references[2:], "")
        write_lines(folder / f"references/de-en/{name}.de.txt", *sources)
        write_lines(folder / f"references/de-en/{name}.en.txt", *references)
    return folder


def test_import_prints_paths_and_says_the_rest_on_stderr(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.txt", "Title", "<--", "Titel", "", "Text.", "", "Mehr zum Thema")
    arguments = ["import", str(path), "--pair", "de-en", "-C", str(tmp_path)]
    result = runner.invoke(app, arguments)
    assert result.exit_code == 0
    folder = tmp_path / "references" / "de-en"
    assert result.stdout.split("\n") == [str(folder / "a.de.txt"), str(folder / "a.en.txt"), ""]
    assert "a.txt:7: web chrome in the source text, kept" in result.stderr
    assert "1 article from 1 file: 3 segments, 1 with a reference" in result.stderr
    (corpus,) = read_workspace(tmp_path / "references")
    assert [segment.references for segment in corpus.segments] == [("Title",), (), ()]
    again = runner.invoke(app, arguments)
    assert isinstance(again.exception, UsageError)
    assert runner.invoke(app, [*arguments, "--force", "--drop-chrome"]).exit_code == 0
    assert len(read_workspace(tmp_path / "references")[0].segments) == 2


def test_import_of_parallel_files_with_docids(tmp_path: Path) -> None:
    files = [write_lines(tmp_path / name, "x", "y") for name in ("s.txt", "r.txt", "r2.txt")]
    docids = write_lines(tmp_path / "docids", "news\tone", "web\ttwo")
    options = ["--pair", "en-pt_BR", "--docids", str(docids), "-C", str(tmp_path), "--format", "parallel"]
    assert runner.invoke(app, ["import", *map(str, files), *options]).exit_code == 0
    (corpus,) = read_workspace(tmp_path / "references")
    assert [(a.id, a.meta["domain"], len(a.segments[0].references)) for a in corpus.articles] == [
        ("one", "news", 2),
        ("two", "web", 2),
    ]


def test_notes_on_outputs_are_in_words(tmp_path: Path) -> None:
    path = write_lines(written(tmp_path) / "bees.en.txt", *(reference for _, reference in lines_of("bees")))
    result = runner.invoke(app, ["import", str(path), "--pair", "de-en", "--system", "mt", "-C", str(tmp_path)])
    assert result.exit_code == 0, result.exception
    assert "note: mt: articles without an output: 5 (bridge, clock" in result.stderr
    assert "Note(" not in result.stderr


def test_lint_is_silent_about_a_sound_corpus(tmp_path: Path) -> None:
    result = runner.invoke(app, ["lint", "-C", str(written(tmp_path)), "--strict"])
    assert (result.exit_code, result.stdout) == (0, "")
    assert "6 articles, 43 segments: 0 errors, 0 warnings" in result.stderr


def test_lint_exits_with_two_on_errors(tmp_path: Path) -> None:
    result = runner.invoke(app, ["lint", "-C", str(written(tmp_path, shifted=True)), "--pair", "de-en"])
    assert result.exit_code == 2
    assert result.stdout.split(" ")[:2] == ["de-en/harvest.de.txt:2:", "error:"]
    assert "6 articles, 43 segments: 1 error, " in result.stderr


@pytest.mark.parametrize(("strict", "code"), [([], 0), (["--strict"], 2)])
def test_lint_with_warnings_alone_fails_only_when_strict(tmp_path: Path, strict: list[str], code: int) -> None:
    arguments = ["lint", "-C", str(written(tmp_path)), "--article", "bees", "--format", "json", *strict]
    result = runner.invoke(app, arguments)
    assert result.exit_code == code
    (finding,) = json.loads(result.stdout)
    assert {key: finding[key] for key in ("severity", "check", "where")} == {
        "severity": "warning",
        "check": "few-articles",
        "where": "de-en",
    }


def test_lint_raises_what_reading_raises(tmp_path: Path) -> None:
    write_lines(written(tmp_path) / "references/de-en/bees.en.txt", "One line")
    assert isinstance(runner.invoke(app, ["lint", "-C", str(tmp_path)]).exception, DataError)
    wrong = runner.invoke(app, ["lint", "-C", str(tmp_path), "--format", "xml"])
    assert isinstance(wrong.exception, UsageError)
