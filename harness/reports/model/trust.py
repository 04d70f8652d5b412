"""How far the numbers of a pair can be trusted, as a report shows it: a sentence a matter, and the tables behind."""

from __future__ import annotations

from dataclasses import dataclass

from harness.analysis.human import HumanAgreement
from harness.analysis.pair import PairAnalysis
from harness.analysis.trust import Level
from harness.reports.model.breakdown import COEFFICIENTS, coefficient_texts
from harness.reports.model.shown import shown_names
from harness.reports.words.messages import say
from harness.reports.words.numbers import metric_title
from harness.reports.words.reasons import sentence
from harness.reports.words.text import visible
from harness.types import Missing


@dataclass(frozen=True, slots=True)
class TrustLine:
    """One matter."""

    level: Level
    text: str


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
    names = shown_names(pair.result)
    lines = tuple(TrustLine(sign.level, _capitalised(visible(sentence(sign.why, names)))) for sign in pair.trust)
    return TrustView(lines, tuple(_people(column, found) for column, found in pair.humans.items()))


def _people(column: str, agreement: HumanAgreement) -> PeopleTable:
    rows = []
    for name, metric in agreement.metrics.items():
        cells = (visible(sentence(metric.why)),) if isinstance(metric, Missing) else tuple(coefficient_texts(metric))
        rows.append((visible(metric_title(name)), cells))
    headings = tuple(say(f"agreement.coefficient.{field}") for field in COEFFICIENTS)
    return PeopleTable(say("trust.people_table", rated=visible(metric_title(column))), headings, tuple(rows))


def _capitalised(text: str) -> str:
    """A reason as a sentence."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
