"""Formulas of columns give what formulas of sums give: scores to the bit, and counts of swaps exactly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from harness.analysis.stats.columns import Exchange, Moved, Score
from harness.analysis.stats.segment_tests import swapped_sums_of
from harness.metrics.interface import Columns, Rows
from harness.metrics.load import ColumnFormula, formula_of

TRIALS = 2000

KINDS = [("bleu", {}), ("bleu", {"smooth": "add-k"}), ("chrf", {}), ("chrf++", {})]


def made_tables(metric: str, fewest: int, systems: int = 4, segments: int = 60) -> list[Rows]:
    """Rows of some systems against the same references: counts that grow smaller with the order of the n-grams."""
    rng = np.random.default_rng(7)
    made = []
    lengths = rng.integers(fewest, 40, size=(segments, 1))
    for _ in range(systems):
        said = lengths + rng.integers(0, 4, size=(segments, 1))
        matches = rng.binomial(lengths, 0.6)
        if metric == "bleu":
            parts = [said, lengths, *(matches // order for order in (1, 2, 3, 4)), *(said for _ in range(4))]
        else:
            parts = [part for _ in range(6 + 2 * (metric == "chrf++")) for part in (said, lengths, matches)]
        made.append(np.hstack(parts).astype(np.float64))
    return made


def exchanges(rows: Sequence[Rows]) -> Iterator[Exchange]:
    moved = [Moved(table, sums) for table, sums in zip(rows, swapped_sums_of(rows, TRIALS), strict=True)]
    return (Exchange(b.total, a.total, gained=a, lost=b) for a in moved for b in moved if a is not b)


def plainly(exchange: Exchange, score: Score) -> tuple[Rows, Rows]:
    moved = exchange.gained.rows - exchange.lost.rows
    return score(exchange.one + moved), score(exchange.other - moved)


@pytest.mark.parametrize(("name", "options"), KINDS)
@pytest.mark.parametrize("fewest", [1, 8])
def test_counts_and_scores_are_those_of_the_plain_formula(name: str, options: dict[str, str], fewest: int) -> None:
    formula = formula_of(name, options)
    assert isinstance(formula, ColumnFormula)
    counts = []
    for exchange in exchanges(made_tables(name, fewest)):
        one, other = plainly(exchange, formula.score)
        assert [part.tolist() for part in exchange.scores(formula)] == [one.tolist(), other.tolist()]
        apart = np.abs(one - other)
        # Sizes that some swap shows to the last digit are counted, or not, by that digit.
        for size in [0.0, *np.quantile(apart, [0.5, 0.9, 0.99], method="nearest")]:
            for exactly in (size, np.nextafter(size, 0), np.nextafter(size, 100)):
                counts.append(exchange.count_beyond(formula, float(exactly)))
                assert counts[-1] == np.count_nonzero(apart > exactly)
                reaching = exchange.count_beyond(formula, float(exactly), reaching=True)
                assert reaching == np.count_nonzero(apart >= exactly)
    assert len(set(counts)) > 6


def test_columns_are_used_only_where_every_sum_is_above_0() -> None:
    asked: list[int] = []

    class Counting:
        """A formula that writes down how often it was asked for columns."""

        def __call__(self, totals: Rows) -> Rows:
            ratio: Rows = totals[..., 0] / np.maximum(totals[..., 1], 1)
            return ratio

        def of_columns(self, columns: Sequence[Columns]) -> Columns:
            asked.append(len(columns))
            ratio: Columns = columns[0] / columns[1]
            return ratio

    few = np.zeros((40, 2))
    few[0] = 1, 3  # whoever has this row has everything
    many = few + 2
    expected = {True: 0, False: 0}
    for rows, above in (([few, 2 * few], False), ([many, many + few], True)):
        for exchange in exchanges(rows):
            before = len(asked)
            one, other = plainly(exchange, Counting())
            assert exchange.count_beyond(Counting(), 0.01) == np.count_nonzero(np.abs(one - other) > 0.01)
            assert (len(asked) > before) == above
            expected[above] += 1
    assert expected == {True: 2, False: 2}
