"""The first screen in a real browser: which engine, how sure, what it costs and what to look at, without scrolling."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from harness.analysis import analyse
from harness.reports.html import HtmlReport
from harness.store.runs.result import Run

from .build import DE_EN, corpus, measured_run, normal_run, pair_result, run, system
from .test_formats import two_pairs
from .test_html_browser import SERIOUS, browser, opened

__all__ = ["browser", "opened"]

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def many() -> Run:
    """Twenty-four systems on thirty articles."""
    texts = corpus(DE_EN, articles=30, unreferenced=())
    systems = [system(texts, f"engine-{n:02}", 0.5 + n / 100, ("chrf",), seed=n) for n in range(24)]
    return run(pair_result(texts, systems, ("chrf",)))


def alone() -> Run:
    """One engine."""
    texts = corpus(DE_EN, articles=8)
    return run(pair_result(texts, [system(texts, "only", 0.7, ("chrf",))], ("chrf",)))


def equal() -> Run:
    """Two engines of the same words."""
    texts = corpus(DE_EN, articles=8)
    first = system(texts, "one", 0.7, ("chrf",))
    return run(pair_result(texts, [first, system(texts, "two", 0.7, ("chrf",), outcomes=first.outcomes)], ("chrf",)))


RUNS = (normal_run, two_pairs, measured_run, many, alone, equal)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (1920, 1080), (390, 844)], ids=["desk", "wide", "phone"])
def test_four_questions_are_answered_without_scrolling(  # type: ignore[no-untyped-def]
    browser, tmp_path: Path, width: int, height: int, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")
    with browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme) as context:
        for make in RUNS:
            file = tmp_path / f"{make.__name__}.html"
            file.write_bytes(HtmlReport().render(analyse(make())))
            page = context.new_page()
            page.goto(file.as_uri())
            card = page.locator(".pair:not([hidden]) .verdict")
            parts = [card.locator(part) for part in ("h3", ".badge", ".leaders tbody tr", ".looks a")]
            if make not in (equal, normal_run):
                parts.append(card.locator(".chips li"))
            for part in parts:
                box = part.first.bounding_box()
                assert box["y"] + box["height"] <= height, (make.__name__, part)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            found = axe.Axe().run(page).response["violations"]
            assert [(item["id"], item["nodes"][0]["html"]) for item in found if item["impact"] in SERIOUS] == []
            page.close()


def test_the_sentence_names_no_more_than_three_and_the_rows_are_five(opened: Callable[..., object]) -> None:
    page = opened(many())
    assert len(re.findall(r"engine-\d\d", page.locator(".verdict h3").inner_text())) <= 3
    rows = page.locator(".leaders tbody tr")
    assert rows.count() == 5
    assert [row.locator("td").first.inner_text() for row in rows.all()] == ["1", "2", "3", "4", "5"]
    assert page.locator(".leaders tfoot").inner_text().strip() == "19 more systems"


def test_one_engine_and_equal_engines_have_sentences_of_their_own(opened: Callable[..., object]) -> None:
    page = opened(alone())
    assert page.locator(".verdict h3").inner_text().startswith("Only only was run: chrF")
    page = opened(equal())
    assert (
        page.locator(".verdict h3").inner_text()
        == "one and two are identical in every segment: take whichever suits you."
    )
    assert page.locator(".verdict .badge").inner_text() == "Identical"
    for said in ("no number of articles", "Undecided"):
        assert said not in page.locator(".verdict").inner_text()


def test_what_could_not_be_tested_is_no_tie_and_no_recommendation(opened: Callable[..., object]) -> None:
    page = opened(normal_run())
    assert page.locator(".verdict h3").inner_text() == (
        "No verdict: 3 articles are too few to compare 3 systems; at least 6 are needed."
    )
    assert page.locator(".leaders .tie").count() == 0


def test_intervals_are_drawn_where_the_numbers_are(opened: Callable[..., object]) -> None:
    made = many()
    (pair,) = analyse(made).pairs
    page = opened(made)
    drawn = page.locator(".leaders tbody svg").evaluate_all(
        "all => all.map((svg) => [...svg.children].map((line) => [line.x1, line.x2].map((x) => x.baseVal.value)))"
    )
    evidence = pair.metric(pair.primary)
    assert evidence is not None
    names = [item.name for item in pair.standing.ranked[:5]]
    ends = [(evidence.intervals[name].low, evidence.intervals[name].high) for name in names]  # type: ignore[union-attr]
    values = [pair.standing.values["chrf"][name] for name in names]
    numbers = np.array([x for low_high, value in zip(ends, values, strict=True) for x in (*low_high, value)])
    places = np.array([x for line, dot in drawn for x in (*line, dot[0])])
    assert len(places) == 15
    slope, shift = np.polyfit(numbers, places, 1)
    assert slope > 0
    assert np.abs(slope * numbers + shift - places).max() < 0.02  # two decimals are drawn
    assert (places.min(), places.max()) == (4.0, 96.0)


def test_a_look_opens_exactly_what_it_counts_and_quotes(opened: Callable[..., object]) -> None:
    made = many()
    (pair,) = analyse(made).pairs
    assert len(pair.looks) >= 2
    page = opened(made)
    for place, look in enumerate(pair.looks):
        link = page.locator(".looks a").nth(place)
        quoted = page.locator(".looks .quote > bdi").nth(place).inner_text()
        link.click()
        page.wait_for_function(
            "text => document.querySelector('.explorer-count').textContent.startsWith(text)",
            arg=f"{look.segments:,} of",
        )
        first = page.locator(".matrix-table td:nth-child(2) .seg-text").first.inner_text()
        assert first == quoted == pair.result.corpus.segments[look.row].source
