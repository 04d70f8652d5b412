"""Whether the same systems were compared again and again on more and more of the same articles, by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.store.files import open_regular
from harness.store.runs.heads import list_runs
from harness.store.runs.looks import SETTING
from harness.store.runs.result import PairResult
from harness.types import Note, Reason

MOST_READ = 20
"""Of the runs made last; those before are no longer in anybody's mind."""

LARGEST = 8 << 20
"""Bytes of a ``run.json`` that is read for this; larger ones would take longer than the answer is worth."""

FEWEST_ARTICLES = 6
"""With fewer no run has a verdict, so it was no look: a trial, as a rule."""

FEWEST_LOOKS = 2
"""One smaller run before is no habit."""


def with_looks_by_hand(pairs: Sequence[PairResult], runs: Path) -> list[PairResult]:
    """The pairs of a run that is about to be kept, with a note on each that was looked at before on fewer articles."""
    kept = list(_kept(runs))
    return [_noted(pair, sum(_is_look(entry, pair) for entries in kept for entry in entries)) for pair in pairs]


def _noted(pair: PairResult, looks: int) -> PairResult:
    if looks < FEWEST_LOOKS:
        return pair
    return replace(pair, notes=(*pair.notes, Note(str(pair.pair), Reason("noted.looked", {"n": looks}))))


def _kept(runs: Path) -> Iterator[list[dict[str, Any]]]:
    """The pairs of ordinary runs, as their files have them; files that cannot be read are no looks."""
    for folder in list_runs(runs)[-MOST_READ:]:
        try:
            with open_regular(folder / "run.json") as stream:
                text = stream.read(LARGEST + 1)
            data = json.loads(text) if len(text) <= LARGEST else {}
            if not data.get("settings", {}).get(SETTING):
                yield list(data.get("pairs", []))
        except (OSError, ValueError, RecursionError, AttributeError, TypeError):
            continue


def _is_look(entry: dict[str, Any], pair: PairResult) -> bool:
    """Whether a kept pair has two systems of this one, on some of its articles."""
    try:
        if (entry["source"], entry["target"]) != (pair.pair.source, pair.pair.target):
            return False
        articles = {item["id"] for item in entry["articles"]}
        systems = {item["name"] for item in entry["systems"]}
    except (KeyError, TypeError):
        return False
    common = systems & {system.name for system in pair.systems}
    smaller = articles < {article.id for article in pair.corpus.articles}
    return smaller and len(articles) >= FEWEST_ARTICLES and len(common) > 1
