"""What a metric is: additive statistics per segment, and a pure function of their sum.

Corpus, article, slice, bootstrap and permutation are then all "sum some rows, apply ``score``": one implementation
for every metric, and a stored run can be cut again without the metric's own dependencies.

=========  ==========================================================  ====================
metric     one row                                                     score of the sum
=========  ==========================================================  ====================
BLEU       hypothesis and reference length, matches and totals, n=1-4  BLEU, 0-100
chrF(++)   n-grams in hypothesis, in reference, in both, per order     chrF2, 0-100
TER        edits, reference length                                     100 * edits / length
COMET      ``[score, 1]``                                              the mean
=========  ==========================================================  ====================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from harness.executors.interface import Executor
from harness.executors.local import LocalExecutor
from harness.metrics.interface.asking import (
    AskingMetric,
    BilledMetric,
    Enquirer,
    Enquiry,
    NobodyToAsk,
    Prompt,
    Replies,
    Respondent,
)
from harness.metrics.interface.items import (
    ALONE,
    Document,
    ErrorSpan,
    Mask,
    Neighbour,
    Place,
    Rows,
    ScoringItem,
    Side,
    StatTable,
)
from harness.types import EngineIdentity, JsonValue, LangPair, Layout, Note

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = [
    "ALONE",
    "AskingMetric",
    "BilledMetric",
    "ColumnMetric",
    "Columns",
    "Document",
    "Enquirer",
    "Enquiry",
    "ErrorSpan",
    "JoiningMetric",
    "Mask",
    "Metric",
    "MetricContext",
    "MetricFactory",
    "Neighbour",
    "NobodyToAsk",
    "NotingMetric",
    "Place",
    "PlacedMetric",
    "Prompt",
    "Replies",
    "Respondent",
    "Rows",
    "ScoreCache",
    "ScoreProgress",
    "ScoringItem",
    "Side",
    "SizedMetric",
    "StatTable",
]


Columns = npt.NDArray[np.floating[Any]]
"""Sums of one column of rows, in float64 or float32."""


class ScoreCache(Protocol):
    """Where metrics and checks keep what was expensive. Keys are what it was computed with, and from which texts."""

    keeps: bool
    """False: nothing is ever kept, and nobody needs to make keys."""

    def get_scores(
        self, metric: Mapping[str, str], texts: Sequence[tuple[str, ...]]
    ) -> list[Mapping[str, float] | None]:
        """What is known for each tuple of texts, in order; ``None`` marks one that must be computed."""

    def put_scores(
        self, metric: Mapping[str, str], scores: Sequence[tuple[tuple[str, ...], Mapping[str, float]]]
    ) -> None:
        """Keep computed scores; committed before the call returns."""

    def get_derived(self, requests: Sequence[Mapping[str, JsonValue]]) -> list[bytes | None]:
        """What was computed for each request, in order; ``None`` marks one that must be computed."""

    def put_derived(self, results: Sequence[tuple[Mapping[str, JsonValue], bytes]]) -> None:
        """Keep results; a request names all that its result depends on. Committed before the call returns."""


class ScoreProgress(Protocol):
    """Called by slow metrics with the number of hypotheses done and to do."""

    def __call__(self, done: int, total: int) -> None:
        """Report progress."""


def to_nobody(done: int, total: int) -> None:
    """Report to nobody."""
    del done, total


@dataclass(frozen=True, slots=True)
class MetricContext:
    """What a metric is told about the run."""

    pair: LangPair
    cache: ScoreCache
    offline: bool = False
    """True: only what is on this machine may be used."""
    progress: ScoreProgress = to_nobody
    texts: Mapping[str, str] = field(default_factory=dict)
    """System to the digest of all its items; the statistics of systems that are not here are not kept."""
    executor: Executor = field(default_factory=LocalExecutor)
    """Where slow metrics run their models."""
    layout: Layout | None = None
    """Which segments there are; None: those of the items, by their lines."""
    enquirer: Enquirer = field(default_factory=NobodyToAsk)
    """Asks language models."""
    engines: Mapping[str, EngineIdentity] = field(default_factory=dict)
    """System to who translated, where that is known."""
    seed: int = 0
    """Of everything random."""


class Metric(Protocol):
    """A metric, configured. Construction imports nothing heavy; ``score`` never needs more than numpy."""

    name: str
    higher_is_better: bool

    def statistics(self, items: Sequence[ScoringItem], context: MetricContext) -> StatTable:
        """Compute the rows of ``items``; equal items get equal rows, whatever stands around them.

        All systems of a pair come in one call, one after another: the items of a system stand together.

        Raises:
            MetricUnavailable: the metric cannot run here; the hint is the line that fixes it.
            UsageError: the metric's options make no sense for this pair.
        """

    def score(self, totals: Rows) -> Rows:
        """Map sums of rows, (..., k), to scores, (...). For one sum the value equals the oracle's to the last bit."""

    def segment_scores(self, rows: Rows) -> Rows:
        """Map rows, (n, k), to segment scores, (n,), as the oracle defines them for single segments."""


@runtime_checkable
class SizedMetric(Protocol):
    """What a metric has besides when its corpus score weighs segments by their length, as ratios of counts do."""

    def sizes(self, rows: Rows) -> Rows:
        """How much text rows, (n, k), stand for, (n,): what the counts are divided by. Otherwise a segment counts 1."""


@runtime_checkable
class ColumnMetric(Protocol):
    """What a metric has besides when sums that are all above 0 need no special case in its formula."""

    def score_columns(self, columns: Sequence[Columns]) -> Columns:
        """Map the k columns of sums, (m,) or one number for all, to (m,) scores: those of ``score``, bit for bit.

        Columns of float32 give float32, at most 1e-5 off relative to the score.
        """


@runtime_checkable
class PlacedMetric(Protocol):
    """What a metric has besides when it reads scores that refer to segments."""

    def check_layout(self, layout: Layout, systems: Sequence[str]) -> None:
        """Hold what was read against the segments and systems of one pair, before anything is paid for.

        Raises:
            DataError: something fits nothing.
        """


@runtime_checkable
class JoiningMetric(Protocol):
    """What a metric has besides when it may join the metrics of a run for which nobody named any."""

    @property
    def joins(self) -> bool:
        """Whether all that it needs is on this machine."""


@runtime_checkable
class NotingMetric(Protocol):
    """What a metric has besides when it has something to tell the reader of the result."""

    @property
    def notes(self) -> Sequence[Note]:
        """What ``statistics`` noticed, once it was called."""


class MetricFactory(Protocol):
    """What an entry point in ``harness.metrics`` names: usually the metric's class."""

    Options: ClassVar[type[BaseModel]]
    """Model of ``[metric.<name>]`` in ``harness.toml``, with ``extra="forbid"``."""

    def __call__(self, options: BaseModel) -> Metric:
        """Make the metric."""
