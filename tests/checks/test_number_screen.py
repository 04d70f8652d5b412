"""The screen of numbers settles nothing that the check would flag, and most of what it would not."""

from __future__ import annotations

import random

import numpy as np
import pytest

from harness.checks.interface import CheckContext, Item
from harness.checks.length_model import learn_lengths
from harness.checks.number import check_number
from harness.checks.screen import Batch
from harness.types import LangPair

PIECES = (
    "12", "34", "345", "7", "07", "0", "00", "9" * 15, "9" * 16, "9" * 29, "٣", "१२", "²", "3", " ", " ", "  ", ".",
    ",", "’", "'", "،", "\u00a0", "\u202f", ":", "-", "–", " - ", "/", "@", "#", " @a", " #b",
    "x", "_", "%", "%d", "% d", "{",
    "}", "{0}", "<b>", "<", "www.", " www.a/", "http://", "万", "百", "多", "千", "°C", " °F", "mi", " am", "\n",
)  # fmt: skip
PAIRS = ("en-de", "de-en", "en-zh", "ja-en", "en-ko", "en-ar", "en-my", "en-hi")


def _items(rng: random.Random) -> list[Item]:
    items = []
    for _ in range(1200):
        source, other = ("".join(rng.choices(PIECES, k=rng.randrange(1, 8))) for _ in range(2))
        parts = source.split(" ")
        shuffled = " ".join(rng.sample(parts, len(parts)))
        text = rng.choice((source, shuffled, source[::-1], f"{source} {other}", source.replace("@", ""), other))
        items.append(Item(source, text, rng.choice(((), (other,), (source, other)))))
    return items


@pytest.mark.parametrize("name", PAIRS)
def test_what_is_settled_has_no_flag(name: str) -> None:
    context = CheckContext(LangPair(*name.split("-")), {}, learn_lengths([("a" * 10, "a" * 10)] * 60))
    items = _items(random.Random(name))
    selected = check_number.screen(Batch(items), context)
    flagged = np.array([bool([*check_number.check(item, context)]) for item in items])
    assert flagged.sum() > 50
    assert not (flagged & ~selected).any()


def test_equal_figures_that_stand_for_themselves_are_settled() -> None:
    context = CheckContext(LangPair("en", "cs"), {}, learn_lengths([]))
    settled = {
        "12 of 1995": "1995, z toho 12 a zase 12",
        "@user12 has 3%": "@user12 má 3 %",
        "www.x.cz has 5": "www.x.cz má 5",
        "in 2024.": "roku 2024",
        "no figure": "nic",
    }
    left = {
        "1995-98": "1995-98",
        "1,234": "1,234",
        "at 16:00": "v 16:00",
        "07": "7",
        "12": "21",
        "www.x.cz/5": "www.x.cz/5",
    }
    items = [Item(source, text, ()) for source, text in {**settled, **left}.items()]
    assert check_number.screen(Batch(items), context).tolist() == [False] * len(settled) + [True] * len(left)
