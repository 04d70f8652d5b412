"""The address of a report: what it shows, back, forward and reload, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.analysis import analyse
from harness.reports.html import HtmlReport
from harness.reports.html.links import segments_link

from .test_formats import two_pairs
from .test_html_browser import browser

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(params=[(1280, 900), (390, 844)], ids=["desk", "phone"])
def opened(request: pytest.FixtureRequest, browser, tmp_path: Path) -> Iterator[Callable[[str], object]]:  # type: ignore[no-untyped-def]
    """Opens a report of two pairs at a fragment; nothing may be said on the console."""
    width, height = request.param
    file = tmp_path / "report.html"
    file.write_bytes(HtmlReport().render(analyse(two_pairs())))
    events: list[str] = []
    with browser.new_context(viewport={"width": width, "height": height}) as context:

        def opener(fragment: str = "") -> object:
            page = context.new_page()
            page.on("console", lambda message: events.append(message.text))
            page.on("pageerror", lambda error: events.append(str(error)))
            page.goto(f"{file.as_uri()}{fragment}")
            return page

        yield opener
    assert events == []


def _top(page, target: str) -> float:  # type: ignore[no-untyped-def]
    """Pixels between the part of the page and where a link to it should bring it; at rest for three frames."""
    return page.evaluate(
        """async (id) => {
            const gap = () => {
                const padding = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
                const most = document.documentElement.scrollHeight - innerHeight;
                const top = document.getElementById(id).getBoundingClientRect().top - padding;
                return scrollY >= most - 1 && top > 0 ? 0 : top;
            };
            for (let same = 0, last = NaN; same < 20; ) {
                await new Promise((done) => setTimeout(done, 25));
                const now = gap();
                same = now === last ? same + 1 : 0;
                last = now;
            }
            return gap();
        }""",
        target,
    )


def _counts(page, text: str) -> None:  # type: ignore[no-untyped-def]
    page.wait_for_function("(text) => document.querySelector('.explorer-count')?.textContent === text", arg=text)


@pytest.mark.parametrize("fragment", ["#en-ar.segments", segments_link("en-ar", kind="number")], ids=["id", "query"])
def test_a_link_into_the_second_pair_lands_there(opened: Callable[[str], object], fragment: str) -> None:
    page = opened(fragment)
    assert abs(_top(page, "en-ar.segments")) <= 1
    page = opened("")
    page.evaluate("(link) => { location.hash = link; }", fragment)
    assert abs(_top(page, "en-ar.segments")) <= 1


def test_back_forward_and_reload_bring_a_filter_back(opened: Callable[[str], object]) -> None:
    page = opened(segments_link("de-en", article=1))
    article = page.get_by_label("Article", exact=True).first
    _counts(page, "4 of 12 segments")
    article.select_option("")
    _counts(page, "12 of 12 segments")
    page.get_by_label("Search texts").first.press_sequentially("Quelle 3.1")
    _counts(page, "1 of 12 segments")
    assert "q=Quelle+3.1" in page.url
    page.reload()
    _counts(page, "1 of 12 segments")
    page.go_back()  # what was typed is one step
    _counts(page, "12 of 12 segments")
    page.go_back()
    _counts(page, "4 of 12 segments")
    assert article.input_value() == "1"
    page.go_forward()
    page.go_forward()
    _counts(page, "1 of 12 segments")
    assert page.get_by_label("Search texts").first.input_value() == "Quelle 3.1"


def test_back_returns_to_where_the_reader_was(opened: Callable[[str], object]) -> None:
    page = opened("")
    link = page.locator(".looks a").first
    before = page.evaluate("scrollY")
    link.click()
    page.wait_for_function("scrollY > 500")
    page.go_back()
    page.wait_for_function("(top) => Math.abs(scrollY - top) <= 1", arg=before)
    assert page.evaluate("location.hash") == ""
