"""Importers: what each format gives, what is refused with the original's line, and what is said about the rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.corpus.importers import detect, read_files
from harness.corpus.importers.chrome import chrome_at_edges, looks_like_chrome
from harness.corpus.importers.model import Imported, Request
from harness.corpus.write import write_articles
from harness.errors import DataError, UsageError
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
    assert "becomes 'my-news'" in str(imported.notes[0])
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


# TSV and CSV


def test_tsv_has_no_quoting(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "t.tsv",
        "article\treference2\tsource\treference\tdomain",
        'a\t\t"Nein", sagte er.\t"No," he said.\tnews',
        "",
        "a\tB2\tZwei\t\tnews",
        "b\t\tDrei\tThree\t",
    )
    imported = load(path)
    assert segments(imported) == {
        "a": [[('"Nein", sagte er.', {1: '"No," he said.'})], [("Zwei", {2: "B2"})]],
        "b": [[("Drei", {1: "Three"})]],
    }
    assert [dict(a.meta) for a in imported.articles] == [{"domain": "news"}, {}]
    assert imported.notes == ()


def test_tsv_that_a_spreadsheet_quoted_is_noted(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "t.tsv", "source\treference", '"Er sagte ""Nein""."\tHe said "No".')
    assert "looks quoted by a spreadsheet" in str(load(path).notes[0])


def test_csv_has_quoting_and_may_have_semicolons(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "t.csv", "source,reference", '"Er sagte ""Nein"", ja.",He said no.', "x,")
    assert segments(load(path)) == {"t": [[('Er sagte "Nein", ja.', {1: "He said no."}), ("x", {})]]}
    imported = load(write_lines(tmp_path / "u.csv", "source;reference", "a, b;A, B"))
    assert segments(imported) == {"u": [[("a, b", {1: "A, B"})]]}
    assert "semicolons" in imported.notes[0].what


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("text\treference", "a\tb"), "t.tsv:1: the header has no column 'source'"),
        (("source\trefernce", "a\tb"), "t.tsv:1: unknown column 'refernce'"),
        (("source\tsource", "a\tb"), "t.tsv:1: the column 'source' is there twice"),
        (("source\treference2", "a\tb"), "t.tsv:1: there is a column 'reference2', but no column 'reference'"),
        (("source\treference", "a\tb", "a"), "t.tsv:3: 1 fields, but the header has 2"),
        (("source\treference", "\tb"), "t.tsv:2: a reference without source"),
        (("source\tarticle", "a\tx", "b\t"), "t.tsv:3: column 'article': empty"),
        (("source\tarticle", "a\tx", "b\ty", "c\tx"), "t.tsv:4: the article 'x' occurs again; it began at .*t.tsv:2"),
        (("source\tdomain", "a\tx", "b\ty"), "t.tsv:3: domain 'y', but the article 't' began with 'x'"),
        (("source\tarticle", "a\t日本"), "t.tsv:2: cannot derive an article id from '日本'"),
        (("source",), "no article to write"),
        (("source", "a", " "), "t.tsv:3: only white space"),
        (("source\tdate", "a\tMay"), "t.tsv:2: 'May' is not a date"),
    ],
)
def test_tables_that_are_refused(tmp_path: Path, lines: tuple[str, ...], message: str) -> None:
    path = write_lines(tmp_path / "t.tsv", *lines)
    with pytest.raises(DataError, match=message) as caught:
        write_articles(tmp_path / "references", DE_EN, load(path).articles)
    assert caught.value.hint
    assert not (tmp_path / "references").exists()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("source,reference", '"a', 'b",c'), "t.csv:2: column 'source': line break inside a segment"),
        (("source,reference", "x,y", '"a"b,c'), "t.csv:3: "),
        (("source,reference", "x,y", '"a,c'), "t.csv:3: "),
    ],
)
def test_csv_that_is_refused(tmp_path: Path, lines: tuple[str, ...], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(write_lines(tmp_path / "t.csv", *lines))


# JSONL


def test_jsonl_with_one_or_several_references(tmp_path: Path) -> None:
    rows = [
        {"source": "Eins", "reference": "One", "article": "a", "id": "1", "domain": "news"},
        {"source": "Zwei", "references": ["", "TWO"], "article": "a", "id": 2},
        {"source": "Drei", "article": "b"},
    ]
    imported = load(write_lines(tmp_path / "x.jsonl", *(json.dumps(row) for row in rows)))
    assert segments(imported) == {"a": [[("Eins", {1: "One"}), ("Zwei", {2: "TWO"})]], "b": [[("Drei", {})]]}
    assert imported.articles[0].meta == {"domain": "news"}
    assert "2 segment ids are not kept" in imported.notes[0].what


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "x.jsonl:2: column 2: not JSON"),
        ("", "x.jsonl:2: .*not JSON"),
        ("[1]", "x.jsonl:2: not a JSON object"),
        ("[" * 100_000, "x.jsonl:2: nested too deeply"),
        ('{"source": ' + "1" * 5000 + "}", "x.jsonl:2: .*a number too long"),
        ('{"source": 3}', "x.jsonl:2: field 'source': not a string"),
        ('{"source": null}', "x.jsonl:2: field 'source': not a string"),
        ('{"reference": "a"}', "x.jsonl:2: field 'source': missing"),
        ('{"source": "a", "domain": 0}', "x.jsonl:2: field 'domain': not a string"),
        ('{"source": "a", "target": "b"}', "x.jsonl:2: unknown field 'target'"),
        ('{"source": "a", "source": "b"}', "x.jsonl:2: field 'source' is there twice"),
        ('{"source": "a", "id": "1"}', "x.jsonl:2: field 'id': '1' is in line 1 already"),
        ('{"source": "a", "id": 1}', "x.jsonl:2: field 'id': '1' is in line 1 already"),
        ('{"source": "a", "id": true}', "x.jsonl:2: field 'id': not a string"),
        ('{"source": "a", "id": 1.5}', "x.jsonl:2: field 'id': not a string"),
        ('{"source": "a", "reference": "b", "references": []}', "x.jsonl:2: both"),
        ('{"source": "a", "references": "b"}', "x.jsonl:2: field 'references': not a list"),
        ('{"source": "a", "references": [null]}', "x.jsonl:2: field 'references': not a list of strings"),
        ('{"source": "a", "article": ""}', "x.jsonl:2: field 'article': empty"),
        ('{"source": "a\\nb"}', "x.jsonl:2: character 2: line break inside a segment"),
        ('{"source": "a", "reference": "\\u2028"}', "x.jsonl:2: .*U\\+2028"),
        ('{"source": "\\ud800"}', "x.jsonl:2: .*surrogate"),
    ],
)
def test_jsonl_that_is_refused(tmp_path: Path, line: str, message: str) -> None:
    path = write_lines(tmp_path / "x.jsonl", '{"source": "first", "id": "1"}', line)
    with pytest.raises(DataError, match=message):
        write_articles(tmp_path / "references", DE_EN, load(path).articles)
    assert not (tmp_path / "references").exists()


# Bilingual articles


def test_a_pasted_article_with_its_headline_translated(tmp_path: Path) -> None:
    imported = load(write_lines(tmp_path / "swallows.txt", *PASTED))
    (paragraphs,) = segments(imported).values()
    assert [len(paragraph) for paragraph in paragraphs] == [1, 2, 1, 2, 1]
    assert paragraphs[0] == [("Ein Sommer ohne Schwalben", {1: "A summer without swallows"})]
    assert paragraphs[1][0][0].startswith("er Sommer")
    assert not any(references for paragraph in paragraphs[1:] for _, references in paragraph)
    notes = [str(note) for note in imported.notes]
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


def test_a_partly_translated_article_is_refused_with_both_counts(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.txt", "One", "", "Two", "<--", "Eins", "", "Zwei", "", "Read more")
    with pytest.raises(DataError, match=r"2 target segments in 2 .*line 1\), but 3 source segments in 3") as caught:
        load(path)
    assert "--drop-chrome" in caught.value.hint
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
    path = write_lines(tmp_path / "t.tsv", "source\tarticle", "a\tb")
    with pytest.raises(UsageError, match=message):
        load(path, file_format=file_format, **options)
    with pytest.raises(UsageError, match="no file"):
        load(file_format=file_format)
    assert {"parallel", "tsv", "csv", "jsonl", "bilingual", "tmx"} <= set(names("importers"))
