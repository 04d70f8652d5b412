"""Agreement on whole systems: would the metric have chosen the system that people choose?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from harness.analysis.human.model import Agreement, Resampled, constant
from harness.analysis.stats.compare import Interval, ScoreFunction
from harness.analysis.stats.correlation import accuracy_of_signs, kendall_of_signs, pair_signs, pearson
from harness.analysis.stats.pairwise_accuracy import soft_pairwise_accuracy
from harness.analysis.stats.power import FEWEST_UNITS
from harness.analysis.units import too_few
from harness.metrics.interface import Rows
from harness.types import Missing, Reason
from harness.workspace.linear_algebra import one_thread

RESAMPLES = 500
"""Behind the percentile intervals of the system level."""

COVERED = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Shared:
    """What every system has both scores for."""

    sums: tuple[Rows, Rows]
    """(systems, units, k) of the metric and of people."""
    formulas: tuple[ScoreFunction, ScoreFunction]
    signs: tuple[float, float]
    """-1 where less is better."""
    segments: tuple[Rows, Rows]
    """(systems, segments) scores, more is better."""
    sizes: Rows
    """(units,) segments of each unit, in their order."""


@dataclass(frozen=True, slots=True)
class SystemAgreement:
    """The coefficients over systems, see :class:`~harness.analysis.human.model.MetricAgreement`."""

    pearson: Agreement | Missing
    kendall: Agreement | Missing
    accuracy: Agreement | Missing
    soft_accuracy: Agreement | Missing


@one_thread()
def of_systems(shared: Shared, sample: Resampled) -> SystemAgreement:
    """Every coefficient, with intervals from the same resampled units."""
    count, width = shared.sums[0].shape[:2]
    if not width:
        none = Missing(Reason("agreement.none_shared"))
        return SystemAgreement(none, none, none, none)
    weights = np.ones((1, width))
    if width >= FEWEST_UNITS:
        drawn = np.random.default_rng(sample.seed).multinomial(width, np.full(width, 1 / width), size=RESAMPLES)
        weights = np.concatenate([weights, drawn.astype(np.float64)])
    # (1 + resamples, systems): the first row is what was observed.
    metric, human = (
        sign * formula(np.einsum("bu,suk->bsk", weights, rows, optimize=True))
        for rows, formula, sign in zip(shared.sums, shared.formulas, shared.signs, strict=True)
    )
    undefined = constant(metric[0], human[0])
    by_metric, by_people = pair_signs(metric), pair_signs(human)
    judged = int((by_people[0] != 0).sum())

    def made(values: Rows, n: int) -> Agreement:
        usable = values[1:][~np.isnan(values[1:])]
        value = float(values[0])
        if not len(usable):
            return Agreement(value, too_few(width, sample.unit), n)
        low, high = np.quantile(usable, COVERED).tolist()
        # Close to its bound of 1 a coefficient falls in nearly every resample.
        return Agreement(value, Interval(min(low, value), max(high, value)), n)

    def soft() -> Agreement | Missing:
        if not judged:
            return Missing(Reason("agreement.no_pair"))
        starts = np.cumsum(shared.sizes).astype(np.intp) - shared.sizes.astype(np.intp)
        values = soft_pairwise_accuracy(*shared.segments, starts, weights, sample.seed)
        return made(values, math.comb(count, 2))

    return SystemAgreement(
        pearson=undefined or made(pearson(metric, human), count),
        kendall=undefined or made(kendall_of_signs(by_metric, by_people), count),
        accuracy=made(accuracy_of_signs(by_metric, by_people), judged)
        if judged
        else Missing(Reason("agreement.no_pair")),
        soft_accuracy=soft(),
    )
