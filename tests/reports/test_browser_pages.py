"""The page of several runs and the list of all runs in a real browser: dark, on a phone, and read aloud."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.analysis import analyse_several
from harness.cli.server import ViewServer
from harness.reports.formats.history_formats import render_html
from harness.reports.model.history import build_history
from harness.store.runs.result import Run
from tests.kept import write_run

from .build import hostile_run, normal_run
from .test_formats import two_pairs
from .test_html_browser import SERIOUS, browser

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE, DESK = (390, 844), (1280, 900)


def runs() -> list[Run]:
    """Four runs, the second and third of which have text that tries to break out."""
    dates = [f"2026-11-2{number}T04:00:00Z" for number in range(4)]
    made = [normal_run(), hostile_run(), replace(hostile_run(), id="<b>|x"), two_pairs()]
    return [
        replace(one, id=f"2026112{place}T0400-{place:06}", created=date)
        for place, (one, date) in enumerate(zip(made, dates, strict=True))
    ]


@pytest.fixture
def history(tmp_path: Path) -> str:
    """The address of the page of several runs."""
    file = tmp_path / "history.html"
    file.write_bytes(render_html(build_history(analyse_several(runs()), notes=["left out: <i>a run</i>"])))
    return file.as_uri()


@pytest.fixture
def listed(tmp_path: Path) -> Iterator[str]:
    """The address of the list of all runs, one of which cannot be read."""
    for made in runs():
        write_run(made, tmp_path / "runs")
    (tmp_path / "runs" / "20261130T0000-broken").mkdir()
    (tmp_path / "runs" / "20261130T0000-broken" / "run.json").write_text("{", encoding="utf-8")
    with ViewServer(tmp_path / "runs") as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.url
        server.shutdown()
        thread.join()


@pytest.fixture(params=["history", "listed"])
def address(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


@pytest.fixture
def opened(browser, address: str) -> Iterator[Callable[..., object]]:  # type: ignore[no-untyped-def]
    """Opens the page; it may ask for nothing else, run nothing, and say nothing."""
    events: list[str] = []
    contexts = []

    def opener(size: tuple[int, int], scheme: str = "light") -> object:
        contexts.append(browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme))
        page = contexts[-1].new_page()
        page.on("console", lambda message: events.append(message.text))
        page.on("pageerror", lambda error: events.append(str(error)))
        page.on("request", lambda request: events.append(request.url))
        page.goto(address)
        return page

    yield opener
    for context in contexts:
        context.close()
    assert [event for event in events if event.rstrip("/") != address.rstrip("/") and event != "data:,"] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_serious(opened: Callable[..., object], size: tuple[int, int], scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")
    found = axe.Axe().run(opened(size, scheme)).response["violations"]
    assert [(item["id"], item["nodes"][0]["html"][:200]) for item in found if item["impact"] in SERIOUS] == []


def test_a_phone_scrolls_tables_and_not_the_page(opened: Callable[..., object]) -> None:
    page = opened(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    assert page.locator("table").first.is_visible()
    regions = page.locator(".scroll")
    assert regions.count() >= 1
    for region in regions.all():
        assert region.bounding_box()["width"] <= PHONE[0]


def test_dark_is_dark(opened: Callable[..., object]) -> None:
    look = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    brightness = {}
    for scheme in ("light", "dark"):
        colours = opened(DESK, scheme).evaluate(look)
        brightness[scheme] = [sum(map(int, colour[4:-1].split(","))) for colour in colours]
    assert brightness["light"][0] > 700 > brightness["light"][1]
    assert brightness["dark"][0] < 120 < brightness["dark"][1]


def test_every_run_of_the_list_leads_to_its_report(browser, listed: str) -> None:  # type: ignore[no-untyped-def]
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(listed)
        links = page.locator("table a")
        assert links.all_inner_texts() == [made.id for made in reversed(runs())]
        links.last.click()
        page.get_by_role("heading", level=1).wait_for()
        assert "Alpha MT" in page.locator(".board").first.inner_text()
