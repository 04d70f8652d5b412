"""Articles go out to raters in looks, until their ratings tell which system is best."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.analysis import analyse
from harness.api import report
from harness.api.rating import Budget, take_back, write_campaign
from harness.api.rating.handout import FILE, LookSteps, read_handout
from harness.api.rating.looking import Looking
from harness.api.rating.server import RatingServer
from harness.api.rating.sharing import share_in_looks
from harness.errors import DataError, UsageError
from harness.store.runs.directory import load_run
from harness.types import ArticleId
from tests.cli.conftest import Shell, harness

from .conftest import LIKED, Judge, Scene, attentive, build

__all__ = ["harness"]

ARTICLES = 24
TWO = ("anna", "ben")


@pytest.fixture(scope="module")
def long_scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return build(tmp_path_factory.mktemp("looks"), articles=ARTICLES, lines=1)


def begin(scene: Scene, folder: Path, budget: Budget | None = None, **looks: Any) -> Path:
    given = budget or Budget(TWO, shared=0)
    campaign = write_campaign(scene.run, given, folder / "c", looks=LookSteps(**looks), seed=2)
    assert campaign.looks[-1] == campaign.articles
    assert not campaign.chosen
    return campaign.folder


def opened(scene: Scene, folder: Path, said: Callable[[str], None] = lambda _: None) -> RatingServer:
    handout = read_handout(folder, scene.run.pairs[0].pair)
    assert handout is not None
    return RatingServer(folder, looking=Looking(scene.run, folder, handout, said))


def rate_all(server: RatingServer, rater: str, judge: Judge, draw: random.Random) -> int:
    """Score everything that is shown and not yet scored; how many segments that were."""
    done, of = server.progress()[rater]
    for index, item in list(enumerate(server.items(rater)))[done:]:
        for letter in item["texts"]:
            score = min(100, max(0, judge(*item["key"].get(letter, [""])[:1], draw)))
            server.record(rater, {"item": index, "letter": letter, "score": score})
    return of - done


def alike(system: str, draw: random.Random) -> float:
    """Nobody is better; damaged copies are worse."""
    return (LIKED[system] if system == "" else 60) + draw.randint(-8, 8)


def test_raters_stop_when_their_ratings_say_which_system_is_best(long_scene: Scene, tmp_path: Path) -> None:
    folder, said, draw = begin(long_scene, tmp_path), [], random.Random(1)
    with opened(long_scene, folder, said.append) as server:
        first = {rater: rate_all(server, rater, attentive, draw) for rater in TWO}
        assert not said
        assert server.more
        server.look()
        assert not server.more
        assert sum(first.values()) == 12  # the first look at 24 articles that can confirm anything
        assert server.task("anna")["more"] is False
    assert said == ["de-en: look 1 of 3, 12 of 24 articles: out: literal and poor; free is the best"]
    run = load_run(take_back(long_scene.run, folder / "campaign.json", tmp_path / "runs", pair="de-en").folder)
    (result,) = run.pairs
    assert result.looks is not None
    assert (result.looks.end, len(result.corpus.articles)) == ("known", 12)
    (pair,) = analyse(run).pairs
    assert pair.decision.metrics == ("human",)
    assert pair.decision.recommendation == "free"
    text = report(run, "md")
    assert "Stopped at look 1 of 3, after 12 of 24 articles: it is known which system is best." in text


def test_all_articles_go_out_where_it_stays_open_and_equal_ones_end_early(long_scene: Scene, tmp_path: Path) -> None:
    folder, said, draw = begin(long_scene, tmp_path), [], random.Random(4)
    with opened(long_scene, folder, said.append) as server:
        while server.more:
            assert sum(rate_all(server, rater, alike, draw) for rater in TWO)
            server.look()
    assert "out:" not in " ".join(said)
    handout = read_handout(folder, long_scene.run.pairs[0].pair)
    assert handout is not None
    assert handout.looks.end in ("all", "tied")
    wide = begin(long_scene, tmp_path / "margin", margin=90.0)
    with opened(long_scene, wide) as server:
        for rater in TWO:
            rate_all(server, rater, alike, draw)
        server.look()
        assert not server.more, "any difference on a scale to 100 is less"


def test_a_look_waits_for_everybody_and_is_made_once(long_scene: Scene, tmp_path: Path) -> None:
    folder, said, draw = begin(long_scene, tmp_path), [], random.Random(1)
    with opened(long_scene, folder, said.append) as server:
        rate_all(server, "anna", alike, draw)
        server.look()
        assert (said, server.more) == ([], True)
        with pytest.raises(ValueError, match="no such segment"):
            server.record("anna", {"item": len(server.items("anna")), "letter": "A", "score": 5})
    with pytest.raises(DataError, match="the first look is still to come, after 12 articles"):
        take_back(long_scene.run, folder / "campaign.json", tmp_path / "runs", pair="de-en")
    with opened(long_scene, folder) as server:  # ended before the look, which comes at the next start
        rate_all(server, "ben", alike, draw)
    with opened(long_scene, folder, said.append) as server:
        assert len(said) == 1
        assert len(server.items("anna")) == 9
        server.record("ben", {"item": 0, "letter": "A", "score": 0})
    with opened(long_scene, folder, said.append):
        assert len(said) == 1, "neither a restart nor a score that was changed looks again"
    run = load_run(take_back(long_scene.run, folder / "campaign.json", tmp_path / "runs", pair="de-en").folder)
    assert len(run.pairs[0].corpus.articles) == 12
    assert "it was not decided yet" in report(run, "md")


@pytest.mark.parametrize(
    "damaged", ["{", "[]", '{"order": [], "looks": {}}', '{"order": ["a"], "looks": {"de-en": 3}}']
)
def test_damaged_looks_are_no_looks(long_scene: Scene, tmp_path: Path, damaged: str) -> None:
    folder = begin(long_scene, tmp_path)
    (folder / FILE).write_text(damaged, encoding="utf-8")
    with pytest.raises(DataError, match=r"looks\.json: damaged"):
        read_handout(folder, long_scene.run.pairs[0].pair)


def test_what_all_rate_is_spread_over_the_looks() -> None:
    order = [ArticleId(f"a{number}") for number in range(48)]
    parts = share_in_looks(Budget(TWO, shared=0.25), order, (16, 24, 32, 48), seed=5)
    both = set(parts["anna"]) & set(parts["ben"])
    assert len(both) == 12
    assert set().union(*parts.values()) == set(order)
    for first, last in ((0, 16), (16, 24), (24, 32), (32, 48)):
        look = set(order[first:last])
        assert len(both & look) == (last - first) / 4
        for articles in parts.values():
            places = [place for place, article in enumerate(articles) if article in look]
            assert places == list(range(places[0], places[-1] + 1)), "looks come one after the other"
            assert abs(len(places) - (last - first) * 5 / 8) <= 1


def test_the_command_says_when_it_looks_and_refuses_what_it_cannot_mean(
    long_scene: Scene, tmp_path: Path, harness: Shell
) -> None:
    for options, said in (
        (("--until-decided", "--choose", "disagreement"), "draws articles at random"),
        (("--until-decided", "--with", "xlsx"), "only the page hands out articles in looks"),
        (("--look-every", 8), "--look-every needs --until-decided"),
        (("--equal-within", 2), "--equal-within needs --until-decided"),
    ):
        done = harness("rate", "-C", long_scene.root, "-o", tmp_path / "no", *options)
        assert (done.code, said in done.err) == (2, True), done.err
        assert not (tmp_path / "no").exists()
    with pytest.raises(UsageError, match="only the page"):
        write_campaign(long_scene.run, Budget(TWO), tmp_path / "no", tool="pearmut", looks=LookSteps())


def test_what_is_kept_says_how_far_it_went(long_scene: Scene, tmp_path: Path) -> None:
    folder = begin(long_scene, tmp_path, Budget(TWO, articles=20), every=6)
    kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
    assert len(kept["order"]) == 20
    assert kept["looks"]["de-en"]["end"] == "open"
    assert kept["looks"]["de-en"]["articles"] == [12, 20]
