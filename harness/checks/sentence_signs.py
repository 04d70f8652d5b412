"""Sentences, and what of them is expected again in another text: numbers, names and words.

Weights are whole numbers, :data:`UNITS` to a nat: their sums do not depend on the order of a set.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise

from harness.checks.texts import MARKS, TEXTS_KEPT
from harness.types.patterns import on_demand

UNITS = 10_000
ACROSS_LANGUAGES, WORDS, COUPLES = 0, 1, 2
"""How signs are read: with another language in mind; beginnings of words; characters two by two."""

CLOSERS = "\"'”’“‘»«)]› "
QUESTION_MARKS, EXCLAMATION_MARKS = "?？؟;", "!！"
JOINTS = ',;:–—…!?“”"()、，；：「」،؛.»«'
"""What may stand where two sentences were joined, beside hyphens."""
AT_THE_END = '.!?。！？”"“»།։။។ '
_WORD = on_demand(rf"[^\W_]+(?:[{MARKS}]+[^\W_]*)*")
_ENDS = (("?", QUESTION_MARKS), ("!", EXCLAMATION_MARKS))
# The same numbers stand in native/sentences.c.
_NUMBER_SIGN, _WORD_SIGN, _COUPLE_SIGN = 31_000, 25_800, 12_530
_NUMBER_LOST, _WORD_LOST = 3_000, 400
_WORD_BY_LENGTH = (1_790, 1_790, 4_475, 8_950, 13_425, 17_900, 21_480)
_LONGEST_WORD, _LONG_WORD, _SHORT_WORD = 6, 5, 4


class Sentences:
    """The sentences of a text, and what speaks for a common origin with another."""

    def __init__(self, texts: tuple[str, ...], reading: int, latin: float = 1.0) -> None:
        """Take the sentences of a text; see :func:`across_languages` for ``latin``."""
        self.texts = texts
        self.reading = reading
        self.to = (0.0, *accumulate(_lengths(texts, latin)))
        """For each sentence, and behind the last, how long those before it are."""

    @cached_property
    def signs(self) -> tuple[Mapping[str, int], ...]:
        """Of each sentence: what is expected again on the other side, with how much it tells."""
        if self.reading == ACROSS_LANGUAGES:
            return tuple(map(_signs_across, self.texts))
        return tuple(map(_words if self.reading == WORDS else _couples, self.texts))

    @cached_property
    def absence(self) -> tuple[int, ...]:
        """For each sentence, and behind the last: what it costs if none of the signs before it is shared."""
        return (0, *accumulate(map(self._absence_of, self.signs)))

    def _absence_of(self, signs: Mapping[str, int]) -> int:
        if self.reading == ACROSS_LANGUAGES:
            return sum(_NUMBER_LOST if sign[0] in "#?!" else _WORD_LOST for sign in signs)
        return sum(32 * weight // 179 for weight in signs.values())


def _lengths(texts: tuple[str, ...], latin: float) -> Iterator[float]:
    """Of sentences, with each character of ASCII counted as ``latin``; 1 at least."""
    if latin == 1:
        return (float(len(text) or 1) for text in texts)
    return (max(1.0, len(text) - (1 - latin) * len(text.encode("ascii", "ignore"))) for text in texts)


@lru_cache(maxsize=TEXTS_KEPT)
def across_languages(texts: tuple[str, ...], latin: float) -> Sentences:
    """Sentences to be aligned with another language: numbers, names and words spelled alike, question marks.

    Args:
        texts: the sentences.
        latin: what a character of ASCII counts.
    """
    return Sentences(texts, ACROSS_LANGUAGES, latin)


@lru_cache(maxsize=TEXTS_KEPT)
def within_language(texts: tuple[str, ...], *, spaceless: bool) -> Sentences:
    """Sentences to be aligned with others of the same language: beginnings of words, or couples of characters."""
    return Sentences(texts, COUPLES if spaceless else WORDS)


def _signs_across(text: str) -> dict[str, int]:
    signs: dict[str, int] = {}
    for word in _WORD.findall(text.casefold()):
        if word[0].isdecimal():
            signs["#" + _number(word)] = _NUMBER_SIGN
        elif len(word) >= _SHORT_WORD:
            signs[word[:_SHORT_WORD] if len(word) < _LONGEST_WORD else word[:_LONG_WORD]] = _WORD_SIGN
    end = text.rstrip(CLOSERS)[-1:]
    return signs | {mark: _NUMBER_SIGN for mark, written in _ENDS if end and end in written}


def _number(word: str) -> str:
    """A number of digits only, in any script, by its value; others as they are written."""
    if not word.isdecimal():
        return word
    digits = word if word.isascii() else "".join(str(unicodedata.decimal(digit)) for digit in word)
    return digits.lstrip("0") or "0"


def _words(text: str) -> dict[str, int]:
    return {
        word[:_LONG_WORD]: _WORD_BY_LENGTH[_LONG_WORD if word[0].isdecimal() else min(len(word), _LONGEST_WORD)]
        for word in _WORD.findall(text.casefold())
    }


def _couples(text: str) -> dict[str, int]:
    characters = [character for character in text if character.isalnum()]
    return dict.fromkeys(map("".join, pairwise(characters)), _COUPLE_SIGN)
