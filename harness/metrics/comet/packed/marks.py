"""Probabilities of labels to error spans, and to what the errors cost: ``UnifiedMetric.decode`` and XCOMET's MQM."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from harness.metrics.interface import ErrorSpan

if TYPE_CHECKING:
    from torch import Tensor

Offsets = Sequence[tuple[int, int]]
"""Start and end of each token in the hypothesis, in characters; (0, 0) of ``<s>`` and ``</s>``."""

PENALTIES = {"minor": 1, "major": 5, "critical": 10}
MOST = 25
"""Penalty points at which a score of 0 is reached."""


def error_spans(shares: Tensor, offsets: Offsets, severities: Sequence[str]) -> tuple[ErrorSpan, ...]:
    """Join neighbouring tokens whose likeliest label is an error.

    As in the library, a span has the severity of its first token, and one that reaches the end of the sequence, with
    ``</s>``, is no span.

    Args:
        shares: (tokens, 1 + severities) probabilities, no error first.
        offsets: of the tokens.
        severities: of the labels, in order.
    """
    confidences, labels = shares.max(dim=1)
    tokens = list(zip(labels.tolist(), confidences.tolist(), offsets, strict=True))
    while tokens and tokens[-1][0]:
        tokens.pop()
    spans = []
    for wrong, group in groupby(tokens, key=lambda token: token[0] > 0):
        if not wrong:
            continue
        members = list(group)
        confidence = sum(share for _, share, _ in members) / len(members)
        severity = severities[members[0][0] - 1]
        spans.append(ErrorSpan(members[0][2][0], members[-1][2][1], severity, confidence))
    return tuple(spans)


def penalty_score(spans: Sequence[ErrorSpan]) -> float:
    """From 1, without errors, to 0, at :data:`MOST` penalty points or more."""
    return (MOST - min(MOST, sum(PENALTIES.get(span.severity, 0) for span in spans))) / MOST
