"""What the cache tells about itself: requests that were made, what it holds, and what is damaged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.types import Money, Unknown


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One attempt to have one batch translated."""

    system: str
    pair: str
    sent: str
    """ISO 8601, UTC, to the millisecond."""
    seconds: float
    """From sending it to the answer or the error, as :mod:`harness.engines.clock` says."""
    attempt: int
    """1 for the first."""
    segments: int
    characters: int
    """Code points of source text."""
    outcome: str
    """``ok``, or the class of the error."""
    usage: Mapping[str, int]
    """What was billed, in the units of ``harness.engines.interface.Receipt.usage``, as reported or else counted."""
    cost: Money | Unknown
    model: str
    """The model that answered, as the service names it; empty when it does not say."""
    request_id: str
    setup: bool = False
    """Whether it may contain what is done once, such as opening a connection: no measure of the others' latency."""


@dataclass(frozen=True, slots=True)
class CacheStats:
    """What the cache holds."""

    translations: int
    characters: int
    """Source characters of all kept translations."""
    scores: int
    derived: int
    """Statistics and flags, one for each metric or check, system and set of outputs."""
    bytes: int
    """Size of the file."""
    systems: Mapping[str, int]
    """Translations by the system that first asked."""
    refusals: int = 0
    """Refusals that were paid for."""
    requests: int = 0
    """Records of requests, the wasted among them."""
    open_jobs: int = 0
    """Batch jobs whose results were not read yet."""


@dataclass(frozen=True, slots=True)
class Damage:
    """A record whose key or seal does not fit its content, or whose request is missing."""

    table: str
    key: str
    what: str
    row: int = 0
    """Its row in the table; 0 where the file itself is damaged."""
    sound: bool = False
    """Whether the record itself is right, and only that of the request that brought it is missing."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one cache took over from another."""

    counts: Mapping[str, int]
    """Table to its new records."""
    differing: int
    """Requests that both have another answer to; the one that was there stayed."""
    damaged: tuple[Damage, ...]
    """What was left behind because it does not fit its seal."""
