"""Two people rate thirty segments in Chromium, one of whom closes the browser in the middle; then people decide."""

from __future__ import annotations

import threading
from pathlib import Path
from random import Random
from typing import Any

import pytest

from harness.api import decide, spoken
from harness.api.rating import Budget, take_back, write_campaign
from harness.api.rating.handout import LookSteps, read_handout
from harness.api.rating.looking import Looking
from harness.api.rating.server import RatingServer
from harness.reports.words.reasons import noted
from tests.reports.test_html_browser import SERIOUS, browser

from .conftest import ARTICLES, LIKED, LINES, Scene, build, manifest_of
from .test_rating_looks import alike, rate_all
from .test_taking_back import CHANGED

__all__ = ["browser"]

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.every_change, pytest.mark.xdist_group("browser")]

RATERS = ("anna", "ben")
SEGMENTS = ARTICLES * LINES


class Visit:
    """One person with the page open; nothing on its console and no request to anywhere else is allowed."""

    def __init__(self, browser: Any, server: RatingServer, rater: str, items: list[Any]) -> None:
        self.items = items
        self.events: list[str] = []
        self.context = browser.new_context(viewport={"width": 900, "height": 800})
        self.page = self.context.new_page()
        url = server.urls[rater]
        self.page.on("console", lambda message: self.events.append(message.text))
        self.page.on("pageerror", lambda error: self.events.append(str(error)))
        self.page.on(
            "request",
            lambda request: self.events.append(request.url) if not request.url.startswith((url, "data:")) else None,
        )
        self.page.goto(url)
        self.page.locator("#texts li, #done:not([hidden])").first.wait_for()

    def rate(self, index: int, letters: int | None = None) -> None:
        """Score the translations of the segment that is shown, and go on where all have a score."""
        item = self.items[index]
        assert f"{index + 1} / {SEGMENTS}" in self.page.locator("#title").inner_text()
        for letter in list(item["texts"])[:letters]:
            liked = LIKED[item["key"].get(letter, [""])[0]] + index % 5
            box = self.page.get_by_label(f"Score of translation {letter}, 0 to 100")
            box.fill(str(liked))
            box.press("Tab")
        self.page.get_by_text("Saved.", exact=True).wait_for()
        if letters is None:
            self.page.get_by_role("button", name="Next").click()

    def close(self) -> None:
        self.context.close()
        assert self.events == []


def test_two_people_rate_in_the_browser_and_change_the_decision(browser, scene: Scene, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder = write_campaign(scene.run, Budget(RATERS), tmp_path / "c").folder
    items = manifest_of(folder)["items"]
    with RatingServer(folder) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            anna = Visit(browser, server, "anna", items["anna"])
            assert "<b>&" in anna.page.locator("#source").inner_text()
            assert anna.page.locator("main b, main img, main script").count() == 0
            for index in range(12):
                anna.rate(index)
            anna.rate(12, letters=1)
            anna.close()
            assert server.progress() == {"anna": (12, SEGMENTS), "ben": (0, SEGMENTS)}

            ben = Visit(browser, server, "ben", items["ben"])
            slider = ben.page.get_by_label("Score of translation A", exact=True)
            slider.focus()
            slider.press("ArrowRight")
            ben.page.get_by_text("Saved.", exact=True).wait_for()
            assert ben.page.get_by_role("button", name="Next").is_disabled()
            for index in range(SEGMENTS):
                ben.rate(index)
            assert ben.page.locator("#done").is_visible()
            ben.close()

            anna = Visit(browser, server, "anna", items["anna"])
            first = anna.page.get_by_label("Score of translation A, 0 to 100")
            assert first.input_value() != ""
            for index in range(12, SEGMENTS):
                anna.rate(index)
            anna.page.get_by_role("button", name="Back").click()
            anna.page.get_by_label("Score of translation B, 0 to 100").wait_for()
            anna.close()
            assert server.progress() == dict.fromkeys(RATERS, (SEGMENTS, SEGMENTS))
        finally:
            server.shutdown()
            thread.join()
    run = take_back(scene.run, folder / "campaign.json", scene.runs).run
    assert spoken(decide(run)["de-en"]).cautions[0] == CHANGED
    notes = [noted(note) for note in run.pairs[0].notes if note.where == "human"]
    assert notes[1].startswith("human: 90 translations have several ratings: Krippendorff's alpha 1.00")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_the_page_fits_a_phone(  # type: ignore[no-untyped-def]
    browser, scene: Scene, tmp_path: Path, scheme: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")
    folder = write_campaign(scene.run, Budget(("anna",)), tmp_path / "c").folder
    with RatingServer(folder) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            with browser.new_context(
                viewport={"width": 360, "height": 700}, color_scheme=scheme, bypass_csp=True
            ) as context:
                page = context.new_page()
                page.goto(server.urls["anna"])
                page.locator("#texts li").first.wait_for()
                assert page.evaluate("document.documentElement.scrollWidth") <= 360
                violations = axe.Axe().run(page).response["violations"]
        finally:
            server.shutdown()
            thread.join()
    assert [(item["id"], item["nodes"][0]["html"][:200]) for item in violations if item["impact"] in SERIOUS] == []


def test_a_score_that_cannot_be_saved_is_said_and_sent_again(browser, scene: Scene, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    folder = write_campaign(scene.run, Budget(("anna",)), tmp_path / "c").folder
    items = manifest_of(folder)["items"]["anna"]
    with RatingServer(folder) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            visit = Visit(browser, server, "anna", items)
            visit.context.set_offline(True)
            for letter in items[0]["texts"]:
                visit.page.get_by_label(f"Score of translation {letter}, 0 to 100").fill("50")
            visit.page.locator("#source").click()
            visit.page.get_by_role("alert").get_by_text("Not saved").wait_for()
            assert visit.page.get_by_role("button", name="Next").is_disabled()
            visit.context.set_offline(False)
            visit.page.get_by_text("Saved.", exact=True).wait_for()
            assert server.progress() == {"anna": (1, SEGMENTS)}
            visit.events.clear()  # what Chromium says of a network that is not there
            visit.close()
        finally:
            server.shutdown()
            thread.join()


def test_the_page_waits_for_others_and_goes_on_with_the_next_look(browser, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    long = build(tmp_path, articles=24, lines=1)
    folder, draw = (
        write_campaign(long.run, Budget(RATERS, shared=0), tmp_path / "c", looks=LookSteps()).folder,
        Random(1),
    )
    handout = read_handout(folder, long.run.pairs[0].pair)
    assert handout is not None
    with RatingServer(folder, looking=Looking(long.run, folder, handout, print)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            rate_all(server, "anna", alike, draw)
            visit = Visit(browser, server, "anna", [])
            visit.page.get_by_role("button", name="Next").wait_for()
            visit.page.get_by_text("That was all for now.").wait_for()
            rate_all(server, "ben", alike, draw)
            server.look()
            visit.page.get_by_role("heading", name="7 / 9").wait_for(timeout=10_000)
            visit.close()
        finally:
            server.shutdown()
            thread.join()
