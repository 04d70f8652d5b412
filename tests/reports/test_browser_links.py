"""Every link of a report of two pairs is followed, on a desk and on a phone: it lands, and opens what it counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from harness.analysis import analyse
from harness.checks.glossary import term_reason
from harness.checks.interface import WHOLE, Flag
from harness.reports.html import HtmlReport
from harness.store.runs.result import PairResult, Run, SystemResult
from harness.types import Corpus, Translated, told

from .build import DE_EN, EN_AR, article, pair_result, run, system
from .test_html_browser import browser

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.every_change, pytest.mark.xdist_group("browser")]

WORDS = tuple(f"Name{letter}" for letter in "abcdefghijklmnopqrstuvwx")
"""Each is in a few segments: a word that is in many says nothing."""

SIZES = {"desk": (1280, 900), "phone": (390, 844)}


def _pair(pair, systems: int = 3, articles: int = 8, segments: int = 12) -> PairResult:  # type: ignore[no-untyped-def]
    """Systems of falling quality with flags, missed terms and phrases that only some get right; two domains."""
    texts = Corpus(
        pair,
        tuple(
            replace(made, meta={**made.meta, "domain": ("news", "speech")[a % 2]})
            for a in range(articles)
            for made in [
                article(
                    pair,
                    f"article-{a}",
                    [
                        (
                            f"Zeile {a}.{s} Werk",
                            (f"{WORDS[(a * segments + s) % len(WORDS)]} is number {a}.{s}", f"Number {a}.{s} here"),
                        )
                        for s in range(segments)
                    ],
                    f"Title {a}",
                )
            ]
        ),
    )
    return pair_result(texts, [_system(texts, rank, systems) for rank in range(systems)], ("bleu", "chrf"))


def _system(texts: Corpus, rank: int, systems: int) -> SystemResult:
    good = [row % (systems + 1) >= rank for row in range(len(texts.segments))]
    outcomes = [
        Translated(segment.references[0] if right else f"It is number {segment.id}, {rank}")
        for right, segment in zip(good, texts.segments, strict=True)
    ]
    flags = tuple(
        ()
        if right or row % 3
        else (
            Flag("number", (6, 12), told("a number"), 0.9),
            Flag("glossary", WHOLE, term_reason("Werk", ["plant"]), 0.9),
        )
        for row, right in enumerate(good)
    )
    scores = ("bleu", "chrf")
    return replace(system(texts, f"system-{rank}", 0.8 - 0.03 * rank, scores, outcomes, seed=rank), flags=flags)


def two_languages() -> Run:
    """Two pairs that differ in everything that is counted."""
    return run(_pair(DE_EN), _pair(EN_AR, systems=4, articles=7, segments=9))


@pytest.fixture(params=SIZES, scope="module")
def page(request: pytest.FixtureRequest, browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:  # type: ignore[no-untyped-def]
    """The report; nothing may be said on the console."""
    file = tmp_path_factory.mktemp("links") / "report.html"
    file.write_bytes(HtmlReport().render(analyse(two_languages())))
    width, height = SIZES[request.param]
    events: list[str] = []
    with browser.new_context(viewport={"width": width, "height": height}) as context:
        opened = context.new_page()
        opened.on("console", lambda message: events.append(message.text))
        opened.on("pageerror", lambda error: events.append(str(error)))
        opened.goto(file.as_uri())
        yield opened
    assert events == []


LINKS = """() => [...document.querySelectorAll('a[href^="#"]')].filter((link) => !link.closest('.explorer'))
    .map((link, place) => { link.dataset.place = place; return [link.getAttribute('href'), link.textContent.trim(),
    link.closest('[data-pair]')?.dataset.pair ?? '']; })"""

ARRIVED = """async (pair) => {
    const explorer = document.querySelector(`.explorer[data-pair="${pair}"]`);
    for (let same = 0, last = ''; same < 6; ) {
        await new Promise((done) => setTimeout(done, 20));
        const now = `${explorer.querySelector('.explorer-count')?.textContent} ${scrollY}`;
        same = now === last ? same + 1 : 0;
        last = now;
    }
    return [explorer.querySelector('.explorer-count').textContent, explorer.checkVisibility(),
        explorer.closest('[id]').getBoundingClientRect().top
            - parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop)];
}"""


def _follow(page, place: int) -> None:  # type: ignore[no-untyped-def]
    page.evaluate("(place) => document.querySelector(`a[data-place='${place}']`).click()", place)


def _number(text: str) -> int | None:
    """What a link counts: its text where that is a number, else the number that its sentence ends with."""
    found = re.search(r"(?:^|: |\(| in )([\d,]+)(?: segments?)?\)?$", text)
    return int(found[1].replace(",", "")) if found else None


def test_every_count_opens_so_many_segments(page) -> None:  # type: ignore[no-untyped-def]
    links = [(place, *link) for place, link in enumerate(page.evaluate(LINKS)) if "view=segments" in link[0]]
    sizes = {
        pair: len(made.corpus.segments) for pair, made in zip(("de-en", "en-ar"), two_languages().pairs, strict=True)
    }
    counted = set()
    for place, href, text, _ in links:
        pair = re.match(r"#pair=([a-z-]+)&", href)[1]  # type: ignore[index]
        _follow(page, place)
        count, visible, top = page.evaluate(ARRIVED, pair)
        shown, of = (int(part.replace(",", "")) for part in re.findall(r"[\d,]+", count))
        assert visible, href
        assert of == sizes[pair]
        assert shown > 0, (href, text)
        assert abs(top) <= 1, (href, top)
        wanted = _number(text)
        if wanted is not None and "article=" not in href:
            counted.add(href)
            assert shown == wanted, (href, text, count)
    assert {name for name in ("kind", "rows", "show", "slice") if any(f"&{name}=" in href for href in counted)} == {
        "kind",
        "rows",
        "show",
        "slice",
    }
    assert len(counted) > 20
    assert {link[1].split("&")[0] for link in links} == {"#pair=de-en", "#pair=en-ar"}


def test_every_other_link_leads_to_a_part_that_is_seen(page) -> None:  # type: ignore[no-untyped-def]
    links = [(place, *link) for place, link in enumerate(page.evaluate(LINKS)) if "view=segments" not in link[0]]
    assert len(links) > 10
    for place, href, _, _ in links:
        _follow(page, place)
        page.wait_for_function(
            """(id) => {
                const part = document.getElementById(id);
                const box = part?.getBoundingClientRect();
                return box && box.top < innerHeight && box.bottom > 0 && part.checkVisibility();
            }""",
            arg=href[1:],
            timeout=60_000,
        )


def test_articles_have_as_many_segments_as_their_row_says(page) -> None:  # type: ignore[no-untyped-def]
    rows = page.evaluate(
        """() => [...document.querySelectorAll('.articles tbody th a[href*="article="]')].map((link) =>
            [link.getAttribute('href'), Number(link.closest('tr').querySelector('td').textContent)])"""
    )
    assert len(rows) > 10
    for href, wanted in rows[:: max(1, len(rows) // 8)]:
        page.evaluate("(href) => { location.hash = href; }", href)
        count, _, _ = page.evaluate(ARRIVED, re.match(r"#pair=([a-z-]+)&", href)[1])  # type: ignore[index]
        assert count.startswith(f"{wanted} of "), href
