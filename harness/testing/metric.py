"""The contract suite for a metric: what :class:`harness.metrics.interface.Metric` promises, checked against yours.

::

    def test_contract():
        metric_contract(lambda: MyMetric(MyOptions()))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from harness.metrics.interface import Metric, MetricContext, Rows, ScoringItem, SizedMetric, StatTable
from harness.store.cache.answers import NoCache
from harness.store.cache.keys import digest
from harness.testing.contract import require
from harness.types import JsonValue, LangPair

GOOD, BAD = "good", "bad"

_REFERENCES = (
    "The ferry to the island leaves at half past seven in the morning.",
    "Nobody on the council could say what the new bridge would cost.",
    "She has repaired clocks in this street for more than thirty years.",
    "After the rain the path along the river was closed for two weeks.",
    "Please boil the water for at least one minute before you drink it.",
    "The museum will show the letters for the first time next spring.",
)

ITEMS: tuple[ScoringItem, ...] = tuple(
    ScoringItem(system, line, f"Satz Nummer {line}.", text, (reference,))
    for line, reference in enumerate(_REFERENCES, start=1)
    for system, text in (
        (GOOD, reference),
        (BAD, " ".join(reversed(_REFERENCES[line % len(_REFERENCES)].split()[:7])) + " xyzzy"),
    )
)
"""A system that writes what the reference has, and one that writes parts of other sentences backwards."""

ODD: tuple[ScoringItem, ...] = tuple(
    ScoringItem(GOOD, line, source, text, references)
    for line, (source, text, references) in enumerate(
        (
            ("Nichts.", "", ("Nothing.",)),
            ("Leer.", "   ", ("Empty.",)),
            ("Ohne Referenz.", "Without a reference.", ()),
            ("Zwei.", "Two of them.", ("Two.", "Two of them.")),
            ("قطة", "مرحبا بالعالم", ("مرحبا",)),
            ("猫", "猫在垫子上。", ("貓在墊子上。",)),
            ("Zeichen", "a\u0301\u200b\u202e🫖👍🏽 <b>&amp;", ("á 🫖",)),
        ),
        start=len(_REFERENCES) + 1,
    )
)
"""Texts on which metrics stumble: none may raise, and none may become NaN."""


class _Memory:
    """A cache in memory."""

    keeps = True

    def __init__(self) -> None:
        self._scores: dict[tuple[str, tuple[str, ...]], Mapping[str, float]] = {}
        self._derived: dict[str, bytes] = {}

    def get_scores(
        self, metric: Mapping[str, str], texts: Sequence[tuple[str, ...]]
    ) -> list[Mapping[str, float] | None]:
        return [self._scores.get((digest(dict(metric)), text)) for text in texts]

    def put_scores(
        self, metric: Mapping[str, str], scores: Sequence[tuple[tuple[str, ...], Mapping[str, float]]]
    ) -> None:
        self._scores |= {(digest(dict(metric)), text): values for text, values in scores}

    def get_derived(self, requests: Sequence[Mapping[str, JsonValue]]) -> list[bytes | None]:
        return [self._derived.get(digest(dict(request))) for request in requests]

    def put_derived(self, results: Sequence[tuple[Mapping[str, JsonValue], bytes]]) -> None:
        self._derived |= {digest(dict(request)): data for request, data in results}


def metric_contract(
    make: Callable[[], Metric],
    items: Sequence[ScoringItem] = ITEMS,
    odd: Sequence[ScoringItem] = ODD,
    *,
    pair: LangPair = LangPair("de", "en"),  # noqa: B008 - it is frozen
    tolerance: float = 0.0,
    direction: bool = True,
) -> None:
    """Check that rows, scores and segment scores are what the statistics rely on.

    Args:
        make: makes the metric.
        items: of two systems called ``good`` and ``bad``, of which the metric must prefer the first.
        odd: texts that need not be scored, and must do no harm; their lines are none of ``items``.
        pair: the language pair.
        tolerance: how far two scores of the same texts may differ: 0 for counts, more for a model in batches.
        direction: False: the metric cannot tell good from bad here, such as an untrained model.

    Raises:
        ContractError: names what is broken.
    """
    everything = sorted((*items, *odd), key=lambda item: item.system)
    table = _check_table(make, everything, pair)
    _check_same_rows(make, everything, pair, table, tolerance)
    _check_empty(make, pair, table.rows.shape[1])
    metric = make()
    scored = table.rows[table.scored]
    require(len(scored) > 1, f"only {len(scored)} of {len(everything)} items were scored")
    _check_sums(metric, scored)
    _check_segments(metric, scored)
    if direction:
        _check_direction(metric, everything, table)


def _statistics(metric: Metric, items: Sequence[ScoringItem], pair: LangPair, cache: _Memory | NoCache) -> StatTable:
    systems = {item.system for item in items}
    texts = {name: digest([_fields(item) for item in items if item.system == name]) for name in systems}
    return metric.statistics(items, MetricContext(pair, cache, offline=True, texts=texts))


def _fields(item: ScoringItem) -> list[JsonValue]:
    return [item.system, item.line, item.source, item.hypothesis, list(item.references)]


def _check_table(make: Callable[[], Metric], items: Sequence[ScoringItem], pair: LangPair) -> StatTable:
    """The shapes, the identity, and that nothing is NaN."""
    metric = make()
    table = _statistics(metric, items, pair, NoCache())
    count = len(items)
    require(table.rows.ndim == 2 and len(table.rows) == count, f"{count} items gave rows of shape {table.rows.shape}")
    require(table.rows.dtype == np.float64, f"rows are {table.rows.dtype}, not float64")
    require(table.scored.shape == (count,) and table.scored.dtype == np.bool_, "'scored' is no mask of the items")
    require(bool(np.isfinite(table.rows).all()), "a row holds NaN or infinity; leave it unscored instead")
    require(not table.rows[~table.scored].any(), "the row of an unscored item is not zero, so it would be summed")
    for name, mask in table.marks.items():
        require(mask.shape == (count,) and mask.dtype == np.bool_, f"the mark '{name}' is no mask of the items")
    for row, spans in table.spans.items():
        for span in spans:
            inside = 0 <= span.start <= span.end <= len(items[row].hypothesis)
            require(inside, f"an error span of item {row} lies outside the hypothesis: {span}")
    identity = table.identity
    require(bool(identity.signature), "the metric has no signature, so its scores can never be compared")
    require(identity.name == metric.name, f"it is called '{metric.name}', and its identity '{identity.name}'")
    require(identity.higher_is_better == metric.higher_is_better, "the direction of its identity is another")
    return table


def _check_same_rows(
    make: Callable[[], Metric], items: Sequence[ScoringItem], pair: LangPair, table: StatTable, tolerance: float
) -> None:
    """Equal items have equal rows: again, in another order, twice in one call, and from the cache."""
    cache = _Memory()
    metric = make()
    ways = {
        "the second time": _statistics(make(), items, pair, NoCache()),
        "while it is being kept": _statistics(metric, items, pair, cache),
        "from the cache": _statistics(metric, items, pair, cache),
    }
    backwards = _statistics(make(), items[::-1], pair, NoCache())
    ways["in reverse order"] = replace(backwards, rows=backwards.rows[::-1], scored=backwards.scored[::-1])
    for way, other in ways.items():
        require(table.identity.signature == other.identity.signature, f"the signature differs {way}")
        require(bool((table.scored == other.scored).all()), f"other items are scored {way}")
        apart = float(np.abs(table.rows - other.rows).max())
        require(apart <= tolerance, f"the rows of the same items differ by {apart:.3g} {way}")


def _check_empty(make: Callable[[], Metric], pair: LangPair, width: int) -> None:
    table = _statistics(make(), [], pair, NoCache())
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
    for number, one in enumerate(stack):
        alone = float(metric.score(one))
        require(
            bool(np.isclose(alone, together[number], rtol=1e-12, atol=1e-12, equal_nan=True)),
            f"a sum scores {alone} alone and {together[number]} among others",
        )
    twice = float(metric.score(2 * total))
    require(
        bool(np.isclose(twice, float(score), rtol=1e-9, atol=1e-9)),
        f"the same texts twice score {twice}, once {float(score)}: rows must add up, so keep a count beside a score",
    )


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
