"""XLIFF of all versions and dialects: units, segments, which targets are references, proposals, names."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from harness.api.importing import import_files
from harness.corpus.importers.model import Imported, ImportedSegment, Request
from harness.corpus.importers.reading import read_files
from harness.corpus.importers.xliff.naming import article_names
from harness.corpus.importers.xliff.walk import Units, survey
from harness.errors import DataError
from harness.types import LangPair

EN_DE = LangPair("en", "de")
V1 = "urn:oasis:names:tc:xliff:document:1.2"
DIALECTS = (
    'xmlns:sdl="http://sdl.com/FileTypes/SdlXliff/1.0" xmlns:mq="MQXliff" '
    'xmlns:m="http://www.memsource.com/mxlf/2.0" xmlns:mtc="urn:oasis:names:tc:xliff:matches:2.0"'
)


def version_1(
    units: str, original: str = "a.docx", languages: str = 'source-language="en" target-language="de"'
) -> str:
    return f'<file original="{original}" {languages} datatype="x"><body>{units}</body></file>'


def load(
    tmp_path: Path, files: str, *, version: str = "1.2", space: str = V1, head: str = "", **options: object
) -> Imported:
    path = tmp_path / "job.xlf"
    text = f'<xliff xmlns="{space}" {DIALECTS} version="{version}" {head}>{files}</xliff>'
    path.write_text(text, encoding="utf-8")
    return read_files(Request((path,), EN_DE, **options))  # type: ignore[arg-type]


def load_2(
    tmp_path: Path, units: str, space: str = "urn:oasis:names:tc:xliff:document:2.0", **options: object
) -> Imported:
    files = f'<file id="f1" original="b.html">{units}</file>'
    head = 'srcLang="en-US" trgLang="de-DE"'
    return load(tmp_path, files, version="2.1", space=space, head=head, **options)


def segments(imported: Imported) -> list[ImportedSegment]:
    return [s for a in imported.articles for p in a.paragraphs for s in p]


def pairs(imported: Imported) -> list[tuple[str, str]]:
    assert all(set(s.references) <= {1} for s in segments(imported))
    return [(s.source, s.references.get(1, "")) for s in segments(imported)]


def notes(imported: Imported) -> list[str]:
    return [note.what for note in imported.notes]


def unit(
    source: str, target: str = "", *, number: str = "1", attributes: str = "", state: str = "", more: str = ""
) -> str:
    written = f"<target {state}>{target}</target>" if target else ""
    return f'<trans-unit id="{number}" {attributes}><source>{source}</source>{written}{more}</trans-unit>'


def test_units_are_paragraphs_and_keep_their_ids_names_and_notes(tmp_path: Path) -> None:
    units = unit("Hi", "Hallo", more="<note>Be  polite</note><note from='x'>again</note>")
    units += "<group>" + unit("Bye", number="k.2", attributes='resname="bye"') + "</group>"
    imported = load(tmp_path, version_1(units))
    (article,) = imported.articles
    assert (article.id, [len(paragraph) for paragraph in article.paragraphs]) == ("a", [1, 1])
    assert pairs(imported) == [("Hi", "Hallo"), ("Bye", "")]
    assert [dict(s.meta) for s in segments(imported)] == [
        {"id": "1", "note": "Be polite | again"},
        {"id": "k.2", "name": "bye"},
    ]


def test_segments_are_paired_by_their_number(tmp_path: Path) -> None:
    units = (
        "<trans-unit id='7'><source>One. Two. Three.</source><seg-source> <g id='1'><mrk mtype='seg' mid='0'>One.</mrk>"
        " <mrk mtype='seg' mid='1'>Two.</mrk></g> <mrk mtype='seg' mid='2'><mrk mtype='x-term'>Three</mrk>.</mrk>"
        "</seg-source>"
        "<target><mrk mtype='seg' mid='1'>Zwei.</mrk> <mrk mtype='seg' mid='0'>Eins.</mrk></target></trans-unit>"
    )
    imported = load(tmp_path, version_1(units))
    assert pairs(imported) == [("One.", "Eins."), ("Two.", "Zwei."), ("Three.", "")]
    assert [s.meta["id"] for s in segments(imported)] == ["7-0", "7-1", "7-2"]
    assert len(imported.articles[0].paragraphs) == 1


SEGMENT = "<mrk mtype='seg' mid='{}'>{}</mrk>"


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ([("0", "A"), ("1", "B")], "AB", [("A B", "AB")]),
        ([("0", "A"), ("1", "B")], [("0", "a"), ("7", "b")], [("A B", "a b")]),
        ([("0", "A"), ("0", "B")], [("0", "a"), ("0", "b")], [("A B", "a b")]),
        ([("0", "A")], "a", [("A", "a")]),
        ([("0", "A"), ("1", "B")], " ", [("A", ""), ("B", "")]),
        ([("0", "A"), ("1", "B")], [("1", "b")], [("A", ""), ("B", "b")]),
    ],
)
def test_a_unit_whose_target_is_segmented_otherwise_is_one_segment(
    source: list[tuple[str, str]], target: str | list[tuple[str, str]], expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    sources = " ".join(SEGMENT.format(*segment) for segment in source)
    targets = target if isinstance(target, str) else " ".join(SEGMENT.format(*segment) for segment in target)
    units = f"<trans-unit id='7'><seg-source>{sources}</seg-source><target>{targets}</target></trans-unit>"
    assert pairs(load(tmp_path, version_1(units))) == expected
    drafts = "".join(f"<sdl:seg id='{mid}' conf='{'Draft' if mid == '1' else 'Translated'}'/>" for mid, _ in source)
    definitions = f"<sdl:seg-defs>{drafts}</sdl:seg-defs></trans-unit>"
    confirmed = pairs(load(tmp_path, version_1(units.replace("</trans-unit>", definitions))))
    assert confirmed == [
        (text, "" if "B" in text and len(source) > 1 and "1" in dict(source) else said) for text, said in expected
    ]


def test_text_outside_of_segments_is_counted(tmp_path: Path) -> None:
    units = (
        f"<trans-unit id='7'><seg-source>Before <g id='1'>{SEGMENT.format(0, 'A')}</g> (1)</seg-source></trans-unit>"
    )
    imported = load(tmp_path, version_1(units))
    assert pairs(imported) == [("A", "")]
    assert notes(imported) == ["units with text outside of their segments, which is left out: 1"]


REFERENCES = {
    "no state": ("", "", ""),
    "final": ('state="final"', "", ""),
    "signed off": ('state="signed-off"', "", ""),
    "translated": ('state="translated"', 'approved="no"', ""),
    "from a memory": ('state="translated" state-qualifier="exact-match"', "", ""),
    "approved": ("", 'approved="yes"', ""),
    "memoQ": ("", 'mq:status="ManuallyConfirmed"', ""),
    "memoQ proofread": ("", 'mq:status="Proofread"', ""),
    "Phrase": ("", 'm:confirmed="1" m:trans-origin="null"', ""),
    "Phrase edited": ("", 'm:confirmed="1" m:trans-origin="mt" m:level-edited="true"', ""),
    "Trados": ("", "", '<sdl:seg-defs><sdl:seg id="1" conf="Translated" origin="interactive"/></sdl:seg-defs>'),
    "new": ('state="new"', "", "state 'new'"),
    "to translate": ('state="needs-translation"', "", "state 'needs-translation'"),
    "to adapt": ('state="needs-adaptation"', "", "state 'needs-adaptation'"),
    "to review": ('state="needs-review-translation"', "", "state 'needs-review-translation'"),
    "of one's own": ('state="x-draft"', "", "state 'x-draft'"),
    "machine": ('state="final" state-qualifier="leveraged-mt"', "", "machine-made (state-qualifier 'leveraged-mt')"),
    "suggestion": ('state-qualifier="mt-suggestion"', "", "machine-made (state-qualifier 'mt-suggestion')"),
    "fuzzy": ('state-qualifier="fuzzy-match"', "", "state-qualifier 'fuzzy-match'"),
    "rejected": ('state-qualifier="rejected-grammar"', "", "state-qualifier 'rejected-grammar'"),
    "not approved": ("", 'approved="no"', "approved 'no'"),
    "another language": ('xml:lang="fr-FR"', "", "in another language ('fr-FR')"),
    "memoQ pre-translated": ("", 'mq:status="Pretranslated"', "status 'Pretranslated'"),
    "Phrase not confirmed": ("", 'm:confirmed="0"', "not confirmed"),
    "Phrase machine": ("", 'm:confirmed="1" m:trans-origin="mt"', "machine-made (trans-origin 'mt')"),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_which_targets_are_references(name: str, tmp_path: Path) -> None:
    state, attributes, expected = REFERENCES[name]
    more, said = (expected, "") if expected.startswith("<") else ("", expected)
    imported = load(tmp_path, version_1(unit("Hi", "Hallo", state=state, attributes=attributes, more=more)))
    assert pairs(imported) == [("Hi", "" if said else "Hallo")]
    assert notes(imported) == ([f"targets not taken as references ({said}): 1"] if said else [])


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        ('conf="ApprovedSignOff"', ""),
        ('conf="Draft" origin="tm"', "conf 'Draft'"),
        ('origin="not-translated"', "not confirmed"),
        ('conf="Translated" origin="nmt"', "machine-made (origin 'nmt')"),
        ('conf="RejectedSignOff"', "conf 'RejectedSignOff'"),
    ],
)
def test_trados_says_for_each_segment_whether_it_is_confirmed(definition: str, said: str, tmp_path: Path) -> None:
    mark = "<mrk mtype='seg' mid='5'>{}</mrk>"
    units = (
        f"<trans-unit id='u'><source>Hi</source><seg-source>{mark.format('Hi')}</seg-source>"
        f"<target>{mark.format('Hallo')}</target>"
        f"<sdl:seg-defs><sdl:seg id='5' {definition}/></sdl:seg-defs></trans-unit>"
    )
    imported = load(tmp_path, version_1(units))
    assert pairs(imported) == [("Hi", "" if said else "Hallo")]
    assert notes(imported) == ([f"targets not taken as references ({said}): 1"] if said else [])


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ("", ""),
        ('state="translated"', ""),
        ('state="reviewed"', ""),
        ('state="final"', ""),
        ('state="initial"', "state 'initial'"),
        ('state="translated" subState="okp:mt"', "machine-made (subState 'okp:mt')"),
    ],
)
@pytest.mark.parametrize(
    "space", ["urn:oasis:names:tc:xliff:document:2.0", "urn:oasis:names:tc:xliff:document:2.1", ""]
)
def test_version_2(attributes: str, said: str, space: str, tmp_path: Path) -> None:
    units = (
        f'<unit id="u1"><notes><note>N</note></notes><segment id="s1" {attributes}><source>Hi</source>'
        '<target order="3">Hallo</target>'
        "</segment><ignorable><source> </source></ignorable><segment><source>Bye</source></segment></unit>"
    )
    imported = load_2(tmp_path, units, space)
    assert pairs(imported) == [("Hi", "" if said else "Hallo"), ("Bye", "")]
    assert [s.meta["id"] for s in segments(imported)] == ["u1-s1", "u1-2"]
    assert [len(paragraph) for paragraph in imported.articles[0].paragraphs] == [2]
    assert notes(imported) == ([f"targets not taken as references ({said}): 1"] if said else [])


def test_what_is_not_to_be_translated_is_left_out_by_its_nearest_word(tmp_path: Path) -> None:
    units = f'<group translate="no">{unit("a")}<group translate="yes">{unit("b", number="2")}</group></group>' + unit(
        "c", number="3", attributes='translate="no"'
    )
    imported = load(tmp_path, version_1(units))
    assert pairs(imported) == [("b", "")]
    assert notes(imported) == ["units that are not to be translated left out: 2"]
    units = '<group id="g" translate="no"><unit id="1"><segment><source>a</source></segment></unit></group>'
    units += '<unit id="2"><segment><source>b</source></segment></unit>'
    assert pairs(load_2(tmp_path, units)) == [("b", "")]


ALTERNATIVES = (
    '<alt-trans origin="TM" match-quality="70%"><target>schlecht</target></alt-trans>'
    '<alt-trans origin="TM" match-quality="98%"><target>Hallo!</target></alt-trans>'
    '<alt-trans origin="TM" match-quality="80"><target>mittel</target></alt-trans>'
    '<alt-trans tool-id="MT"><source>Hi</source><target><g id="1">Servus</g></target></alt-trans>'
    '<alt-trans origin="old" alttranstype="previous-version"><target>alt</target></alt-trans>'
)


def test_proposals_are_no_references_but_can_be_systems(tmp_path: Path) -> None:
    files = version_1(unit("Hi", "Hallo", more=ALTERNATIVES))
    plain = load(tmp_path, files)
    assert pairs(plain) == [("Hi", "Hallo")]
    assert notes(plain) == ["proposals beside targets left out; --alternatives keeps them as recorded systems: 4"]
    assert not segments(plain)[0].outputs
    imported = load(tmp_path, files, alternatives=True)
    assert pairs(imported) == [("Hi", "Hallo")]
    assert dict(segments(imported)[0].outputs) == {"TM": "Hallo!", "MT": "Servus"}
    result = import_files(tmp_path, Request((tmp_path / "job.xlf",), EN_DE, alternatives=True))
    assert result.with_reference == 1
    assert (tmp_path / "systems/MT/en-de/a.txt").read_text(encoding="utf-8") == "Servus\n"


def test_a_system_without_a_whole_article_is_not_made(tmp_path: Path) -> None:
    load(tmp_path, version_1(unit("Hi", more=ALTERNATIVES) + unit("Bye", number="2")))
    result = import_files(tmp_path, Request((tmp_path / "job.xlf",), EN_DE, alternatives=True))
    assert "no output for 1 of 2 segments of 'a': the article is left out" in [note.what for note in result.notes]
    assert not (tmp_path / "systems").exists()
    assert not [path for path in result.paths if "systems" in path.parts]


def test_a_machines_target_can_be_a_system_too(tmp_path: Path) -> None:
    seg = '<sdl:seg-defs><sdl:seg id="1" conf="Draft" origin="mt" origin-system="Big MT"/></sdl:seg-defs>'
    files = version_1(unit("a", "A", more=seg) + unit("b", "B", number="2", state='state-qualifier="mt-suggestion"'))
    files = files.replace("</body>", unit("c", "C", number="3", state='state="new"') + "</body>")
    imported = load(tmp_path, files, alternatives=True)
    assert [dict(s.outputs) for s in segments(imported)] == [{"Big MT": "A"}, {"machine": "B"}, {}]
    assert not any(s.references for s in segments(imported))
    assert not any(s.outputs for s in segments(load(tmp_path, files)))


def test_matches_of_version_2_are_for_the_segment_they_name(tmp_path: Path) -> None:
    match = '<mtc:match ref="{}" origin="{}"><target>{}</target></mtc:match>'
    matches = match.format("#s2", "TM", "zwei") + match.format("#m1", "MT", "eins")
    units = (
        f'<unit id="u"><mtc:matches>{matches}</mtc:matches>'
        '<segment id="s1"><source><mrk id="m1" type="mtc:match">one</mrk></source></segment>'
        '<segment id="s2"><source>two</source></segment></unit>'
    )
    imported = load_2(tmp_path, units, alternatives=True)
    assert [dict(s.outputs) for s in segments(imported)] == [{"MT": "eins"}, {"TM": "zwei"}]
    assert pairs(imported) == [("one", ""), ("two", "")]


def test_codes_are_resolved_where_the_dialects_keep_them(tmp_path: Path) -> None:
    header = '<header><tag-defs><tag id="3"><ph name="br">&lt;br/&gt;</ph></tag></tag-defs></header><body>'
    trados = version_1(unit("One<x id='3'/>two")).replace("<body>", header)
    assert pairs(load(tmp_path, trados)) == [("One two", "")]
    marks = (
        '<m:tunit-metadata><m:mark id="1"><m:content>&lt;b&gt;</m:content></m:mark>'
        '<m:mark id="2"><m:content>{user}</m:content></m:mark></m:tunit-metadata>'
    )
    phrase = version_1(unit("{1>Hi&lt;1} {2}, {b>you&lt;b}, {3} and {x}", more=marks, attributes='m:confirmed="1"'))
    imported = load(tmp_path, phrase)
    assert pairs(imported) == [("Hi {user}, you, {3} and {x}", "")]
    assert notes(imported) == ["formatting codes left out: 4", "codes kept as the text they stand for: 1"]
    units = '<unit id="u"><originalData><data id="d1">\\n</data></originalData>'
    units += '<segment><source>a<ph id="1" dataRef="d1"/>b</source></segment></unit>'
    assert pairs(load_2(tmp_path, units)) == [("a b", "")]


def test_phrase_numbers_paragraphs_and_groups_can_be_declared_as_one(tmp_path: Path) -> None:
    groups = "".join(
        f'<group m:para-id="{number}">{unit(text, number=text)}</group>'
        for number, text in ((0, "a"), (0, "b"), (1, "c"))
    )
    declared = f'<group restype="x-paragraph">{unit("d", number="d")}{unit("e", number="e")}</group>'
    own = "".join(unit(text, number=text, attributes='m:para-id="7"') for text in "fg")
    (article,) = load(tmp_path, version_1(groups + declared + own)).articles
    texts = [[s.source for s in paragraph] for paragraph in article.paragraphs]
    assert texts == [["a", "b"], ["c"], ["d", "e"], ["f", "g"]]


def test_files_are_articles_even_with_the_same_units(tmp_path: Path) -> None:
    files = "".join(
        version_1(unit(text), original) for text, original in (("a", "x/one.docx"), ("b", "two"), ("c", "two"))
    )
    imported = load(tmp_path, files + version_1("", "empty"))
    assert {a.id: a.paragraphs[0][0].source for a in imported.articles} == {"one": "a", "two": "b", "two-2": "c"}
    assert "the file 'empty' has nothing to translate" in notes(imported)


@pytest.mark.parametrize(
    ("originals", "names"),
    [
        (["C:\\Users\\me\\Brief 1.docx"], ["Brief 1"]),
        (["a/index.html", "b/index.html"], ["a/index.html", "b/index.html"]),
        (["a.html", "a.docx"], ["a.html", "a.docx"]),
        (["a.html", "A.html"], ["a", "a-2"]),
        (["", "???"], ["job", "job-2"]),
        ([".gitignore"], [".gitignore"]),
    ],
)
def test_names_are_as_short_as_they_can_be(originals: list[str], names: list[str]) -> None:
    if originals == ["a.html", "A.html"]:
        originals[1] = "a.html"
    assert article_names([(Path("job.xlf"), original) for original in originals]) == names


def test_the_languages_are_those_of_the_pair(tmp_path: Path) -> None:
    french = version_1(unit("b"), "fr", 'source-language="en-GB" target-language="fr"')
    imported = load(tmp_path, version_1(unit("a")) + french)
    assert pairs(imported) == [("a", "")]
    assert notes(imported) == ["files left out, from en-GB to fr: 1"]
    with pytest.raises(DataError, match="it translates from en-GB to fr, not from en to de"):
        load(tmp_path, french)
    assert pairs(load(tmp_path, version_1(unit("a"), "x", 'source-language="en"'))) == [("a", "")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_encodings_are_those_that_are_declared(encoding: str, tmp_path: Path) -> None:
    declared = "UTF-8" if encoding == "utf-8-sig" else encoding
    path = tmp_path / "job.sdlxliff"
    text = (
        f'<?xml version="1.0" encoding="{declared}"?>\r\n<xliff version="1.2">{version_1(unit("Hi", "Größe"))}</xliff>'
    )
    path.write_bytes(text.encode(encoding))
    assert pairs(read_files(Request((path,), EN_DE))) == [("Hi", "Größe")]


def test_texts_that_are_no_text(tmp_path: Path) -> None:
    units = (
        unit("", "x")
        + unit("<x id='1'/>", number="2")
        + unit("\u200b", number="3")
        + unit("a <![CDATA[<b>]]><!-- c -->", number="4")
    )
    units += unit(" a\n  b ", "  ", number="5")
    imported = load(tmp_path, version_1(units))
    assert pairs(imported) == [("a <b>", ""), ("a b", "")]
    assert "segments without text, or with codes only, left out: 3" in notes(imported)


def test_bad_segments_are_left_out_on_request(tmp_path: Path) -> None:
    files = version_1(unit("a\x81") + unit("b", number="2"))
    with pytest.raises(DataError, match="character 2") as refused:
        load(tmp_path, files)
    assert "--skip-bad" in refused.value.hint
    imported = load(tmp_path, files, skip_bad=True)
    assert pairs(imported) == [("b", "")]
    assert notes(imported) == ["segments left out: 1, the first because character 2: control character (U+0081)"]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ("", "no <file>"),
        (version_1(""), "nothing to translate"),
        (version_1(unit("a"), languages='source-language="no language"'), "'no language' is not a language tag"),
        (version_1(unit("<g>" * 300 + "</g>" * 300)), "not well-formed XML: Excessive depth"),
        (version_1(unit("a" * 100_001)), "100,001 characters"),
        (version_1(unit("a" * 10_000_001)), "not well-formed XML"),
        (version_1(unit("&nbsp;")), "not well-formed XML"),
        ("<file", r"job.xlf:1: not well-formed XML: .*[^0-9\n]$"),
    ],
)
def test_what_is_refused(files: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        load(tmp_path, files)


def test_unknown_versions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"XLIFF 3\.0 is not known"):
        load(tmp_path, version_1(unit("a")), version="3.0")


@pytest.mark.parametrize("entity", ['<!ENTITY a "x"><!ENTITY b "&a;&a;">', '<!ENTITY b SYSTEM "file:///etc/passwd">'])
def test_declarations_are_refused(entity: str, tmp_path: Path) -> None:
    path = tmp_path / "job.xlf"
    path.write_text(
        f'<!DOCTYPE xliff [{entity}]><xliff version="1.2">{version_1(unit("&b;"))}</xliff>', encoding="utf-8"
    )
    with pytest.raises(DataError, match="declares entities"):
        read_files(Request((path,), EN_DE))
    path.write_text("<html/>", encoding="utf-8")
    with pytest.raises(DataError, match="the root element is <html>, not <xliff>"):
        read_files(Request((path,), EN_DE), "xliff")


def test_no_unit_is_kept_longer_than_it_is_read(tmp_path: Path) -> None:
    unit = '<group><trans-unit id="{0}"><source>Satz {0}</source><target>Sentence {0}</target></trans-unit></group>'
    body = "".join(map(unit.format, range(1000)))
    languages = 'source-language="de" target-language="en"'
    path = tmp_path / "large.xlf"
    path.write_text(
        f'<xliff version="1.2"><file original="a" {languages}><body>{body}</body></file>'
        f'<file original="b" {languages}><body>{body}</body></file></xliff>'
    )
    surveyed = survey(path)
    units = Units(surveyed, {0, 1}, Counter())
    for file in surveyed.files:
        read = [
            (unit.id, len([*unit.segments[0].source.getroottree().getroot().iter("{*}trans-unit", "{*}group")]))
            for unit in units.of(file)
        ]
        assert [name for name, _ in read] == [str(number) for number in range(1000)]
        # The parser is ahead by the bytes that it reads at once; of 4,000 elements, none behind it is left.
        assert max(held for _, held in read) < 1000
