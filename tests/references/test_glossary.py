"""Glossary files, and a glossary from the file to the flag."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.corpus.glossary import read_glossary
from harness.errors import DataError
from tests.cli.conftest import Shell, harness
from tests.workspace import write_article, write_system

__all__ = ["harness"]


def test_terms_in_their_order_and_empty_lines_left_out(tmp_path: Path) -> None:
    file = tmp_path / "terms.tsv"
    file.write_text("Nachtzug\tnight train|sleeper\n\nGleis\tplatform\n", encoding="utf-8")
    assert list(read_glossary(file).items()) == [("Nachtzug", "night train|sleeper"), ("Gleis", "platform")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Nachtzug\n", r"terms.tsv:1: expected term<TAB>translation"),
        ("Gleis\tplatform\nZug\t\n", r"terms.tsv:2: expected term<TAB>translation"),
        ("Zug\ttrain\nZug\trailway train\n", r"terms.tsv:2: the term 'Zug' is already in line 1"),
        ("a\tb\tc\n", r"terms.tsv:1: expected term"),
    ],
)
def test_what_is_no_glossary(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "terms.tsv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=says):
        read_glossary(file)


def test_a_workspace_and_bare_files_use_it(tmp_path: Path, harness: Shell) -> None:
    write_article(tmp_path, "trains", [("Der Nachtzug hält.", "The night train stops."), ("Er fährt.", "It leaves.")])
    write_system(tmp_path, "mine", 'engine = "recorded"\n')
    outputs = tmp_path / "systems" / "mine" / "de-en"
    outputs.mkdir(parents=True)
    (outputs / "trains.txt").write_text("The nocturnal railway stops.\nIt leaves.\n", encoding="utf-8")
    (tmp_path / "terms.tsv").write_text("Nachtzug\tnight train|sleeper\n", encoding="utf-8")
    (tmp_path / "harness.toml").write_text('metrics = ["chrf"]\n[checks.glossary]\nde-en = "terms.tsv"\n', "utf-8")
    document = json.loads(harness("run", "-C", tmp_path, "-q", "--format", "json").out)
    assert document["pairs"][0]["systems"][0]["flags"]["glossary"] == 1

    (tmp_path / "terms.tsv").rename(tmp_path / "words.tsv")
    error = harness("run", "-C", tmp_path, "-q").err
    assert "harness.toml [checks.glossary] de-en: no such file: terms.tsv" in error
    (tmp_path / "words.tsv").rename(tmp_path / "terms.tsv")

    folder = tmp_path / "references" / "de-en"
    done = harness(
        "score", "--source", folder / "trains.de.txt", "--reference", folder / "trains.en.txt",
        "--hypothesis", f"mine={outputs / 'trains.txt'}", "--pair", "de-en", "--format", "json",
        "--glossary", tmp_path / "terms.tsv",
    )  # fmt: skip
    assert json.loads(done.out)["flags"]["mine"]["glossary"] == 1
