"""The table of engines: ranks, bands, floors, flags, and in a real browser sorted, subtracted, hidden and restored."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.analysis import analyse
from harness.analysis.comparison import MetricEvidence
from harness.analysis.stats.compare import Interval
from harness.checks.interface import Flag
from harness.reports.words.numbers import format_difference, format_range, format_score
from harness.store.runs.result import Run
from harness.types import EngineIdentity, Score

from .build import DE_EN, SENT, corpus, decimals_of, pair_result, run, system
from .read import tree
from .test_first_screen import many
from .test_html_browser import browser, opened

__all__ = ["browser", "opened"]

browsing = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

BOARD = "//table[contains(@class, 'board')]"


def engines() -> Run:
    """Three engines, two of which say the same, and the source copied, which beats the last by chance."""
    texts = corpus(DE_EN, articles=12, unreferenced=())
    flags = tuple(
        (Flag("number", "whole", "n", 0.9), *((Flag("wrong_language", "whole", "e", 0.9),) if n < 2 else ()))
        if n < 3
        else ()
        for n in range(48)
    )
    best = system(texts, "best", 0.8, ("chrf", "bleu"), seed=1, flags=flags, traffic=SENT)
    twin = system(texts, "twin", 0.8, ("chrf", "bleu"), seed=1, outcomes=best.outcomes)
    worst = system(texts, "worst", 0.5, ("chrf", "bleu"), seed=2)
    copy = system(texts, "copy", 0.6, ("chrf", "bleu"), seed=3, engine=EngineIdentity("copy", "1", {}))
    return run(pair_result(texts, [copy, worst, twin, best], ("chrf", "bleu")))


def evidence_of(made: Run) -> MetricEvidence:
    (pair,) = analyse(made).pairs
    evidence = pair.metric(pair.primary)
    assert evidence is not None
    return evidence


def test_bands_hold_what_does_not_differ_from_their_first_and_every_system_once() -> None:
    evidence = evidence_of(many())
    bands = evidence.bands()
    assert [name for band in bands for name in band] == list(evidence.ranking)
    assert 2 < len(bands) < 24
    for band, following in zip(bands, [*bands[1:], ()], strict=True):
        assert all(evidence.between(band[0], name).tied for name in band[1:])
        assert not following or not evidence.between(band[0], following[0]).tied
    assert evidence.bands(evidence.ranking[:1])[0][0] == evidence.ranking[1]
    few = run(pair_result(corpus(DE_EN), [system(corpus(DE_EN), name, 0.5, ("chrf",)) for name in "ab"], ("chrf",)))
    assert evidence_of(few).bands() == ()


def test_rows_have_rank_and_band_and_shading_follows_the_bands() -> None:
    made = many()
    bands = {name: n for n, band in enumerate(evidence_of(made).bands(), start=1) for name in band}
    rows = tree(made).xpath(f"{BOARD}/tbody/tr")
    assert len(rows) == 24
    for rank, row in enumerate(rows, start=1):
        band = bands[row.xpath("string(th/bdi)")]
        assert row.xpath("string(td)") == f"{rank}, band {band}"
        assert ("band" in row.get("class").split()) == (band % 2 == 1)
        assert not row.xpath(".//sup")


def test_floors_stand_last_without_a_rank_or_a_bar_and_equal_systems_name_each_other() -> None:
    made = engines()
    rows = tree(made).xpath(f"{BOARD}/tbody/tr")
    assert [row.xpath("string(td)").split(",")[0] for row in rows] == ["1", "2", "3", ""]
    assert rows[-1].xpath("string(th/bdi)") == "copy"
    assert "returns the source unchanged" in rows[-1].xpath("string(th)")
    assert [len(row.xpath(".//svg")) for row in rows] == [1, 1, 1, 0]
    named = {row.xpath("string(th/bdi)"): row.xpath("string(th/small)") for row in rows}
    assert (named["best"], named["twin"], named["worst"]) == ("identical to twin", "identical to best", "")
    intervals = evidence_of(made).intervals
    for row in rows:
        interval = intervals[row.xpath("string(th/bdi)")]
        shown = row.xpath("string(td[@class='axis'])")
        assert shown == format_range(decimals_of("chrf"), interval.low, interval.high)  # type: ignore[union-attr]


def test_bars_and_the_line_of_the_floor_stand_where_their_numbers_do() -> None:
    made = engines()
    (pair,) = analyse(made).pairs
    evidence = evidence_of(made)
    known = {name: evidence.intervals[name] for name in ("best", "worst")}  # type: ignore[index]
    low, high = known["worst"].low, known["best"].high  # type: ignore[union-attr]
    values = pair.standing.values["chrf"]
    for name in ("best", "worst"):
        floor, bar, dot = tree(made).xpath(f"{BOARD}//tr[th/bdi = '{name}']//line")
        ends = [known[name].low, known[name].high, values[name], values["copy"]]  # type: ignore[index, union-attr]
        drawn = [float(line.get(x)) for line, x in ((bar, "x1"), (bar, "x2"), (dot, "x1"), (floor, "x1"))]
        assert drawn == pytest.approx([100 * (end - low) / (high - low) for end in ends], abs=0.01)


def test_what_nobody_knows_is_said_once_and_has_no_column() -> None:
    def heads(made: Run) -> str:
        return str(tree(made).xpath(f"string({BOARD}/thead)"))

    priced = engines()
    assert "Cost" in heads(priced)
    assert "Latency" in heads(priced)
    assert "unknown for all" not in tree(priced).xpath(f"string({BOARD}/caption)")
    (pair,) = priced.pairs
    without = system(pair.corpus, "x", 0.5).traffic
    unpriced = replace(
        priced, pairs=(replace(pair, systems=tuple(replace(one, traffic=without) for one in pair.systems)),)
    )
    assert "Cost" not in heads(unpriced)
    assert "Latency" not in heads(unpriced)
    assert "Outputs" not in heads(unpriced)
    said = tree(unpriced).xpath(f"string({BOARD}/caption)")
    assert said.count("Cost and latency are unknown for all systems") == 1
    assert "unknown" not in tree(unpriced).xpath(f"string({BOARD}/tbody)")


def names(page) -> list[str]:  # type: ignore[no-untyped-def]
    return list(page.locator(".board tbody tr:visible th bdi").all_inner_texts())


def scores(made: Run, metric: str) -> dict[str, float]:
    values = {}
    for item in made.pairs[0].systems:
        corpus_score = item.scores[metric].corpus  # type: ignore[union-attr]
        assert isinstance(corpus_score, Score)
        values[str(item.name)] = corpus_score.value
    return values


class TestBrowser:
    pytestmark = browsing

    def test_columns_sort_by_mouse_and_keyboard_and_floors_stay_last(self, opened: Callable[..., object]) -> None:
        page = opened(engines())
        assert page.locator(".board th[aria-sort]").all_inner_texts() == ["Rank"]
        head = page.locator(".board th[data-sort=name] button")
        head.click()
        assert names(page) == ["best", "twin", "worst", "copy"]
        head.press("Enter")
        assert names(page) == ["worst", "twin", "best", "copy"]
        assert page.locator(".board th[aria-sort]").get_attribute("aria-sort") == "descending"
        score = page.locator(".board th", has_text="BLEU").locator("button")
        score.focus()
        page.keyboard.press("Space")
        assert page.locator(".board th[aria-sort]").inner_text().startswith("BLEU")
        assert names(page)[2:] == ["worst", "copy"]
        page.keyboard.press("Space")
        assert names(page)[0] == "worst"
        assert names(page)[-1] == "copy"
        page.locator(".board th", has_text="Cost").locator("button").click()
        assert names(page)[0] == "best"  # the only one with a cost

    def test_a_baseline_turns_every_score_into_a_difference_and_back(self, opened: Callable[..., object]) -> None:
        made = engines()
        page = opened(made)
        metrics = made.pairs[0].metrics

        def shown(column: int) -> dict[str, str]:
            rows = page.locator(".board tbody tr").all()
            return {
                row.locator("th bdi").inner_text(): row.locator(".shown").nth(column).text_content() or ""
                for row in rows
            }

        stored = [
            {name: format_score(decimals_of(metric), value) for name, value in scores(made, metric).items()}
            for metric in metrics
        ]
        assert [shown(column) for column in range(len(metrics))] == stored
        chooser = page.get_by_label("Values")
        for base in scores(made, "chrf"):
            chooser.select_option(label=f"differences from {base}")
            for column, metric in enumerate(metrics):
                values = scores(made, metric)
                assert {name: text.removeprefix("+") for name, text in shown(column).items()} == {
                    name: format_difference(decimals_of(metric), value - values[base]) for name, value in values.items()
                }
            evidence = evidence_of(made)
            for row in page.locator(".board tbody tr").all():
                name = row.locator("th bdi").inner_text()
                tied = name != base and evidence.between(name, base).tied  # type: ignore[arg-type]
                assert row.locator(".against").text_content() == ("not significant" if tied else "")
                gap = None if name == base else evidence.between(name, base).interval_ahead(name)  # type: ignore[arg-type]
                shown_gap = format_range(decimals_of("chrf"), gap.low, gap.high) if isinstance(gap, Interval) else ""
                assert row.locator(".axis .difference").text_content() == shown_gap
                assert row.locator(".axis .usual").is_hidden()
            # What is drawn on one axis has 0 on it, and its ends where its numbers are.
            drawn = page.locator(".board .axis .difference svg").evaluate_all(
                "all => all.map((svg) => [...svg.children].map((line) => line.x1.baseVal.value))"
            )
            assert len({round(zero, 6) for zero, _ in drawn}) <= 1
            assert len(drawn) == sum(name not in (base, "copy") for name in names(page))
            assert "unadjusted" in page.locator(".board thead .axis").inner_text()
        assert page.locator(".board td.lead").first.is_hidden()
        chooser.select_option(label="scores")
        assert [shown(column) for column in range(len(metrics))] == stored
        assert page.locator(".board td.lead").first.is_visible()
        assert page.locator(".board .axis .difference").first.is_hidden()
        assert "unadjusted" not in page.locator(".board thead .axis").inner_text()

    def test_a_system_is_hidden_and_brought_back_and_paper_has_it(self, opened: Callable[..., object]) -> None:
        page = opened(engines())
        page.get_by_role("button", name="Hide worst").click()
        assert "worst" not in names(page)
        page.emulate_media(media="print")
        assert "worst" in names(page)
        assert page.locator(".board .hide").first.is_hidden()
        page.emulate_media(media="screen")
        page.get_by_role("button", name="Show hidden systems (1)").press("Enter")
        assert "worst" in names(page)

    def test_reload_back_and_a_shared_address_restore_the_table(self, opened: Callable[..., object]) -> None:
        made = engines()
        page = opened(made)
        page.get_by_role("button", name="Hide worst").click()
        page.get_by_label("Values").select_option(label="differences from copy")
        page.locator(".board th[data-sort=name] button").click()
        assert re.search(r"#pair=de-en&view=engines&sort=1\.ascending&base=3&hide=2$", page.url)
        address = page.url.partition("#")[2]
        texts = page.locator(".board").inner_text()
        page.reload()
        assert page.locator(".board").inner_text() == texts
        page.go_back()
        page.wait_for_function("document.querySelector('.board [aria-sort]').textContent.startsWith('Rank')")
        assert names(page)[-1] == "copy"
        assert "worst" not in names(page)
        other = opened(made, f"#{address}")
        assert other.locator(".board").inner_text() == texts
        wrong = opened(made, "#pair=de-en&view=engines&sort=99.up&base=x&hide=7.y")
        assert names(wrong) == names(opened(made))

    def test_flags_are_counted_in_segments_and_open_exactly_these(self, opened: Callable[..., object]) -> None:
        page = opened(engines())
        cell = page.locator(".board tr", has=page.locator("bdi", has_text=re.compile("^best$"))).locator(".flags")
        assert cell.locator("> a").inner_text() == "3"
        assert cell.locator("summary").inner_text() == "wrong language …"
        cell.locator("summary").click()
        links = cell.locator("li a")
        assert links.all_inner_texts() == ["2 wrong language", "3 number"]
        for link, count in ((cell.locator("> a"), 3), (links.nth(0), 2), (links.nth(1), 3)):
            link.click()
            page.wait_for_function(
                "text => document.querySelector('.explorer-count').textContent.startsWith(text)", arg=f"{count} of 48"
            )
