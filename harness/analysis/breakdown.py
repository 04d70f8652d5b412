"""What a reader may ask for beside the usual: how metrics agree with one column of ratings, and scores of slices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.analysis.eligible import scores_with_corpus
from harness.errors import UsageError
from harness.store.runs.result import PairResult, Run
from harness.types import Missing, Reason
from harness.workspace.registry import suggestion

if TYPE_CHECKING:
    from harness.analysis.human import HumanAgreement
    from harness.analysis.pair import PairAnalysis
    from harness.analysis.slices import Slicing


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for."""

    human: str | None = None
    """The column of ratings; None: agreement is not asked for."""
    slices: tuple[str, ...] = ()
    """``length``, ``position``, or keys of the articles' metadata."""
    detectable: bool = True
    """Detectable differences, even where there is no verdict that they could explain."""


NOTHING_ASKED = Asked()


@dataclass(frozen=True, slots=True)
class Breakdown:
    """What was asked for, of one pair."""

    humans: Mapping[str, HumanAgreement | Missing]
    """By column; empty where agreement was not asked for."""
    slices: Mapping[str, Slicing]
    """All systems under all metrics, by kind, in the order asked for."""


def breakdown_of(pair: PairAnalysis, asked: Asked) -> Breakdown:
    """Work out what is asked for."""
    columns = () if asked.human is None else (asked.human,)
    humans = {column: _agreement(pair, column) for column in columns}
    return Breakdown(humans, {kind: pair.slices(kind) for kind in asked.slices})


def _agreement(pair: PairAnalysis, column: str) -> HumanAgreement | Missing:
    if column in _rated(pair.result):
        return pair.human(column)
    return Missing(Reason("agreement.no_ratings", {"human": column}))


def check_asked(run: Run, asked: Asked) -> None:
    """Return if some pair has scores in the column of ratings.

    Raises:
        UsageError: none has.
    """
    if asked.human is None:
        return
    known = dict.fromkeys(column for result in run.pairs for column in _rated(result))
    if asked.human not in known:
        raise UsageError(f"no scores called '{asked.human}' in the run", hint=suggestion(asked.human, list(known)))


def _rated(result: PairResult) -> Sequence[str]:
    """Columns in which some system has scores."""
    return [
        column
        for column in result.metrics
        if any(not isinstance(scores_with_corpus(system, column), Missing) for system in result.systems)
    ]
