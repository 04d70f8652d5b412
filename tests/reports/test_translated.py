"""A report in another language says nothing in English: every word comes from the catalogue."""

from __future__ import annotations

import base64
import gzip
import json
import re
import string
from collections.abc import Callable, Iterator
from dataclasses import replace

import lxml.html
import pytest

from harness.analysis import analyse, analyse_several
from harness.reports.formats.history_formats import render_html, render_markdown
from harness.reports.formats.latex import LatexReport
from harness.reports.formats.markdown import MarkdownReport
from harness.reports.formats.terminal import TerminalReport
from harness.reports.html import HtmlReport
from harness.reports.model.history import build_history
from harness.reports.model.run_list import UnreadableRun, list_entry, render_list
from harness.reports.words.messages import Catalogue, english, read_catalogue, speaking
from harness.store.runs.result import Run
from harness.types import Reason, SystemName

from .greek import NOTES, RUNS, latin, rich_run, small_run
from .read_files import plain, workbook

ACCENTS = str.maketrans(string.ascii_letters, "âƀçđêƒğĥîĵķļɱñôþɋŕšŧûṽŵẋýžÂɃÇĐÊƑĞĤÎĴĶĻṀÑÔÞɊŔŠŦÛṼŴẊÝŽ")
"""A letter of no English word for each of those of English."""


def pseudo(text: str) -> str:
    """A message as an attentive reader still reads it: in brackets, every letter with an accent, fields as they are."""
    parts = []
    for literal, name, _, _ in string.Formatter().parse(text):
        parts.append(literal.translate(ACCENTS) + ("" if name is None else f"{{{name}}}"))
    return f"⟦{''.join(parts)}⟧"


