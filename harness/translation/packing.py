"""Cutting requests into batches that an engine takes: one packer for every kind of limit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from harness.engines.interface import Batch, Limits, Request
from harness.types import LangPair

BYTES_PER_TOKEN = 3
"""Source tokens are estimated as a third of the UTF-8 bytes, which over-states them for most tokenizers."""


def pack(requests: Sequence[Request], pair: LangPair, limits: Limits, sample: int = 0) -> Iterator[Batch]:
    """Cut requests into batches, in order, each as large as the limits allow.

    A single segment that is over a limit gets a batch of its own: whether it is really too long is the engine's to say.
    """
    batch: list[Request] = []
    size = _Size()
    for request in requests:
        grown = size.plus(request)
        if batch and (
            grown.exceeds(limits) or (limits.one_article and request.segment.article != batch[-1].segment.article)
        ):
            yield Batch(pair, tuple(batch), sample)
            batch, grown = [], _Size().plus(request)
        batch.append(request)
        size = grown
    if batch:
        yield Batch(pair, tuple(batch), sample)


class _Size:
    """How large a batch is, in every unit there is a limit for."""

    __slots__ = ("characters", "octets", "segments", "tokens")

    def __init__(self, segments: int = 0, characters: int = 0, octets: int = 0, estimate: int = 0) -> None:
        self.segments = segments
        self.characters = characters
        self.octets = octets
        self.tokens = estimate

    def plus(self, request: Request) -> _Size:
        text = request.source
        octets = len(text.encode("utf-8", "replace"))
        return _Size(
            self.segments + 1,
            self.characters + len(text),
            self.octets + octets,
            self.tokens + math.ceil(octets / BYTES_PER_TOKEN),
        )

    def exceeds(self, limits: Limits) -> bool:
        return (
            self.segments > limits.max_segments
            or self.characters > limits.max_characters
            or self.octets > limits.max_bytes
            or self.tokens > limits.max_tokens
        )


def halves(batch: Batch) -> tuple[Batch, Batch]:
    """Two batches of about the same number of segments; the batch must have at least two."""
    middle = len(batch.requests) // 2
    return (
        Batch(batch.pair, batch.requests[:middle], batch.sample),
        Batch(batch.pair, batch.requests[middle:], batch.sample),
    )
