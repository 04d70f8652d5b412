"""What a metric is given, hypothesis by hypothesis, and what it says of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from harness.types import ArticleId, MetricIdentity, Outcome

Rows = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

Side = Literal["hypothesis", "source"]


@dataclass(frozen=True, slots=True)
class Document:
    """An article as one system translated it; every sequence has one entry for each of its segments, in order."""

    article: ArticleId
    sources: tuple[str, ...]
    references: tuple[tuple[str, ...], ...]
    outcomes: tuple[Outcome, ...]
    """Segments without a translation are here too."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A segment beside the one that is scored."""

    source: str
    references: tuple[str, ...]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Place:
    """Where a hypothesis stands."""

    document: Document
    """One object for all items of a system and an article."""
    index: int
    """Position of the segment in ``document``, from 0."""

    def before(self, most: int) -> tuple[Neighbour, ...]:
        """Up to ``most`` segments before it, nearest last."""
        return self._neighbours(max(0, self.index - most), self.index)

    def after(self, most: int) -> tuple[Neighbour, ...]:
        """Up to ``most`` segments after it, nearest first."""
        return self._neighbours(self.index + 1, self.index + 1 + most)

    def _neighbours(self, start: int, stop: int) -> tuple[Neighbour, ...]:
        document = self.document
        parts = (document.sources, document.references, document.outcomes)
        rows = zip(*(part[start:stop] for part in parts), strict=True)
        return tuple(Neighbour(*row) for row in rows)


ALONE = Place(Document(ArticleId(""), (), (), ()), 0)
"""Of an item that belongs to no article: it has no neighbours."""


@dataclass(frozen=True, slots=True)
class ScoringItem:
    """One hypothesis to score."""

    system: str
    line: int
    """1-based position of the segment in its corpus; ``scores`` files refer to it."""
    source: str
    hypothesis: str
    references: tuple[str, ...]
    """Empty when the segment has no reference; metrics that need one leave such rows unscored."""
    place: Place = field(default=ALONE, compare=False, repr=False)
    """Article, position and neighbours. A metric that reads them must have them in its cache keys."""


@dataclass(frozen=True, slots=True)
class ErrorSpan:
    """A stretch of text that a metric marks as wrong."""

    start: int
    end: int
    """Offsets in characters of the text of its side, ``end`` exclusive."""
    severity: str
    confidence: float = 1.0
    """1 where the metric gives none."""
    side: Side = "hypothesis"
    """``source``: what the hypothesis leaves out or gets wrong stands there."""
    category: str = ""
    """With ``/`` between its levels; empty where the metric has no categories."""
    text: str = ""
    """The stretch itself; empty where the metric gives only offsets."""
    reason: str = ""
    """Why it is wrong, in the metric's own words; empty where it does not say."""


@dataclass(frozen=True, slots=True)
class StatTable:
    """The statistics of n hypotheses."""

    identity: MetricIdentity
    rows: Rows
    """(n, k) float64; rows add up. All zero where ``scored`` is false."""
    scored: Mask
    """(n,) which hypotheses could be scored."""
    marks: Mapping[str, Mask] = field(default_factory=dict)
    """(n,) each: what the metric noticed, e.g. ``{"empty": ..., "truncated": ...}``."""
    spans: Mapping[int, tuple[ErrorSpan, ...]] = field(default_factory=dict)
    """Row number to error spans, for metrics that find them."""
    justifications: Mapping[int, str] = field(default_factory=dict)
    """Row number to why the row has its score, or none, in the metric's own words."""

    def take(self, rows: npt.NDArray[np.intp]) -> StatTable:
        """The table of these rows, in the order given."""
        order = {int(row): position for position, row in enumerate(rows)}
        return StatTable(
            self.identity,
            self.rows[rows],
            self.scored[rows],
            {name: mask[rows] for name, mask in self.marks.items()},
            {order[row]: spans for row, spans in self.spans.items() if row in order},
            {order[row]: why for row, why in self.justifications.items() if row in order},
        )
