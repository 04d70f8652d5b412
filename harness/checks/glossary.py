"""Terms that are not translated as in the glossary."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from harness.checks.characters import Selected
from harness.checks.interface import WHOLE, CheckContext, Flag, Item
from harness.checks.screen import Batch, screened_by
from harness.types import Part, Reason
from harness.workspace.languages import NO_SPACES, primary

_SHORTEST_STEM = 4
_ENDING = 2
"""Letters at the end of a word that inflection may change."""


def _with_terms(batch: Batch, context: CheckContext) -> Selected:
    return np.full(len(batch), bool(context.glossary))


@screened_by(_with_terms)
def check_glossary(item: Item, context: CheckContext) -> Iterator[Flag]:
    """Flag terms of the glossary that the source has and whose translation is missing, whatever its ending."""
    for term, wanted in context.glossary.items():
        if not has_term(term, item.source, context.pair.source):
            continue
        allowed = [choice.strip() for choice in wanted.split("|") if choice.strip()]
        patterns = [_pattern(choice, context.pair.target, exact=False) for choice in allowed]
        if not allowed or any(pattern.search(item.text) for pattern in patterns):
            continue
        # Where people did without the term too, it may mean something else here.
        kept = not item.references or any(pattern.search(other) for pattern in patterns for other in item.references)
        yield Flag("glossary", WHOLE, term_reason(term, allowed), 0.9 if kept else 0.5)


def term_reason(term: str, allowed: Sequence[str]) -> Reason:
    """What a flag of this check says: the term, and the translations of which one should be there."""
    return Reason("flag.glossary", {"term": term, "choices": Part("choices", tuple(allowed))})


def missed_term(flag: Flag) -> tuple[str, tuple[str, ...]] | None:
    """The term that a flag of this check is about, and the translations that would do; None for other flags."""
    if flag.kind != "glossary":
        return None
    match flag.why:
        case Reason(key="flag.glossary", fields={"term": str(term), "choices": Part(value=tuple(choices))}):
            return term, choices
        case _:
            return None


def has_term(term: str, source: str, language: str) -> bool:
    """Whether a text of the source language has a term of the glossary, as the check looks for it."""
    return bool(_pattern(term, language, exact=True).search(source))


@lru_cache(maxsize=10_000)
def _pattern(term: str, language: str, *, exact: bool) -> re.Pattern[str]:
    if primary(language) in NO_SPACES:
        return re.compile(re.escape(term), re.IGNORECASE)
    words = [re.escape(word) if exact else _stem(word) for word in term.split()]
    return re.compile(r"(?<!\w)" + r"\s+".join(words) + (r"(?!\w)" if exact else ""), re.IGNORECASE)


def _stem(word: str) -> str:
    stem = word[: max(_SHORTEST_STEM, len(word) - _ENDING)]
    return re.escape(stem) + r"\w*"
