"""What casts doubt on a winner, to be said before anything else; and whether a recommendation stands all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.analysis.comparison import Evidence, MetricEvidence
from harness.analysis.decision.lead import Lead, better_by, metrics_part, otherwise, systems_part
from harness.analysis.decision.recommendation import DecisionPolicy, NoDecision
from harness.analysis.decision.reference_overlap import Overlap, edited_reference
from harness.analysis.decision.reference_ranks import RankConflict, rank_conflict
from harness.analysis.decision.string_lead import out_of_line
from harness.store.runs.result import PairResult
from harness.types import Part, Reason, SystemName


@dataclass(frozen=True, slots=True)
class Doubt:
    """What stands first, and why nothing is recommended, where that is so."""

    warnings: tuple[Reason, ...] = ()
    refusal: NoDecision | None = None
    of_overlap: bool = False
    """Whether the warnings say that the reference looks edited."""


@dataclass(frozen=True, slots=True)
class ReferenceDoubts:
    """What the texts alone show of the references of a pair, whatever decides; found once and used by every report."""

    overlap: Overlap | None
    conflict: RankConflict | None


def reference_doubts(result: PairResult, seed: int) -> ReferenceDoubts:
    """Look at the references of a pair: seconds, where there are several and many systems."""
    return ReferenceDoubts(edited_reference(result), rank_conflict(result, seed))


def doubt(
    evidence: Evidence,
    lead: Lead,
    policy: DecisionPolicy,
    references: ReferenceDoubts,
    *,
    winner: SystemName,
    among: Sequence[SystemName],
) -> Doubt:
    """Weigh what speaks against a winner by ``lead`` among the systems that can be compared."""
    overlap = references.overlap
    warnings = []
    for scores in evidence.compared.values():
        better = better_by(scores, winner, among)
        if scores.metric.traits.kind == "people" and scores.metric.name not in lead.metrics and better:
            warnings.append(otherwise(scores, better, winner))
    judges = [scores.metric for scores in (lead.primary, lead.second) if scores is not None]
    tuned = {name.lower() for name in policy.tuned_on.get(winner, ())}
    if tuned & {word for judge in judges for word in (judge.name.lower(), judge.family)}:
        tuned_on = Part("list", policy.tuned_on[winner])
        warnings.append(Reason("decision.tuned", {"winner": Part("system", winner), "metric": tuned_on}))
    if references.conflict is not None and lead.needs_reference:
        warnings.append(conflict_reason(references.conflict))
    if overlap is None or winner not in overlap.systems or not lead.needs_reference:
        favoured = string_lead_reason(evidence, winner, among) if lead.needs_reference else None
        return Doubt((favoured, *warnings) if favoured is not None else tuple(warnings))
    edited = overlap_reason(overlap)
    named = Part("system", winner)
    free = _independent(evidence, winner)
    if free is not None and free.ranking[0] == winner:
        more = Reason("decision.overlap_confirmed", {"metric": _title(free), "winner": named})
        return Doubt((_both(edited, more), *warnings), of_overlap=True)
    better = [] if free is None else better_by(free, winner, among)
    if better and free is not None:
        why = Reason("decision.overlap_against", {"better": systems_part(better), "metric": _title(free)})
    elif overlap.strong:
        why = Reason("decision.overlap_alone", {"metric": lead.title, "winner": named})
    else:
        return Doubt((_both(edited, _favoured(lead, [winner])), *warnings), of_overlap=True)
    helps = (Reason("decision.overlap_help"),)
    return Doubt((edited, *warnings), NoDecision(why, helps, (winner, *better)), of_overlap=True)


def open_doubts(lead: Lead, references: ReferenceDoubts, among: Sequence[SystemName]) -> tuple[Reason, ...]:
    """What casts doubt on the order of systems between which it stays open, as far as what decides uses a reference."""
    warnings = []
    overlap, conflict = references.overlap, references.conflict
    if overlap is not None and lead.needs_reference:
        favoured = [name for name in overlap.systems if name in among]
        if favoured:
            warnings.append(_both(overlap_reason(overlap), _favoured(lead, favoured)))
    if conflict is not None and lead.needs_reference and not set(conflict.best).isdisjoint(among):
        warnings.append(conflict_reason(conflict))
    return tuple(warnings)


def edited_elsewhere(references: ReferenceDoubts, among: Sequence[SystemName]) -> tuple[Reason, ...]:
    """That the reference looks edited from a system that is none of those between which it stays open."""
    overlap = references.overlap
    if overlap is None or not set(overlap.systems).isdisjoint(among):
        return ()
    return (Reason("decision.remark", {"remark": Part("clause", overlap_reason(overlap))}),)


def _favoured(lead: Lead, systems: Sequence[SystemName]) -> Reason:
    return Reason(
        "decision.overlap_doubt", {"n": len(lead.metrics), "metric": lead.title, "systems": systems_part(systems)}
    )


def _both(first: Reason, second: Reason) -> Reason:
    return Reason("decision.both", {"first": first, "second": second})


def _independent(evidence: Evidence, winner: SystemName) -> MetricEvidence | None:
    """The best judge that has not seen the reference."""
    return next(_independents(evidence, winner), None)


def _independents(evidence: Evidence, winner: SystemName) -> Iterator[MetricEvidence]:
    """The judges of a system that have not seen the reference: people, then metrics that need none."""
    for kind in ("people", "without_reference"):
        for scores in evidence.metrics.values():
            if scores.metric.traits.kind == kind and winner in scores.ranking:
                yield scores


def _title(scores: MetricEvidence) -> Part:
    return Part("metric", scores.metric.name)


def string_lead_reason(evidence: Evidence, winner: SystemName, among: Sequence[SystemName]) -> Reason | None:
    """That string metrics favour a winner far beyond what a judge sees in it that has not seen the reference."""
    judges = list(_independents(evidence, winner))
    strings = [found for found in evidence.metrics.values() if found.metric.traits.kind == "strings"]
    if not judges:
        return None
    judge = max(judges, key=lambda found: len(set(among).intersection(found.ranking)))
    systems = [name for name in among if all(name in found.ranking for found in (judge, *strings))]
    if winner not in systems:
        return None
    seen, *scores = (
        {name: found.ahead(name, winner) if name != winner else 0.0 for name in systems} for found in (judge, *strings)
    )
    if not out_of_line(winner, seen, scores):
        return None
    metrics = [found.metric.name for found in strings]
    return Reason(
        "decision.string_lead",
        {
            "n": len(metrics),
            "metrics": metrics_part(metrics),
            "winner": Part("system", winner),
            "judge": _title(judge),
        },
    )


def conflict_reason(conflict: RankConflict) -> Reason:
    """That two references put different systems first."""
    (first_reference, second_reference), (first, second) = conflict.references, conflict.best
    return Reason(
        "decision.references_apart",
        {
            "one": first_reference + 1,
            "other": second_reference + 1,
            "first": Part("system", first),
            "second": Part("system", second),
        },
    )


def overlap_reason(overlap: Overlap) -> Reason:
    """``The reference looks edited from Online-B: ...``."""
    low, high = (round(100 * share, 1) for share in overlap.others)
    return Reason(
        "decision.overlap",
        {
            "systems": systems_part(overlap.systems),
            "share": Part("tenths", 100 * overlap.share),
            "others": Part("tenths", low)
            if low == high
            else Reason("number.range", {"low": Part("tenths", low), "high": Part("tenths", high)}),
            "segments": overlap.segments,
        },
    )
