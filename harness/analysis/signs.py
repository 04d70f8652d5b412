"""One matter that speaks for or against trusting the numbers of a pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from harness.types import Reason

Level = Literal["doubt", "caution", "good"]

LEVELS: tuple[Level, ...] = ("doubt", "caution", "good")

Topic = Literal[
    "reference",
    "references",
    "metrics",
    "people",
    "tuned",
    "articles",
    "identical",
    "checks",
    "latency",
    "overlap",
    "memorised",
]


@dataclass(frozen=True, slots=True)
class Sign:
    """One matter."""

    level: Level
    """``doubt``: the order of the systems may be wrong because of it; ``caution``: keep it in mind; ``good``: it was
    looked at, and nothing was found."""
    topic: Topic
    why: Reason