@pytest.fixture(scope="module")
def accented(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """Every message but the language as :func:`pseudo` makes it, read from a file."""
    lines = [f"{key} = {json.dumps(pseudo(text))}" for key, text in english().texts.items() if key != "language"]
    path = tmp_path_factory.mktemp("messages") / "messages.toml"
    path.write_text("\n".join(['language = "ar"', *lines]), encoding="utf-8")
    return read_catalogue(path)


CODES = {
    *("BLEU", "chrF", "COMET", "German", "English", "de-en", "translation-harness", "EUR"),
    *("UTC", "skip-article"),
}
"""What stays as it is in every language: names of metrics, of languages, of flags, of the program, and of its time."""


STATISTICS = re.compile(r"test:swap(\\?\|[A-Za-z]+:[\w.]+)+")
"""The signature of the statistics, with the escapes of Markdown."""


def strangers(text: str, run: Run) -> list[str]:
    """English words that are neither data nor codes."""
    for signature in {json.dumps(dict(run.settings), ensure_ascii=False, sort_keys=True), *_signatures(run)}:
        text = text.replace(signature, "")
    text = STATISTICS.sub("", text)
    return [word for word in latin(text) if word not in CODES]


def _signatures(run: Run) -> Iterator[str]:
    for pair in run.pairs:
        for system in pair.systems:
            for table in system.tables.values():
                yield table.identity.signature


def literal(markdown: str) -> str:
    """Markdown without its tags and entities."""
    text = re.sub(r"</?(details|summary|code|sup|br)>|&[a-z]+;|&#8203;", " ", markdown.replace("&#95;", "_"))
    return re.sub(r"&#(\d+);", lambda match: chr(int(match[1])), text)


def visible_texts(page: str) -> Iterator[str]:
    """What a person sees or hears of a page, with its explorer's words and the data they are shown beside."""
    tree = lxml.html.document_fromstring(page)
    for packed in tree.xpath("//script[@type='application/octet-stream']"):
        raw = gzip.decompress(base64.b64decode(packed.text))
        head = json.loads(raw[4 : 4 + int.from_bytes(raw[:4], "little")])
        yield from (*head["kinds"], *head["whys"])
    words = json.loads(tree.get_element_by_id("messages").text).values()
    yield from (re.sub(r"\{[a-z]+\}", "", text) for text in words)
    yield from seen(page)


def seen(page: str) -> Iterator[str]:
    """What a page says, and what its labels do."""
    tree = lxml.html.document_fromstring(page)
    for gone in tree.xpath("//script | //style | //code"):
        gone.drop_tree()
    for node in tree.iter():
        yield from filter(None, (node.text, node.tail))
        yield from (node.get(name) for name in ("aria-label", "title", "alt", "data-label") if node.get(name))


def test_every_kind_of_note_is_shown() -> None:
    said = {note.what.key for note in NOTES if isinstance(note.what, Reason)}
    known = {re.sub(r"\.(one|other)$", "", key) for key in english().texts if key.startswith("noted.")}
    assert said == known


@pytest.mark.parametrize("make", RUNS)
def test_the_page_has_no_word_of_its_own(make: Callable[[], Run], accented: Catalogue) -> None:
    run = make()
    with speaking(accented):
        page = HtmlReport().render(analyse(run)).decode("utf-8")
    found = [text.strip() for text in visible_texts(page)]
    assert sum("⟦" in text for text in found) > 50
    assert {word: text for text in found for word in strangers(text, run)} == {}


@pytest.mark.parametrize("make", RUNS)
@pytest.mark.parametrize("report", [MarkdownReport(), TerminalReport()], ids=lambda report: report.extension)
def test_text_has_no_word_of_its_own(
    report: MarkdownReport | TerminalReport,
    make: Callable[[], Run],
    accented: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "4000")  # no signature is broken over lines
    run = make()
    with speaking(accented):
        text = report.render(analyse(run)).decode("utf-8")
    text = literal(text)
    assert text.count("⟦") > 20
    assert {word: line for line in text.split("\n") for word in strangers(line, run)} == {}


@pytest.mark.parametrize("make", RUNS)
def test_a_paper_has_no_word_of_its_own(make: Callable[[], Run], accented: Catalogue) -> None:
    run = make()
    with speaking(accented):
        source = LatexReport().render(analyse(run)).decode("utf-8")
    source = re.sub(r"\\begin\{(tabular|longtable)\}.*|\\emergencystretch=3em|\\setlength\S+", "", source)
    text = plain(re.sub(r"\\(label|begin|end|usepackage)(\[\w+\])?\{[^}]*\}(\{\w+\}|\[\w+\])?", "", source))
    text = re.sub(r"\\ensuremath\{[^}]*\}|\\[a-z]+", "", text)
    assert text.count("⟦") > 10
    assert {word: line for line in text.split("\n") for word in strangers(line, run)} == {}


@pytest.mark.parametrize("make", RUNS)
def test_a_workbook_has_no_word_of_its_own(make: Callable[[], Run], accented: Catalogue) -> None:
    run = make()
    with speaking(accented):
        book = workbook(run)
    found = [
        *book.sheetnames,
        *(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "s"),
    ]
    assert sum("⟦" in text for text in found) > 50
    assert {word: text for text in found for word in strangers(text, run)} == {}


def runs_apart() -> list[Run]:
    """Four runs: the system changes its metric, is gone, and comes back with other texts."""
    first = rich_run()
    gone = replace(first.pairs[0], systems=first.pairs[0].systems[1:], absent={SystemName("άλφα"): "λείπει"})
    other = small_run()
    return [
        first,
        replace(first, id="δεύτερο", pairs=(gone,)),
        replace(other, id="τρίτο"),
        replace(first, id="τέταρτο"),
    ]


@pytest.mark.parametrize("count", [2, 3, 4])
def test_runs_side_by_side_have_no_word_of_their_own(count: int, accented: Catalogue) -> None:
    runs = runs_apart()[:count]
    with speaking(accented):
        history = build_history(analyse_several(runs), ["σημείωση"])
        page = render_html(history).decode("utf-8")
        text = literal(render_markdown(history).decode("utf-8"))
    assert page.count("⟦") > 10
    assert {word: line for line in (*seen(page), *text.split("\n")) for word in strangers(line, runs[0])} == {}


def test_the_list_of_runs_has_no_word_of_its_own(accented: Catalogue) -> None:
    run = rich_run()
    with speaking(accented):
        listed = [
            list_entry(analyse(run), "α"),
            list_entry(analyse(replace(run, pairs=())), "β"),
            UnreadableRun("γ", "γιατί"),
        ]
        texts = [text for entries in (listed, []) for text in seen(render_list(entries).decode("utf-8"))]
    assert {word: text for text in texts for word in strangers(text, run)} == {}


def test_the_page_is_in_the_language_of_the_catalogue(accented: Catalogue) -> None:
    with speaking(accented):
        page = HtmlReport().render(analyse(rich_run())).decode("utf-8")
    assert '<html lang="ar" dir="rtl">' in page
    assert '<html lang="en-GB" dir="ltr">' in HtmlReport().render(analyse(rich_run())).decode("utf-8")
