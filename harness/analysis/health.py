"""What went wrong with translations and what checks and metrics noticed; beside it, what engines counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.store.runs.result import SystemResult
from harness.types import Failed, NotBought, Outcome, Refused, SystemName, Translated


@dataclass(frozen=True, slots=True)
class Mark:
    """One kind of thing that a person should look at."""

    kind: str
    """Of an outcome, of a flag, or what a metric calls it; words without underscores."""
    by: str = ""
    """The metric that noticed it; empty where that was none."""
    ours: bool = True
    """Whether the kind has a name in every language: those of outcomes and flags have."""

    @classmethod
    def of_flag(cls, kind: str) -> Mark:
        """What a check noticed."""
        return cls(kind.replace("_", " "))


Marks = Mapping[int, tuple[Mark, ...]]
"""Row to what there is to say about the output, each kind once; rows without anything are left out."""


@dataclass(frozen=True, slots=True)
class Health:
    """The marks of all systems; counts are in the order of the systems."""

    marks: Mapping[Mark, tuple[int, ...]]
    """Segments with each."""
    translated: tuple[int, ...]
    cached: tuple[int, ...]
    """Translations that came from the store."""
    unchecked: tuple[SystemName, ...]
    """Systems whose outputs no check has looked at."""
    counted: Mapping[SystemName, Mapping[str, int]]
    """What engines counted on the way, such as unknown words and kinds of matches: no fault by itself, so no mark.
    Names to sums over all segments; systems of which nothing was counted are left out."""


def marks_of(system: SystemResult) -> Marks:
    """What there is to say about the outputs of a system."""
    marked: dict[int, dict[Mark, None]] = {}
    for row, outcome in enumerate(system.outcomes):
        if marks := _of_outcome(outcome):
            marked[row] = dict.fromkeys(marks)
    for row, flags in enumerate(system.flags):
        if flags:
            marked.setdefault(row, {}).update(dict.fromkeys(Mark.of_flag(flag.kind) for flag in flags))
    for metric, table in system.tables.items():
        for name, mask in table.marks.items():
            if name != "empty":
                for row in np.flatnonzero(mask).tolist():
                    marked.setdefault(row, {})[Mark(name, metric, ours=False)] = None
    return {row: tuple(marked[row]) for row in sorted(marked)}


def _of_outcome(outcome: Outcome) -> list[Mark]:
    match outcome:
        case Refused():
            return [Mark("refused")]
        case Failed():
            return [Mark("failed")]
        case NotBought():
            return []
        case Translated():
            return [] if outcome.text.strip() else [Mark("empty")]


def counted_by_engine(system: SystemResult) -> Mapping[str, int]:
    """The sums of what a system's engine counted; nothing that is 0."""
    sums: Counter[str] = Counter()
    for outcome in system.outcomes:
        if isinstance(outcome, Translated) and outcome.notes:
            sums.update(outcome.notes)
    return {name: count for name, count in sums.items() if count}


def health_of(systems: Sequence[SystemResult], marks: Mapping[SystemName, Marks]) -> Health:
    """Count the marks of systems."""
    counts: dict[Mark, list[int]] = {}
    for index, system in enumerate(systems):
        for noticed in marks[system.name].values():
            for mark in noticed:
                counts.setdefault(mark, [0] * len(systems))[index] += 1
    answers = [[outcome for outcome in system.outcomes if isinstance(outcome, Translated)] for system in systems]
    return Health(
        marks={mark: tuple(numbers) for mark, numbers in counts.items()},
        translated=tuple(map(len, answers)),
        cached=tuple(sum(outcome.cached for outcome in found) for found in answers),
        unchecked=tuple(system.name for system in systems if system.outcomes and not system.flags),
        counted={system.name: sums for system in systems if (sums := counted_by_engine(system))},
    )
