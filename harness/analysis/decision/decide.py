"""Which system to take. Pure: from evidence, facts and the user's policy to a recommendation, or to none.

1. What decides: the policy's metric; else people's ratings; else two metrics of different families together; else the
   one there is (:func:`harness.analysis.decision.lead.lead_of`).
2. The best system that keeps the hard limits, and all that do and do not differ significantly from it, all pairs
   tested together. Scores decide nothing among these.
3. Among them fewer severe flags, then lower cost, then lower latency; or the user's weights.
4. What casts doubt on the winner stands first, and can take the recommendation back.
5. Where people decide, what would have been decided without them.

It refuses where the data cannot decide: ``docs/design/decision.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.analysis.comparison import Evidence
from harness.analysis.decision.case import Case, Choice, fault_of
from harness.analysis.decision.doubt import (
    ReferenceDoubts,
    doubt,
    edited_elsewhere,
    open_doubts,
    overlap_reason,
    reference_doubts,
)
from harness.analysis.decision.facts import (
    gather,
    left_out,
    mixed_models,
    open_limits,
    pareto,
    same_segments,
    violations,
)
from harness.analysis.decision.lead import Lead, better_by, cautions, lead_of, leanings, lopsided, opinions, unanimous
from harness.analysis.decision.people import changed_by_people, chosen_articles, without_people
from harness.analysis.decision.recommendation import (
    Decision,
    DecisionPolicy,
    NoDecision,
    Strength,
    Violation,
)
from harness.analysis.floors import floors_of
from harness.analysis.stats.power import FEWEST_UNITS
from harness.store.runs.result import PairResult
from harness.types import Missing, Part, Reason, SystemName

__all__ = ["Decision", "DecisionPolicy", "NoDecision", "ReferenceDoubts", "decide", "reference_doubts"]

NOBODY = Missing(Reason("decision.no_winner"))


def decide(
    evidence: Evidence,
    result: PairResult,
    policy: DecisionPolicy,
    *,
    references: ReferenceDoubts | None = None,
) -> Decision:
    """Recommend a system of one pair, or say why none can be recommended.

    Args:
        evidence: of ``result``, from :func:`harness.analysis.evidence.weigh`.
        result: the pair.
        policy: what the user wants.
        references: what is known of the references of ``result``; by default they are looked at.
    """
    decision = _decide(evidence, result, policy, references)
    lead = lead_of(evidence, policy)
    if isinstance(lead, Missing) or lead.kinds != {"people"} or policy.metric:
        return decision
    machines = without_people(evidence)
    if machines is None:
        return decision
    change = changed_by_people(decision, _decide(machines, result, policy, references))
    return decision if change is None else replace(decision, cautions=(change, *decision.cautions))


def _decide(
    evidence: Evidence, result: PairResult, policy: DecisionPolicy, references: ReferenceDoubts | None
) -> Decision:
    """By what leads in this evidence."""
    lead = lead_of(evidence, policy)
    if isinstance(lead, Missing):
        gone = tuple(left_out(result, policy.metric, ()))
        nothing = NoDecision(lead.why, (lead.fix,))
        return Decision(evidence.pair, lead, nothing, (), (), NOBODY, (), (), (), gone)
    floors = floors_of(result)
    ranking = [name for name in lead.evidence.ranking if name not in floors]
    facts = gather(result, lead.metric, ranking, policy.currency)
    systems = {system.name: system for system in result.systems}
    broken = [fault for item in facts for fault in violations(item, systems[item.system], policy, result.pair)]
    names = [item.system for item in facts]
    case = Case(lead, facts, broken, policy, systems)
    alone = len(systems) - len(floors) == 1 and not result.absent
    refusal = _refusal(evidence, result, case, alone=alone)
    choice = case.choose(broken, case.order, policy.weights)
    out = [Violation(name, "floor", Reason("decision.floor")) for name in systems if name in floors]
    decision = Decision(
        pair=evidence.pair,
        metric=lead.metric,
        recommendation=refusal or case.open_between(choice),
        reasons=(),
        cautions=(*chosen_articles(result, lead), *mixed_models(result)),
        runner_up=NOBODY,
        what_would_change_it=(),
        facts=tuple(facts),
        pareto=pareto(facts),
        violations=(*broken, *out, *left_out(result, lead.metric, [*names, *floors])),
        strength="alone" if refusal and alone and names else "open",
        metrics=lead.metrics,
    )
    if refusal:
        return decision
    known = references if references is not None else reference_doubts(result, evidence.seed)
    reasons = case.reasons(choice)
    if len(choice.separation.left) > 1:
        left = [item.system for item in choice.separation.left]
        return replace(
            decision,
            reasons=reasons,
            cautions=(*decision.cautions, *edited_elsewhere(known, left), *leanings(evidence, lead, left)),
            warnings=open_doubts(lead, known, left),
        )
    return _recommend(decision, case, choice, evidence, known)


def _recommend(
    decision: Decision, case: Case, choice: Choice, evidence: Evidence, references: ReferenceDoubts
) -> Decision:
    """The one system that is left, with what speaks for and against it; or why it is not recommended after all."""
    winner = choice.separation.left[0]
    names = [item.system for item in case.facts]
    overlap = references.overlap
    doubts = doubt(evidence, case.lead, case.policy, references, winner=winner.system, among=names)
    reasons = case.reasons(choice)
    if doubts.refusal is not None:
        said = (*decision.cautions, *leanings(evidence, case.lead, names))
        return replace(
            decision, recommendation=doubts.refusal, reasons=reasons, cautions=said, warnings=doubts.warnings
        )
    second = case.runner_up(winner)
    spoken = list(opinions(evidence, case.lead, winner.system, names))
    remarks = list(cautions(evidence, case.lead, winner.system, names, named=bool(case.policy.metric)))
    if overlap is not None and not doubts.of_overlap:
        remarks.insert(0, Reason("decision.remark", {"remark": Part("clause", overlap_reason(overlap))}))
    return replace(
        decision,
        recommendation=winner.system,
        reasons=reasons,
        cautions=(*open_limits(winner, case.policy), *decision.cautions, *spoken, *remarks),
        runner_up=second,
        what_would_change_it=tuple(case.changes(winner, second, choice)),
        strength=_strength(evidence, case.lead, names, winner.system, doubted=bool(doubts.warnings)),
        warnings=doubts.warnings,
    )


def _strength(
    evidence: Evidence, lead: Lead, names: Sequence[SystemName], winner: SystemName, *, doubted: bool
) -> Strength:
    if doubted:
        return "suspect"
    first, *others = names
    top = [first, *(name for name in others if lead.evidence.between(first, name).tied)]
    if winner not in top:
        return "limits"
    if len(top) > 1:
        return "tied"
    if any(better_by(found, winner, names) for found in evidence.compared.values()) or lopsided(lead, winner, names):
        return "ahead"
    return "clear" if "people" in lead.kinds or unanimous(evidence, lead, winner, names) else "ahead"


def _too_few_systems(evidence: Evidence, result: PairResult, metric: Part, names: tuple[SystemName, ...]) -> NoDecision:
    """Why fewer than two systems can be compared, floors aside, and what to do: translate, start, or add systems."""
    why = Reason("decision.nobody", {"metric": metric})
    if names:
        why = Reason("decision.only", {"system": Part("system", names[0]), "metric": metric})
    elif evidence.floors.issuperset(system.name for system in result.systems):
        why = Reason("decision.only_floors")
    fix = Reason("decision.add_system") if names else Reason("decision.add_engine")
    if any(system.name not in names and system.name not in evidence.floors for system in result.systems):
        fix = Reason("decision.complete_others", {"metric": metric})
    elif result.absent:
        absent = Part("list", tuple(Part("system", name) for name in result.absent))
        fix = Reason("decision.start", {"systems": absent})
    return NoDecision(why, (fix,), names)


def _refusal(evidence: Evidence, result: PairResult, case: Case, *, alone: bool) -> NoDecision | None:
    """Why nothing can be decided whatever the facts are; None where something may be."""
    names = tuple(item.system for item in case.facts)
    title, metric = case.lead.title, case.lead.metric
    if alone and names:
        lonely = Reason("decision.alone", {"system": Part("system", names[0])})
        return NoDecision(lonely, (Reason("decision.add_system"),), names)
    question = evidence.withheld
    if question is not None:
        return NoDecision(question.why, (question.fix,), names)
    if len(names) < 2:
        return _too_few_systems(evidence, result, title, names)
    if not same_segments(result, metric, names):
        return NoDecision(Reason("decision.unlike", {"metric": title}), (Reason("decision.unlike_help"),), names)
    comparisons = [item for item in case.lead.evidence.comparisons if item.a in names and item.b in names]
    units, unit = min((item.units, item.unit) for item in comparisons)
    if units < FEWEST_UNITS:
        why = Reason(f"decision.few.{unit}", {"n": units, "systems": len(names), "least": FEWEST_UNITS})
        return NoDecision(why, (Reason(f"decision.few_help.{unit}", {"n": FEWEST_UNITS - units}),), names)
    if not case.eligible(case.broken):
        faults = Part("series", tuple(map(fault_of, case.broken)))
        return NoDecision(Reason("decision.limits", {"faults": faults}), (Reason("decision.limits_help"),))
    return None
