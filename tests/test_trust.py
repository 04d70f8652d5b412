"""What speaks for and against trusting the numbers: found where it is, silent where nobody could look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from harness.analysis import DecisionPolicy, PairAnalysis, analyse
from harness.analysis.signs import Sign
from harness.analysis.trust import best_metric
from harness.api import score
from harness.checks.interface import Flag
from harness.metrics.scores.metric import Scores
from harness.reports.formats.blocks import rendered
from harness.reports.formats.compare_screen import compare_blocks
from harness.reports.model.trust import trust_lines
from harness.reports.words.reasons import capitalised, sentence
from harness.store.runs.result import PairResult
from harness.types import LangPair, Missing, Part, Reason, SystemName, Translated, told
from harness.workspace.screen import Screen
from tests.reports.build import DE_EN, SENT, corpus, pair_analysis, pair_result, run, system
from tests.reports.read import tree
from tests.test_reference_overlap import made


def _signs(pair: PairAnalysis, topic: str) -> list[Sign]:
    return [sign for sign in pair.trust if sign.topic == topic]


def _pair(articles: int = 30, pair: LangPair = DE_EN, **fields: Mapping[str, object]) -> PairResult:
    """Two systems, each with the fields of its name."""
    texts = corpus(pair, articles=articles, unreferenced=())
    systems = [
        system(texts, name, base, ("chrf", "bleu"), seed=base_seed, **fields.get(name, {}))  # type: ignore[arg-type]
        for name, base, base_seed in (("a", 0.8, 1), ("b", 0.6, 2))
    ]
    return pair_result(texts, systems, ("chrf", "bleu"))


def test_a_reference_edited_from_the_best_system_is_the_first_line_and_no_clear_win() -> None:
    pair = pair_analysis(made({"good": 0.4, **dict.fromkeys(("b", "c", "d", "e", "f"), 0.01)}))
    first = pair.trust[0]
    assert (first.level, first.topic) == ("doubt", "reference")
    assert sentence(first.why).startswith("The reference looks edited from the output of good: 39.4 % of its 198")
    assert pair.decision.strength in ("suspect", "open")


def test_where_references_were_looked_at_that_is_said_and_else_nothing() -> None:
    looked = pair_analysis(made({"a": 0.0, "b": 0.0}))
    assert [sign.level for sign in _signs(looked, "reference")] == ["good"]
    assert _signs(looked, "reference")[0].why.fields["segments"] == 200
    assert _signs(pair_analysis(_pair()), "reference") == []  # references of two words


@pytest.mark.parametrize(("articles", "level"), [(5, "doubt"), (19, "caution"), (20, "good")])
def test_few_articles_are_said(articles: int, level: str) -> None:
    assert [sign.level for sign in _signs(pair_analysis(_pair(articles)), "articles")] == [level]


def test_segments_of_unknown_independence_give_no_verdict() -> None:
    (pair,) = analyse(run(replace(_pair(1), unit=None))).pairs
    assert [sign.level for sign in _signs(pair, "articles")] == ["doubt"]


def test_floors_alone_are_no_comparison() -> None:
    copied = [Translated(f"Quelle {a}.{s}") for a in range(1, 31) for s in range(1, 5)]
    pair = pair_analysis(_pair(a={"outcomes": copied}, b={"outcomes": copied}))
    assert pair.evidence.floors == {"a", "b"}
    assert _signs(pair, "articles") == []


def test_identical_systems_are_named() -> None:
    same = {"outcomes": [Translated(f"same {number}") for number in range(120)]}
    (sign,) = _signs(pair_analysis(_pair(a=same, b=same)), "identical")
    assert sentence(sign.why) == "a and b are identical: they have the same text in every segment."
    assert _signs(pair_analysis(_pair()), "identical") == []


def test_string_metrics_that_decide_alone_are_a_caution() -> None:
    (sign,) = _signs(pair_analysis(_pair()), "metrics")
    assert (sign.level, sign.why.key, sign.why.fields["n"]) == ("caution", "trust.strings", 2)


def test_a_system_tuned_on_what_decides_is_a_doubt_even_where_it_loses() -> None:
    policy = DecisionPolicy(tuned_on={SystemName("b"): ("chrf",)})
    (pair,) = analyse(run(_pair()), policy).pairs
    (sign,) = _signs(pair, "tuned")
    assert (sign.level, sentence(sign.why).startswith("b was tuned on chrf")) == ("doubt", True)
    (other,) = analyse(run(_pair()), DecisionPolicy(tuned_on={SystemName("b"): ("comet",)})).pairs
    assert _signs(other, "tuned") == []


def test_checks_that_cannot_judge_a_language_say_so() -> None:
    clean = {"flags": tuple(() for _ in range(120))}
    (sign,) = _signs(pair_analysis(_pair(a=clean, b=clean)), "checks")
    assert sign.level == "good"
    (unknown,) = _signs(pair_analysis(_pair(pair=LangPair("de", "sw"), a=clean, b=clean)), "checks")
    assert (unknown.level, "Swahili" in sentence(unknown.why)) == ("caution", True)
    broken = {"flags": ((Flag("truncated", "whole", "…", 0.5),), *clean["flags"][1:])}
    (weak,) = _signs(pair_analysis(_pair(pair=LangPair("de", "zh"), a=broken, b=clean)), "checks")
    assert (weak.level, "truncated" in sentence(weak.why)) == ("caution", True)
    (none,) = _signs(pair_analysis(_pair()), "checks")
    assert none.why.key == "trust.unchecked"


def test_latency_says_how_many_requests_it_rests_on() -> None:
    few = replace(SENT, timings=SENT.timings[:7], requests=7)
    (good,) = _signs(pair_analysis(_pair(a={"traffic": SENT}, b={"traffic": SENT})), "latency")
    (bad,) = _signs(pair_analysis(_pair(a={"traffic": SENT}, b={"traffic": few})), "latency")
    assert (good.level, "41 requests" in sentence(good.why)) == ("good", True)
    assert (bad.level, "7 requests of b" in sentence(bad.why)) == ("caution", True)
    assert _signs(pair_analysis(_pair()), "latency") == []


def _titles(pair: PairAnalysis) -> list[str]:
    """Of the tables of `harness compare`."""
    lines = rendered(compare_blocks(pair, 120), Screen(120, wraps=True)).splitlines()
    return [line for line in lines if ", seed " in line]


def test_people_say_which_metric_agrees_with_them_and_the_page_has_the_table(wmt_data: Path) -> None:
    folder = wmt_data / "wmt23.en-de"
    rated = score(
        source=folder / "source.txt",
        references=[folder / "reference.refA.txt"],
        hypotheses={
            name: folder / "systems" / f"{name}.txt" for name in ("GPT4-5shot", "ONLINE-B", "ONLINE-G", "AIRC")
        },
        pair="en-de",
        docids=folder / "docids.txt",
        metrics=["bleu", "chrf"],
        extra_metrics=[Scores.from_tsv("mqm", folder / "human_mqm_seg.tsv")],
        checks=False,
    )
    (pair,) = analyse(rated).pairs
    # People rated 190 of the 192 articles, and they decide.
    assert not isinstance(pair.lead, Missing)
    assert (pair.lead.metric, pair.evidence.units) == ("mqm", 192)
    (articles,) = _signs(pair, "articles")
    assert sentence(articles.why).startswith("190 articles: a true difference of ")
    assert [line for line in _titles(pair) if "mqm" in line or "BLEU" in line] == [
        "en-de BLEU: 192 articles, seed 12345",
        "en-de mqm: 190 articles, seed 12345",
    ]
    (sign,) = _signs(pair, "people")
    best = best_metric(pair.human("mqm"))
    assert best is not None
    shares = {name: item.system_accuracy.value for name, item in pair.human("mqm").metrics.items()}  # type: ignore[union-attr]
    assert (best[1].value, best[1].n) == (max(shares.values()), 6)
    assert "the same order in" in sentence(sign.why)
    page = tree(rated)
    lines = [line.text_content() for line in page.xpath("//ul[@class='trust']/li")]
    assert any("People rated these systems (mqm)" in line for line in lines)
    table = page.xpath("//div[contains(@aria-label, 'agrees with mqm')]/table/tbody/tr")
    assert [row[0].text_content() for row in table] == ["BLEU", "chrF"]


def test_a_sentence_begins_with_a_capital_but_names_keep_theirs() -> None:
    texts = corpus(DE_EN, articles=8, unreferenced=())
    answers = [Translated("the same") for _ in texts.segments]
    systems = [system(texts, name, 0.5, ("chrf",), answers, seed=1) for name in ("h", "H")]
    lines = trust_lines(pair_analysis(pair_result(texts, systems, ("chrf",))))
    (identical,) = (line.text for line in lines if line.topic == "identical")
    assert identical == "h and H are identical: they have the same text in every segment."


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (Reason("trust.raters", {"rated": Part("metric", "mqm"), "what": told("x")}), "mqm: x."),
        (Reason("trust.unchecked", {"systems": Part("list", (Part("system", "a"),))}), "The checks did not run on a, "),
        (Reason("evidence.no_difference"), "There is no difference to confirm"),
        (Reason("decision.remark", {"remark": Part("clause", Reason("evidence.no_difference"))}), "There is no "),
        (Reason("unknown.key", kept="gpt-4 failed"), "gpt-4 failed"),
        (told("gpt-4 failed"), "gpt-4 failed"),
    ],
)
def test_what_is_capitalised_is_a_message_and_never_data(reason: Reason, said: str) -> None:
    assert capitalised(reason).startswith(said)


LINES = [f"Am {day}. Mai kamen {day * 7} Leute, und es war das {day}. Mal." for day in range(1, 25)]
PUT = [f"On {day} May, {day * 7} people came, and it was time number {day}." for day in range(1, 25)]


@pytest.mark.parametrize(
    ("pair", "source", "reference", "said"),
    [
        ("de-en", LINES, PUT, []),
        ("de-en", LINES, [*PUT[1:], "The end."], ["the reference may lack a line"]),
        ("de-en", LINES, ["A title", *PUT[:-1]], ["the reference may have a line too many"]),
        ("en-de", LINES, PUT, ["the files may be exchanged"]),
        ("de-en", LINES, LINES, ["The reference reads like German, not like English"]),
    ],
)
def test_files_that_do_not_belong_together_are_doubted(
    pair: str, source: list[str], reference: list[str], said: list[str], tmp_path: Path
) -> None:
    for name, lines in (("src", source), ("ref", reference), ("out", reference)):
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    files = {"source": tmp_path / "src", "references": [tmp_path / "ref"], "hypotheses": {"a": tmp_path / "out"}}
    (found,) = analyse(score(pair=pair, metrics=["chrf"], checks=False, **files)).pairs  # type: ignore[arg-type]
    doubts = [sentence(sign.why) for sign in _signs(found, "reference") if sign.level == "doubt"]
    assert len(doubts) == len(said)
    assert all(words in doubt for words, doubt in zip(said, doubts, strict=True))
