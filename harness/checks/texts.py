"""Small readings of a text that several checks share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from harness.corpus.lint.pairs import replace_untranslatable
from harness.types.patterns import on_demand

MARKS = (
    "".join(chr(code) for code in range(0x300, 0x1D00) if unicodedata.category(chr(code))[0] == "M") + "\u200c\u200d"
)
"""Accents, vowel signs and joiners, which belong to the word they stand in and are no letters themselves."""
WORD = re.compile(rf"[^\W\d_]+(?:['’][^\W\d_]+|[{MARKS}]+[^\W\d_]*)*")
TEXTS_KEPT = 1024
"""The outputs of all systems for one segment are checked one after another, against the same source and references."""
_TAG = on_demand(r"</?[A-Za-z][^<>]*>")


@lru_cache(maxsize=TEXTS_KEPT)
def words(text: str) -> tuple[str, ...]:
    """Words with letters, as written, without addresses, handles and tags."""
    without_tags = _TAG.sub(" ", text) if "<" in text else text
    return all_words(replace_untranslatable(without_tags, " "))


@lru_cache(maxsize=TEXTS_KEPT)
def all_words(text: str) -> tuple[str, ...]:
    """Words with letters, as written, wherever they stand."""
    return tuple(WORD.findall(text))


@lru_cache(maxsize=TEXTS_KEPT)
def folded_words(text: str) -> tuple[str, ...]:
    """:func:`all_words` without case."""
    return tuple(map(str.casefold, all_words(text)))


DIGITS = re.compile(
    r"[\d\xb2\xb3\xb9\u1369-\u1371\u19da\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490\u24ea"
    r"\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792\U00010a40-\U00010a43\U00010e60-\U00010e68"
    r"\U00011052-\U0001105a\U0001f100-\U0001f10a]"
)
"""Figures, and what is written with one figure, such as a superscript: what ``str.isdigit`` says of a character."""


@lru_cache(maxsize=TEXTS_KEPT)
def has_digits(text: str) -> bool:
    """Whether any character is a digit of any script, superscripts included."""
    return DIGITS.search(text) is not None


@lru_cache(maxsize=TEXTS_KEPT)
def plain(text: str) -> str:
    """The text without what does not matter when two are compared: normal form, case, white space."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def prose_words(text_words: Iterable[str]) -> list[str]:
    """Those words that are not written like names; in scripts without case, all."""
    return [word for word in text_words if not word[0].isupper()]


class Openings:
    """Words with which a text may begin, for a quick look before a regular expression is tried that ignores case."""

    def __init__(self, words_in_a_row: str, *, after_signs: bool = False) -> None:
        """Take the words, and whether other signs than blanks may stand before them."""
        self._before = _SIGNS if after_signs else _BLANKS
        folded = [word.casefold() for word in words_in_a_row.split()]
        # A word of one letter is one only if something else follows.
        self._words = tuple(f"{word}{sign}" for word in folded for sign in (" '’" if len(word) == 1 else ("",)))
        self._heads = frozenset(word[:2] for word in self._words)
        self._initials = frozenset(word[0] for word in self._words)

    def may_begin(self, text: str) -> bool:
        """Whether a text begins with one of the words, be it in capitals or with an i without a dot, or with one."""
        if not text[:1].isalpha():
            text = self._before.sub("", text, count=1)
        if text[:2].isascii() and text[:2].casefold() not in self._heads:
            return False
        start = text[:_LONGEST_OPENING].casefold()
        return start.replace("ı", "i").replace("i\u0307", "i").startswith(self._words)

    def rule_out(self, start: str) -> bool:
        """Whether no text that begins with these characters, two unless it has fewer, begins with one of the words."""
        if not start[:1].isalpha():
            return False
        if start.isascii():
            return start.casefold() not in self._heads
        return start[0].casefold().replace("ı", "i")[0] not in self._initials


_SIGNS, _BLANKS = on_demand(r"\W*"), on_demand(r"\s*")
_LONGEST_OPENING = 20


FINALS = frozenset(".!?…:;。！？：；｡।॥؟۔؛։።፡፧፨॥၊။។៕།༎᠃܀॥」』|")
"""Marks that end a sentence, of all scripts; some type a bar for the danda, or a colon for the Armenian full stop."""
CLOSING = "\"'”’“‘»«)]›‹*_ \t\u00a0\u202f\u200b\u200e\u200f"
"""Quotes, brackets, and blanks that may follow the end of a sentence."""


def end_of(text: str) -> str:
    """The last character before closing quotes and brackets; empty if there is none."""
    return text.rstrip(CLOSING)[-1:]
