"""How many articles a comparison needs, what they would cost, and how long they should be.

A plan starts from the articles of an earlier run, which are drawn again, or from the spread that is usual for the
metric. Each way of cutting articles (all segments, or the first so many of each) is planned for the same difference,
found 80 % of the time by the test that reports use, at the level that is left of 5 % when all systems are compared.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from types import MappingProxyType

import numpy as np

from harness.analysis.eligible import is_sound, of_one_measure, scores_with_corpus
from harness.analysis.floors import floors_of
from harness.analysis.stats.compare import FormulaOf, linearised
from harness.analysis.stats.components import components, family_level
from harness.analysis.stats.design import Starts
from harness.analysis.stats.joint_level import joint_level
from harness.analysis.stats.power import FEWEST_UNITS, LEVEL, MOST_ARTICLES, articles_needed, detectable_difference
from harness.analysis.stats.resampled_power import Pilot, smallest_found, units_needed
from harness.analysis.units import units_of
from harness.errors import UsageError
from harness.metrics.interface import Mask, Rows
from harness.store.runs.result import PairResult, SystemResult
from harness.types import Corpus, LangPair, Missing, Money, Reason, SystemName, Traits, Unit, UnitChoice, Unknown

FURTHER = 1.5
"""Pairs this many times as far apart are confirmed nearly always where the wanted difference is four times in five."""

NO_PILOT = Unknown(Reason("size.no_pilot"))

TOO_FEW = Unknown(Reason("size.too_few"))

NO_PRICE = Unknown(Reason("size.no_price"))

NO_PRICES: Mapping[SystemName, Money | Unknown] = MappingProxyType({})

SEED = 12345
"""Of the drawn corpora: the same run gives the same plan."""

LENGTHS = (20, 10, 5, 3)
"""Segments of each article that are planned beside whole articles, where articles are longer."""


@dataclass(frozen=True, slots=True)
class Sizing:
    """Articles of one length that find the wanted difference."""

    segments_per_article: int
    """The most that are taken of each; 0 for all."""
    units: int
    """Articles; at most :data:`~harness.analysis.stats.power.MOST_ARTICLES`, which then stands for more."""
    segments: int
    characters: int
    """Of the source."""
    costs: tuple[Money, ...]
    """One for each currency, of the systems whose price is known."""


@dataclass(frozen=True, slots=True)
class SampleSize:
    """What a pair has, what that can find, and what a wanted difference needs."""

    pair: LangPair
    metric: str
    unit: Unit
    units: int
    segments: int
    systems: int
    """How many are compared with each other."""
    level: float
    """Of each comparison, two-sided."""
    correlation: float | Unknown
    """Between the differences of two segments of one article; unknown without a run to learn it from."""
    finds: float | Unknown
    """The smallest difference that is found 80 % of the time, in points; unknown with too few units for any verdict."""
    difference: float
    """The wanted one, in points."""
    sizings: tuple[Sizing, ...]
    """By length, whole articles first."""
    unpriced: tuple[SystemName, ...]
    """Systems whose price is not known."""


@dataclass(frozen=True, slots=True, eq=False)
class _Compared:
    """One pair of systems of a run, segment by segment."""

    a: SystemName
    b: SystemName
    delta: float
    """How far they lie apart."""
    residuals: Rows
    """(n,) what each segment adds to the difference beyond its share of it."""
    shares: Rows
    """(n,) of each segment in the whole."""

    def pilot(self, starts: Starts, numbers: Rows, most: int) -> Pilot:
        """The pair by units, of whose segments the first ``most`` count; 0 for all."""
        kept = numbers < most if most else np.ones(len(numbers), dtype=np.bool_)
        residuals, shares = (np.where(kept, values, 0.0) for values in (self.residuals, self.shares))
        whole = float(shares.sum())
        # The first segments have a difference of their own; it is taken out as that of all segments was.
        residuals -= float(residuals.sum()) / whole * shares
        return Pilot(np.add.reduceat(residuals, starts) / whole, np.add.reduceat(shares, starts) / whole)


def plan_from_run(
    result: PairResult,
    metric: str,
    formula_of: FormulaOf,
    difference: float,
    *,
    systems: int | None = None,
    between: Sequence[SystemName] = (),
) -> SampleSize:
    """Plan by how far the differences of a run's systems spread; floors say nothing of it.

    Args:
        result: the pilot.
        metric: column heading.
        formula_of: formulas by column.
        difference: the wanted one, in points of the metric.
        systems: how many will be compared; None for as many as the run has.
        between: only the differences between these systems; empty for all.

    Raises:
        UsageError: no two systems have scores of this metric on the same segments, or they never differ.
    """
    everything, known = _compared(result, metric, formula_of)
    chosen = [pair for pair in everything if not between or (pair.a in between and pair.b in between)]
    if not chosen:
        raise UsageError(
            f"{result.pair}: no two systems whose {metric} scores differ, so nothing tells how far differences spread",
            hint="plan from a run of two complete systems, or with --without-run",
        )
    unit, units = units_of(result.corpus, result.unit)
    floors = floors_of(result)
    # Step-down: pairs that lie much further apart leave the family before this difference is judged.
    closer = sum(pair.delta <= FURTHER * difference for pair in everything)
    level = family_level(max(1, math.comb(systems, 2) if systems else closer), LEVEL)
    prices = {system.name: _price(system) for system in result.systems if system.name not in floors}
    sizes = units.sizes(known)
    sizes = sizes[sizes > 0]
    starts = (np.cumsum(sizes) - sizes).astype(np.intp)
    numbers = np.concatenate([np.arange(size) for size in sizes])
    lengths = (most for most in LENGTHS if unit == "article" and most < sizes.mean())

    whole = [pair.pilot(starts, numbers, 0) for pair in chosen]
    count = sum(system.name not in floors for system in result.systems)
    if len(everything) > 1 and systems in {None, count}:
        rough = units_needed(whole, difference, level, SEED)
        pilots, deltas = [pair.pilot(starts, numbers, 0) for pair in everything], [pair.delta for pair in everything]
        if rough < MOST_ARTICLES:
            level = joint_level(pilots, deltas, difference, rough, SEED, otherwise=level)

    def needed(most: int) -> int:
        return units_needed([pair.pilot(starts, numbers, most) for pair in chosen], difference, level, SEED)

    return SampleSize(
        pair=result.pair,
        metric=metric,
        unit=unit,
        units=len(starts),
        segments=int(sizes.sum()),
        systems=systems or count,
        level=level,
        correlation=_correlation(chosen, starts) if unit == "article" else NO_PILOT,
        finds=smallest_found(whole, len(starts), level, SEED) if len(starts) >= FEWEST_UNITS else TOO_FEW,
        difference=difference,
        sizings=tuple(_sizing(result.corpus, unit, needed(most), most, prices) for most in (0, *lengths)),
        unpriced=tuple(name for name, price in prices.items() if isinstance(price, Unknown)),
    )


def plan_without_run(
    corpus: Corpus,
    metric: str,
    traits: Traits,
    difference: float,
    *,
    systems: int,
    declared: UnitChoice,
    prices: Mapping[SystemName, Money | Unknown] = NO_PRICES,
) -> SampleSize:
    """Plan by the spread that is usual for the metric, before anything is translated.

    Args:
        corpus: the reference articles.
        metric: column heading.
        traits: what is known of the metric.
        difference: the wanted one, in points of the metric.
        systems: how many will be compared.
        declared: what is independent.
        prices: of a million source characters, by system.

    Raises:
        UsageError: no usual spread is known.
    """
    unit, starts = units_of(corpus, declared)
    if unit == "segment" or isinstance(traits.usual_spread, Unknown):
        raise UsageError(
            f"how far differences in {metric} spread is not known here", hint="plan from a run: harness plan RUN"
        )
    level, spread = family_level(math.comb(systems, 2), LEVEL), traits.usual_spread
    units = len(starts)
    return SampleSize(
        pair=corpus.pair,
        metric=metric,
        unit=unit,
        units=units,
        segments=len(corpus.segments),
        systems=systems,
        level=level,
        correlation=NO_PILOT,
        finds=detectable_difference(spread / math.sqrt(units), units, level) if units >= FEWEST_UNITS else TOO_FEW,
        difference=difference,
        sizings=(_sizing(corpus, unit, articles_needed(spread, 1, difference, level), 0, prices),),
        unpriced=tuple(name for name, price in prices.items() if isinstance(price, Unknown)),
    )


def _sizing(corpus: Corpus, unit: Unit, needed: int, most: int, prices: Mapping[SystemName, Money | Unknown]) -> Sizing:
    lengths = [[len(segment.source) for segment in article.segments] for article in corpus.articles if article.segments]
    kept = [each[:most] if most else each for each in lengths]
    units = len(kept) if unit == "article" else sum(map(len, kept))
    characters = round(needed * sum(map(sum, kept)) / units)
    return Sizing(most, needed, round(needed * sum(map(len, kept)) / units), characters, _costs(prices, characters))


def _correlation(pairs: Sequence[_Compared], starts: Starts) -> float:
    """Between two segments of one article: the median over the pairs of systems."""
    return median(components(pair.residuals * len(pair.residuals), starts).correlation for pair in pairs)


def _compared(result: PairResult, metric: str, formula_of: FormulaOf) -> tuple[list[_Compared], Mask]:
    """Every pair of complete systems, floors and doubles aside, and the segments that all have scores of."""
    floors = floors_of(result)
    scored = [
        (system, scores)
        for system in result.systems
        if system.name not in floors
        and not isinstance(scores := scores_with_corpus(system, metric), Missing)
        and is_sound(system, metric, formula_of)
    ]
    everywhere = np.ones(len(result.corpus.segments), dtype=np.bool_)
    known: Mask = np.logical_and.reduce([everywhere, *(scores.scored for _, scores in scored)])
    linear = {
        system.name: linearised(system.tables[metric].rows[known], np.ones(int(known.sum())), formula_of(metric))
        for system, _ in scored
    }
    pairs = []
    for (a, of_a), (b, of_b) in combinations(scored, 2):
        (parts_a, shares_a), (parts_b, shares_b) = linear[a.name], linear[b.name]
        parts, shares = parts_a - parts_b, (shares_a + shares_b) / 2
        delta = float(parts.sum())
        # As the leader sees it: what skews the difference skews it against this one.
        residuals: Rows = (parts - delta * shares) * (1.0 if delta >= 0 else -1.0)
        if of_one_measure([of_a, of_b]) and residuals.any():
            pairs.append(_Compared(a.name, b.name, abs(delta), residuals, shares))
    return pairs, known


def _price(system: SystemResult) -> Money | Unknown:
    """Of a million source characters: as the system file says, or as was paid."""
    if system.price_per_million is not None:
        return Money(system.price_per_million, system.currency)
    traffic = system.traffic
    if isinstance(traffic, Missing) or isinstance(traffic.characters, Unknown) or not traffic.characters:
        return NO_PRICE
    paid = [amount for amount in (traffic.spent, traffic.saved) if isinstance(amount, Money)]
    if len(paid) < 2 or len({amount.currency for amount in paid if amount.amount}) > 1:
        return NO_PRICE
    total = sum(amount.amount for amount in paid)
    currency = next((amount.currency for amount in paid if amount.amount), "")
    return Money(total * 1e6 / traffic.characters, currency)


def _costs(prices: Mapping[SystemName, Money | Unknown], characters: int) -> tuple[Money, ...]:
    totals: dict[str, float] = {}
    for price in prices.values():
        if isinstance(price, Money):
            totals[price.currency] = totals.get(price.currency, 0.0) + price.amount * characters / 1e6
    return tuple(Money(amount, currency) for currency, amount in totals.items())
