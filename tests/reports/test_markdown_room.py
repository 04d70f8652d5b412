"""A Markdown report fits a comment on GitHub in every case, and says what it leaves out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.analysis import analyse
from harness.reports.formats.markdown import MarkdownReport
from harness.store.runs.result import Run
from harness.types import LangPair, Note
from tests.reports.build import DE_EN, corpus, normal_run, pair_result, run, system

LIMIT = 65_536


def many_systems() -> Run:
    texts = corpus(DE_EN, articles=2, segments=2)
    systems = [system(texts, f"s{n}", 0.3 + n / 1_000, ("bleu",), label=f"$_*|{n} " * 60) for n in range(40)]
    return run(pair_result(texts, systems, ("bleu",)))


def many_pairs() -> Run:
    pairs = [LangPair(f"{a}{b}", "en") for a in "abcdefghij" for b in "klmnopqrst"]
    texts = [corpus(pair, articles=2, segments=2) for pair in pairs]
    notes = [Note("$" * 300, "$" * 300)] * 3
    return run(*(pair_result(t, [system(t, "only", 0.5, ("bleu",))], ("bleu",), notes=notes) for t in texts))


def long_names() -> Run:
    made = normal_run()
    (pair,) = made.pairs
    return replace(made, pairs=(replace(pair, systems=tuple(replace(s, label="$" * 9_000) for s in pair.systems)),))


@pytest.mark.parametrize("make", [many_systems, many_pairs, long_names])
def test_it_fits_and_says_what_is_missing(make: object) -> None:
    assert callable(make)
    text = MarkdownReport().render(analyse(make())).decode()
    assert len(text) < LIMIT
    assert "left out to fit the comment size limit. The HTML report has them all." in text
    tables = [block for block in text.split("\n\n") if block.startswith("| ")]
    for table in tables:
        assert len({line.count(" | ") for line in table.split("\n")}) == 1, "a row was cut in the middle"


def test_nothing_is_left_out_where_all_fits() -> None:
    assert "left out" not in MarkdownReport().render(analyse(normal_run())).decode()
