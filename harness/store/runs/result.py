"""What one run found: the one object every report, comparison and gate reads.

Per-segment sequences (outcomes, rows, segment scores) follow ``PairResult.corpus.segments``; per-article sequences
follow ``PairResult.corpus.articles``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from harness.checks.interface import Flag
from harness.metrics.interface import Mask, Rows, StatTable
from harness.store.runs.latency import Timing, median
from harness.store.runs.looks import Looks
from harness.types import (
    CUT_AGAIN,
    ArticleId,
    Corpus,
    EngineIdentity,
    JsonValue,
    LangPair,
    Memorisation,
    MetricIdentity,
    Missing,
    Money,
    Note,
    Outcome,
    Overlaps,
    Reason,
    Score,
    SystemName,
    UnitChoice,
    Unknown,
)

if TYPE_CHECKING:
    import pandas as pd

NOT_SENT = Missing(Reason("unknown.not_sent"))
NOT_KEPT = Unknown(Reason("latency.not_kept"))
OVERLAP_NOT_KEPT = Missing(Reason("overlap.not_kept"), Reason("overlap.run_again"))
PROJECT_NOT_KEPT = Missing(Reason("project.not_kept"))

RunStatus = Literal["complete", "incomplete"]

SKIPPED_ARTICLES = "skipped_articles"
"""The setting of a run that names articles left out for every system."""


@dataclass(frozen=True, slots=True)
class MetricScores:
    """One metric on one system: corpus, article and segment scores, each named as what it is."""

    identity: MetricIdentity
    corpus: Score | Missing
    """Over all segments with a reference (all segments, for metrics that need none)."""
    articles: tuple[Score | Missing, ...]
    """One for each article: the score of the sum of its rows, not the mean of its segment scores."""
    segments: Rows
    """(n,) segment scores; meaningless where ``scored`` is false."""
    scored: Mask
    """(n,)"""

    @property
    def macro(self) -> Score | Missing:
        """The unweighted mean over articles: every article counts alike, however long."""
        values = [score.value for score in self.articles if isinstance(score, Score)]
        if not values or isinstance(self.corpus, Missing):
            return self.corpus if isinstance(self.corpus, Missing) else Missing(Reason("unscored.no_article"))
        return Score(sum(values) / len(values), len(values))


@dataclass(frozen=True, slots=True)
class Traffic:
    """What getting one system's translations took, as measured on what was really sent."""

    requests: int
    """Requests that brought the translations shown, in this run or an earlier one."""
    wasted: int
    """Attempts of this run that brought nothing."""
    p50: float | Unknown
    """Median seconds of a request, without those that opened connections; unknown from fewer than 6."""
    p95: float | Unknown
    """The 95th percentile; unknown from fewer than 20."""
    characters_per_second: float | Unknown
    """Source characters over the time during which a request was under way."""
    first: str
    """When the first of these requests was sent, ISO 8601; of all attempts, where none was answered."""
    last: str
    cached: int
    """Segments answered from the store."""
    spent: Money | Unknown
    """In this run, wasted attempts included."""
    saved: Money | Unknown
    """What the requests behind the cached answers had cost."""
    models: tuple[str, ...]
    """Models that answered, as the service names them."""
    price_source: str
    timings: tuple[Timing, ...] = ()
    """Of up to 1,000 of the requests that p50 and p95 are taken from; empty where the run did not keep them."""
    answers: int | Unknown = NOT_KEPT
    """Segments that were answered, every repetition counted."""
    characters: int | Unknown = NOT_KEPT
    """Their source characters: what the money was paid for."""
    repetitions: int | Unknown = NOT_KEPT
    """How often every segment was asked for."""

    @property
    def pace(self) -> float | Unknown:
        """Median seconds per 1,000 source characters of the timed requests."""
        if isinstance(self.p50, Unknown):
            return self.p50
        return median([timing.pace for timing in self.timings]) if self.timings else NOT_KEPT

    @property
    def measured_now(self) -> bool:
        """False when all of it comes from the store: the figures are as old as ``last``."""
        return self.cached == 0


