"""What agreement of metrics with people is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from harness.analysis.stats.compare import Interval
from harness.analysis.stats.design import Units
from harness.metrics.interface import Rows
from harness.types import MetricIdentity, Missing, Reason, Unit

FEWEST = 3
"""A correlation of two points is always 1 or -1."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One coefficient; positive means that metric and people agree, whatever their directions."""

    value: float
    interval: Interval | Missing
    """95 %, from resampled articles."""
    n: int
    """What it was computed over: outputs, segments, systems, or pairs of systems."""


@dataclass(frozen=True, slots=True)
class MetricAgreement:
    """One metric against one set of human ratings."""

    metric: MetricIdentity
    segment_pearson: Agreement | Missing
    """Over all rated outputs of all systems."""
    segment_kendall: Agreement | Missing
    """Tau-b over the same; without an interval, because every resample would sort all outputs again."""
    within_segment_kendall: Agreement | Missing
    """Mean over source segments of tau-b between the systems; segments on which people tie all systems are left out,
    those on which only the metric does count 0."""
    within_segment_accuracy: Agreement | Missing
    """Mean over source segments of the share of pairs of systems that the metric orders, or ties, as people do; it ties
    what differs by no more than the threshold that serves it best. The interval takes that threshold as given."""
    system_pearson: Agreement | Missing
    system_kendall: Agreement | Missing
    system_accuracy: Agreement | Missing
    """Share of pairs of systems in the same order; pairs tied by people are left out."""
    system_soft_accuracy: Agreement | Missing
    """Soft pairwise accuracy: whether the metric is as sure of each pair of systems as people are."""


@dataclass(frozen=True, slots=True)
class HumanAgreement:
    """Every metric of a pair against one human column."""

    human: MetricIdentity
    metrics: Mapping[str, MetricAgreement | Missing]
    unit: Unit
    seed: int


@dataclass(frozen=True, slots=True)
class Resampled:
    """What the intervals are about: the units that are resampled."""

    unit: Unit
    units: Units
    seed: int


def constant(x: Rows, y: Rows) -> Missing | None:
    """Why a correlation of two arrays is not defined; None when it is."""
    if len(x) < FEWEST:
        return Missing(Reason("agreement.few", {"n": len(x)}))
    if not np.ptp(x):
        return Missing(Reason("agreement.metric_constant"))
    if not np.ptp(y):
        return Missing(Reason("agreement.people_constant"))
    return None
