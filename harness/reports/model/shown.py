"""Systems under the names a report shows, and the decision said in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from harness.analysis.decision.decide import decide
from harness.analysis.decision.recommendation import Decision, DecisionPolicy
from harness.analysis.evidence import Evidence, MetricEvidence
from harness.reports.model.findings import Findings
from harness.reports.words.text import visible
from harness.store.runs.result import PairResult
from harness.types import SystemName


def display_names(result: PairResult) -> dict[SystemName, str]:
    """What to call each system: its label, with the name where two labels are alike."""
    labels = Counter(system.label for system in result.systems)
    return {
        system.name: visible(
            system.name
            if not system.label
            else (system.label if labels[system.label] == 1 else f"{system.label} ({system.name})")
        )
        for system in result.systems
    }


def shown_names(result: PairResult) -> Mapping[SystemName, str]:
    """Names as shown, where they tell the systems apart; else the systems' own."""
    names = display_names(result)
    if len({*names.values(), *result.absent}) < len(names) + len(result.absent):
        return {name: visible(name) for name in names}
    return names


def decide_as_shown(result: PairResult, findings: Findings, policy: DecisionPolicy) -> Decision:
    """The decision on one pair, in the names that a report shows."""
    names = shown_names(result)
    tuned = {SystemName(names.get(name, name)): metrics for name, metrics in policy.tuned_on.items()}
    return decide(
        _renamed(findings.evidence, names),
        _relabelled(result, names),
        replace(policy, tuned_on=tuned),
        references=findings.references.renamed(names),
    )


def _renamed(evidence: Evidence, names: Mapping[SystemName, str]) -> Evidence:
    """The same evidence about systems under the names as shown."""

    def new(name: SystemName) -> SystemName:
        return SystemName(names[name])

    def of(found: MetricEvidence) -> MetricEvidence:
        return replace(
            found,
            intervals={new(name): interval for name, interval in found.intervals.items()},
            comparisons=tuple(replace(item, a=new(item.a), b=new(item.b)) for item in found.comparisons),
            groups=tuple(tuple(map(new, group)) for group in found.groups),
            ranking=tuple(map(new, found.ranking)),
        )

    floors = frozenset(map(new, evidence.floors))
    joint = evidence.joint and replace(evidence.joint, found=of(evidence.joint.found))
    return replace(
        evidence, metrics={metric: of(found) for metric, found in evidence.metrics.items()}, joint=joint, floors=floors
    )


def _relabelled(result: PairResult, names: Mapping[SystemName, str]) -> PairResult:
    systems = tuple(replace(system, name=SystemName(names[system.name])) for system in result.systems)
    return replace(result, systems=systems)
