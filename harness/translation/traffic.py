"""From records of requests to what people want to know: how long, how fast, how much."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from harness.runs.result import Traffic
from harness.store.records import RequestRecord
from harness.translation.pricing import Cost
from harness.types import Missing, Money, Unknown


def measure(
    behind: Sequence[RequestRecord], made: Sequence[RequestRecord], cached: int, price_source: str
) -> Traffic | Missing:
    """Sum up one system's requests.

    Args:
        behind: requests that brought the translations shown, whenever they were made.
        made: attempts made in this run.
        cached: segments answered from the store.
        price_source: where the prices come from.
    """
    answered = [record for record in behind if record.outcome == "ok"]
    if not answered:
        return Missing("nothing was sent for this system", "")
    seconds = sorted(record.seconds for record in answered)
    now = {(record.sent, record.segments, record.characters) for record in made}
    old = [record for record in answered if (record.sent, record.segments, record.characters) not in now]
    return Traffic(
        requests=len(answered),
        wasted=sum(record.outcome != "ok" for record in made),
        p50=_quantile(seconds, 0.5),
        p95=_quantile(seconds, 0.95),
        characters_per_second=sum(record.characters for record in answered) / _busy_seconds(answered),
        first=min(record.sent for record in answered),
        last=max(record.sent for record in answered),
        cached=cached,
        spent=total([record.cost for record in made]),
        saved=total([record.cost for record in old]),
        models=tuple(dict.fromkeys(record.model for record in answered if record.model)),
        price_source=price_source,
    )


def total(costs: Sequence[Cost]) -> Cost:
    """The sum; unknown as soon as one of them is."""
    unknown = [cost for cost in costs if isinstance(cost, Unknown)]
    if unknown:
        return Unknown(unknown[0].why)
    known = [cost for cost in costs if isinstance(cost, Money)]
    currencies = {cost.currency for cost in known if cost.currency}
    if len(currencies) > 1:
        return Unknown(f"in several currencies: {', '.join(sorted(currencies))}")
    return Money(math.fsum(cost.amount for cost in known), currencies.pop() if currencies else "")


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of all values do not exceed: a time that was really seen."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _busy_seconds(records: Sequence[RequestRecord]) -> float:
    """The time during which at least one request was under way."""
    spans = sorted(
        (start := datetime.fromisoformat(record.sent).timestamp(), start + record.seconds) for record in records
    )
    busy, end = 0.0, -math.inf
    for begin, stop in spans:
        busy += max(0.0, stop - max(begin, end))
        end = max(end, stop)
    return max(busy, 1e-6)
