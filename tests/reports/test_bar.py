"""The bar of pairs and sections in a real browser: one pair at a time, and links that open what they lead to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.analysis import analyse
from harness.reports.html import HtmlReport

from .test_formats import two_pairs
from .test_html_browser import browser, opened

__all__ = ["browser", "opened"]

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def _shown(page) -> list[str]:  # type: ignore[no-untyped-def]
    return [pair.get_attribute("data-pair") for pair in page.locator(".pair").all() if pair.is_visible()]


def test_one_pair_is_shown_and_its_tab_says_so(opened: Callable[..., object]) -> None:
    page = opened(two_pairs())
    first, second = (pair.get_attribute("data-pair") for pair in page.locator(".pair").all())
    assert _shown(page) == [first]
    page.locator(f".bar-pairs a[data-pair='{second}']").click()
    page.wait_for_function("pair => !document.getElementById(pair).closest('.pair').hidden", arg=second)
    assert _shown(page) == [second]
    assert page.locator(".bar-pairs [aria-current]").inner_text() == second
    page.go_back()
    page.wait_for_function("pair => !document.getElementById(pair).closest('.pair').hidden", arg=first)
    assert _shown(page) == [first]


@pytest.mark.parametrize("section", ["articles", "health", "evidence"])
def test_a_link_into_the_evidence_of_any_pair_opens_it(opened: Callable[..., object], section: str) -> None:
    second = [pair.pair for pair in two_pairs().pairs][1]
    page = opened(two_pairs(), f"#{second}.{section}")
    assert _shown(page) == [str(second)]
    target = page.locator(f"[id='{second}.{section}']")
    assert target.is_visible()
    assert page.locator(f"[id='{second}.evidence']").evaluate("details => details.open")


def test_every_pair_and_section_is_there_without_scripts(browser, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "report.html"
    file.write_bytes(HtmlReport().render(analyse(two_pairs())))
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(file.as_uri())
        assert _shown(page) == [str(pair.pair) for pair in two_pairs().pairs]
        assert all(part.is_visible() for part in page.locator(".bar-sections").all())


def test_every_link_of_the_bar_leads_somewhere(opened: Callable[..., object]) -> None:
    page = opened(two_pairs())
    missing = """links => links.map((link) => decodeURIComponent(link.hash.slice(1)))
        .filter((id) => !document.getElementById(id))"""
    links = page.locator(".bar a")
    assert links.count() == 2 + 2 * 6
    assert links.evaluate_all(missing) == []
