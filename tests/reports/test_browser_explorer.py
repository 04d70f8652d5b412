"""The segment explorer in a real browser: searches, views, what leaves the page, and text that tries to break out."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.analysis.choice import choose, parse_choice
from harness.reports.formats.csv import safe_field
from harness.reports.html.links import segments_link
from harness.store.runs.result import Run
from harness.types import Corpus, LangPair, Translated

from .build import HOSTILE, article, hostile_run, normal_run, pair_result, run, system
from .test_html_browser import browser, opened

__all__ = ["browser", "opened"]

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def _counts(page, shown: int, of: int) -> None:  # type: ignore[no-untyped-def]
    page.wait_for_function(
        "(text) => document.querySelector('.explorer-count').textContent === text",
        arg=f"{shown:,} of {of:,} segments",
        timeout=60_000,
    )


def _words_run() -> Run:
    """Two references; texts that a search by words, by field and by pattern tells apart."""
    pair = LangPair("de", "en")
    lines = [
        ("Über die Straße", ("The US is here", "Across the street")),
        ("Der Bus", ("The bus is late", "This bus is late")),
        ("Nichts", ("trust us", "trust them")),
    ]
    texts = Corpus(pair, (article(pair, "a", lines, "Title"),))
    counted = {"fuzzy_matches": 1, "exact_matches": 0}
    one = [Translated("Across the street now", notes=counted), Translated("This bus is late"), Translated("trust")]
    two = [Translated("The US was here"), Translated("This bus is late"), Translated("us")]
    return run(
        pair_result(
            texts, [system(texts, "one", 0.8, ("chrf",), one), system(texts, "two", 0.6, ("chrf",), two)], ("chrf",)
        )
    )


def test_words_patterns_and_fields_are_searched(opened: Callable[..., object]) -> None:
    page = opened(_words_run())
    search, how, where = (page.get_by_label(label, exact=True) for label in ("Search texts", "Search for", "Search in"))
    search.fill("us")
    _counts(page, 3, 3)
    how.select_option("word")
    _counts(page, 2, 3)  # "bus" is another word, "US" the same
    where.select_option("source")
    _counts(page, 0, 3)
    where.select_option("a")
    _counts(page, 0, 3)
    where.select_option("b")
    _counts(page, 2, 3)
    hits = page.locator("mark.hit").all_inner_texts()
    assert hits == ["US", "us"]
    where.select_option("any")
    how.select_option("regex")
    search.fill("^th(e|is) (bus|us)$|straße")
    _counts(page, 1, 3)
    assert page.locator("mark.hit").all_inner_texts() == ["Straße"]
    problem = page.get_by_role("alert")
    for pattern, said in (("(", "not a valid"), ("(?=a)", "not supported"), ("(a{99}){99}", "too large")):
        search.fill(pattern)
        _counts(page, 0, 3)
        assert said in problem.inner_text()
    search.fill("(a+)+$")
    _counts(page, 0, 3)
    assert problem.inner_text() == ""
    page.get_by_role("button", name="Reset").click()
    page.get_by_label("Show").select_option("differ")
    _counts(page, 2, 3)


def test_a_pattern_that_backtracks_does_not_hang_the_page(opened: Callable[..., object]) -> None:
    pair = LangPair("de", "en")
    texts = Corpus(pair, (article(pair, "a", [("a" * 50_000 + "b", ("x",))]),))
    page = opened(run(pair_result(texts, [system(texts, "one", 0.5, outcomes=[Translated("y")])])))
    page.get_by_label("Search for", exact=True).select_option("regex")
    page.get_by_label("Search texts").fill("(a+)+(a|aa)+c")  # the browser's own would need 2^50,000 steps
    _counts(page, 0, 1)
    page.get_by_label("Search texts").fill("(a+)+b")
    _counts(page, 1, 1)


def test_an_output_is_held_against_the_reference_that_fits_best(opened: Callable[..., object]) -> None:
    page = opened(_words_run(), segments_link("de-en", at="a:1"))
    view = page.locator(".single-view")
    names = view.locator(".seg-reference .seg-who")
    assert names.first.inner_text().startswith("Reference 1 – fits best: two")
    assert names.last.inner_text().startswith("Reference 2 – fits best: one")
    marks = view.locator(".seg-output mark.differs").all_inner_texts()
    assert marks == ["now", "was"]
    assert "against Reference 2" in view.locator(".seg-output").first.inner_text()
    # What the engine counted stands below the output, and is no flag.
    assert view.locator(".seg-counted").all_inner_texts() == ["fuzzy matches 1"]
    assert view.locator(".seg-flags").count() == 0


def test_a_link_that_asks_for_what_is_not_there_says_so(opened: Callable[..., object]) -> None:
    page = opened(normal_run(), segments_link("de-en", a=7, kind="<b>", article=1))
    _counts(page, 4, 12)
    assert (
        page.get_by_role("alert")
        .inner_text()
        .startswith("The link asks for what this report does not have: a=7, kind=<b>")
    )


def test_pages_and_columns(opened: Callable[..., object]) -> None:
    pair = LangPair("de", "en")
    texts = Corpus(pair, (article(pair, "a", [(f"Quelle {number}", ("x",)) for number in range(45)]),))
    page = opened(run(pair_result(texts, [system(texts, name, 0.5) for name in ("one", "two", "three", "four")])))
    assert page.locator(".row-link").count() == 20
    for _ in range(2):
        page.get_by_role("button", name="Next").click()
    assert page.locator(".row-link").count() == 5
    assert page.get_by_text("Page 3 of 3", exact=True).is_visible()
    assert page.get_by_role("button", name="Next").is_disabled()
    assert "page=3" in page.url
    page.locator(".explorer-more summary").click()
    headings = page.locator(".matrix-table thead th")
    assert len(headings.all_inner_texts()) == 5
    page.get_by_label("four", exact=True).check()
    page.get_by_label("Reference", exact=True).uncheck()
    assert [text.split()[0] for text in headings.all_inner_texts()] == ["Segment", "Source", "one", "two", "four"]
    page.locator(".row-link").first.click()
    outputs = page.locator(".single-view > .seg-output")
    assert outputs.count() == 2
    page.get_by_text("Other systems (2)").click()
    page.locator(".seg-others .seg-output").nth(1).wait_for()  # the browser says that it is open a little later
    assert page.locator(".seg-others .seg-output").count() == 2
    boxes = page.evaluate(
        """() => [...document.querySelectorAll('.explorer *')].filter((node) =>
            /auto|scroll/.test(getComputedStyle(node).overflowY) && node.scrollHeight > node.clientHeight + 2
            && node.tagName !== 'TEXTAREA').map((node) => node.className)"""
    )
    assert boxes == []


def _saved(page, button: str) -> tuple[str, str]:  # type: ignore[no-untyped-def]
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_text(encoding="utf-8")


def test_the_segments_leave_as_a_table_and_as_a_list_that_export_takes(
    opened: Callable[..., object], tmp_path: Path
) -> None:
    made = hostile_run()
    page = opened(made)
    page.get_by_label("Article", exact=True).select_option("1")
    total = len(made.pairs[0].corpus.segments)
    _counts(page, len(HOSTILE), total)
    page.locator(".handout summary").click()
    name, table = _saved(page, "Table of these segments (CSV)")
    assert name == "segments-en-ar.csv"
    rows = list(csv.reader(table.splitlines()))
    assert rows[0][:5] == ["article", "segment", "source", "reference 1", "reference 2"]
    assert [row[2] for row in rows[1:]] == [safe_field(text) for text in HOSTILE]
    assert {len(row) for row in rows} == {len(rows[0])}
    name, text = _saved(page, "List of these segments")
    (tmp_path / name).write_text(text, encoding="utf-8")
    command = page.locator(".handout-command code").inner_text()
    assert command == f'harness export {made.id} --pair en-ar --to pearmut --which "list {name}"'
    chosen = choose(made.pairs[0], parse_choice(f"list {tmp_path / name}", None, 0))
    assert [row for row, taken in enumerate(chosen) if taken] == list(range(len(HOSTILE), 2 * len(HOSTILE)))


def test_notes_are_kept_saved_and_loaded_into_the_same_report_only(
    opened: Callable[..., object], tmp_path: Path
) -> None:
    made = normal_run()
    page = opened(made, segments_link("de-en", at="article-1:3"))
    page.get_by_label("Your note on this segment").fill("<b>Look\u202e</b>")
    page.reload()
    field = page.get_by_label("Your note on this segment")
    field.wait_for()
    assert field.input_value() == "<b>Look\u202e</b>"
    page.get_by_role("button", name="Back to the list").click()
    assert page.locator(".row-noted").count() == 1
    page.get_by_label("Show").select_option("noted")
    _counts(page, 1, 12)
    page.locator(".handout summary").click()
    name, text = _saved(page, "Download notes")
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    assert json.loads(text)["notes"] == [{"segment": "article-1:3", "note": "<b>Look\u202e</b>"}]
    page.evaluate("localStorage.clear()")
    page.reload()
    _counts(page, 0, 12)
    page.locator(".handout summary").click()
    page.get_by_label("Load notes…").set_input_files(file)
    _counts(page, 1, 12)
    said = page.locator(".handout [role=status]")
    assert said.inner_text() == "Notes loaded: 1."
    other = opened(replace(made, id="20991231T0000-other"))
    other.locator(".handout summary").click()
    other.get_by_label("Load notes…").set_input_files(file)
    said = other.locator(".handout [role=status]")
    said.get_by_text("belong to another report").wait_for()
    file.write_text("[]", encoding="utf-8")
    other.get_by_label("Load notes…").set_input_files(file)
    said.get_by_text("not a file of notes").wait_for()


def test_hostile_text_stays_text_under_a_pattern(opened: Callable[..., object]) -> None:
    page = opened(hostile_run())
    page.get_by_label("Search for", exact=True).select_option("regex")
    page.get_by_label("Search texts").fill("<[^>]*>|[\u202e\u2028]|\\p{Script=Arabic}+")
    page.locator("mark.hit").first.wait_for()
    hits = page.locator("mark.hit").all_inner_texts()
    assert {"<script>", "</script>", "⟨U+202E⟩", "⟨U+2028⟩"} <= set(hits)
    assert page.locator(".explorer script, .explorer img, .explorer b > script").count() == 0
    assert page.evaluate("new URLSearchParams(location.hash.slice(1)).get('q')").startswith("<[^>]*>")
