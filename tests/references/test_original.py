"""Where the lines of an article stood in the file it was imported from."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.corpus.importers.model import ImportedArticle, ImportedSegment, Place
from harness.corpus.metadata import OriginalFile, read_article_file, read_original
from harness.corpus.original import Original, original_toml
from harness.corpus.write import write_articles
from harness.errors import ConfigError
from tests.references.articles import DE_EN


def table(lines: str, count: int = 9) -> OriginalFile:
    return OriginalFile.model_validate({"file": "all.de.txt", "lines": lines, "of": count, "sources": "x"})


@given(st.sets(st.integers(1, 60), min_size=1))
def test_lines_come_back_from_their_shortest_spelling(
    tmp_path_factory: pytest.TempPathFactory, lines: set[int]
) -> None:
    original = Original('a "name".txt', tuple(sorted(lines)), 60, "digest")
    path = tmp_path_factory.mktemp("original") / "a.toml"
    path.write_text(original_toml(original), encoding="utf-8")
    kept = read_article_file(path).original
    assert kept is not None
    assert read_original(kept, "a.toml") == original
    gaps = sum(line - 1 not in lines for line in lines)
    assert kept.lines.count(",") == gaps - 1


@pytest.mark.parametrize("lines", ["3-2", "1-4,4-6", "1-4,4", "5,4", "0-2", "9-10", "10", "2,2"])
def test_lines_that_do_not_go_up_or_are_not_there_are_refused(lines: str) -> None:
    with pytest.raises(ConfigError, match=r"original\.lines.*is out of order, or is beyond 9"):
        read_original(table(lines), "a.toml")
    assert read_original(table("1-4,5,7-9"), "a.toml").lines == (1, 2, 3, 4, 5, 7, 8, 9)


@pytest.mark.parametrize("files", [("all.txt", "all.txt"), ("all.txt", "more.txt"), ("all.txt", None)])
def test_an_article_of_several_files_stood_nowhere(tmp_path: Path, files: tuple[str | None, ...]) -> None:
    segments = tuple(
        ImportedSegment(f"Satz {number}.", {}, f"f:{number}", Place(file, number, 20) if file else None)
        for number, file in enumerate(files, start=11)
    )
    write_articles(tmp_path, DE_EN, [ImportedArticle("a", {}, (segments,), "f")])
    path = tmp_path / "de-en" / "a.toml"
    assert path.exists() == (files == ("all.txt", "all.txt"))
    if path.exists():
        kept = read_article_file(path).original
        assert kept is not None
        assert (kept.file, kept.lines, kept.of) == ("all.txt", "11-12", 20)
