"""Text that wants out of its place: no format lets it, and every format still shows it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from urllib.parse import parse_qsl

import lxml.html
import pytest
from markdown_it import MarkdownIt

from harness.analysis import analyse
from harness.reports.formats.csv import CsvReport
from harness.reports.formats.json import JsonReport
from harness.reports.formats.markdown import MarkdownReport
from harness.reports.formats.markdown_text import escape
from harness.reports.formats.terminal import TerminalReport
from harness.reports.html import HtmlReport
from harness.reports.interface import Report
from harness.reports.words.text import visible
from harness.types import Corpus, Translated

from .build import DE_EN, EN_AR, HOSTILE, article, corpus, hostile_run, normal_run, pair_result, run, system
from .read import csv_rows, tree

REPORTS: tuple[Report, ...] = (TerminalReport(), MarkdownReport(), JsonReport(), CsvReport(), HtmlReport())


def test_the_terminal_report_is_plain_even_where_colour_is_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert b"\x1b" not in TerminalReport().render(analyse(hostile_run()))


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.extension)
def test_no_control_or_hidden_character_reaches_the_file(report: Report) -> None:
    text = report.render(analyse(hostile_run())).decode("utf-8")
    assert not re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2028\ufeff]", text)


def test_json_keeps_every_text_as_it_came() -> None:
    texts = Corpus(EN_AR, (article(EN_AR, "a", [(text, (text,)) for text in (*HOSTILE, "lone \ud800")]),))
    outcomes = [Translated(segment.source) for segment in texts.segments]
    raw = JsonReport().render(analyse(run(pair_result(texts, [system(texts, "echo", 0.5, outcomes=outcomes)]))))
    assert raw.isascii()
    for segment, source in zip(json.loads(raw)["pairs"][0]["articles"][0]["segments"], texts.segments, strict=True):
        assert segment["source"] == segment["references"][0] == source.source
        assert segment["outputs"]["echo"]["text"] == source.source
    for report in REPORTS:
        report.render(analyse(run(pair_result(texts, [system(texts, "echo", 0.5, outcomes=outcomes)]))))


def test_no_csv_field_is_a_formula_and_negative_numbers_stay_numbers() -> None:
    rows = csv_rows(hostile_run())
    texts = [value for row in rows for name, value in row.items() if name != "score"]
    assert any(text.startswith("'=") for text in texts)
    assert any(text.startswith("'@") for text in texts)
    assert not [text for text in texts if text.lstrip().startswith(("=", "+", "-", "@"))]
    texts = corpus(DE_EN)
    rated = pair_result(texts, [system(texts, "a", -0.7, ("rating",))], ("rating",))
    numbers = [row["score"] for row in csv_rows(run(rated))]
    assert len(numbers) == 16
    assert all(float(value) < 0 and value.startswith("-") for value in numbers)


def test_markdown_shows_hostile_text_literally() -> None:
    text = MarkdownReport().render(analyse(hostile_run())).decode("utf-8")
    page = lxml.html.fragment_fromstring(MarkdownIt("commonmark").enable("table").render(text), create_parent="div")
    allowed = {
        *("div", "h2", "h3", "p", "ul", "ol", "li", "code", "strong", "details", "summary", "span"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
    assert {element.tag for element in page.iter()} <= allowed
    literal = page.text_content().replace("\u200b", "")
    for wild in HOSTILE:
        assert visible(wild)[:200] in literal
    assert not re.search(r"@\w|#\d|https?://", page.text_content())
    assert "$x" not in text
    assert len({line.count("|") for line in text.split("\n") if line.startswith("|")}) <= 6


def test_markdown_escapes_what_would_start_a_block() -> None:
    for text in ("- item", "+ item", "1. item", "2) item", "# title", "=====", "---", "> quote", "```", "* x"):
        html = MarkdownIt("commonmark").enable("table").render(f"before\n{escape(text)}\n\n- {escape(text)}")
        page = lxml.html.fragment_fromstring(html, create_parent="div")
        assert [element.tag for element in page.iter()] == ["div", "p", "ul", "li"]
        assert page.text_content().replace("\u200b", "").count(text) == 2


def test_html_has_nothing_active_and_every_link_has_its_target() -> None:
    page = tree(hostile_run())
    assert not list(page.iter("img", "iframe", "object", "form", "textarea", "base"))
    assert only_own_scripts(page)
    assert [element.get("href") for element in page.iter("link")] == ["data:,"]
    assert not [name for element in page.iter() for name in element.attrib if name.startswith("on")]
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    targets = {link.get("href").removeprefix("#") for link in page.iter("a")}
    states = [dict(parse_qsl(target)) for target in targets if target.startswith("pair=")]
    assert states
    assert {f"{state['pair']}.{state['view']}" for state in states} <= set(ids)
    assert {target for target in targets if not target.startswith("pair=")} <= set(ids)


def only_own_scripts(page: lxml.html.HtmlElement) -> bool:
    """Data that no browser runs, and the one script whose hash the policy names: the same in every report."""
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    scripts = page.xpath("//script[not(@type)]")
    digest = base64.b64encode(hashlib.sha256(scripts[0].text.encode()).digest()).decode()
    types = {element.get("type") for element in page.xpath("//script[@type]")}
    return (
        len(scripts) == 1
        and scripts[0].text == tree(normal_run()).xpath("//script[not(@type)]")[0].text
        and types <= {"application/octet-stream", "application/json"}
        and policy
        == f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )


def test_html_shows_hostile_text_literally_in_its_language() -> None:
    page = tree(hostile_run())
    cells = {cell.text_content() for cell in page.xpath("//td[@lang='ar']")}
    for wild in HOSTILE[2:]:
        assert visible(wild) in cells
    assert "Z" * 100_000 in {cell.text_content().split("unknown words 3")[0] for cell in page.xpath("//td[@lang='ar']")}
    assert {cell.get("dir") for cell in page.xpath("//td[@lang]")} == {"ltr", "rtl"}
    arabic = next(cell for cell in page.xpath("//td[@lang='ar']") if cell.text_content() == "مرحبا بالعالم")
    assert arabic.get("dir") == "rtl"
    marked = page.xpath("//span[@class='hidden-char' and @title='right-to-left override']")
    assert {element.text for element in marked} == {"⟨U+202E⟩"}
