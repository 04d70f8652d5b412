"""The regression gate: is a candidate run at most so much worse than the accepted baseline?

A test of non-inferiority with the article as the unit. A run passes when the 95 % interval of the paired difference,
candidate minus baseline and positive when the candidate is better, lies above minus the margin; it has regressed when
the interval lies below; between the two nothing is known, and that is a verdict of its own. Nothing here reads a file.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial

import numpy as np

from harness.evidence import FEWEST_UNITS, NO_ARTICLES, FormulaOf, Unit, too_few
from harness.gate_moves import most_moved, what_differs
from harness.metrics.interface import Mask, Rows
from harness.metrics.load import formulas
from harness.reports.format import counted
from harness.runs.result import MetricScores, PairResult, Run, SystemResult, article_rows
from harness.stats.compare import Difference, Interval, ScoreFunction, compare, make_profile
from harness.stats.design import Design, make_design, unit_sums
from harness.stats.power import detectable_difference
from harness.store.keys import corpus_digest
from harness.types import Corpus, Missing
from harness.verdict import SEVERITY, Finding, Numbers, Policy, Status, Verdict

MOST_NAMED = 5
"""Flagged segments named in a message."""


def judge_run(
    candidate: Run, baseline: Run, policy: Policy, *, seed: int, accepted: datetime, now: datetime
) -> Verdict:
    """Judge a whole run.

    Args:
        candidate: the run in question.
        baseline: the run that was accepted.
        policy: margins and what decides.
        seed: of the resamples.
        accepted: when the baseline was accepted; with its time zone.
        now: with its time zone.
    """
    formula = formulas(candidate.settings)
    findings: list[Finding] = []
    there = {result.pair: result for result in candidate.pairs}
    for before in baseline.pairs:
        if before.pair in there:
            findings += judge(there[before.pair], before, policy, formula, seed)
        else:
            why = "the candidate does not have this pair"
            findings.append(Finding("incomplete", True, why, str(before.pair)))
    known = {result.pair for result in baseline.pairs}
    findings += [
        Finding("note", False, "this pair is not in the baseline and was not judged", str(pair))
        for pair in there
        if pair not in known
    ]
    age = (now - accepted).days
    if age > policy.max_age_days:
        findings.append(Finding("note", False, f"the baseline was accepted {age} days ago"))
    return conclude(findings)


def conclude(findings: Sequence[Finding]) -> Verdict:
    """The worst of the findings that count. Where none counts nothing was judged, and that is never a pass."""
    counting: list[Status] = [item.status for item in findings if item.blocking and item.status != "note"]
    if not counting:
        nothing = Finding("incomplete", True, "no deciding metric of any system was compared: nothing was judged")
        return Verdict("incomplete", (*findings, nothing))
    return Verdict(max(counting, key=SEVERITY.index), tuple(findings))


def judge(
    candidate: PairResult, baseline: PairResult, policy: Policy, formula: FormulaOf, seed: int
) -> tuple[Finding, ...]:
    """Judge every system and metric of one pair."""
    pair = str(baseline.pair)
    if corpus_digest(candidate.corpus) != corpus_digest(baseline.corpus):
        return (Finding("incomparable", True, what_differs(candidate.corpus, baseline.corpus), pair),)
    now = {system.name: system for system in candidate.systems}
    then = {system.name: system for system in baseline.systems}
    wanted = dict(policy.systems) or {name: name for name in then}
    findings: list[Finding] = []
    for name, old_name in wanted.items():
        if old_name not in then:
            findings.append(Finding("incomplete", True, f"the baseline has no system '{old_name}'", pair, name))
        elif name not in now:
            why = candidate.absent.get(name, "the candidate does not have this system")
            findings.append(Finding("incomplete", True, why, pair, name))
        else:
            judged = _System(candidate.corpus, now[name], then[old_name], policy, formula, seed)
            findings += judged.findings(_columns(baseline, policy), _deciding(baseline, policy))
    if not policy.systems:
        why = "this system is not in the baseline and was not judged"
        findings += [Finding("note", False, why, pair, name) for name in now if name not in then]
    return tuple(findings)


def _scored(result: PairResult) -> tuple[str, ...]:
    """Metrics under which any system of a pair has a score."""
    return tuple(
        column
        for column in result.metrics
        if any(isinstance(_scores(system, column), MetricScores) for system in result.systems)
    )


def _scores(system: SystemResult, column: str) -> MetricScores | Missing:
    """The scores of a system under a metric, or why it has none for its corpus."""
    scores = system.scores.get(column, Missing("it was not asked for this metric", ""))
    if isinstance(scores, MetricScores) and isinstance(scores.corpus, Missing):
        return scores.corpus
    return scores


def _columns(baseline: PairResult, policy: Policy) -> tuple[str, ...]:
    return policy.only or _within(policy, dict.fromkeys([*_scored(baseline), *policy.deciding, *policy.within]))


def _deciding(baseline: PairResult, policy: Policy) -> tuple[str, ...]:
    scored = _within(policy, _scored(baseline))
    usual = [name for name in ("comet", "chrf") if name in scored]
    return policy.only or _within(policy, policy.deciding) or tuple(usual[:1]) or scored


def _within(policy: Policy, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if not policy.within or name in policy.within)


def _flagged_rows(system: SystemResult, kind: str) -> list[int]:
    return [row for row, flags in enumerate(system.flags) if any(flag.kind == kind for flag in flags)]


@lru_cache(maxsize=16)
def _design(units: int, seed: int) -> Design:
    """All systems, metrics and slices with so many units share their resamples."""
    return make_design(units, seed)


@dataclass(frozen=True, slots=True)
class _System:
    """One system of one pair, now and then, on the same corpus."""

    corpus: Corpus
    now: SystemResult
    then: SystemResult
    policy: Policy
    formula: FormulaOf
    seed: int

    def findings(self, columns: Sequence[str], deciding: Sequence[str]) -> list[Finding]:
        """Of all columns; something that is missing counts whether its metric decides or not."""
        found = [item for column in columns for item in self._metric(column, column in deciding)]
        return [*found, *(self._flagged(kind, most) for kind, most in self.policy.max_flagged.items()), *self._moved()]

    def _flagged(self, kind: str, most: int) -> Finding:
        """Whether no more segments have a flag than may; a count needs no interval, because all are looked at."""
        found = partial(Finding, blocking=True, pair=str(self.corpus.pair), system=self.now.name, flag=kind)
        if not self.now.flags:
            return found(status="incomplete", message="the checks did not run on the candidate")
        rows = _flagged_rows(self.now, kind)
        before = f", {len(_flagged_rows(self.then, kind))} in the baseline" if self.then.flags else ""
        message = f"{counted(len(rows), 'segment')} flagged{before}; {most} allowed"
        if len(rows) <= most:
            return found(status="pass", message=message)
        segments = self.corpus.segments
        named = ", ".join(str(segments[row].id) for row in rows[:MOST_NAMED])
        more = f" and {len(rows) - MOST_NAMED} more" if len(rows) > MOST_NAMED else ""
        return found(status="regressed", message=f"{message}: {named}{more}")

    def _moved(self) -> list[Finding]:
        """What was changed on purpose, or behind one's back: the engine itself."""
        old, new = self.then.engine, self.now.engine
        recorded = self.then.origin.startswith("recorded") and self.now.origin.startswith("recorded")
        if recorded or (old.engine, old.version) == (new.engine, new.version):
            return []
        why = f"the engine is {new.engine} {new.version} now, {old.engine} {old.version} in the baseline"
        return [Finding("note", False, why, str(self.corpus.pair), self.now.name)]

    def _metric(self, column: str, blocking: bool) -> list[Finding]:
        place = (str(self.corpus.pair), self.now.name, column)
        old, new = _scores(self.then, column), _scores(self.now, column)
        if isinstance(old, Missing):
            return [Finding("incomplete", True, f"the baseline has no score: {old.why}", *place)]
        if isinstance(new, Missing):
            return [Finding("incomplete", True, f"the candidate has no score: {new.why}", *place)]
        if new.identity != old.identity:
            why = f"the metric changed: {old.identity.signature} before, {new.identity.signature} now"
            if new.identity.signature == old.identity.signature:
                why = "the metric changed its direction or name"
            return [Finding("incomparable", blocking, why, *place)]
        if not np.array_equal(new.scored, old.scored):
            count = int((new.scored != old.scored).sum())
            why = f"not the same segments are scored: {count} of {len(new.scored)} in one run only"
            return [Finding("incomparable", blocking, why, *place)]
        return [self._weigh(column, new, old, blocking), *self._slices(column, new, blocking)]

    def _weigh(self, column: str, new: MetricScores, old: MetricScores, blocking: bool) -> Finding:
        numbers = self._numbers(column, new, new.scored)
        status, message = weigh_numbers(numbers)
        moves = most_moved(self.corpus, self.now, self.then, new, old)
        place = (str(self.corpus.pair), self.now.name, column)
        return Finding(status, blocking, message, *place, numbers=numbers, moves=moves)

    def _slices(self, column: str, new: MetricScores, blocking: bool) -> list[Finding]:
        found = []
        for key in self.policy.slices:
            values = [article.meta.get(key, "") for article in self.corpus.articles]
            rows = np.repeat(values, [len(article.segments) for article in self.corpus.articles])
            for value in sorted(set(values)):
                mask = new.scored & (rows == value)
                if not mask.any():
                    continue
                numbers = self._numbers(column, new, mask)
                status, message = weigh_numbers(numbers)
                # A slice is small by nature: that little is known about it must not keep every run from passing.
                counts = blocking and status in ("pass", "regressed")
                name = f"{key}={value or '(none)'}"
                place = (str(self.corpus.pair), self.now.name, column, name)
                found.append(Finding(status, counts, message, *place, numbers=numbers))
        return found

    def _numbers(self, column: str, new: MetricScores, mask: Mask) -> Numbers:
        articles = self.corpus.articles
        bare = len(articles) == 1 and articles[0].id == NO_ARTICLES
        unit: Unit = "segment" if bare else "article"
        parts = [slice(row, row + 1) for row in range(len(mask))] if bare else [*article_rows(self.corpus).values()]
        used = [part for part in parts if mask[part].any()]
        sums = [unit_sums(np.where(mask[:, None], system.tables[column].rows, 0.0), used)
                for system in (self.now, self.then)]  # fmt: skip
        difference, after, before = _compare(sums[0], sums[1], self.formula(column), new, _design(len(used), self.seed))
        few = len(used) < FEWEST_UNITS and not np.array_equal(sums[0], sums[1])
        unknown = too_few(len(used), unit) if few else Missing("the difference is not a number", "")
        known = not few and math.isfinite(difference.interval.low) and math.isfinite(difference.interval.high)
        return Numbers(
            before=before,
            after=after,
            delta=difference.delta,
            interval=difference.interval if known else unknown,
            p=difference.p if known else unknown,
            margin=self.policy.margin(column),
            unit=unit,
            units=len(used),
            segments=int(mask.sum()),
            detectable=detectable_difference(difference.standard_error, len(used)) if known and len(used) > 1 else
            unknown,
        )  # fmt: skip


def _compare(
    now: Rows, then: Rows, score: ScoreFunction, scores: MetricScores, design: Design
) -> tuple[Difference, float, float]:
    new, old = make_profile(now, score, design), make_profile(then, score, design)
    higher = scores.identity.higher_is_better
    return compare(new, old, score, design, higher_is_better=higher), new.value, old.value


def weigh_numbers(numbers: Numbers) -> tuple[Status, str]:
    """The verdict on one difference, and the sentence that says it."""
    floor = f"the accepted loss of {numbers.margin:g}"
    match numbers.interval:
        case Missing(why=why):
            return "inconclusive", why
        case Interval(low=0.0, high=0.0) if numbers.delta == 0:
            return "pass", "nothing changed"
        case Interval(low=low) if low > -numbers.margin:
            return "pass", f"no loss beyond {floor}"
        case Interval(high=high) if high < -numbers.margin:
            return "regressed", f"worse by more than {floor}"
        case _:
            return "inconclusive", f"the interval reaches across {floor}: more articles or a wider margin would tell"
