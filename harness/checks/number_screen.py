"""The screen of the check of numbers: most translations have the figures of their source and no others.

A text is simple if each run of its figures is one number that stands for itself, whatever stands around it. The figures
of simple texts are compared here as whole numbers, exactly; all other texts are left to the check.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.checks.characters import DIGIT, Codes, Numbers, Selected, Texts, sign
from harness.checks.interface import CheckContext
from harness.checks.quantities import COUNTS_IN_MYRIADS, POWERS
from harness.checks.screen import Batch
from harness.workspace.languages import primary

_MOST_FIGURES = 15
"""Of a number that is compared here: with its length, which leading zeros make longer, it fits 64 bits."""
_LENGTHS = 16
"""More than a run of figures that is compared may be long."""
_TENS = 10 ** np.arange(_MOST_FIGURES, dtype=np.int64)
_ZERO = ord("0")


def _codes(characters: str) -> Numbers:
    return np.array([ord(character) for character in characters])


_JOINTS = _codes(".,’\u060c\uff0c\u066b\u066c")
"""Between two runs of figures of one number."""
_GROUPING = _codes(" \u00a0\u202f\u2009'")
"""The same, if three figures follow."""
_BETWEEN_PAIRS = _codes(":–-")
_HANDLES, _OPENINGS = _codes("@#"), _codes("{<")
_MARKS, _DEGREE = sign("[%{<@#]"), sign("°")
_AFTER_PERCENT = _codes("(.sdifxu@0123456789")
"""What follows the sign in a placeholder; elsewhere it says that a number is one of a hundred."""
_SIGNS_OF_POWERS = _codes(POWERS)
_POINTS = _codes(".,")


@dataclass(frozen=True, slots=True)
class _Figures:
    """The runs of figures of many texts."""

    text: Numbers
    """Which text each is in."""
    key: Numbers
    """Equal for equal runs, and for no others, in texts that are simple."""
    simple: Selected
    """For each text."""
    rearrangeable: Selected
    """Those with a hyphen or colon between figures, or a sign of degrees: order and scale may be wrong."""


def may_have_other_numbers(batch: Batch, context: CheckContext) -> Selected:
    """Texts with figures, on either side, but for simple ones with exactly those of a simple source."""
    pair = context.pair
    has_figures = batch.texts.having(DIGIT) | batch.of_sources(batch.sources.having(DIGIT))
    if "my" in (primary(pair.source), primary(pair.target)) or not has_figures.any():
        return has_figures
    source, written = _figures_of(batch.sources, pair.source), _figures_of(batch.texts, pair.target)
    settled = written.simple & batch.of_sources(source.simple) & _same(source, written, batch)
    settled &= ~(written.rearrangeable & batch.of_sources(source.rearrangeable))
    return has_figures & ~settled


def _same(source: _Figures, written: _Figures, batch: Batch) -> Selected:
    """Texts whose figures are those of their source, each any number of times."""
    values, ids = np.unique(np.concatenate((source.key, written.key)), return_inverse=True)
    ids = ids.reshape(-1)
    given = np.unique(source.text * len(values) + ids[: len(source.key)])
    found = np.unique(written.text * len(values) + ids[len(source.key) :])
    text, value = np.divmod(found, max(len(values), 1))
    known = np.isin(batch.segment[text] * len(values) + value, given)
    count = np.bincount(text, minlength=len(batch))
    count_given = np.bincount(given // max(len(values), 1), minlength=len(batch.segments))
    same: Selected = (count == np.bincount(text[known], minlength=len(batch))) & (
        count == batch.of_sources(count_given)
    )
    return same


def _figures_of(texts: Texts, language: str) -> _Figures:
    codes, space = texts.codes, texts.values == 0
    starts, ends = texts.runs_of(DIGIT)
    lengths = ends - starts
    places = np.flatnonzero(texts.are(DIGIT))
    value = _values_of(codes[places].astype(np.int64) - _ZERO, lengths)
    # What has no value here: long numbers, those of other scripts, and 0, which may be minutes.
    apart = [starts[value <= 0], _joints(codes, starts, ends), _marks(texts, starts, ends, space)]
    if primary(language) in COUNTS_IN_MYRIADS:
        apart.append(_powers(texts))
    simple = ~texts.holding(np.concatenate(apart))
    rearrangeable = texts.holding(_pairs(codes, starts, ends, space)) | texts.having(_DEGREE)
    return _Figures(texts.text_of(starts), value * _LENGTHS + lengths, simple, rearrangeable)


def _values_of(figures: Numbers, lengths: Numbers) -> Numbers:
    """The number that each run of figures is; -1 for long ones, and those with other figures than 0 to 9."""
    if not len(figures):
        return np.zeros(0, np.int64)
    firsts = np.cumsum(lengths) - lengths
    # From the last figure of each run.
    tens = np.repeat(firsts + lengths, lengths) - 1 - np.arange(len(figures))
    value: Numbers = np.add.reduceat(figures * _TENS[np.minimum(tens, _MOST_FIGURES - 1)], firsts)
    odd = np.logical_or.reduceat((figures < 0) | (figures > 9), firsts) | (lengths > _MOST_FIGURES)
    value[odd] = -1
    return value


def _joints(codes: Codes, starts: Numbers, ends: Numbers) -> Numbers:
    """Runs of figures that may be one number with the next run."""
    firsts = np.flatnonzero(starts[1:] == ends[:-1] + 1)
    signs, following = codes[ends[firsts]], ends[firsts + 1] - starts[firsts + 1]
    joined: Numbers = starts[firsts[np.isin(signs, _JOINTS) | (np.isin(signs, _GROUPING) & (following == 3))]]
    return joined


def _marks(texts: Texts, starts: Numbers, ends: Numbers, space: Selected) -> Numbers:
    """Places in texts that may have a placeholder or a tag, or figures in an address.

    Handles and hashtags keep their figures, but nothing else, so that two runs with a sign between them may be joined.
    """
    codes = texts.codes
    signs = np.flatnonzero(texts.are(_MARKS))
    written = codes[signs]
    percents = signs[written == ord("%")]
    places = [percents[np.isin(codes[percents + 1], _AFTER_PERCENT)], signs[np.isin(written, _OPENINGS)]]
    handles = signs[np.isin(written, _HANDLES)]
    marks = np.concatenate((handles, texts.places_of("://"), texts.places_of("www.")))
    if len(marks):
        # All of these reach to the next white space.
        word = np.cumsum(space)
        kept = word[handles[space[handles - 1] | (handles == 0)]]
        places.append(starts[np.isin(word[starts], np.setdiff1d(word[marks], kept))])
        joined = (starts[1:] == ends[:-1] + 1) & (ends[1:] == starts[1:] + 3) & np.isin(word[starts[1:]], kept)
        places.append(starts[1:][joined])
    return np.concatenate(places)


def _powers(texts: Texts) -> Numbers:
    """Signs that may multiply the number before them."""
    signs = np.flatnonzero(np.isin(texts.codes, _SIGNS_OF_POWERS))
    before = np.maximum(signs - np.arange(1, 4)[:, np.newaxis], 0)
    number = texts.are(DIGIT)[before] | np.isin(texts.codes[before], _POINTS)
    multiplying: Numbers = signs[number.any(axis=0)]
    return multiplying


def _pairs(codes: Codes, starts: Numbers, ends: Numbers, space: Selected) -> Numbers:
    """Runs of figures with a hyphen or colon before the next run, and one space at most on either side of it."""
    gap = starts[1:] - ends[:-1]
    near = np.flatnonzero(gap <= 3)
    places, gap = ends[near], gap[near]
    # Behind the last run stands a separator, at least.
    between = [np.minimum(places + offset, len(codes) - 1) for offset in range(3)]
    joint, blank = [np.isin(codes[at], _BETWEEN_PAIRS) for at in between], [space[at] for at in between]
    found = ((gap == 1) & joint[0]) | ((gap == 2) & ((joint[0] & blank[1]) | (blank[0] & joint[1])))
    pairs: Numbers = places[found | ((gap == 3) & blank[0] & joint[1] & blank[2])]
    return pairs
