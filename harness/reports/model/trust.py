"""How far the numbers of a pair can be trusted, as a report shows it: a sentence a matter, and the tables behind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from harness.analysis.signs import Level, Topic
from harness.reports.model.breakdown import COEFFICIENTS, coefficient_texts
from harness.reports.model.shown import shown_names
from harness.reports.words.messages import say
from harness.reports.words.numbers import metric_title
from harness.reports.words.reasons import capitalised, sentence
from harness.reports.words.text import visible
from harness.types import JsonValue, Memorisation, Missing, Overlaps

if TYPE_CHECKING:
    from harness.analysis.human import HumanAgreement
    from harness.analysis.pair import PairAnalysis

KNOWN: Final[tuple[Topic, ...]] = ("overlap", "memorised")
"""Topics about what systems may know of the texts already."""


@dataclass(frozen=True, slots=True)
class TrustLine:
    """One matter."""

    level: Level
    topic: Topic
    text: str

    @property
    def line(self) -> str:
        """With its level in front, where nothing else shows it."""
        return say("trust.line", sign=say(f"trust_level.{self.level}"), text=self.text)


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """Every metric against one column of human ratings."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    """A metric's name, and its coefficients with their intervals; one cell alone says why there are none."""


@dataclass(frozen=True, slots=True)
class TrustView:
    """What stands before any table; every text is visible, none is escaped."""

    lines: tuple[TrustLine, ...]
    """The gravest first."""
    people: tuple[PeopleTable, ...]


def build_trust(pair: PairAnalysis) -> TrustView:
    """The signs of one pair in words."""
    return TrustView(trust_lines(pair), tuple(_people(column, found) for column, found in pair.humans.items()))


def trust_lines(pair: PairAnalysis) -> tuple[TrustLine, ...]:
    """The signs alone, the gravest first."""
    names = shown_names(pair.result)
    return tuple(
        TrustLine(sign.level, sign.topic, _ended(visible(capitalised(sign.why, names)))) for sign in pair.trust
    )


def known_elsewhere(lines: Iterable[TrustLine]) -> list[str]:
    """What of the text systems may know from training data or translation memories, or by heart, a sentence each."""
    return [line.text for line in lines if line.topic in KNOWN and line.level != "good"]


def trust_json(pair: PairAnalysis) -> dict[str, JsonValue]:
    """The signs, with systems by their names, and how much of the text is in each file that was searched."""
    signs: list[JsonValue] = [
        {"level": sign.level, "topic": sign.topic, "what": sentence(sign.why)} for sign in pair.trust
    ]
    memorised: JsonValue = {name: _memorised_json(item) for name, item in pair.result.memorised.items()}
    return {"trust": signs, "overlaps": _overlaps_json(pair.result.overlaps), "memorised": memorised}


def _overlaps_json(overlaps: Overlaps | Missing) -> JsonValue:
    if isinstance(overlaps, Missing):
        return _missing_json(overlaps)
    return {
        file: _missing_json(item) if isinstance(item, Missing) else {**asdict(item)} for file, item in overlaps.items()
    }


def _memorised_json(item: Memorisation | Missing) -> JsonValue:
    return _missing_json(item) if isinstance(item, Missing) else asdict(item)


def _missing_json(missing: Missing) -> JsonValue:
    return {"missing": sentence(missing.why), "fix": sentence(missing.fix)}


def _people(column: str, agreement: HumanAgreement) -> PeopleTable:
    rows = []
    for name, metric in agreement.metrics.items():
        cells = (visible(sentence(metric.why)),) if isinstance(metric, Missing) else tuple(coefficient_texts(metric))
        rows.append((visible(metric_title(name)), cells))
    headings = tuple(say(f"agreement.coefficient.{field}") for field in COEFFICIENTS)
    return PeopleTable(say("trust.people_table", rated=visible(metric_title(column))), headings, tuple(rows))


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
