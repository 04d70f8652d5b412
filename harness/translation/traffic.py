"""From records of requests to what people want to know: how long, how fast, how much."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from harness.store.cache.records import RequestRecord
from harness.store.runs.latency import Timing, kept, median, p95
from harness.store.runs.result import Traffic
from harness.translation.pricing import Cost
from harness.types import Missing, Money, Reason, Unknown

NOTHING_ANSWERED = Unknown(Reason("latency.nothing_answered"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, and came back."""

    repetitions: int
    """How often every segment was asked for."""
    answers: int
    """Segments that were answered, every repetition counted."""
    characters: int
    """Their source characters."""
    cached: int
    """Answers from the store."""


def measure(
    behind: Sequence[RequestRecord], made: Sequence[RequestRecord], asked: Asked, price_source: str
) -> Traffic | Missing:
    """Sum up one system's requests.

    Args:
        behind: requests that brought the translations shown, whenever they were made.
        made: attempts made in this run.
        asked: what for.
        price_source: where the prices come from.
    """
    answered = [record for record in behind if record.outcome == "ok"]
    sent = answered or list(made)
    if not sent:
        return Missing(Reason("unknown.nothing_sent"))
    now = {(record.sent, record.segments, record.characters) for record in made}
    old = [record for record in answered if (record.sent, record.segments, record.characters) not in now]
    timings = [
        Timing(record.seconds, record.characters) for record in answered if not record.setup and record.characters
    ]
    seconds = [timing.seconds for timing in timings]
    untimed = sum(record.setup for record in answered)
    rate = sum(record.characters for record in answered) / _busy_seconds(answered) if answered else NOTHING_ANSWERED
    return Traffic(
        requests=len(answered),
        wasted=sum(record.outcome != "ok" for record in made),
        p50=median(seconds, untimed) if answered else NOTHING_ANSWERED,
        p95=p95(seconds, untimed) if answered else NOTHING_ANSWERED,
        characters_per_second=rate,
        first=min(record.sent for record in sent),
        last=max(record.sent for record in sent),
        cached=asked.cached,
        spent=total([record.cost for record in made]),
        saved=total([record.cost for record in old]),
        models=tuple(dict.fromkeys(record.model for record in answered if record.model)),
        price_source=price_source,
        timings=kept(timings),
        answers=asked.answers,
        characters=asked.characters,
        repetitions=asked.repetitions,
    )


def total(costs: Sequence[Cost]) -> Cost:
    """The sum; unknown as soon as one of them is."""
    unknown = [cost for cost in costs if isinstance(cost, Unknown)]
    if unknown:
        return Unknown(unknown[0].why)
    known = [cost for cost in costs if isinstance(cost, Money)]
    currencies = {cost.currency for cost in known if cost.currency}
    if len(currencies) > 1:
        return Unknown(Reason("unknown.currencies", {"currencies": ", ".join(sorted(currencies))}))
    return Money(math.fsum(cost.amount for cost in known), currencies.pop() if currencies else "")


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
