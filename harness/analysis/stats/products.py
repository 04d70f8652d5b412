"""Resampling as matrix products: weights are drawn once and applied to the rows of every system and metric.

Counts are multiplied in float32, at half the cost, where that is exact: whole numbers add up without rounding while
every partial sum stays below 2**24. Rows are taken in blocks that keep to it and added up in float64. Rows that are no
whole numbers (COMET, mean lengths of several references) are multiplied in float64, table by table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.metrics.interface import Rows

EXACT = 2.0**24
"""Whole numbers up to this are exact in float32."""

LARGEST_WEIGHT = 16
"""Resamples in which a row counts more often than this are multiplied in float64."""

COLUMNS = 512
"""At most about so many columns are multiplied at once."""

CELLS = 2**20
"""Weights that are multiplied at once in float32: few enough for the processor's cache."""

Weights = npt.NDArray[Any]
"""(m, n) whole numbers, or booleans: how often each row counts in each of m resamples."""


def joint_sums(blocks: Iterable[Weights], tables: Sequence[Rows]) -> list[Rows]:
    """Sums of many tables under the same weights, equal to the float64 product of each.

    Args:
        blocks: the weights of all resamples, a few at a time.
        tables: (n, k) rows each; k may differ.

    Returns:
        For each table its sums, (resamples, k), every column in one piece, as formulas read them.
    """
    whole = [index for index, table in enumerate(tables) if _whole_numbers(table)]
    groups = [(members, *_joined([tables[index] for index in members])) for members in _groups(whole, tables)]
    sums: list[list[Rows]] = [[] for _ in tables]
    for weights in blocks:
        narrow = bool(len(weights)) and weights.max(initial=0) <= LARGEST_WEIGHT
        alone = [index for index in range(len(tables)) if not narrow or index not in whole]
        for table, parts in zip(tables, sums, strict=True):
            parts.append(np.empty((len(weights), table.shape[1]), order="F"))
        step = max(1, CELLS // max(1, weights.shape[1]))
        for start in range(0, len(weights) if narrow and groups else 0, step):
            rows = slice(start, start + step)
            small = weights[rows].astype(np.float32)
            for members, matrix, cuts in groups:
                joined = sum((small[:, a:b] @ matrix[a:b] for a, b in cuts), np.zeros((len(small), matrix.shape[1])))
                widths = np.cumsum([tables[index].shape[1] for index in members])[:-1]
                for index, part in zip(members, np.split(joined, widths, axis=1), strict=True):
                    sums[index][-1][rows] = part
        full = weights.astype(np.float64) if alone else np.zeros(0)
        for index in alone:  # in one piece: other pieces are rounded otherwise
            sums[index][-1][:] = full @ tables[index]
    return [parts[0] if len(parts) == 1 else np.asfortranarray(np.concatenate(parts)) for parts in sums]


def _whole_numbers(table: Rows) -> bool:
    return bool((table == np.rint(table)).all() and np.abs(table).max(initial=0.0) * LARGEST_WEIGHT < EXACT)


def _groups(whole: Sequence[int], tables: Sequence[Rows]) -> list[list[int]]:
    """Tables to multiply together."""
    groups: list[list[int]] = []
    room = 0
    for index in whole:
        width = tables[index].shape[1]
        if not groups or width > room:
            groups.append([])
            room = COLUMNS
        groups[-1].append(index)
        room -= width
    return groups


def _joined(tables: Sequence[Rows]) -> tuple[npt.NDArray[np.float32], list[tuple[int, int]]]:
    """The tables side by side, and the blocks of rows within which no weighted sum can leave what float32 holds."""
    matrix = np.concatenate([table.astype(np.float32) for table in tables], axis=1)
    sizes = np.max([np.abs(table).max(axis=1, initial=0.0) for table in tables], axis=0) * LARGEST_WEIGHT
    cuts, start, reached = [], 0, np.cumsum(sizes)
    while start < len(matrix):
        before = reached[start] - sizes[start]
        end = max(start + 1, int(np.searchsorted(reached, before + EXACT, side="left")))
        cuts.append((start, end))
        start = end
    return matrix, cuts
