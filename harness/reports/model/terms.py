"""Terms of the glossary: how often each system used the translation that was asked for, where that differs.

A run keeps what the check of the glossary found, not the glossary: terms that no system missed are not known here, and
explain no difference either.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from harness.analysis.pair import PairAnalysis
from harness.checks.glossary import has_term, missed_term
from harness.checks.run import NOTHING_ELSE, unchecked
from harness.reports.model.shown import display_names
from harness.reports.words.numbers import choices_of
from harness.reports.words.text import visible
from harness.store.runs.result import SystemResult
from harness.types import Translated

MOST_TERMS = 15

Missed = tuple[str, tuple[str, ...]]
"""A term, and the translations of which one was asked for."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One term in the outputs of one system."""

    used: int
    asked: int
    """Outputs that were checked for it: those of sources that have the term."""


@dataclass(frozen=True, slots=True)
class Term:
    """One term that a system missed. Texts are visible."""

    text: str
    wanted: str
    """Its translation, or several: ``'bank' or 'shore'``."""
    counts: tuple[Kept | None, ...]
    """By system; None for one that was not checked."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms on which systems differ most come first."""

    names: tuple[str, ...]
    """Systems, in the order of the leaderboard."""
    rows: tuple[Term, ...]
    hidden: int
    """Terms left out because there are too many."""


def build_terms(pair: PairAnalysis) -> Terms:
    """Count the terms that any system missed."""
    result, standing = pair.result, pair.standing
    labels = display_names(result)
    missed = [_missed(system) for system in standing.systems]
    checked = [counts for counts, system in zip(missed, standing.systems, strict=True) if system.flags]

    def gap(term: Missed) -> tuple[int, int, Missed]:
        counts = [found[term] for found in checked]
        return (min(counts) - max(counts), -sum(counts), term)

    ordered = sorted({term for counts in missed for term in counts}, key=gap)
    return Terms(
        names=tuple(labels[system.name] for system in standing.systems),
        rows=tuple(_term(term, pair) for term in ordered[:MOST_TERMS]),
        hidden=max(0, len(ordered) - MOST_TERMS),
    )


def _missed(system: SystemResult) -> Counter[Missed]:
    """Segments by term and translations that it was missed in."""
    return Counter(term for flags in system.flags for flag in flags if (term := missed_term(flag)))


def _term(term: Missed, pair: PairAnalysis) -> Term:
    text, wanted = term
    result = pair.result
    rows = [
        row for row, segment in enumerate(result.corpus.segments) if has_term(text, segment.source, result.pair.source)
    ]
    counts = tuple(_kept(term, rows, system) for system in pair.standing.systems)
    return Term(visible(text), visible(choices_of(wanted)), counts)


def _kept(term: Missed, rows: list[int], system: SystemResult) -> Kept | None:
    if not system.flags:
        return None
    used = asked = 0
    for row in rows:
        flags = system.flags[row]
        lost = any(missed_term(flag) == term for flag in flags)
        # An empty answer or a copy was not looked at any further; on others the check failed.
        if not isinstance(system.outcomes[row], Translated) or (
            not lost and (any(flag.kind in NOTHING_ELSE for flag in flags) or unchecked(flags, "glossary"))
        ):
            continue
        asked += 1
        used += not lost
    return Kept(used, asked)
