"""Resampling as matrix products: weights are drawn once and applied to the rows of every system and metric.

Counts are multiplied in float32, at half the cost, where that is exact: whole numbers add up without rounding while
every partial sum stays below 2**24. Rows are taken in blocks that keep to it and added up in float64. Columns that
several tables share (the lengths of the references) are multiplied once. Rows that are no whole numbers (COMET, mean
lengths of several references) are multiplied in float64, table by table.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.metrics.interface import Rows
from harness.workspace.linear_algebra import one_thread

EXACT = 2.0**24
"""Whole numbers up to this are exact in float32."""

LARGEST_WEIGHT = 16
"""Resamples in which a row counts more often than this are multiplied in float64."""

COLUMNS = 512
"""At most so many columns are multiplied at once."""

CELLS = 2**20
"""Weights that are multiplied at once: few enough for the processor's cache."""

TILE = 192
"""Resamples that are multiplied at once are a multiple of this: linear algebra works on tiles of so many rows or of a
part of it, and rounds the rows that are left over otherwise."""

Weights = npt.NDArray[Any]
"""(m, n) whole numbers, or booleans: how often each row counts in each of m resamples."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Columns of whole numbers that are multiplied together."""

    matrix: npt.NDArray[np.float32]
    """(k, n) the columns, each in one piece."""
    cuts: Sequence[tuple[int, int]]
    """Blocks of rows within which no weighted sum can leave what float32 holds."""
    goes_to: Sequence[Sequence[tuple[int, int]]]
    """For each column the tables it belongs to, and its place in each."""


@one_thread()
def joint_sums(blocks: Iterable[Weights], tables: Sequence[Rows]) -> list[Rows]:
    """Sums of many tables under the same weights, equal to the float64 product of each.

    Args:
        blocks: the weights of all resamples, a few at a time.
        tables: (n, k) rows each; k may differ.

    Returns:
        For each table its sums, (resamples, k), every column in one piece, as formulas read them.
    """
    whole = [index for index, table in enumerate(tables) if _whole_numbers(table)]
    groups = _groups(whole, tables)
    sums: list[list[Rows]] = [[] for _ in tables]
    for weights in blocks:
        narrow = bool(len(weights)) and (weights.dtype == np.bool_ or weights.max(initial=0) <= LARGEST_WEIGHT)
        for table, parts in zip(tables, sums, strict=True):
            parts.append(np.empty((len(weights), table.shape[1]), order="F"))
        last = [parts[-1] for parts in sums]
        if narrow and groups:
            _multiply_counts(weights, groups, last)
        alone = [index for index in range(len(tables)) if not narrow or index not in whole]
        if alone:
            _multiply(weights, [tables[index] for index in alone], [last[index] for index in alone])
    return [parts[0] if len(parts) == 1 else np.asfortranarray(np.concatenate(parts)) for parts in sums]


def _multiply_counts(weights: Weights, groups: Sequence[_Group], sums: Sequence[Rows]) -> None:
    """Fill ``sums``, (m, k) of each table, as far as the groups have their columns."""
    step = _step(weights)
    narrow = np.empty((min(step, len(weights)), weights.shape[1]), dtype=np.float32)
    widest = max(len(group.matrix) for group in groups)
    product = np.empty((widest, len(narrow)), dtype=np.float32)
    for start in range(0, len(weights), step):
        taken = weights[start : start + step]
        rows, small = slice(start, start + len(taken)), narrow[: len(taken)]
        np.copyto(small, taken)
        for group in groups:
            # The other way round: the sums of a column come out, and are stored, in one piece.
            part = product[: len(group.matrix), : len(taken)]
            for number, (a, b) in enumerate(group.cuts):
                np.matmul(group.matrix[:, a:b], small[:, a:b].T, out=part)
                for column, places in zip(part, group.goes_to, strict=True):
                    for table, place in places:
                        target = sums[table][rows, place]
                        if number:
                            target += column
                        else:
                            target[:] = column


def _multiply(weights: Weights, tables: Sequence[Rows], sums: Sequence[Rows]) -> None:
    """Fill ``sums``, (m, k) of each table, with the product in float64."""
    step = _step(weights)
    wide = np.empty((min(step, len(weights)), weights.shape[1]))
    for start in range(0, len(weights), step):
        taken = weights[start : start + step]
        np.copyto(wide[: len(taken)], taken)
        for table, target in zip(tables, sums, strict=True):
            target[start : start + len(taken)] = wide[: len(taken)] @ table


def _step(weights: Weights) -> int:
    """How many resamples are multiplied at once."""
    return max(1, CELLS // max(1, weights.shape[1]) // TILE) * TILE


def _whole_numbers(table: Rows) -> bool:
    return bool((table == np.rint(table)).all() and np.abs(table).max(initial=0.0) * LARGEST_WEIGHT < EXACT)


def _groups(whole: Sequence[int], tables: Sequence[Rows]) -> list[_Group]:
    """The different columns of tables of whole numbers, to be multiplied together."""
    goes_to: dict[bytes, list[tuple[int, int]]] = {}
    for index in whole:
        for place, column in enumerate(tables[index].T):
            key = hashlib.blake2b(np.ascontiguousarray(column).data, digest_size=16).digest()
            goes_to.setdefault(key, []).append((index, place))
    columns = list(goes_to.values())
    return [_group(columns[first : first + COLUMNS], tables) for first in range(0, len(columns), COLUMNS)]


def _group(goes_to: Sequence[Sequence[tuple[int, int]]], tables: Sequence[Rows]) -> _Group:
    firsts = [places[0] for places in goes_to]
    matrix = np.empty((len(firsts), len(tables[firsts[0][0]])), dtype=np.float32)
    for row, (table, place) in zip(matrix, firsts, strict=True):
        row[:] = tables[table][:, place]
    largest = np.maximum(matrix.max(axis=0, initial=0.0), -matrix.min(axis=0, initial=0.0))
    sizes = largest.astype(np.float64) * LARGEST_WEIGHT
    cuts, start, reached = [], 0, np.cumsum(sizes)
    while start < len(sizes):
        before = reached[start] - sizes[start]
        end = max(start + 1, int(np.searchsorted(reached, before + EXACT, side="left")))
        cuts.append((start, end))
        start = end
    return _Group(matrix, cuts, goes_to)
