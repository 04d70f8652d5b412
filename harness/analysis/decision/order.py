"""Separating systems that cannot be told apart on quality, by what else is known of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.analysis.comparison import ALPHA
from harness.analysis.decision.facts import amount_of, amount_part, slower
from harness.analysis.decision.lead import systems_part
from harness.analysis.decision.recommendation import Facts
from harness.types import CRITERIA, Criterion, Part, Reason, SystemName, Unknown

NOTHING = 1e-17
"""A share of a sum that a float does not notice."""

SAME = 1e-9
"""Weighed sums closer than this are equal."""


@dataclass(frozen=True, slots=True)
class Separation:
    """What is left of some systems after all criteria."""

    left: tuple[Facts, ...]
    """Those that nothing separates; one, where the separation succeeded."""
    reasons: tuple[Reason, ...]
    unknown: tuple[Reason, ...]
    """Values that were looked for and are not known."""


def separate(candidates: Sequence[Facts], order: Sequence[Criterion], weights: Mapping[Criterion, float]) -> Separation:
    """By weighed sum where there are weights, else one criterion after the other."""
    return _weighed(candidates, weights) if weights else _in_order(candidates, order)


def _in_order(candidates: Sequence[Facts], order: Sequence[Criterion]) -> Separation:
    left = list(candidates)
    reasons: list[Reason] = []
    unknown: list[Reason] = []
    for criterion in order:
        if len(left) == 1:
            break
        unknown += _unknown(left, criterion)
        amounts = _known(left, criterion)
        if not amounts:
            continue
        first = min((facts for facts in left if facts.system in amounts), key=lambda facts: amounts[facts.system])
        others = len(amounts) - 1
        worse = [facts for facts in left if facts.system in amounts and _is_worse(criterion, facts, first, others)]
        if not worse:
            continue
        # A system of unknown value stays: it is not known to be worse than anybody.
        left = [facts for facts in left if facts not in worse]
        winners = [facts for facts in left if facts.system in amounts]
        reasons.append(
            Reason(
                "decision.separated",
                {
                    "systems": systems_part([facts.system for facts in winners]),
                    "value": amount_part(winners[0], criterion),
                    "others": amounts_part([(amount_part(facts, criterion), facts.system) for facts in worse]),
                },
            )
        )
    return Separation(tuple(left), tuple(reasons), tuple(unknown))


def amounts_part(amounts: Iterable[tuple[Part | Reason, SystemName]]) -> Part:
    """``5 flags (A), 7 flags (B)``."""
    return Part(
        "series",
        tuple(
            Reason("decision.amount_of", {"amount": amount, "system": Part("system", name)}) for amount, name in amounts
        ),
        ", ",
    )


def _is_worse(criterion: Criterion, facts: Facts, best: Facts, others: int) -> bool:
    """Whether a system falls behind: costs are what they are, but a flag or a second more or less is chance."""
    amount, least = amount_of(facts, criterion), amount_of(best, criterion)
    if isinstance(amount, Unknown) or isinstance(least, Unknown) or amount <= least:
        return False
    if criterion == "latency":
        return slower(facts, best, others)
    return criterion != "flags" or more_for_sure(int(amount), int(least))


def more_for_sure(more: int, fewer: int) -> bool:
    """Whether two counts differ at 5 % (exact two-sided binomial test of one half; Przyborowski and Wilenski 1940)."""
    # Beside the largest term, in logarithms: powers of one half are 0 from about 1,075 flags on, and binomial
    # coefficients of as many are beyond a float.
    together = more + fewer
    largest = math.lgamma(together + 1) - math.lgamma(fewer + 1) - math.lgamma(more + 1) - together * math.log(2)
    term, tail, count = 1.0, 1.0, fewer
    while count > 0 and term > NOTHING * tail:
        term *= count / (together - count + 1)
        tail += term
        count -= 1
    return math.log(2) + largest + math.log(tail) <= math.log(ALPHA)


def _weighed(candidates: Sequence[Facts], weights: Mapping[Criterion, float]) -> Separation:
    """Each criterion counts as the share of the largest distance to the best, so that its unit does not matter."""
    sums = dict.fromkeys((facts.system for facts in candidates), 0.0)
    unknown: list[Reason] = []
    used = []
    for criterion in (name for name in CRITERIA if weights.get(name, 0) > 0):
        amounts = _known(candidates, criterion)
        if len(amounts) < len(candidates):
            unknown += _unknown(candidates, criterion)
            continue
        if criterion == "latency":
            amounts = _slower_for_sure(candidates, amounts)
        best, worst = min(amounts.values()), max(amounts.values())
        if worst > best:
            weight = Part("number", weights[criterion])
            used.append(Reason("decision.weight", {"criterion": criterion_part(criterion), "weight": weight}))
            for name, amount in amounts.items():
                sums[name] += weights[criterion] * (amount - best) / (worst - best)
    lowest = min(sums.values())
    left = tuple(facts for facts in candidates if sums[facts.system] <= lowest + SAME)
    reasons = []
    if len(left) < len(candidates):
        shown = amounts_part([(Part("hundredths", sums[facts.system]), facts.system) for facts in candidates])
        reasons.append(Reason("decision.weighed", {"weights": Part("series", tuple(used), ", "), "sums": shown}))
    return Separation(left, tuple(reasons), tuple(unknown))


def _slower_for_sure(items: Sequence[Facts], amounts: Mapping[SystemName, float]) -> dict[SystemName, float]:
    """Latencies, with that of the fastest for those that may be as fast."""
    first = min(items, key=lambda facts: amounts[facts.system])
    return {
        facts.system: amounts[facts.system if slower(facts, first, len(items) - 1) else first.system] for facts in items
    }


def _known(candidates: Sequence[Facts], criterion: Criterion) -> dict[SystemName, float]:
    amounts = {}
    for facts in candidates:
        amount = amount_of(facts, criterion)
        if not isinstance(amount, Unknown):
            amounts[facts.system] = amount
    return amounts


def criterion_part(criterion: Criterion) -> Part:
    """A criterion by its name."""
    return Part("message", f"criteria.{criterion}")


def _unknown(candidates: Sequence[Facts], criterion: Criterion) -> list[Reason]:
    """What is not known of whom, a line for each reason."""
    unknown: dict[Reason, list[Facts]] = {}
    for facts in candidates:
        amount = amount_of(facts, criterion)
        if isinstance(amount, Unknown):
            unknown.setdefault(amount.why, []).append(facts)
    return [
        Reason(
            "decision.not_known",
            {
                "criterion": criterion_part(criterion),
                "system": systems_part([facts.system for facts in group]),
                "why": why,
            },
        )
        for why, group in unknown.items()
    ]
