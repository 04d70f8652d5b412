"""Agreement on single segments: pooled over all outputs, and within each source segment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.analysis.human.model import Agreement, Resampled, constant
from harness.analysis.stats.compare import Interval, ScoreFunction, make_profiles, score_interval
from harness.analysis.stats.correlation import kendall, kendall_of_signs, moments, pair_signs, pearson, pearson_of_sums
from harness.analysis.stats.pairwise_accuracy import tie_calibrated_accuracy
from harness.analysis.stats.power import FEWEST_UNITS
from harness.analysis.units import too_few
from harness.metrics.interface import Mask, Rows
from harness.metrics.segment import SegmentMean
from harness.store.runs.result import SystemResult
from harness.types import Missing, Reason


@dataclass(frozen=True, slots=True)
class Scored:
    """Segment scores of the systems that both columns have, oriented so that more is better."""

    metric: Rows
    """(systems, segments); NaN where metric or people have no score."""
    human: Rows
    """(systems, segments)"""
    systems: tuple[SystemResult, ...]


def pooled_pearson(table: Scored, sample: Resampled) -> Agreement | Missing:
    """Pearson's r over all outputs that have both scores."""
    known = ~np.isnan(table.metric)
    x, y = table.metric[known], table.human[known]
    if undefined := constant(x, y):
        return undefined
    # Standardised, so that sums of squares lose no digits.
    one, other = (
        np.where(known, (values - of.mean()) / of.std(), 0.0) for values, of in ((table.metric, x), (table.human, y))
    )
    rows = np.where(known[..., None], moments(one, other), 0.0).sum(axis=0)
    interval = _interval(rows, known.any(axis=0), pearson_of_sums, sample)
    return Agreement(float(pearson(x, y)), interval, len(x))


def pooled_kendall(table: Scored) -> Agreement | Missing:
    """Tau-b over all outputs that have both scores."""
    known = ~np.isnan(table.metric)
    x, y = table.metric[known], table.human[known]
    if undefined := constant(x, y):
        return undefined
    return Agreement(kendall(x, y), Missing(Reason("agreement.no_interval")), len(x))


def within_kendall(table: Scored, sample: Resampled) -> Agreement | Missing:
    """Mean tau-b between the systems of one source segment."""
    if len(table.systems) < 2:
        return Missing(Reason("agreement.one_system"))
    metric, human = pair_signs(table.metric.T), pair_signs(table.human.T)
    ranked = (np.nan_to_num(human) != 0).any(axis=1)
    if not ranked.any():
        return Missing(Reason("agreement.all_tied"))
    tau = np.where(ranked, np.nan_to_num(kendall_of_signs(metric, human)), 0.0)
    rows = np.stack([tau, ranked.astype(np.float64)], axis=1)
    interval = _interval(rows, ranked, SegmentMean().score, sample)
    return Agreement(float(tau[ranked].mean()), interval, int(ranked.sum()))


def _interval(rows: Rows, mask: Mask, score: ScoreFunction, sample: Resampled) -> Interval | Missing:
    """The interval of a coefficient that is a function of sums, as for any score."""
    part = sample.units.sample(mask, sample.seed)
    if part.design.units < FEWEST_UNITS:
        return too_few(part.design.units, sample.unit)
    (profile,) = make_profiles([part.sums(rows, mask)], part.sizes(mask), score, part.design)
    whole = score_interval(profile, part.design)
    return Interval(max(whole.low, -1.0), min(whole.high, 1.0))


def within_accuracy(table: Scored, sample: Resampled) -> Agreement | Missing:
    """Tie-calibrated pairwise accuracy."""
    if len(table.systems) < 2:
        return Missing(Reason("agreement.one_system"))
    if not np.nan_to_num(pair_signs(table.human.T)).any():
        return Missing(Reason("agreement.all_tied"))
    calibrated = tie_calibrated_accuracy(table.metric, table.human)
    rated = calibrated.rated
    rows = np.stack([calibrated.accuracies, rated], axis=1).astype(np.float64)
    interval = _interval(rows, rated, SegmentMean().score, sample)
    return Agreement(float(calibrated.accuracies[rated].mean()), interval, int(rated.sum()))
