"""Getting one batch translated: attempts, pauses, halving, money, and a record of each attempt."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Protocol

from harness.engines.interface import Answer, Batch, Limits, Receipt, RemoteEngine, Reply
from harness.engines.wire.network import environment_fault
from harness.errors import (
    BadOutput,
    BadRequest,
    Declined,
    EngineError,
    EngineUnavailable,
    Fatal,
    Garbled,
    RateLimited,
    TooLarge,
    Transient,
    Unsupported,
)
from harness.store.cache.records import RequestRecord
from harness.translation.awake import CLOCK
from harness.translation.billing import charge
from harness.translation.budget import Budget, BudgetSpent
from harness.translation.host import EngineHost
from harness.translation.pace import Pace
from harness.translation.packing import halves
from harness.translation.patience import LONGEST_WAIT, Patience, Tries
from harness.translation.pricing import Cost, Tariff
from harness.translation.replies import bug, checked, cleaned, cut, told
from harness.types import Failed, Money, Refused, Response, SystemName, Translated, Unknown

# SDKs and their HTTP clients log requests at INFO, and addresses, headers and whole answers at DEBUG: texts, and keys
# that a service echoes. Whoever sets a level for one of them gets what it says.
for _name in (
    *("httpx", "httpx2", "httpcore", "httpcore2", "urllib3", "requests", "aiohttp", "azure", "botocore", "boto3"),
    *("openai", "anthropic", "google", "google_genai", "deepl", "lara_sdk", "modernmt", "alibabacloud_tea_openapi"),
):
    if logging.getLogger(_name).level == logging.NOTSET:
        logging.getLogger(_name).setLevel(logging.WARNING)


class Stopped(Exception):  # noqa: N818 - a state, not a fault
    """Nothing more can be had from this engine; the message says why."""


class Listener(Protocol):
    """Who is told what became of batches. Every segment is in exactly one ``answered`` or ``failed``."""

    def answered(self, batch: Batch, answers: Sequence[Response], record: RequestRecord) -> None:
        """The engine answered; the answers must be kept when this returns."""

    def failed(self, batch: Batch, outcome: Refused | Failed) -> None:
        """No answer will be had in this run."""

    def wasted(self, record: RequestRecord) -> None:
        """An attempt that brought nothing."""

    def retrying(self, why: str) -> None:
        """An attempt failed and will be made again."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: its reply or its error, and the record of it."""

    result: Reply | EngineError
    record: RequestRecord
    broken: str = ""
    """Which bound of ``--max-cost`` does not hold; empty while all do."""

    @property
    def refused_for_money(self) -> bool:
        """Whether the engine refuses, and was paid for it."""
        return isinstance(self.result, Declined) and bool(self.result.usage)


