"""The sheets of what was asked for beside the usual: agreement with ratings, and slices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.analysis.pair import PairAnalysis
from harness.analysis.slices import Slice, SliceScore
from harness.analysis.stats.compare import Interval
from harness.reports.formats.xlsx_sheet import (
    NO_VALUE,
    Book,
    P,
    Shown,
    Value,
    bounds,
    difference_shown,
    headings_of,
    score_shown,
)
from harness.reports.model.asked import COEFFICIENT_DECIMALS, asked_rows, coefficient_name
from harness.reports.model.shown import display_names
from harness.reports.model.slicing import kind_title
from harness.reports.words.messages import say
from harness.reports.words.numbers import metric_title
from harness.reports.words.reasons import sentence
from harness.types import MetricIdentity, Missing


def asked_sheets(book: Book, pairs: Sequence[PairAnalysis]) -> None:
    """One sheet for each kind of what was asked for; none for what was not."""
    if any(pair.breakdown.humans for pair in pairs):
        headings = headings_of(pair=9, ratings=14, metric=14, coefficient=34)
        headings += headings_of(value=10, score_low=10, score_high=10, n=9)
        book.sheet(say("workbook.agreement"), headings, [row for pair in pairs for row in _agreement(pair)], frozen=4)
    if any(pair.breakdown.slices for pair in pairs):
        headings = headings_of(pair=9, kind=14, slice=24, segments=9, articles=9, system=32, metric=14, score=10)
        headings += headings_of(score_low=10, score_high=10, n=9, best=32)
        headings += headings_of(difference=11, low=10, high=10, adjusted=9)
        book.sheet(say("workbook.slices"), headings, [row for pair in pairs for row in _slices(pair)], frozen=3)


def _agreement(pair: PairAnalysis) -> Iterator[list[Value]]:
    for row in asked_rows(pair):
        if row.level != "agreement":
            continue
        names = [metric_title(row.kind), metric_title(row.metric), coefficient_name(row.part) if row.part else NO_VALUE]
        if isinstance(row.value, Missing):
            numbers: list[Value] = [sentence(row.value.why), NO_VALUE, NO_VALUE, NO_VALUE]
        else:
            ends = bounds(COEFFICIENT_DECIMALS, row.interval)
            numbers = [Shown(row.value, 3), *ends, NO_VALUE if row.n is None else row.n]
        yield [str(pair.result.pair), *names, *numbers]


def _slices(pair: PairAnalysis) -> Iterator[list[Value]]:
    result, names = pair.result, display_names(pair.result)
    for kind, slicing in pair.breakdown.slices.items():
        head: list[Value] = [str(result.pair), kind_title(kind)]
        if isinstance(slicing, Missing):
            yield [*head, sentence(slicing.why), *[NO_VALUE] * 13]
            continue
        for part in slicing:
            for system, metrics in part.scores.items():
                for metric, score in metrics.items():
                    identity = result.identities.get(metric)
                    best = names[score.behind.best] if isinstance(score, SliceScore) and score.behind else NO_VALUE
                    named: list[Value] = [names[system], metric_title(metric)]
                    yield [*head, *_size(part), *named, *_score(score, identity, best)]


def _size(part: Slice) -> list[Value]:
    return [sentence(part.label), part.segments, part.articles]


def _score(score: SliceScore | Missing, metric: MetricIdentity | None, best: str) -> list[Value]:
    """Score, interval and n; then the best system, and the difference from it."""
    if isinstance(score, Missing) or metric is None:
        return [sentence(score.why) if isinstance(score, Missing) else NO_VALUE, *[NO_VALUE] * 8]
    numbers: list[Value] = [
        score_shown(metric.decimals, score.score),
        *bounds(metric.decimals, score.interval),
        score.n,
    ]
    behind = score.behind
    if behind is None:
        return [*numbers, *[NO_VALUE] * 5]
    ends = bounds(metric.decimals, Interval(-behind.interval.high, -behind.interval.low))
    return [*numbers, best, difference_shown(metric.decimals, -behind.delta), *ends, P(behind.p_adjusted)]
