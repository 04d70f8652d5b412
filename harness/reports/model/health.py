"""What went wrong with the translations, counted by system: answers that are not there, and flags by kind."""

from __future__ import annotations

from dataclasses import dataclass

from harness.analysis.health import Mark
from harness.analysis.pair import PairAnalysis
from harness.checks.interface import Flag
from harness.reports.model.leaderboard import noticed
from harness.reports.model.shown import display_names
from harness.reports.words.numbers import counted, metric_title
from harness.reports.words.text import visible


@dataclass(frozen=True, slots=True)
class HealthRow:
    """One kind of thing that a person should look at."""

    kind: str
    """As shown: ``wrong language``."""
    counts: tuple[int, ...]
    """Segments by system, in leaderboard order."""


@dataclass(frozen=True, slots=True)
class HealthView:
    """All kinds that were seen, and what came from the store."""

    names: tuple[str, ...]
    rows: tuple[HealthRow, ...]
    segments: str
    """How many there are: ``252 segments``."""
    translated: tuple[str, ...]
    """By system, segments with a translation."""
    cached: tuple[str, ...]
    unchecked: tuple[str, ...]
    """Systems whose outputs no check has looked at."""


def mark_name(mark: Mark) -> str:
    """A kind for people: what is noticed by outcomes and checks has messages, what others notice is their own."""
    if mark.ours:
        return noticed(mark.kind)
    return visible(f"{mark.kind} ({metric_title(mark.by)})" if mark.by else mark.kind)


def kind_name(flag: Flag) -> str:
    """The kind of a flag for people."""
    return mark_name(Mark.of_flag(flag.kind))


def build_health(pair: PairAnalysis) -> HealthView:
    """The marks of every system, the most frequent first; those that read alike together."""
    labels, health = display_names(pair.result), pair.health
    counts: dict[str, tuple[int, ...]] = {}
    for mark, numbers in health.marks.items():
        name = mark_name(mark)
        counts[name] = tuple(map(sum, zip(counts.get(name, [0] * len(numbers)), numbers, strict=True)))
    ordered = sorted(counts, key=lambda name: (-sum(counts[name]), name))
    return HealthView(
        names=tuple(labels[system.name] for system in pair.standing.systems),
        rows=tuple(HealthRow(name, counts[name]) for name in ordered),
        segments=counted(len(pair.result.corpus.segments), "segment"),
        translated=tuple(f"{n:,}" for n in health.translated),
        cached=tuple(f"{n:,}" for n in health.cached),
        unchecked=tuple(labels[name] for name in health.unchecked),
    )
