"""What casts doubt on a winner, to be said before anything else; and whether a recommendation stands all the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harness.analysis.decision.primary import Lead, ahead, better_by
from harness.analysis.decision.recommendation import DecisionPolicy, NoDecision
from harness.analysis.decision.reference_overlap import Overlap, edited_reference
from harness.analysis.decision.reference_ranks import RankConflict, rank_conflict
from harness.analysis.evidence import Evidence, MetricEvidence
from harness.metrics.kinds import family_of, kind_of
from harness.reports.words.messages import plural, say
from harness.reports.words.numbers import format_difference, listed, metric_title
from harness.store.runs.result import PairResult
from harness.types import SystemName


@dataclass(frozen=True, slots=True)
class Doubt:
    """Sentences that stand first, and why nothing is recommended, where that is so."""

    warnings: tuple[str, ...] = ()
    refusal: NoDecision | None = None


@dataclass(frozen=True, slots=True)
class ReferenceDoubts:
    """What the texts alone show of the references of a pair, whatever decides; found once and used by every report."""

    overlap: Overlap | None
    conflict: RankConflict | None

    def renamed(self, names: Mapping[SystemName, str]) -> ReferenceDoubts:
        """The same about systems under other names."""

        def new(systems: Sequence[SystemName]) -> list[SystemName]:
            return [SystemName(names[name]) for name in systems]

        overlap, conflict = self.overlap, self.conflict
        if conflict is not None:
            first, second = new(conflict.best)
            conflict = replace(conflict, best=(first, second))
        return ReferenceDoubts(overlap and replace(overlap, systems=tuple(new(overlap.systems))), conflict)


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
    if references.conflict is not None and lead.needs_reference:
        warnings.append(conflict_text(references.conflict))
    if overlap is None or winner not in overlap.systems or not lead.needs_reference:
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
