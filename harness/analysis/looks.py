"""Where to look first: the segments that could change somebody's mind about the system that is recommended.

Each look is a list of segments as the explorer shows them, and the one that stands first in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from harness.analysis.decision.recommendation import NoDecision
from harness.analysis.decision.severe_flags import SEVERE
from harness.analysis.health import Mark
from harness.store.runs.frame import segment_values
from harness.types import Missing, SystemName

if TYPE_CHECKING:
    from harness.analysis.pair import PairAnalysis

MOST = 3

NOTHING = Mark("")


@dataclass(frozen=True, slots=True)
class Look:
    """A list of segments."""

    kind: Literal["behind", "flagged", "weakest"]
    """Where another system does better; what was flagged; the article with the lowest score."""
    system: SystemName
    """The system in question."""
    other: SystemName
    """The system it is compared with; itself where there is none."""
    row: int
    """The first of the list."""
    segments: int
    """How many are in it."""
    mark: Mark = NOTHING
    """Of what was flagged."""
    article: int = -1
    """Position of the weakest."""
    score: float = float("nan")
    """Of the weakest article."""


def system_in_question(pair: PairAnalysis) -> SystemName | None:
    """The recommended system, else the one with the highest score; None where nothing is compared."""
    chosen = pair.one_for_all.recommendation
    if not isinstance(chosen, NoDecision):
        return chosen
    return pair.one_for_all.facts[0].system if pair.one_for_all.facts else None


def next_best(pair: PairAnalysis, system: SystemName) -> SystemName | None:
    """The best of the others that does not say the same in every segment; None where there is none."""
    if isinstance(pair.lead, Missing):
        return None
    known = {facts.system for facts in pair.one_for_all.facts}
    others = [name for name in pair.lead.evidence.ranking if name != system and name in known]
    return next((name for name in others if not pair.same(system, name)), None)


def looks_of(pair: PairAnalysis) -> tuple[Look, ...]:
    """At most :data:`MOST` lists: where the next best is better, the gravest flag, the weakest article."""
    system = system_in_question(pair)
    if system is None or pair.primary is None:
        return ()
    other = next_best(pair, system)
    made = [*_behind(pair, system, other), *_flagged(pair, system, other), *_weakest(pair, system, other)]
    return tuple(made[:MOST])


def _behind(pair: PairAnalysis, system: SystemName, other: SystemName | None) -> Iterator[Look]:
    metric = pair.primary
    if other is None or metric is None:
        return
    systems = {item.name: item for item in pair.result.systems}
    sign = 1 if pair.standing.identities[metric].higher_is_better else -1
    gap = sign * (segment_values(systems[system], metric) - segment_values(systems[other], metric))
    behind = np.flatnonzero(np.nan_to_num(gap) < 0)
    if len(behind):
        row = int(behind[np.argmin(gap[behind])])
        yield Look("behind", system, other, row, len(behind))


def _flagged(pair: PairAnalysis, system: SystemName, other: SystemName | None) -> Iterator[Look]:
    rows: dict[Mark, list[int]] = {}
    for row, marks in pair.marks[system].items():
        for mark in marks:
            rows.setdefault(mark, []).append(row)
    grave = {name.replace("_", " "): place for place, name in enumerate(("failed", "refused", *SEVERE))}
    order = sorted(rows, key=lambda mark: (grave.get(mark.kind, len(grave)), -len(rows[mark]), mark.kind))
    for mark in order[:1]:
        yield Look("flagged", system, other or system, rows[mark][0], len(rows[mark]), mark=mark)


def _weakest(pair: PairAnalysis, system: SystemName, other: SystemName | None) -> Iterator[Look]:
    articles = pair.result.corpus.articles
    if len(articles) < 2 or not pair.worst_articles_by[system]:
        return
    index, score = pair.worst_articles_by[system][0]
    start = sum(len(article.segments) for article in articles[:index])
    within = range(start, start + len(articles[index].segments))
    row = next((row for row, _ in pair.worst_segments_by[system] if row in within), start)
    yield Look("weakest", system, other or system, row, len(within), article=index, score=score)
