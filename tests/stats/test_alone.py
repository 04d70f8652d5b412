"""Two systems compared alone have the p and the interval that they have among others, to the bit."""

from __future__ import annotations

import numpy as np
import pytest

from harness.analysis.stats import alone
from harness.analysis.stats.alone import compare_alone
from harness.analysis.stats.compare import compare, make_profiles
from harness.analysis.stats.design import make_design
from harness.analysis.stats.inversion import of_rank
from harness.metrics.load import formula_of
from harness.metrics.segment import SegmentMean
from tests.stats.test_columns import made_tables


@pytest.mark.parametrize("name", ["bleu", "chrf"])
@pytest.mark.parametrize("level", [0.95, 0.5, 0.9999])
def test_it_is_the_comparison_among_others(name: str, level: float, monkeypatch: pytest.MonkeyPatch) -> None:
    formula, tables = formula_of(name, {}), made_tables(name, 8, segments=40)
    twin = tables[0].copy()
    # So close to the first that float32 confuses the order of what swaps show.
    close = [tables[0].copy() for _ in range(6)]
    rng = np.random.default_rng(6)
    for table in close:
        table[rng.permutation(40)[:20], 2] -= 1
    design = make_design(40, 3, shuffles=2000)
    profiles = make_profiles([*tables, twin, *close], np.ones(40), formula, design)
    expected = {
        (a, b): compare(one, other, formula, design, higher_is_better=bool(b % 2), level=level)
        for a, one in enumerate(profiles)
        for b, other in enumerate(profiles)
    }
    monkeypatch.setattr(alone, "compare", None)  # which is asked only about twins
    found = 0
    for (a, b), item in expected.items():
        if profiles[a].total.tolist() == profiles[b].total.tolist():
            continue
        one = compare_alone(profiles[a], profiles[b], formula, design, higher_is_better=bool(b % 2), level=level)
        assert one == item
        found += 1
    assert found > 20
    assert len({item.p for item in expected.values()}) > 8


def test_ties_of_few_segments_count() -> None:
    """Of few units many swaps show the observed difference again, and each of them counts."""
    for units in (8, 11):
        design, formula = make_design(units, 1), formula_of("chrf", {})
        profiles = make_profiles(made_tables("chrf", 8, segments=units), np.ones(units), formula, design)
        for other in profiles[1:]:
            mine, theirs = (
                way(profiles[0], other, formula, design, higher_is_better=True) for way in (compare_alone, compare)
            )
            assert mine == theirs
            assert mine.p >= 2 / design.swaps


def test_formulas_without_columns_are_compared_as_ever() -> None:
    rng = np.random.default_rng(4)
    design, score = make_design(30, 1, shuffles=500), SegmentMean().score
    tables = [np.stack([rng.normal(size=30), np.ones(30)], axis=1) for _ in range(2)]
    a, b = make_profiles(tables, np.ones(30), score, design)
    assert compare_alone(a, b, score, design, higher_is_better=True) == compare(
        a, b, score, design, higher_is_better=True
    )


def test_numbers_of_a_rank() -> None:
    rng = np.random.default_rng(5)
    several = [rng.normal(size=10_000), np.zeros(10_000), np.sort(rng.normal(size=999)), rng.integers(0, 3, 500) * 1.0]
    several.append(np.concatenate([np.full(16 * 200, -1.0).reshape(-1, 16) + np.arange(16)]).ravel())
    for numbers in several:
        ordered = np.sort(numbers)
        for rank in (0, 1, len(numbers) // 20, len(numbers) // 2, len(numbers) - 1):
            assert of_rank(numbers, rank) == ordered[rank]
