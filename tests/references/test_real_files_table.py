"""Real public files, where they lie beside the project: each is read, or refused with the right reason.

``python -m tests.references.test_real_files_table`` writes the table into ``docs/formats.md``.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.corpus.importers.model import Request
from harness.corpus.importers.reading import detect, read_files
from harness.errors import HarnessError
from harness.workspace.languages import parse_pair

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT.parent / "shared" / "data" / "formats"
PAGE = ROOT / "docs" / "formats.md"
HEAD = "| file | format | read as |\n|---|---|---|\n"

needs_files = pytest.mark.skipif(not FILES.is_dir(), reason="the real files are not beside the project")

OKAPI = "vistatec+vistatec-okapi"
PAIRS = {
    "tico-19+tico-19.github.io/all.en-es-419.tmx": "en-es",
    f"{OKAPI}/ExportTest2A.tmx": "en-fr",
    f"{OKAPI}/ImportTest1A.tmx": "en-fr",
    f"{OKAPI}/ImportTest1C.tmx": "en-fr",
    f"{OKAPI}/ImportTest1D.tmx": "en-fr",
    f"{OKAPI}/ImportTest1I.tmx": "en-ja",
    f"{OKAPI}/ImportTest1L.tmx": "en-fr",
    f"{OKAPI}/ImportTest2B.tmx": "en-fr",
    f"{OKAPI}/ImportTest2C.tmx": "en-fr",
    f"{OKAPI}/a_small_test2.tmx": "en-fr",
    f"{OKAPI}/header_with_prop_and_note.tmx": "en-fr",
    f"{OKAPI}/sample14b.tmx": "en-de",
    f"{OKAPI}/test01.tmx": "en-fr",
    f"{OKAPI}/JMP-11-Test01.xlf": "en-fr",
    f"{OKAPI}/MQ-12-Test01.xlf": "en-fr",
    f"{OKAPI}/OnTramTest01.xlf": "de-en",
    f"{OKAPI}/PAS-10-Test01.xlf": "en-fr",
    f"{OKAPI}/RB-12-Test02.xlf": "en-fr",
    f"{OKAPI}/SF-12-Test03.xlf": "en-fr",
    f"{OKAPI}/Typo3Draft.xlf": "en-de",
    f"{OKAPI}/altTrans-100.xlf": "en-es",
    f"{OKAPI}/escaped.xlf": "en-fr",
    f"{OKAPI}/invalid_xml_entity.xlf": "en-de",
    f"{OKAPI}/segmented.xlf": "en-de",
    f"{OKAPI}/test01.xlf": "en-fr",
    f"{OKAPI}/32415989.sdlxliff": "en-es",
    f"{OKAPI}/BadTags_HTMLDog15975.sdlxliff": "en-es",
    f"{OKAPI}/TeacherXpress15981.sdlxliff": "en-es",
    f"{OKAPI}/UTF8WithBOM16001.sdlxliff": "en-es",
    f"{OKAPI}/home15985.sdlxliff": "en-es",
    f"{OKAPI}/msg0005815978.sdlxliff": "en-es",
    f"{OKAPI}/simpleTest15984.sdlxliff": "en-es",
    f"{OKAPI}/AllCasesTest.po": "en-fr",
    f"{OKAPI}/Test_DrupalRussianCP1251.po": "en-ru",
    f"{OKAPI}/msgctxt_notes.po": "en-fr",
    f"{OKAPI}/plurals.po": "fr-en",
    f"{OKAPI}/Test01_srt_en.srt": "en-de",
    f"{OKAPI}/docxtest.docx": "en-de",
    f"{OKAPI}/alarm_ro.ts": "en-ro",
    f"{OKAPI}/Test01.docx.txml": "en-fr",
    f"{OKAPI}/Test01.html.ttx": "en-fr",
    f"{OKAPI}/TestRules07.strings": "en-de",
    "tico-19+tico-19.github.io/all.en-es-LA.tmx.zip": "en-es",
    f"{OKAPI}/CSVTesting01.csv": "en-fr",
    f"{OKAPI}/test2cols.csv": "en-fr",
    f"{OKAPI}/columns.xlsx": "en-fr",
    f"{OKAPI}/hidden_cells.xlsx": "en-fr",
    "mozilla+translations/ru-en.tsv": "ru-en",
    "mozilla+translations/train.jsonl": "en-ru",
    "AppraiseDev+Appraise/batches.json": "en-de",
    "AppraiseDev+Appraise/batches_esa.json": "en-de",
    "AppraiseDev+Appraise/newstest2019-ende-src.en.sgm": "en-de",
    "AppraiseDev+Appraise/newstest2019.Microsoft-WMT19-document-level.6808.en-de.sgm": "en-de",
    "wmt-conference+wmt-format-tools/sample-hyp.xml": "en-de",
    "wmt-conference+wmt-format-tools/sample-src-ref.xml": "en-ha",
    "wmt-conference+wmt22-news-systems/wmttest2022.liv-en.all.xml": "liv-en",
    "wmt-conference+wmt24-news-systems/AutoRank.xlsx": "en-es",
    "wmt-conference+wmt24-news-systems/en-es.jsonl": "en-es",
    "wmt-conference+wmt24-news-systems/txt-ts.en-es.jsonl": "en-es",
    "wmt-conference+wmt25-general-mt/AMI.jsonl": "en-es",
    "wmt-conference+wmt25-general-mt/system_crossbleu.xlsx": "en-es",
}
"""Real files, and the pair each is imported for."""


def row(name: str) -> str:
    """The line of the table for a file."""
    path, pair = FILES / name, parse_pair(PAIRS[name])
    try:
        kind = detect((path,), pair)
    except HarnessError as error:
        return f"| {path.name} |  | rejected: {_reason(error, path)} |\n"
    try:
        imported = read_files(Request((path,), pair))
    except HarnessError as error:
        return f"| {path.name} | {kind} | rejected: {_reason(error, path)} |\n"
    segments = [s for a in imported.articles for p in a.paragraphs for s in p]
    count = sum(bool(segment.references) for segment in segments)
    held = f"{_counted(len(imported.articles), 'article')}, {_counted(len(segments), 'segment')}"
    return f"| {path.name} | {kind} | {held}, {count:,} with a reference |\n"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _reason(error: HarnessError, path: Path) -> str:
    said = textwrap.shorten(str(error).replace(str(path), ""), 110, placeholder=" …")
    return said.lstrip(":").strip().replace("|", "\\|").replace("<", "&lt;")


def rows() -> Iterator[str]:
    """All lines, by format and name."""
    return (row(name) for name in sorted(PAIRS, key=lambda name: (Path(name).suffix, Path(name).name)))


def _table() -> tuple[str, str, str]:
    """What is before the table in the page, its lines, and what follows."""
    before, head, rest = PAGE.read_text(encoding="utf-8").partition(HEAD)
    assert head, f"no table of real files in {PAGE.name}"
    lines, _, after = rest.partition("\n\n")
    return before + head, f"{lines}\n", f"\n{after}"


@needs_files
@pytest.mark.parametrize("name", PAIRS)
def test_a_real_file_is_read_as_the_page_says(name: str) -> None:
    assert row(name) in _table()[1]


if __name__ == "__main__":
    start, _, end = _table()
    PAGE.write_text(start + "".join(rows()) + end, encoding="utf-8")
