"""What a service says it billed, held against what it could have billed.

A report is believed where it can be true: no number that is negative, no fraction, no fewer tokens than the text can be
written in, no thousand times what was possible. Where it is not, what was set aside for the request counts as spent, so
that no report makes room under ``--max-cost`` that there is not. A report of more than was set aside is counted as it
is, and ends the system: the bound that ``--max-cost`` rests on does not hold.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from harness.engines.chat.prompt import HIDDEN_TOKENS
from harness.engines.interface import Reply
from harness.engines.wire.receipts import counts
from harness.errors import BadOutput, EngineError, Transient
from harness.translation.pricing import Cost, Tariff
from harness.types import Money

BYTES_PER_TOKEN = 32
"""No tokenizer writes a prompt in fewer tokens than one for so many bytes; the usual is one for three to five."""

BEYOND_BELIEF = 1000
"""A report of so many times the bound is a slip of the service and no bill."""

ROUNDING = 1 + 1e-9

NOTHING = Money(0.0, "")


@dataclass(frozen=True, slots=True)
class Bill:
    """One request's."""

    usage: Mapping[str, int]
    """What was reported and can be true."""
    cost: Cost
    """By that; unknown where too little of it can be."""
    booked: float
    """What counts against ``--max-cost``."""
    broken: str
    """Which bound does not hold; empty when all do."""


def bill(
    tariff: Tariff,
    reported: Mapping[str, object],
    bound: Mapping[str, int],
    characters: int,
    octets: int,
    *,
    answered: bool,
) -> Bill:
    """Work out the bill of a request that was answered.

    Args:
        tariff: of the system.
        reported: what the service said, in the units of ``Receipt.usage``.
        bound: the engine's ``worst_usage``.
        characters: code points of source text that were sent.
        octets: their UTF-8 bytes.
        answered: whether translations came back, which nobody writes in no tokens.
    """
    most = tariff.cost({"characters": characters, **bound})
    worst = most.amount if isinstance(most, Money) else 0.0
    usage = counts(reported)
    over = [name for name, number in usage.items() if number > bound.get(name, number)]
    said = [f"the service reports {usage[name]} {name}, but at most {bound[name]} were possible" for name in over]
    beyond = [name for name in over if usage[name] > BEYOND_BELIEF * max(1, bound[name])]
    usage = {name: number for name, number in usage.items() if name not in beyond}
    nothing = usage.get("input_tokens") == 0 or (answered and usage.get("output_tokens") == 0)
    if octets and nothing:
        usage.pop("input_tokens", None)
    if usage.get("cached_input_tokens", 0) > usage.get("input_tokens", 0):
        usage.pop("cached_input_tokens")
    cost = tariff.cost({"characters": characters, **usage})
    if not isinstance(cost, Money) or not (math.isfinite(cost.amount) and cost.amount >= 0):
        return Bill(usage, cost, worst, said[0] if beyond else "")
    # Own counts of characters are exact, so fewer are a discount at best.
    doubtful = beyond or "characters" in usage or usage.get("input_tokens", math.inf) < _least(bound, octets)
    booked = max(cost.amount, worst) if doubtful else cost.amount
    broken = f"the service bills {cost.amount:.6f} {cost.currency}, but at most {worst:.6f} was possible"
    return Bill(usage, cost, booked, (said or [broken])[0] if beyond or cost.amount > worst * ROUNDING else "")


def charge(tariff: Tariff, result: Reply | EngineError, bound: Mapping[str, int], characters: int, octets: int) -> Bill:
    """The bill of one attempt, whatever came of it; arguments as for :func:`bill`."""
    billed = bill(tariff, _reported(result), bound, characters, octets, answered=isinstance(result, Reply))
    match result:
        case Transient():
            most = tariff.cost({"characters": characters, **bound}) if result.charged else NOTHING
            return replace(billed, cost=most, booked=most.amount if isinstance(most, Money) else 0.0)
        case EngineError() if not isinstance(result, BadOutput):
            return replace(billed, cost=NOTHING, booked=0.0)
    return billed


def _reported(result: Reply | EngineError) -> Mapping[str, int]:
    match result:
        case Reply():
            return result.receipt.usage
        case BadOutput():
            return result.usage
    return {}


def _least(bound: Mapping[str, int], octets: int) -> float:
    """Fewer input tokens than these are no count of what was sent; the bound has one for each byte."""
    return max(1, octets, bound.get("input_tokens", 0) - HIDDEN_TOKENS) / BYTES_PER_TOKEN
