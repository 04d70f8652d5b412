"""Word and HTML: which text is a paragraph, what is left out and counted, pairs of files, and hostile files."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from harness.corpus.importers.documents import paragraphs_of
from harness.corpus.importers.model import Request
from harness.corpus.importers.office import LARGEST_PART
from harness.corpus.importers.reading import read_files
from harness.errors import DataError
from harness.types import LangPair

PAIR = LangPair("de", "en")
TRANSITIONAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="{}"{}/>'
    "</Relationships>"
)


def docx(
    path: Path, body: str, *, words: str = TRANSITIONAL, target: str = "word/document.xml", mode: str = ""
) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", RELATIONS.format(target, mode))
        archive.writestr(
            target.lstrip("/"),
            f'<w:document xmlns:w="{words}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
            f'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><w:body>{body}</w:body></w:document>',
        )
        archive.writestr("word/vbaProject.bin", b"macros are never opened")
    return path


def p(*runs: str) -> str:
    return f"<w:p>{''.join(runs)}</w:p>"


def r(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


BOX = f"<w:r><w:drawing><w:txbxContent>{p(r('Kasten'))}</w:txbxContent></w:drawing></w:r>"
VANISHED = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>x</w:t></w:r>"

WORD = {
    "runs and breaks": (
        p(r("Eins"), "<w:r><w:br/></w:r>", r("zwei "), "<w:r><w:tab/></w:r>", r("drei.")),
        ["Eins zwei drei."],
    ),
    "empty paragraphs": (p() + p(r(" ")) + p(r("Text")), ["Text"]),
    "cells": ("<w:tbl><w:tr><w:tc>" + p(r("A")) + "</w:tc><w:tc>" + p(r("B")) + "</w:tc></w:tr></w:tbl>", ["A", "B"]),
    "link and control": (
        p("<w:hyperlink>" + r("Link") + "</w:hyperlink>")
        + "<w:sdt><w:sdtContent>"
        + p(r("C"))
        + "</w:sdtContent></w:sdt>",
        ["Link", "C"],
    ),
    "tracked": (p("<w:ins>" + r("neu") + "</w:ins>", "<w:del><w:r><w:delText>alt</w:delText></w:r></w:del>"), ["neu"]),
    "moved": ("<w:moveFrom>" + p(r("alt")) + "</w:moveFrom>" + p(r("neu")), ["neu"]),
    "joined": ("<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>" + r("Ein ") + "</w:p>" + p(r("Satz.")), ["Ein Satz."]),
    "joined at the end": ("<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>" + r("Ende ") + "</w:p>", ["Ende"]),
    "hidden": (p(VANISHED, VANISHED.replace("vanish/", "vanish w:val='0'/").replace("x", "y")), ["y"]),
    "field": (p("<w:r><w:instrText>DATE</w:instrText></w:r>", r("1. Mai")), ["1. Mai"]),
    "contents": (
        p("<w:r><w:instrText> PAGEREF _Toc1 \\h </w:instrText></w:r>", r("Titel 3")) + p(r("Titel")),
        ["Titel"],
    ),
    "hyphens": (p(r("E"), "<w:r><w:noBreakHyphen/></w:r>", r("Mail")), ["E\u2011Mail"]),
    "text box": (
        p(
            r("vor "),
            f"<mc:AlternateContent><mc:Choice>{BOX}</mc:Choice><mc:Fallback>{BOX}</mc:Fallback></mc:AlternateContent>",
            r("nach"),
        ),
        ["vor nach", "Kasten"],
    ),
    "formula": (p(r("x"), "<m:oMath><m:r><m:t>a+b</m:t></m:r></m:oMath>"), ["x"]),
    "ruby": (
        p("<w:r><w:ruby><w:rt>" + r("かん") + "</w:rt><w:rubyBase>" + r("漢") + "</w:rubyBase></w:ruby></w:r>"),
        ["漢"],
    ),
    "comment and instruction": (p(r("a"), "<!-- c --><?i x?>", r("b")), ["ab"]),
}


@pytest.mark.parametrize("words", [TRANSITIONAL, STRICT])
@pytest.mark.parametrize("name", WORD)
def test_paragraphs_of_word_documents(name: str, words: str, tmp_path: Path) -> None:
    body, expected = WORD[name]
    assert list(paragraphs_of(docx(tmp_path / "a.docx", body, words=words)).paragraphs) == expected


def test_what_word_documents_leave_out_is_counted(tmp_path: Path) -> None:
    body = p(r("a"), "<w:r><w:footnoteReference/></w:r>", "<w:del/>", "<w:r><w:sym/></w:r>") + p("<w:del/>")
    (note,) = paragraphs_of(docx(tmp_path / "a.docx", body)).notes
    assert note.what == "left out: tracked deletions (2), footnotes (1), symbols of a special font (1)"


def test_the_main_part_may_have_another_name_and_the_file_another_suffix(tmp_path: Path) -> None:
    path = docx(tmp_path / "brief.de", p(r("Ja")), target="/word/document2.xml")
    assert paragraphs_of(path).paragraphs == ("Ja",)


def test_damaged_word_documents_are_refused(tmp_path: Path) -> None:
    path = docx(tmp_path / "a.docx", p(r("Ja") * 200))
    data = path.read_bytes()
    for cut in (60, len(data) // 2, len(data) - 30):
        path.write_bytes(data[:cut])
        with pytest.raises(DataError, match="cannot be unpacked"):
            paragraphs_of(path)
    for body, options, said in (
        ("", {}, "has no text"),
        ("", {"mode": ' TargetMode="External"'}, "names 0 main parts"),
        ("", {"words": "urn:x"}, "its main part is <document>"),
        ("<w:p>", {}, "not well-formed"),
        ("&x;", {}, "not well-formed"),
        ("<w:tbl>" * 300 + "</w:tbl>" * 300, {}, "not well-formed"),
    ):
        with pytest.raises(DataError, match=said):
            paragraphs_of(docx(path, body, **options))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    with pytest.raises(DataError, match=r"has no _rels/\.rels"):
        paragraphs_of(path)


def test_a_part_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = docx(tmp_path / "a.docx", p(r(" " * (LARGEST_PART + 1))))
    assert path.stat().st_size < 200_000
    with pytest.raises(DataError, match="larger than 64 MiB"):
        paragraphs_of(path)


def page(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


PAGES = {
    "blocks": ("<h1>Titel</h1><p>Eins<ul><li>zwei<li>drei</ul>vier", ["Titel", "Eins", "zwei", "drei", "vier"]),
    "inline": ("<p>Das <b>ist</b>\n  <a href=x>es</a>.<!-- nein --></p>", ["Das ist es."]),
    "one break": ("<p>Eins<br>zwei</p>", ["Eins zwei"]),
    "two breaks": ("<p>Eins<br>\n<br/>zwei<br></p>", ["Eins", "zwei"]),
    "preformatted": ("<pre>Eins\nzwei\n\ndrei</pre>", ["Eins zwei", "drei"]),
    "scripts": ("<title>Seite</title><p>a<script>b</script><style>c</style>d<noscript>e</noscript></p>", ["ad"]),
    "around": ("<nav><a>Start</a></nav><p>Text</p>danach<footer>Impressum</footer>", ["Text", "danach"]),
    "form around the page": (
        "Kopf<form><p>Eins</p><label>Name</label><input value=x><select><option>a</select><button>Los</button></form>",
        ["Kopf", "Eins"],
    ),
    "hidden": ("<p>a<span hidden>b</span><i style='display: none'>c</i>d</p>", ["ad"]),
    "article": ("<p>Werbung</p><main><p>x</p><article><h1>A</h1><p>B</p></article></main>", ["A", "B"]),
    "several articles": ("<article>A</article><article>B</article>", ["A", "B"]),
    "main": ("<p>Werbung</p><main>A</main> Ende", ["A"]),
    "entities": ("<p>&lt;b&gt; &amp; &euro;&nbsp;5 &#x2028;x</p>", ["<b> & €\xa05 x"]),
    "table": ("<table><tr><td>A<td>B</table>", ["A", "B"]),
    "ruby": ("<p><ruby>漢<rt>かん</rt></ruby></p>", ["漢"]),
    "unknown element": ("<p>Ein <x-y>Wort</x-y></p>", ["Ein Wort"]),
    "unclosed": ("<div><p>Eins<p>zwei <b>drei", ["Eins", "zwei drei"]),
}


@pytest.mark.parametrize("name", PAGES)
def test_paragraphs_of_pages(name: str, tmp_path: Path) -> None:
    body, expected = PAGES[name]
    for start in ("<!DOCTYPE html><html><body>", "<html>", ""):
        assert list(paragraphs_of(page(tmp_path / "a.html", start + body)).paragraphs) == expected


def test_what_pages_leave_out_is_counted(tmp_path: Path) -> None:
    document = paragraphs_of(page(tmp_path / "a.html", "<nav>a</nav><nav>b</nav><p hidden>c</p><p>d"))
    assert [note.what for note in document.notes] == ["left out: <nav> (2), hidden parts (1)"]


@pytest.mark.parametrize(
    ("start", "encoding"),
    [
        ("<meta charset=windows-1252>", "cp1252"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">', "cp1252"),
        ("<html>", "utf-8"),
        ("<html>", "utf-8-sig"),
        ("<html>", "utf-16"),
        ("<meta charset=utf-16>", "utf-8"),
        ('<?xml version="1.0" encoding="windows-1250"?><html xmlns="http://www.w3.org/1999/xhtml">', "cp1250"),
    ],
)
def test_pages_are_read_in_the_encoding_they_declare(start: str, encoding: str, tmp_path: Path) -> None:
    path = page(tmp_path / "a.html", f"{start}<p>Größe – 5", encoding)
    assert paragraphs_of(path).paragraphs == ("Größe – 5",)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("<p>Größe".encode("latin-1"), "not utf-8"),
        (b"<meta charset=klingon><p>a", "not klingon"),
        (b"<html><body><nav>a</nav>", r"has no text besides what is left out: <nav> \(1\)"),
        (b"<div>" * 20_000 + b"a", "not HTML"),
    ],
)
def test_pages_that_are_refused(data: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(data)
    with pytest.raises(DataError, match=said):
        paragraphs_of(path)


def test_plain_text_gives_its_lines(tmp_path: Path) -> None:
    path = page(tmp_path / "a.txt", "\ufeffEins\r\n\r\n  zwei \r\n")
    assert paragraphs_of(path).paragraphs == ("Eins", "zwei")
    with pytest.raises(DataError, match="this is a PDF"):
        paragraphs_of(page(tmp_path / "b.txt", "%PDF-1.7"))


def test_two_documents_with_as_many_paragraphs_become_an_article(tmp_path: Path) -> None:
    files = (
        docx(tmp_path / "brief.de.docx", p(r("Eins")) + p(r("Zwei"))),
        docx(tmp_path / "brief.en.docx", p(r("One")) + p(r("Two"))),
    )
    (article,) = read_files(Request(files, PAIR)).articles
    assert article.id == "brief"
    assert [[(s.source, dict(s.references)) for s in paragraph] for paragraph in article.paragraphs] == [
        [("Eins", {1: "One"})],
        [("Zwei", {1: "Two"})],
    ]
    pages = (page(tmp_path / "a.html", "<p>Eins<p>Zwei"), page(tmp_path / "b.html", "<p>One"))
    with pytest.raises(DataError, match=r"a.html has 2 paragraphs, .*b.html has 1") as refused:
        read_files(Request(pages, PAIR))
    assert "--documents" in refused.value.hint
