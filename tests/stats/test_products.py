"""Joint products equal the float64 product of each table, to the bit where rows are whole numbers."""

from __future__ import annotations

import numpy as np
import pytest

from harness.analysis.stats import products
from harness.analysis.stats.products import joint_sums
from harness.analysis.stats.segment_tests import resampled_sums_of, swapped_sums, swapped_sums_of


@pytest.mark.parametrize("largest", [3, 40_000, 10**7])
def test_whole_numbers_are_exact_however_large_their_sums(largest: int) -> None:
    rng = np.random.default_rng(largest)
    tables = [rng.integers(0, largest, (1500, width)).astype(float) for width in (10, 2, 18)]
    weights = [rng.integers(0, 5, (64, 1500)), rng.integers(0, 2, (7, 1500), dtype=bool)]
    weights[0][3, 5] = 1000
    weights.append(rng.integers(0, 16, (64, 1500)))  # whole columns far beyond what float32 holds exactly
    for sums, table in zip(joint_sums(weights, tables), tables, strict=True):
        exact = np.concatenate([one.astype(np.int64) @ table.astype(np.int64) for one in weights])
        assert (sums == exact).all()


def test_other_numbers_have_the_bits_of_their_own_product() -> None:
    rng = np.random.default_rng(1)
    tables = [rng.random((300, 2)), rng.integers(0, 9, (300, 4)).astype(float), rng.random((300, 2)) * 1e6]
    weights = rng.integers(2, size=(96, 300), dtype=bool)
    for sums, table in zip(joint_sums([weights], tables), tables, strict=True):
        assert (sums == weights.astype(float) @ table).all()


def test_how_tables_are_grouped_and_drawn_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    tables = [rng.integers(0, 30, (211, width)).astype(float) for width in (10, 18, 2, 2)]
    together = swapped_sums_of(tables, 500), resampled_sums_of(tables, 500)
    assert all((swapped_sums(table, 500) == sums).all() for table, sums in zip(tables, together[0], strict=True))
    monkeypatch.setattr(products, "COLUMNS", 12)
    monkeypatch.setattr("harness.analysis.stats.segment_tests.CELLS", 211 * 40)
    apart = swapped_sums_of(tables, 500), resampled_sums_of(tables, 500)
    for one, other in zip(together, apart, strict=True):
        assert all((a == b).all() for a, b in zip(one, other, strict=True))
