"""Whether choosing a system for each part of a corpus beats the best one, cross-validated by unit. Pure numpy.

Units are dealt into folds. For each fold the other units choose a system for every part: the best there, if it is ahead
of the best single system by a standard error and by the least that counts; else the single one. What is chosen
translates the fold, and the parts of all folds together are compared with the single system by the swap test,
one-sided. The single system is the best of all units, the fold's own included, which favours it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.analysis.stats.compare import ScoreFunction, linearised, make_profiles, p_of_loss
from harness.analysis.stats.design import Design
from harness.metrics.interface import Rows

FOLDS = 10

FEWEST = 6
"""Units of a part on which a system is chosen; with fewer it is the single one."""

CAUTION = 1.0
"""Standard errors by which another system must be ahead in a part to be chosen there."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A corpus cut into parts, under one metric."""

    rows: tuple[tuple[Rows, ...], ...]
    """Part, system: (n, k) sums of each unit; zero where a unit has nothing of the part."""
    sizes: tuple[Rows, ...]
    """Part: (n,) segments of each unit."""
    score: ScoreFunction
    higher_is_better: bool

    @property
    def testable(self) -> bool:
        """Whether a system can be chosen in a part without one of the folds."""
        counts = [int((size > 0).sum()) for size in self.sizes]
        return len(counts) > 1 and any(count - math.ceil(count / FOLDS) >= FEWEST for count in counts)


@dataclass(frozen=True, slots=True)
class Routed:
    """What choosing by part is worth."""

    chosen: tuple[int, ...]
    """Part to the place of its system, by all units."""
    ahead: tuple[float, ...]
    """By how much that one is ahead of the single system in the part, by all units; 0 where it is the same."""
    gain: float
    """Of the combination over the single system, each unit by what the others chose; points of the metric."""
    p: float
    """One-sided: small where the combination is better."""


def cross_validate(parts: Parts, single: int, design: Design, *, least: float = 0.0, seed: int = 1) -> Routed:
    """Compare choosing a system for each part with one system for all.

    Args:
        parts: the corpus; all systems on the same segments.
        single: the place of the best system of the whole corpus.
        design: the swaps of its units.
        least: points by which another system must be ahead in a part to be chosen there.
        seed: of the folds.
    """
    units = design.units
    everyone = np.ones(units, dtype=np.bool_)
    choices = [_choose(parts, place, single, everyone, least) for place in range(len(parts.rows))]
    routed = np.zeros_like(parts.rows[0][single])
    fold_of = _folds(parts, seed)
    for fold in range(FOLDS):
        held_out = fold_of == fold
        for place, systems in enumerate(parts.rows):
            chosen, _ = _choose(parts, place, single, ~held_out, least)
            routed[held_out] += systems[chosen][held_out]
    whole = sum((systems[single] for systems in parts.rows), np.zeros_like(routed))
    sizes = np.sum(parts.sizes, axis=0)
    gain, p = 0.0, 1.0
    if not np.array_equal(routed, whole):
        higher = parts.higher_is_better
        combination, alone = make_profiles([routed, whole], sizes, parts.score, design)
        gain = (combination.value - alone.value) * (1.0 if higher else -1.0)
        p = p_of_loss(alone, combination, parts.score, design, higher_is_better=higher, loss=0.0)
    return Routed(tuple(place for place, _ in choices), tuple(ahead for _, ahead in choices), gain, p)


def _folds(parts: Parts, seed: int) -> np.typing.NDArray[np.intp]:
    """(n,) the fold of each unit; units of the part that they have most of are spread evenly."""
    belongs = np.argmax(np.stack(parts.sizes), axis=0)
    order = np.random.default_rng(seed).permutation(len(belongs))
    order = order[np.argsort(belongs[order], kind="stable")]
    folds = np.empty(len(belongs), dtype=np.intp)
    folds[order] = np.arange(len(belongs)) % FOLDS
    return folds


def _choose(
    parts: Parts, place: int, single: int, among: np.typing.NDArray[np.bool_], least: float
) -> tuple[int, float]:
    """The place of the system for a part, and by how much it is ahead of the single one there."""
    among = among & (parts.sizes[place] > 0)
    if among.sum() < FEWEST:
        return single, 0.0
    sign = 1.0 if parts.higher_is_better else -1.0
    systems = [rows[among] for rows in parts.rows[place]]
    values = sign * parts.score(np.stack([rows.sum(axis=0) for rows in systems]))
    best = int(np.argmax(values))
    delta = float(values[best] - values[single])
    if best == single or delta <= 0:
        return single, 0.0
    error = _standard_error(systems[best], systems[single], parts.sizes[place][among], parts.score)
    return (best, delta) if delta >= max(least, CAUTION * error) else (single, 0.0)


def _standard_error(one: Rows, other: Rows, sizes: Rows, score: ScoreFunction) -> float:
    """Of the difference of two systems, by linearisation."""
    (mine, my_shares), (yours, your_shares) = (linearised(rows, sizes, score) for rows in (one, other))
    gaps, shares = mine - yours, (my_shares + your_shares) / 2
    influence, n = gaps - gaps.sum() * shares, len(gaps)
    return float(np.sqrt(n / (n - 1) * (influence**2).sum()))


def adjusted(results: Sequence[Routed]) -> list[float]:
    """The p of each way of cutting a corpus, corrected for all that were tried (Bonferroni)."""
    return [min(1.0, len(results) * item.p) for item in results]
