"""Two metrics that decide together.

One learned metric alone is wrong where it is blind; two of different families are hardly ever wrong together: in 2 of
377 choices beside people, where COMET is in 18 of 391 (``docs/wmt.md``). So, where a run has two:

- **mean**: two learned metrics that score the same segments of the same systems. Each is centred and divided by its
  standard deviation between systems on one segment; the mean of both goes through the same swap test as any metric.
- **both**: two string metrics, or learned ones that cannot be averaged. A difference counts where each of the two
  confirms it in the same direction: the larger p of the two (intersection-union test, Berger 1982).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from harness.analysis.primary import partner_of, primary_of
from harness.metrics.segment import WIDTH
from harness.types import MetricIdentity, Missing, SystemName

if TYPE_CHECKING:
    from harness.analysis.comparison import Comparison, MetricEvidence
    from harness.metrics.interface import Mask, Rows

NAME = "{} + {}"

SURELY_TIED = 1.0


def couple(metrics: Mapping[str, MetricIdentity]) -> tuple[str, str] | None:
    """The two metrics that decide together, the primary one first; None where one decides alone.

    Ratings by people are left aside: they need no second opinion.
    """
    machines = {name: metric for name, metric in metrics.items() if metric.traits.kind != "people"}
    first = primary_of(machines)
    second = partner_of(machines, first) if first is not None else None
    return (first, second) if first is not None and second is not None else None


def mean_rows(
    first: Mapping[SystemName, tuple[Rows, Mask]],
    second: Mapping[SystemName, tuple[Rows, Mask]],
    signs: tuple[int, int],
) -> dict[SystemName, tuple[Rows, Mask]] | None:
    """Rows ``[score, 1]`` of the standardised mean of two metrics, oriented so that higher is better.

    Args:
        first: system to rows ``(n, 2)`` and mask, of one metric.
        second: of the other.
        signs: 1 where higher is better, -1 where lower is, for each.

    Returns:
        None where they do not give every segment one number, differ in their systems or segments, or do not vary.
    """
    tables = (first, second)
    if set(first) != set(second) or any(rows.shape[1] != WIDTH for table in tables for rows, _ in table.values()):
        return None
    masks = [mask for table in tables for _, mask in table.values()]
    common = masks[0]
    if not common.any() or any(not np.array_equal(mask, common) for mask in masks):
        return None
    names = list(first)
    total = np.zeros((len(names), len(common)))
    for table, sign in zip(tables, signs, strict=True):
        scores = sign * np.array([table[name][0][:, 0] for name in names])
        known = scores[:, common]
        spread = float(np.sqrt(((known - known.mean(axis=0)) ** 2).mean()))
        if not spread > 0:
            return None
        total += (scores - known.mean()) / spread / len(tables)
    counts = common.astype(np.float64)
    return {
        name: (np.stack([np.where(common, row, 0.0), counts], axis=1), common)
        for name, row in zip(names, total, strict=True)
    }


def joint_identity(first: MetricIdentity, second: MetricIdentity) -> MetricIdentity:
    """What stands for the mean of two metrics."""
    return MetricIdentity(
        NAME.format(first.name, second.name),
        f"mean of standardised|{first.signature}||{second.signature}",
        higher_is_better=True,
        needs_reference=first.needs_reference or second.needs_reference,
        traits=first.traits,
    )


def agreed(first: MetricEvidence, second: MetricEvidence) -> tuple[Comparison, ...] | None:
    """The comparisons of ``first`` that ``second`` confirms as well; the others are tied. None: of other systems."""
    if set(first.ranking) != set(second.ranking):
        return None
    others = {frozenset((item.a, item.b)): item for item in second.comparisons}
    return tuple(_agreed(item, others[frozenset((item.a, item.b))]) for item in first.comparisons)


def _agreed(comparison: Comparison, other: Comparison) -> Comparison:
    opposed = comparison.delta * other.ahead(comparison.a) <= 0
    return replace(
        comparison,
        p=_larger(comparison.p, other.p, opposed=opposed),
        p_adjusted=_larger(comparison.p_adjusted, other.p_adjusted, opposed=opposed),
    )


def _larger(one: float | Missing, other: float | Missing, *, opposed: bool) -> float | Missing:
    if isinstance(one, Missing):
        return one
    if isinstance(other, Missing):
        return other
    return SURELY_TIED if opposed else max(one, other)


def separated(comparisons: Sequence[Comparison]) -> set[tuple[SystemName, SystemName]]:
    """Pairs that comparisons tell apart, as :func:`harness.analysis.stats.groups.tie_groups` takes them."""
    return {(item.a, item.b) for item in comparisons if not item.tied}
