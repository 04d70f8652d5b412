"""The segment-level tests of sacrebleu, for comparison with papers: same generator, same seed, same p.

They take segments for independent. Segments of one article are not, and with 20 segments an article such a test calls
one equal pair in four different; :mod:`harness.analysis.stats.compare` is the test to rely on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from harness.analysis.stats.columns import Exchange, Moved
from harness.analysis.stats.compare import ScoreFunction
from harness.analysis.stats.inversion import TINY
from harness.analysis.stats.products import joint_sums
from harness.metrics.interface import Rows

BLOCK = 32
"""Swaps drawn at once are a multiple of this: numpy draws booleans from 32-bit words."""

CELLS = 20_000_000
"""Most numbers of a random matrix in memory at once."""

DRAWS = 4
"""How many times fewer resamples than swaps are in memory at once."""


def paired_randomisation(a: Rows, b: Rows, score: ScoreFunction, *, trials: int = 10_000, seed: int = 12345) -> float:
    """The p of ``sacrebleu --paired-ar`` (``_paired_ar_test``), with a as the baseline.

    Args:
        a: (n, k) segment rows.
        b: (n, k) segment rows of the other system.
        score: (..., k) to (...).
        trials: swaps.
        seed: of numpy's default generator.

    Returns:
        (c + 1) / (trials + 1), with c the swaps whose difference is larger than the observed one; 1 for equal rows,
        where sacrebleu's formula gives its smallest p.
    """
    stay_a, stay_b = (Moved(rows, swapped_sums(rows, trials, seed)) for rows in (a, b))
    return randomisation_p(stay_a, stay_b, score)


def swapped_sums(rows: Rows, trials: int = 10_000, seed: int = 12345) -> Rows:
    """Sums, (trials, k), of the rows that stay on their side in each trial; the same trials for every system."""
    return swapped_sums_of([rows], trials, seed)[0]


def swapped_sums_of(tables: Sequence[Rows], trials: int = 10_000, seed: int = 12345) -> list[Rows]:
    """:func:`swapped_sums` of many tables, (n, k) each with the same n; the trials are drawn once for all of them."""
    n = len(tables[0]) if tables else 0
    rng = np.random.default_rng(seed)
    return joint_sums((rng.integers(2, size=(count, n), dtype=bool) for count in _blocks(trials, n)), tables)


def resampled_sums_of(tables: Sequence[Rows], resamples: int = 1000, seed: int = 12345) -> list[Rows]:
    """Sums, (resamples, k), of bootstrap resamples of many tables; the resamples are drawn once for all of them."""
    n = len(tables[0]) if tables else 0
    rng = np.random.default_rng(seed)
    # Indices take eight bytes each, twice; drawing fewer at once changes nothing in their stream.
    draws = (rng.choice(n, size=(count, n), replace=True) for count in _blocks(resamples, DRAWS * n))
    return joint_sums((_counts(indices) for indices in draws), tables)


def randomisation_p(stay_a: Moved, stay_b: Moved, score: ScoreFunction) -> float:
    """The p of :func:`paired_randomisation` from sums that :func:`swapped_sums` made once for each system."""
    exchange = Exchange(stay_b.total, stay_a.total, gained=stay_a, lost=stay_b)
    if exchange.is_void:
        return 1.0
    # One sum alone may go another way through a formula than many, and differ from them in the last digits. With few
    # segments many swaps give the observed difference again, and they must not count as larger.
    value_a, value_b = score(np.array([stay_a.total, stay_b.total])).tolist()
    observed = abs(value_a - value_b) + TINY * max(abs(value_a), abs(value_b), 1.0)
    return (exchange.count_beyond(score, observed) + 1) / (len(stay_a.rows) + 1)


def paired_bootstrap(a: Rows, b: Rows, score: ScoreFunction, *, resamples: int = 1000, seed: int = 12345) -> float:
    """The p of ``sacrebleu --paired-bs`` (``_paired_bs_test``), with a as the baseline; arguments as above."""
    sums_a, sums_b = resampled_sums_of([a, b], resamples, seed)
    return bootstrap_p(a, b, sums_a, sums_b, score)


def bootstrap_p(a: Rows, b: Rows, sums_a: Rows, sums_b: Rows, score: ScoreFunction) -> float:
    """The p of :func:`paired_bootstrap` from sums that :func:`resampled_sums_of` made once for each system."""
    if np.array_equal(a, b):
        return 1.0
    observed = abs(float(score(a.sum(axis=0))) - float(score(b.sum(axis=0))))
    differences = np.abs(score(sums_b) - score(sums_a))
    larger = int((differences - differences.mean() > observed).sum())
    return (larger + 1) / (len(differences) + 1)


def _blocks(total: int, width: int) -> Iterator[int]:
    size = max(BLOCK, CELLS // max(width, 1) // BLOCK * BLOCK)
    for start in range(0, total, size):
        yield min(size, total - start)


def _counts(indices: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """How often each segment was drawn, from the drawn indices (m, n)."""
    rows, width = indices.shape
    flat = (indices + np.arange(rows)[:, None] * width).ravel()
    return np.bincount(flat, minlength=rows * width).reshape(rows, width)
