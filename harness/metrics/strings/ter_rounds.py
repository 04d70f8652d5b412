"""TER where there is no compiled library: the algorithm of ``native/ter.c``, for many segments at once.

sacrebleu tries one shift after the other, each with a matrix of Python tuples. Here segments go through the rounds of
the search side by side, one shift of each in a round, and all matrices of a round are filled row by row as one array.
Limits and order of preference are those of sacrebleu's ``lib_ter`` (Tercom, Snover et al. 2006): equal edits follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.metrics.interface import Rows
from harness.metrics.strings.kernels import Count, Portion

MOST_WORDS_MOVED = 10
FARTHEST_MOVE = 50
BEAM = 25
MOST_CANDIDATES = 1000

MOST_WORDS = 5000
"""Longer segments are left to sacrebleu: costs are kept in 16 bits."""

FAR = 20_000
"""Larger than any distance."""

CELLS = 400_000
"""Of the rows, or with steps of the matrices, that are filled together."""

TOGETHER = 512
"""Searches side by side: a long segment has hundreds of shifts to try, and all of a round are in memory."""

SAME, SUBSTITUTE, DROP, ADD = range(4)

Costs = npt.NDArray[np.int16]
Words = list[int]


def count(oracle: Any) -> Count:
    """Count for TER rows; ``oracle`` is the configured ``sacrebleu.TER``."""

    def rows(portion: Portion) -> Rows:
        prepare = oracle._preprocess_segment  # noqa: SLF001 - sacrebleu's tokenizer
        numbers: dict[str, int] = {}

        def words(text: str) -> Words:
            return [numbers.setdefault(word, len(numbers)) for word in prepare(text).split()]

        # sacrebleu prepares references twice, which is not the same as once where it sets punctuation apart.
        references = [[words(prepare(text)) for text in texts] for texts in portion.references]
        edits = np.full((len(portion.hypotheses), 2), -1.0)
        tasks, owners = [], []
        for row, (text, reference_set) in enumerate(zip(portion.hypotheses, portion.set_of, strict=True)):
            hypothesis = words(text)
            if max(len(hypothesis), *map(len, references[reference_set])) > MOST_WORDS:
                continue
            edits[row] = np.inf, sum(map(len, references[reference_set])) / len(references[reference_set])
            tasks += [_Task(hypothesis, reference) for reference in references[reference_set]]
            owners += [row] * len(references[reference_set])
        for start in range(0, len(tasks), TOGETHER):
            _search(tasks[start : start + TOGETHER])
        np.minimum.at(edits[:, 0], owners, [task.shifts + task.distance for task in tasks])
        return edits

    return rows


@dataclass(slots=True)
class _Task:
    """One hypothesis on its way to one reference."""

    words: Words
    reference: Words
    distance: int = 0
    """From ``words``, as shifted so far, to the reference."""
    shifts: int = 0
    candidates: int = 0
    """Tried so far."""
    places: dict[int, list[int]] = field(default_factory=dict)
    """Where each word of the reference stands."""

    def __post_init__(self) -> None:
        for place, word in enumerate(self.reference):
            self.places.setdefault(word, []).append(place)


@dataclass(frozen=True, slots=True)
class _Alignment:
    """What the cheapest edits say about a task."""

    place: Sequence[int]
    """By word of the reference: the word of the hypothesis that stands for it, or the last before; -1 for none."""
    reference_wrong: Sequence[bool]
    hypothesis_wrong: Sequence[bool]


@dataclass(frozen=True, slots=True)
class _Shift:
    """A block of words moved, and what makes one such shift better than another besides its gain."""

    order: tuple[int, int, int]
    words: Words


def _search(tasks: Sequence[_Task]) -> None:
    """Shift blocks of words as long as that brings hypotheses nearer to their references."""
    for task in tasks:
        task.distance = max(len(task.words), len(task.reference))
    active = [task for task in tasks if task.words and task.reference]
    while active:
        tried: list[tuple[_Task, list[_Shift]]] = []
        for task, alignment in _aligned(active):
            shifts = list(_shifts(task, alignment))
            task.candidates += len(shifts)
            if shifts and task.candidates < MOST_CANDIDATES:
                tried.append((task, shifts))
        pairs = [(shift.words, task.reference) for task, shifts in tried for shift in shifts]
        costs = iter(_distances(pairs))
        active = []
        for task, shifts in tried:
            gain, _, words = max((task.distance - next(costs), shift.order, shift.words) for shift in shifts)
            if gain > 0:
                task.words, task.shifts = words, task.shifts + 1
                active.append(task)


def _shifts(task: _Task, alignment: _Alignment) -> Iterator[_Shift]:
    """Shifts worth trying, in sacrebleu's order and no more than it would try."""
    words, reference, place = task.words, task.reference, alignment.place
    room = MOST_CANDIDATES - task.candidates
    for start in range(len(words)):
        for target in task.places.get(words[start], ()):
            if abs(target - start) > FARTHEST_MOVE:
                continue
            longest = min(MOST_WORDS_MOVED, len(words) - start, len(reference) - target)
            for length in range(1, longest + 1):
                if words[start + length - 1] != reference[target + length - 1]:
                    break
                if not any(alignment.hypothesis_wrong[start : start + length]):
                    continue
                if not any(alignment.reference_wrong[target : target + length]):
                    continue
                if start <= place[target] < start + length:
                    continue
                last = -1
                for before in range(target - 1, target + length):
                    to = place[before] + 1 if before >= 0 else 0
                    if to == last:
                        continue
                    last = to
                    room -= 1
                    yield _Shift((length, -start, -to), _moved(words, start, length, to))
                if room <= 0:
                    return


