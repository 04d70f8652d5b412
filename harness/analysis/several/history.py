"""Several runs side by side: what every system scored in each of them, and how the last stands against the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.analysis.eligible import scores_with_corpus
from harness.analysis.several.scores import Apart, SystemChange, corpora_apart, find_changes, pair_scores
from harness.store.runs.frame import scores_of
from harness.store.runs.result import MetricScores, PairResult, Run, SystemResult
from harness.types import SIGNIFICANT, Decimals, Missing, Reason, Score


@dataclass(frozen=True, slots=True)
class Value:
    """What one system scored under one metric in one run."""

    score: Score | Missing
    """Over the corpus of that run."""
    apart: Apart | None
    """Why it does not compare with the value of the run before it that has one; None where it does."""
    signature: str
    """Of the metric; empty where there is no score."""


@dataclass(frozen=True, slots=True)
class Track:
    """One system under one metric through all runs."""

    pair: str
    system: str
    label: str
    metric: str
    higher_is_better: bool
    decimals: Decimals
    values: tuple[Value, ...]
    """One for each run."""
    change: SystemChange | Apart
    """The last run against the first."""


@dataclass(frozen=True, slots=True)
class History:
    """What several runs show of each system."""

    runs: tuple[Run, ...]
    """In the order in which they were given."""
    tracks: tuple[Track, ...]
    """By pair, metric and system, in the last run's order."""


def analyse_several(runs: Sequence[Run]) -> History:
    """Put runs side by side.

    Args:
        runs: two or more, earliest first.
    """
    changes = {
        (str(change.pair), change.system, change.metric): change
        for change in find_changes(runs[-1], runs[0], seed=runs[-1].seed)
    }
    results = [{str(result.pair): result for result in run.pairs} for run in runs]
    tracks: list[Track] = []
    for pair in dict.fromkeys(name for found in reversed(results) for name in found):
        of_pair = [found.get(pair) for found in results]
        breaks = _breaks(of_pair)
        backwards = [result for result in reversed(of_pair) if result]
        systems = dict.fromkeys(system.name for result in backwards for system in result.systems)
        for metric in dict.fromkeys(name for result in backwards for name in result.metrics):
            known = [scores_of(system, metric) for result in of_pair if result for system in result.systems]
            identities = [found.identity for found in known if isinstance(found, MetricScores)]
            for name in systems:
                line = [_system(result, name) for result in of_pair]
                last = [system for system in line if system][-1]
                tracks.append(
                    Track(
                        pair=pair,
                        system=name,
                        label=last.label or last.name,
                        metric=metric,
                        higher_is_better=identities[-1].higher_is_better if identities else True,
                        decimals=identities[-1].decimals if identities else SIGNIFICANT,
                        values=_values(line, metric, breaks),
                        change=changes.get((pair, name, metric), Apart("incomplete", Reason("history.neither"))),
                    )
                )
    return History(tuple(runs), tuple(tracks))


def _system(result: PairResult | None, name: str) -> SystemResult | None:
    systems = [system for system in result.systems if system.name == name] if result else []
    return systems[0] if systems else None


def _breaks(results: Sequence[PairResult | None]) -> Mapping[int, Apart]:
    """Where the texts are not those of the run before that has the pair, and how they differ."""
    breaks: dict[int, Apart] = {}
    before: PairResult | None = None
    for index, result in enumerate(results):
        if result is None:
            continue
        if apart := corpora_apart(result, before) if before else None:
            breaks[index] = apart
        before = result
    return breaks


def _values(line: Sequence[SystemResult | None], metric: str, breaks: Mapping[int, Apart]) -> tuple[Value, ...]:
    values = []
    before: SystemResult | None = None
    texts: Apart | None = None
    for index, system in enumerate(line):
        texts = breaks.get(index, texts)  # holds until the system has a score again
        if system is None:
            values.append(Value(Missing(Reason("history.no_system")), None, ""))
            continue
        scores = scores_with_corpus(system, metric)
        if isinstance(scores, Missing):
            values.append(Value(scores, None, ""))
            continue
        paired = (texts or pair_scores(system, before, metric)) if before is not None else None
        apart = paired if isinstance(paired, Apart) else None
        values.append(Value(scores.corpus, apart, scores.identity.signature))
        before, texts = system, None
    return tuple(values)
