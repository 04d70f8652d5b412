"""Terms of the glossary: what each system made of them, counted from the texts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from harness.analysis.terms import MOST_TERMS, Kept
from harness.checks.interface import WHOLE, Flag
from harness.checks.run import NOT_CHECKED, check_system
from harness.reports.html.page import build_page
from harness.reports.model.terms import Terms, build_terms
from harness.store.runs.directory import load_run
from harness.store.runs.result import PairResult
from harness.types import Corpus, Failed, Outcome, Translated
from tests.kept import write_run

from .build import DE_EN, article, pair_analysis, pair_result, run, system, view
from .read import html_tables, tree

GLOSSARY = {"Betriebsrat": "works council|staff council", "Werk": "plant", "Haus": "house"}

SOURCES = (
    "Der Betriebsrat tagt.",
    "Der Betriebsrat kennt das Werk.",
    "Das Werk ist groß.",
    "Das Haus ist alt.",
    "Der Betriebsrat schweigt.",
    "Die Werkstatt ist zu.",
)

GOOD = (
    "The works council meets.",
    "The staff council knows the plant.",
    "The plant is large.",
    "The house is old.",
    "The works council is silent.",
    "The shop is closed.",
)

BAD = ("The committee meets.", "The committee knows the plant.", "The factory is large.", GOOD[3], "", GOOD[5])


def made(outputs: Mapping[str, Sequence[Outcome]], glossary: Mapping[str, str] = GLOSSARY) -> PairResult:
    texts = Corpus(
        DE_EN, (article(DE_EN, "a", [(source, (good,)) for source, good in zip(SOURCES, GOOD, strict=True)]),)
    )
    systems = [
        replace(system(texts, name, base, ("chrf",), outcomes=found), flags=check_system(texts, found, glossary))
        for base, (name, found) in zip((0.9, 0.5, 0.4), outputs.items(), strict=False)
    ]
    return pair_result(texts, systems, ("chrf",))


def answers(texts: Sequence[str]) -> tuple[Outcome, ...]:
    return tuple(map(Translated, texts))


TWO = {"good": answers(GOOD), "bad": answers(BAD)}


def test_each_term_is_counted_in_the_outputs_that_were_checked_for_it() -> None:
    result = made(TWO)
    found = build_terms(pair_analysis(result))
    assert found.names == ("good", "bad")
    assert [(term.text, term.wanted, term.counts) for term in found.rows] == [
        # The empty answer to the fifth is no term missed: it is counted as empty.
        ("Betriebsrat", "'works council' or 'staff council'", (Kept(3), Kept(2, (0, 1)))),
        ("Werk", "'plant'", (Kept(2), Kept(2, (2,)))),
    ]


def test_a_failed_answer_is_not_asked_and_an_unchecked_system_has_no_number() -> None:
    failed = (Failed("timeout"), *answers(BAD)[1:])
    result = made({"good": answers(GOOD), "bad": failed, "unchecked": answers(BAD)})
    bare = tuple(replace(one, flags=()) if one.name == "unchecked" else one for one in result.systems)
    result = replace(result, systems=bare)
    found = build_terms(pair_analysis(result))
    counts = dict(zip(found.names, found.rows[0].counts, strict=True))
    assert next(counts[name] for name in counts if name.startswith("bad")) == Kept(1, (1,))
    assert next(counts[name] for name in counts if name.startswith("unchecked")) is None


def test_the_page_shows_the_counts_and_leads_to_the_segments() -> None:
    result = made(TWO)
    ((heading, *rows),) = html_tables(run(result), "Terms of the glossary, ")
    assert heading == ["Term", "Expected", "good", "bad"]
    assert rows == [
        ["Betriebsrat", "'works council' or 'staff council'", "3 of 3", "0 of 2 missed in 2"],
        ["Werk", "'plant'", "2 of 2", "1 of 2 missed in 1"],
    ]
    links = tree(run(result)).xpath("//table[contains(@class, 'terms')]//a/@href")
    start = "#pair=de-en&view=segments&rows="
    assert links == [f"{start}0%2C1&a=1&b=0&marks=spans", f"{start}2&a=1&b=0&marks=spans"]


def test_health_counts_segments_by_kind_of_flag() -> None:
    result = made(TWO)
    ((heading, *rows),) = html_tables(run(result), "Health, ")
    kept = {system.name: Counter(kind for flags in system.flags for kind in {flag.kind for flag in flags})
            for system in result.systems}  # fmt: skip
    assert sum(kept["bad"].values()) > 0
    shown = {row[0]: dict(zip(heading[1:], row[1:], strict=True)) for row in rows}
    for kind in kept["good"] | kept["bad"]:
        wanted = {name: str(counts[kind]) for name, counts in kept.items()}
        assert {name: cells[kind.replace("_", " ")] for name, cells in shown.items()} == wanted
    assert {name: cells["Translated"] for name, cells in shown.items()} == {"good": "6", "bad": "6"}


def test_without_a_glossary_there_is_no_table() -> None:
    result = made(TWO, {})
    assert build_terms(pair_analysis(result)).rows == ()
    assert html_tables(run(result), "Terms of the glossary, ") == []


def test_many_terms_are_cut_to_those_that_tell_most_apart() -> None:
    words = [f"Wort{number}" for number in range(MOST_TERMS + 4)]
    texts = Corpus(DE_EN, (article(DE_EN, "a", [(f"{words[0]}.", ("x",)), (" ".join(words), ("x",))]),))
    glossary = {word: f"word{place}" for place, word in enumerate(words)}
    right = answers(["word0.", " ".join(glossary.values())])
    wrong = answers(["nothing.", "nothing at all"])
    systems = [
        replace(system(texts, name, 0.5, ("chrf",), outcomes=found), flags=check_system(texts, found, glossary))
        for name, found in (("right", right), ("wrong", wrong))
    ]
    result = pair_result(texts, systems, ("chrf",))
    page = build_page(pair_analysis(result), view(result))
    assert len(page.terms.rows) == MOST_TERMS
    assert page.terms.hidden == 4
    assert page.terms.rows[0].text == words[0]
    assert "4 more missed terms are not shown." in tree(run(result)).text_content()


def test_an_output_on_which_the_check_of_the_glossary_failed_does_not_count_as_right() -> None:
    result = made(TWO)
    good = next(one for one in result.systems if one.name == "good")
    failed = Flag(NOT_CHECKED, WHOLE, "it failed", 0.0, "glossary")
    unsure = replace(good, flags=((failed,), *good.flags[1:]))
    systems = tuple(unsure if one is good else one for one in result.systems)
    result = replace(result, systems=systems)
    found = build_terms(pair_analysis(result))
    assert dict(zip(found.names, found.rows[0].counts, strict=True))["good"] == Kept(2)


def test_terms_of_a_kept_run_are_the_same_and_so_are_those_of_one_that_kept_only_sentences(tmp_path: Path) -> None:
    result = made(TWO)
    expected = build_terms(pair_analysis(result))
    assert len(expected.rows) == 2
    folder = write_run(run(result), tmp_path)

    def kept() -> Terms:
        (pair,) = load_run(folder).pairs
        return build_terms(pair_analysis(pair))

    assert kept() == expected
    records = [json.loads(line) for line in (folder / "outcomes.jsonl").read_text(encoding="utf-8").splitlines()]
    flags = [flag for record in records for flag in record["flags"] if flag.pop("reason", None)]
    said = "'Betriebsrat' should be 'works council' or 'staff council' by the glossary"
    assert said in {flag["why"] for flag in flags}
    lines = "".join(f"{json.dumps(record)}\n" for record in records)
    (folder / "outcomes.jsonl").write_text(lines, encoding="utf-8")
    assert kept() == expected