@dataclass(slots=True)
class Asker:
    """Asks one engine, for one system, within its limits."""

    system: SystemName
    host: EngineHost
    limits: Limits
    tariff: Tariff
    pace: Pace
    budget: Budget | None
    """None: no limit on money."""
    listener: Listener
    patience: Patience = field(default_factory=Patience)
    """Shared by all jobs of the system."""

    async def ask(self, batch: Batch) -> None:
        """Have a batch translated, in halves where it must be.

        Raises:
            Stopped: nothing more can be had from the engine.
            StoreError: an answer could not be kept.
        """
        refusal = await self._ask(batch, halved=False)
        if refusal is None:
            self.patience.fruitful()
        elif refusal:
            self.patience.fruitless(refusal)
        if self.patience.over:
            raise Stopped(self.patience.over)

    async def _ask(self, batch: Batch, *, halved: bool) -> str | None:
        """Ask; returns None where something came of it, why all of it was refused for good, or "" for neither."""
        attempt = await self._attempts(batch)
        came = await self._take(batch, attempt, halved=halved)
        if attempt.broken:
            raise Stopped(self.patience.over)
        return came

    async def _take(self, batch: Batch, attempt: Attempt, *, halved: bool) -> str | None:
        """Hand on what an attempt brought, or ask in halves where that can help; returns what :meth:`_ask` does."""
        match attempt.result:
            case Reply():
                pairs = zip(attempt.result.answers, batch.requests, strict=True)
                answers = [cleaned(answer, request.source) for answer, request in pairs]
                await self._hand_on(batch, attempt.result.answers, answers, attempt.record)
                return None
            case Fatal() | EngineUnavailable() | Unsupported() as error:
                raise Stopped(told(error))
            case Transient() as error if error.retry_after > LONGEST_WAIT:
                raise Stopped(f"{told(error)}: the service asks to wait {error.retry_after:.0f} s")
            case Garbled() as error:
                self.listener.failed(batch, Failed(told(error)))
                self.patience.unreadable(told(error))
                return ""
            case BadOutput() | TooLarge() if len(batch.requests) > 1 and not attempt.broken:
                return await self._in_halves(batch, halved=halved)
            case BadRequest() if len(batch.requests) > 1 and not halved:
                return await self._in_halves(batch, halved=True)
            case Declined() as error if attempt.refused_for_money:
                refused = Refused(told(error))
                self.listener.answered(batch, [refused] * len(batch.requests), attempt.record)
                return None
            case Declined() as error:
                self.listener.failed(batch, Refused(told(error)))
                return None
            case EngineError() as error:
                times = f" (attempt {attempt.record.attempt})" if attempt.record.attempt > 1 else ""
                self.listener.failed(batch, Failed(told(error) + times))
                return "" if isinstance(error, Transient) else told(error)

    async def _hand_on(
        self, batch: Batch, given: Sequence[Answer], answers: Sequence[Response], record: RequestRecord
    ) -> None:
        """Hand on what an answer holds; what of it cannot be kept is asked for once more, each by itself."""
        pairs = list(zip(batch.requests, given, answers, strict=True))
        again = [
            request
            for request, before, after in pairs
            if len(pairs) > 1 and isinstance(before, Translated) and isinstance(after, Failed)
        ]
        kept = [(request, after) for request, _, after in pairs if request not in again]
        good = replace(batch, requests=tuple(request for request, _ in kept))
        self.listener.answered(good, [answer for _, answer in kept], record)
        for request in again:
            await self._ask(replace(batch, requests=(request,)), halved=True)

    async def _in_halves(self, batch: Batch, *, halved: bool) -> str | None:
        """Ask for each half. What is refused for reasons unknown is halved once: it may be one text, or everything."""
        refusals = [await self._ask(half, halved=halved) for half in halves(batch)]
        return None if None in refusals else refusals[-1]

    async def _attempts(self, batch: Batch) -> Attempt:
        """Attempts until one is no Transient, or there were enough of them."""
        tries = Tries(self.limits.attempts)
        while True:
            began = CLOCK.now()
            attempt = await self._attempt(batch, tries.made + 1)
            error = attempt.result
            final = attempt.refused_for_money and len(batch.requests) == 1
            if isinstance(error, EngineError) and not final:
                self.listener.wasted(attempt.record)
            if not isinstance(error, Transient):
                self.patience.heard()
                return attempt
            pause = tries.pause(error)
            if error.retry_after <= LONGEST_WAIT:
                self.patience.silent(began, told(error))
            if pause < 0 or self.patience.over:
                return attempt
            self.listener.retrying(told(error))
            if isinstance(error, RateLimited) or error.retry_after > 0:
                self.pace.pause(pause)  # for everybody who asks this account
            else:
                await asyncio.sleep(pause)

    async def _attempt(self, batch: Batch, number: int) -> Attempt:
        async with self.pace.slot():
            return await self._send(batch, number)

    async def _send(self, batch: Batch, number: int) -> Attempt:
        characters = sum(len(request.source) for request in batch.requests)
        bound = self._worst_usage(batch)
        worst = self._price(bound, characters)
        await reserve(self.budget, worst)
        try:
            # Last of all, so that nothing is sent in a pause that began while money was waited for.
            await self.pace.wait(characters)
        except BaseException:
            self._book(worst, 0.0)
            raise
        if self.patience.over:  # meanwhile, by another batch
            self._book(worst, 0.0)
            raise Stopped(self.patience.over)
        sent = datetime.now(UTC).isoformat(timespec="milliseconds")
        try:
            exchange = await self.host.ask(batch)
            result = checked(exchange.result, batch, self.system)
        except BaseException as error:
            # Cancelled, or a bug: what was sent may still be billed.
            self._book(worst, worst.amount if isinstance(worst, Money) else 0.0)
            if not isinstance(error, Exception):
                raise
            if fault := environment_fault(error):
                raise Stopped(told(fault)) from error
            raise Stopped(bug(self.host.engine, error)) from error
        octets = sum(len(request.source.encode("utf-8", "replace")) for request in batch.requests)
        billed = charge(self.tariff, result, bound, characters, octets)
        self._book(worst, billed.booked)
        broken = billed.broken if self.budget is not None else ""
        if broken:
            self.patience.distrust(broken)
        receipt = result.receipt if isinstance(result, Reply) else Receipt()
        record = RequestRecord(
            system=self.system,
            pair=str(batch.pair),
            sent=sent,
            seconds=exchange.seconds,
            setup=exchange.setup,
            attempt=number,
            segments=len(batch.requests),
            characters=characters,
            outcome="ok" if isinstance(result, Reply) else type(result).__name__,
            usage=dict(billed.usage),
            cost=billed.cost,
            model=cut(receipt.model),
            request_id=cut(receipt.request_id),
        )
        return Attempt(result, record, broken)

    def _book(self, worst: Cost, amount: float) -> None:
        if self.budget is not None and isinstance(worst, Money):
            self.budget.settle(worst.amount, amount)

    def _worst_usage(self, batch: Batch) -> Mapping[str, int]:
        engine = self.host.engine
        return engine.worst_usage(batch) if isinstance(engine, RemoteEngine) else {}

    def _price(self, usage: Mapping[str, int], characters: int) -> Cost:
        return self.tariff.cost({"characters": characters, **usage})


async def reserve(budget: Budget | None, worst: Cost) -> None:
    """Set aside what a request may cost at most.

    Raises:
        Stopped: it does not fit, or is not known.
    """
    if budget is None:
        return
    if isinstance(worst, Unknown):
        raise Stopped("the price is unknown, so --max-cost cannot be enforced: add [price] to the system file")
    if worst.currency not in ("", budget.cap.currency):
        raise Stopped(f"the price is in {worst.currency}, --max-cost in {budget.cap.currency}")
    try:
        await budget.reserve(worst.amount)
    except BudgetSpent as error:
        raise Stopped(f"{error} (hint: {error.hint})") from None