@dataclass(frozen=True, slots=True)
class SystemResult:
    """One system on one pair."""

    name: SystemName
    label: str
    engine: EngineIdentity
    origin: str
    """Where the outputs came from: ``live``, or e.g. ``recorded 2026-11-23, apertium 3.8.3``."""
    outcomes: tuple[Outcome, ...]
    tables: Mapping[str, StatTable]
    """Metric name to statistics; metrics that could not run are absent here and explained in ``scores``."""
    scores: Mapping[str, MetricScores | Missing]
    """Metric name to scores, in the order of the run's metrics."""
    price_per_million: float | None = None
    """Price of a million source characters where the system file gives one. None: unknown."""
    currency: str = ""
    traffic: Traffic | Missing = field(default_factory=lambda: NOT_SENT)
    flags: tuple[tuple[Flag, ...], ...] = ()
    """What the checks found, one tuple for each segment; empty when the checks did not run."""
    repeats: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Metric name to the corpus scores of every repetition, the first included; empty without ``--repeat``."""

    def __repr__(self) -> str:
        """One line, whatever it wrote."""
        return f"<SystemResult {self.name}: {len(self.outcomes)} outputs; {', '.join(self.scores)}>"

    @property
    def is_cut_again(self) -> bool:
        """Whether its segments were cut along the references: then only scores of articles and more are its own."""
        return self.origin.endswith(CUT_AGAIN)


@dataclass(frozen=True, slots=True, repr=False)
class PairResult:
    """All systems on the articles of one pair. Scores are never compared across pairs."""

    corpus: Corpus
    metrics: tuple[str, ...]
    systems: tuple[SystemResult, ...]
    absent: Mapping[SystemName, str] = field(default_factory=dict)
    """Systems that could not be asked for this pair, and why."""
    notes: tuple[Note, ...] = ()
    unit: UnitChoice = "undeclared"
    """What the run's settings declare as independent; :func:`harness.store.runs.units.declare_unit` changes both."""
    metric_costs: Mapping[str, Money | Unknown] = field(default_factory=dict)
    """Metric name to what it cost in this run, for metrics that can say so."""
    overlaps: Overlaps | Missing = field(default_factory=lambda: OVERLAP_NOT_KEPT)
    """Of training data and translation memories that were named; missing where none was."""
    memorised: Mapping[SystemName, Memorisation | Missing] = field(default_factory=dict)
    """What the language models of systems know by heart; only of those that were asked."""
    looks: Looks | None = None
    """How the articles came, where they came until it was decided; None where all came at once."""

    @property
    def identities(self) -> Mapping[str, MetricIdentity]:
        """Column to what its metric is, as the first scored system has it; no column that nobody has scores of."""
        observed: dict[str, MetricIdentity] = {}
        for system in self.systems:
            for column, scores in system.scores.items():
                if isinstance(scores, MetricScores):
                    observed.setdefault(column, scores.identity)
        return observed

    @property
    def pair(self) -> LangPair:
        """The language pair."""
        return self.corpus.pair

    def __repr__(self) -> str:
        """One line, whatever the pair holds."""
        from harness.store.runs.notebook import extent

        return f"<PairResult {extent(self)}; {', '.join(self.metrics)}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Run:
    """A whole run, in memory or loaded from its directory. It equals itself only, so that findings are kept by run."""

    id: str
    """``20261123T043705-ab12cd``: UTC start and a random suffix."""
    created: str
    """ISO 8601, UTC, to the second."""
    status: RunStatus
    pairs: tuple[PairResult, ...]
    environment: Mapping[str, str]
    """Package name to version, for everything that can move a number."""
    command: str
    """The command line that reproduces the run."""
    seed: int
    settings: Mapping[str, JsonValue] = field(default_factory=dict)
    """Settings as resolved: metrics and their options, filters."""
    name: str = ""
    """As ``harness run --name`` gave it; empty where it gave none."""
    project: str | Missing = PROJECT_NOT_KEPT
    """What the workspace of the run is called; earlier versions did not keep it."""

    @property
    def called(self) -> str:
        """The name and the id, or the id alone."""
        return f"{self.name} ({self.id})" if self.name else self.id

    @property
    def skipped_articles(self) -> list[str]:
        """Names of articles that were left out for every system."""
        names = self.settings.get(SKIPPED_ARTICLES, [])
        return [str(name) for name in names] if isinstance(names, list) else []

    def __repr__(self) -> str:
        """One line, whatever the run holds."""
        from harness.store.runs.notebook import extent

        pairs = "; ".join(extent(result) for result in self.pairs)
        return f"<Run {self.called}, {self.status}: {pairs}>"

    def _repr_html_(self) -> str:
        """Its scores as a table, for notebooks; every text in it is escaped."""
        from harness.store.runs.notebook import run_html

        return run_html(self)

    def pair(self, pair: LangPair) -> PairResult:
        """The result of one pair; KeyError when the run does not have it."""
        for result in self.pairs:
            if result.pair == pair:
                return result
        raise KeyError(str(pair))

    def to_frame(self) -> pd.DataFrame:
        """One row per pair, system, metric and level (corpus, article, segment) with a score."""
        from harness.store.runs.frame import run_to_frame

        return run_to_frame(self)


def article_rows(corpus: Corpus) -> dict[ArticleId, slice]:
    """Which rows of the per-segment tables belong to each article."""
    rows: dict[ArticleId, slice] = {}
    start = 0
    for article in corpus.articles:
        rows[article.id] = slice(start, start + len(article.segments))
        start += len(article.segments)
    return rows
