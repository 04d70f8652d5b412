"""Cut a translation along its reference, where a system merged or split segments.

The text is aligned with the references word by word (Levenshtein distance with graded substitutions; characters in
scripts without spaces), and cut where the references are. A cut costs something unless it stands behind the end of a
sentence or of a line, so that of cuts that fit alike the natural one is taken. Not a character is lost or changed
but white space at cuts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from harness.corpus.documents.affinity import spelling
from harness.types import Segment

_LETTERS = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Of scripts without spaces between words."""

_TOKEN = re.compile(rf"[{_LETTERS}]|[^\W{_LETTERS}]+|[^\w\s]")
_UNSPACED = re.compile(rf"[{_LETTERS}\u3000-\u303f\uff00-\uffef]")
_CLOSING = frozenset("'”’»“)]›」』）、。，,.!?！？;:")
_SENTENCE_END = re.compile(r"[.!?…。！？؟۔।:：][\"'”’»“«)\]›」』）]*\s*$")

_OTHER_CASE = 0.1
_UNLIKE = 1.0
_WORD_FOR_SIGN = 2.0
_INSIDE_WORD = 4.0
_INSIDE_SENTENCE = 0.9
_BEFORE_CAPITAL = 0.5

WINDOW: Final = 1500
"""Positions on either side of the best one that are looked at, so that a book takes no more memory than a chapter."""

_HEADLINE = 0.5
"""How much less a cut costs behind a reference that ends in no punctuation."""

MOST_SEGMENTS: Final = 200
"""More are cut in stretches: of so many the first half is kept, and the next begins where it ends."""

_SLACK, _SLACK_CHARACTERS = 2, 2000
"""How much longer than its references a stretch of the output may be."""

_NEVER = np.float32(1e9)
Costs = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Tokens:
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]


def _tokens(text: str) -> _Tokens:
    matches = list(_TOKEN.finditer(text))
    return _Tokens(tuple(match[0] for match in matches), tuple(match.span() for match in matches))


