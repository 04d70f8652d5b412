"""The HTML report in a real browser: it opens from disk, runs nothing, asks for nothing, and fits a phone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from harness.reports.format import format_difference, format_score
from harness.reports.html import HtmlReport
from harness.runs.result import Run

from .build import HOSTILE, hostile_run, normal_run

CHROMIUM = Path("/usr/bin/chromium")

FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

SERIOUS = ("serious", "critical")

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts-on", "scripts-off"])
def test_hostile_text_is_shown_and_nothing_runs(browser, tmp_path: Path, scripts: bool) -> None:
    file = tmp_path / "report.html"
    file.write_bytes(HtmlReport().render(hostile_run()))
    events: list[str] = []
    with browser.new_context(java_script_enabled=scripts, viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        page.on("console", lambda message: events.append(f"console {message.type}: {message.text}"))
        page.on("pageerror", lambda error: events.append(f"error: {error}"))
        page.on("request", lambda request: events.append(f"request: {request.url}"))
        page.on("dialog", lambda dialog: (events.append("dialog"), dialog.dismiss()))
        page.goto(file.as_uri())
        page.wait_for_load_state("load")
        body = page.locator("body").inner_text() if scripts else ""
        if scripts:
            page.locator(".explorer").scroll_into_view_if_needed()
            page.get_by_role("listbox").wait_for()
            for _ in HOSTILE:
                body += page.locator(".explorer-detail").inner_text()
                page.get_by_role("listbox").press("ArrowDown")
        else:
            for summary in page.locator("details.segments > summary").all():
                summary.click()
            body = page.locator("body").inner_text()
        assert page.get_by_role("heading", level=1).count() == 1
        for landmark in ("banner", "main", "contentinfo"):
            assert page.get_by_role(landmark).count() == 1
        assert page.locator("img, iframe").count() == 0
        assert page.locator("body").bounding_box()["width"] <= 390
        if scripts:
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            assert page.evaluate("document.scripts.length") == 3  # packed data, messages, the explorer
            assert page.locator(".explorer-detail script, .explorer-list script").count() == 0
    for literal in (HOSTILE[0], HOSTILE[1], HOSTILE[4], HOSTILE[6], "⟨ESC⟩[31mred", "⟨U+202E⟩right", *HOSTILE[9:12]):
        assert literal in body
    # Icons are data: URLs; the page itself is the only file that is read.
    assert [event for event in events if event != f"request: {file.as_uri()}" and "data:," not in event] == []


@pytest.fixture
def opened(browser, tmp_path: Path) -> Iterator[Callable[..., object]]:
    """Opens a run as a page; no message on the console and no request may come of it."""
    events: list[str] = []
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:

        def opener(run: Run, fragment: str = "") -> object:
            file = tmp_path / "report.html"
            file.write_bytes(HtmlReport().render(run))
            page = context.new_page()
            page.on("console", lambda message: events.append(message.text))
            page.on("pageerror", lambda error: events.append(str(error)))
            page.on("request", lambda request: events.append(request.url))
            page.goto(f"{file.as_uri()}{fragment}")
            page.locator(".explorer").first.scroll_into_view_if_needed()
            page.get_by_role("listbox").first.wait_for()
            events[:] = [event for event in events if event.split("#")[0] not in (file.as_uri(), "data:,")]
            return page

        yield opener
    assert events == []


def test_a_link_to_a_segment_shows_it(opened) -> None:
    page = opened(normal_run(), "#de-en.article-2.3")
    detail = page.locator(".explorer-detail")
    detail.get_by_text("Quelle 2.3", exact=True).wait_for(state="visible", timeout=5_000)
    assert detail.get_by_role("link").get_attribute("href") == "#de-en.article-2.3"
    page.get_by_role("link", name="Title 3").first.click()
    page.get_by_text("4 of 12 segments", exact=True).wait_for()
    detail.get_by_text("Quelle 3.1", exact=True).wait_for()


def test_segments_are_searched_filtered_and_sorted(opened) -> None:
    page = opened(normal_run())
    names = page.locator(".explorer-row .row-text")
    page.get_by_label("Search texts").fill("BETA article-2:")
    page.get_by_text("4 of 12 segments", exact=True).wait_for()
    assert names.all_inner_texts() == [f"Quelle 2.{number}" for number in range(1, 5)]
    page.get_by_role("button", name="Reset").click()
    page.get_by_label("Sort by").select_option("low")
    scores = normal_run().pairs[0].systems[1].scores["comet"]
    lowest = min((value, row) for row, value in enumerate(scores.segments) if scores.scored[row])[1]
    assert names.first.inner_text() == normal_run().pairs[0].corpus.segments[lowest].source
    page.get_by_label("Show").select_option("loss")
    page.get_by_text("0 of 12 segments", exact=True).wait_for()


def test_the_keyboard_moves_searches_and_swaps(opened) -> None:
    page = opened(normal_run())
    page.get_by_role("listbox").focus()
    heading = page.locator(".explorer-detail h4")
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    assert heading.inner_text() == "Title 1 · 3"
    page.keyboard.press("End")
    assert heading.inner_text() == "Title 3 · 4"
    page.keyboard.press("x")
    assert page.get_by_label("System A").input_value() == "1"
    page.keyboard.press("/")
    page.keyboard.type("2.1")
    page.get_by_text("1 of 12 segments", exact=True).wait_for()


def test_the_explorer_shows_the_scores_of_the_run(opened) -> None:
    page = opened(normal_run())
    system = next(one for one in normal_run().pairs[0].systems if one.name == "alpha")
    wanted = [format_score(name, float(scores.segments[0])) for name, scores in system.scores.items()]
    assert page.locator(".seg-scores").first.locator("b").all_inner_texts() == wanted


def test_the_script_rounds_as_python_does(browser) -> None:
    values = [0.25, 12.25, 12.35, 0.05, -0.04, 99.96, 9.996, 0.0123456, 123.5, 124.5, 0.00005, 1e-7, 0.0, -3.14159]
    values += [number / 64 for number in range(-200, 200)] + [math.exp(number / 7) for number in range(-60, 60)]
    script = files("harness.reports.html").joinpath("assets", "numbers.js").read_text(encoding="utf-8")
    with browser.new_context() as context:
        page = context.new_page()
        page.add_script_tag(content=script)
        for digits, metric in (("one", "bleu"), ("four", "comet"), ("three", "rating")):
            ask = (
                "([digits, values]) => values.map((value) => [scoreText(digits, value), differenceText(digits, value)])"
            )
            for value, (score, difference) in zip(values, page.evaluate(ask, [digits, values]), strict=True):
                assert score == format_score(metric, value), value
                assert difference.removeprefix("+") == format_difference(metric, value), value


@pytest.mark.parametrize("make", [normal_run, hostile_run], ids=lambda make: make.__name__)
def test_axe_finds_nothing_serious(opened, make: Callable[[], Run]) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")
    page = opened(make())
    found = axe.Axe().run(page).response["violations"]
    assert [(item["id"], item["nodes"][0]["html"][:200]) for item in found if item["impact"] in SERIOUS] == []


def test_paper_has_everything_but_the_controls(opened) -> None:
    page = opened(normal_run())
    page.emulate_media(media="print")
    assert page.locator(".explorer-controls").is_hidden()
    assert page.locator(".verdict").is_visible()
    assert page.pdf().startswith(b"%PDF")


def test_the_best_value_shows_without_colour_and_in_the_dark(browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_bytes(HtmlReport().render(normal_run()))
    looks = {}
    for scheme in ("light", "dark"):
        with browser.new_context(color_scheme=scheme) as context:
            page = context.new_page()
            page.goto(file.as_uri())
            best = page.locator("td.best").first
            assert "★" in best.inner_text()
            assert int(best.evaluate("node => getComputedStyle(node).fontWeight")) >= 600
            looks[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert looks["light"] != looks["dark"]
