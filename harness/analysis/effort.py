"""What the figures of cost and speed are of, and how far scores lie apart when everything is asked for again."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from harness.store.runs.frame import corpus_score
from harness.store.runs.result import SystemResult, Traffic
from harness.types import Missing, Score, SystemName, Translated, Unknown


@dataclass(frozen=True, slots=True)
class Age:
    """When figures were measured that are not of this run, or not wholly."""

    first: str
    last: str
    """Days, ISO 8601."""
    partly: bool
    """Whether some of the answers were had in this run."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The corpus scores of one system under one metric, of every repetition."""

    system: SystemName
    metric: str
    corpus: float
    """Of the first."""
    repetitions: int
    mean: float
    deviation: float
    """Standard deviation of the sample."""
    lowest: float
    highest: float


def age_of(system: SystemResult) -> Age | None:
    """When the figures of a system were measured; None where that was in this run, or nothing was sent."""
    traffic = system.traffic
    if isinstance(traffic, Missing) or traffic.measured_now:
        return None
    # A repetition counts its cached segments, too, and may be asked for now while the first round was not.
    return Age(traffic.first[:10], traffic.last[:10], traffic.cached < _answers(system, traffic))


def _answers(system: SystemResult, traffic: Traffic) -> int:
    if not isinstance(traffic.answers, Unknown):
        return traffic.answers
    repetitions = max((len(values) for values in system.repeats.values()), default=1)
    return repetitions * sum(isinstance(outcome, Translated) for outcome in system.outcomes)


def spreads_of(systems: Sequence[SystemResult], metrics: Sequence[str]) -> tuple[Spread, ...]:
    """How far scores lie apart, of every system and metric with two repetitions or more."""
    spreads = []
    for system in systems:
        for metric in metrics:
            # A repetition that gave no number is no measurement of the spread.
            values = [value for value in system.repeats.get(metric, ()) if math.isfinite(value)]
            corpus = corpus_score(system, metric)
            if len(values) > 1 and isinstance(corpus, Score):
                mean, deviation = statistics.fmean(values), statistics.stdev(values)
                spreads.append(
                    Spread(system.name, metric, corpus.value, len(values), mean, deviation, min(values), max(values))
                )
    return tuple(spreads)