def recut(text: str, references: Sequence[str]) -> tuple[str, ...]:
    """Cut a text into as many pieces as there are references.

    Args:
        text: The output for all segments; line breaks in it are likely cuts.
        references: One for each segment, in order; at least one.

    Returns:
        The pieces, without white space at their ends and with line breaks as spaces; a piece may be empty.
    """
    pieces: list[str] = []
    start = 0
    while len(references) - len(pieces) > MOST_SEGMENTS:
        ahead = references[len(pieces) : len(pieces) + MOST_SEGMENTS]
        stop = start + _SLACK * sum(map(len, ahead)) + _SLACK_CHARACTERS
        cuts = _positions(text[start:stop], ahead)[: MOST_SEGMENTS // 2]
        pieces += _pieces(text[start : start + cuts[-1]], [0, *cuts])
        start += cuts[-1]
    return tuple(pieces + _pieces(text[start:], [0, *_positions(text[start:], references[len(pieces) :]), len(text)]))


def recut_lines(lines: Sequence[str], segments: Sequence[Segment]) -> tuple[str, ...]:
    """Cut the lines of an output anew, one piece for each segment; where one has no reference its source stands in."""
    guides = [segment.references[0] if segment.references else segment.source for segment in segments]
    return recut("\n".join(lines), guides)


def _pieces(text: str, cuts: Sequence[int]) -> list[str]:
    return [" ".join(text[start:stop].split("\n")).strip() for start, stop in pairwise(cuts)]


def _positions(text: str, references: Sequence[str]) -> list[int]:
    """Where the text is cut between two references."""
    output = _tokens(text)
    columns = _cuts(output, _cut_costs(text, output.spans), references)
    starts = [*(start for start, _ in output.spans), len(text)]
    return [starts[column] for column in columns]


def _cut_costs(text: str, spans: Sequence[tuple[int, int]]) -> Costs:
    """What a cut before each token costs, and one behind the last."""
    costs = np.zeros(len(spans) + 1, dtype=np.float32)
    for column, ((_, stop), (start, _)) in enumerate(pairwise(spans), start=1):
        gap = text[stop:start]
        if "\n" in gap:
            continue
        if text[start] in _CLOSING or (not gap and not _UNSPACED.search(text[stop - 1 : start + 1])):
            costs[column] = _INSIDE_WORD
        elif not _SENTENCE_END.search(text[max(0, start - 6) : start]):
            costs[column] = _BEFORE_CAPITAL if text[start].isupper() else _INSIDE_SENTENCE
    return costs


def _substitutions(references: Sequence[str], output: Sequence[str]) -> tuple[Costs, dict[str, int], dict[str, int]]:
    """Costs of distinct words, and which row and column is whose."""
    rows = {word: row for row, word in enumerate(dict.fromkeys(references))}
    columns = {word: column for column, word in enumerate(dict.fromkeys(output))}
    costs = _UNLIKE - _UNLIKE * spelling([word.casefold() for word in rows], [word.casefold() for word in columns])
    for row, word in enumerate(rows):
        if word in columns:
            costs[row, columns[word]] = -_OTHER_CASE
    kinds = [np.array([word[0].isalnum() for word in words], dtype=bool) for words in (rows, columns)]
    costs = np.where(kinds[0][:, None] != kinds[1][None, :], np.float32(_WORD_FOR_SIGN), costs + _OTHER_CASE)
    return costs.astype(np.float32), rows, columns


def _cuts(output: _Tokens, cut_costs: Costs, references: Sequence[str]) -> list[int]:
    """Column of each cut between two references, in order."""
    words = [_tokens(reference).words for reference in references]
    costs, row_of, column_of = _substitutions([word for line in words for word in line], output.words)
    columns = np.array([column_of[word] for word in output.words], dtype=np.int64)
    path = _Path(len(columns))
    origins: list[tuple[int, NDArray[np.int32]]] = []
    for number, line in enumerate(words):
        for word in line:
            path.take(costs[row_of[word], columns])
        if number < len(words) - 1:
            ended = _SENTENCE_END.search(references[number]) is not None
            origins.append(path.cut(cut_costs if ended else cut_costs * _HEADLINE))
    path.finish()
    cuts = [int(path.origin[-1])] if origins else []
    for low, origin in reversed(origins[1:]):
        cuts.append(int(origin[cuts[-1] - low]))
    return cuts[::-1]


class _Path:
    """Row by row the cheapest way to every column, and at which column it was cut last."""

    def __init__(self, width: int) -> None:
        self.position = np.arange(width + 1, dtype=np.int32)
        self.cost = self.position.astype(np.float32)
        self.origin = np.zeros(width + 1, dtype=np.int32)
        self.low, self.high = 0, min(width + 1, WINDOW)
        self.cost[self.high :] = _NEVER

    def take(self, substitution: Costs) -> None:
        """Go past one word of the references."""
        low, high = self.low, self.high
        cost, origin = self.cost[low:high] + 1, self.origin[low:high].copy()
        replaced = self.cost[low : high - 1] + substitution[low : high - 1]
        better = replaced <= cost[1:]
        cost[1:][better], origin[1:][better] = replaced[better], self.origin[low : high - 1][better]
        self.cost[low:high], self.origin[low:high] = cost, origin
        self._insert()

    def cut(self, costs: Costs) -> tuple[int, NDArray[np.int32]]:
        """Cut here: what the origins were, from which column on."""
        before = self.low, self.origin[self.low : self.high].copy()
        self.cost[self.low : self.high] += costs[self.low : self.high]
        self.origin[:] = self.position
        self._insert()
        return before

    def finish(self) -> None:
        """Take what is left of the output into the last piece."""
        self.high = len(self.cost)
        self._insert()

    def _insert(self) -> None:
        """Go past words of the output, and move the window to where the cheapest way is."""
        low, high = self.low, self.high
        level = self.cost[low:high] - self.position[low:high]
        least = np.minimum.accumulate(level)
        source = np.maximum.accumulate(np.where(level <= least, self.position[low:high] - low, 0))
        self.cost[low:high] = least + self.position[low:high]
        self.origin[low:high] = self.origin[low:high][source]
        middle = low + int(np.argmin(self.cost[low:high]))
        self.low, self.high = max(low, middle - WINDOW), max(high, min(middle + WINDOW, len(self.cost)))
        self.cost[low : self.low] = _NEVER
