"""What a COMET model is given and what it says, whichever implementation runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.metrics.interface import ErrorSpan

Texts = tuple[str, ...]
"""(source, hypothesis) or (source, hypothesis, reference)."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the model says about one hypothesis."""

    score: float
    truncated: bool
    """Some text was longer than the encoder reads."""
    spans: tuple[ErrorSpan, ...] = ()


Portion = list[tuple[Texts, Estimate]]
"""Samples that were scored together and are committed together."""


def pack(estimate: Estimate) -> dict[str, float]:
    """As the score cache keeps it: names and numbers, a span under ``<number>/<severity>/<field>``."""
    packed = {"score": estimate.score, "truncated": float(estimate.truncated)}
    for number, span in enumerate(estimate.spans):
        head = f"{number}/{span.severity}"
        packed |= {f"{head}/start": span.start, f"{head}/end": span.end, f"{head}/confidence": span.confidence}
    return packed


def unpack(values: Mapping[str, float]) -> Estimate:
    """What :func:`pack` packed."""
    heads = sorted(
        (name.removesuffix("/start") for name in values if name.endswith("/start")),
        key=lambda head: int(head.partition("/")[0]),
    )
    spans = tuple(
        ErrorSpan(
            int(values[f"{head}/start"]),
            int(values[f"{head}/end"]),
            head.partition("/")[2],
            float(values[f"{head}/confidence"]),
        )
        for head in heads
    )
    return Estimate(float(values["score"]), bool(values["truncated"]), spans)
