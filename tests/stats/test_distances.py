"""Distances by the swaps of one pair, against counting them one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from harness.analysis.stats.compare import SwapTest
from harness.analysis.stats.design import make_design
from harness.analysis.stats.distances import LEAST_FALL, RANKED, ROUNDING, TAIL, Scale
from harness.metrics.interface import Rows


def counted(swapped: Rows, size: float, *, exact: bool) -> list[float]:
    """The distance of every swap by its definition."""
    orders = sorted(swapped.tolist() if exact else [*swapped.tolist(), size])
    root = math.sqrt(sum(order**2 for order in orders) / len(orders)) or 1.0
    fall = max((orders[-RANKED] - orders[-TAIL]) / math.log(TAIL / RANKED), LEAST_FALL * root)
    large = np.array(orders)
    return [
        math.log(len(orders) / RANKED) + (value - orders[-RANKED]) / fall
        if value > orders[-RANKED]
        else math.log(len(orders) / max(int((large >= value * (1 - ROUNDING)).sum()), 1))
        for value in [*swapped.tolist(), size]
    ]


def close_numbers(rng: np.random.Generator, count: int) -> Rows:
    """Equal ones, ones that are equal but for rounding, and ones that 32 bits cannot tell apart."""
    values = np.abs(rng.normal(size=count))
    values[:50], values[50:60] = values[50], values[50] * (1 + 1e-15)
    values[100:200] = 1 + np.arange(100)[::-1] * 1e-11
    return rng.permutation(values)


@pytest.mark.parametrize("units", [12, 40])
@pytest.mark.parametrize("size", [0.0, 1.0, 3.2, 7.0])
def test_distances_are_those_of_counting(units: int, size: float) -> None:
    design = make_design(units, 1, shuffles=1500)
    assert design.exact == (units == 12)
    swapped = close_numbers(np.random.default_rng(units), design.swaps)
    scale = Scale(SwapTest(size, 0.5, size, swapped), design)
    *of_swaps, observed = counted(swapped, size, exact=design.exact)
    assert scale.of_swaps() == pytest.approx(of_swaps, rel=1e-12)
    assert scale.observed() == pytest.approx(observed, rel=1e-12)


def test_systems_that_never_differ_are_at_no_distance() -> None:
    design = make_design(12, 1)
    scale = Scale(SwapTest(0.0, 1.0, 0.0, np.zeros(design.swaps)), design)
    assert scale.observed() == 0
    assert not scale.of_swaps().any()
