"""How many segments of a system have a flag, against how many may."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from harness.analysis.gate.verdict import GateLine, Policy
from harness.checks.counts import unchecked
from harness.checks.load import GLOSSARY, MISPLACED
from harness.store.runs.result import SystemResult
from harness.types import Corpus, Part, Reason


def count_flagged(corpus: Corpus, now: SystemResult, then: SystemResult, policy: Policy) -> list[GateLine]:
    """One line for each kind of flag; a count needs no interval, because all segments are looked at.

    Args:
        corpus: of the candidate, articles that the baseline does not have included.
        now: the system in the candidate.
        then: the system in the baseline.
        policy: which kinds of flag how many segments may have, and whether there were a glossary and an
            encoder.
    """
    lines = [_count(corpus, now, then, kind, limit) for kind, limit in policy.max_flagged.items()]
    not_run: dict[str, Reason] = {}
    if policy.with_glossary is not None and str(corpus.pair) not in policy.with_glossary:
        not_run[GLOSSARY] = Reason("gate.no_glossary")
    if not policy.with_encoder:
        not_run[MISPLACED] = Reason("gate.no_encoder")
    return [
        replace(line, status="incomplete", reason=not_run[line.flag])
        if line.flag in not_run and line.status == "pass"
        else line
        for line in lines
    ]


def _count(corpus: Corpus, now: SystemResult, then: SystemResult, kind: str, most: int) -> GateLine:
    make_line = partial(GateLine, blocking=True, pair=str(corpus.pair), system=now.name, flag=kind)
    if not now.flags:
        return make_line(status="incomplete", reason=Reason("gate.unchecked"))
    rows = _flagged_rows(now, kind)
    flagged = Part("count", len(rows), "segment")
    reason = Reason("gate.flagged", {"segments": flagged, "most": most})
    if then.flags:
        before = len(_flagged_rows(then, kind))
        reason = Reason("gate.flagged_before", {"segments": flagged, "before": before, "most": most})
    missed = sum(unchecked(flags, kind) for flags in now.flags)
    if len(rows) <= most < len(rows) + missed:
        failed = Part("count", missed, "segment")
        reason = Reason("gate.failed_check", {"segments": flagged, "missed": failed, "most": most})
        return make_line(status="incomplete", reason=reason)
    if len(rows) <= most:
        return make_line(status="pass", reason=reason)
    segments = corpus.segments
    names = Part("first", tuple(str(segments[row].id) for row in rows))
    return make_line(status="regressed", reason=Reason("gate.flagged_where", {"flagged": reason, "segments": names}))


def _flagged_rows(system: SystemResult, kind: str) -> list[int]:
    return [row for row, flags in enumerate(system.flags) if any(flag.kind == kind for flag in flags)]
