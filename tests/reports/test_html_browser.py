"""The HTML report in a real browser: it opens from disk, runs nothing, asks for nothing, and fits a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.reports.html import HtmlReport

from .build import HOSTILE, hostile_run, normal_run

CHROMIUM = Path("/usr/bin/chromium")

FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

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
        for summary in page.locator("details.segments > summary").all():
            summary.click()
        body = page.locator("body").inner_text()
        assert page.get_by_role("heading", level=1).count() == 1
        for landmark in ("banner", "main", "contentinfo"):
            assert page.get_by_role(landmark).count() == 1
        assert page.locator("script, img, iframe").count() == 0
        assert page.locator("body").bounding_box()["width"] <= 390
        if scripts:
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for literal in (HOSTILE[0], HOSTILE[1], HOSTILE[4], HOSTILE[6], "⟨ESC⟩[31mred", "⟨U+202E⟩right", *HOSTILE[9:12]):
        assert literal in body
    # Icons are data: URLs; the page itself is the only file that is read.
    assert [event for event in events if event != f"request: {file.as_uri()}" and "data:," not in event] == []


def test_a_link_to_a_segment_opens_its_article(browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_bytes(HtmlReport().render(normal_run()))
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{file.as_uri()}#de-en.article-2.3")
        page.get_by_text("Quelle 2.3", exact=True).wait_for(state="visible", timeout=5_000)
        assert page.get_by_text("Quelle 1.3", exact=True).is_hidden()


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
