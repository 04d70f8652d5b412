"""The evidence of the report in a real browser: every count that is a link opens so many segments; nothing is cut."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.analysis import analyse
from harness.reports.html import HtmlReport
from harness.types import Corpus, LangPair, Translated

from .build import article, pair_result, run, system
from .test_html_browser import browser, opened

__all__ = ["browser", "opened"]

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def a_run(systems: int = 3, articles: int = 8, name: str = "system"):  # type: ignore[no-untyped-def]
    """Systems of falling quality, each of which gets fewer of the names right."""
    pair = LangPair("de", "en")
    names = ["Brexit", "Strasbourg", "Reykjavik", "Ouagadougou"]
    lines = [
        [(f"Zeile {a}.{s}", (f"{names[a * s % 4]} is number {a}.{s}",)) for s in range(4)] for a in range(articles)
    ]
    texts = Corpus(pair, tuple(article(pair, f"article-{a}", lines[a], f"Title {a}") for a in range(articles)))
    made = []
    for rank in range(systems):
        outputs = [
            Translated(
                segment.references[0] if row % (systems + 1) >= rank else f"It is number {segment.id.number}, {rank}"
            )
            for row, segment in enumerate(texts.segments)
        ]
        made.append(system(texts, f"{name}-{rank}", 0.8 - 0.02 * rank, ("chrf",), outcomes=outputs, seed=rank))
    return run(pair_result(texts, made, ("chrf",)))


def test_every_count_of_the_evidence_opens_so_many_segments(opened: Callable[..., object]) -> None:
    page = opened(a_run())
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    links = page.locator(".evidence a[href*='view=segments']")
    counts = [place for place, text in enumerate(links.all_inner_texts()) if text.replace(",", "").strip().isdigit()]
    assert len(counts) > 3
    for place in counts:
        wanted = links.nth(place).inner_text().strip()
        links.nth(place).click()
        page.wait_for_function(
            "n => document.querySelector('.explorer-count')?.textContent.startsWith(`${n} of `)",
            arg=wanted,
            timeout=60_000,
        )


LONG_NAME = "Translator-with-a-long-name"

TOO_WIDE = """Array.from(document.querySelectorAll('.scroll')).filter(part => part.offsetParent)
.filter(part => part.scrollWidth > part.clientWidth).map(part => part.getAttribute('aria-label'))"""

OPEN_ALL = "document.querySelectorAll('details').forEach(part => { part.open = true; })"


def test_twenty_four_systems_fit_the_screen_and_tables_have_pages(opened: Callable[..., object]) -> None:
    page = opened(a_run(24, 40, LONG_NAME))
    page.evaluate(OPEN_ALL)
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    tall = "Array.from(document.querySelectorAll('.scroll')).filter(part => part.scrollHeight > part.clientHeight + 1)"
    assert page.evaluate(f"{tall}.length") == 0

    table = page.locator("table.paged").first
    titles = table.locator("tbody").first.locator("tr:visible th")
    pager = page.locator(".pager:visible", has=page.get_by_role("button", name="All 40")).first
    assert titles.count() == 15
    first = titles.all_inner_texts()
    pager.get_by_role("button", name="All 40").click()
    seen = titles.all_inner_texts()
    assert len(seen) == 20
    assert seen[:15] == first
    pager.get_by_role("button", name="Next rows").click()
    seen += titles.all_inner_texts()
    assert sorted(seen) == sorted(f"Title {number}" for number in range(40))
    assert not pager.get_by_role("button", name="Next rows").is_enabled()
    pager.get_by_role("button", name="First 15").click()
    assert titles.all_inner_texts() == first

    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_paper_names_the_columns_that_it_has_no_room_for(opened: Callable[..., object]) -> None:
    page = opened(a_run(24, 8, LONG_NAME))
    page.evaluate("document.querySelector('details.evidence').open = true")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    widths = page.evaluate(
        "Array.from(document.querySelectorAll('main table')).filter(t => t.offsetParent).map(t => t.offsetWidth)"
    )
    paper = page.evaluate("document.body.clientWidth")
    assert paper < 720
    assert max(widths) <= paper + 1
    table = page.locator(".scroll", has=page.locator("table.paged")).first
    shown = table.locator("thead th:visible").all_inner_texts()
    note = page.locator("p.printed", has_text="columns are shown here").first
    assert note.is_visible()
    for number in range(24):
        assert (f"{LONG_NAME}-{number}" in shown) != (
            f"{LONG_NAME}-{number}" in re.findall(r"[\w-]+", note.inner_text())
        )
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert page.locator(".off-paper").count() == 0
    assert table.locator("thead th:visible").count() == 27


def test_paper_without_scripts_has_what_is_folded_and_says_what_it_leaves_out(browser, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "report.html"
    file.write_bytes(HtmlReport().render(analyse(a_run(12, 8, LONG_NAME))))
    paper = 703  # A4 less the margins of the page, in pixels
    with browser.new_context(java_script_enabled=False, viewport={"width": paper, "height": 1000}) as context:
        page = context.new_page()
        page.goto(file.as_uri())
        page.emulate_media(media="print")
        seen = page.evaluate(
            """() => {
                const boxes = [...document.querySelectorAll('.scroll')].filter((box) => box.checkVisibility());
                const heads = (box) => [...box.querySelectorAll('thead th')];
                return boxes.map((box) => [box.querySelector('table').offsetWidth, heads(box).length,
                    heads(box).filter((head) => head.checkVisibility()).length,
                    getComputedStyle(box, '::after').content]);
            }"""
        )
        assert len(seen) > 5
        assert max(width for width, *_ in seen) <= paper
        assert {(shown == heads, "first 10 columns" in said) for _, heads, shown, said in seen} == {
            (True, False),
            (False, True),
        }
        folds = page.locator("main details:not(.flags details)")
        assert folds.count() > 3
        for fold in folds.all():
            assert fold.locator("> :not(summary)").first.is_visible()
