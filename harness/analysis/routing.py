"""Which system to take for which part of the corpus, where that is better than one system for all, with cost and pace.

Parts are those by which a caller can route: what articles say of themselves (``domain``), and the length of the source.
Each way of cutting is one test (:mod:`harness.analysis.stats.routing`), and all that were tried are corrected for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from harness.analysis.comparison import ALPHA
from harness.analysis.decision.facts import same_segments
from harness.analysis.slices import LENGTH, POSITION, kinds_of, members_of
from harness.analysis.stats.compare import ScoreFunction
from harness.analysis.stats.routing import Parts, Routed, adjusted, cross_validate
from harness.analysis.units import units_of
from harness.metrics.interface import Mask
from harness.store.runs.result import PairResult, SystemResult
from harness.types import Decimals, Missing, Money, Part, Reason, SystemName, Unit, Unknown

if TYPE_CHECKING:
    from harness.analysis.decision.lead import Lead
    from harness.analysis.decision.recommendation import Decision, Facts

FEWEST_SYSTEMS = 2

MOST_CELLS = 20_000_000
"""Numbers in memory at once; larger corpora are not cut."""


@dataclass(frozen=True, slots=True)
class Route:
    """One part and its system."""

    label: Reason
    system: SystemName
    segments: int
    ahead: float
    """By how much it is ahead of the single system in the part, by all units; 0 where it is the same system."""


@dataclass(frozen=True, slots=True)
class Routing:
    """A combination that is better than the best single system."""

    kind: str
    """``length``, or a key of the articles' metadata."""
    routes: tuple[Route, ...]
    single: SystemName
    """The best system of the whole corpus."""
    metric: str
    gain: float
    """Of the combination over ``single``, cross-validated; points of the metric, positive."""
    p_adjusted: float
    """One-sided, corrected for all ways of cutting that were tried."""
    tried: int
    unit: Unit
    units: int
    cost: Money | Unknown
    """Of a million source characters, as the parts are long."""
    single_cost: Money | Unknown
    pace: float | Unknown
    """Seconds per 1,000 source characters, the same way, from medians."""
    single_pace: float | Unknown
    decimals: Decimals

    @property
    def reason(self) -> Reason:
        """What it says."""
        routes = tuple(
            Reason("routing.route", {"part": route.label, "system": Part("system", route.system)})
            for route in self.routes
        )
        return Reason(
            "routing.better",
            {
                "kind": Reason("routing.length") if self.kind == LENGTH else self.kind,
                "routes": Part("series", routes, ", "),
                "gain": Part("difference", self.gain, decimals=self.decimals),
                "metric": Part("metric", self.metric),
                "single": Part("system", self.single),
                "p": Part("p", self.p_adjusted),
                "units": Part("units", self.units, self.unit),
                "price": self._price(),
            },
        )

    def _price(self) -> Reason:
        """What the combination costs, and how fast it is, as far as that is known."""
        cost = pace = Reason("routing.nothing")
        if isinstance(self.cost, Money) and isinstance(self.single_cost, Money):
            cost = Reason("routing.cost", {"cost": Part("money", self.cost), "single": Part("money", self.single_cost)})
        if isinstance(self.pace, float) and isinstance(self.single_pace, float):
            seconds, single = Part("seconds", self.pace), Part("seconds", self.single_pace)
            pace = Reason("routing.pace", {"pace": seconds, "single": single})
        known = [reason for reason in (cost, pace) if reason.key != "routing.nothing"]
        return (
            Reason("routing.known", {"all": Part("series", tuple(known), " ")}) if known else Reason("routing.unknown")
        )


