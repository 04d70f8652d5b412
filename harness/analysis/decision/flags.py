"""Flagged segments as a decision counts them; a check that failed on a segment leaves its number unknown, not 0."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from harness.analysis.decision.recommendation import Violation
from harness.analysis.decision.severe_flags import deciding_kinds, severe_segments
from harness.checks.counts import unchecked
from harness.checks.load import NOT_CHECKED
from harness.store.runs.result import SystemResult
from harness.types import Part, Reason, Unknown


def flag_counts(system: SystemResult) -> Mapping[str, int] | Unknown:
    """Flagged segments by kind; unknown where nothing was checked."""
    if not system.flags:
        return Unknown(Reason("unknown.checks"))
    counts = Counter(kind for segment in system.flags for kind in {flag.kind for flag in segment})
    del counts[NOT_CHECKED]  # says something about a check, nothing about the system
    return counts


def flagged(system: SystemResult, kind: str) -> int | Unknown:
    """Segments with a flag of one kind; unknown where none has it and the check failed on some."""
    counts = flag_counts(system)
    if isinstance(counts, Unknown) or counts.get(kind, 0):
        return counts if isinstance(counts, Unknown) else counts[kind]
    missed = sum(unchecked(segment, kind) for segment in system.flags)
    return _failed([kind], missed) if missed else 0


def all_flagged(system: SystemResult) -> int | Unknown:
    """Flags of all kinds; unknown where there are none and a check failed."""
    counts = flag_counts(system)
    if isinstance(counts, Unknown):
        return counts
    total = sum(counts.values())
    missed = sum(any(flag.kind == NOT_CHECKED for flag in segment) for segment in system.flags)
    if missed and not total:
        return Unknown(Reason("unknown.some_failed", {"segments": Part("count", missed, "segment")}))
    return total


def severe_flagged(system: SystemResult, target: str) -> int | Unknown:
    """Segments with a flag that may decide; unknown where a check for one of these failed."""
    if not system.flags:
        return Unknown(Reason("unknown.checks"))
    deciding = sorted(deciding_kinds(target))
    failed = [kinds for segment in system.flags if (kinds := [kind for kind in deciding if unchecked(segment, kind)])]
    names = sorted({kind for kinds in failed for kind in kinds})
    return _failed(names, len(failed)) if failed else severe_segments(system.flags, target)


def _failed(kinds: Sequence[str], segments: int) -> Unknown:
    named = Part("list", tuple(Part("kind", kind) for kind in kinds))
    count = Part("count", segments, "segment")
    return Unknown(Reason("unknown.failed_checks", {"kinds": named, "segments": count}))


def flag_violations(system: SystemResult, kinds: Sequence[str], unsought: Mapping[str, Reason]) -> list[Violation]:
    """Kinds that no segment may have, and that some have, or may have because nobody could check.

    Args:
        system: whose outputs they are.
        kinds: of flags.
        unsought: kinds that nobody could look for, and why.
    """
    whys: dict[Reason, None] = {}
    for kind in kinds:
        n = flagged(system, kind)
        if kind in unsought and n == 0:
            n = Unknown(unsought[kind])
        if isinstance(n, Unknown):
            whys[Reason("decision.flags_unknown", {"why": n.why})] = None
        elif n:
            whys[Reason("decision.flagged", {"segments": Part("count", n, "segment"), "kind": Part("kind", kind)})] = (
                None
            )
    return [Violation(system.name, "no_flags", why) for why in whys]