def _moved(words: Words, start: int, length: int, to: int) -> Words:
    block, end = words[start : start + length], start + length
    if to < start:
        return [*words[:to], *block, *words[to:start], *words[end:]]
    if to > end:
        return [*words[:start], *words[end:to], *block, *words[to:]]
    return [*words[:start], *words[end : length + to], *block, *words[length + to :]]


class _Batch:
    """Pairs of hypothesis and reference side by side, padded to the longest."""

    def __init__(self, pairs: Sequence[tuple[Words, Words]]) -> None:
        self.lengths = np.array([len(words) for words, _ in pairs])
        self.reference_lengths = np.array([len(reference) for _, reference in pairs])
        self.words = _padded([words for words, _ in pairs], -1)
        self.references = _padded([reference for _, reference in pairs], -2)
        self._ratio = self.reference_lengths / self.lengths
        wide = self._ratio / 2 > BEAM
        self._beam = np.where(wide, np.ceil(self._ratio / 2 + BEAM), BEAM)[:, None]
        self._columns = np.arange(self.references.shape[1] + 1, dtype=np.int16)

    def rows(self) -> Iterator[tuple[int, Costs, Costs, npt.NDArray[np.bool_]]]:
        """Every row of all matrices: its number from 1, the row above, the row, where word and reference are equal."""
        above = np.tile(self._columns, (len(self.lengths), 1))
        for number in range(1, self.words.shape[1] + 1):
            same = self.words[:, number - 1, None] == self.references
            diagonal = np.floor(number * self._ratio)[:, None]
            until = np.minimum(self.reference_lengths[:, None] + 1, diagonal + self._beam)
            until = np.where((self.lengths == number)[:, None], self.reference_lengths[:, None] + 1, until)
            outside = (self._columns < diagonal - self._beam) | (self._columns >= until)
            row = above + np.int16(1)
            np.minimum(row[:, 1:], above[:, :-1] + ~same, out=row[:, 1:])
            row[outside] = FAR
            row -= self._columns
            np.minimum.accumulate(row, axis=1, out=row)
            row += self._columns
            row[outside] = FAR
            np.minimum(row, FAR, out=row)
            yield number, above, row, same
            above = row

    def distance(self, number: int, row: Costs, into: npt.NDArray[np.int64]) -> None:
        """Put the last number of the last row into ``into`` for every pair whose last row this is."""
        ended = np.flatnonzero(self.lengths == number)
        into[ended] = row[ended, self.reference_lengths[ended]]


