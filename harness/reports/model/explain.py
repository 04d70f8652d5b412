"""What stands behind a difference, as the page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from harness.analysis.pair import PairAnalysis
from harness.analysis.phrases import Length, Phrase
from harness.reports.model.shown import display_names
from harness.reports.words.messages import say
from harness.reports.words.numbers import counted, format_share, listed
from harness.reports.words.text import visible
from harness.types import SystemName

USUAL = (0.9, 1.1)
"""Outputs between these shares of the characters of their references are of the usual length."""


@dataclass(frozen=True, slots=True)
class PhraseRow:
    """A phrase, visible, and how often two systems match it."""

    text: str
    ahead: int
    behind: int
    segments: int
    """In which the first has more matches than the other."""
    rows: str
    """These, for the explorer: ``3,17``."""


@dataclass(frozen=True, slots=True)
class ExplanationView:
    """The two systems at the top, and the lengths of all."""

    first: str
    second: str
    """Names as shown; both empty where nothing is compared."""
    places: tuple[int, int]
    """Of both on the leaderboard."""
    title: str
    caption: str
    gained: tuple[PhraseRow, ...]
    lost: tuple[PhraseRow, ...]
    lengths: str
    """A sentence; empty where there are no references."""


def show_explanation(pair: PairAnalysis) -> ExplanationView:
    """The words of one pair."""
    labels, explanation = display_names(pair.result), pair.explanation
    places = {system.name: place for place, system in enumerate(pair.standing.systems)}
    first, second = SystemName(explanation.first), SystemName(explanation.second)

    def rows(phrases: tuple[Phrase, ...]) -> tuple[PhraseRow, ...]:
        return tuple(
            PhraseRow(
                visible(phrase.text),
                phrase.ahead,
                phrase.behind,
                len(phrase.rows),
                ",".join(map(str, phrase.rows)),
            )
            for phrase in phrases
        )

    return ExplanationView(
        labels.get(first, ""),
        labels.get(second, ""),
        (places.get(first, 0), places.get(second, 0)),
        say(f"differences.phrases_of.{explanation.unit}"),
        say(
            f"differences.phrases_caption.{explanation.unit}",
            first=labels.get(first, ""),
            second=labels.get(second, ""),
            n=f"{explanation.segments:,}",
        ),
        rows(explanation.gained),
        rows(explanation.lost),
        _lengths(explanation.lengths, labels),
    )


def _lengths(lengths: tuple[Length, ...], labels: dict[SystemName, str]) -> str:
    """How long the outputs are, in a sentence that names only the systems that are far off."""
    if not lengths:
        return ""
    low, high = USUAL
    unusual = sorted((item for item in lengths if not low <= item.ratio <= high), key=lambda item: -abs(item.ratio - 1))
    usual = [item.ratio for item in lengths if item not in unusual]
    said = []
    if usual:
        extent = "most" if unusual else "all"
        said.append(say(f"differences.lengths.{extent}", low=format_share(min(usual)), high=format_share(max(usual))))
    if unusual:
        named = [
            say("differences.length_of", system=labels[item.system], share=format_share(item.ratio)) for item in unusual
        ]
        said.append(say("differences.lengths_unusual", systems=listed(named)))
    short, long = sum(item.shorter for item in lengths), sum(item.longer for item in lengths)
    said.append(say("differences.lengths_far", shorter=counted(short, "output"), longer=f"{long:,}"))
    return " ".join(said)
