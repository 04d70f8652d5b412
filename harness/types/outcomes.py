"""What became of a segment: a translation, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from harness.types.reason import Part, Reason

if TYPE_CHECKING:
    from harness.types import SystemName

NOTHING: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Translated:
    """The engine's answer."""

    text: str
    """As the engine gave it. May be empty: an engine that answers with nothing has still answered."""
    cached: bool = False
    """True when the answer came from the store and nothing was sent."""
    notes: Mapping[str, int] = field(default_factory=lambda: NOTHING, hash=False)
    """Counts the engine made on the way, e.g. ``{"unknown_words": 2}``."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The engine declined this segment for good: content filter, too long. Never cached, never scored."""

    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer was had. Running again asks again."""

    error: str


@dataclass(frozen=True, slots=True)
class NotBought:
    """Nobody asked, because another system was better already. Running again does not ask either."""

    better: SystemName
    articles: int
    """After how many."""

    @property
    def why(self) -> Reason:
        """Why there is no translation."""
        return Reason("unscored.not_bought", {"known": self.known})

    @property
    def known(self) -> Reason:
        """What was known when nobody asked."""
        better, articles = Part("system", self.better), Part("count", self.articles, "article")
        return Reason("unscored.better", {"better": better, "articles": articles})


Response = Translated | Refused | Failed
"""What became of a request."""

Outcome = Response | NotBought
"""What became of a segment."""


def texts_of(outcomes: Sequence[Outcome]) -> list[str | None]:
    """The translations; None where there is none."""
    return [outcome.text if isinstance(outcome, Translated) else None for outcome in outcomes]