def _padded(texts: Sequence[Words], filler: int) -> npt.NDArray[np.int32]:
    array = np.full((len(texts), max(map(len, texts))), filler, dtype=np.int32)
    for row, text in enumerate(texts):
        array[row, : len(text)] = text
    return array


def _batches(pairs: Sequence[tuple[Words, Words]], *, steps: bool) -> Iterator[tuple[list[int], _Batch]]:
    """Pairs of about the same length together, and no more than fit."""
    order = sorted(range(len(pairs)), key=lambda index: (len(pairs[index][0]), len(pairs[index][1])))
    start = 0
    while start < len(order):
        chosen: list[int] = []
        width = 0
        for index in order[start:]:
            words, reference = pairs[index]
            width = max(width, len(reference) + 1)
            if chosen and (len(chosen) + 1) * width * (len(words) if steps else 1) > CELLS:
                break
            chosen.append(index)
        start += len(chosen)
        yield chosen, _Batch([pairs[index] for index in chosen])


def _distances(pairs: Sequence[tuple[Words, Words]]) -> list[int]:
    distances = np.zeros(len(pairs), dtype=np.int64)
    for chosen, batch in _batches(pairs, steps=False):
        active = np.zeros(len(chosen), dtype=np.int64)
        for number, _, row, _ in batch.rows():
            batch.distance(number, row, active)
        distances[chosen] = active
    return [int(distance) for distance in distances]


def _aligned(tasks: Sequence[_Task]) -> Iterator[tuple[_Task, _Alignment]]:
    """Fill the matrices of tasks, set their distances, and walk back through the cheapest steps."""
    for chosen, batch in _batches([(task.words, task.reference) for task in tasks], steps=True):
        active = np.zeros(len(chosen), dtype=np.int64)
        steps = np.full((len(chosen), batch.words.shape[1] + 1, batch.references.shape[1] + 1), ADD, dtype=np.uint8)
        for number, above, row, same in batch.rows():
            batch.distance(number, row, active)
            taken = steps[:, number]
            taken[row == above + 1] = DROP
            straight = row[:, 1:] == above[:, :-1] + ~same
            taken[:, 1:][straight] = np.where(same, SAME, SUBSTITUTE)[straight]
        place, reference_wrong, hypothesis_wrong = _walk_back(batch, steps)
        for row_of, index in enumerate(chosen):
            task = tasks[index]
            task.distance = int(active[row_of])
            yield (
                task,
                _Alignment(place[row_of].tolist(), reference_wrong[row_of].tolist(), hypothesis_wrong[row_of].tolist()),
            )


def _walk_back(batch: _Batch, steps: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[Any], ...]:
    """From the last cell of each matrix to the first."""
    count = len(batch.lengths)
    place = np.zeros(batch.references.shape, dtype=np.int64)
    reference_wrong = np.zeros(batch.references.shape, dtype=np.bool_)
    hypothesis_wrong = np.zeros(batch.words.shape, dtype=np.bool_)
    active, i, j = np.arange(count), batch.lengths.copy(), batch.reference_lengths.copy()
    while len(active):
        step = steps[active, i, j]
        across, down = step != DROP, step != ADD
        i, j = i - down, j - across
        place[active[across], j[across]] = np.where(down, i, i - 1)[across]
        reference_wrong[active[across], j[across]] = (step != SAME)[across]
        hypothesis_wrong[active[down], i[down]] = (step != SAME)[down]
        left = (i > 0) | (j > 0)
        active, i, j = active[left], i[left], j[left]
    return place, reference_wrong, hypothesis_wrong
