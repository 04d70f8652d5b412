"""Your own segment scores: human ratings, or a metric computed elsewhere.

Two forms. A table, tab-separated, with the columns ``system``, ``article`` and ``segment`` (or ``line``), and one of
scores: the column ``score`` where there is one, else the one that was chosen, else the only one with numbers. Other
columns (annotator, domain ...) may stand beside them. Rows for one segment that differ in them are several ratings, and
their mean is its score; rows that do not are taken for a mistake. Rows that are missing were not rated. Or one file per
system with one number per line; a blank line was not rated. Segments count from 1 in every article. Lines count from 1
and are those of bare files, or of the file from which the articles were imported. ``docs/formats.md`` has it for users.
Files of other tools are read as they are, see :mod:`harness.metrics.scores.foreign`; errors that are marked in them
are kept as spans. One row of statistics: ``[score, 1]``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, ClassVar, Final

import numpy as np
from pydantic import Field

from harness.errors import UsageError
from harness.metrics.interface import ErrorSpan, MetricContext, ScoringItem, Side, StatTable
from harness.metrics.named import with_traits
from harness.metrics.scores.placing import Placing, unknown_systems
from harness.metrics.scores.raters import FEWEST_CHECKS
from harness.metrics.scores.ratings import Ratings
from harness.metrics.scores.rows import MarkedError, Spot
from harness.metrics.segment import WIDTH, SegmentMean
from harness.types import (
    ArticleId,
    LangPair,
    Layout,
    MetricIdentity,
    Missing,
    Note,
    OriginalLines,
    Part,
    Reason,
    SegmentId,
)
from harness.workspace.config import StrictModel
from harness.workspace.languages import parse_pair

CHOSEN: Final = Reason("noted.chosen_articles")
"""The rated articles are those on which metrics and systems disagree."""


class ScoresOptions(StrictModel):
    """``[metric.<name>]`` with ``metric = "scores"``; one of ``file`` and ``files`` is required."""

    name: Annotated[str, Field(min_length=1)] = "scores"
    """Column heading."""
    higher_is_better: bool = True
    """Direction of the scores."""
    human: bool = False
    """Whether people gave the scores."""
    file: str = ""
    """A table with the columns system, article and segment (or line), and score."""
    column: str = ""
    """The column to read. Empty: ``score``, or the only column of numbers."""
    files: dict[str, str] = Field(default_factory=dict)
    """Systems and their files with one number per line."""
    pair: Annotated[str, Field(pattern="^([A-Za-z0-9_]+-[A-Za-z0-9_]+)?$")] = ""
    """The pair of all rows. Empty: that of the column ``pair``, or the only one in the workspace."""
    lines_of: str = ""
    """Name of the imported file that lines refer to. Empty: the only one."""


class Scores(SegmentMean):
    """Segment scores read from files; the files are read when the metric is made."""

    Options: ClassVar[type[ScoresOptions]] = ScoresOptions

    def __init__(self, options: ScoresOptions) -> None:
        if bool(options.file) == bool(options.files):
            raise UsageError(
                f"scores '{options.name}': set either 'file' (a table) or 'files' (one per system)",
                hint=f'[metric.{options.name}] metric = "scores", file = "ratings.tsv"',
            )
        self.name = options.name
        self._pair = str(parse_pair(options.pair)) if options.pair else ""
        self._lines_of = options.lines_of
        self._named = tuple(options.files)
        self._unknown: dict[str, None] = {}
        if options.file:
            self.ratings = Ratings.of_table(Path(options.file), options.column)
        else:
            self.ratings = Ratings.of_lines({system: Path(path) for system, path in options.files.items()})
        foreign = self.ratings.foreign
        # The weights of errors cannot mean anything but that fewer are better, whatever was said beside them.
        self.higher_is_better = options.higher_is_better and not (foreign and foreign.counts_errors)
        self._human = options.human or (foreign is not None and foreign.human)

    @classmethod
    def from_tsv(cls, name: str, path: Path, *, column: str = "", higher_is_better: bool = True) -> Scores:
        """Read a table.

        Args:
            name: column heading.
            path: the table, UTF-8, with a header that has ``system``, and ``article`` and ``segment``, or ``line``.
            column: the column to read; by default ``score``, or else the only one with numbers.
            higher_is_better: direction of the scores.

        Raises:
            DataError: with file, line and field.
        """
        return cls(ScoresOptions(name=name, file=str(path), column=column, higher_is_better=higher_is_better))

    @classmethod
    def from_lines(cls, name: str, files: Mapping[str, Path], *, higher_is_better: bool = True) -> Scores:
        """Read one number per line for every system of ``files``.

        Raises:
            DataError: with file and line.
        """
        named = {system: str(path) for system, path in files.items()}
        return cls(ScoresOptions(name=name, files=named, higher_is_better=higher_is_better))

    @property
    def notes(self) -> Sequence[Note]:
        """How many scores are means of several ratings and how far those agree, whose do not count, and more."""
        notes: list[Note] = []
        foreign = self.ratings.foreign
        if count := self.ratings.averaged:
            notes += [Note(self.name, Reason("noted.averaged", {"n": count})), Note(self.name, self._agreement())]
        notes += [Note(self.name, why) for why in self._attention()]
        if foreign and foreign.chosen:
            notes.append(Note(self.name, CHOSEN))
        if foreign and foreign.skipped:
            notes.append(Note(self.name, foreign.skipped))
        if self._unknown:
            notes.append(Note(self.name, Reason("noted.not_in_run", {"systems": Part("list", tuple(self._unknown))})))
        return notes

    def _agreement(self) -> Reason:
        agreement = self.ratings.agreement
        if isinstance(agreement, Missing):
            return agreement.why
        alpha = Part("hundredths", agreement.alpha)
        if isinstance(agreement.interval, Missing):
            return Reason("noted.alpha_alone", {"n": agreement.shared, "alpha": alpha})
        low, high = (Part("hundredths", end) for end in agreement.interval)
        articles = Part("units", agreement.articles, "article")
        return Reason(
            "noted.alpha", {"n": agreement.shared, "alpha": alpha, "low": low, "high": high, "articles": articles}
        )

    def _attention(self) -> Iterator[Reason]:
        for rater in self.ratings.attention:
            if rater.excluded:
                yield Reason(
                    "noted.rater_excluded",
                    {"rater": rater.rater, "passed": rater.passed, "checks": rater.checks, "p": Part("p", rater.p)},
                )
            elif not rater.judged:
                yield Reason("noted.rater_unchecked", {"rater": rater.rater, "n": rater.checks, "least": FEWEST_CHECKS})

    def check_layout(self, layout: Layout, systems: Sequence[str]) -> None:
        """Find a segment for every row.

        Raises:
            DataError: see :meth:`statistics`.
        """
        self._place(layout, systems)

    def statistics(self, items: Sequence[ScoringItem], context: MetricContext) -> StatTable:
        """Rows (n, 2) of ``items``; what nobody rated is unscored.

        A table may rate systems that are not scored here, and a system here may have no rating.

        Raises:
            DataError: no system here is rated at all, a file stands for a system that is not here, an article, segment
                or line is none of the corpus, a segment is there twice, or rows name lines and nothing says on which
                lines the segments stood.
        """
        systems = list(dict.fromkeys(item.system for item in items))
        layout = context.layout or _of_items(items, context.pair, systems)
        scores = self._place(layout, systems) if items else {}
        rows = np.zeros((len(items), WIDTH))
        spans: dict[int, tuple[ErrorSpan, ...]] = {}
        for row, item in enumerate(items):
            spot = scores.get((item.system, layout.segments[item.line - 1]))
            if spot is None:
                continue
            rows[row] = self.ratings.scores[spot], 1.0
            if marked := _marked(self.ratings.spans.get(spot, ()), item):
                spans[row] = marked
        human = "|human:yes" if self._human else ""
        identity = MetricIdentity(
            self.name, f"{self.ratings.signature}{human}", self.higher_is_better, needs_reference=False
        )
        return StatTable(with_traits(identity), rows, rows[:, 1] > 0, spans=spans)

    def _place(self, layout: Layout, systems: Sequence[str]) -> dict[tuple[str, SegmentId], Spot]:
        self._unknown |= dict.fromkeys(unknown_systems(self.ratings, layout))
        return Placing(layout, self._pair, self._lines_of).placed(self.ratings, systems, self._named)


def _marked(spans: Sequence[MarkedError], item: ScoringItem) -> tuple[ErrorSpan, ...]:
    """The errors that are marked in translation or source; those without a place in either are left out."""
    placed = []
    for span in spans:
        text = item.source if span.in_source else item.hypothesis
        if span.at != "missing" and 0 <= span.at[0] < span.at[1] <= len(text):
            side: Side = "source" if span.in_source else "hypothesis"
            placed.append(ErrorSpan(*span.at, span.severity, side=side, category=span.category))
    return tuple(placed)


def _of_items(items: Sequence[ScoringItem], pair: LangPair, systems: Sequence[str]) -> Layout:
    """The lines of the items themselves."""
    article = ArticleId("all")
    segments = tuple(SegmentId(article, n) for n in range(1, max((item.line for item in items), default=0) + 1))
    lines = OriginalLines(len(segments), dict(enumerate(segments, start=1)), frozenset())
    return Layout(
        pair=pair,
        pairs=frozenset({pair}),
        segments=segments,
        articles={article: len(segments)},
        names={},
        elsewhere=frozenset(),
        originals={"the text": lines},
        systems=frozenset(systems),
    )
