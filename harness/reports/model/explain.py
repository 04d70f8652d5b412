"""What stands behind a difference, as the page shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.analysis.pair import PairAnalysis
from harness.analysis.phrases import Length, Phrase
from harness.reports.model.shown import display_names
from harness.reports.words.text import visible


@dataclass(frozen=True, slots=True)
class ExplanationView:
    """The two systems at the top, and the lengths of all."""

    first: str
    second: str
    """Names as shown; both empty where nothing is compared."""
    segments: int
    gained: tuple[Phrase, ...]
    lost: tuple[Phrase, ...]
    """Of both, the texts are visible."""
    lengths: tuple[tuple[str, Length], ...]
    """Beside the name as shown."""


def show_explanation(pair: PairAnalysis) -> ExplanationView:
    """The words of one pair."""
    labels, found = {str(name): label for name, label in display_names(pair.result).items()}, pair.explanation
    gained, lost = (
        tuple(replace(phrase, text=visible(phrase.text)) for phrase in phrases)
        for phrases in (found.gained, found.lost)
    )
    return ExplanationView(
        labels.get(found.first, ""),
        labels.get(found.second, ""),
        found.segments,
        gained,
        lost,
        tuple((labels[length.system], length) for length in found.lengths),
    )
