"""Importers: what each format gives, what is refused with the original's line, and what is said about the rest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.corpus.importers.chrome import chrome_at_edges, looks_like_chrome
from harness.corpus.importers.model import Imported, Request
from harness.corpus.importers.reading import detect, read_files
from harness.corpus.importers.rows import Row, articles_from_rows
from harness.errors import DataError, UsageError
from harness.reports.words.reasons import noted
from harness.workspace.registry import names
from tests.references.articles import DE_EN, write_lines

# An article as people paste it: headline translated, a typo ("er Sommer"), what the page says around it.
PASTED = (
    "A summer without swallows",
    "",
    "<--",
    "",
    "Ein Sommer ohne Schwalben",
    "",
    "er Sommer war heiß, und trotzdem blieben die Nester am Hof von Familie Arndt leer.",
    "Drei Paare zählte der Verein, vor zehn Jahren waren es 41.",
    "",
    "Woran das liegt, weiß niemand genau.",
    "",
    "Artikel teilen",
    "Facebook",
    "",
    "About this publication",
)


def load(*files: Path, file_format: str = "auto", **options: object) -> Imported:
    return read_files(Request(files, DE_EN, **options), file_format)  # type: ignore[arg-type]


def segments(imported: Imported) -> dict[str, list[list[tuple[str, dict[int, str]]]]]:
    return {
        article.id: [[(s.source, dict(s.references)) for s in paragraph] for paragraph in article.paragraphs]
        for article in imported.articles
    }


# Parallel text


def test_parallel_text_with_two_references_and_a_paragraph_break(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "my news.de.txt", "Eins", "", "Zwei")
    one = write_lines(tmp_path / "one.txt", "One", "", "")
    two = write_lines(tmp_path / "two.txt", "ONE", "", "TWO")
    imported = load(source, one, two)
    assert segments(imported) == {"my-news": [[("Eins", {1: "One", 2: "ONE"})], [("Zwei", {2: "TWO"})]]}
    assert imported.articles[0].meta == {"original_id": "my news"}
    assert "becomes 'my-news'" in noted(imported.notes[-1])
    assert [*segments(load(source, one, article="given"))] == ["given"]


def test_docids_part_parallel_text_into_articles(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "s.txt", "a", "b", "c")
    docids = write_lines(tmp_path / "d.txt", "news\tx", "news\tx", "social\ty.1")
    imported = load(source, docids=(docids,))
    assert [(a.id, dict(a.meta)) for a in imported.articles] == [
        ("x", {"domain": "news"}),
        ("y-1", {"domain": "social", "original_id": "y.1"}),
    ]
    with pytest.raises(DataError, match=r"s.txt:\d: the article name 'y 1' gives the id 'y-1'"):
        load(source, docids=(write_lines(tmp_path / "e.txt", "x", "y.1", "y 1"),))


def test_parallel_text_that_is_misaligned_is_refused(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "s.txt", "a", "b")
    with pytest.raises(DataError, match=r"s.txt has 2 lines, .*r.txt has 1"):
        load(source, write_lines(tmp_path / "r.txt", "A"))
    with pytest.raises(DataError, match=r"r.txt:2: this line has text, but the same line of"):
        load(write_lines(tmp_path / "s.txt", "a", ""), write_lines(tmp_path / "r.txt", "A", "B"))


def test_bom_and_crlf_are_removed_and_said(tmp_path: Path) -> None:
    path = tmp_path / "s.txt"
    path.write_bytes("\ufeffEins\r\nZwei\r\n".encode())
    imported = load(path)
    assert segments(imported) == {"s": [[("Eins", {}), ("Zwei", {})]]}
    assert [note.what.split(" in ")[0] for note in imported.notes] == [
        "byte order mark removed",
        "CRLF line ends read as LF",
    ]


# Bilingual articles


def test_a_pasted_article_with_its_headline_translated(tmp_path: Path) -> None:
    imported = load(write_lines(tmp_path / "swallows.txt", *PASTED))
    (paragraphs,) = segments(imported).values()
    assert [len(paragraph) for paragraph in paragraphs] == [1, 2, 1, 2, 1]
    assert paragraphs[0] == [("Ein Sommer ohne Schwalben", {1: "A summer without swallows"})]
    assert paragraphs[1][0][0].startswith("er Sommer")
    assert not any(references for paragraph in paragraphs[1:] for _, references in paragraph)
    notes = [noted(note) for note in imported.notes]
    assert [note.split(":")[1] for note in notes] == ["12", "13", "15", "1"]
    assert all("web chrome in the source text, kept" in note for note in notes[:3])
    assert "headline" in notes[3]


def test_chrome_is_dropped_on_request_only(tmp_path: Path) -> None:
    imported = load(write_lines(tmp_path / "swallows.txt", *PASTED), drop_chrome=True)
    (paragraphs,) = segments(imported).values()
    assert [len(paragraph) for paragraph in paragraphs] == [1, 2, 1]
    assert sum("dropped: 'About this publication'" in note.what for note in imported.notes) == 1


def test_a_fully_translated_article_goes_one_to_one(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.txt", "One", "Two", "", "<--", "Eins", "", "Zwei")
    imported = load(path)
    assert segments(imported) == {"a": [[("Eins", {1: "One"})], [("Zwei", {1: "Two"})]]}
    assert "paragraphs differ" in imported.notes[0].what


def test_an_article_without_translation_has_no_reference(tmp_path: Path) -> None:
    imported = load(write_lines(tmp_path / "a.txt", "", " <-- ", "Eins", "\u00a0", "Zwei"))
    assert segments(imported) == {"a": [[("Eins", {})], [("Zwei", {})]]}
    assert [note.what.split(",")[0].split(":")[0] for note in imported.notes] == [
        "a line of white space",
        "no translation above '<--'",
    ]


def test_web_chrome_does_not_keep_lines_from_going_one_to_one(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.txt", "One", "", "Two", "<--", "Eins", "", "Zwei", "", "Read more")
    assert segments(load(path, drop_chrome=True)) == {"a": [[("Eins", {1: "One"})], [("Zwei", {1: "Two"})]]}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("a", "b"), "found: none"),
        (("a", "<--", "b", "<--", "c"), "found: lines 2, 4"),
        (("a", "<--", ""), "a.txt:2: no source article below"),
    ],
)
def test_bilingual_files_that_are_refused(tmp_path: Path, lines: tuple[str, ...], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(write_lines(tmp_path / "a.txt", *lines), file_format="bilingual")


def test_the_example_article(tmp_path: Path) -> None:
    path = Path(__file__).resolve().parents[3] / "shared" / "article-example.txt"
    if not path.is_file():
        pytest.skip("the example article is not beside the repository")
    imported = load(path)
    (article,) = imported.articles
    assert article.id == "article-example"
    found = [segment for paragraph in article.paragraphs for segment in paragraph]
    assert [bool(segment.references) for segment in found] == [True] + [False] * (len(found) - 1)
    text = path.read_bytes().decode().removeprefix("\ufeff")
    assert [s.source for s in found] == [line for line in text.split("<--")[1].split("\n") if line]
    chrome = [note for note in imported.notes if "web chrome" in note.what]
    assert [note.where for note in chrome] == [f"{path}:{text.rstrip().count(chr(10)) + 1}"]
    dropped = load(path, drop_chrome=True).articles[0]
    assert [len(p) for p in dropped.paragraphs] == [len(p) for p in article.paragraphs[:-1]]


def test_chrome_counts_at_the_edges_only() -> None:
    assert chrome_at_edges(
        [["Anzeige"], ["Text."], ["Teilen"], ["More."], ["Teilen", "Twitter"], ["12 Kommentare"]]
    ) == {
        0,
        4,
        5,
    }
    assert chrome_at_edges([["Text."], ["Teilen", "Wir teilen alles."]]) == frozenset()
    assert chrome_at_edges([["Anzeige"]]) == frozenset()
    assert chrome_at_edges([["Text."], ["Teilen"] * 8]) == {1}
    assert chrome_at_edges([["Text."], ["Teilen"] * 9]) == frozenset()  # no page has so many buttons in a row


@pytest.mark.parametrize(
    ("text", "chrome"),
    [
        ("READ MORE »", True),
        ("Lesezeit: 4 Minuten", True),
        ("Read more books", False),
        ("12 comments on the law", False),
    ],
)
def test_chrome_is_the_whole_line(text: str, chrome: bool) -> None:
    assert looks_like_chrome(text) is chrome


# Choosing the format


def test_the_format_is_told_by_suffix_and_separator(tmp_path: Path) -> None:
    plain, pasted = write_lines(tmp_path / "a.txt", "a"), write_lines(tmp_path / "b.txt", *PASTED)
    table = write_lines(tmp_path / "t.TSV", "source", "a")
    assert [detect((path,), DE_EN) for path in (plain, pasted, table)] == [
        "parallel",
        "bilingual",
        "tsv",
    ]
    with pytest.raises(UsageError, match="different formats"):
        detect((plain, pasted), DE_EN)


@pytest.mark.parametrize(
    ("file_format", "options", "message"),
    [
        ("tsvv", {}, "unknown format 'tsvv'"),
        ("tsv", {"drop_chrome": True}, "--drop-chrome"),
        ("csv", {"docids": (Path("d"),)}, "--docids"),
        ("parallel", {"article": "a b"}, "--article 'a b' is not an article id"),
        ("tsv", {"article": "x"}, "--article, but the file has a column"),
    ],
)
def test_options_that_do_not_fit(tmp_path: Path, file_format: str, options: dict[str, object], message: str) -> None:
    path = write_lines(tmp_path / "t.tsv", *(("a",) if file_format == "parallel" else ("source\tarticle", "a\tb")))
    with pytest.raises(UsageError, match=message):
        load(path, file_format=file_format, **options)
    with pytest.raises(UsageError, match="no file"):
        load(file_format=file_format)
    assert {"parallel", "tsv", "csv", "jsonl", "bilingual", "tmx"} <= set(names("importers"))


def rows(*fields: tuple[str, str, str]) -> Iterator[Row]:
    """Rows of a table: article, source, reference."""
    return (
        Row(f"t:{line}", article, source, (reference,)) for line, (article, source, reference) in enumerate(fields, 1)
    )


def test_an_article_that_occurs_again_is_refused_unless_rows_may_be_mixed() -> None:
    fields = [("a", "Ja.", "Yes."), ("b", "Nein.", "No."), ("a", "Doch.", "But yes.")]
    with pytest.raises(DataError, match="t:3: the article 'a' occurs again; it began at t:1"):
        articles_from_rows(rows(*fields))
    articles, _ = articles_from_rows(rows(*fields), interleaved=True)
    assert [(article.id, sum(map(len, article.paragraphs))) for article in articles] == [("a", 2), ("b", 1)]


def test_a_reference_without_a_source_is_refused_and_an_empty_row_ends_a_paragraph() -> None:
    with pytest.raises(DataError, match="t:2: a reference without source text"):
        articles_from_rows(rows(("a", "Ja.", "Yes."), ("a", "", "No.")))
    ((article,), _) = articles_from_rows(rows(("a", "Ja.", "Yes."), ("a", "", ""), ("a", "Nein.", "No.")))
    assert [len(paragraph) for paragraph in article.paragraphs] == [1, 1]
