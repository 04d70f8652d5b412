"""Small readings of a text that several checks share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from harness.corpus.lint.pairs import UNTRANSLATABLE

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
TEXTS_KEPT = 1024
"""Checks read the same source and references one after another."""
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


@lru_cache(maxsize=TEXTS_KEPT)
def words(text: str) -> tuple[str, ...]:
    """Words with letters, as written, without addresses, handles and tags."""
    return tuple(WORD.findall(UNTRANSLATABLE.sub(" ", _TAG.sub(" ", text))))


@lru_cache(maxsize=TEXTS_KEPT)
def plain(text: str) -> str:
    """The text without what does not matter when two are compared: normal form, case, white space."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def prose_words(text_words: Iterable[str]) -> list[str]:
    """Those words that are not written like names; in scripts without case, all."""
    return [word for word in text_words if not word[0].isupper()]
