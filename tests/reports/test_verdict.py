"""The verdict: one sentence, the same on the page and in the terminal, and true of runs that have little to say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from harness.analysis import analyse
from harness.reports.formats.summary import _beside
from harness.reports.model.headline import headline
from harness.reports.model.shown import shown_names
from harness.reports.model.summary import build_summary
from harness.store.runs.result import Run, SystemResult
from harness.types import Corpus, Failed, Missing, SystemName, Translated

from .build import DE_EN, SENT, corpus, measured_run, normal_run, pair_result, run, system
from .read import tree
from .test_first_screen import alone, equal, many

TEXTS = corpus(DE_EN, articles=8)


def floor(name: str, texts: Corpus = TEXTS) -> SystemResult:
    """A copy of the source."""
    copies = [Translated(segment.source) for segment in texts.segments]
    return system(texts, name, 0.1, ("chrf",), copies, seed=len(name))


def made(systems: Sequence[SystemResult], absent: Mapping[str, str] | None = None) -> Run:
    """A run of one pair scored by chrF."""
    return run(pair_result(TEXTS, systems, ("chrf",), absent))


def close(prices: Mapping[str, float], waits: Mapping[str, float]) -> Run:
    """Systems whose scores are nearly the same."""
    systems = [
        system(
            TEXTS,
            name,
            0.6,
            ("chrf",),
            seed=seed,
            price_per_million=prices.get(name),
            currency="EUR" if name in prices else "",
            **({"traffic": replace(SENT, p50=waits[name], p95=waits[name])} if name in waits else {}),
        )
        for seed, name in enumerate(("a", "b"))
    ]
    return made(systems)


RUNS = {
    "few": normal_run,
    "measured": measured_run,
    "many": many,
    "alone": alone,
    "equal": equal,
    "cheap": lambda: close({"a": 20.0, "b": 2.0}, {}),
    "floors": lambda: made([floor("copy"), floor("memory")]),
}


@pytest.mark.parametrize("make", RUNS.values(), ids=RUNS)
def test_page_and_terminal_open_with_the_same_sentence(make) -> None:  # type: ignore[no-untyped-def]
    found = make()
    (pair,) = analyse(found).pairs
    sentence = headline(pair, shown_names(pair.result))
    assert len(sentence) > 20
    assert build_summary(pair).verdict.startswith(sentence)
    shown = tree(found).xpath("string(//section[contains(@class, 'verdict')]//h3)")
    assert shown.replace("\u00a0", " ") == sentence


def test_a_tie_says_how_many_are_equal_and_what_decided() -> None:
    (pair,) = analyse(close({"a": 20.0, "b": 2.0}, {})).pairs
    assert build_summary(pair).verdict == (
        "Take b: 2 systems are equally good as far as 8 articles can tell, and it is the cheapest."
    )


NEAR, FAR = 0.009, 0.2
"""Behind the best in chrF, of 1; the first by less than string metrics decide by."""


def test_a_significant_difference_that_is_too_small_to_decide_is_no_tie() -> None:
    bases = {"a": 0.6, "b": 0.6 - NEAR, "c": 0.6 - FAR}
    (pair,) = analyse(made([system(TEXTS, name, base, ("chrf",), seed=1) for name, base in bases.items()])).pairs
    assert not isinstance(pair.lead, Missing)
    assert pair.lead.evidence.between(SystemName("a"), SystemName("b")).significant
    summary = build_summary(pair)
    assert [row.mark for row in summary.rows] == ["*", "~", "-"]
    best, close, worse = (
        "* best",
        "~ significantly worse, but too close for string metrics to decide",
        "- significantly worse",
    )
    assert summary.legend == (best, close, worse)
    assert _beside(summary.legend, 100) == [f"{best}   {close}   {worse}"]
    assert _beside(summary.legend, 80) == [f"{best}   {close}", worse]


def test_a_choice_among_systems_that_are_too_close_does_not_call_them_equal() -> None:
    systems = [
        system(TEXTS, name, base, ("chrf",), seed=1, price_per_million=price, currency="EUR")
        for name, base, price in (("a", 0.6, 20.0), ("b", 0.6 - NEAR, 2.0))
    ]
    (pair,) = analyse(made(systems)).pairs
    assert build_summary(pair).verdict == "Take b: 2 systems are too close in chrF to decide, and it is the cheapest."


def test_only_a_difference_that_is_not_significant_is_marked_equal() -> None:
    summary = build_summary(analyse(close({}, {})).pairs[0])
    assert [row.mark for row in summary.rows] == ["*", "="]
    assert summary.legend == ("* best", "= no significant difference from the best")


def test_the_terminal_has_the_numbers_of_a_lead() -> None:
    systems = [system(TEXTS, name, base, ("chrf",), seed=len(name)) for name, base in (("a", 0.8), ("bb", 0.5))]
    (pair,) = analyse(made(systems)).pairs
    head, numbers = build_summary(pair).verdict.split(". ", 1)
    assert head == "Take a: it scores significantly higher than the other system in chrF"
    assert re.fullmatch(
        r"a leads bb by [\d.]+ chrF \(95 % confidence interval [\d.]+ to [\d.]+, 8 articles\)\.", numbers
    )


FLOORS = "only floors were run, which copy the source or a translation memory"
AGAIN = "run it again to complete the other systems and score them with chrF"


@pytest.mark.parametrize(
    ("systems", "absent", "why", "helps"),
    [
        (["copy", "memory"], [], FLOORS, "add a system that translates"),
        (["copy"], [], FLOORS, "add a system that translates"),
        (["copy"], ["deepl", "inhouse"], FLOORS, "fix what stops deepl and inhouse, and run again"),
        (["copy", "broken"], [], "no system has a comparable chrF score", AGAIN),
        (["good", "broken"], [], "only good has a comparable chrF score", AGAIN),
        (["good"], ["deepl"], "only good has a comparable chrF score", "fix what stops deepl, and run again"),
    ],
    ids=["floors", "floor", "floor-and-absent", "floor-and-incomplete", "one-and-incomplete", "one-and-absent"],
)  # fmt: skip
def test_what_is_true_of_a_run_with_nothing_to_compare(
    systems: list[str], absent: list[str], why: str, helps: str
) -> None:
    broken = [Failed("no answer"), *(Translated("fine") for _ in TEXTS.segments[1:])]
    kinds = {
        "good": lambda: system(TEXTS, "good", 0.6, ("chrf",)),
        "broken": lambda: system(TEXTS, "broken", 0.5, ("chrf",), broken),
    }
    results = [kinds[name]() if name in kinds else floor(name) for name in systems]
    (pair,) = analyse(made(results, {SystemName(name): "no key" for name in absent})).pairs
    summary = build_summary(pair)
    assert summary.verdict == f"No recommendation: {why}."
    assert (f"What would help: {helps}.", "") in summary.remarks
