"""How fast this processor multiplies matrices in a precision: without instructions for it, far slower than in fp32."""

from __future__ import annotations

import time

import torch

from harness.metrics.comet.cards import Precision
from harness.metrics.comet.packed.matrices import Linear
from harness.metrics.comet.packed.weights import TYPES, rounded

ROWS, WIDTH = 128, 1024
"""A small batch through a matrix of XLM-R large: milliseconds even where it is slow."""

TRIES = 3
"""The fastest counts: other work on the machine only ever makes one slower."""


def times_of_fp32(precision: Precision) -> float:
    """Seconds of a product in ``precision`` over those of the same product in fp32; above 1, it is slower."""
    with torch.inference_mode():
        return _seconds(precision) / _seconds("fp32")


def _seconds(precision: Precision) -> float:
    numbers = torch.linspace(-1, 1, WIDTH)
    matrix = rounded(Linear(numbers.repeat(WIDTH, 1), numbers), precision)
    rows = numbers.repeat(ROWS, 1).to(TYPES[precision])
    matrix(rows)
    took = []
    for _ in range(TRIES):
        began = time.perf_counter()
        matrix(rows)
        took.append(time.perf_counter() - began)
    return min(took)
