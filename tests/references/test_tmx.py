"""TMX: languages, references, inline codes, white space, and hostile files."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.corpus.importers import read_files
from harness.corpus.importers.model import Imported, Request
from harness.errors import DataError
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
    assert sorted(note.what.split(" ", 1)[0] + note.what.split(" ", 1)[1][:9] for note in imported.notes) == [
        "1segments ",
        "1variants ",
        "2inline co",
    ]


def test_preserved_space_is_kept(tmp_path: Path) -> None:
    text = unit(("de", "a  b"), ("en", "A")).replace("<tu>", '<tu xml:space="preserve">')
    assert pairs(load(tmp_path, text)) == [("a  b", {1: "A"})]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (unit(("de", "a"), ("en-US", "A")) + unit(("de", "b"), ("en-GB", "B")), "found: en-GB, en-US"),
        (unit(("de", "a"), ("fr", "A")), "no <tuv> in 'en'; found: de, fr"),
        (unit(("de", "a"), ("de", "b"), ("en", "A")), r"tmx:4: <tu> has 2 <tuv> in 'de'"),
        (unit(("de", " "), ("en", "A")), r"tmx:4: the <tuv> in 'de' has no text"),
        (unit(("de", "<x/>"), ("en", "A")), r"tmx:4: <x> inside <seg>"),
        ("<tu><tuv><seg>a</seg></tuv></tu>", r"tmx:4: <tuv> has no xml:lang"),
        ("<tu><tuv xml:lang='de'/><tuv xml:lang='en'><seg>A</seg></tuv></tu>", r"tmx:4: <tuv> has 0 <seg>"),
        ("<tu>", r"tmx:\d: not well-formed XML"),
        (unit(("de", "a\nb"), ("en", "A")).replace("<tu>", '<tu xml:space="preserve">'), "line break in a segment"),
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
