"""A build among all that are tested against one baseline: what it is known by, its level, and what that changes.

A build whose outputs, settings and baseline were tested before is the same test, and costs nothing again; one with the
outputs of the baseline is no test at all. So engines that answer from the cache can be gated every night.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from harness.analysis.gate.verdict import NOT_MEASURED, BuildTest, GateLine, Numbers, Policy, Slice, Status
from harness.analysis.stats.builds import ALPHA, build_level, false_alarm
from harness.analysis.stats.design import smallest_p
from harness.store.runs.result import PairResult, Run
from harness.types import Missing, Part, Reason, SystemName, Translated

FEWEST_TO_MENTION = 2
"""Builds from which on it is said what testing again and again does."""


def what_is_tested(run: Run, policy: Policy, side: Literal["candidate", "baseline"], seed: int) -> str:
    """The digest of everything that the verdict on a run depends on, beside the baseline.

    Args:
        run: the candidate, or the baseline: a candidate with its digest is no test.
        policy: what is asked of it.
        side: which of the two the run is; systems may have other names there.
        seed: of the swaps.
    """
    total = hashlib.blake2b(digest_size=20)
    asked = [
        dict(sorted(policy.margins.items())),
        policy.deciding,
        policy.only,
        policy.within,
        dict(sorted(policy.systems.items())),
        policy.slices,
        seed,
    ]
    total.update(json.dumps(asked).encode())
    for result in sorted(run.pairs, key=lambda result: str(result.pair)):
        _add_pair(total, result, policy.systems, side)
    return total.hexdigest()


def _add_pair(total: hashlib.blake2b, result: PairResult, systems: Mapping[SystemName, SystemName], side: str) -> None:
    names = {system.name: system for system in result.systems}
    wanted = {name: name for name in names}
    if systems:
        wanted = {old: name if side == "candidate" else old for name, old in systems.items()}
    segments = [[str(item.id), item.source, *item.references] for item in result.corpus.segments]
    total.update(json.dumps([str(result.pair), result.unit, segments]).encode())
    for called, name in sorted(wanted.items()):
        if name not in names:
            continue
        system = names[name]
        texts = [item.text if isinstance(item, Translated) else type(item).__name__ for item in system.outcomes]
        total.update(json.dumps([called, texts]).encode())
        for metric, table in sorted(system.tables.items()):
            total.update(json.dumps([metric, table.identity.signature]).encode())
            total.update(table.rows.tobytes() + table.scored.tobytes())


def level_of(number: int, planned: int | Missing) -> float:
    """The one-sided level of a build; of one that is no test, that of the next."""
    return ALPHA if isinstance(planned, Missing) else build_level(max(1, number), planned)


def has_plan(build: BuildTest | Missing) -> bool:
    """Whether losses are called by all builds together."""
    return isinstance(build, BuildTest) and not isinstance(build.planned, Missing)


def hold_back(findings: Sequence[GateLine], build: BuildTest | Missing) -> list[GateLine]:
    """Losses that would be called by their build alone, and that all builds together do not confirm, are open.

    The level of a build is shared evenly by its checks that can fail it. Counts of flags are no tests, and stay.
    """
    if isinstance(build, Missing) or not has_plan(build):
        return list(findings)
    deciding = {(line.pair, line.system, line.metric) for line in findings if line.blocking and not line.slice}
    tests = [
        line
        for line in findings
        if isinstance(line.numbers, Numbers) and (line.pair, line.system, line.metric) in deciding
    ]
    level = build.level / max(1, len(tests))
    return [_held_back(line, level) if line in tests and line.status == "regressed" else line for line in findings]


def _held_back(line: GateLine, level: float) -> GateLine:
    numbers = line.numbers
    if isinstance(numbers, Missing) or (isinstance(numbers.p_loss, float) and numbers.p_loss <= level):
        return line
    p = numbers.p_loss if isinstance(numbers.p_loss, float) else 1.0
    margin = Part("number", numbers.margin)
    reason = Reason("gate.not_yet", {"margin": margin, "p": _brief(p), "level": _brief(level)})
    if smallest_p(numbers.units) / 2 > level:
        articles = Part("units", numbers.units, numbers.unit)
        reason = Reason("gate.never", {"margin": margin, "p": _brief(p), "level": _brief(level), "articles": articles})
    return replace(line, status="inconclusive", blocking=line.blocking and not line.slice, reason=reason)


def _brief(p: float) -> Part:
    return Part("number", float(f"{p:.2g}"))


def about_build(build: BuildTest | Missing) -> Iterator[GateLine]:
    """What a verdict says of the builds before."""
    if isinstance(build, Missing):
        return
    if isinstance(build.planned, Missing):
        if build.number >= FEWEST_TO_MENTION:
            most = Part("percent", false_alarm(build.number))
            yield GateLine("note", False, Reason("gate.repeated", {"number": build.number, "most": most}))
        return
    planned, level = build.planned, _brief(build.level)
    if build.number == 0:
        yield GateLine("note", False, Reason("gate.build_same"))
    elif build.same_as:
        again = Reason(
            "gate.build_again", {"run": build.same_as, "number": build.number, "planned": planned, "level": level}
        )
        yield GateLine("note", False, again)
    else:
        yield GateLine(
            "note", False, Reason("gate.build", {"number": build.number, "planned": planned, "level": level})
        )
    if build.lost:
        yield GateLine("note", False, Reason("gate.lost_records", {"n": build.lost}))


@dataclass(frozen=True, slots=True)
class BuildLine:
    """One deciding check of a build."""

    pair: str
    system: str
    metric: str
    slice: Slice
    delta: float | Missing
    """Positive means better than the baseline; points of the metric."""
    margin: float
    p_loss: float | Missing
    status: Status


def build_lines(findings: Sequence[GateLine]) -> tuple[BuildLine, ...]:
    """What a record keeps of a verdict: the checks that can fail it and that were measured."""
    return tuple(
        BuildLine(line.pair, line.system, line.metric, line.slice, _finite(line.numbers.delta), line.numbers.margin,
                  line.numbers.p_loss, line.status)
        for line in findings
        if line.blocking and isinstance(line.numbers, Numbers) and line.status != "note"
    )  # fmt: skip


def _finite(delta: float) -> float | Missing:
    return delta if math.isfinite(delta) else NOT_MEASURED
