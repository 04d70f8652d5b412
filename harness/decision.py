"""Which system to take. Pure: from evidence, facts and the user's policy to a recommendation, or to none.

1. The primary metric: the policy's, else COMET, else chrF, else BLEU.
2. The best system that keeps the hard limits, and all that do and do not differ significantly from it, all
   pairs tested together. Scores decide nothing among these.
3. Among them fewer flags, then lower cost, then lower latency; or the user's weights.

It refuses where the data cannot decide: ``docs/design/decision.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from harness.decision_facts import (
    FlagCounts,
    gather,
    left_out,
    mixed_models,
    open_limits,
    pareto,
    same_segments,
    violations,
)
from harness.decision_metric import cautions, primary_metric
from harness.decision_order import Separation, separate
from harness.evidence import FEWEST_UNITS, Comparison, Evidence, MetricEvidence, undeclared
from harness.messages import plural, say
from harness.recommendation import (
    CRITERIA,
    USUAL_ORDER,
    Criterion,
    Decision,
    DecisionPolicy,
    Facts,
    NoDecision,
    Violation,
)
from harness.reports.format import (
    counted_units,
    format_articles,
    format_difference,
    format_p,
    listed,
    metric_title,
)
from harness.runs.result import PairResult
from harness.types import Missing, SystemName

__all__ = ["Decision", "DecisionPolicy", "NoDecision", "decide"]

NO_FLAGS: FlagCounts = MappingProxyType({})

NOBODY = Missing("there is no recommendation", "see what would help")


def decide(evidence: Evidence, result: PairResult, policy: DecisionPolicy, flags: FlagCounts = NO_FLAGS) -> Decision:
    """Recommend a system of one pair, or say why none can be recommended.

    Args:
        evidence: of ``result``, from :func:`harness.evidence.weigh`.
        result: the pair.
        policy: what the user wants.
        flags: flagged segments by system and kind; systems that are not in it have the flags kept in ``result``.
    """
    metric = primary_metric(evidence, policy)
    if isinstance(metric, Missing):
        gone = tuple(left_out(result, policy.metric, ()))
        nothing = NoDecision(metric.why, (metric.fix,))
        return Decision(evidence.pair, metric, nothing, (), (), NOBODY, (), (), (), gone)
    found = evidence.metrics[metric]
    facts = gather(result, metric, found.ranking, flags, policy.currency)
    systems = {system.name: system for system in result.systems}
    broken = [fault for item in facts for fault in violations(item, systems[item.system], policy, flags)]
    names = [item.system for item in facts]
    case = _Case(
        undeclared(evidence),
        metric,
        found,
        facts,
        broken,
        policy,
        same_segments(result, metric, names),
        len(systems) == 1,
    )
    refusal = case.refusal()
    choice = case.choose(broken, USUAL_ORDER, policy.weights)
    decision = Decision(
        pair=evidence.pair,
        metric=metric,
        recommendation=refusal or case.open_between(choice),
        reasons=(),
        cautions=tuple(mixed_models(result)),
        runner_up=NOBODY,
        what_would_change_it=(),
        facts=tuple(facts),
        pareto=pareto(facts),
        violations=(*broken, *left_out(result, metric, names)),
    )
    if refusal:
        return decision
    reasons = case.reasons(choice)
    if len(choice.separation.left) > 1:
        return replace(decision, reasons=reasons)
    winner = choice.separation.left[0]
    second = case.runner_up(winner)
    return replace(
        decision,
        recommendation=winner.system,
        reasons=reasons,
        cautions=(
            *open_limits(winner, policy),
            *mixed_models(result),
            *cautions(evidence, metric, winner.system, len(facts)),
        ),
        runner_up=second,
        what_would_change_it=tuple(case.changes(winner, second, choice)),
    )


@dataclass(frozen=True, slots=True)
class _Choice:
    """The systems in question, and what is left of them."""

    candidates: tuple[Facts, ...]
    """The best that are eligible, none separated from the first on quality."""
    separation: Separation


@dataclass(frozen=True, slots=True)
class _Case:
    """One pair under its primary metric."""

    undeclared: Missing | None
    """What has to be declared before anything can be decided."""
    metric: str
    found: MetricEvidence
    facts: Sequence[Facts]
    broken: Sequence[Violation]
    policy: DecisionPolicy
    alike: bool
    """Whether all have scores on the same segments."""
    alone: bool
    """Whether the run has one system only."""

    def refusal(self) -> NoDecision | None:
        """Why nothing can be decided whatever the facts are; None where something may be."""
        names = tuple(item.system for item in self.facts)
        if self.undeclared is not None:
            return NoDecision(self.undeclared.why, (self.undeclared.fix,), names)
        if len(names) < 2:
            title = metric_title(self.metric)
            why = say("decision.only", system=names[0], metric=title) if names else say("decision.nobody", metric=title)
            fix = say("decision.add_system") if self.alone else say("decision.complete_others", metric=title)
            return NoDecision(why, (fix,), names)
        if not self.alike:
            why = say("decision.unlike", metric=metric_title(self.metric))
            return NoDecision(why, (say("decision.unlike_help"),), names)
        units = min(item.units for item in self.found.comparisons)
        if units < FEWEST_UNITS:
            why = say("decision.few", n=units, systems=len(names), least=FEWEST_UNITS)
            more = FEWEST_UNITS - units
            return NoDecision(why, (plural("decision.few_help", more, n=more),), names)
        if not self._eligible(self.broken):
            named = "; ".join(f"{fault.system}: {fault.why} ({fault.constraint})" for fault in self.broken)
            return NoDecision(say("decision.limits", faults=named), (say("decision.limits_help"),))
        return None

    def _eligible(self, broken: Sequence[Violation]) -> list[Facts]:
        out = {fault.system for fault in broken}
        return [item for item in self.facts if item.system not in out]

    def choose(
        self, broken: Sequence[Violation], order: Sequence[Criterion], weights: Mapping[Criterion, float]
    ) -> _Choice:
        """The best of those that are not in ``broken``."""
        return self._choose(self._eligible(broken), order, weights)

    def _choose(
        self, items: Sequence[Facts], order: Sequence[Criterion], weights: Mapping[Criterion, float]
    ) -> _Choice:
        if not items:
            return _Choice((), Separation((), (), ()))
        first = items[0]
        top = (first, *(item for item in items[1:] if self.between(first.system, item.system).tied))
        return _Choice(top, separate(top, order, weights))

    def between(self, one: SystemName, other: SystemName) -> Comparison:
        """The comparison of two systems, the one of the higher score first."""
        return next(item for item in self.found.comparisons if {item.a, item.b} == {one, other})

    def open_between(self, choice: _Choice) -> NoDecision:
        """What to say where nothing known separates the systems."""
        names = tuple(item.system for item in choice.separation.left)
        why = say("decision.inseparable", systems=listed(names))
        helps = [self._more_articles(names[0], name) for name in names[1:]]
        return NoDecision(
            why, (*helps, *(say("decision.find_out", what=text) for text in choice.separation.unknown)), names
        )

    def reasons(self, choice: _Choice) -> tuple[str, ...]:
        """What decided, in order."""
        first, *tied = choice.candidates
        eligible = self._eligible(self.broken)
        lines = []
        if len(eligible) == 1:
            lines.append(say("decision.only_eligible", system=first.system))
        elif not tied:
            lines.append(self._better(self.between(first.system, eligible[1].system)))
        lines += [self._tied(self.between(first.system, item.system)) for item in tied]
        lines += choice.separation.reasons
        lines += [say("decision.not_used", what=text) for text in choice.separation.unknown]
        for name in dict.fromkeys(fault.system for fault in self.broken):
            item = self.between(first.system, name)
            if item.a == name and not item.tied:
                why = "; ".join(f"{fault.why} ({fault.constraint})" for fault in self.broken if fault.system == name)
                lines.append(say("decision.better_out", better=self._better(item).removesuffix("."), why=why))
        return tuple(lines)

    def _better(self, item: Comparison) -> str:
        return say(
            "decision.better", a=item.a, b=item.b, metric=metric_title(self.metric), difference=self._numbers(item)
        )

    def _tied(self, item: Comparison) -> str:
        title, least = metric_title(self.metric), format_difference(self.metric, item.detectable)
        return say("decision.tied", a=item.a, b=item.b, metric=title, difference=self._numbers(item), least=least)

    def _numbers(self, item: Comparison) -> str:
        p = "" if isinstance(item.p_adjusted, Missing) else f"p {format_p(item.p_adjusted)}, "
        return f"{format_difference(self.metric, item.delta)} ({p}{counted_units(item.units, item.unit)})"

    def runner_up(self, winner: Facts) -> SystemName | Missing:
        """What would be taken if the winner were not there."""
        rest = [item for item in self._eligible(self.broken) if item is not winner]
        left = self._choose(rest, USUAL_ORDER, self.policy.weights).separation.left
        return left[0].system if left else Missing("no other system keeps the hard limits", "relax a limit")

    def changes(self, winner: Facts, second: SystemName | Missing, choice: _Choice) -> Iterator[str]:
        """What would make it another system, or could."""
        if len(choice.candidates) > 1:
            for item in choice.candidates:
                if item is not winner:
                    yield self._more_articles(winner.system, item.system)
        elif not isinstance(second, Missing):
            gap = format_difference(self.metric, abs(self.between(winner.system, second).delta))
            title = metric_title(self.metric)
            yield say("decision.gain", second=second, gap=gap, metric=title, best=winner.system)
        yield from self._other_weights(winner)
        for constraint in dict.fromkeys(fault.constraint for fault in self.broken):
            kept = [fault for fault in self.broken if fault.constraint != constraint]
            other = self.choose(kept, USUAL_ORDER, self.policy.weights).separation.left
            if len(other) == 1 and other[0] is not winner:
                yield say("decision.without", limit=constraint, system=other[0].system)
        for text in choice.separation.unknown:
            yield say("decision.if_known", what=text)

    def _other_weights(self, winner: Facts) -> Iterator[str]:
        for criterion in CRITERIA if self.policy.weights else USUAL_ORDER:
            if self.policy.weights:
                doubled = {**self.policy.weights, criterion: 2 * self.policy.weights.get(criterion, 0)}
                other = self.choose(self.broken, USUAL_ORDER, doubled).separation.left
                said = "twice"
            else:
                order = (criterion, *(name for name in USUAL_ORDER if name != criterion))
                other = self.choose(self.broken, order, {}).separation.left
                said = "first"
            if len(other) == 1 and other[0] is not winner:
                yield say(f"decision.other.{said}", criterion=say(f"criteria.{criterion}"), system=other[0].system)

    def _more_articles(self, one: SystemName, other: SystemName) -> str:
        item = self.between(one, other)
        if isinstance(needed := item.needed, Missing):
            return say("decision.no_number", a=one, b=other)
        if needed.sign_open:
            return say("decision.sign_open", a=one, b=other)
        return say("decision.more_articles", number=format_articles(needed), a=one, b=other)
