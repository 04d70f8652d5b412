"""How far the articles of a campaign have gone out to raters: its order, its looks, and what they showed.

Kept in ``looks.json`` beside the description of the campaign, which without it hands out everything at once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.analysis.sequential import plan_looks
from harness.errors import DataError
from harness.metrics.scores.foreign.campaign import HINT
from harness.store.files import open_regular, write_atomically
from harness.store.runs.looks import SETTING, Looks, looks_of, looks_setting
from harness.store.runs.result import PairResult
from harness.types import ArticleId, LangPair

FILE = "looks.json"


@dataclass(frozen=True, slots=True)
class LookSteps:
    """What is wanted of the looks."""

    every: int = 0
    """Articles between two; 0 for an eighth of all."""
    margin: float = 0.0
    """Systems that are shown to be closer are equally good; 0: none are."""


@dataclass(frozen=True, slots=True)
class Handout:
    """The articles of a campaign that come in looks."""

    pair: LangPair
    order: tuple[ArticleId, ...]
    looks: Looks
    """Those that were made, and how it ended; ``open`` while articles still go out."""

    @property
    def articles(self) -> frozenset[ArticleId]:
        """That raters are shown."""
        looks = self.looks
        return frozenset(self.order[: looks.counts[len(looks.made) - (looks.end != "open")]])

    @property
    def judged(self) -> frozenset[ArticleId]:
        """That the last look was at; none before the first."""
        made = self.looks.made
        return frozenset(self.order[: made[-1].articles] if made else ())


def plan_handout(result: PairResult, order: Sequence[ArticleId], wanted: LookSteps) -> Handout:
    """The looks at a campaign, before anybody rates.

    Args:
        result: the systems that are rated.
        order: of the articles that may be.
        wanted: how far the looks lie apart, and what counts as equal.
    """
    plan = plan_looks(len(order), len(result.systems), every=wanted.every)
    return Handout(result.pair, tuple(order), Looks(plan.counts, plan.levels, (), "open", wanted.margin, {}))


def write_handout(folder: Path, handout: Handout) -> None:
    """Keep it, for good."""
    kept = {"pair": str(handout.pair), "order": handout.order, SETTING: looks_setting({handout.pair: handout.looks})}
    write_atomically(folder / FILE, f"{json.dumps(kept, ensure_ascii=False, indent=1)}\n".encode())


def read_handout(folder: Path, pair: LangPair) -> Handout | None:
    """How far a campaign has gone; None where everything goes out at once.

    Raises:
        DataError: what is kept is damaged.
    """
    path = folder / FILE
    try:
        with open_regular(path) as file:
            kept = json.loads(file.read())
        return _handout(kept, pair)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from error
    except (ValueError, LookupError, TypeError) as error:
        raise DataError(f"{path}: damaged: {error}", hint=HINT) from error


def _handout(kept: Any, pair: LangPair) -> Handout:
    if not isinstance(kept, dict):
        raise TypeError("not an object")
    looks = looks_of(kept, pair)
    if looks is None or looks.counts[-1] != len(kept["order"]):
        raise ValueError("not the looks of this campaign")
    return Handout(pair, tuple(ArticleId(str(article)) for article in kept["order"]), looks)
