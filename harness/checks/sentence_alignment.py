"""Whether a sentence of one text has no counterpart in the other, told by the best alignments with and without one.

Sentences are aligned in order, one or two with one or two, as Gale and Church (1993) do: lengths go together, words
that are alike stand on both sides, and where two sentences became one there is a mark in its middle. Each is a log
likelihood ratio against sentences that do not belong together, so that they can be added.

``native/sentences.c`` does the same in the same order, with the same bits but much sooner. This is what it is checked
against, and what is used where it was not compiled.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from harness.checks.sentence_kernel import Weights, compiled_alignment
from harness.checks.sentence_signs import AT_THE_END, JOINTS, UNITS, Sentences
from harness.corpus.lint.alignment import SPREAD_PER_CHARACTER, SPREAD_SQUARED, spread
from harness.types.patterns import on_demand

_JOINT = on_demand(rf"[{JOINTS}]|\s-\s|--")
_JOINT_WINDOW, _JOINT_CHARACTERS = 0.12, 6
"""How far from the expected place a joint may be: a share of the sentence, and some characters."""

_LOST = 4.5
_JOINED, _JOINED_WITHOUT_MARK, _JOINED_MORE = 2.0, 4.0, 5.0
"""What it costs, in nats, to lose a sentence and to join two or more. Fitted, as all weights here, on
translations into German, Japanese, Arabic, Czech and Icelandic; docs/checks.md shows what others gave."""
_BROADEST = 0.8
"""Deviation of the log ratio of two sentences that do not belong together."""
_WORST_LENGTH = 8.0
_MOST_WORDS = 8.4
_MOST_MORE = 12
_NEVER = -math.inf
_MOST_COST = 60.0
"""Of an alignment; one that is worse is none."""
_SHAPES = ((1, 1), (2, 1), (1, 2))
"""How many sentences of the whole and of the part may belong together."""
_WEIGHTS = Weights(
    lost=_LOST,
    joined=_JOINED,
    joined_without_mark=_JOINED_WITHOUT_MARK,
    joined_more=_JOINED_MORE,
    most_words=_MOST_WORDS,
    worst_length=_WORST_LENGTH,
    most_cost=_MOST_COST,
    broadest=_BROADEST,
    spread_squared=SPREAD_SQUARED,
    spread_per_character=SPREAD_PER_CHARACTER,
    joint_share=_JOINT_WINDOW,
    joint_characters=_JOINT_CHARACTERS,
)


@dataclass(frozen=True, slots=True)
class Lengths:
    """Log ratio of the lengths of two sentences that belong together, and its deviation in units of ``spread``."""

    ratio: float
    scale: float


def lost_sentence(whole: Sentences, part: Sentences, lengths: Lengths) -> float:
    """How much better the sentences align if some of ``whole`` have no counterpart, as a log likelihood ratio.

    Args:
        whole: the text of which sentences may be lost.
        part: the text in which they may be missing.
        lengths: of ``part`` over ``whole``.

    Returns:
        Nats; negative where all sentences have a counterpart. Work and memory grow with the number of sentences times
        how many more one text has; with very many more in ``whole`` the answer is that some are lost.
    """
    more = len(whole.texts) - len(part.texts)
    if abs(more) > _MOST_MORE:
        return _MOST_COST if more > 0 else -_MOST_COST
    compiled = compiled_alignment()
    if compiled:
        return compiled(whole, part, lengths.ratio, lengths.scale, _WEIGHTS)
    return align(whole, part, lengths)


def align(whole: Sentences, part: Sentences, lengths: Lengths) -> float:
    """:func:`lost_sentence` without the compiled library, of texts with about as many sentences."""
    count, count_of_part = len(whole.texts), len(part.texts)
    more = count - count_of_part
    beads = _Beads(whole, part, lengths)
    # One long sentence may become any number of short ones. Nothing far from the diagonal can be best.
    shapes = _SHAPES if more < 2 else (*_SHAPES, (3, 1)) if count_of_part > 1 else (*_SHAPES, (count, 1))
    slack = more == 0
    complete: dict[tuple[int, int], float] = {(0, 0): 0.0}
    lossy: dict[tuple[int, int], float] = {}
    for i in range(count + 1):
        for j in range(max(0, i - max(more, 0) - slack), min(count_of_part, i - min(more, 0) + slack) + 1):
            best = best_lossy = _NEVER
            for p, q in shapes:
                before = (i - p, j - q)
                so_far, so_far_lossy = complete.get(before, _NEVER), lossy.get(before, _NEVER)
                if so_far > _NEVER or so_far_lossy > _NEVER:
                    bead = beads.score(i, j, p, q)
                    best, best_lossy = max(best, so_far + bead), max(best_lossy, so_far_lossy + bead)
            lost = (i - 1, j)
            best_lossy = max(best_lossy, complete.get(lost, _NEVER) - _LOST, lossy.get(lost, _NEVER) - _LOST)
            if i or j:
                complete[i, j], lossy[i, j] = best, best_lossy
    end = count, count_of_part
    return max(lossy.get(end, _NEVER), -_MOST_COST) - max(complete[end], -_MOST_COST)


class _Beads:
    """What speaks for sentences belonging together."""

    def __init__(self, whole: Sentences, part: Sentences, lengths: Lengths) -> None:
        self._whole, self._part, self._lengths = whole, part, lengths
        self._common: dict[tuple[int, int], int] = {}

    def score(self, i: int, j: int, p: int, q: int) -> float:
        """Of the ``p`` sentences of the whole before ``i`` and the ``q`` of the part before ``j``, in nats."""
        of_whole, of_part = self._whole.absence, self._part.absence
        to_whole, to_part = self._whole.to, self._part.to
        signs = of_whole[i - p] - of_whole[i] + of_part[j - q] - of_part[j] + self._shared(i - 1, j - 1)
        for row in range(i - p, i - 1):
            signs += self._shared(row, j - 1)
        if q == 2:
            signs += self._shared(i - 1, j - 2)
        given, written = to_whole[i] - to_whole[i - p], to_part[j] - to_part[j - q]
        longer = max(given, written)
        # The difference of two sums of lengths that are no whole numbers may be a trifle less than 1.
        deviation, narrowness = _deviation(max(1, int(longer)), self._lengths.scale)
        z = (math.log(written / given) - self._lengths.ratio) / deviation
        score = max(-_MOST_WORDS, min(_MOST_WORDS, signs / UNITS)) - min(z * z / 2, _WORST_LENGTH) + narrowness
        if p == q:
            return score
        if p > 2:
            return score - _JOINED_MORE
        joined = self._part.texts[j - 1] if p == 2 else self._whole.texts[i - 1]
        first = to_whole[i - 1] - to_whole[i - 2] if p == 2 else to_part[j - 1] - to_part[j - 2]
        return score - (_JOINED if _has_joint(joined, first / longer) else _JOINED_WITHOUT_MARK)

    def _shared(self, row: int, column: int) -> int:
        known = self._common.get((row, column))
        if known is None:
            signs, others = self._whole.signs[row], self._part.signs[column].keys()
            known = 0 if others.isdisjoint(signs) else sum([signs[sign] for sign in signs.keys() & others])
            self._common[row, column] = known
        return known


@lru_cache(maxsize=65_536)
def _deviation(length: int, scale: float) -> tuple[float, float]:
    """The deviation of the log ratio at a length, and how much narrower than :data:`_BROADEST` it is, in nats."""
    deviation = scale * spread(length)
    return deviation, math.log(_BROADEST / deviation)


def _has_joint(text: str, share: float) -> bool:
    """Whether a mark stands about where two sentences would have been joined."""
    middle, window = share * len(text), _JOINT_WINDOW * len(text) + _JOINT_CHARACTERS
    stop = min(len(text.rstrip(AT_THE_END)), round(middle + window) + 1)
    return _JOINT.search(text, max(0, round(middle - window)), stop) is not None
