"""Terms of the glossary that systems missed, as the page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from harness.analysis.pair import PairAnalysis
from harness.analysis.terms import Kept
from harness.reports.model.shown import display_names
from harness.reports.words.numbers import choices_of
from harness.reports.words.text import visible


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
    """The terms that any system missed."""
    labels, missed = display_names(pair.result), pair.missed_terms
    return Terms(
        names=tuple(labels[system.name] for system in pair.standing.systems),
        rows=tuple(Term(visible(item.text), visible(choices_of(item.wanted)), item.counts) for item in missed.terms),
        hidden=missed.hidden,
    )
