"""What engines counted on the way, such as unknown words and kinds of matches: beside the flags, never among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.analysis.pair import PairAnalysis
from harness.reports.model.shown import display_names
from harness.reports.words.messages import say
from harness.reports.words.text import visible
from harness.types import SystemName


def counts_text(counts: Mapping[str, int]) -> str:
    """``exact matches 12, fuzzy matches 568``; nothing that is 0."""
    return visible(", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in counts.items() if count))


def counted_texts(pair: PairAnalysis) -> Mapping[SystemName, str]:
    """By system, in the order of the standing; systems of which nothing was counted are left out."""
    return {name: counts_text(counts) for name, counts in pair.health.counted.items()}


def counted_notes(pair: PairAnalysis) -> Iterator[str]:
    """A sentence for each system."""
    names = display_names(pair.result)
    for name, text in counted_texts(pair).items():
        yield say("notes.counted", system=names[name], counts=text)
