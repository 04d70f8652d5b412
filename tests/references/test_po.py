"""PO files: plurals, fuzzy and obsolete entries, contexts, encodings, languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.corpus.importers.model import Imported, Request
from harness.corpus.importers.reading import read_files
from harness.errors import DataError
from harness.types import LangPair

HEADER = 'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset={charset}\\n"\n\n'


def load(
    tmp_path: Path, entries: str, language: str = "de", charset: str = "UTF-8", encoding: str = "utf-8"
) -> Imported:
    path = tmp_path / "app.po"
    path.write_bytes((HEADER.format(language=language, charset=charset) + entries).encode(encoding))
    return read_files(Request((path,), LangPair("en", "de")))


def rows(imported: Imported) -> list[tuple[str, str, dict[str, str]]]:
    (article,) = imported.articles
    return [(s.source, s.references.get(1, ""), dict(s.meta)) for p in article.paragraphs for s in p]


def entry(source: str, target: str = "", before: str = "") -> str:
    return f'{before}msgid "{source}"\nmsgstr "{target}"\n\n'


CASES = {
    "translated": (entry("Hi", "Hallo"), [("Hi", "Hallo", {})]),
    "not translated": (entry("Hi"), [("Hi", "", {})]),
    "escapes": (entry(r"a \"b\"\tc\\d", r"\"B\""), [('a "b" c\\d', '"B"', {})]),
    "lines": ('msgid ""\n"One\\n"\n"two"\nmsgstr ""\n"Eins\\n"\n"zwei"\n', [("One two", "Eins zwei", {})]),
    "plural": (
        'msgid "%d file"\nmsgid_plural "%d files"\nmsgstr[0] "%d Datei"\nmsgstr[1] "%d Dateien"\n',
        [("%d file", "%d Datei", {}), ("%d files", "%d Dateien", {})],
    ),
    "three forms": (
        'msgid "f"\nmsgid_plural "fs"\nmsgstr[0] "a"\nmsgstr[1] "b"\nmsgstr[2] "c"\n',
        [("f", "a", {}), ("fs", "b", {}), ("fs", "c", {})],
    ),
    "one form": ('msgid "f"\nmsgid_plural "fs"\nmsgstr[0] "a"\n', [("fs", "a", {})]),
    "empty forms": ('msgid "f"\nmsgid_plural "fs"\nmsgstr[0] ""\nmsgstr[1] ""\n', [("f", "", {}), ("fs", "", {})]),
    "context and notes": (
        entry("Open", "Offen", '# of us\n#. of them\n#: a.c:3 b.c\nmsgctxt "state"\n'),
        [("Open", "Offen", {"context": "state", "note": "of them | of us", "occurrences": "a.c:3 b.c"})],
    ),
    "same source in two contexts": (
        entry("Open", "Offen", 'msgctxt "state"\n') + entry("Open", "Öffnen", 'msgctxt "verb"\n'),
        [("Open", "Offen", {"context": "state"}), ("Open", "Öffnen", {"context": "verb"})],
    ),
    "comment without space": (entry("Hi", "Hallo", "#comment\n"), [("Hi", "Hallo", {"note": "comment"})]),
    "Windows lines": (entry("Hi", "Hallo").replace("\n", "\r\n"), [("Hi", "Hallo", {})]),
    "no line end": (entry("Hi", "Hallo").rstrip(), [("Hi", "Hallo", {})]),
    "earlier source": (entry("Hi", "Hallo", '#| msgid "Hey"\n'), [("Hi", "Hallo", {})]),
}


@pytest.mark.parametrize("name", CASES)
def test_entries(name: str, tmp_path: Path) -> None:
    text, expected = CASES[name]
    assert rows(load(tmp_path, text)) == expected


def test_fuzzy_and_obsolete_entries_are_counted(tmp_path: Path) -> None:
    text = entry("Hi", "Hallo") + entry("Bye", "Hallo", "#, fuzzy, c-format\n") + entry("New", "", "#, fuzzy\n")
    imported = load(tmp_path, f'{text}#~ msgid "Old"\n#~ msgstr "Alt"\n{entry(" ")}')
    assert [row[:2] for row in rows(imported)] == [("Hi", "Hallo"), ("Bye", ""), ("New", "")]
    assert {note.what for note in imported.notes} == {
        "fuzzy translations, not taken as references: 1",
        "obsolete entries left out: 1",
        "entries without text left out: 1",
        "texts with line breaks or runs of spaces, read as one space: 1",
    }


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("UTF-8", "utf-8"), ("utf8", "utf-8-sig"), ("CP1252", "cp1252"), ("ISO-8859-1", "latin-1"), ("CHARSET", "utf-8")],
)
def test_the_encoding_is_that_of_the_header(charset: str, encoding: str, tmp_path: Path) -> None:
    assert rows(load(tmp_path, entry("size", "Größe"), charset=charset, encoding=encoding))[0][1] == "Größe"


@pytest.mark.parametrize("language", ["", "de", "de_AT", "de_DE.UTF-8", "de@euro"])
def test_languages_that_fit(language: str, tmp_path: Path) -> None:
    assert load(tmp_path, entry("Hi", "Hallo"), language)


def test_the_script_of_a_locale_counts(tmp_path: Path) -> None:
    path = tmp_path / "app.po"
    path.write_text(HEADER.format(language="sr@latin", charset="UTF-8") + entry("Hi", "Zdravo"), encoding="utf-8")
    assert read_files(Request((path,), LangPair("en", "sr-Latn")))
    with pytest.raises(DataError, match="Language is 'sr@latin', but the target of the pair is 'sr'"):
        read_files(Request((path,), LangPair("en", "sr")))


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (entry("a", "ä"), {"encoding": "latin-1"}, "not UTF-8, which its header declares"),
        (entry("a"), {"charset": "klingon"}, "not klingon"),
        (entry("a"), {"language": "fr"}, "Language is 'fr', but the target of the pair is 'de'"),
        ('msgid "a\nmsgstr "b"\n', {}, r"app.po:6: no line of a PO file: 'msgid"),
        ('msgid "a"\n\nmsgstr[x] "b"\n', {}, "app.po:8: no line of a PO file"),
        ('msgid "a"\nmsgid "b"\nmsgstr "c"\n', {}, "not well-formed PO"),
        ("", {}, "no entry with text"),
        (entry("a\x01"), {}, "app.po:6: character 2"),
    ],
)
def test_what_is_refused(text: str, options: dict[str, str], message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        load(tmp_path, text, **options)


def test_a_template_has_no_references(tmp_path: Path) -> None:
    path = tmp_path / "app.pot"
    path.write_text(entry("Hi") + entry("Bye"), encoding="utf-8")
    (article,) = read_files(Request((path,), LangPair("en", "de"))).articles
    assert not any(s.references for p in article.paragraphs for s in p)


def test_catalogues_whose_keys_are_no_texts_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.po"
    path.write_text("".join(f'msgid "{k}"\nmsgstr "Text"\n\n' for k in ("a.b", "okButton", "name_1", "Open")), "utf-8")
    assert len(read_files(Request((path,), LangPair("de", "en"))).articles) == 1  # three of four are not enough
    path.write_text("".join(f'msgid "{k}"\nmsgstr "Text"\n\n' for k in ("a.b", "okButton", "name_1")), "utf-8")
    with pytest.raises(DataError, match=r"the msgid are names, such as 'a\.b'"):
        read_files(Request((path,), LangPair("de", "en")))


def test_a_keyword_may_stand_alone_and_utf_16_is_none_of_gettext(tmp_path: Path) -> None:
    path = tmp_path / "a.po"
    text = 'msgid\n"Ja."\nmsgid_plural "%d ja."\nmsgstr[0]\n"Yes."\nmsgstr[1] "Yeses."\n'
    path.write_text(text, encoding="utf-8")
    (article,) = read_files(Request((path,), LangPair("de", "en"))).articles
    assert [(s.source, dict(s.references)) for p in article.paragraphs for s in p] == [
        ("Ja.", {1: "Yes."}),
        ("%d ja.", {1: "Yeses."}),
    ]
    path.write_text(text, encoding="utf-16")
    with pytest.raises(DataError, match="UTF-16, which gettext does not read"):
        read_files(Request((path,), LangPair("de", "en")))
