"""Bring your own segment scores: human ratings, or a metric that was computed elsewhere.

Two forms. A table, tab-separated, with the columns ``system``, ``line`` and one of scores: the column ``score`` where
there is one, else the one that was chosen, else the only one with numbers. Other columns (annotator, domain ...) may
stand beside them. Where they do, several rows for one segment are several ratings, and their mean is its score; without
them a second row is taken for a mistake. Rows that are missing were not rated. Or one file per system with one number
per line; a blank line was not rated. Lines count from 1 and are the lines of the corpus. One row of statistics:
``[score, 1]``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from harness.config import StrictModel
from harness.errors import UsageError
from harness.metrics.interface import MetricContext, ScoringItem, StatTable
from harness.metrics.ratings import Ratings
from harness.metrics.segment import WIDTH, SegmentMean
from harness.types import MetricIdentity, Note


class ScoresOptions(StrictModel):
    """``[metric.<name>]`` with ``metric = "scores"``; one of ``file`` and ``files`` is required."""

    name: Annotated[str, Field(min_length=1)] = "scores"
    """Column heading."""
    higher_is_better: bool = True
    file: str = ""
    """A table with the columns system, line and score."""
    column: str = ""
    """The column to read; empty means ``score``, or else the only one with numbers."""
    files: dict[str, str] = Field(default_factory=dict)
    """System to file with one number per line."""


class Scores(SegmentMean):
    """Segment scores read from files; the files are read when the metric is made."""

    Options: ClassVar[type[ScoresOptions]] = ScoresOptions

    def __init__(self, options: ScoresOptions) -> None:
        if bool(options.file) == bool(options.files):
            raise UsageError(
                f"scores '{options.name}': give one of 'file' (a table) and 'files' (one per system)",
                hint=f'[metric.{options.name}] metric = "scores", file = "ratings.tsv"',
            )
        self.name = options.name
        self.higher_is_better = options.higher_is_better
        self._named = tuple(options.files)
        if options.file:
            self._ratings = Ratings.of_table(Path(options.file), options.column)
        else:
            self._ratings = Ratings.of_lines({system: Path(path) for system, path in options.files.items()})

    @classmethod
    def from_tsv(cls, name: str, path: Path, *, column: str = "", higher_is_better: bool = True) -> Scores:
        """Read a table.

        Args:
            name: column heading.
            path: the table, UTF-8, with a header that has ``system`` and ``line``.
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
        """How many scores are means of several ratings."""
        count = self._ratings.averaged
        what = f"{count} segments were rated more than once; the mean of the ratings is their score"
        return [Note(self.name, what)] if count else []

    def statistics(self, items: Sequence[ScoringItem], context: MetricContext) -> StatTable:  # noqa: ARG002 - protocol
        """Rows (n, 2) of ``items``; what nobody rated is unscored.

        A table may rate systems that are not scored here, and a system here may have no rating.

        Raises:
            DataError: no system here is rated at all, a file stands for a system that is not here, a line of a system
                here is beyond the last segment, or is there twice.
        """
        systems = list(dict.fromkeys(item.system for item in items))
        if items:
            self._ratings.check(systems, max(item.line for item in items), self._named)
        rows = np.zeros((len(items), WIDTH))
        for row, item in enumerate(items):
            score = self._ratings.scores.get((item.system, item.line))
            if score is not None:
                rows[row] = score, 1.0
        identity = MetricIdentity(self.name, self._ratings.signature, self.higher_is_better, needs_reference=False)
        return StatTable(identity, rows, rows[:, 1] > 0)
