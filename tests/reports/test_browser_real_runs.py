"""The report of the worked example and of a WMT test set in a real browser: every control, checked against the run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import harness
from harness.checks.interface import Flag
from harness.store.runs.result import MetricScores, PairResult, Run, SystemResult
from tests.reports.test_html_browser import SERIOUS, browser, opened

__all__ = ["browser", "opened"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.every_change, pytest.mark.xdist_group("browser")]

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """German to English of this repository, whose systems are recorded or copy."""
    root = tmp_path_factory.mktemp("example")
    for name in ("references", "systems"):
        shutil.copytree(ROOT / name, root / name)
    return harness.run(root, pairs=["de-en"], metrics=["bleu", "chrf"], offline=True)


@pytest.fixture(scope="module")
def wmt(wmt_data: Path) -> Run:
    """Three systems of WMT23 English to German."""
    folder = wmt_data / "wmt23.en-de"
    return harness.score(
        source=folder / "source.txt",
        references=[folder / "reference.refA.txt"],
        hypotheses={name: folder / "systems" / f"{name}.txt" for name in ("GPT4-5shot", "ONLINE-W", "AIRC")},
        pair="en-de",
        docids=folder / "docids.txt",
        metrics=["bleu", "chrf"],
    )


@pytest.fixture(params=["example", "wmt"])
def run(request: pytest.FixtureRequest) -> Run:
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


def _count(page, shown: int, pair: PairResult) -> None:  # type: ignore[no-untyped-def]
    wanted = f"{shown:,} of {len(pair.corpus.segments):,} segments"
    page.wait_for_function(
        "text => document.querySelector('.explorer-count').textContent === text", arg=wanted, timeout=60_000
    )


def _has(flags: tuple[Flag, ...], kind: str) -> bool:
    return any(flag.kind == kind for flag in flags)


def _chosen(page, pair: PairResult, label: str) -> SystemResult:  # type: ignore[no-untyped-def]
    """The system that a control names."""
    shown = page.get_by_label(label, exact=True).locator("option:checked").inner_text()
    return next(system for system in pair.systems if system.label == shown)


def _differences(pair: PairResult, one: SystemResult, two: SystemResult, metric: str) -> list[float]:
    first, second = (system.scores[metric] for system in (one, two))
    assert isinstance(first, MetricScores)
    assert isinstance(second, MetricScores)
    both = first.scored & second.scored
    return [float(gap) for gap in (first.segments - second.segments)[both]]


def test_every_filter_counts_what_the_run_holds(opened: Callable[..., object], run: Run) -> None:
    page = opened(run)
    (pair,) = run.pairs
    _count(page, len(pair.corpus.segments), pair)

    page.locator(".explorer-more summary").click()
    article = pair.corpus.articles[1]
    page.get_by_label("Article", exact=True).select_option(index=2)  # the first is "all"
    _count(page, len(article.segments), pair)
    page.get_by_role("button", name="Reset").click()

    page.get_by_label("Flag", exact=True).select_option("number")
    page.get_by_label("Flagged system", exact=True).select_option(index=0)
    flags: list[tuple[tuple[Flag, ...], ...]] = [system.flags for system in pair.systems]
    rows = [
        row for row in range(len(pair.corpus.segments)) if any("number" in {f.kind for f in one[row]} for one in flags)
    ]
    _count(page, len(rows), pair)
    page.get_by_role("button", name="Reset").click()

    for metric, title in (("chrf", "chrF"), ("bleu", "BLEU")):
        page.get_by_label("Metric", exact=True).select_option(label=f"{title} ↑")
        page.get_by_label("Show", exact=True).select_option("gain")
        one, two = _chosen(page, pair, "System A"), _chosen(page, pair, "System B")
        gaps = _differences(pair, one, two, metric)
        _count(page, sum(gap > 0 for gap in gaps), pair)
        page.get_by_label("Minimum difference", exact=True).fill("10")
        _count(page, sum(gap >= 10 for gap in gaps), pair)
        page.get_by_role("button", name="Reset").click()


def test_search_sort_and_a_link_to_a_segment(opened: Callable[..., object], run: Run) -> None:
    (pair,) = run.pairs
    segment = pair.corpus.articles[2].segments[1]
    page = opened(run)
    page.get_by_label("Search texts").fill(segment.source[:60])
    sources = page.locator(".matrix-table td:nth-child(2) .seg-text")
    sources.first.wait_for()
    assert any(text.startswith(segment.source[:20]) for text in sources.all_inner_texts())
    page.get_by_role("button", name="Reset").click()

    page.get_by_label("Sort by").select_option("low")
    worst = _chosen(page, pair, "System A")
    metric = page.get_by_label("Metric", exact=True).locator("option:checked").text_content().split()[0].lower()
    scores = worst.scores[metric]
    assert isinstance(scores, MetricScores)
    lowest = min(float(value) for value, scored in zip(scores.segments, scores.scored, strict=True) if scored)
    first = next(
        row
        for row, segment in enumerate(pair.corpus.segments)
        if scores.scored[row] and scores.segments[row] == lowest and segment.source
    )
    page.wait_for_function(
        "text => document.querySelector('.matrix-table td:nth-child(2) .seg-text')?.textContent.startsWith(text)",
        arg=pair.corpus.segments[first].source[:20],
        timeout=60_000,
    )

    page.locator(".row-link").nth(3).click()
    address = page.locator(".single-view .seg-link").get_attribute("href")
    heading = page.locator(".single-view h4").inner_text()
    again = opened(run, address)
    again.wait_for_function(
        "text => document.querySelector('.single-view h4')?.textContent === text", arg=heading, timeout=60_000
    )


def test_axe_print_and_every_chart(opened: Callable[..., object], run: Run) -> None:
    page = opened(run)
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")
    found = axe.Axe().run(page).response["violations"]
    assert [(item["id"], item["nodes"][0]["html"][:200]) for item in found if item["impact"] in SERIOUS] == []
    assert page.locator("figure.chart svg").count() >= 1
    assert page.locator(".board .axis svg").count() >= 2
    page.emulate_media(media="print")
    assert page.pdf().startswith(b"%PDF")
