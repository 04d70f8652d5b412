"""The source came back untranslated, completely or in a long run of words."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache

import numpy as np

from harness.checks.characters import MAY_COMPOSE, Numbers, Selected, Texts, Values
from harness.checks.identify import identifier_for, same_language
from harness.checks.interface import WHOLE, CheckContext, Flag, Item
from harness.checks.screen import Batch, screened_by
from harness.checks.texts import TEXTS_KEPT, WORD, folded_words, plain, prose_words, words
from harness.types import LangPair, Reason
from harness.workspace.languages import NO_SPACES, primary

_FEWEST_WORDS = 4
_FEWEST_PROSE_WORDS = 2
_FEWEST_LETTERS_WITHOUT_SPACES = 6
_NEARLY = 0.8
_MOST_WORDS = 500
"""Words of either side that are compared: the search takes the square of them, and a segment has far fewer."""
_LONG_RUN = 8
_PROSE_IN_RUN = 5
_PLACE_BITS = 20
_PLACES = 1 << _PLACE_BITS
_STRIDE = 0x9E3779B97F4A7C15
"""An odd number far from any other: its multiples lie far apart."""
_UNLIKELY = 0.2
"""Probability of its own language below which a source is in another one."""


def _with_words_of_source(batch: Batch, _context: CheckContext) -> Selected:
    """Texts that may be the source, and those with as many of its words, or as many in a row, as a copy has."""
    texts, sources = batch.texts, batch.sources
    selected = texts.unusual | texts.having(MAY_COMPOSE) | batch.of_sources(sources.having(MAY_COMPOSE))
    selected |= texts.totals == batch.of_sources(sources.totals)
    given, segment = _words_of_sources(batch)
    written = texts.words
    # Words of the source of another text are rarely taken for those of this one: each is marked with its segment.
    known = np.zeros(_PLACES, bool)
    known[_place(given, segment)] = True
    shared = known[_place(written.values, batch.segment[written.text])]
    count = np.bincount(written.text, minlength=len(batch))
    count_shared = np.bincount(written.text[shared], minlength=len(batch))
    count_given = batch.of_sources(np.bincount(segment, minlength=len(batch.segments)))
    # One less, so that rounding does not matter.
    selected |= count_shared > _NEARLY * np.maximum(count_given, np.minimum(count, _MOST_WORDS)) - 1
    places = np.flatnonzero(shared)
    firsts, lasts = places[: len(places) - _LONG_RUN + 1], places[_LONG_RUN - 1 :]
    runs = written.text[firsts[(lasts - firsts == _LONG_RUN - 1) & (written.text[firsts] == written.text[lasts])]]
    selected[runs] = True
    return selected


def _words_of_sources(batch: Batch) -> tuple[Values, Numbers]:
    """The words of all sources that are compared, and the segment of each; those of most sources are read together."""
    written = batch.sources.words
    apart = ~batch.sources.plain | (np.bincount(written.text, minlength=len(batch.segments)) > _MOST_WORDS)
    rows = np.flatnonzero(apart)
    if not len(rows):
        return written.values, written.text
    others = Texts([" ".join(words(batch.segments[row].source)[:_MOST_WORDS]) for row in rows.tolist()]).words
    together = ~apart[written.text]
    values = np.concatenate((written.values[together], others.values))
    return values, np.concatenate((written.text[together], rows[others.text]))


def _place(values: Values, segments: Numbers) -> Values:
    """Where the table of known words has a word of a segment; two words may have one place."""
    return (values + segments.astype(np.uint64) * np.uint64(_STRIDE)) >> np.uint64(64 - _PLACE_BITS)


@screened_by(_with_words_of_source)
def check_copied_source(item: Item, context: CheckContext) -> Iterator[Flag]:
    """Flag copies of segments that have something to translate: not handles, addresses, numbers and names."""
    if not _to_be_translated(item.source, item.references, context.pair.source):
        return
    # Most texts begin with another word than the source: the rest of them need not be folded.
    if _first_word(item.text) == _first_word_of_source(item.source) and plain(item.text) == plain(item.source):
        if _in_another_language(item.source, context.pair):
            return
        yield Flag("copied_source", WHOLE, Reason("flag.copied_whole"), 0.98)
        return
    given, vocabulary = _words_of(item.source)
    written = folded_words(item.text)[:_MOST_WORDS]
    # Most segments share few words with their source: only the others are worth the search.
    if len(vocabulary.intersection(written)) < min(_LONG_RUN, _NEARLY * len(vocabulary)):
        return
    places = list(itertools.islice(WORD.finditer(item.text), _MOST_WORDS))
    match = SequenceMatcher(None, given, written, autojunk=False)
    same = sum(block.size for block in match.get_matching_blocks())
    run = match.find_longest_match()
    share = same / max(len(given), len(written), 1)
    first, last = places[run.b].start(), places[run.b + run.size - 1].end()
    if run.size >= _LONG_RUN and len(_prose(item.text[first:last])) >= _PROSE_IN_RUN:
        if not any(item.text[first:last] in other for other in item.references):
            why = Reason("flag.copied_run", {"words": run.size, "text": item.text[first:last][:60]})
            yield Flag("copied_source", (first, last), why, 0.85)
    elif share >= _NEARLY and len(given) >= _LONG_RUN and not _closely_written(item, given):
        yield Flag("copied_source", WHOLE, Reason("flag.copied_most", {"same": same, "all": len(written)}), 0.7)


def _in_another_language(source: str, pair: LangPair) -> bool:
    """Whether the source is not in its language, as a quotation that stays as it is."""
    language, likely = identifier_for(LangPair(pair.target, pair.source))(source)
    return likely < _UNLIKELY and not same_language(language, primary(pair.source))


@lru_cache(maxsize=TEXTS_KEPT)
def _words_of(source: str) -> tuple[tuple[str, ...], frozenset[str]]:
    given = tuple(word.casefold() for word in words(source)[:_MOST_WORDS])
    return given, frozenset(given)


def _first_word(text: str) -> str:
    """The first word of ``plain(text)``, or none."""
    words_of_text = text.split(maxsplit=1)
    return unicodedata.normalize("NFC", words_of_text[0]).casefold() if words_of_text else ""


_first_word_of_source = lru_cache(maxsize=TEXTS_KEPT)(_first_word)


@lru_cache(maxsize=TEXTS_KEPT)
def _to_be_translated(source: str, references: tuple[str, ...], language: str) -> bool:
    """Whether there is something to translate, and no reference is the source itself."""
    return _translatable(source, language) and all(plain(other) != plain(source) for other in references)


def _translatable(source: str, language: str) -> bool:
    source_words = words(source)
    if primary(language) in NO_SPACES:
        return sum(map(len, source_words)) >= _FEWEST_LETTERS_WITHOUT_SPACES
    return len(source_words) >= _FEWEST_WORDS and len(prose_words(source_words)) >= _FEWEST_PROSE_WORDS


def _prose(text: str) -> list[str]:
    return prose_words(words(text))


def _closely_written(item: Item, given: Sequence[str]) -> bool:
    """Whether a reference has nearly the words of the source too: titles, languages that hardly differ."""
    return any(
        len(set(given) & {word.casefold() for word in words(other)}) >= _NEARLY * len(set(given))
        for other in item.references
    )
