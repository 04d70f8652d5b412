"""What happens where room is short: narrow terminals and long comments."""

from __future__ import annotations

import pytest

from harness.analysis import analyse
from harness.reports.formats.markdown import MarkdownReport
from harness.reports.formats.markdown_text import BUDGET
from harness.reports.formats.terminal import TerminalReport
from harness.types import Note
from harness.workspace.screen import PIPE_WIDTH

from .build import DE_EN, corpus, normal_run, pair_result, run, system
from .read import parsed, shown


@pytest.mark.parametrize("width", ["40", "61", "100", "150"])
def test_the_terminal_report_keeps_its_width_and_cuts_no_number(width: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", width)
    texts = corpus(DE_EN)
    many = run(pair_result(texts, [system(texts, f"engine-{i}", 0.3 + i / 20) for i in range(10)]))
    text = TerminalReport().render(analyse(many)).decode("utf-8")
    assert max(map(len, text.split("\n"))) <= int(width)
    for entry in parsed(many)["pairs"][0]["articles"]:
        for own in entry["scores"].values():
            assert shown("comet", own["comet"]) in text
    assert "…" not in text


def test_the_terminal_report_lists_the_worst_of_many_articles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    texts = corpus(DE_EN, articles=30, segments=2)
    many = run(pair_result(texts, [system(texts, f"engine-{i}", 0.3 + i / 20) for i in range(2)]))
    (pair,) = parsed(many)["pairs"]
    mean = {entry["id"]: sum(own["comet"]["score"] for own in entry["scores"].values()) for entry in pair["articles"]}
    worst = sorted(mean, key=lambda name: mean[name])[:20]
    lines = TerminalReport().render(analyse(many)).decode("utf-8").split("\n")
    heading = next(index for index, line in enumerate(lines) if line.startswith("COMET ↑ by article"))
    assert [line.split("  ")[0] for line in lines[heading + 2 : heading + 22]] == worst
    assert lines[heading + 22].startswith("Mean over articles")
    assert "The 20 worst of 30 articles, by mean over all systems. The other reports list all." in lines


@pytest.mark.parametrize("columns", [None, "", "wide", "0", "-5"])
def test_the_terminal_report_has_a_width_without_columns(columns: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(PIPE_WIDTH))
    usual = TerminalReport().render(analyse(normal_run()))
    if columns is None:
        monkeypatch.delenv("COLUMNS")
    else:
        monkeypatch.setenv("COLUMNS", columns)
    assert TerminalReport().render(analyse(normal_run())) == usual


def test_markdown_fits_a_comment_and_says_what_it_left_out() -> None:
    texts = corpus(DE_EN, articles=400, segments=2)
    notes = [Note("somewhere", "x" * 5_000)] * 30
    made = run(pair_result(texts, [system(texts, f"engine-{i}", 0.3 + i / 20) for i in range(10)], notes=notes))
    text = MarkdownReport().render(analyse(made)).decode("utf-8")
    assert len(text) <= BUDGET + 1_000
    assert "Left out to fit the comment size limit: de-en: " in text
    assert "and 10 more notes" in text
    assert "x" * 280 in text
    assert "x" * 300 not in text
    assert "… (5,011 characters in total)" in text
