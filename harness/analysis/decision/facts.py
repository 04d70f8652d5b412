"""What a decision rests on beside the evidence: cost, latency and flags of every system, limits, the Pareto set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.analysis.comparison import ALPHA
from harness.analysis.decision.flags import all_flagged, flag_violations, severe_flagged
from harness.analysis.decision.recommendation import DecisionPolicy, Facts, Violation
from harness.analysis.eligible import of_same_segments, scores_with_corpus
from harness.analysis.stats.ranks import rank_sum_p
from harness.analysis.subset import not_bought
from harness.store.runs.frame import scores_of
from harness.store.runs.latency import Latency, TooFew
from harness.store.runs.result import MetricScores, PairResult, SystemResult, Traffic
from harness.types import Criterion, LangPair, Missing, Money, Part, Reason, SystemName, Translated, Unknown, told

MILLION = 1_000_000


def gather(result: PairResult, metric: str, ranking: Sequence[SystemName], currency: str) -> list[Facts]:
    """The facts of every system with a finite score, in the order of ``ranking``."""
    systems = {system.name: system for system in result.systems}
    target = result.pair.target
    characters = sum(len(segment.source) for segment in result.corpus.segments)
    gathered = []
    for name in ranking:
        system = systems[name]
        quality = _quality(system, metric)
        if quality is not None:
            severe = severe_flagged(system, target)
            cost = cost_per_million(system, characters)
            total = all_flagged(system)
            gathered.append(Facts(name, quality, total, severe, cost, _p95(system), latency_of(system)))
    return _in_one_currency(gathered, currency)


def _quality(system: SystemResult, metric: str) -> float | None:
    scores = scores_with_corpus(system, metric)
    if isinstance(scores, Missing) or isinstance(scores.corpus, Missing):
        return None
    return scores.corpus.value if scores.identity.higher_is_better else -scores.corpus.value


def same_segments(result: PairResult, metric: str, names: Sequence[SystemName]) -> bool:
    """Whether these systems have scores on the same segments."""
    named = [scores_of(system, metric) for system in result.systems if system.name in names]
    return of_same_segments([scores for scores in named if isinstance(scores, MetricScores)])


def cost_per_million(system: SystemResult, characters: int) -> Money | Unknown:
    """What a million source characters cost: as measured, else by the price in the system file.

    Measured is what this run spent and what the answers from the store had cost, wasted attempts included, over the
    source characters that were answered, every repetition counted.
    """
    measured = _measured(system)
    answered = _characters_answered(system, characters)
    if isinstance(measured, Money) and answered:
        return Money(measured.amount / answered * MILLION, measured.currency)
    if system.price_per_million is not None:
        return Money(system.price_per_million, system.currency)
    if isinstance(measured, Unknown):
        return measured
    return Unknown(Reason("latency.nothing_answered" if characters else "unknown.no_source"))


def _characters_answered(system: SystemResult, characters: int) -> int:
    """As the run counted them; runs of old versions did not, and there the repetitions that have scores tell."""
    if isinstance(system.traffic, Traffic) and not isinstance(system.traffic.characters, Unknown):
        return system.traffic.characters
    return characters * max((len(scores) for scores in system.repeats.values()), default=1)


def _measured(system: SystemResult) -> Money | Unknown:
    if isinstance(system.traffic, Missing):
        return Unknown(Reason("unknown.no_price", {"why": system.traffic.why}))
    spent, saved = system.traffic.spent, system.traffic.saved
    if isinstance(spent, Unknown):
        return spent
    if isinstance(saved, Unknown):
        return saved
    if spent.currency and saved.currency and spent.currency != saved.currency:
        return Unknown(Reason("unknown.currencies", {"currencies": f"{saved.currency}, {spent.currency}"}))
    return Money(spent.amount + saved.amount, spent.currency or saved.currency)


def _in_one_currency(facts: Sequence[Facts], currency: str) -> list[Facts]:
    """Costs in another currency than the one that is compared become unknown; what is free is free in all."""
    currencies = sorted({item.cost.currency for item in facts if isinstance(item.cost, Money) and item.cost.currency})
    if not currency and len(currencies) < 2:
        return list(facts)

    def one(item: Facts) -> Facts:
        if isinstance(item.cost, Unknown) or item.cost.currency in ("", currency):
            return item
        why = Reason("unknown.other_currency", {"currency": item.cost.currency, "wanted": currency})
        if not currency:
            why = Reason("unknown.no_currency", {"currency": item.cost.currency, "found": ", ".join(currencies)})
        return replace(item, cost=Unknown(why))

    return [one(item) for item in facts]


def _p95(system: SystemResult) -> float | Unknown:
    return Unknown(system.traffic.why) if isinstance(system.traffic, Missing) else system.traffic.p95


def latency_of(system: SystemResult) -> Latency | Unknown:
    """Seconds per 1,000 source characters, request by request; unknown from too few requests."""
    traffic = system.traffic
    if isinstance(traffic, Missing):
        return Unknown(traffic.why)
    if isinstance(traffic.pace, Unknown):
        return traffic.pace
    day = "" if traffic.measured_now else traffic.last[:10]
    return Latency(tuple(timing.pace for timing in traffic.timings), day)


def slower(one: Facts, other: Facts, comparisons: int = 1) -> bool:
    """Whether ``one`` is slower for sure: by the median, and at 5 % by a rank-sum test of its requests.

    Args:
        one: the system in question.
        other: the system it is compared with.
        comparisons: how many such questions are asked together (Bonferroni).
    """
    if isinstance(one.latency, Unknown) or isinstance(other.latency, Unknown):
        return False
    if one.latency.median <= other.latency.median:
        return False
    return rank_sum_p(one.latency.paces, other.latency.paces) * comparisons <= ALPHA


def open_limits(facts: Facts, policy: DecisionPolicy) -> list[Reason]:
    """Hard limits of which nobody knows whether the system keeps them: there are measurements, and too few."""
    if policy.max_p95 is None or not isinstance(facts.p95, TooFew):
        return []
    system, limit = Part("system", facts.system), _limit_of(policy.max_p95)
    return [Reason("decision.limit_open", {"system": system, "limit": limit, "why": facts.p95.why})]


def _limit_of(seconds: float) -> Reason:
    return Reason("number.seconds", {"n": Part("number", seconds)})


def _seconds(seconds: float) -> Reason:
    return Reason("number.seconds", {"n": Part("seconds", seconds)})


def mixed_models(result: PairResult) -> list[Reason]:
    """Systems whose one score is that of several models, as the services named them."""
    mixed = []
    for system in result.systems:
        models = () if isinstance(system.traffic, Missing) else system.traffic.models
        if len(models) > 1:
            shown = Part("list", tuple(Part("foreign", model) for model in models))
            name = Part("system", system.name)
            mixed.append(Reason("decision.models", {"system": name, "n": len(models), "models": shown}))
    return mixed


def amount_of(facts: Facts, criterion: Criterion) -> float | Unknown:
    """The value of a criterion, turned so that less is better."""
    match criterion:
        case "quality":
            return -facts.quality
        case "flags":
            return facts.severe
        case "cost":
            return facts.cost if isinstance(facts.cost, Unknown) else facts.cost.amount
        case "latency":
            return facts.latency if isinstance(facts.latency, Unknown) else facts.latency.median


def amount_part(facts: Facts, criterion: Criterion) -> Part | Reason:
    """The value of a criterion, with what it is a value of."""
    match criterion:
        case "cost":
            return Reason("facts.per_million", {"money": Part("money", facts.cost)})
        case "latency":
            if isinstance(facts.latency, Unknown):
                return Reason("number.unknown")
            measured = facts.latency.measured
            when = Reason("facts.measured", {"day": measured}) if measured else ""
            seconds = _seconds(facts.latency.median)
            return Reason("facts.pace", {"seconds": seconds, "n": len(facts.latency.paces), "when": when})
        case _:
            unknown = isinstance(facts.severe, Unknown)
            return Reason("number.unknown") if unknown else Part("count", facts.severe, "severe_flag")


def pareto(facts: Sequence[Facts]) -> tuple[SystemName, ...]:
    """Systems that no other is known to beat: with an unknown value on either side nothing is known."""
    return tuple(candidate.system for candidate in facts if not any(_dominates(other, candidate) for other in facts))


def _dominates(one: Facts, other: Facts) -> bool:
    strictly = False
    axes: tuple[Criterion, ...] = ("quality", "cost", "latency")
    for axis in axes:
        mine, yours = amount_of(one, axis), amount_of(other, axis)
        if isinstance(mine, Unknown) or isinstance(yours, Unknown):
            return False
        if axis == "latency":  # a difference that may be chance is none
            worse, better = slower(one, other), slower(other, one)
        else:
            worse, better = mine > yours, mine < yours
        if worse:
            return False
        strictly = strictly or better
    return strictly


def left_out(result: PairResult, metric: str, compared: Sequence[SystemName]) -> list[Violation]:
    """Every system that cannot be compared under ``metric``, and why."""
    absent = []
    out = not_bought(result)
    for system in result.systems:
        if system.name in compared:
            continue
        answered = sum(isinstance(outcome, Translated) for outcome in system.outcomes)
        scores = system.scores.get(metric)
        if system.name in out:
            absent.append(Violation(system.name, "worse", out[system.name].why))
            continue
        if answered < len(system.outcomes):
            segments = Part("count", len(system.outcomes), "segment")
            why = Reason("decision.incomplete", {"n": answered, "segments": segments})
        elif isinstance(scores, Missing):
            why = scores.why
        elif isinstance(scores, MetricScores) and isinstance(scores.corpus, Missing):
            why = scores.corpus.why
        else:
            why = Reason("decision.no_metric", {"metric": metric}) if metric else Reason("decision.no_score")
        absent.append(Violation(system.name, "comparable", why))
    return absent + [Violation(name, "comparable", told(why)) for name, why in result.absent.items()]


def violations(facts: Facts, system: SystemResult, policy: DecisionPolicy, pair: LangPair) -> list[Violation]:
    """Hard limits that a system breaks; one whose value is unknown cannot be said to keep it."""
    broken: list[Violation] = []
    name = facts.system
    if (limit := policy.max_cost_per_million) is not None:
        if isinstance(facts.cost, Unknown):
            why = Reason("decision.cost_unknown", {"why": facts.cost.why})
            broken.append(Violation(name, "max_cost_per_million", why))
        elif facts.cost.amount > limit:
            why = Reason("decision.beyond", {"amount": amount_part(facts, "cost"), "limit": Part("number", limit)})
            broken.append(Violation(name, "max_cost_per_million", why))
    if policy.max_p95 is not None:
        if isinstance(facts.p95, TooFew):
            pass  # no evidence against it: `open_limits` says so
        elif isinstance(facts.p95, Unknown):
            broken.append(Violation(name, "max_p95", Reason("decision.latency_unknown", {"why": facts.p95.why})))
        elif facts.p95 > policy.max_p95:
            taken = Reason("facts.p95", {"seconds": _seconds(facts.p95)})
            why = Reason("decision.beyond", {"amount": taken, "limit": _limit_of(policy.max_p95)})
            broken.append(Violation(name, "max_p95", why))
    if policy.no_flags:
        broken += flag_violations(system, policy.no_flags, policy.unsought(pair))
    return broken
