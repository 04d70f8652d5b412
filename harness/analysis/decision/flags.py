"""Flagged segments as a decision counts them; a check that failed on a segment leaves its number unknown, not 0."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from harness.analysis.decision.recommendation import Violation
from harness.analysis.decision.severe_flags import deciding_kinds, severe_of, severe_segments
from harness.checks.load import GLOSSARY, NOT_CHECKED
from harness.checks.run import unchecked
from harness.store.runs.result import SystemResult
from harness.types import Part, Reason, SystemName, Unknown

FlagCounts = Mapping[SystemName, Mapping[str, int]]
"""Flagged segments by system and kind."""


def flag_counts(system: SystemResult, flags: FlagCounts) -> Mapping[str, int] | Unknown:
    """Flagged segments by kind: as given, else as the run keeps them, else unknown."""
    if system.name in flags:
        return flags[system.name]
    if not system.flags:
        return Unknown(Reason("unknown.checks"))
    counts = Counter(kind for segment in system.flags for kind in {flag.kind for flag in segment})
    del counts[NOT_CHECKED]  # says something about a check, nothing about the system
    return counts


def flagged(system: SystemResult, flags: FlagCounts, kind: str) -> int | Unknown:
    """Segments with a flag of one kind; unknown where none has it and the check failed on some."""
    counts = flag_counts(system, flags)
    if isinstance(counts, Unknown) or counts.get(kind, 0):
        return counts if isinstance(counts, Unknown) else counts[kind]
    if system.name in flags:  # counts do not say which check failed
        missed = counts.get(NOT_CHECKED, 0)
    else:
        missed = sum(unchecked(segment, kind) for segment in system.flags)
    return _failed([kind], missed) if missed else 0


def all_flagged(system: SystemResult, flags: FlagCounts) -> int | Unknown:
    """Flags of all kinds; unknown where there are none and a check failed."""
    counts = flag_counts(system, flags)
    if isinstance(counts, Unknown):
        return counts
    total = sum(n for kind, n in counts.items() if kind != NOT_CHECKED)
    missed = _missed(system, flags)
    if missed and not total:
        return Unknown(Reason("unknown.some_failed", {"segments": Part("count", missed, "segment")}))
    return total


def severe_flagged(system: SystemResult, flags: FlagCounts, target: str) -> int | Unknown:
    """Segments with a flag that may decide; unknown where a check for one of these failed."""
    deciding = sorted(deciding_kinds(target))
    if system.name in flags:
        missed = flags[system.name].get(NOT_CHECKED, 0)
        return _failed(deciding, missed) if missed and deciding else severe_of(flags[system.name], target)
    if not system.flags:
        return Unknown(Reason("unknown.checks"))
    failed = [kinds for segment in system.flags if (kinds := [kind for kind in deciding if unchecked(segment, kind)])]
    names = sorted({kind for kinds in failed for kind in kinds})
    return _failed(names, len(failed)) if failed else severe_segments(system.flags, target)


def _failed(kinds: Sequence[str], segments: int) -> Unknown:
    named = Part("list", tuple(Part("kind", kind) for kind in kinds))
    count = Part("count", segments, "segment")
    return Unknown(Reason("unknown.failed_checks", {"kinds": named, "segments": count}))


def flag_violations(
    system: SystemResult, kinds: Sequence[str], flags: FlagCounts, *, glossary: bool = True
) -> list[Violation]:
    """Kinds that no segment may have, and that some have, or may have because nobody could check.

    Args:
        system: whose outputs they are.
        kinds: of flags.
        flags: counts, where they do not come from the system.
        glossary: whether there was one to check against.
    """
    whys: dict[Reason, None] = {}
    for kind in kinds:
        n = flagged(system, flags, kind)
        if kind == GLOSSARY and not glossary and n == 0:
            n = Unknown(Reason("unknown.no_glossary"))
        if isinstance(n, Unknown):
            whys[Reason("decision.flags_unknown", {"why": n.why})] = None
        elif n:
            whys[Reason("decision.flagged", {"segments": Part("count", n, "segment"), "kind": Part("kind", kind)})] = (
                None
            )
    return [Violation(system.name, "no_flags", why) for why in whys]


def _missed(system: SystemResult, flags: FlagCounts) -> int:
    if system.name in flags:
        return flags[system.name].get(NOT_CHECKED, 0)
    return sum(any(flag.kind == NOT_CHECKED for flag in segment) for segment in system.flags)
