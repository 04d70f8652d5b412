"""A Markdown report fits a comment on GitHub in every case, and says what it leaves out."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache

import pytest

from harness.analysis import analyse
from harness.reports.formats.markdown import MarkdownReport
from harness.store.runs.result import Run
from harness.types import LangPair, Note
from tests.reports.build import DE_EN, EN_AR, SENT, corpus, normal_run, pair_result, run, system

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
    assert re.search("(left|Left) out to fit the comment size limit", text)
    tables = [block for block in text.split("\n\n") if block.startswith("| ")]
    for table in tables:
        assert len({line.count(" | ") for line in table.split("\n")}) == 1, "a row was cut in the middle"


def test_nothing_is_left_out_where_all_fits() -> None:
    assert "left out" not in MarkdownReport().render(analyse(normal_run())).decode()


def several(systems: int, pairs: int) -> Run:
    """Everything that can be in view: cost, notes, reasons, an absent system, a recommendation."""
    made = []
    for pair in (DE_EN, EN_AR, *(LangPair("de", f"x{letter}") for letter in "abcdefgh"))[:pairs]:
        texts = corpus(pair, articles=12, segments=2)
        engines = [
            system(texts, f"engine-{n}", 0.3 + 0.02 * n, ("chrf",), seed=n, traffic=SENT) for n in range(systems)
        ]
        notes = [Note("articles", "something was noticed")] * 30
        made.append(pair_result(texts, engines, ("chrf",), absent={"gone": "no key"}, notes=notes))
    return run(*made)


@cache
def text_of(systems: int, pairs: int) -> str:
    return MarkdownReport().render(analyse(several(systems, pairs))).decode()


@pytest.mark.parametrize(
    ("systems", "pairs"), [(2, 1), (10, 1), (24, 1), (2, 2), (10, 2), (24, 2), (3, 3), (3, 4), (2, 5), (1, 10)]
)
def test_what_is_in_view_is_one_screen(systems: int, pairs: int) -> None:
    made, text = several(systems, pairs), text_of(systems, pairs)
    in_view, _, folded = text.partition("<details>")
    assert len(in_view.splitlines()) <= 60
    names = [f"engine-{n}" for n in range(systems)]
    for result in made.pairs:
        pair = str(result.pair)
        assert f"({pair})" in in_view
        board = in_view.split(f"({pair})")[1].split("\n### ")[0] if pairs <= 4 else ""
        shown = {name for name in names if f"| {name} |" in board}
        if pairs <= 4:
            assert len(shown) >= min(3, systems)
            assert "**Recommendation.**" in board or pairs > 2 or systems == 1
        left = systems - len(shown)
        more = f"{left} more system{'s are' if left > 1 else ' is'} in the leaderboard below."
        assert (more in board) == (left > 0 and pairs <= 4)
        title = f"<summary>{pair}: Leaderboard</summary>"
        assert (title in folded) == (left > 0)
        if left:
            whole = folded.split(title)[1].split("</details>")[0]
            assert all(f"| {name} |" in whole for name in names)
    # Said once: in view or in a fold.
    assert text.count("Cost and speed |") + text.count("Left out to fit") >= pairs


def test_with_room_cost_is_in_view_and_in_no_fold() -> None:
    in_view, _, folded = text_of(2, 1).partition("<details>")
    assert ("| Cost and speed |" in in_view, "Cost and speed" in folded) == (True, False)
    in_view, _, folded = text_of(24, 2).partition("<details>")
    assert "| Cost and speed |" not in in_view
