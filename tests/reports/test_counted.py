"""What engines count on the way has a place of its own in every format that shows systems, and is no flag in any."""

from __future__ import annotations

from functools import cache

import pytest

from harness.analysis import Analysis, analyse
from harness.reports.formats.markdown import MarkdownReport
from harness.reports.formats.terminal import TerminalReport
from harness.types import EngineIdentity, Outcome, Translated

from .build import DE_EN, corpus, pair_result, run, system
from .read import parsed, tree
from .read_files import junit, records, workbook

SAID = "memory, counted by its engine: exact matches 1, fuzzy matches 11."


@cache
def made() -> Analysis:
    """A translation memory with one exact match, beside an engine that counts nothing."""
    texts = corpus(DE_EN)
    kinds = [{"exact_matches": int(not row), "fuzzy_matches": int(bool(row))} for row in range(len(texts.segments))]
    outcomes: list[Outcome] = [Translated(f"text {row}", notes=counts) for row, counts in enumerate(kinds)]
    clean = tuple(() for _ in texts.segments)
    memory = system(texts, "memory", 0.4, outcomes=outcomes, engine=EngineIdentity("memory", "1", {}), flags=clean)
    return analyse(run(pair_result(texts, [memory, system(texts, "other", 0.6, flags=clean)])))


def test_it_is_no_flag() -> None:
    (pair,) = made().pairs
    assert not pair.marks["memory"]
    assert not pair.health.marks
    entry, other = parsed(made())["pairs"][0]["systems"]
    assert (entry["flags"], entry["counted"], other["counted"]) == ({}, {"exact_matches": 1, "fuzzy_matches": 11}, {})
    board = records(workbook(made())["Leaderboard"])
    rows = {row["Name"].value: (row["Flags"].value, row["Counted by the engine"].value) for row in board}
    assert rows == {"memory": ("none", "exact matches 1, fuzzy matches 11"), "other": ("none", None)}
    (case,) = (one for one in junit(made()).iter("testcase") if one.get("classname") == "de-en.memory"
               and one.get("name") == "translations")  # fmt: skip
    assert case.find("system-out") is None


@pytest.mark.parametrize("report", [TerminalReport(), MarkdownReport()], ids=["terminal", "md"])
def test_it_is_a_note_of_the_system(report: TerminalReport | MarkdownReport) -> None:
    text = " ".join(report.render(made()).decode("utf-8").split())
    assert SAID in text
    assert "1 exact match" not in text


def test_the_page_says_it_of_the_system_and_of_each_output() -> None:
    page = tree(made())
    text = " ".join(page.text_content().split())
    assert SAID in text
    outputs = [node.text_content() for node in page.xpath("//td/small")]
    assert outputs.count("exact matches 1") == 1
    assert outputs.count("fuzzy matches 1") == 11
    (flags,) = {cell.text_content().strip() for cell in page.xpath("//td[contains(@class, 'flags')]")}
    assert flags == "none"