def find_routing(
    result: PairResult,
    lead: Lead | Missing,
    decision: Decision,
    score: ScoreFunction,
    *,
    seed: int,
    kinds: Sequence[str] = (),
) -> Routing | Missing:
    """The best combination of the systems of a pair, or why none is better than one system.

    Args:
        result: the pair.
        lead: what decides; the combination is measured by its primary metric.
        decision: whose systems keep the limits.
        score: the formula of the primary metric.
        seed: of swaps and folds.
        kinds: how to cut; empty: by every key that groups the articles, and by length.
    """
    if isinstance(lead, Missing):
        return lead
    broken = {item.system for item in decision.violations}
    facts = [item for item in decision.facts if item.system not in broken]
    names = [item.system for item in facts]
    if len(names) < FEWEST_SYSTEMS:
        return Missing(Reason("routing.one_system"))
    if not same_segments(result, lead.metric, names):
        return Missing(Reason("decision.unlike", {"metric": lead.title}))
    systems = {system.name: system for system in result.systems}
    cut = _Cut(result, [systems[name] for name in names], lead.metric, score, seed)
    usual = tuple(kind for kind in kinds_of(result.corpus) if kind != POSITION)
    tried: dict[str, tuple[list[tuple[Reason, Mask]], Routed]] = {}
    for kind in [kind for kind in kinds if kind != POSITION] or usual:
        members = members_of(result.corpus, kind)
        if isinstance(members, Missing):
            if kinds:
                return members
            continue
        routed = cut.routed([mask for _, mask in members], least=lead.least)
        if routed is not None:
            tried[kind] = members, routed
    if not tried:
        return Missing(Reason("routing.too_small"))
    corrected = dict(zip(tried, adjusted([routed for _, routed in tried.values()]), strict=True))
    kind = min(tried, key=lambda name: (corrected[name], -tried[name][1].gain))
    members, routed = tried[kind]
    single, identity = Part("system", names[0]), lead.primary.metric
    if corrected[kind] > ALPHA or set(routed.chosen) == {0}:
        return Missing(Reason("routing.none", {"kinds": ", ".join(tried), "single": single}))
    worthwhile = max(lead.least, identity.traits.usual_margin)
    if routed.gain < worthwhile:
        gain, least = (Part("difference", size, decimals=identity.decimals) for size in (routed.gain, worthwhile))
        metric = Part("metric", lead.metric)
        return Missing(Reason("routing.small", {"kind": kind, "gain": gain, "least": least, "metric": metric}))
    masks = [mask for _, mask in members]
    chosen = [facts[place] for place in routed.chosen]
    shares = _shares(result, masks)
    return Routing(
        kind=kind,
        routes=tuple(
            Route(label, item.system, int(mask.sum()), ahead)
            for (label, mask), item, ahead in zip(members, chosen, routed.ahead, strict=True)
        ),
        single=names[0],
        metric=lead.metric,
        gain=routed.gain,
        p_adjusted=corrected[kind],
        tried=len(tried),
        unit=cut.unit,
        units=cut.units,
        cost=_cost(chosen, shares),
        single_cost=facts[0].cost,
        pace=_pace(chosen, shares),
        single_pace=_pace(facts[:1], [1.0]),
        decimals=identity.decimals,
    )


class _Cut:
    """The systems of a pair under one metric, ready to be cut."""

    def __init__(
        self, result: PairResult, systems: Sequence[SystemResult], metric: str, score: ScoreFunction, seed: int
    ) -> None:
        self.unit, units = units_of(result.corpus, result.unit)
        self._tables = [system.tables[metric] for system in systems]
        self._known = self._tables[0].scored
        self._sample = units.sample(self._known, seed)
        self.units = self._sample.design.units
        self._score, self._seed = score, seed

    def routed(self, masks: Sequence[Mask], *, least: float) -> Routed | None:
        """What choosing by these parts is worth; None where they are too small, or there is too much."""
        columns = self._tables[0].rows.shape[1]
        if self.units * columns * len(masks) * len(self._tables) > MOST_CELLS:
            return None
        known = [self._known & mask for mask in masks]
        parts = Parts(
            tuple(tuple(self._sample.sums(table.rows, mask) for table in self._tables) for mask in known),
            tuple(self._sample.sizes(mask) for mask in known),
            self._score,
            self._tables[0].identity.higher_is_better,
        )
        if not parts.testable:
            return None
        return cross_validate(parts, 0, self._sample.design, least=least, seed=self._seed)


def _shares(result: PairResult, masks: Sequence[Mask]) -> list[float]:
    """The source characters of each part in all of them."""
    lengths = np.array([len(segment.source) for segment in result.corpus.segments], dtype=np.float64)
    return [float(lengths[mask].sum() / max(lengths.sum(), 1.0)) for mask in masks]


def _cost(chosen: Sequence[Facts], shares: Sequence[float]) -> Money | Unknown:
    amount, currency = 0.0, ""
    for item, share in zip(chosen, shares, strict=True):
        if isinstance(item.cost, Unknown):
            return item.cost
        amount, currency = amount + share * item.cost.amount, currency or item.cost.currency
    return Money(amount, currency)


def _pace(chosen: Sequence[Facts], shares: Sequence[float]) -> float | Unknown:
    seconds = 0.0
    for item, share in zip(chosen, shares, strict=True):
        if isinstance(item.latency, Unknown):
            return item.latency
        seconds += share * item.latency.median
    return seconds
