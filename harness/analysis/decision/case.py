"""One pair under what decides: who is in question, what separates them, and how that is said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.analysis.comparison import Comparison
from harness.analysis.decision.lead import STRING_POINTS, Lead, systems_part
from harness.analysis.decision.order import Separation, amounts_part, criterion_part, more_for_sure, separate
from harness.analysis.decision.recommendation import (
    USUAL_ORDER,
    DecisionPolicy,
    Facts,
    NoDecision,
    Violation,
)
from harness.analysis.floors import same_outputs
from harness.store.runs.result import SystemResult
from harness.types import CRITERIA, Criterion, Missing, Part, Reason, SystemName, Unknown

MOST_NAMED = 3
"""Systems with a line of their own."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The systems in question, and what is left of them."""

    candidates: tuple[Facts, ...]
    """The best that are eligible, none separated from the first on quality."""
    separation: Separation


@dataclass(frozen=True, slots=True)
class Case:
    """The systems of one pair that can be chosen, best first, and those that break a limit."""

    lead: Lead
    facts: Sequence[Facts]
    broken: Sequence[Violation]
    policy: DecisionPolicy
    systems: Mapping[SystemName, SystemResult]

    @property
    def order(self) -> tuple[Criterion, ...]:
        """What separates systems that are tied on quality, where the user gives no weights.

        A tie of string metrics says next to nothing of quality, and on WMT24 systems with a score of refusals or
        segments in another language were still the better ones for people: there flags inform only.
        """
        strings = self.lead.kinds == {"strings"}
        return tuple(name for name in USUAL_ORDER if name != "flags" or not strings)

    def eligible(self, broken: Sequence[Violation]) -> list[Facts]:
        """Those that are not in ``broken``."""
        out = {fault.system for fault in broken}
        return [item for item in self.facts if item.system not in out]

    def choose(
        self, broken: Sequence[Violation], order: Sequence[Criterion], weights: Mapping[Criterion, float]
    ) -> Choice:
        """The best of those that are not in ``broken``."""
        return self._choose(self.eligible(broken), order, weights)

    def _choose(self, items: Sequence[Facts], order: Sequence[Criterion], weights: Mapping[Criterion, float]) -> Choice:
        if not items:
            return Choice((), Separation((), (), ()))
        first = items[0]
        top = (first, *(item for item in items[1:] if self._between(first.system, item.system).tied))
        return Choice(top, separate(top, order, weights))

    def _between(self, a: SystemName, b: SystemName) -> Comparison:
        return self.lead.evidence.between(a, b)

    def _same(self, a: SystemName, b: SystemName) -> bool:
        return same_outputs(self.systems[a], self.systems[b])

    def open_between(self, choice: Choice) -> NoDecision:
        """What to say where nothing known separates the systems."""
        first, *others = names = tuple(item.system for item in choice.separation.left)
        if others and all(self._same(first, name) for name in others):
            return NoDecision(Reason("decision.identical_all", {"systems": systems_part(names)}), (), names)
        why = Reason("decision.inseparable", {"systems": systems_part(names)})
        different = [name for name in others if not self._same(first, name)]
        helps = [self._more_units(first, name) for name in different[:MOST_NAMED]]
        unknown = [
            Reason(
                "decision.find_out",
                {"criterion": what.fields["criterion"], "system": what.fields["system"], "why": what.fields["why"]},
            )
            for what in choice.separation.unknown
        ]
        return NoDecision(why, (*helps, *unknown), names)

    def reasons(self, choice: Choice) -> tuple[Reason, ...]:
        """What decided, in order."""
        first, *tied = choice.candidates
        eligible = self.eligible(self.broken)
        lines = []
        if len(eligible) == 1:
            lines.append(Reason("decision.only_eligible", {"system": Part("system", first.system)}))
        elif not tied:
            lines.append(self._better(first.system, eligible[1].system))
        lines += self._ties(first.system, [comparison.system for comparison in tied])
        lines += choice.separation.reasons
        if "flags" not in self.order and not self.policy.weights:
            lines += self._flags_inform(choice.candidates)
        lines += [Reason("decision.not_used", {"what": what}) for what in choice.separation.unknown]
        for name in dict.fromkeys(fault.system for fault in self.broken):
            comparison = self._between(first.system, name)
            if comparison.a == name and not comparison.tied:
                better = Part("clause", self._better(name, first.system))
                why = Part("series", tuple(_broken(fault) for fault in self.broken if fault.system == name))
                lines.append(Reason("decision.better_out", {"better": better, "why": why}))
        return tuple(lines)

    def _better(self, a: SystemName, b: SystemName) -> Reason:
        first, second, numbers = Part("system", a), Part("system", b), self.lead.numbers(a, b)
        return Reason("decision.better", {"a": first, "b": second, "metric": self.lead.title, "difference": numbers})

    def _ties(self, first: SystemName, tied: Sequence[SystemName]) -> list[Reason]:
        """Who is identical, then one line for each up to three; beyond, the nearest and how many more."""
        same = [name for name in tied if self._same(first, name)]
        different = [name for name in tied if name not in same]
        shown = different if len(different) <= MOST_NAMED else different[:1]
        lines = [Reason("decision.identical", {"systems": systems_part([first, *same])})] if same else []
        for name in shown:
            alone = self.lead.alone(first, name)
            lines += [self._tied(first, name), *([alone] if alone is not None else [])]
        if more := len(different) - len(shown):
            close = any(self._between(first, name).significant for name in different if name not in shown)
            best = Part("system", first)
            key, metric = ("close", self.lead.title) if close else ("tied", self.lead.tied_in())
            lines.append(Reason(f"decision.{key}_more", {"n": more, "a": best, "metric": metric}))
        return lines

    def _flags_inform(self, candidates: Sequence[Facts]) -> list[Reason]:
        """Severe flags of tied systems that they do not decide between, where they differ beyond chance."""
        known = sorted((item.severe, item.system) for item in candidates if not isinstance(item.severe, Unknown))
        if len(known) < 2 or not more_for_sure(known[-1][0], known[0][0]):
            return []
        counts = amounts_part([(Part("count", n, "severe_flag"), name) for n, name in (known[0], known[-1])])
        return [Reason("decision.flags_inform", {"counts": counts})]

    def _tied(self, a: SystemName, b: SystemName) -> Reason:
        first, second = Part("system", a), Part("system", b)
        title, numbers = self.lead.title, self.lead.numbers(a, b)
        comparison = self._between(a, b)
        if comparison.significant:
            return Reason(
                "decision.close",
                {
                    "a": first,
                    "b": second,
                    "metric": title,
                    "difference": numbers,
                    "points": Part("number", STRING_POINTS),
                },
            )
        if self.lead.how != "one":
            tied_in = self.lead.tied_in(alone=self.lead.alone(a, b) is not None)
            return Reason("decision.tied_two", {"a": first, "b": second, "metric": tied_in, "difference": numbers})
        least = Part("difference", comparison.detectable, decimals=self.lead.primary.metric.decimals)
        return Reason(
            "decision.tied", {"a": first, "b": second, "metric": title, "difference": numbers, "least": least}
        )

    def runner_up(self, winner: Facts) -> SystemName | Missing:
        """What would be taken if the winner were not there."""
        rest = [item for item in self.eligible(self.broken) if item is not winner]
        left = self._choose(rest, self.order, self.policy.weights).separation.left
        return left[0].system if left else Missing(Reason("decision.no_second"), Reason("decision.limits_help"))

    def changes(self, winner: Facts, second: SystemName | Missing, choice: Choice) -> Iterator[Reason]:
        """What would make it another system, or could."""
        others = [item.system for item in choice.candidates if item is not winner]
        if others:
            different = [name for name in others if not self._same(winner.system, name)]
            yield from (self._more_units(winner.system, name) for name in different[:MOST_NAMED])
        elif not isinstance(second, Missing):
            yield from self._gain(winner.system, second)
        yield from self._other_weights(winner)
        for constraint in dict.fromkeys(fault.constraint for fault in self.broken):
            kept = [fault for fault in self.broken if fault.constraint != constraint]
            other = self.choose(kept, self.order, self.policy.weights).separation.left
            if len(other) == 1 and other[0] is not winner:
                yield Reason("decision.without", {"limit": constraint, "system": Part("system", other[0].system)})
        for criterion in choice.separation.unknown:
            yield Reason("decision.if_known", {"what": criterion})

    def _gain(self, best: SystemName, second: SystemName) -> Iterator[Reason]:
        """By how much the runner-up is behind on every metric that decides; nothing where it is ahead on one."""
        parts = [self.lead.primary] if self.lead.second is None else [self.lead.primary, self.lead.second]
        gaps = [(part.metric, part.ahead(best, second)) for part in parts]
        if all(gap > 0 for _, gap in gaps):
            points = [
                Reason(
                    "decision.points",
                    {
                        "gap": Part("difference", gap, decimals=metric.decimals),
                        "metric": Part("metric", metric.name),
                    },
                )
                for metric, gap in gaps
            ]
            behind, first = Part("system", second), Part("system", best)
            yield Reason("decision.gain", {"second": behind, "gap": Part("list", tuple(points)), "best": first})

    def _other_weights(self, winner: Facts) -> Iterator[Reason]:
        for criterion in CRITERIA if self.policy.weights else self.order:
            if self.policy.weights:
                doubled = {**self.policy.weights, criterion: 2 * self.policy.weights.get(criterion, 0)}
                other = self.choose(self.broken, self.order, doubled).separation.left
                said = "twice"
            else:
                order = (criterion, *(name for name in self.order if name != criterion))
                other = self.choose(self.broken, order, {}).separation.left
                said = "first"
            if len(other) == 1 and other[0] is not winner:
                system = Part("system", other[0].system)
                yield Reason(f"decision.other.{said}", {"criterion": criterion_part(criterion), "system": system})

    def _more_units(self, one: SystemName, other: SystemName) -> Reason:
        comparison = self._between(one, other)
        a, b = Part("system", one), Part("system", other)
        if isinstance(needed := comparison.needed, Missing):
            return Reason(f"decision.no_number.{comparison.unit}", {"a": a, "b": b})
        if comparison.close:
            return Reason("decision.closer", {"a": a, "b": b})
        if needed.sign_open:
            return Reason(f"decision.sign_open.{comparison.unit}", {"a": a, "b": b})
        return Reason("decision.more_units", {"a": a, "b": b, "number": Part("needed", needed, comparison.unit)})


def _broken(fault: Violation) -> Reason:
    return Reason("decision.broken", {"why": fault.why, "limit": fault.constraint})


def fault_of(fault: Violation) -> Reason:
    """Which limit a system breaks, and how."""
    system = Part("system", fault.system)
    return Reason("decision.fault", {"system": system, "why": fault.why, "limit": fault.constraint})
