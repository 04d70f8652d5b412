"""The evidence of the report in a real browser: every count that is a link opens so many segments; nothing is cut."""

from __future__ import annotations

from collections.abc import Callable

import pytest

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
            timeout=5_000,
        )
