"""Sentences that were left out or added: their number, their order, their lengths and their words say so.

The number alone does not: people join and split sentences without changing what is said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache

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

_LOST, _LOST_IF_NEVER_SPLIT = -2.0, -2.6
_ADDED, _ADDED_IF_NEVER_SPLIT = 0.0, -2.0
"""Log likelihood ratios above which hardly any sentence was only joined or split; the second where no text of the
pair splits sentences, as few systems do: then they join none."""
_LOST_BESIDE_REFERENCE, _ADDED_BESIDE_REFERENCE = -3.6, -2.0
_ADDED_BESIDE_REFERENCE_IF_NEVER_SPLIT = -2.6
_USUALLY_SPLIT, _NEVER_SPLIT = 0.03, 0.006
"""Shares of sentences that people split, and below which hardly one is."""
_REFERENCE = 0.25
"""What the alignment with a reference counts beside that with the source, which systems follow more closely."""
_MOST_NATS = 12.0
_SHORT = -0.7
"""Deviation of the length below which texts with as many sentences, or marks, as expected are looked at, too."""
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
_BEHIND_AN_END = sign(rf"[\s{re.escape(CLOSING_MARKS)}]")
_NEARLY_SHORT = _SHORT + 1e-6


def _with_other_number(*, fewer: bool) -> Screen:
    """The screen: texts that may have fewer sentences than the source, or more, and whose length does not forbid it."""

    def screen(batch: Batch, context: CheckContext) -> Selected:
        model, target, lengths = context.length_model, context.pair.target, batch.texts.lengths
        given = np.array([len(sentences_of(segment.source, context.pair.source)) for segment in batch.segments])
        marks = _count_marks_of(batch.texts, target)
        if not fewer:
            fits = _LENIENT * lengths < batch.shortest_references
            return ~fits & (np.minimum(marks, most_sentences_of(batch.texts, target)) > batch.of_sources(given))
        selected = marks < batch.of_sources(_count_marks_of(batch.sources, context.pair.source))
        if model.known:
            selected |= batch.deviations(model) < _NEARLY_SHORT
        fits = (batch.longest_references > 0) & (lengths > _LENIENT * batch.longest_references)
        return selected & ~fits & batch.of_sources(given > 1)

    return screen


def most_sentences_of(texts: Texts, language: str) -> Numbers:
    """No fewer than :func:`sentences_of` gives: an end is a mark before a space or before what closes a quotation."""
    if primary(language) in {*FURTHER_FINAL_MARKS, *WITHOUT_SPACES}:
        return _count_marks_of(texts, language)
    ends = texts.are(_MARK | _OTHER_MARK)
    ends[:-1] &= texts.are(_BEHIND_AN_END)[1:]
    # A mark at the end of a text stands before the space that is none of its characters, and parts nothing.
    ends[texts.ends - 1] = False
    counts: Numbers = np.add.reduceat(ends, texts.starts, dtype=np.intp) + 1
    return counts


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
    yield from _compare(item, context, "omission")


@screened_by(_with_other_number(fewer=False))
def check_addition(item: Item, context: CheckContext) -> Iterator[Flag]:
    """Flag more sentences than the source has, if some of them have no counterpart there."""
    yield from _compare(item, context, "addition")


def _compare(item: Item, context: CheckContext, kind: str) -> Iterator[Flag]:
    model = context.length_model
    if not item.source.strip() or not item.text.strip() or not (item.references or model.known):
        return
    if model.known and model.ends < _MARKED:
        return
    fewer = kind == "omission"
    if item.references and _as_long_as_references(item, fewer=fewer):
        return
    deviation = model.deviation(item.source, item.text) if model.known else 0.0
    given, at_most = sentences_of(item.source, context.pair.source), _count_marks(item.text, context.pair.target)
    expected = _count_marks(item.source, context.pair.source)
    # Most texts have as many marks as the source, and sentences take ten times as long to count.
    if len(given) <= 1 or (at_most >= expected and deviation >= _SHORT) if fewer else at_most <= len(given):
        return
    written = sentences_of(item.text, context.pair.target)
    if not given or not written:
        return
    more = len(written) - len(given)
    if more > 0 or (more == 0 and deviation >= _SHORT) if fewer else more <= 0:
        return
    limit = _limit(model.split, fewer=fewer, beside=bool(item.references))
    evidence = _beside_source(item, context, given, written, fewer=fewer)
    evidence += max(0.0, (-deviation if fewer else deviation) - _USUAL)
    if item.references and evidence > limit - _REFERENCE * _MOST_NATS:
        evidence += _REFERENCE * _beside_references(item, context, written, fewer=fewer)
    if evidence > limit:
        reason = (
            Reason("flag.omission", {"given": len(given), "written": len(written)})
            if fewer
            else Reason("flag.addition", {"given": len(given), "written": len(written)})
        )
        yield Flag(kind, WHOLE, reason, 0.8)


@lru_cache
def _limit(split: float, *, fewer: bool, beside: bool) -> float:
    """The evidence that is asked for, beside a reference or not, by how often sentences are split in this pair."""
    if beside:
        usual = _LOST_BESIDE_REFERENCE if fewer else _ADDED_BESIDE_REFERENCE
        never = _LOST_BESIDE_REFERENCE if fewer else _ADDED_BESIDE_REFERENCE_IF_NEVER_SPLIT
    else:
        usual, never = (_LOST, _LOST_IF_NEVER_SPLIT) if fewer else (_ADDED, _ADDED_IF_NEVER_SPLIT)
    rarely = math.log(_USUALLY_SPLIT / max(split, _NEVER_SPLIT)) / math.log(_USUALLY_SPLIT / _NEVER_SPLIT)
    return usual + max(0.0, rarely) * (never - usual)


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
    marks = sum(map(text.count, _MARKS)) - 2 * text.count("...")
    if not text.isascii():
        further = FURTHER_FINAL_MARKS.get(primary(language), "")
        marks += sum(map(text.count, (*_OTHER_MARKS, *further)))
    return marks + (end_of(text) not in FINALS)
