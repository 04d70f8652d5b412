"""The contract suite for a metric: what :class:`harness.metrics.interface.Metric` promises, checked against yours.

::

    def test_contract():
        metric_contract(lambda: MyMetric(MyOptions()))
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from harness.metrics.interface import (
    AskingMetric,
    BilledMetric,
    ColumnMetric,
    Columns,
    Enquirer,
    Enquiry,
    ErrorSpan,
    Metric,
    MetricContext,
    NobodyToAsk,
    Replies,
    Rows,
    ScoringItem,
    Side,
    SizedMetric,
    StatTable,
)
from harness.store.cache.keys import digest
from harness.store.cache.nothing import NoCache
from harness.testing.contract import require
from harness.testing.metric_items import BAD, GOOD, ITEMS, ODD, MemoryCache, placed
from harness.types import JsonValue, LangPair, Unknown


def metric_contract(
    make: Callable[[], Metric],
    items: Sequence[ScoringItem] = ITEMS,
    odd: Sequence[ScoringItem] = ODD,
    *,
    pair: LangPair = LangPair("de", "en"),  # noqa: B008 - it is frozen
    enquirer: Enquirer = NobodyToAsk(),  # noqa: B008 - it has no state
    tolerance: float = 0.0,
    direction: bool = True,
) -> None:
    """Check that rows, scores and segment scores are what the statistics rely on.

    Args:
        make: makes the metric.
        items: of two systems called ``good`` and ``bad``, of which the metric must prefer the first.
        odd: texts that need not be scored, and must do no harm; their lines are none of ``items``.
        pair: the language pair.
        enquirer: answers a metric that asks a language model.
        tolerance: how far two scores of the same texts may differ: 0 for counts, more for a model in batches.
        direction: False: the metric cannot tell good from bad here, such as an untrained model.

    Raises:
        ContractError: names what is broken.
    """
    everything = placed(sorted((*items, *odd), key=lambda item: item.system))
    scene = _Scene(pair, enquirer)
    table = _check_table(make, everything, scene)
    _check_same_rows(make, everything, scene, table, tolerance)
    _check_empty(make, scene, table.rows.shape[1])
    metric = make()
    _check_asked(metric, everything, scene)
    _check_cost(metric)
    scored = table.rows[table.scored]
    require(len(scored) > 1, f"only {len(scored)} of {len(everything)} items were scored")
    _check_sums(metric, scored)
    _check_segments(metric, scored)
    if direction:
        _check_direction(metric, everything, table)


@dataclass(frozen=True, slots=True)
class _Scene:
    """What a metric is told in every check."""

    pair: LangPair
    enquirer: Enquirer


def _statistics(metric: Metric, items: Sequence[ScoringItem], scene: _Scene, cache: MemoryCache | NoCache) -> StatTable:
    systems = {item.system for item in items}
    texts = {name: digest([_fields(item) for item in items if item.system == name]) for name in systems}
    return metric.statistics(
        items, MetricContext(scene.pair, cache, offline=True, texts=texts, enquirer=scene.enquirer)
    )


def _fields(item: ScoringItem) -> list[JsonValue]:
    return [item.system, item.line, item.source, item.hypothesis, list(item.references)]


def _check_table(make: Callable[[], Metric], items: Sequence[ScoringItem], scene: _Scene) -> StatTable:
    """The shapes, the identity, and that nothing is NaN."""
    metric = make()
    table = _statistics(metric, items, scene, NoCache())
    count = len(items)
    require(table.rows.ndim == 2 and len(table.rows) == count, f"{count} items gave rows of shape {table.rows.shape}")
    require(table.rows.dtype == np.float64, f"rows are {table.rows.dtype}, not float64")
    require(table.scored.shape == (count,) and table.scored.dtype == np.bool_, "'scored' is not a mask of the items")
    require(bool(np.isfinite(table.rows).all()), "a row holds NaN or infinity; leave it unscored instead")
    require(not table.rows[~table.scored].any(), "the row of an unscored item is not zero, so it would be summed")
    for name, mask in table.marks.items():
        require(mask.shape == (count,) and mask.dtype == np.bool_, f"the mark '{name}' is not a mask of the items")
    for row, spans in table.spans.items():
        require(0 <= row < count, f"error spans of item {row}, but there are {count} items")
        for span in spans:
            _check_span(row, span, items[row])
    for row, why in table.justifications.items():
        require(0 <= row < count, f"a justification of item {row}, but there are {count} items")
        require(bool(why.strip()), f"the justification of item {row} is empty; leave it out instead")
    identity = table.identity
    require(bool(identity.signature), "the metric has no signature, so its scores can never be compared")
    require(identity.name == metric.name, f"it is called '{metric.name}', and its identity '{identity.name}'")
    require(identity.higher_is_better == metric.higher_is_better, "the direction of its identity is another")
    return table


def _check_span(row: int, span: ErrorSpan, item: ScoringItem) -> None:
    """It lies in the text of its side, and what it says stands there."""
    require(span.side in get_args(Side), f"an error span of item {row} is on the side '{span.side}'")
    text = item.source if span.side == "source" else item.hypothesis
    inside = 0 <= span.start <= span.end <= len(text)
    require(inside, f"an error span of item {row} lies outside the {span.side}: {span}")
    there = text[span.start : span.end]
    require(span.text in ("", there), f"an error span of item {row} has the text {span.text!r}, and {there!r} is there")
    require(0 < span.confidence <= 1, f"an error span of item {row} has a confidence of {span.confidence}")


class _Overheard:
    """An enquirer that remembers what it is asked."""

    def __init__(self, enquirer: Enquirer) -> None:
        self._enquirer = enquirer
        self.asked: list[Enquiry] = []

    def ask(self, enquiry: Enquiry, pair: LangPair) -> Replies:
        self.asked.append(enquiry)
        return self._enquirer.ask(enquiry, pair)


def _check_asked(metric: Metric, items: Sequence[ScoringItem], scene: _Scene) -> None:
    """A metric asks what it announced, because that is what the estimate priced, and asks for equal texts once."""
    overheard = _Overheard(scene.enquirer)
    _statistics(metric, items, replace(scene, enquirer=overheard), NoCache())
    announced = list(metric.enquiries(items, scene.pair)) if isinstance(metric, AskingMetric) else []
    require(overheard.asked == announced, "it asks something else than 'enquiries' announces")
    for enquiry in announced:
        require(len(set(enquiry.questions)) == len(enquiry.questions), "it asks the same question twice in an enquiry")
        broken = [question for question in enquiry.questions if "\n" in question or "\0" in question or not question]
        require(not broken, f"a question is not one line: {broken[:1]}")


def _check_cost(metric: Metric) -> None:
    if isinstance(metric, BilledMetric):
        cost = metric.cost
        known = isinstance(cost, Unknown) or (math.isfinite(cost.amount) and cost.amount >= 0)
        require(known, f"the cost {cost} is not an amount of money; give Unknown with a reason")


def _check_same_rows(
    make: Callable[[], Metric], items: Sequence[ScoringItem], scene: _Scene, table: StatTable, tolerance: float
) -> None:
    """Equal items have equal rows: again, in another order, twice in one call, and from the cache."""
    cache = MemoryCache()
    metric = make()
    ways = {
        "the second time": _statistics(make(), items, scene, NoCache()),
        "while it is being kept": _statistics(metric, items, scene, cache),
        "from the cache": _statistics(metric, items, scene, cache),
    }
    backwards = _statistics(make(), items[::-1], scene, NoCache())
    ways["in reverse order"] = replace(backwards, rows=backwards.rows[::-1], scored=backwards.scored[::-1])
    for way, other in ways.items():
        require(table.identity.signature == other.identity.signature, f"the signature differs {way}")
        require(bool((table.scored == other.scored).all()), f"other items are scored {way}")
        apart = float(np.abs(table.rows - other.rows).max())
        require(apart <= tolerance, f"the rows of the same items differ by {apart:.3g} {way}")


def _check_empty(make: Callable[[], Metric], scene: _Scene, width: int) -> None:
    table = _statistics(make(), [], scene, NoCache())
    require(table.rows.shape == (0, width), f"no items gave rows of shape {table.rows.shape}, not (0, {width})")


def _check_sums(metric: Metric, rows: Rows) -> None:
    """``score`` is a pure function of sums: of one, of many at once, and twice the text has the same score."""
    total = rows.sum(axis=0)
    before = total.copy()
    score = np.asarray(metric.score(total))
    require(bool((total == before).all()), "'score' changes the sums it is given")
    require(score.shape == (), f"'score' of one sum gave the shape {score.shape}, not a number")
    require(bool(np.isfinite(score)), f"'score' of all items is {score}")
    stack = np.stack([total, rows[0], rows[: len(rows) // 2].sum(axis=0)])
    together = np.asarray(metric.score(stack))
    require(together.shape == (3,), f"'score' of 3 sums gave the shape {together.shape}, not (3,)")
    for number, totals in enumerate(stack):
        alone = float(metric.score(totals))
        require(
            bool(np.isclose(alone, together[number], rtol=1e-12, atol=1e-12, equal_nan=True)),
            f"a sum scores {alone} alone and {together[number]} among others",
        )
    if isinstance(metric, ColumnMetric):
        without = [np.delete(rows, row, axis=0).sum(axis=0) for row in range(len(rows))]
        _check_columns(metric.score, metric.score_columns, np.stack([total, *without]))
    twice = float(metric.score(2 * total))
    require(
        bool(np.isclose(twice, float(score), rtol=1e-9, atol=1e-9)),
        f"the same texts twice score {twice}, once {float(score)}: rows must add up, so keep a count beside a score",
    )


def _check_columns(
    score: Callable[[Rows], Rows], score_columns: Callable[[Sequence[Columns]], Columns], sums: Rows
) -> None:
    """Of sums (n, k) the columns give the same scores, and in float32 nearly the same."""
    above = sums[(sums > 0).all(axis=1)]
    if len(above):
        scores, columns = score(above), score_columns(list(above.T))
        require(bool((scores == columns).all()), "'score_columns' gives other scores than 'score'")
        rough = score_columns(list(above.T.astype(np.float32)))
        close = np.abs(rough - scores) <= 1e-5 * np.abs(scores)
        require(bool(close.all()), "'score_columns' is more than 1e-5 off in float32")


def _check_segments(metric: Metric, rows: Rows) -> None:
    scores = metric.segment_scores(rows)
    require(scores.shape == (len(rows),), f"{len(rows)} rows gave segment scores of shape {scores.shape}")
    require(bool(np.isfinite(scores).all()), "a scored segment has no finite segment score")
    backwards = metric.segment_scores(rows[::-1])[::-1]
    require(bool((scores == backwards).all()), "a segment's score depends on the segments around it")
    if isinstance(metric, SizedMetric):
        sizes = metric.sizes(rows)
        require(sizes.shape == (len(rows),) and bool((sizes >= 0).all()), "'sizes' gave no size for each row")


def _check_direction(metric: Metric, items: Sequence[ScoringItem], table: StatTable) -> None:
    """The good system is better, in the direction that the metric declares."""

    def total(system: str) -> Rows:
        chosen = [
            row for row, item in enumerate(items) if item.system == system and item.line <= most and table.scored[row]
        ]
        require(bool(chosen), f"nothing of the system '{system}' was scored")
        summed: Rows = table.rows[chosen].sum(axis=0)
        return summed

    most = max(item.line for item in items if item.system == BAD)
    good, bad = float(metric.score(total(GOOD))), float(metric.score(total(BAD)))
    better = good > bad if metric.higher_is_better else good < bad
    way = "higher" if metric.higher_is_better else "lower"
    require(better, f"{way} is better, but a good system scores {good:.3g} and a bad one {bad:.3g}")
