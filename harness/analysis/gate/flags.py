"""How many segments of a system have a flag, against how many may."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from harness.analysis.gate.moves import named
from harness.analysis.gate.verdict import Finding
from harness.checks.run import unchecked
from harness.reports.words.messages import say
from harness.reports.words.numbers import counted
from harness.store.runs.result import SystemResult
from harness.types import Corpus

MOST_NAMED = 5
"""Flagged segments named in a message."""


def count_flagged(corpus: Corpus, now: SystemResult, then: SystemResult, most: Mapping[str, int]) -> list[Finding]:
    """One finding for each kind of flag; a count needs no interval, because all segments are looked at.

    Args:
        corpus: of the candidate, articles that the baseline does not have included.
        now: the system in the candidate.
        then: the system in the baseline.
        most: kind of flag to the most segments that may have it.
    """
    return [_count(corpus, now, then, kind, limit) for kind, limit in most.items()]


def _count(corpus: Corpus, now: SystemResult, then: SystemResult, kind: str, most: int) -> Finding:
    found = partial(Finding, blocking=True, pair=str(corpus.pair), system=now.name, flag=kind)
    if not now.flags:
        return found(status="incomplete", message=say("gate.unchecked"))
    rows = _flagged_rows(now, kind)
    message = say("gate.flagged", segments=counted(len(rows), "segment"), most=most)
    if then.flags:
        before = len(_flagged_rows(then, kind))
        message = say("gate.flagged_before", segments=counted(len(rows), "segment"), before=before, most=most)
    missed = sum(unchecked(flags, kind) for flags in now.flags)
    if len(rows) <= most < len(rows) + missed:
        segments, failed = counted(len(rows), "segment"), counted(missed, "segment")
        return found(status="incomplete", message=say("gate.failed_check", segments=segments, missed=failed, most=most))
    if len(rows) <= most:
        return found(status="pass", message=message)
    which = named([str(corpus.segments[row].id) for row in rows], MOST_NAMED)
    return found(status="regressed", message=f"{message}: {which}")


def _flagged_rows(system: SystemResult, kind: str) -> list[int]:
    return [row for row, flags in enumerate(system.flags) if any(flag.kind == kind for flag in flags)]
