"""What casts doubt on a winner, to be said before anything else; and whether a recommendation stands all the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.decision_metric import Lead, ahead, better_by
from harness.evidence import Evidence, MetricEvidence
from harness.messages import plural, say
from harness.metric_kinds import family_of, kind_of
from harness.recommendation import DecisionPolicy, NoDecision
from harness.reference_overlap import Overlap
from harness.reference_ranks import RankConflict
from harness.reports.format import format_difference, listed, metric_title
from harness.types import SystemName


@dataclass(frozen=True, slots=True)
class Doubt:
    """Sentences that stand first, and why nothing is recommended, where that is so."""

    warnings: tuple[str, ...] = ()
    refusal: NoDecision | None = None


def doubt(
    evidence: Evidence,
    lead: Lead,
    policy: DecisionPolicy,
    overlap: Overlap | None,
    *,
    winner: SystemName,
    among: Sequence[SystemName],
) -> Doubt:
    """Weigh what speaks against a winner by ``lead`` among the systems that can be compared."""
    warnings = []
    for found in evidence.metrics.values():
        better = better_by(found, winner, among)
        if kind_of(found.metric) == "people" and found.metric.name not in lead.metrics and better:
            gap = format_difference(found.metric.name, ahead(found, better[0], winner))
            names = listed([str(name) for name in better])
            title = metric_title(found.metric.name)
            warnings.append(plural("decision.people", len(better), metric=title, better=names, winner=winner, gap=gap))
    judges = [found.metric for found in (lead.own, lead.second) if found is not None]
    tuned = {name.lower() for name in policy.tuned_on.get(winner, ())}
    if tuned & {word for judge in judges for word in (judge.name.lower(), family_of(judge))}:
        warnings.append(say("decision.tuned", winner=winner, metric=listed(list(policy.tuned_on[winner]))))
    if overlap is None or winner not in overlap.systems or not any(judge.needs_reference for judge in judges):
        return Doubt(tuple(warnings))
    said = overlap_text(overlap)
    free = _independent(evidence, winner)
    if free is not None and free.ranking[0] == winner:
        warnings.insert(0, f"{said} {say('decision.overlap_confirmed', metric=_title(free), winner=winner)}")
        return Doubt(tuple(warnings))
    better = [] if free is None else better_by(free, winner, among)
    if better and free is not None:
        why = say("decision.overlap_against", better=listed([str(name) for name in better]), metric=_title(free))
    elif overlap.strong:
        why = say("decision.overlap_alone", metric=lead.title, winner=winner)
    else:
        warnings.insert(0, f"{said} {say('decision.overlap_doubt', metric=lead.title, winner=winner)}")
        return Doubt(tuple(warnings))
    helps = (say("decision.overlap_help"),)
    return Doubt((said, *warnings), NoDecision(why, helps, (winner, *better)))


def _independent(evidence: Evidence, winner: SystemName) -> MetricEvidence | None:
    """The best judge that has not seen the reference: people, else a metric that needs none."""
    for kind in ("people", "without_reference"):
        for found in evidence.metrics.values():
            if kind_of(found.metric) == kind and winner in found.ranking:
                return found
    return None


def _title(found: MetricEvidence) -> str:
    return metric_title(found.metric.name)


def conflict_text(conflict: RankConflict) -> str:
    """That two references put different systems first, a sentence or two."""
    (one, other), (first, second) = conflict.references, conflict.best
    return say("decision.references_apart", one=one + 1, other=other + 1, first=first, second=second)


def overlap_text(overlap: Overlap) -> str:
    """``The reference looks edited from Online-B: ...``, a sentence."""
    low, high = (f"{100 * share:.1f}" for share in overlap.others)
    return say(
        "decision.overlap",
        systems=listed([str(name) for name in overlap.systems]),
        share=f"{100 * overlap.share:.1f}",
        others=low if low == high else say("number.range", low=low, high=high),
        segments=f"{overlap.segments:,}",
    )
