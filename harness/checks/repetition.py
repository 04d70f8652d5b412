"""Loops: repeated words or phrases, as from neural models that get stuck."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from harness.checks.characters import Selected
from harness.checks.interface import CheckContext, Flag, Item
from harness.checks.screen import Batch, screened_by
from harness.checks.texts import MARKS, WORD, folded_words
from harness.types import Reason
from harness.types.patterns import on_demand
from harness.workspace.languages import NO_SPACES, primary

_WORD = on_demand(rf"\w+(?:[{MARKS}]+\w*)*")
_NEW_SENTENCE = on_demand(r"[.!?:;。！？«»„“”\"–—]")
"""One sentence may end as the next begins."""
_UNLIKE_WORDS = on_demand(r"[\d_'’]")
"""What makes a word of this check something else than a word with letters."""
_CHARACTER = on_demand(r"\w")
_LONGEST_PHRASE = 40
"""Words, or characters of a language without spaces: models also say whole clauses again and again."""
_TIMES = {1: 4, 2: 3, 3: 3}
"""Length of a phrase in words to how often it must stand in a row; longer ones twice. "Very, very" is style."""
_TIMES_OF_LONGER = 2
_TIMES_OF_CHARACTERS = 4
_UNITS_PER_CHARACTER_LOOP = 8


@dataclass(frozen=True, slots=True)
class _Loop:
    start: int
    end: int
    """One after the last word."""
    period: int

    @property
    def times(self) -> int:
        return (self.end - self.start) // self.period


def _with_loops(batch: Batch, context: CheckContext) -> Selected:
    """Texts in which so many words in a row stand again one round later as in the smallest loop of that round."""
    spaceless = primary(context.pair.target) in NO_SPACES
    units = batch.texts.characters if spaceless else batch.texts.tokens
    selected = batch.texts.unusual.copy()
    for period in range(1, _LONGEST_PHRASE + 1):
        again = (_needed(period, spaceless=spaceless) - 1) * period
        places = np.flatnonzero(units.values[period:] == units.values[:-period])
        # Places in ascending order: as many of them in a row as they are apart.
        firsts, lasts = places[: max(0, len(places) - again + 1)], places[again - 1 :]
        firsts = firsts[lasts - firsts == again - 1]
        texts = units.text[firsts]
        selected[texts[texts == units.text[firsts + again + period - 1]]] = True
    return selected


@screened_by(_with_loops)
def check_repetition(item: Item, context: CheckContext) -> Iterator[Flag]:
    """Flag a phrase that stands several times in a row, unless source or a reference repeats as much."""
    spaceless = primary(context.pair.target) in NO_SPACES
    worst = _worst(item.text, spaceless=spaceless)
    if worst.times == 0:
        return
    allowed = max(_worst(other, spaceless=spaceless).times for other in (item.source, *item.references))
    # What is said twice in two words may need four in another language.
    if worst.times <= max(allowed, *(_said_again(other, worst) for other in (item.source, *item.references))):
        return
    units = list((_CHARACTER if spaceless else _WORD).finditer(item.text))
    first, last = units[worst.start].start(), units[worst.end - 1].end()
    between = item.text[units[worst.start + worst.period - 1].end() : units[worst.start + worst.period].start()]
    if worst.times == _TIMES_OF_LONGER and _NEW_SENTENCE.search(between):
        return
    phrase = item.text[first : units[worst.start + worst.period - 1].end()]
    why = Reason("flag.repetition", {"phrase": phrase, "times": worst.times})
    yield Flag("repetition", (first, last), why, 0.95)


def _worst(text: str, *, spaceless: bool) -> _Loop:
    """The loop that covers most; one of no words if there is none."""
    texts = _tokens(text, spaceless=spaceless)
    best = _NONE
    seen_before = len(texts) - len(set(texts))
    if seen_before < _FEWEST_AGAIN:
        return best
    # So many words in a row stand again one round later in every loop, and in few other texts.
    rows = [*zip(*(texts[first:] for first in range(_FEWEST_AGAIN)), strict=False)]
    if len(set(rows)) == len(rows):
        return best
    for period in range(1, min(_LONGEST_PHRASE, len(texts) // 2) + 1):
        needed = _needed(period, spaceless=spaceless) * period
        # All of a loop but its first round has been seen before: counting those is cheap, comparing places is not.
        if seen_before < needed - period or sum(map(operator.eq, texts, texts[period:])) < needed - period:
            continue
        start = 0
        for position in range(period, len(texts) + 1):
            if position < len(texts) and texts[position] == texts[position - period]:
                continue
            # Figures repeat in tables and telephone numbers.
            if position - start >= max(needed, best.end - best.start + 1) and _has_word(texts[start : start + period]):
                best = _Loop(start, position, period)
            start = position - period + 1
    return best


def _said_again(text: str, loop: _Loop) -> int:
    """How often this text repeats a phrase of two words or more in a row, if that is no more than style would be."""
    tokens = folded_words(text)
    return max(
        (1 + _most_in_a_row(tokens, period) // period for period in range(max(2, loop.period - 1), loop.period + 2)),
        default=0,
    )


def _most_in_a_row(tokens: Sequence[str], period: int) -> int:
    """The most neighbours that stand again one round later."""
    runs = groupby(map(operator.eq, tokens, tokens[period:]))
    return max((sum(1 for _ in run) for same, run in runs if same), default=0)


def _tokens(text: str, *, spaceless: bool) -> Sequence[str]:
    """Words, or characters of a language without spaces, figures included and without case."""
    if spaceless:
        return [*map(str.casefold, _CHARACTER.findall(text))]
    # Other checks have read the words with letters, which in most texts are all.
    return [*map(str.casefold, _WORD.findall(text))] if _UNLIKE_WORDS.search(text) else folded_words(text)


def _has_word(texts: Sequence[str]) -> bool:
    return any(map(WORD.fullmatch, texts))


def _needed(period: int, *, spaceless: bool) -> int:
    if spaceless:
        return max(_TIMES_OF_CHARACTERS - period // _UNITS_PER_CHARACTER_LOOP, 2) if period > 1 else 6
    return _TIMES.get(period, _TIMES_OF_LONGER)


_NONE = _Loop(0, 0, 1)
_FEWEST_AGAIN = min(
    (_needed(period, spaceless=spaceless) - 1) * period
    for period in range(1, _LONGEST_PHRASE + 1)
    for spaceless in (False, True)
)
"""Words of the smallest loop that repeat those one round before."""
