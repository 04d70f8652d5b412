"""Sentences that were left out or added: their number, their order, their lengths and their words say so.

The number alone does not: people join and split sentences without changing what is said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import cache, lru_cache

import numpy as np

from harness.checks.characters import Numbers, Selected, Texts, sign
from harness.checks.interface import WHOLE, CheckContext, Flag, Item
from harness.checks.screen import Batch, Screen, screened_by
from harness.checks.sentence_alignment import Lengths, lost_sentence
from harness.checks.sentence_signs import Sentences, across_languages, within_language
from harness.checks.sentence_split import sentences_of
from harness.checks.texts import FINALS, TEXTS_KEPT, end_of
from harness.corpus.documents.segment import CLOSING_MARKS, FINAL_MARKS, FURTHER_FINAL_MARKS, WITHOUT_SPACES
from harness.types import Reason
from harness.workspace.languages import NO_SPACES, primary

_LOST, _LOST_IF_NEVER_SPLIT, _LOST_BESIDE_REFERENCE = -2.0, -2.6, -3.6
"""Log likelihood ratios above which hardly any sentence was only joined; the second where no text of the pair splits
sentences, as few systems do: then they join none."""
_ADDED, _ADDED_BESIDE_REFERENCE, _ADDED_TO_JOINED = 0.0, -4.2, -0.5
"""Above which hardly any sentence was only split; the last where others must have been joined, as there are no more
than in the source."""
_USUALLY_SPLIT, _NEVER_SPLIT = 0.03, 0.006
"""Shares of sentences that people split, and below which hardly one is."""
_SPLITTING = 0.7
"""Nats that speak against an addition where e times as many sentences are split, and for it where they are fewer."""
_LEAST_SPLIT, _MOST_SPLIT = 0.003, 0.2
_REFERENCE = 0.25
"""What the alignment with a reference counts beside that with the source where a sentence may be lost: systems follow
the source more closely, and the reference may have joined what they keep apart."""
_MOST_OF_ADDED = 2.0
"""Nats of one alignment of an added sentence; further ones would make up for a text that is too short for it."""
_LONGER, _LEAST_LONGER, _MOST_LONGER, _MUCH_LONGER = 1.3, -2.0, 1.0, 2.0
"""Nats for each deviation by which a text with an addition is longer, from one to another; and from where on each is
one more. Weights of additions were fitted like those of alignments; docs/checks.md has what came of it."""
_SEVERAL = 1.2
"""Nats against several more sentences: who splits one often splits another."""
_MOST_NATS = 12.0
_SHORT, _LONG = -0.7, 0.3
"""Deviations of the length below and above which texts with as many sentences as expected are looked at, too."""
_USUAL = 1.0
"""Deviation of the length of the whole text from which every more of it counts a nat."""
_LENIENT = 1.1
"""By how much a text with a sentence less may still be longer than the longest reference, or the other way round."""
_MARKED = 0.5
"""Share of translations with a final mark below which sentences cannot be counted, as in Thai."""
_SPREAD = 1.4
"""Of the lengths of sentences, over that of the lengths of segments."""
_WITHIN_LANGUAGE = Lengths(ratio=0.0, scale=0.55)
_MARKS = ".!?"
_OTHER_MARKS = (*sorted({*FINAL_MARKS} - {*_MARKS}), "。", "！", "？")


_MARK, _OTHER_MARK = sign(f"[{_MARKS}]"), sign(f"[{''.join(_OTHER_MARKS)}]")
_POINT = sign(r"\.")
_CLOSING_CODES, _MOST_CLOSING = np.array([*map(ord, CLOSING_MARKS)]), 2
"""Of more closing marks in a row, what follows is not looked at."""
_SPACE = ord(" ")
_BEHIND_AN_END = sign(rf"[\s{re.escape(CLOSING_MARKS)}]")
_NEARLY = 1e-6
"""By which deviations of many texts at once may differ from those of one."""


def _with_other_number(*, fewer: bool) -> Screen:
    """The screen: texts that may have fewer sentences than the source, or more, and whose length does not forbid it."""

    def screen(batch: Batch, context: CheckContext) -> Selected:
        model, target, lengths = context.length_model, context.pair.target, batch.texts.lengths
        given = np.array([len(sentences_of(segment.source, context.pair.source)) for segment in batch.segments])
        marks = _count_marks_of(batch.texts, target)
        if not fewer:
            fits = _LENIENT * lengths < batch.shortest_references
            most, expected = np.minimum(marks, most_sentences_of(batch.texts, target)), batch.of_sources(given)
            selected = most > expected
            if model.known:
                selected |= (most == expected) & (expected > 1) & (batch.deviations(model) > _LONG - _NEARLY)
            return ~fits & selected
        selected = marks < batch.of_sources(_count_marks_of(batch.sources, context.pair.source))
        if model.known:
            selected |= batch.deviations(model) < _SHORT + _NEARLY
        fits = (batch.longest_references > 0) & (lengths > _LENIENT * batch.longest_references)
        return selected & ~fits & batch.of_sources(given > 1)

    return screen


def most_sentences_of(texts: Texts, language: str) -> Numbers:
    """No fewer than :func:`sentences_of` gives.

    An end is a mark before a space or before what closes a quotation; behind it stand words, no small letter first.
    """
    if primary(language) in {*FURTHER_FINAL_MARKS, *WITHOUT_SPACES}:
        return _count_marks_of(texts, language)
    ends = texts.are(_MARK | _OTHER_MARK)
    ends[:-1] &= texts.are(_BEHIND_AN_END)[1:]
    words, places = texts.words, np.flatnonzero(ends)
    ends_of_words = np.concatenate(([0], words.ends))[np.searchsorted(words.text, texts.text_of(places), "right")]
    # Behind these stands a word of the same text, so that no step leads out of it.
    places = places[places < ends_of_words]
    behind = places + 1
    for _ in range(_MOST_CLOSING):
        behind = behind + np.isin(texts.codes[behind], _CLOSING_CODES)
    following = np.array([chr(code).islower() for code in texts.codes[behind + 1].tolist()], bool)
    return texts.count_of(places[(texts.codes[behind] != _SPACE) | ~following]) + 1


def _count_marks_of(texts: Texts, language: str) -> Numbers:
    """:func:`_count_marks` of many; where a language has further marks, one text after another."""
    if primary(language) in FURTHER_FINAL_MARKS:
        return np.array([_count_marks(text, language) for text in texts.texts])
    counts: Numbers = (
        texts.counts(_MARK | _OTHER_MARK) - 2 * texts.counts_in_a_row(_POINT, 3) + np.where(texts.ended, 0, 1)
    )
    return counts


@screened_by(_with_other_number(fewer=True))
def check_omission(item: Item, context: CheckContext) -> Iterator[Flag]:
    """Flag fewer sentences than the source has, if some of its sentences have no counterpart."""
    if not _can_be_compared(item, context, fewer=True):
        return
    given, deviation = sentences_of(item.source, context.pair.source), _deviation(item, context)
    # Most texts have as many marks as the source, and sentences take ten times as long to count.
    most, expected = _count_marks(item.text, context.pair.target), _count_marks(item.source, context.pair.source)
    if len(given) <= 1 or (most >= expected and deviation >= _SHORT):
        return
    written = sentences_of(item.text, context.pair.target)
    more = len(written) - len(given)
    if not written or more > 0 or (more == 0 and deviation >= _SHORT):
        return
    if _is_lost(item, context, given, written, deviation):
        why = Reason("flag.omission", {"given": len(given), "written": len(written)})
        yield Flag("omission", WHOLE, why, 0.8)


@screened_by(_with_other_number(fewer=False))
def check_addition(item: Item, context: CheckContext) -> Iterator[Flag]:
    """Flag sentences that have no counterpart in the source, if there are more than it has, or others were joined."""
    if not _can_be_compared(item, context, fewer=False):
        return
    given, deviation = sentences_of(item.source, context.pair.source), _deviation(item, context)
    least = len(given) if len(given) > 1 and deviation > _LONG else len(given) + 1
    if not given or _count_marks(item.text, context.pair.target) < least:
        return
    written = sentences_of(item.text, context.pair.target)
    if len(written) >= least and _is_added(item, context, given, written, deviation):
        why = Reason("flag.addition", {"given": len(given), "written": len(written)})
        yield Flag("addition", WHOLE, why, 0.8)


def _can_be_compared(item: Item, context: CheckContext, *, fewer: bool) -> bool:
    model = context.length_model
    if not item.source.strip() or not item.text.strip() or not (item.references or model.known):
        return False
    if model.known and model.ends < _MARKED:
        return False
    return not (item.references and _as_long_as_references(item, fewer=fewer))


def _deviation(item: Item, context: CheckContext) -> float:
    return context.length_model.deviation(item.source, item.text) if context.length_model.known else 0.0


def _is_lost(
    item: Item, context: CheckContext, given: tuple[str, ...], written: tuple[str, ...], deviation: float
) -> bool:
    limit = _limit_of_lost(context.length_model.split, beside=bool(item.references))
    evidence = _beside_source(item, context, given, written, fewer=True) + max(0.0, -deviation - _USUAL)
    if item.references and evidence > limit - _REFERENCE * _MOST_NATS:
        evidence += _REFERENCE * _beside_references(item, context, written, fewer=True)
    return evidence > limit


def _is_added(
    item: Item, context: CheckContext, given: tuple[str, ...], written: tuple[str, ...], deviation: float
) -> bool:
    more = len(written) - len(given)
    limit = _ADDED_TO_JOINED if more == 0 else _ADDED_BESIDE_REFERENCE if item.references else _ADDED
    evidence = min(_MOST_OF_ADDED, _beside_source(item, context, given, written, fewer=False))
    evidence += _LONGER * max(_LEAST_LONGER, min(_MOST_LONGER, deviation)) + max(0.0, deviation - _MUCH_LONGER)
    evidence -= _rarity_of_splits(context.length_model.split) + _SEVERAL * (more > 1)
    if item.references and evidence > limit - _MOST_OF_ADDED:
        evidence += min(_MOST_OF_ADDED, _beside_references(item, context, written, fewer=False))
    return evidence > limit


@lru_cache
def _rarity_of_splits(split: float) -> float:
    """Nats against an addition, by how often sentences are split in this pair."""
    return _SPLITTING * math.log(max(_LEAST_SPLIT, min(_MOST_SPLIT, split)) / _USUALLY_SPLIT)


@lru_cache
def _limit_of_lost(split: float, *, beside: bool) -> float:
    """The evidence that is asked for, beside a reference or not, by how often sentences are split in this pair."""
    if beside:
        return _LOST_BESIDE_REFERENCE
    rarely = math.log(_USUALLY_SPLIT / max(split, _NEVER_SPLIT)) / math.log(_USUALLY_SPLIT / _NEVER_SPLIT)
    return _LOST + max(0.0, rarely) * (_LOST_IF_NEVER_SPLIT - _LOST)


def _as_long_as_references(item: Item, *, fewer: bool) -> bool:
    """Whether a sentence less, or more, would have made the text shorter, or longer, than it is."""
    lengths = [*map(len, item.references)]
    return len(item.text) > _LENIENT * max(lengths) if fewer else _LENIENT * len(item.text) < min(lengths)


def _beside_source(
    item: Item, context: CheckContext, given: tuple[str, ...], written: tuple[str, ...], *, fewer: bool
) -> float:
    """Evidence that a sentence was lost, if there are fewer, or added, in nats."""
    model = context.length_model
    ratio = model.ratio if model.known else math.log(len(item.text) / len(item.source))
    lengths = Lengths(ratio, _SPREAD * model.scale if model.known else 1.0)
    return _unmatched(across_languages(given, 1.0), across_languages(written, model.latin), lengths, fewer=fewer)


def _beside_references(item: Item, context: CheckContext, written: tuple[str, ...], *, fewer: bool) -> float:
    """The same evidence, from the reference that has least of it."""
    spaceless = primary(context.pair.target) in NO_SPACES
    of_text = within_language(written, spaceless=spaceless)
    evidence = [
        _unmatched(within_language(expected, spaceless=spaceless), of_text, _WITHIN_LANGUAGE, fewer=fewer)
        for expected in (sentences_of(reference, context.pair.target) for reference in item.references)
        if expected
    ]
    return min(evidence, default=0.0)


def _unmatched(expected: Sentences, written: Sentences, lengths: Lengths, *, fewer: bool) -> float:
    """:func:`lost_sentence` of what was expected, if fewer sentences were written, else of what was written."""
    if fewer:
        evidence = lost_sentence(expected, written, lengths)
    else:
        evidence = lost_sentence(written, expected, Lengths(-lengths.ratio, lengths.scale))
    return max(-_MOST_NATS, min(_MOST_NATS, evidence))


@lru_cache(maxsize=TEXTS_KEPT)
def _count_marks(text: str, language: str) -> int:
    """The most sentences there may be: points in numbers and abbreviations only make some texts be split in vain."""
    further = "" if text.isascii() else FURTHER_FINAL_MARKS.get(primary(language), "")
    marks = len(_any_mark(further).findall(text)) - 2 * text.count("...")
    return marks + (end_of(text) not in FINALS)


@cache
def _any_mark(further: str) -> re.Pattern[str]:
    return re.compile(f"[{_MARKS}{''.join(_OTHER_MARKS)}{further}]")
