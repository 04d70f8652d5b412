"""The sentences of a text, as far as they are counted."""

from __future__ import annotations

import re
from functools import lru_cache

from harness.checks.texts import TEXTS_KEPT
from harness.corpus.documents.segment import split_sentences

_SPOKEN = re.compile(r"[!?…]['’‘]*[\"”“»]['’]*$")
_SPEAKER = re.compile(r"[^\W\d_][^\s.!?]*(?:\s[^\s.!?]+){1,3}\.$")
"""Of ``"Look!" Anna Berger said.``: a quotation that ends in its own mark, and a few words."""
_TITLE = re.compile(r"\b(?:Det|US|UK)\.$")
"""Abbreviations before a name, as in "Det. Dennis McCarthy" and "US. Secretary of State"."""


@lru_cache(maxsize=TEXTS_KEPT)
def sentences_of(text: str, language: str) -> tuple[str, ...]:
    """Sentences with a letter: the number of a list is none. Who said a sentence is no other one."""
    parts: list[str] = []
    for part in split_sentences(text, language):
        if not any(map(str.isalpha, part)):
            continue
        if parts and ((_SPOKEN.search(parts[-1]) and _SPEAKER.match(part)) or _TITLE.search(parts[-1])):
            parts[-1] += " " + part
        else:
            parts.append(part)
    return tuple(parts)
