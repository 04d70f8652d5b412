"""What people are shown: which articles, by whom, under which letters, and nothing that names a system."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from harness.api.rating import Budget, write_campaign
from harness.api.rating.checks import damage
from harness.api.rating.sharing import count_articles, count_shared, share_out
from harness.errors import UsageError
from harness.types import ArticleId, Failed

from .conftest import ARTICLES, LINES, SYSTEMS, Scene, manifest_of

TWO = ("rater-1", "rater-2")


@pytest.mark.parametrize(
    ("budget", "available", "count"),
    [
        (Budget(("a",)), 8, 8),
        (Budget(("a",)), 24, 10),
        (Budget(("a",)), 100, 25),
        (Budget(("a",), articles=7), 100, 7),
        (Budget(("a",), articles=7), 3, 3),
        (Budget(("a",), hours=2, articles_per_hour=4.5), 100, 9),
        # 9 each: 6 that both rate, and 3 of their own.
        (Budget(TWO, hours=2, articles_per_hour=4.5), 100, 12),
        (Budget(TWO, hours=10, articles_per_hour=5, shared=0.25), 1000, 80),
        (Budget(TWO, hours=10, articles_per_hour=5, shared=1), 1000, 50),
        (Budget(TWO, hours=10, articles_per_hour=5, shared=0), 1000, 100),
    ],
)
def test_the_budget_says_how_many_articles(budget: Budget, available: int, count: int) -> None:
    assert count_articles(budget, [3] * available) == count
    articles = [ArticleId(f"a{number}") for number in range(count)]
    parts = share_out(budget, articles, seed=3)
    assert set().union(*parts.values()) == set(articles)
    often = Counter(article for part in parts.values() for article in part)
    shared = count_shared(budget, count)
    assert Counter(often.values())[len(budget.raters)] == (shared if len(budget.raters) > 1 else count)
    if budget.hours is not None and budget.articles_per_hour is not None:
        assert max(map(len, parts.values())) <= budget.hours * budget.articles_per_hour
    assert parts == share_out(budget, articles, seed=3)


def test_a_usual_campaign_is_a_quarter_of_the_text_in_whole_articles() -> None:
    short_first = [1] * 30 + [10] * 3  # 60 segments
    assert count_articles(Budget(("a",)), short_first) == 15
    assert count_articles(Budget(("a",)), short_first[::-1]) == 10  # more than a quarter, but 10 articles


def test_a_budget_that_says_two_things_or_half_a_thing_is_refused() -> None:
    for budget, said in (
        (Budget(("a",), articles=3, hours=1), "--articles says how many"),
        (Budget(("a",), hours=1), "go together"),
        (Budget(("a",), hours=0.1, articles_per_hour=2), "not even one article"),
    ):
        with pytest.raises(UsageError, match=said):
            count_articles(budget, [3] * 10)


def test_everybody_sees_every_segment_of_their_articles_under_letters_of_their_own(
    scene: Scene, tmp_path: Path
) -> None:
    campaign = write_campaign(scene.run, Budget(TWO), tmp_path / "c")
    items = manifest_of(campaign.folder)["items"]
    assert campaign.segments == dict.fromkeys(TWO, ARTICLES * LINES)
    orders = set()
    for rater in TWO:
        ids = [item["id"] for item in items[rater]]
        assert sorted(ids) == sorted(f"article-{a}:{n}" for a in range(ARTICLES) for n in range(1, LINES + 1))
        for first in range(0, len(ids), LINES):  # an article in one piece, in its order
            assert [name.rpartition(":")[2] for name in ids[first : first + LINES]] == list("12345")
        for item in items[rater]:
            assert sorted(name for names in item["key"].values() for name in names) == sorted(SYSTEMS)
            orders.add(tuple(item["key"][letter][0] for letter in sorted(item["key"])))
    assert len(orders) == 6
    assert items[TWO[0]] != items[TWO[1]]
    again = write_campaign(scene.run, Budget(TWO), tmp_path / "again")
    assert manifest_of(again.folder) == manifest_of(campaign.folder)


def test_attention_checks_are_damaged_copies_beside_the_original(scene: Scene, tmp_path: Path) -> None:
    campaign = write_campaign(scene.run, Budget(TWO), tmp_path / "c")
    for items in manifest_of(campaign.folder)["items"].values():
        checked = [item for item in items if "check" in item]
        assert len(checked) == 8
        for item in checked:
            copy, original = (item["texts"][item["check"][name]] for name in ("letter", "of"))
            assert item["check"]["letter"] not in item["key"]
            assert copy != original
            assert copy.split()[:3] == original.split()[:3]
            assert copy.split()[-3:] == original.split()[-3:]
            assert len(copy.split()) == len(original.split())
    assert damage("eins zwei drei vier fünf sechs sieben acht", "a b") == "eins zwei a b a b sieben acht"
    assert damage("一二三四五六七八", "甲乙丙") == "一二甲乙丙甲七八"


def test_equal_texts_are_shown_once(scene: Scene, tmp_path: Path) -> None:
    (result,) = scene.run.pairs
    twins = tuple(
        replace(system, outcomes=result.systems[0].outcomes) if system.name == "free" else system
        for system in result.systems
    )
    run = replace(scene.run, pairs=(replace(result, systems=twins),))
    campaign = write_campaign(run, Budget(("a",)), tmp_path / "c")
    for item in manifest_of(campaign.folder)["items"]["a"]:
        assert sorted(map(sorted, item["key"].values())) == [["free", "literal"], ["poor"]]


def test_a_system_without_all_translations_is_not_shown(scene: Scene, tmp_path: Path) -> None:
    (result,) = scene.run.pairs
    lacking = tuple(
        replace(system, outcomes=(Failed("time-out"), *system.outcomes[1:])) if system.name == "poor" else system
        for system in result.systems
    )
    run = replace(scene.run, pairs=(replace(result, systems=lacking),))
    campaign = write_campaign(run, Budget(("a",)), tmp_path / "c")
    assert campaign.incomplete == ("poor",)
    items = manifest_of(campaign.folder)["items"]["a"]
    assert {name for item in items for names in item["key"].values() for name in names} == {"free", "literal"}


def test_a_part_is_chosen_or_drawn_and_the_campaign_says_which(scene: Scene, tmp_path: Path) -> None:
    chosen = write_campaign(scene.run, Budget(("a",), articles=2), tmp_path / "chosen")
    drawn = write_campaign(scene.run, Budget(("a",), articles=2), tmp_path / "drawn", at_random=True)
    whole = write_campaign(scene.run, Budget(("a",), articles=9), tmp_path / "whole")
    assert [manifest_of(item.folder)["chosen"] for item in (chosen, drawn, whole)] == [True, False, False]
    assert (chosen.articles, chosen.of, whole.articles) == (2, ARTICLES, ARTICLES)
    assert (chosen.enough, whole.enough) == (False, True)


def test_what_cannot_be_rated_is_refused(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for budget, folder, systems, said in (
        (Budget(("../a",)), "x", (), "not a name"),
        (Budget(("a", "A")), "x", (), "the same name"),
        (Budget(("a",)), "there", (), "already there"),
        (Budget(("a",)), "x", ("free",), "1 system to rate"),
        (Budget(("a", "b", "c"), articles=2, shared=0), "x", (), "3 raters, but only 2 articles"),
    ):
        with pytest.raises(UsageError, match=said):
            write_campaign(scene.run, budget, tmp_path / folder, systems=systems)
    assert not (tmp_path / "x").exists()
