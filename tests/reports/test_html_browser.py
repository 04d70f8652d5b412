"""The HTML report in a real browser: it opens from disk, runs nothing, asks for nothing, and fits a phone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from harness.analysis import analyse
from harness.checks.interface import Flag
from harness.metrics.interface import ErrorSpan
from harness.reports.html import HtmlReport
from harness.reports.html.links import segments_link
from harness.reports.words.numbers import format_difference, format_score
from harness.store.runs.result import Run
from harness.types import Corpus, LangPair, Translated

from .build import HOSTILE, article, decimals_of, hostile_run, normal_run, pair_result, run, system

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
    file.write_bytes(HtmlReport().render(analyse(hostile_run())))
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
            page.locator(".row-link").first.wait_for()
            following = page.get_by_role("button", name="Next")
            body += page.locator(".explorer-results").inner_text()
            while following.is_enabled():
                following.click()
                body += page.locator(".explorer-results").inner_text()
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
            assert page.locator(".explorer script").count() == 0
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
            file.write_bytes(HtmlReport().render(analyse(run)))
            page = context.new_page()
            page.on("console", lambda message: events.append(message.text))
            page.on("pageerror", lambda error: events.append(str(error)))
            page.on("request", lambda request: events.append(request.url))
            page.goto(f"{file.as_uri()}{fragment}")
            page.locator(".pair:not([hidden]) .explorer").scroll_into_view_if_needed()
            page.locator(".pair:not([hidden]) .explorer-results").wait_for()
            events[:] = [event for event in events if event.split("#")[0] not in (file.as_uri(), "data:,")]
            return page

        yield opener
    assert events == []


def test_a_link_to_a_segment_shows_it(opened) -> None:
    page = opened(normal_run(), "#de-en.article-2.3")
    detail = page.locator(".single-view")
    detail.get_by_text("Quelle 2.3", exact=True).wait_for(state="visible", timeout=60_000)
    assert detail.locator(".seg-link").get_attribute("href") == segments_link("de-en", at="article-2:3")
    page.get_by_role("link", name="Title 3").first.click()
    page.get_by_text("4 of 12 segments", exact=True).wait_for()
    shown = page.locator(".row-link").all_inner_texts()
    assert sorted(shown) == [f"Title 3 · {number}" for number in range(1, 5)]  # the verdict's link sorts, worst first


def test_segments_are_searched_filtered_and_sorted(opened) -> None:
    page = opened(normal_run())
    names = page.locator(".row-link")
    page.get_by_label("Search texts").fill("BETA article-2:")
    page.get_by_text("4 of 12 segments", exact=True).wait_for()
    assert names.all_inner_texts() == [f"Title 2 · {number}" for number in range(1, 5)]
    page.get_by_role("button", name="Reset").click()
    page.get_by_label("Sort by").select_option("low")
    scores = normal_run().pairs[0].systems[1].scores["comet"]
    lowest = min((value, row) for row, value in enumerate(scores.segments) if scores.scored[row])[1]
    assert (
        page.locator(".matrix-table .seg-text").first.inner_text()
        == normal_run().pairs[0].corpus.segments[lowest].source
    )
    page.get_by_label("Show").select_option("loss")
    page.get_by_text("0 of 12 segments", exact=True).wait_for()


def test_that_nothing_matches_stays_said(opened) -> None:
    page = opened(normal_run())
    page.get_by_label("Search texts").fill("nowhere in any text")
    none = page.get_by_text("No segments match.")
    none.wait_for()
    page.set_viewport_size({"width": 700, "height": 900})
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert none.is_visible()


def test_what_is_too_long_to_compare_is_said_to_be(opened) -> None:
    pair = LangPair("de", "en")
    long = " ".join(f"word{number}" for number in range(4_000))
    texts = Corpus(pair, (article(pair, "a", [("Lang", (long,)), ("Kurz", ("short",))]),))
    outcomes = [Translated(long.replace("word", "other")), Translated("brief")]
    page = opened(run(pair_result(texts, [system(texts, "one", 0.5, outcomes=outcomes)])))
    said = page.locator(".matrix-table tbody tr").first.get_by_text("too long for a word-by-word comparison")
    said.wait_for()
    assert page.get_by_text("too long for a word-by-word comparison").count() == 1
    clipped = page.locator(".seg-text.clipped")
    assert clipped.count() == 2
    page.get_by_role("button", name=f"Show all {len(long):,} characters").first.click()
    assert clipped.count() == 1


def test_segments_are_there_where_no_system_could_be_asked(opened) -> None:
    texts = normal_run().pairs[0].corpus
    page = opened(run(pair_result(texts, [], absent={"gone": "no key"})))
    page.locator(".matrix-table").get_by_text("Quelle 1.1", exact=True).wait_for()
    page.get_by_label("Show").select_option("gain")
    page.get_by_text("0 of 12 segments", exact=True).wait_for()


def test_the_keyboard_moves_searches_and_swaps(opened) -> None:
    page = opened(normal_run())
    page.locator(".explorer-results").focus()
    for key in ("j", "j", "Enter"):
        page.keyboard.press(key)
    heading = page.locator(".single-view h4")
    heading.wait_for()
    assert heading.inner_text() == "Title 1 · 2"
    page.keyboard.press("j")
    assert heading.inner_text() == "Title 1 · 3"
    page.keyboard.press("k")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "Title 1 · 2"
    page.keyboard.press("x")
    assert page.get_by_label("System A").input_value() == "1"
    page.keyboard.press("/")
    page.keyboard.type("2.1")
    page.get_by_text("1 of 12 segments", exact=True).wait_for()


def test_the_explorer_shows_the_scores_of_the_run(opened) -> None:
    page = opened(normal_run(), segments_link("de-en", at="article-1:1"))
    system = next(one for one in normal_run().pairs[0].systems if one.name == "alpha")
    wanted = [format_score(decimals_of(name), float(scores.segments[0])) for name, scores in system.scores.items()]
    assert page.locator(".seg-scores").first.locator("b").all_inner_texts() == wanted


def _disagreeing_run() -> Run:
    """BLEU prefers Beta in two segments; the others prefer Alpha in the first, in the other by next to nothing."""
    made = normal_run()
    (pair,) = made.pairs
    alpha, beta = (next(one for one in pair.systems if one.name == name) for name in ("alpha", "beta"))
    values = {metric: alpha.scores[metric].segments.copy() for metric in pair.metrics}
    for metric, gaps in {"bleu": (-30.0, -30.0), "chrf": (40.0, 0.01), "comet": (0.4, 0.0001)}.items():
        for row, gap in zip((0, 2), gaps, strict=True):
            values[metric][row] = beta.scores[metric].segments[row] + gap
    scores = {metric: replace(alpha.scores[metric], segments=values[metric]) for metric in pair.metrics}
    systems = tuple(replace(one, scores=scores) if one is alpha else one for one in pair.systems)
    return replace(made, pairs=(replace(pair, systems=systems),))


def _clear_disagreements(run: Run, one: str, two: str) -> list[int]:
    """Rows on which metrics disagree, worked out here: each side ahead by the median of the differences at least."""
    (pair,) = run.pairs
    systems = {system.name: system for system in pair.systems}
    gaps = np.array([systems[one].scores[m].segments - systems[two].scores[m].segments for m in pair.metrics])
    rows = []
    clear = []
    for metric in gaps:
        sizes = sorted(abs(gap) for gap in metric if np.isfinite(gap) and gap)
        clear.append(sizes[(len(sizes) - 1) // 2])
    for row in range(gaps.shape[1]):
        sides = {np.sign(gap) for gap, least in zip(gaps[:, row], clear, strict=True) if abs(gap) >= least}
        if {1.0, -1.0} <= sides:
            rows.append(row)
    return rows


def test_segments_on_which_metrics_disagree_are_found_and_explained(opened) -> None:
    run = _disagreeing_run()
    rows = _clear_disagreements(run, "alpha", "beta")
    assert rows == [0]
    page = opened(run)
    assert page.get_by_label("System A").locator("option:checked").inner_text() == "Alpha MT"
    page.get_by_label("System B").select_option(label="Beta MT")
    show = page.get_by_label("Show")
    choice = f"metrics disagree ({len(rows)})"
    assert choice in show.locator("option").all_inner_texts()
    assert page.locator(".explorer-hint").is_hidden()
    show.select_option("disagree")
    page.get_by_text(f"{len(rows)} of 12 segments", exact=True).wait_for()
    sources = [run.pairs[0].corpus.segments[row].source for row in rows]
    assert page.locator(".matrix-table td:nth-child(2) .seg-text").all_inner_texts() == sources
    assert "each by at least its median difference" in page.locator(".explorer-hint").inner_text()
    assert show.get_attribute("aria-describedby") == page.locator(".explorer-hint").get_attribute("id")
    page.locator(".row-link").click()
    said = page.locator(".seg-disagree").inner_text()
    page.keyboard.press("Escape")
    assert said == "Metrics disagree: A leads by 40.0 chrF, 0.4000 COMET, B by 30.0 BLEU."
    # Against itself a system differs nowhere.
    page.get_by_label("System B").select_option(label="Alpha MT")
    assert "metrics disagree (0)" in show.locator("option").all_inner_texts()


def test_one_metric_cannot_disagree(opened) -> None:
    made = normal_run()
    (pair,) = made.pairs
    systems = [system(pair.corpus, name, base, ("chrf",)) for name, base in (("alpha", 0.8), ("beta", 0.6))]
    page = opened(replace(made, pairs=(pair_result(pair.corpus, systems, ("chrf",)),)))
    assert page.get_by_label("Show").locator('option[value="disagree"]').count() == 0


def test_spans_that_overlap_are_all_shown_and_the_worst_gives_the_look(opened) -> None:
    made = normal_run()
    (pair,) = made.pairs
    place = next(index for index, one in enumerate(pair.systems) if one.name == "alpha")
    table = pair.systems[place].tables["comet"]
    text = "\U0001f600 wrong word here"  # an emoji: two units of the script, one character
    spans = (ErrorSpan(2, 12, "minor", 0.5), ErrorSpan(8, 12, "critical", 0.9), ErrorSpan(10, 17, "major", 0.75))
    lost = ErrorSpan(0, 3, "major", side="source", category="accuracy/omission")
    outcomes = (Translated(text), *pair.systems[place].outcomes[1:])
    flags = ((Flag("number", (2, 7), "a number", 0.9),), *[()] * (len(outcomes) - 1))
    wrong = replace(
        pair.systems[place],
        tables={"comet": replace(table, spans={0: (*spans, lost)})},
        outcomes=outcomes,
        flags=flags,
    )
    systems = (*pair.systems[:place], wrong, *pair.systems[place + 1 :])
    page = opened(replace(made, pairs=(replace(pair, systems=systems),)), segments_link("de-en", at="article-1:1"))
    page.locator(".explorer-more summary").click()
    page.get_by_label("Highlight").select_option("spans")
    marks = page.locator(".seg-output", has_text="wrong word here").locator("mark")
    found = marks.evaluate_all("marks => marks.map((mark) => [mark.textContent, mark.className, mark.title])")
    assert found == [
        ["wrong", "span-minor", "COMET: minor, 50 %; number: a number"],
        [" ", "span-minor", "COMET: minor, 50 %"],
        ["wo", "span-critical", "COMET: critical, 90 %; COMET: minor, 50 %"],
        ["rd", "span-critical", "COMET: critical, 90 %; COMET: major, 75 %; COMET: minor, 50 %"],
        [" here", "span-major", "COMET: major, 75 %"],
    ]
    assert page.locator(".seg-output .seg-text").filter(has_text="wrong word").inner_text() == text
    source = page.locator(".seg-source mark")
    assert source.evaluate_all("marks => marks.map((mark) => [mark.textContent, mark.className, mark.title])") == [
        [pair.corpus.segments[0].source[:3], "span-major", "Alpha MT: COMET: major, 100 %"]
    ]
    lines = marks.evaluate_all("marks => marks.map((mark) => getComputedStyle(mark).textDecorationStyle)")
    assert lines == ["dotted", "dotted", "double", "double", "wavy"]


@pytest.mark.parametrize(
    ("target", "words", "side"),
    [
        ("ar", "مرحبا بالعالم", "right"),
        ("he", "שלום עולם", "right"),
        ("zh", "你好世界", "left"),
        ("ja", "こんにちは世界", "left"),
    ],
    ids=["ar", "he", "zh", "ja"],
)
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts-on", "scripts-off"])
def test_texts_stand_on_their_side_in_their_language(  # type: ignore[no-untyped-def]
    browser, tmp_path: Path, target: str, words: str, side: str, scripts: bool
) -> None:
    pair = LangPair("en", target)
    texts = Corpus(pair, (article(pair, "a", [("Hello world", (words,)), ("Again", (words,))]),))
    outcomes = [Translated(f"{words} 1"), Translated("left in English")]
    file = tmp_path / "report.html"
    file.write_bytes(
        HtmlReport().render(analyse(run(pair_result(texts, [system(texts, "a", 0.5, outcomes=outcomes)]))))
    )
    with browser.new_context(java_script_enabled=scripts, viewport={"width": 1280, "height": 900}) as context:
        page = context.new_page()
        page.goto(file.as_uri())
        if scripts:
            page.locator(".explorer").scroll_into_view_if_needed()
            page.locator(".row-link").first.wait_for()
        else:
            page.locator("details.segments > summary").click()
        outputs = page.locator(".matrix-table td:nth-child(4) .seg-text" if scripts else ".segments td[lang]")
        place = outputs.filter(has_text=f"{words} 1")
        assert place.get_attribute("lang") == target
        look = place.evaluate("(node) => [getComputedStyle(node).direction, getComputedStyle(node).unicodeBidi]")
        assert look == ["rtl" if side == "right" else "ltr", "isolate"]
        # An answer in the wrong script runs its own way.
        assert (
            outputs.filter(has_text="left in English").evaluate("(node) => getComputedStyle(node).direction") == "ltr"
        )


def test_a_phone_breaks_no_name_into_letters(browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_bytes(HtmlReport().render(analyse(normal_run())))
    with browser.new_context(viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        page.goto(file.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        cells = "cells => cells.filter((c) => c.offsetWidth).map((c) => [c.textContent, c.clientWidth])"
        widths = page.locator(".scroll th:first-child:not(.rank), .board tbody th").evaluate_all(cells)
        assert len(widths) > 20
        assert [found for found in widths if found[1] < 80] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


CHARTS = """() => {
    const wrong = [];
    let texts = 0;
    for (const picture of document.querySelectorAll("figure .picture")) {
        const drawings = [...picture.querySelectorAll("svg")].filter((svg) => svg.checkVisibility());
        if (drawings.length !== 1) wrong.push(`${drawings.length} drawings`);
        const svg = drawings[0];
        if (svg.getBoundingClientRect().right > innerWidth) wrong.push("wider than the window");
        const room = svg.getBoundingClientRect();
        const all = (selector) => [...svg.querySelectorAll(selector)];
        const placed = (selector) => all(selector).map((node) => [node, node.getBoundingClientRect()]);
        for (const [node, box] of placed("text").filter(([, box]) => box.width)) {
            texts += 1;
            const inside = box.left >= room.left && box.right <= room.right && box.bottom <= room.bottom;
            if (!inside) wrong.push(`cut: ${node.textContent}`);
        }
        for (const [node, word] of placed(".role-legend-label text"))
            for (const [, symbol] of placed(".role-legend-symbol path"))
                if (word.left < symbol.left && word.right > symbol.left - 4
                    && word.top < symbol.bottom && symbol.top < word.bottom)
                    wrong.push(`touches the next: ${node.textContent}`);
    }
    return [texts, wrong];
}"""


def test_charts_have_room_for_a_font_wider_than_the_measured_one(opened) -> None:
    made = normal_run()
    (pair,) = made.pairs
    systems = tuple(replace(one, label=f"A system whose name goes on and on, {one.label}") for one in pair.systems)
    page = opened(replace(made, pairs=(replace(pair, systems=systems),)))
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        texts, wrong = page.evaluate(CHARTS)
        assert texts > 10
        assert wrong == []


def test_the_script_rounds_as_python_does(browser) -> None:
    values = [0.25, 12.25, 12.35, 0.05, -0.04, 99.96, 9.996, 0.0123456, 123.5, 124.5, 0.00005, 1e-7, 0.0, -3.14159]
    values += [number / 64 for number in range(-200, 200)] + [math.exp(number / 7) for number in range(-60, 60)]
    script = files("harness.reports.html").joinpath("assets", "numbers.js").read_text(encoding="utf-8")
    with browser.new_context() as context:
        page = context.new_page()
        page.add_script_tag(content=script)
        for digits in (0, 1, 2, 4, "significant"):
            ask = (
                "([digits, values]) => values.map((value) => [scoreText(digits, value), differenceText(digits, value)])"
            )
            for value, (score, difference) in zip(values, page.evaluate(ask, [digits, values]), strict=True):
                assert score == format_score(digits, value), value
                assert difference.removeprefix("+") == format_difference(digits, value), value


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
    closed = page.locator("details:not([open])")
    assert closed.count() >= 2
    assert not any(one.is_visible() for one in closed.all())
    assert page.pdf().startswith(b"%PDF")


def test_the_best_value_shows_without_colour_and_in_the_dark(browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_bytes(HtmlReport().render(analyse(normal_run())))
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
