"""TMX: languages, references, inline codes, white space, and hostile files."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.corpus.importers.model import Imported, Request
from harness.corpus.importers.reading import read_files
from harness.errors import DataError, UsageError
from harness.types import LangPair

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n'


def load(tmp_path: Path, units: str, pair: tuple[str, str] = ("de", "en"), head: str = HEAD) -> Imported:
    path = tmp_path / "memory.tmx"
    path.write_text(f'{head}<tmx version="1.4"><header/><body>\n{units}\n</body></tmx>', encoding="utf-8")
    return read_files(Request((path,), LangPair(*pair)))


def unit(*variants: tuple[str, str]) -> str:
    inner = "".join(f'<tuv xml:lang="{tag}"><seg>{text}</seg></tuv>' for tag, text in variants)
    return f"<tu>{inner}</tu>\n"


def pairs(imported: Imported) -> list[tuple[str, dict[int, str]]]:
    return [(s.source, dict(s.references)) for a in imported.articles for p in a.paragraphs for s in p]


def test_references_codes_and_white_space(tmp_path: Path) -> None:
    text = (
        unit(("de", "Das <bpt i='1'>&lt;b></bpt><hi>ist</hi><ept i='1'/> es."), ("en-GB", "This\n  is it."))
        + unit(("de", "Zwei"), ("en-gb", "Two"), ("en-GB", "2"), ("fr", "Deux"))
        + unit(("de", "Drei"))
    )
    imported = load(tmp_path, text)
    assert pairs(imported) == [("Das ist es.", {1: "This is it."}), ("Zwei", {1: "Two", 2: "2"}), ("Drei", {})]
    assert imported.articles[0].id == "memory"
    assert [note.what for note in imported.notes] == [
        "formatting codes left out: 3",
        "texts with line breaks or runs of spaces, read as one space: 1",
        "texts in 'en-GB' read as 'en': 3",
        "variants in other languages left out: 1",
    ]


def test_preserved_space_is_kept(tmp_path: Path) -> None:
    text = unit(("de", "a  b"), ("en", "A")).replace("<tu>", '<tu xml:space="preserve">')
    assert pairs(load(tmp_path, text)) == [("a  b", {1: "A"})]


def test_an_empty_memory_beside_another_one(tmp_path: Path) -> None:
    load(tmp_path, unit(("de", "a"), ("en", "A")))
    (tmp_path / "empty.tmx").write_text(f'{HEAD}<tmx version="1.4"><header/><body/></tmx>', encoding="utf-8")
    imported = read_files(Request((tmp_path / "memory.tmx", tmp_path / "empty.tmx"), LangPair("de", "en")))
    assert pairs(imported) == [("a", {1: "A"})]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (unit(("de", "a"), ("fr", "A")), "no <tuv> in 'en'; found: de, fr"),
        (unit(("de", "a"), ("de", "b"), ("en", "A")), r"tmx:4: <tu> has 2 <tuv> in 'de'"),
        (unit(("de", " "), ("en", "A")), r"tmx:4: the <tuv> in 'de' has no text"),
        (unit(("de", "<x/>"), ("en", "A")), r"tmx:4: <x> is not allowed in a text"),
        ("<tu><tuv><seg>a</seg></tuv></tu>", r"tmx:4: <tuv> has no xml:lang"),
        ("<tu><tuv xml:lang='de'/><tuv xml:lang='en'><seg>A</seg></tuv></tu>", r"tmx:4: <tuv> has 0 <seg>"),
        ("<tu>", r"tmx:\d: not well-formed XML"),
        ("", "no unit can be read: there is none"),
        (unit(("de", "a\x81b"), ("en", "A")), r"tmx:4: character 2"),
        (unit(("de", "&foo;"), ("en", "A")), r"tmx:4: the entity &foo; is not declared"),
        (unit(("de_XX_YY", "a"), ("en", "A")), r"tmx:4: 'de_XX_YY' is not a language tag"),
        (unit(("de", "a" * 100_001), ("en", "A")), "100,001 characters"),
        (unit(("de", "<hi>" * 300 + "</hi>" * 300), ("en", "A")), "not well-formed XML: Excessive depth"),
        (unit(("de", "a" * 10_000_001), ("en", "A")), "not well-formed XML"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(tmp_path, text)


@pytest.mark.parametrize(
    "entity", ['<!ENTITY a "x"><!ENTITY b "&a;&a;">', '<!ENTITY b SYSTEM "file:///etc/passwd">', "<!ELEMENT tmx ANY>"]
)
def test_declarations_are_refused(tmp_path: Path, entity: str) -> None:
    with pytest.raises(DataError, match="declares entities"):
        load(tmp_path, unit(("de", "a"), ("en", "A")), head=f"<!DOCTYPE tmx [{entity}]>")


def test_wrong_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.tmx"
    path.write_bytes((HEAD + "<tmx>ä</tmx>").encode("latin-1"))
    with pytest.raises(DataError, match="not well-formed"):
        read_files(Request((path,), LangPair("de", "en")))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.tmx"
    path.write_bytes(b"")
    with pytest.raises(DataError, match="the file is empty"):
        read_files(Request((path,), LangPair("de", "en")))


def read(
    tmp_path: Path, units: str, pair: tuple[str, str] = ("en", "de"), header: str = "<header/>", **options: object
) -> Imported:
    path = tmp_path / "memory.tmx"
    path.write_text(f'<tmx version="1.4">{header}<body>{units}</body></tmx>', encoding="utf-8")
    return read_files(Request((path,), LangPair(*pair), **options))  # type: ignore[arg-type]


def notes(imported: Imported) -> list[str]:
    return [note.what for note in imported.notes]


def test_languages_are_matched_in_every_unit(tmp_path: Path) -> None:
    units = (
        unit(("en", "1"), ("de", "eins"))
        + unit(("en", "2"), ("de-DE", "zwei"))
        + unit(("en", "3"), ("de-AT", "drei"), ("de-CH", "drü"))
        + unit(("en", "4"), ("de", "vier"), ("de-AT", "viere"))
    )
    imported = read(tmp_path, units)
    assert pairs(imported) == [
        ("1", {1: "eins"}), ("2", {1: "zwei"}), ("3", {1: "drei", 2: "drü"}), ("4", {1: "vier"})
    ]  # fmt: skip
    assert notes(imported) == [
        "texts in 'de-DE' read as 'de': 1",
        "texts in 'de-AT' read as 'de': 1",
        "texts in 'de-CH' read as 'de': 1",
        "variants in other languages left out: 1",
    ]
    assert pairs(read(tmp_path, units, ("en", "de-AT")))[3] == ("4", {1: "viere"})


def test_another_script_is_another_language(tmp_path: Path) -> None:
    units = unit(("en", "a"), ("zh-TW", "國"), ("zh-CN", "国"))
    assert pairs(read(tmp_path, units, ("en", "zh"))) == [("a", {1: "国"})]
    assert pairs(read(tmp_path, units, ("en", "zh-Hant"))) == [("a", {1: "國"})]


def test_of_two_varieties_of_the_source_the_declared_one_counts(tmp_path: Path) -> None:
    units = unit(("en-GB", "colour"), ("en-US", "color"), ("de", "Farbe"))
    assert pairs(read(tmp_path, units, header='<header srclang="en-us"/>'))[0][0] == "color"
    with pytest.raises(DataError, match="<tu> has 2 <tuv> in 'en'"):
        read(tmp_path, units)


def test_the_direction_of_the_translation_is_checked(tmp_path: Path) -> None:
    units = unit(("en", "a"), ("de", "b")) + unit(("en", "c"), ("de", "d")).replace("<tu>", '<tu srclang="en">')
    (said,) = notes(read(tmp_path, units, header='<header srclang="DE-de"/>'))
    assert said == "units translated from 'de-DE', so that the source is a translation, too: 1"
    assert not notes(read(tmp_path, unit(("en", "a"), ("de", "b")), header='<header srclang="*all*"/>'))
    (said,) = notes(read(tmp_path, unit(("en", "a"), ("de", "b")), header='<header srclang="english"/>'))
    assert said == "units with the srclang 'english', which is not a language tag: 1"


def test_equal_sources_are_one_segment_with_several_references(tmp_path: Path) -> None:
    texts = [("OK", "OK"), ("Open", "Öffnen"), ("OK", "In Ordnung"), ("OK", "OK"), ("Open", "Offen")]
    units = "".join(
        unit(("en", source), ("de", target)).replace("<tu>", f'<tu tuid="u{number}">')
        for number, (source, target) in enumerate(texts)
    )
    imported = read(tmp_path, units)
    assert pairs(imported) == [("OK", {1: "OK", 2: "In Ordnung"}), ("Open", {1: "Öffnen", 2: "Offen"})]
    assert [dict(s.meta) for a in imported.articles for p in a.paragraphs for s in p] == [
        {"id": "u0", "other_ids": "u2 u3"},
        {"id": "u1", "other_ids": "u4"},
    ]
    assert notes(imported) == [
        "units with the source of an earlier one, whose further references their translations are: 2",
        "units that repeat the source and the translation of an earlier one: 1",
    ]
    many = "".join(unit(("en", "OK"), ("de", f"OK {number}")) for number in range(12))
    assert len(pairs(read(tmp_path, many))[0][1]) == 9
    assert "translations left out, because a segment has at most 9 references: 3" in notes(read(tmp_path, many))


def test_bad_units_are_left_out_on_request_and_counted(tmp_path: Path) -> None:
    units = (
        unit(("de", "Hallo"))
        + unit(("en", ""), ("de", "x"))
        + unit(("en", "a"), ("de", "<x/>b<ph>%d</ph>"))
        + unit(("en", "a\x81"), ("de", "b"))
        + unit(("en", "Bye"), ("de", "Tschüss"))
        + unit(("en", ""), ("de", "x"))
    )
    with pytest.raises(DataError, match="<tu> has 0 <tuv> in 'en'") as refused:
        read(tmp_path, units)
    assert "--skip-bad" in refused.value.hint
    imported = read(tmp_path, units, skip_bad=True)
    assert pairs(imported) == [("Bye", {1: "Tschüss"})]
    assert [(note.where.rpartition(":")[2], note.what) for note in imported.notes] == [
        ("1", "units left out: 1, the first because <tu> has 0 <tuv> in 'en', not one; its languages: de"),
        ("2", "units left out: 2, the first because the <tuv> in 'en' has no text"),
        ("3", "units left out: 1, the first because <x> is not allowed in a text of this format"),
        ("4", "units left out: 1, the first because character 2: control character (U+0081)"),
    ]
    with pytest.raises(DataError, match="no unit can be read: units left out: 1"):
        read(tmp_path, unit(("de", "Hallo")), skip_bad=True)


def test_a_memory_is_sorted_into_articles(tmp_path: Path) -> None:
    rows = [("news-1:2", "x.html", "a"), ("b/2:1", "y.html", "b"), ("news-1:3", "x.html", "c")]
    units = "".join(
        unit(("en", text), ("de", text.upper())).replace("<tu>", f'<tu tuid="{tuid}"><prop type="file">{file}</prop>')
        for tuid, file, text in rows
    )

    def articles(**options: object) -> dict[str, list[str]]:
        imported = read(tmp_path, units, **options)
        return {a.id: [s.source for p in a.paragraphs for s in p] for a in imported.articles}

    assert articles(article_from="tuid-prefix") == {"news-1": ["a", "c"], "b-2": ["b"]}
    assert articles(article_from="prop:file") == {"x-html": ["a", "c"], "y-html": ["b"]}
    docids = tmp_path / "docids"
    docids.write_text("web\tone\nweb\ttwo\nweb\tone\n", encoding="utf-8")
    assert articles(docids=(docids,)) == {"one": ["a", "c"], "two": ["b"]}
    docids.write_text("one\ntwo\n", encoding="utf-8")
    for options, error in (
        ({"docids": (docids,)}, "has 2 lines, but .* has 3 units"),
        ({"article_from": "prop:page"}, r"1, unit 'news-1:.': <tu> has no <prop"),
        ({"article_from": "tuid"}, "unknown rule 'tuid'"),
        ({"article_from": "docids"}, "needs one memory and --docids"),
        ({"article_from": "prop:file", "docids": (docids,)}, "--docids does not go with"),
        ({"article_from": "prop:file", "article": "a"}, "--article names one article"),
    ):
        with pytest.raises((DataError, UsageError), match=error):
            articles(**options)
    units = unit(("en", "a")).replace("<tu>", '<tu tuid="7">')
    with pytest.raises(DataError, match="the tuid '7' has no prefix"):
        articles(article_from="tuid-prefix")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252", "iso-8859-2"])
def test_encodings_are_those_that_are_declared(encoding: str, tmp_path: Path) -> None:
    declared = {"utf-8-sig": "UTF-8"}.get(encoding, encoding)
    text = f'<?xml version="1.0" encoding="{declared}"?>\r\n<tmx><body>\r\n'
    text += unit(("en", "a"), ("de", "Größe")) + "</body></tmx>"
    path = tmp_path / "m.tmx"
    path.write_bytes(text.replace("xml:lang", "lang").encode(encoding))
    assert pairs(read_files(Request((path,), LangPair("en", "de")))) == [("a", {1: "Größe"})]


def test_namespaces_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "m.tmx"
    text = f'<tmx xmlns="http://www.lisa.org/tmx14"><body>{unit(("en", "a"), ("de", "b"))}</body></tmx>'
    path.write_text(text, encoding="utf-8")
    assert pairs(read_files(Request((path,), LangPair("en", "de")))) == [("a", {1: "b"})]


def test_another_root_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.tmx"
    for text in ("<html/>", f"<x><tmx><body>{unit(('en', 'a'))}</body></tmx></x>"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match=r"the root element is <.*>, not <tmx>"):
            read_files(Request((path,), LangPair("en", "de")), "tmx")
