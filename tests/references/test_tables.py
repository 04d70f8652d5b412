"""Tables: which column is what, and the rules by which their cells become segments."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.corpus.importers.model import Imported, Request
from harness.corpus.importers.reading import detect, read_files
from harness.corpus.importers.roles import assign_roles
from harness.corpus.write import write_articles
from harness.errors import DataError, UsageError
from harness.reports.words.reasons import noted
from harness.types import LangPair
from tests.references.articles import DE_EN, write_lines

HANDMADE = Path(__file__).resolve().parents[3] / "shared" / "faults" / "formats"
EN_DE = LangPair("en", "de")


def load(*files: Path, pair: LangPair = DE_EN, **options: object) -> Imported:
    return read_files(Request(files, pair, **options))  # type: ignore[arg-type]


def segments(imported: Imported) -> dict[str, list[list[tuple[str, dict[int, str]]]]]:
    return {
        article.id: [[(s.source, dict(s.references)) for s in paragraph] for paragraph in article.paragraphs]
        for article in imported.articles
    }


def metas(imported: Imported) -> list[dict[str, str]]:
    return [dict(s.meta) for article in imported.articles for paragraph in article.paragraphs for s in paragraph]


def notes(imported: Imported) -> str:
    return "\n".join(noted(note) for note in imported.notes)


# Which column is what


@pytest.mark.parametrize(
    ("columns", "pair", "source", "references"),
    [
        ("source reference", "de-en", "source", ["reference"]),
        ("Source Target Data", "de-en", "Source", ["Target"]),
        ("src trg", "de-en", "src", ["trg"]),
        ("en de", "de-en", "de", ["en"]),
        ("en id", "en-id", "en", ["id"]),
        ("src mt ref", "en-mt", "src", ["ref"]),
        ("source en de", "en-de", "en", ["de"]),
        ("source_text en_US de_AT", "en-de", "en_US", ["de_AT"]),
        ("German English", "de-en", "German", ["English"]),
        ("German,English (UK)", "de-en", "German", ["English (UK)"]),
        ("Deutsch Englisch", "de-en", "Deutsch", ["Englisch"]),
        ("ger eng", "de-en", "ger", ["eng"]),
        ("text_en text_de", "de-en", "text_de", ["text_en"]),
        ("translation.en translation.de", "de-en", "translation.de", ["translation.en"]),
        ("pt-BR en", "en-pt-BR", "en", ["pt-BR"]),
        ("src refA refB", "de-en", "src", ["refA", "refB"]),
        ("ref2 ref src", "de-en", "src", ["ref", "ref2"]),
        ("source target original_target", "en-es", "source", ["target"]),
        ("Ausgangstext Zieltext", "de-en", "Ausgangstext", ["Zieltext"]),
        ("source de", "en-de", "source", ["de"]),
    ],
)
def test_headings_say_what_is_source_and_reference(columns: str, pair: str, source: str, references: list[str]) -> None:
    source_tag, _, target_tag = pair.partition("-")
    roles = assign_roles(
        columns.split("," if "," in columns else None), {}, LangPair(source_tag, target_tag), "t.csv:1"
    )
    assert (roles.columns["source"], list(roles.references)) == (source, references)


def test_other_headings_and_what_is_kept() -> None:
    columns = ["lp", "domain", "document_id", "segment_id", "is_bad_source", "source", "target", "mt", "note on it"]
    roles = assign_roles(columns, {}, EN_DE, "t.csv:1")
    assert roles.columns == {
        "source": "source",
        "article": "document_id",
        "segment": "segment_id",
        "skip": "is_bad_source",
        "pair": "lp",
        "domain": "domain",
    }
    assert roles.systems == {"mt": "mt"}
    assert roles.kept == ("note on it",)


def test_columns_asked_for_go_before_headings() -> None:
    asked = {"source": "deutsch", "reference": "3", "system:deepl": "D", "article": "Text"}
    roles = assign_roles(["Text", "Deutsch", "E", "D", "reference", "mt"], asked, DE_EN, "t.csv:1")
    assert roles.columns == {"source": "Deutsch", "article": "Text"}
    assert (roles.references, dict(roles.systems), roles.kept) == (("E",), {"deepl": "D"}, ("reference", "mt"))
    roles = assign_roles(["de", "en", "Text"], {"article": "Text"}, DE_EN, "t.csv:1")
    assert roles.columns == {"source": "de", "article": "Text"}


@pytest.mark.parametrize(
    ("columns", "asked", "message"),
    [
        (["text", "reference"], {}, "t.csv:1: no column is known as the source text; there are: text, reference"),
        (["source", "refernce"], {}, "unknown column 'refernce', nearly 'reference'"),
        (["source", "target", "reference"], {}, "both 'target' and 'reference' may be the reference"),
        (["source", "reference2"], {}, "there is a column 'reference2', but no column 'reference'"),
        (["en-US", "en-GB", "de"], {}, "both 'en-US' and 'en-GB' may be the reference"),
        (["source", "en"], {"reference": "fr"}, "no column 'fr'; there are: source, en"),
        (["source", "en"], {"refrence": "en"}, "unknown role 'refrence'"),
        (["source", "en"], {"system": "en"}, "system has no name"),
        (["source", "en"], {"reference2": "en"}, "no column 'reference'"),
    ],
)
def test_columns_that_are_refused(columns: list[str], asked: dict[str, str], message: str) -> None:
    with pytest.raises((DataError, UsageError), match=message) as caught:
        assign_roles(columns, asked, DE_EN, "t.csv:1")
    assert caught.value.hint


# Rules for rows and cells, which all tables share


def test_rows_of_articles_may_be_interleaved(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "t.csv", "article,source,reference", "a,Ja,Yes", "b,Nein,No", ",,", "a,Gut,Good", "")
    imported = load(path)
    assert segments(imported) == {"a": [[("Ja", {1: "Yes"}), ("Gut", {1: "Good"})]], "b": [[("Nein", {1: "No"})]]}
    places = [s.place.line for a in imported.articles for p in a.paragraphs for s in p if s.place]
    assert places == [1, 4, 2]


def test_cells_by_written_rules(tmp_path: Path) -> None:
    rows = [
        {"source": "Eins\r\nund\u2028 zwei", "reference": None},
        {"source": "=1+1", "reference": " \u00a0"},
        {"source": "Zahl", "reference": 3.50},
        {"source": "Null", "reference": "null"},
        {"source": "Fehler", "reference": "#N/A"},
    ]
    imported = load(write_lines(tmp_path / "t.jsonl", *(json.dumps(row) for row in rows)))
    assert segments(imported)["t"] == [
        [
            ("Eins und zwei", {}),
            ("=1+1", {}),
            ("Zahl", {1: "3.5"}),
            ("Null", {1: "null"}),
            ("Fehler", {}),
        ]
    ]
    for what in (
        "cells with line breaks, each read as a space: 1",
        "cells of white space alone read as empty: 1",
        "cells with 'null', kept as text: 1",
        "cells with a spreadsheet's error read as no reference: 1",
    ):
        assert what in notes(imported)


def test_canary_bad_sources_and_other_pairs_are_left_out_with_a_note(tmp_path: Path) -> None:
    def row(source: str, **more: object) -> dict[str, object]:
        plain = {"lp": "en-de_DE", "document_id": "d", "is_bad_source": False, "segment_id": 1, "domain": "news"}
        return plain | {"source": source, "target": source.upper()} | more

    rows = [
        row("canary text", domain="canary", document_id="canary", is_bad_source=True),
        row("a", segment_id=2),
        row("b", is_bad_source=True, segment_id=3),
        row("c", lp="en-fr"),
        row("d", segment_id=5, original_target="D?"),
    ]
    imported = load(write_lines(tmp_path / "t.jsonl", *(json.dumps(row) for row in rows)), pair=EN_DE)
    assert segments(imported) == {"d": [[("a", {1: "A"}), ("d", {1: "D"})]]}
    assert metas(imported) == [{"id": "2"}, {"id": "5", "original_target": "D?"}]
    assert imported.articles[0].meta == {"domain": "news"}
    for what in ("rows of the canary", "rows left out, because 'is_bad_source'", "rows of other language pairs"):
        assert what in notes(imported)
    assert "'original_target'" in notes(imported)


def test_outputs_and_paragraphs_have_columns_too(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "t.csv", "src,ref,mt,system:Big One,paragraph", "Ja,Yes,Yeah,Y,1", "Gut,Good,Fine,,1", "So,So,,,2"
    )
    (article,) = load(path).articles
    assert [[dict(s.outputs) for s in paragraph] for paragraph in article.paragraphs] == [
        [{"mt": "Yeah", "Big One": "Y"}, {"mt": "Fine"}],
        [{}],
    ]


def test_what_differs_within_an_article_is_data_of_its_segments(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "t.csv", "source,domain,date,title", "Ja,news,May,T", "Gut,sport,May,T")
    imported = load(path)
    assert imported.articles[0].meta == {"title": "T"}
    assert metas(imported) == [{"domain": "news", "date": "May"}, {"domain": "sport", "date": "May"}]
    assert "'domain' is kept as data of the segments: it differs within 't'" in notes(imported)
    assert "'date' is kept as data of the segments: not a date in 't'" in notes(imported)


def test_bad_rows_are_left_out_only_on_request(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "t.csv", "source,reference", "Ja,Yes", "Gut", ",Fine", "So,So")
    with pytest.raises(DataError, match=r"t.csv:3: 1 field, but the header has 2"):
        load(path)
    imported = load(path, skip_bad=True)
    assert segments(imported) == {"t": [[("Ja", {1: "Yes"}), ("So", {1: "So"})]]}
    assert "rows left out by --skip-bad: 2; the first is" in notes(imported)


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
    assert [note.what for note in imported.notes] == [
        "source: column 'source', reference: column 'reference', reference 2: column 'reference2'"
    ]


def test_tsv_that_a_spreadsheet_quoted_is_noted(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "t.tsv", "source\treference", '"Er sagte ""Nein""."\tHe said "No".')
    assert "looks quoted by a spreadsheet" in noted(load(path).notes[0])


def test_unicode_text_of_a_spreadsheet_is_quoted(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_bytes('Deutsch\tEnglisch\r\n"Er sagte ""Nein"".\nJa."\tNo.\r\n'.encode("utf-16"))
    imported = load(path)
    assert segments(imported) == {"t": [[('Er sagte "Nein". Ja.', {1: "No."})]]}
    assert "UTF-16" in noted(imported.notes[0])


def test_csv_has_quoting_and_may_have_semicolons(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "t.csv", "source,reference", '"Er sagte ""Nein"", ja.",He said no.', "x,")
    assert segments(load(path)) == {"t": [[('Er sagte "Nein", ja.', {1: "He said no."}), ("x", {})]]}
    for separator, name in (("; ", "semicolons"), ("\t ", "tabs")):
        imported = load(write_lines(tmp_path / "u.csv", f"source{separator[0]}reference", f"a, b{separator[0]}A, B"))
        assert segments(imported) == {"u": [[("a, b", {1: "A, B"})]]}
        assert name in imported.notes[0].what
    imported = load(write_lines(tmp_path / "v.csv", "sep=;", "source;reference", "a,b;"))
    assert segments(imported) == {"v": [[("a,b", {})]]}


def test_tables_without_headings(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "t.tsv", "Wir sind ja da.\tWe are there.", "Gut.\tGood.")
    expected = {"t": [[("Wir sind ja da.", {1: "We are there."}), ("Gut.", {1: "Good."})]]}
    imported = load(path)
    assert segments(imported) == expected
    assert "the first row is data" in imported.notes[0].what
    assert segments(load(path, header=False, columns={"source": "1", "reference": "2"})) == expected
    bare = write_lines(tmp_path / "u.tsv", "Hallo\tHello", "Gut.\tGood.")
    with pytest.raises(DataError, match=r"u.tsv:1: no column is known as the source text") as caught:
        load(bare)
    assert "--no-header" in caught.value.hint


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("text\treference", "a\tb"), "t.tsv:1: no column is known as the source text"),
        (("source\tsource", "a\tb"), "t.tsv:1: the column 'source' is there twice"),
        (("source\treference", "a\tb", "a"), "t.tsv:3: 1 field, but the header has 2"),
        (("source\treference", "\tb"), "t.tsv:2: a reference without source"),
        (("source\tarticle", "a\tx", "b\t"), "t.tsv:3: column 'article': empty"),
        (("source\treference",), ": no segment"),
        (("source\tb", "#REF!\tb"), "t.tsv:2: column 'source': the cell holds the error #REF!"),
        (("source\tis_bad_source", "a\tmaybe"), "t.tsv:2: column 'is_bad_source': 'maybe' is neither"),
        (("source\tb", "a\x07\tb"), r"t.tsv:2: column 'source': character 2: control character \(U\+0007\)"),
        (("", "source\tb"), "t.tsv:1: the first row is empty"),
    ],
)
def test_tables_that_are_refused(tmp_path: Path, lines: tuple[str, ...], message: str) -> None:
    path = write_lines(tmp_path / "t.tsv", *lines)
    with pytest.raises(DataError, match=message) as caught:
        write_articles(tmp_path / "references", DE_EN, load(path).articles)
    assert caught.value.hint
    assert not (tmp_path / "references").exists()


@pytest.mark.parametrize("lines", [("x,y", '"a"b,c'), ("x,y", '"a,c')])
def test_csv_with_broken_quoting_is_refused(tmp_path: Path, lines: tuple[str, ...]) -> None:
    with pytest.raises(DataError, match=r"t.csv:3: .*"):
        load(write_lines(tmp_path / "t.csv", "source,reference", *lines))


def test_a_table_in_an_old_encoding_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("source;reference\nJa;Tschüss\n".encode("cp1252"))
    with pytest.raises(DataError, match=r"t.csv:2: byte 8 of the line \(0xFC\): .*Windows-1252") as caught:
        load(path)
    assert "CSV UTF-8" in caught.value.hint


# JSON and Parquet


def test_json_lines_and_arrays(tmp_path: Path) -> None:
    rows = [
        {"source": "Eins", "references": ["One"], "article": "a", "id": "1", "domain": "news", "vector": [0.5] * 99},
        {"source": "Zwei", "references": ["", "TWO"], "article": "a", "id": 2, "info": {"who": "x"}},
    ]
    lines = load(write_lines(tmp_path / "x.jsonl", *(json.dumps(row) for row in rows)))
    whole = load(write_lines(tmp_path / "x.json", json.dumps(rows, indent=1)))
    for imported in (lines, whole):
        assert segments(imported) == {"a": [[("Eins", {1: "One"}), ("Zwei", {2: "TWO"})]]}
        assert metas(imported) == [{"id": "1"}, {"id": "2", "info.who": "x"}]
        assert "rows without their field 'vector', which is not text: 1" in notes(imported)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "x.jsonl:2: column 2: not JSON"),
        ("[1]", "x.jsonl:2: not a JSON object"),
        ("[" * 100_000, "x.jsonl:2: nested too deeply"),
        ('{"reference": "a"}', "x.jsonl:2: a reference without source"),
        ('{"source": "a", "source": "b"}', "x.jsonl:2: field 'source' is there twice"),
        ('{"source": "a", "reference": "b", "references": ["c"]}', "x.jsonl: both"),
        ('{"source": "\\ud800"}', "x.jsonl:2: .*surrogate"),
        ('{"source": "\\u0000"}', "x.jsonl:2: .*NUL"),
    ],
)
def test_jsonl_that_is_refused(tmp_path: Path, line: str, message: str) -> None:
    path = write_lines(tmp_path / "x.jsonl", '{"source": "first", "id": "1"}', line)
    with pytest.raises(DataError, match=message):
        write_articles(tmp_path / "references", DE_EN, load(path).articles)
    assert not (tmp_path / "references").exists()


def test_ids_that_occur_twice_are_kept_and_said(tmp_path: Path) -> None:
    rows = ['{"source": "a", "id": 1}', '{"source": "b", "id": "1"}']
    imported = load(write_lines(tmp_path / "x.jsonl", *rows))
    assert metas(imported) == [{"id": "1"}, {"id": "1"}]
    assert "ids that their article has already, kept all the same: 1" in notes(imported)


def test_parquet_with_structures(tmp_path: Path) -> None:
    parquet, arrow = pytest.importorskip("pyarrow.parquet"), pytest.importorskip("pyarrow")
    rows = [{"translation": {"de": "Ja.", "en": "Yes."}, "n": 1}, {"translation": {"de": "Gut.", "en": None}, "n": 2}]
    path = tmp_path / "t.data"
    parquet.write_table(arrow.Table.from_pylist(rows), path)
    imported = load(path)
    assert segments(imported) == {"t": [[("Ja.", {1: "Yes."}), ("Gut.", {})]]}
    assert metas(imported) == [{"n": "1"}, {"n": "2"}]
    path.write_bytes(b"PAR1" + b"x" * 50)
    with pytest.raises(DataError, match=r"t.data: not a Parquet file"):
        load(path)


# Files as people have them


@pytest.mark.parametrize(
    ("name", "pair", "expected"),
    [
        ("excel.csv", "en-de", {"excel": [[('He said "hi"', {1: "Er sagte"})]]}),
        ("hf.jsonl", "en-de", {"hf": [[("Hi", {1: "Hallo"})]]}),
        (
            "interleaved.csv",
            "en-de",
            {"a": [[("Hi", {1: "Hallo"}), ("Yes", {1: "Ja"})]], "b": [[("Bye", {1: "Tschüss"})]]},
        ),
        ("multiline.csv", "en-de", {"multiline": [[("Line 1 Line 2", {1: "Zeile 1 Zeile 2"})]]}),
        ("comet.jsonl", "en-de", {"comet": [[("Hi", {1: "Hallo!"})]]}),
        ("target.tsv", "en-de", {"target": [[("Hello", {1: "Hallo"})]]}),
        ("wmt24pp.jsonl", "en-es", {"d1": [[("Hi", {1: "Hola"})]]}),
    ],
)
def test_small_tables_made_by_hand(name: str, pair: str, expected: dict[str, object]) -> None:
    path = HANDMADE / name
    if not path.is_file():
        pytest.skip("the files are not beside the repository")
    source, _, target = pair.partition("-")
    assert segments(load(path, pair=LangPair(source, target))) == expected


def test_suffixes_name_tables(tmp_path: Path) -> None:
    formats = {"t.TSV": "tsv", "t.csv": "csv", "t.jsonl": "jsonl", "t.ndjson": "jsonl", "t.json": "jsonl"}
    assert {name: detect((write_lines(tmp_path / name, "source", "a"),), DE_EN) for name in formats} == formats


# A row for each system


def test_rows_that_name_their_system_hold_outputs_and_no_reference(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "t.tsv",
        "system\tdoc_id\tseg_id\trater\tsource\ttarget",
        "A\td\t1\tx\tJa.\tYes.",
        "A\td\t1\ty\tJa.\tYes.",
        "B\td\t1\tx\tJa.\tYeah.",
        "A\td\t2\tx\tJa.\tSure.",
    )
    imported = load(path)
    (article,) = imported.articles
    assert [dict(s.outputs) for s in article.paragraphs[0]] == [{"A": "Yes.", "B": "Yeah."}, {"A": "Sure."}]
    assert segments(imported) == {"d": [[("Ja.", {}), ("Ja.", {})]]}
    assert "column 'target' holds outputs of the systems in 'system'" in notes(imported)
    assert "rows joined with others of the same segment: 2" in notes(imported)
    assert "already" not in notes(imported)
    write_lines(path, "system\tid\tsource\tmt", "A\t1\tJa.\tYes.", "A\t1\tGut.\tGood.")
    assert "ids that their article has already, kept all the same: 1" in notes(load(path))
    write_lines(path, "system\tid\tsource\tmt\tref", "A\t1\tJa.\tYes.\tYes!", "A\t1\tJa.\tNo.\tYes!")
    with pytest.raises(DataError, match=r"t.tsv:3: another output of 'A' for the segment 1"):
        load(path)
    write_lines(path, "system\tid\tsource\tmt", "A\t1\tJa.\tYes.", "B\t1\tJa.\t")
    assert [dict(s.outputs) for s in load(path).articles[0].paragraphs[0]] == [{"A": "Yes."}]
    write_lines(path, "system\tsource\tmt\tref", "A\tJa.\tYes.\tYes!", "A\tJa.\tNo.\tYes!")
    assert segments(load(path)) == {"t": [[("Ja.", {1: "Yes!"}), ("Ja.", {1: "Yes!"})]]}


def test_columns_that_differ_between_systems_are_no_data_of_the_segment(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "t.tsv",
        "system\tid\tsource\tmt\tref\trating\tnote",
        "A\t1\tJa.\tYes.\t\t5\tx",
        "B\t1\tJa.\tYeah.\tYes!\t2\tx",
        "A\t2\tGut.\tGood.\tFine.\t4\ty",
    )
    imported = load(path)
    assert metas(imported) == [{"id": "1", "note": "x"}, {"id": "2", "note": "y"}]
    assert segments(imported) == {"t": [[("Ja.", {1: "Yes!"}), ("Gut.", {1: "Fine."})]]}
    assert "columns left out, because they differ between the rows of a segment: 'rating'" in notes(imported)
    assert "kept as data of the segments: 'note'" in notes(imported)
    assert "already" not in notes(imported)
    assert {note.where for note in imported.notes if "joined" in note.what} == {str(path)}
    write_lines(path, "system\tid\tsource\tmt\tref", "A\t1\tJa.\tYes.\tYes!", "B\t1\tJa.\tYeah.\tSure!")
    with pytest.raises(DataError, match=r"t.tsv:3: another reference for the segment 1 of 't'; the first is at .*:2"):
        load(path)


def test_rows_without_ids_are_joined_in_the_order_of_each_system(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "t.tsv",
        "system\tsource\tmt",
        *("A\tJa.\tA1", "A\tGut.\tA2", "A\tJa.\tA3"),
        *("B\tJa.\tB1", "B\tGut.\t", "B\tJa.\tB3"),
    )
    (paragraph,) = load(path).articles[0].paragraphs
    assert [(s.source, dict(s.outputs)) for s in paragraph] == [
        ("Ja.", {"A": "A1", "B": "B1"}),
        ("Gut.", {"A": "A2"}),
        ("Ja.", {"A": "A3", "B": "B3"}),
    ]


@pytest.mark.parametrize(
    ("heading", "brazil", "portugal"), [("lp", "en-pt_BR", "en-pt_PT"), ("target_lang", "pt-BR", "pt-PT")]
)
def test_only_the_variety_of_the_pair_is_read(heading: str, brazil: str, portugal: str, tmp_path: Path) -> None:
    lines = (f"source,reference,{heading}", f"Bus,Ônibus,{brazil}", f"Bus,Autocarro,{portugal}")
    path = write_lines(tmp_path / "t.csv", *lines)
    imported = load(path, pair=LangPair("en", "pt-BR"))
    assert segments(imported) == {"t": [[("Bus", {1: "Ônibus"})]]}
    assert "left out: 1" in notes(imported)
    with pytest.raises(DataError, match=rf"'{heading}': several varieties fit .*pt.BR, .*pt.PT") as caught:
        load(path, pair=LangPair("en", "pt"))
    assert "--pair" in caught.value.hint
    assert segments(load(write_lines(path, *lines[:2]), pair=LangPair("en", "pt"))) == segments(imported)


def test_another_script_is_another_language(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "t.csv", "source,reference,lp", "Yes,是,en-zh_CN", "Yes,對,en-zh_TW")
    assert segments(load(path, pair=LangPair("en", "zh"))) == {"t": [[("Yes", {1: "是"})]]}


def test_two_tables_are_not_poured_into_one_article(tmp_path: Path) -> None:
    paths = [tmp_path / folder / "news.tsv" for folder in "pq"]
    for path in paths:
        path.parent.mkdir()
        write_lines(path, "source\treference", "Ja.\tYes.")
    with pytest.raises(UsageError, match=r"q/news.tsv: no column names the article, so it would be 'news', like .*p/n"):
        load(*paths)
    assert len(segments(load(*paths, article="all"))["all"][0]) == 2
    with pytest.raises(UsageError, match=r"news.tsv: named twice"):
        load(paths[0], tmp_path / "q" / ".." / "p" / "news.tsv")


def test_one_article_that_differs_leaves_the_data_of_others(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "t.csv", "article,source,domain,is_bad_source", "a,Ja,x,0.0", "a,Gut,y,0", "b,So,z,", "b,No,z,1.0"
    )
    imported = load(path)
    assert [dict(article.meta) for article in imported.articles] == [{}, {"domain": "z"}]
    assert metas(imported) == [{"domain": "x"}, {"domain": "y"}, {}]
    assert "'domain' is kept as data of the segments: it differs within 'a'" in notes(imported)


def test_rows_of_other_languages_are_left_out(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "t.csv", "source,target,target_lang", "Ja,Yes,en", "Ja,Oui,fr", "Gut,Good,English", "So,So,"
    )
    imported = load(path)
    assert len(segments(imported)["t"][0]) == 3
    assert "rows in other languages left out: 1" in notes(imported)


def test_a_table_is_not_taken_for_text(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "t.txt", "Ja.\tYes.", "Gut.\tGood.")
    with pytest.raises(DataError, match="a table, with tabs in every line") as caught:
        load(path)
    assert "--format tsv" in caught.value.hint
    assert segments(load(write_lines(path, "Ja.\tYes.", "Gut."))) == {"t": [[("Ja.\tYes.", {}), ("Gut.", {})]]}


def test_a_table_whose_rows_are_all_left_out_says_why(tmp_path: Path) -> None:
    path = write_lines(
        tmp_path / "a.csv", "source,target,is_bad_source,lp", "Ja.,Yes.,true,de-en", "Nein.,Non.,false,de-fr"
    )
    with pytest.raises(DataError, match="no segment: rows left out, because 'is_bad_source' is true: 1; rows of other"):
        read_files(Request((path,), DE_EN))
