"""Small readings of a text that several checks share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from harness.corpus.lint.pairs import replace_untranslatable

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
TEXTS_KEPT = 1024
"""The outputs of all systems for one segment are checked one after another, against the same source and references."""
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


@lru_cache(maxsize=TEXTS_KEPT)
def words(text: str) -> tuple[str, ...]:
    """Words with letters, as written, without addresses, handles and tags."""
    without_tags = _TAG.sub(" ", text) if "<" in text else text
    return tuple(WORD.findall(replace_untranslatable(without_tags, " ")))


@lru_cache(maxsize=TEXTS_KEPT)
def has_digits(text: str) -> bool:
    """Whether any character is a digit of any script, superscripts included."""
    return any(map(str.isdigit, text))


@lru_cache(maxsize=TEXTS_KEPT)
def plain(text: str) -> str:
    """The text without what does not matter when two are compared: normal form, case, white space."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def prose_words(text_words: Iterable[str]) -> list[str]:
    """Those words that are not written like names; in scripts without case, all."""
    return [word for word in text_words if not word[0].isupper()]
