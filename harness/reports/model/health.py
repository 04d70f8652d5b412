"""What went wrong with the translations, counted by system: answers that are not there, and flags by kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.analysis.pair import PairAnalysis
from harness.checks.interface import Flag
from harness.reports.model.leaderboard import noticed
from harness.reports.model.shown import display_names
from harness.reports.words.messages import say
from harness.reports.words.numbers import counted, metric_title
from harness.reports.words.text import visible
from harness.store.runs.result import SystemResult
from harness.types import Failed, Outcome, Refused, Translated


@dataclass(frozen=True, slots=True)
class HealthRow:
    """One kind of thing that a person should look at."""

    kind: str
    """As shown: ``wrong language``."""
    counts: tuple[int, ...]
    """Segments by system, in leaderboard order."""


@dataclass(frozen=True, slots=True)
class Health:
    """All kinds that were seen, and what came from the store."""

    names: tuple[str, ...]
    rows: tuple[HealthRow, ...]
    translated: tuple[str, ...]
    """``250 of 252 segments``."""
    cached: tuple[str, ...]
    unchecked: tuple[str, ...]
    """Systems whose outputs no check has looked at."""


def marks_of(system: SystemResult) -> dict[int, tuple[str, ...]]:
    """Row to what there is to say about the output, as shown, each kind once; rows without anything are left out.

    These are flags, and what engine and metrics noticed.
    """
    found: dict[int, dict[str, None]] = {}
    for row, outcome in enumerate(system.outcomes):
        if names := _of_outcome(outcome):
            found[row] = dict.fromkeys(names)
    for row, flags in enumerate(system.flags):
        if flags:
            found.setdefault(row, {}).update(dict.fromkeys(map(kind_name, flags)))
    for metric, table in system.tables.items():
        for mark, mask in table.marks.items():
            if mark != "empty":
                name = visible(f"{mark} ({metric_title(metric)})")
                for row in np.flatnonzero(mask).tolist():
                    found.setdefault(row, {})[name] = None
    return {row: tuple(found[row]) for row in sorted(found)}


def kind_name(flag: Flag) -> str:
    """The kind of a flag for people."""
    return noticed(flag.kind.replace("_", " "))


def _of_outcome(outcome: Outcome) -> list[str]:
    match outcome:
        case Refused():
            return [noticed("refused")]
        case Failed():
            return [noticed("failed")]
        case Translated():
            empty = [] if outcome.text.strip() else [noticed("empty")]
            return empty + [visible(name.replace("_", " ")) for name, count in outcome.notes.items() if count]


def build_health(pair: PairAnalysis) -> Health:
    """Count the marks of every system."""
    labels, standing = display_names(pair.result), pair.standing
    counts: dict[str, list[int]] = {}
    for place, system in enumerate(standing.systems):
        for kinds in marks_of(system).values():
            for kind in kinds:
                counts.setdefault(kind, [0] * len(standing.systems))[place] += 1
    ordered = sorted(counts, key=lambda kind: (-sum(counts[kind]), kind))
    return Health(
        names=tuple(labels[system.name] for system in standing.systems),
        rows=tuple(HealthRow(kind, tuple(counts[kind])) for kind in ordered),
        translated=tuple(_translated(system) for system in standing.systems),
        cached=tuple(_cached(system) for system in standing.systems),
        unchecked=tuple(labels[system.name] for system in standing.systems if system.outcomes and not system.flags),
    )


def _translated(system: SystemResult) -> str:
    there = sum(isinstance(outcome, Translated) for outcome in system.outcomes)
    return say("leaderboard.of", n=f"{there:,}", segments=counted(len(system.outcomes), "segment"))


def _cached(system: SystemResult) -> str:
    return f"{sum(isinstance(outcome, Translated) and outcome.cached for outcome in system.outcomes):,}"
