"""Runs out of the ordinary: another metric decides, names look alike, there is little to compare or nothing to show."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from urllib.parse import parse_qs

import pytest

from harness.analysis import analyse, analyse_several, phrases
from harness.analysis.segmentation import segmenter_of
from harness.checks.interface import Flag
from harness.reports.charts.base import LABEL, short_names
from harness.reports.charts.run import run_charts
from harness.reports.formats.gate_parts import signed
from harness.reports.formats.history_formats import render_markdown
from harness.reports.formats.terminal import TerminalReport
from harness.reports.html.segments import article_anchors
from harness.reports.model.history import build_history
from harness.store.runs.result import Run
from harness.types import Corpus, Failed, Missing, Translated, told

from .build import DE_EN, NO_COMET, article, corpus, pair_result, run, system
from .read import parsed, tree


def text(made: Run) -> str:
    return " ".join(tree(made).text_content().split())


def apart() -> Run:
    """A is better on BLEU, which decides, and B on COMET, which the leaderboard goes by."""
    texts = corpus(DE_EN, articles=12)
    a, b = system(texts, "a", 0.3), system(texts, "b", 0.8)
    swapped = [
        replace(
            one,
            tables={**one.tables, "bleu": other.tables["bleu"]},
            scores={**one.scores, "bleu": other.scores["bleu"]},
        )
        for one, other in ((a, b), (b, a))
    ]
    made = run(pair_result(texts, swapped))
    return replace(made, settings={**made.settings, "decision": {"metric": "bleu"}})


def test_the_metric_that_the_policy_names_decides_everywhere() -> None:
    (box,) = tree(apart()).xpath("//section[contains(@class, 'verdict')]")
    said = " ".join(box.text_content().split())
    assert "Take a: it scores significantly higher than the other system in BLEU. Ahead on BLEU" in said
    assert "a scores significantly higher than b: BLEU" in said
    assert "COMET disagrees: b is significantly better than a" in said
    charts = run_charts(analyse(apart()))
    assert any(chart.title == "BLEU by pair of systems" or "articles" in chart.name for chart in charts)


def test_names_that_are_cut_to_the_same_text_stay_apart_in_every_chart() -> None:
    long = "Vendor Large Model 2026-05 with glossary, temperature "
    assert len(set(short_names({"a": f"{long}0", "b": f"{long}1"}).values())) == 2
    assert all(len(name) <= LABEL for name in short_names({"a": f"{long}0", "b": f"{long}1"}).values())
    texts = corpus(DE_EN, articles=8)
    made = run(pair_result(texts, [system(texts, f"s{i}", 0.4 + i / 10, label=f"{long}{i}", seed=i) for i in range(3)]))
    charts = {chart.name.removeprefix("de-en-"): chart.spec for chart in run_charts(analyse(made))}
    assert len({row["system"] for row in charts["profile"]["data"]["values"]}) == 3
    cells = Counter((row["system"], row["place"]) for row in charts["articles"]["data"]["values"])
    assert set(cells.values()) == {1}
    assert len({row["system"] for row in charts["curve"]["layer"][1]["data"]["values"]}) == 2


def test_tables_of_articles_name_the_metric_that_orders_them() -> None:
    texts = corpus(DE_EN, articles=8)
    captions = tree(run(pair_result(texts, [system(texts, "a", 0.5), system(texts, "b", 0.4)]))).xpath(
        "//details[@class='articles']//caption"
    )
    assert len(captions) == 3
    assert all("worst first by mean COMET over all systems" in caption.text_content() for caption in captions)


def test_without_a_score_no_order_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    texts = corpus(DE_EN, articles=25, segments=2)
    outcomes = [Failed("no answer"), *(Translated("fine") for _ in texts.segments[1:])]
    made = run(pair_result(texts, [system(texts, "a", 0.5, outcomes=outcomes)]))
    said = [node.text_content() for node in tree(made).xpath("//h3 | //caption | //nav//a")]
    assert "Articles" in said
    assert not [one for one in said if "worst" in one.lower()]
    lines = TerminalReport().render(analyse(made)).decode("utf-8")
    assert "The first 20 of 25 articles. The other reports list all." in lines
    assert "worst" not in lines


def test_what_is_known_and_equal_is_not_called_unknown() -> None:
    texts = corpus(DE_EN, articles=8)
    priced = [
        system(texts, name, base, price_per_million=20.0, currency="EUR") for name, base in (("a", 0.5), ("b", 0.4))
    ]
    said = text(run(pair_result(texts, priced)))
    assert "This chart needs two systems that differ in cost or latency" in said
    assert "The cost and latency of at least two systems" not in said


def test_one_system_alone_is_not_told_to_complete_others() -> None:
    texts = corpus(DE_EN, articles=8)
    said = text(run(pair_result(texts, [system(texts, "a", 0.5)])))
    assert "add a system to compare it with" in said
    assert "run it again" not in said


def test_the_best_of_those_compared_is_not_called_better_than_an_incomplete_one() -> None:
    texts = corpus(DE_EN, articles=12)
    outcomes = [Failed("no answer"), *(Translated("fine") for _ in texts.segments[1:])]
    complete = [system(texts, "a", 0.8), system(texts, "b", 0.5), system(texts, "c", 0.4)]
    best = system(texts, "best", 0.95, outcomes=outcomes)
    (pair,) = parsed(run(pair_result(texts, [*complete, best])))["pairs"]
    assert pair["summary"].startswith("Excluded: best lacks 1 of 48 segments, in article-1 (no answer). ")
    assert " a is significantly better than every other complete system: " in pair["summary"]
    assert (
        " On the 47 of 48 segments common to 4 systems: best is significantly better than every other system: "
        in pair["summary"]
    )
    (pair,) = parsed(run(pair_result(texts, complete)))["pairs"]
    assert pair["summary"].startswith("a is significantly better than every other system: ")


def test_phrases_can_be_searched_for() -> None:
    references = ["He paid 3.5 million for the long-term plan, (U.S. officials said.)", "one  two"]
    english = segmenter_of("en")
    for gram in (("3", ".", "5", "million"), ("long", "-", "term", "plan", ","), ("U", ".", "S", "."), ("one", "two")):
        written = phrases.as_written(gram, references, english)
        assert any(written in reference for reference in references)
        assert english.cut(written) == list(gram)
    assert phrases.as_written(("東", "京"), ["東京都"], segmenter_of("ja")) == "東京"


def test_articles_called_like_parts_of_the_page_have_links_of_their_own() -> None:
    names = ["segments", "notes", "note1", "health", "verdict", "articles", "plain"]
    texts = Corpus(DE_EN, tuple(article(DE_EN, name, [(f"Quelle {name}", ("Reference",))]) for name in names))
    anchors = article_anchors("de-en", texts.articles)
    assert anchors["plain"] == "de-en.plain"  # type: ignore[index]
    page = tree(run(pair_result(texts, [system(texts, "a", 0.5, missing={"comet": NO_COMET})])))
    ids = Counter(page.xpath("//@id"))
    assert [name for name, count in ids.items() if count > 1] == []
    assert set(anchors.values()) <= set(ids)


def test_links_keep_what_was_noticed_whatever_it_is_called() -> None:
    texts = corpus(DE_EN, articles=8)
    odd = "50 % & more + less"
    flags = tuple((Flag(odd, (0, 1), "odd", 0.9),) for _ in texts.segments)
    made = run(pair_result(texts, [system(texts, "a", 0.5, flags=flags), system(texts, "b", 0.4)]))
    (link,) = tree(made).xpath("//section[contains(@class, 'verdict')]//a[contains(., 'Flags:')]/@href")
    assert parse_qs(link)["kind"] == [odd]


def test_a_flag_table_compares_with_another_system() -> None:
    texts = corpus(DE_EN, articles=2)
    flags = tuple((Flag("length", (0, 1), "short", 0.9),) for _ in texts.segments)
    systems = [system(texts, name, 0.5, flags=flags) for name in ("a", "b")]
    links = tree(run(pair_result(texts, systems))).xpath("//table[contains(@class, 'health')]//a/@href")
    assert links
    assert all(query["a"] != query["b"] for query in map(parse_qs, links))


def test_the_direction_of_a_metric_is_known_from_any_system() -> None:
    texts = corpus(DE_EN, articles=3)
    never = system(texts, "a", 0.5, ("ter",), missing={"ter": Missing(told("no scorer"))})
    runs = [
        replace(run(pair_result(texts, [never, system(texts, "b", 0.5, ("ter",))], ("ter",))), id=f"run-{number}")
        for number in (1, 2)
    ]
    said = render_markdown(build_history(analyse_several(runs))).decode("utf-8")
    assert "TER ↓" in said
    assert "TER ↑" not in said


def test_a_small_move_of_the_gate_is_not_zero() -> None:
    assert (signed(1, 0.03), signed(1, -0.03), signed(1, 0.0)) == ("+0.03", "−0.03", "0.0")
