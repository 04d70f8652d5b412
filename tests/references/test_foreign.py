"""What is no plain text is never read as such: content before suffix, and refusals that say what the file is."""

import gzip
import zipfile
from pathlib import Path

import pytest

from harness.corpus.bare import corpus_from_files
from harness.corpus.importers.model import Request
from harness.corpus.importers.reading import read_files
from harness.errors import DataError
from harness.types import LangPair

PAIR = LangPair("de", "en")

FOREIGN = {
    "xliff": (b'<?xml version="1.0"?>\n<xliff version="1.2"><file/></xliff>', "XLIFF"),
    "utf-16 markup": ('<?xml version="1.0" encoding="UTF-16"?>\n<tmx version="1.4"/>'.encode("utf-16"), "TMX"),
    "sgm": (b'<srcset setid="x" srclang="any">\n<doc docid="a">\n<seg id="1">Yes</seg>', "SGM"),
    "html": (b"<!DOCTYPE html>\n<html><body><p>Yes</p></body></html>", "HTML"),
    "unknown markup": (b'<strings lang="de">\n <s>Ja</s>\n</strings>', "<strings>"),
    "json": (b'{"source": "Ja"}\n', "JSON"),
    "json list": (b'[\n  {"source": "Ja"}\n]\n', "JSON"),
    "po": (b'msgid ""\nmsgstr ""\n"Language: de"\n\nmsgid "Yes"\nmsgstr "Ja"\n', "PO"),
    "srt": (b"1\n00:00:01,000 --> 00:00:02,500\nJa.\n", "subtitles"),
    "vtt": (b"WEBVTT\n\n00:01.000 --> 00:02.500\nJa.\n", "subtitles"),
    "strings": (b'/* a */\n"yes" = "Ja";\n"no" = "Nein";\n', "Apple strings"),
    "utf-16": ("Ja\nNein\n".encode("utf-16"), "UTF-16"),
    "utf-16 without mark": ("Ja\nNein\n".encode("utf-16-le"), "UTF-16"),
    "gzip": (gzip.compress(b"Ja\n"), "gzip"),
    "pdf": (b"%PDF-1.7\n%", "PDF"),
    "rtf": (rb"{\rtf1\ansi Ja}", "RTF"),
    "nul": (b"Ja\x00\x01\x02Nein\n", "binary"),
    "parquet": (b"PAR1\x15\x04", "Parquet"),
    "old office": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Microsoft Office"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_nothing_is_taken_for_text_that_is_not(name: str, tmp_path: Path) -> None:
    data, said = FOREIGN[name]
    path, other = tmp_path / "news.txt", tmp_path / "news.en.txt"
    path.write_bytes(data)
    other.write_bytes(b"Yes\n" * data.count(b"\n"))
    with pytest.raises(DataError, match=said):
        read_files(Request((path, other), PAIR), "parallel")
    with pytest.raises(DataError, match=said):
        corpus_from_files(PAIR, path, (), None)


def test_zipped_documents_are_named(tmp_path: Path) -> None:
    members = ("word/document.xml", "xl/workbook.xml", "designmap.xml", "META-INF/manifest.xml", "a.txt")
    for member, said in zip(members, ("Word", "workbook", "InDesign", "OpenDocument", "ZIP"), strict=True):
        path = tmp_path / "a.txt"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(member, "x")
        with pytest.raises(DataError, match=said):
            read_files(Request((path,), PAIR), "parallel")


@pytest.mark.parametrize(
    "text",
    [
        "<b>Neu</b>: jetzt bestellen\nJa\n",
        "<user> hat angerufen</user> heute\nNein\n",
        "{user} hat 3 Nachrichten\n{count}\n",
        "[Applaus]\nDanke.\n",
        "12:30 --> Pause\nWeiter.\n",
        "msgid ist ein Wort\n",
        "PARIS liegt an der Seine\n",
    ],
)
def test_texts_that_only_resemble_markup_are_read(text: str, tmp_path: Path) -> None:
    path = tmp_path / "news.de"
    path.write_text(text, encoding="utf-8")
    (article,) = read_files(Request((path,), PAIR)).articles
    assert sum(map(len, article.paragraphs)) == text.count("\n")


def test_an_unknown_suffix_is_text_only_on_request(tmp_path: Path) -> None:
    path = tmp_path / "news.abc"
    path.write_text("Ja\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"no importer reads \.abc") as refused:
        read_files(Request((path,), PAIR))
    assert "--format parallel" in refused.value.hint
    assert read_files(Request((path,), PAIR), "parallel").articles


@pytest.mark.parametrize(
    ("name", "text", "said", "helps"),
    [
        ("app_en.arb", '{\n  "@@locale": "en",\n  "a": "Ja"\n}\n', "an ARB catalogue", "as XLIFF or CSV"),
        ("a.properties", "a=Ja\n", "a catalogue of one language", "as XLIFF or CSV"),
        ("a.yml", "de:\n  a: Ja\n", "YAML", "as XLIFF or CSV"),
        ("a.xcstrings", '{"sourceLanguage": "de"}\n', "a catalogue of Xcode", "Export Localizations"),
        ("a.resx", "<root>\n<data/>\n</root>\n", "XML, perhaps .resx", "XLIFF"),
        ("a.md", "# Ja\n", "Markdown", "pandoc"),
        ("a.ass", "[Script Info]\n", "neither SRT nor WebVTT", "ffmpeg"),
        ("a.xml", "<a>x</a>\n", "XML of an unknown kind", "harness list importers"),
        ("a.seg.score", "A\t1\n", "ratings or scores", "--scores"),
        ("a.json", '{\n  "a": "Ja"\n}\n', "one JSON object", "as XLIFF or CSV"),
        ("a.tmx", "<!DOCTYPE html>\n<html><body>Not found</body></html>\n", "a web page, not tmx", "again"),
        ("a.tsv", "system\trater\tsource\tcategory\tseverity\n", r"ratings \(MQM\)", "--scores"),
        ("a.csv", "ann1,A,7,TGT,de,en,80,d,False,[],1.5,2.5\n", "the first row is data", "Appraise"),
        ("b.tsv", "de-en\tA\t0.5\n", "the first row is data, not headings: '0.5'", "--no-header"),
    ],
)
def test_what_is_not_read_is_named_by_its_suffix_or_headings(
    name: str, text: str, said: str, helps: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said) as refused:
        read_files(Request((path,), PAIR))
    assert helps in refused.value.hint


@pytest.mark.parametrize("name", ["a.tmx", "a.csv", "a.jsonl", "a.xlsx", "a.po", "a.txt", "a.de"])
def test_pointers_of_git_lfs_are_no_files(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:1b\nsize 1\n", encoding="utf-8")
    with pytest.raises(DataError, match="a pointer of Git LFS") as refused:
        read_files(Request((path,), PAIR))
    assert refused.value.hint == "git lfs pull"
