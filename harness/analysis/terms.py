"""Terms of the glossary: how often each system used the translation that was asked for, where that differs.

A run keeps what the check of the glossary found, not the glossary: terms that no system missed are not known here, and
explain no difference either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from harness.checks.counts import NOTHING_ELSE, unchecked
from harness.checks.glossary import has_term, missed_term
from harness.store.runs.result import PairResult, SystemResult
from harness.types import Translated

MOST_TERMS = 15
"""Terms that are counted; the systems differ less on the others."""

Missed = tuple[str, tuple[str, ...]]
"""A term, and the translations of which one was asked for."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One term in the outputs of one system."""

    asked: int
    """Outputs that were checked for it: those of sources that have the term."""
    missed: tuple[int, ...] = ()
    """Rows of the outputs without its translation."""

    @property
    def used(self) -> int:
        """Outputs with its translation."""
        return self.asked - len(self.missed)


@dataclass(frozen=True, slots=True)
class MissedTerm:
    """One term that a system missed."""

    text: str
    wanted: tuple[str, ...]
    """The translations of which one was asked for."""
    counts: tuple[Kept | None, ...]
    """By system; None for one that was not checked."""


@dataclass(frozen=True, slots=True)
class MissedTerms:
    """Terms that a system missed."""

    terms: tuple[MissedTerm, ...]
    """At most :data:`MOST_TERMS`; those on which systems differ most come first."""
    hidden: int
    """Terms left out because there are too many."""


def missed_terms(result: PairResult, systems: Sequence[SystemResult]) -> MissedTerms:
    """The terms that any system missed.

    Args:
        result: the pair.
        systems: in the order of the counts.
    """
    missed = [_missed(system) for system in systems]
    checked = [counts for counts, system in zip(missed, systems, strict=True) if system.flags]

    def gap(term: Missed) -> tuple[int, int, Missed]:
        counts = [found[term] for found in checked]
        return (min(counts) - max(counts), -sum(counts), term)

    ordered = sorted({term for counts in missed for term in counts}, key=gap)
    terms = tuple(_term(term, result, systems) for term in ordered[:MOST_TERMS])
    return MissedTerms(terms, len(ordered) - len(terms))


def _missed(system: SystemResult) -> Counter[Missed]:
    """Segments by term and translations that it was missed in."""
    return Counter(term for flags in system.flags for flag in flags if (term := missed_term(flag)))


def _term(term: Missed, result: PairResult, systems: Sequence[SystemResult]) -> MissedTerm:
    text, wanted = term
    rows = [
        row for row, segment in enumerate(result.corpus.segments) if has_term(text, segment.source, result.pair.source)
    ]
    return MissedTerm(text, wanted, tuple(_kept(term, rows, system) for system in systems))


def _kept(term: Missed, rows: list[int], system: SystemResult) -> Kept | None:
    if not system.flags:
        return None
    asked, missed = 0, []
    for row in rows:
        flags = system.flags[row]
        lost = any(missed_term(flag) == term for flag in flags)
        # An empty answer or a copy was not looked at any further; on others the check failed.
        if not isinstance(system.outcomes[row], Translated) or (
            not lost and (any(flag.kind in NOTHING_ELSE for flag in flags) or unchecked(flags, "glossary"))
        ):
            continue
        asked += 1
        missed += [row] if lost else []
    return Kept(asked, tuple(missed))
