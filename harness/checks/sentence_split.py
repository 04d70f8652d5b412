"""The sentences of a text, as far as they are counted."""

from __future__ import annotations

from functools import lru_cache

from harness.checks.months import knows_months, month_pattern
from harness.checks.texts import TEXTS_KEPT
from harness.corpus.documents.segment import split_sentences
from harness.types.patterns import on_demand
from harness.workspace.languages import primary

_KEPT = 4 * TEXTS_KEPT
"""Lengths are learnt from a sample of sources and references; their sentences are asked for again by the checks."""
_SPOKEN = on_demand(r"[!?…]['’‘]*[\"”“»]['’]*$")
_SPEAKER = on_demand(r"[^\W\d_][^\s.!?]*(?:\s[^\s.!?]+){1,3}\.$")
"""Of ``"Look!" Anna Berger said.``: a quotation that ends in its own mark, and a few words."""
_ENDS_IN_QUOTES = tuple("\"”“»'’")
_TITLE = on_demand(r"\b(?:Det|US|UK)\.$")
"""Abbreviations before a name, as in "Det. Dennis McCarthy" and "US. Secretary of State"."""
_ENDS_IN_TITLE = ("Det.", "US.", "UK.")
_DAY = on_demand(r"(?<!\d)[0-3]?\d\.$")
"""Before a month, the day of a date, also where the language does not write it with a full stop."""


@lru_cache(maxsize=_KEPT)
def sentences_of(text: str, language: str) -> tuple[str, ...]:
    """Sentences with a letter: the number of a list is none. Who said a sentence is no other one."""
    parts: list[str] = []
    for part in split_sentences(text, language):
        if not (part[0].isalpha() or any(map(str.isalpha, part))):
            continue
        if parts and _goes_on(parts[-1], part, primary(language)):
            parts[-1] += " " + part
        else:
            parts.append(part)
    return tuple(parts)


def _goes_on(before: str, part: str, code: str) -> bool:
    if before.endswith(_ENDS_IN_QUOTES):
        return _SPOKEN.search(before) is not None and _SPEAKER.match(part) is not None
    if before[-2:-1].isdecimal() and knows_months(code) and _DAY.search(before):
        return month_pattern(code).match(part) is not None
    return before.endswith(_ENDS_IN_TITLE) and _TITLE.search(before) is not None
