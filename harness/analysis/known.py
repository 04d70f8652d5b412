"""What systems may know of the test set already: from training data, a translation memory, or by heart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.analysis.memorised import Recital, recital_of
from harness.analysis.signs import Level, Sign
from harness.types import Memorisation, Missing, Overlap, Part, Reason

if TYPE_CHECKING:
    from harness.analysis.pair import PairAnalysis

MUCH_KNOWN = 0.05
"""Share of the texts from which an overlap can turn the order round: a text known by heart scores 100, where a good
system has some 60, so that one in twenty is worth two points of the corpus score."""


def overlap_signs(pair: PairAnalysis) -> Iterator[Sign]:
    """What of the test set is in training data and translation memories; nothing where none was searched."""
    overlaps = pair.result.overlaps
    if isinstance(overlaps, Missing):
        return
    clean = []
    for file, overlap in overlaps.items():
        if isinstance(overlap, Missing):
            why = Reason(
                "trust.overlap_unknown", {"file": file, "why": Part("clause", overlap.why), "help": overlap.fix}
            )
            yield Sign("caution", "overlap", why)
        elif overlap.share:
            level: Level = "doubt" if overlap.share >= MUCH_KNOWN else "caution"
            yield Sign(level, "overlap", Reason("trust.overlap", {"file": file, "extent": _extent(overlap)}))
        elif overlap.of_sources:
            clean.append(file)
    if clean:
        yield Sign("good", "overlap", Reason("trust.no_overlap", {"files": Part("list", tuple(clean))}))


def _extent(overlap: Overlap) -> Reason:
    of_sources = Part("count", overlap.of_sources, "source")
    if not overlap.of_references:
        return Reason("trust.overlap_sources", {"sources": overlap.sources, "of_sources": of_sources})
    of_references = Part("count", overlap.of_references, "reference")
    return Reason(
        "trust.overlap_both",
        {
            "references": overlap.references,
            "of_references": of_references,
            "sources": overlap.sources,
            "of_sources": of_sources,
        },
    )


def memory_signs(pair: PairAnalysis) -> Iterator[Sign]:
    """What language models know by heart; nothing of those that were not asked."""
    for name, item in pair.result.memorised.items():
        system = Part("system", name)
        if isinstance(item, Missing):
            yield Sign("caution", "memorised", Reason("trust.memorised_unknown", {"system": system, "why": item.why}))
            continue
        recital = recital_of(item)
        if recital.recited:
            yield Sign("doubt" if recital.significant else "caution", "memorised", _recited(system, item, recital))
        elif recital.articles:
            articles, high = Part("count", recital.articles, "article"), Part("percent", recital.high)
            why = Reason(
                "trust.not_recited", {"system": system, "articles": articles, "words": item.verbatim, "high": high}
            )
            yield Sign("good", "memorised", why)
        if recital.numbers:
            why = Reason("trust.numbers", {"system": system, "n": recital.numbers, "reverted": recital.reverted})
            yield Sign("caution" if recital.reverted else "good", "memorised", why)


def _recited(system: Part, item: Memorisation, recital: Recital) -> Reason:
    return Reason(
        "trust.recited",
        {
            "system": system,
            "recited": recital.recited,
            "articles": Part("count", recital.articles, "article"),
            "words": item.verbatim,
            "low": Part("percent", recital.low),
            "high": Part("percent", recital.high),
            "control": recital.control,
        },
    )
