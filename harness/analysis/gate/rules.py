"""The regression gate: is a candidate run at most so much worse than the accepted baseline?

A test of non-inferiority with the article as the unit. A run passes when the 90 % interval of the paired difference,
candidate minus baseline and positive when the candidate is better, lies above minus the margin; it has regressed when
the interval lies below; between the two nothing is known, and that is a verdict of its own. Nothing here reads a file.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from harness.analysis.gate.builds import about_build, has_plan, hold_back
from harness.analysis.gate.common import Common, in_common
from harness.analysis.gate.flags import count_flagged
from harness.analysis.gate.moves import most_moved
from harness.analysis.gate.reach import Reach, deciding_metrics, reach_from, scored_metrics, typical_reach, within
from harness.analysis.gate.verdict import (
    LEVEL,
    SEVERITY,
    UNKNOWN_NEED,
    UNNAMED,
    GateLine,
    Numbers,
    Policy,
    Sides,
    Slice,
    Status,
    Verdict,
)
from harness.analysis.gate.weigh import weigh_numbers
from harness.analysis.several.corpora import CorpusDifference, corpus_difference
from harness.analysis.several.scores import Apart, measure, pair_scores
from harness.analysis.stats.compare import FormulaOf
from harness.metrics.interface import Mask
from harness.metrics.load import formulas
from harness.store.runs.result import MetricScores, PairResult, Run, SystemResult
from harness.types import Corpus, Missing, Part, Reason, SystemName, told


def gate(
    candidate: Run, baseline: Run, policy: Policy, *, seed: int, accepted: datetime, now: datetime, note: str = ""
) -> Verdict:
    """Judge a whole run.

    Args:
        candidate: the run in question.
        baseline: the run that was accepted.
        policy: margins and what decides.
        seed: of the resamples.
        accepted: when the baseline was accepted; with its time zone.
        now: with its time zone.
        note: why the baseline was accepted.
    """
    formula = formulas(candidate.settings)
    findings: list[GateLine] = []
    candidates = {result.pair: result for result in candidate.pairs}
    for before in baseline.pairs:
        if before.pair in candidates:
            findings += judge(candidates[before.pair], before, policy, formula, seed, filtered=_filtered(candidate))
        else:
            why = Reason("gate.no_pair")
            findings.append(GateLine("incomplete", True, why, str(before.pair)))
    known = {result.pair for result in baseline.pairs}
    findings += [
        GateLine("note", False, Reason("gate.new_pair"), str(pair)) for pair in candidates if pair not in known
    ]
    if any(result.unit == "segment" for result in candidate.pairs):
        findings.append(GateLine("note", False, Reason("gate.independent")))
    findings = [*hold_back(findings, policy.build), *about_build(policy.build)]
    age = (now - accepted).days
    if age > policy.max_age_days:
        findings.append(GateLine("note", False, Reason("gate.old_baseline", {"n": age})))
    sides = Sides(
        candidate.id,
        candidate.created,
        baseline.id,
        baseline.created,
        accepted.astimezone(UTC).isoformat(timespec="seconds"),
        note,
    )
    labels = _labels(baseline) | _labels(candidate)
    return replace(conclude(findings, policy.accept, sides), labels=labels, build=policy.build)


def _labels(run: Run) -> dict[SystemName, str]:
    return {system.name: system.label for result in run.pairs for system in result.systems if system.label}


def _filtered(run: Run) -> bool:
    """Whether the run was asked for some articles only, or for the first segments."""
    return any(run.settings.get(key) for key in ("articles", "limit", "segments_per_article", "looks"))


def conclude(findings: Sequence[GateLine], accept: Collection[str] = (), sides: Sides | Missing = UNNAMED) -> Verdict:
    """The worst of the findings that count. Where none counts nothing was judged, and that is never a pass.

    Args:
        findings: in any order; those of the verdict are the worst first.
        accept: statuses that are let through.
        sides: which runs they are about.
    """
    counting: list[Status] = [item.status for item in findings if item.blocking and item.status != "note"]
    if not counting:
        findings = [*findings, GateLine("incomplete", True, Reason("gate.nothing"))]
        counting = ["incomplete"]
    marked = [replace(item, accepted=item.blocking and item.status in accept) for item in findings]
    ordered = sorted(marked, key=lambda item: item.worst_first)
    return Verdict(max(counting, key=SEVERITY.index), tuple(ordered), sides)


def judge(
    candidate: PairResult,
    baseline: PairResult,
    policy: Policy,
    formula: FormulaOf,
    seed: int,
    *,
    filtered: bool = False,
) -> tuple[GateLine, ...]:
    """Judge every system and metric of one pair on the articles that both results have.

    Args:
        candidate: the pair in the run in question.
        baseline: the pair in the run that was accepted.
        policy: margins and what decides.
        formula: formulas by column name.
        seed: of the resamples.
        filtered: whether the candidate was asked for a part of its articles only; what it lacks is then incomplete, and
            not an article that somebody took out.
    """
    pair = str(baseline.pair)
    common = in_common(candidate, baseline, formula)
    if not common.units:
        difference = corpus_difference(candidate.corpus, baseline.corpus) or CorpusDifference()
        return (GateLine("incomparable", True, difference.reason, pair),)
    findings = _unshared(common, pair, filtered=filtered)
    now = {system.name: system for system in candidate.systems}
    then = {system.name: system for system in baseline.systems}
    wanted = dict(policy.systems) or {name: name for name in then}
    for name, old_name in wanted.items():
        if old_name not in then:
            findings.append(
                GateLine("incomplete", True, Reason("gate.no_baseline_system", {"system": old_name}), pair, name)
            )
        elif name not in now:
            why = told(candidate.absent[name]) if name in candidate.absent else Reason("gate.no_system")
            findings.append(GateLine("incomplete", True, why, pair, name))
        else:
            judged = _System(common.later, *common.systems(name, old_name), policy, formula, seed)
            findings += judged.findings(_columns(baseline, policy), deciding_metrics(baseline, policy))
            findings += count_flagged(candidate.corpus, now[name], then[old_name], policy)
    if not policy.systems:
        why = Reason("gate.new_system")
        findings += [GateLine("note", False, why, pair, name) for name in now if name not in then]
    return tuple(findings)


def _unshared(common: Common, pair: str, *, filtered: bool) -> list[GateLine]:
    """What was left out of the judgement, by name."""
    difference = common.difference
    if filtered:
        difference = replace(difference, removed=(), changed=())
    lines = []
    if difference:
        shared = Part("count", common.units, common.unit)
        reason = Reason("gate.left_out", {"articles": shared, "changes": difference.changes})
        lines.append(GateLine("note", False, reason, pair))
    if filtered and (lacking := (*common.removed, *common.changed)):
        lines.append(GateLine("incomplete", True, Reason("gate.filtered", {"articles": Part("first", lacking)}), pair))
    return lines


def _columns(baseline: PairResult, policy: Policy) -> tuple[str, ...]:
    # A judge is paid for: a run without it lacks nothing unless it was named.
    judges = {name for name, metric in baseline.identities.items() if metric.traits.kind == "judge"}
    scored = [name for name in scored_metrics(baseline) if name not in judges]
    return policy.only or within(policy, dict.fromkeys([*scored, *policy.deciding, *policy.within]))


@dataclass(frozen=True, slots=True)
class _System:
    """One system of one pair, now and then, on the articles that both have."""

    result: PairResult
    """Of the candidate."""
    now: SystemResult
    then: SystemResult
    policy: Policy
    formula: FormulaOf
    seed: int

    @property
    def corpus(self) -> Corpus:
        """Of both."""
        return self.result.corpus

    def findings(self, columns: Sequence[str], deciding: Sequence[str]) -> list[GateLine]:
        """Of all columns; something that is missing counts whether its metric decides or not."""
        lines = [item for column in columns for item in self._metric(column, column in deciding)]
        return [*lines, *self._moved()]

    def _moved(self) -> list[GateLine]:
        """What was changed on purpose, or behind one's back: the engine itself."""
        old, new = self.then.engine, self.now.engine
        recorded = self.then.origin.startswith("recorded") and self.now.origin.startswith("recorded")
        if recorded or (old.engine, old.version) == (new.engine, new.version):
            return []
        after, before = f"{new.engine} {new.version}", f"{old.engine} {old.version}"
        why = Reason("gate.engine", {"now": after, "before": before})
        return [GateLine("note", False, why, str(self.corpus.pair), self.now.name)]

    def _metric(self, column: str, blocking: bool) -> list[GateLine]:
        where = (str(self.corpus.pair), self.now.name, column)
        paired = pair_scores(self.now, self.then, column, sides="gate")
        if isinstance(paired, Apart):
            counts = blocking or paired.kind == "incomplete"
            return [GateLine(paired.kind, counts, paired.why, *where)]
        new, old = paired
        return [self._weigh(column, new, old, blocking), *self._slices(column, new, blocking)]

    def _weigh(self, column: str, new: MetricScores, old: MetricScores, blocking: bool) -> GateLine:
        numbers, reach = self._numbers(column, new, new.scored)
        status, reason = weigh_numbers(numbers, reach)
        moves = most_moved(self.corpus, self.now, self.then, new, old)
        where = (str(self.corpus.pair), self.now.name, column)
        return GateLine(status, blocking, reason, *where, numbers=numbers, moves=moves)

    def _slices(self, column: str, new: MetricScores, blocking: bool) -> list[GateLine]:
        lines = []
        for key in self.policy.slices:
            values = [article.meta.get(key, "") for article in self.corpus.articles]
            rows = np.repeat(values, [len(article.segments) for article in self.corpus.articles])
            for value in sorted(set(values)):
                mask = new.scored & (rows == value)
                if not mask.any():
                    continue
                numbers, reach = self._numbers(column, new, mask)
                status, reason = weigh_numbers(numbers, reach, advise=False)
                # A slice is small by nature: that little is known about it must not keep every run from passing.
                counts = blocking and status in ("pass", "regressed")
                where = (str(self.corpus.pair), self.now.name, column, Slice(key, value))
                lines.append(GateLine(status, counts, reason, *where, numbers=numbers))
        return lines

    def _numbers(self, column: str, new: MetricScores, mask: Mask) -> tuple[Numbers, Reach | None]:
        formula, traits = self.formula(column), new.identity.traits
        margin = self.policy.margin(column, traits)
        change = measure(
            self.corpus,
            self.now,
            self.then,
            column,
            score=formula,
            mask=mask,
            declared=self.result.unit,
            seed=self.seed,
            level=LEVEL,
            loss=margin,
            finest=has_plan(self.policy.build),
        )
        if isinstance(change.detectable, Missing):
            reach = typical_reach(self.corpus, column, traits, margin, self.result.unit)
        else:
            reach = reach_from(column, margin, change.unit, change.units, change.difference.standard_error)
        numbers = Numbers(
            before=change.before,
            after=change.after,
            delta=change.delta,
            interval=change.interval,
            p=change.p,
            margin=margin,
            unit=change.unit,
            decimals=traits.decimals,
            declared=change.declared,
            units=change.units,
            segments=change.segments,
            detectable=change.detectable,
            needed=reach.needed if reach else UNKNOWN_NEED,
            p_loss=change.p_loss,
        )
        return numbers, reach
