"""The looks of a run until decided: kept in its settings, and handed to every pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from harness.types import JsonValue, LangPair, Money, SystemName, Unknown, told

SETTING = "looks"
"""Where the settings of a run keep them, by pair."""

End = Literal["known", "tied", "all", "untested", "incomplete", "open"]
"""Why no further articles were bought: it is known which system is best; it will hardly become known; there are no
more; nothing can be compared; translations are missing, and the same command goes on; people were still rating."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look."""

    articles: int
    segments: int
    level: float
    """What the adjusted p was compared with."""
    systems: tuple[SystemName, ...]
    """That were compared, best first."""
    out: Mapping[SystemName, SystemName]
    """Systems that were out from then on, and a better one."""


@dataclass(frozen=True, slots=True)
class NotSpent:
    """What one system or model would still have been asked, had all articles been bought."""

    segments: int
    characters: int
    cost: Money | Unknown


@dataclass(frozen=True, slots=True)
class Looks:
    """How the articles of a pair came."""

    counts: tuple[int, ...]
    """Articles at each planned look; all there are at the last."""
    levels: tuple[float, ...]
    """Of each planned look."""
    made: tuple[Look, ...]
    """The last one is of the articles that the run has."""
    end: End
    margin: float
    """Systems that differ by less are as good as each other; 0 where nobody said so."""
    not_spent: Mapping[str, NotSpent]
    """By system, or by what a metric asks; none where all was bought."""

    @property
    def alpha(self) -> float:
        """The level of the last look: what is claimed of the run is tested at it."""
        return self.levels[max(0, len(self.made) - 1)]


def looks_setting(looks: Mapping[LangPair, Looks]) -> dict[str, JsonValue]:
    """What the settings of a run keep."""
    return {str(pair): cast("JsonValue", _encode(item)) for pair, item in looks.items()}


def looks_of(settings: Mapping[str, JsonValue], pair: LangPair) -> Looks | None:
    """The looks of a pair, from the settings of its run; None where all articles came at once.

    Raises:
        ValueError: they are damaged.
    """
    kept = settings.get(SETTING, {})
    if not isinstance(kept, dict) or str(pair) not in kept:
        return None
    try:
        return _decode(cast("dict[str, Any]", kept[str(pair)]))
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(f"settings: the looks of {pair} are damaged: {error!r}") from error


def _encode(looks: Looks) -> dict[str, Any]:
    return {
        "articles": list(looks.counts),
        "levels": list(looks.levels),
        "made": [
            {
                "articles": look.articles,
                "segments": look.segments,
                "level": look.level,
                "systems": list(look.systems),
                "out": dict(look.out),
            }
            for look in looks.made
        ],
        "end": looks.end,
        "margin": looks.margin,
        "not_bought": {
            name: {"segments": item.segments, "characters": item.characters, "cost": _cost(item.cost)}
            for name, item in looks.not_spent.items()
        },
    }


def _cost(cost: Money | Unknown) -> dict[str, Any]:
    if isinstance(cost, Unknown):
        return {"unknown": cost.why.kept or str(cost.why.fields.get("text", cost.why.key))}
    return {"amount": cost.amount, "currency": cost.currency}


def _decode(kept: Mapping[str, Any]) -> Looks:
    if kept["end"] not in get_args(End):
        raise TypeError(f"end is {kept['end']!r}")
    return Looks(
        counts=tuple(map(int, kept["articles"])),
        levels=tuple(map(float, kept["levels"])),
        made=tuple(
            Look(
                look["articles"],
                look["segments"],
                look["level"],
                tuple(map(SystemName, look["systems"])),
                {SystemName(worse): SystemName(better) for worse, better in look["out"].items()},
            )
            for look in kept["made"]
        ),
        end=kept["end"],
        margin=float(kept["margin"]),
        not_spent={
            name: NotSpent(item["segments"], item["characters"], _amount(item["cost"]))
            for name, item in kept["not_bought"].items()
        },
    )


def _amount(kept: Mapping[str, Any]) -> Money | Unknown:
    return Unknown(told(kept["unknown"])) if "unknown" in kept else Money(kept["amount"], kept["currency"])
