"""What decides: one metric or two together, and what to keep in mind about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from harness.analysis.comparison import Evidence, MetricEvidence
from harness.analysis.decision.recommendation import DecisionPolicy
from harness.analysis.decision.strings_alone import strings_alone
from harness.analysis.primary import LEARNED, primary_metric
from harness.types import Kind, Missing, Part, Reason, SystemName

STRING_POINTS = 1.5
"""String metrics decide only by a difference of at least this on each metric that decides (of 100).

Their errors are those of measure, not of sampling: they stay however many articles there are, and a test does not see
them. At 1.5 points people agree in 72 (BLEU) and 78 % (chrF) of pairs (:mod:`harness.analysis.stats.agreement`);
``docs/wmt.md`` has what it does beside people.
"""


@dataclass(frozen=True, slots=True)
class Lead:
    """What decides between systems: the primary metric alone, or with a second one."""

    metric: str
    """The primary metric; scores are shown in it."""
    how: Literal["one", "mean", "both"]
    evidence: MetricEvidence
    """What is confirmed and what is tied; deltas of a mean are in standard deviations. Under string metrics pairs
    closer than :data:`STRING_POINTS` are tied, whatever p says."""
    primary: MetricEvidence
    """The primary metric by itself."""
    second: MetricEvidence | None = None
    """The other metric by itself; None where one decides alone."""
    least: float = 0.0
    """Smaller differences on a metric that decides decide nothing, whatever p says."""

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that decide, the primary one first."""
        return (self.metric,) if self.second is None else (self.metric, self.second.metric.name)

    @property
    def judges(self) -> tuple[MetricEvidence, ...]:
        """The same, each by itself."""
        return (self.primary,) if self.second is None else (self.primary, self.second)

    @property
    def title(self) -> Part:
        """Their usual names: ``COMET``, ``COMET and cometkiwi``."""
        return metrics_part(self.metrics)

    def tied_in(self, *, alone: bool = True) -> Part | Reason:
        """What shows no difference in a tie: ``COMET``, ``the mean of COMET and cometkiwi``, ``both chrF and BLEU``.

        Args:
            alone: whether one of two metrics may separate the systems by itself, where both have to.
        """
        if self.how == "mean":
            return Reason("decision.mean_of", {"metrics": self.title})
        return Reason("decision.both_of", {"metrics": self.title}) if self.how == "both" and alone else self.title

    def alone(self, a: SystemName, b: SystemName) -> Reason | None:
        """Which of two metrics separates two systems by itself where they do not together; None where neither does."""
        if self.second is None or self.evidence.between(a, b).significant:
            return None
        items = [found.between(a, b) for found in self.judges]
        ahead = [
            Reason(
                "decision.puts_ahead",
                {
                    "metric": Part("metric", item.metric.name),
                    "system": Part("system", item.a if item.delta > 0 else item.b),
                },
            )
            for item in items
            if item.significant
        ]
        return Reason("decision.alone_ahead", {"what": Part("series", tuple(ahead), " and ")}) if ahead else None

    @property
    def kinds(self) -> frozenset[Kind]:
        """What kinds of judges they are."""
        return frozenset(found.metric.traits.kind for found in self.judges)

    @property
    def needs_reference(self) -> bool:
        """Whether any of them compares with a reference."""
        return any(found.metric.sees_reference for found in self.judges)

    def differences(self, a: SystemName, b: SystemName) -> Part:
        """By how much ``a`` is ahead of ``b`` on every metric that decides: ``0.0300``, ``0.0300 and 0.0210``."""
        gaps = [Part("difference", judge.ahead(a, b), decimals=judge.metric.decimals) for judge in self.judges]
        return Part("list", tuple(gaps))

    def numbers(self, a: SystemName, b: SystemName) -> Reason:
        """The same, with what it rests on: ``0.0300 (p 0.004, 12 articles)``; no p where there is no verdict."""
        comparison = self.evidence.between(a, b)
        difference, units = self.differences(a, b), Part("units", comparison.units, comparison.unit)
        if isinstance(comparison.p_adjusted, Missing):
            return Reason("decision.numbers_open", {"difference": difference, "units": units})
        p, number = Part("p", comparison.p_adjusted), self.evidence.tested_together
        pairs = Part("count", number, "comparison")
        if number == 1:
            return Reason("decision.numbers", {"difference": difference, "p": p, "units": units})
        if self.second is None:
            return Reason(
                "decision.numbers_adjusted", {"difference": difference, "p": p, "units": units, "comparisons": pairs}
            )
        return Reason(
            "decision.numbers_together",
            {"difference": difference, "p": p, "units": units, "comparisons": pairs, "metrics": self.title},
        )


def metrics_part(names: Sequence[str]) -> Part:
    """Metrics by their usual names."""
    return Part("list", tuple(Part("metric", name) for name in names))


def systems_part(names: Sequence[SystemName]) -> Part:
    """Systems by the names they are called."""
    return Part("list", tuple(Part("system", name) for name in names))


def lead_of(evidence: Evidence, policy: DecisionPolicy) -> Lead | Missing:
    """What decides one pair. A metric that the policy names decides alone, and by any confirmed difference."""
    metric = primary_metric(evidence, policy.metric)
    if isinstance(metric, Missing):
        return metric
    primary, joint = evidence.metrics[metric], evidence.joint
    if policy.metric:
        return Lead(metric, "one", primary, primary)
    if joint is None or joint.first != metric:
        return _far_apart(Lead(metric, "one", primary, primary))
    return _far_apart(Lead(metric, joint.how, joint.evidence, primary, evidence.metrics[joint.second]))


def _far_apart(lead: Lead) -> Lead:
    """``lead`` with the pairs that string metrics cannot decide, as too close on one that decides, marked so.

    Scores from files are left as they are: nobody says on which scale they are.
    """
    parts = lead.judges
    if any(part.metric.traits.kind != "strings" or part.metric.traits.brought for part in parts):
        return lead
    comparisons = tuple(
        replace(item, close=any(abs(part.ahead(item.a, item.b)) < STRING_POINTS for part in parts))
        for item in lead.evidence.comparisons
    )
    return replace(lead, evidence=replace(lead.evidence, comparisons=comparisons), least=STRING_POINTS)


def better_by(scores: MetricEvidence, winner: SystemName, among: Sequence[SystemName]) -> list[SystemName]:
    """Systems among these that a metric confirms to be better than ``winner``, best first."""
    worse = [item for item in scores.comparisons if winner in (item.a, item.b) and not item.tied]
    better = {item.a if item.delta > 0 else item.b for item in worse} - {winner}
    return [name for name in scores.ranking if name in better and name in among]


def unanimous(evidence: Evidence, lead: Lead, winner: SystemName, among: Sequence[SystemName]) -> bool:
    """Whether each of two learned metrics confirms the winner by itself, and no metric has another system above it.

    One of the two must not have seen the reference. People are not asked.
    """
    if lead.second is None or "without_reference" not in lead.kinds:
        return False
    for name, scores in evidence.compared.items():
        if scores.metric.traits.kind == "people" or winner not in scores.ranking:
            continue
        compared = {item.b if item.a == winner else item.a for item in scores.comparisons if winner in (item.a, item.b)}
        others = [other for other in among if other in compared]
        if any(scores.ahead(winner, other) < 0 for other in others):
            return False
        if name in lead.metrics and any(scores.between(winner, other).tied for other in others):
            return False
    return True


def opinions(evidence: Evidence, lead: Lead, winner: SystemName, among: Sequence[SystemName]) -> Iterator[Reason]:
    """What the metrics that do not decide say of the winner: which contradict, which agree, which cannot tell."""
    agree: list[str] = []
    unsure: list[str] = []
    for name, scores in evidence.compared.items():
        if name in lead.metrics or winner not in scores.ranking or scores.metric.traits.kind == "people":
            continue
        better = better_by(scores, winner, among)
        rest = [other for other in among if other != winner and other in scores.ranking]
        if better:
            yield otherwise(scores, better, winner)
        elif name in evidence.partly:
            unsure.append(name)
        elif rest and not any(scores.between(winner, other).tied for other in rest):
            agree.append(name)
        else:
            unsure.append(name)
    if agree:
        yield Reason("decision.others_agree", {"metrics": metrics_part(agree), "winner": Part("system", winner)})
    if unsure:
        yield Reason("decision.others_unsure", {"metrics": metrics_part(unsure)})


def leanings(evidence: Evidence, lead: Lead, among: Sequence[SystemName]) -> Iterator[Reason]:
    """Where nothing is recommended: what the metrics that do not decide would take of the systems in question.

    And that only strings were compared, where that is all.
    """
    taken: dict[SystemName, list[str]] = {}
    unsure: list[str] = []
    for name, scores in evidence.compared.items():
        known = [system for system in scores.ranking if system in among]
        if name in lead.metrics or len(known) < 2:
            continue
        whole = name not in evidence.partly and len(known) == len(among)
        if whole and not any(scores.between(known[0], other).tied for other in known[1:]):
            taken.setdefault(known[0], []).append(name)
        else:
            unsure.append(name)
    for system, names in taken.items():
        yield Reason("decision.others_take", {"metrics": metrics_part(names), "system": Part("system", system)})
    if unsure:
        yield Reason("decision.others_unsure", {"metrics": metrics_part(unsure)})
    if lead.kinds == {"strings"} and any(lead.primary.ahead(among[0], other) for other in among[1:]):
        yield strings_alone(lead.judges, lead.title, named=False, confirmed=False)


def otherwise(scores: MetricEvidence, better: Sequence[SystemName], winner: SystemName) -> Reason:
    """That a metric puts other systems, the best of them first, ahead of a winner."""
    return Reason(
        "decision.people" if scores.metric.traits.kind == "people" else "decision.otherwise",
        {
            "n": len(better),
            "metric": Part("metric", scores.metric.name),
            "better": systems_part(better),
            "winner": Part("system", winner),
            "gap": Part("difference", scores.ahead(better[0], winner), decimals=scores.metric.decimals),
        },
    )


def cautions(
    evidence: Evidence, lead: Lead, winner: SystemName, compared: Sequence[SystemName], *, named: bool = False
) -> Iterator[Reason]:
    """What speaks against trusting the scores too much.

    Args:
        evidence: all of it.
        lead: what decides.
        winner: the system that is recommended.
        compared: the systems it was picked from.
        named: whether the policy names the metric.
    """
    learned = {name: found for name, found in evidence.metrics.items() if found.metric.traits.kind in LEARNED}
    second = _confirmed_over(lead, winner, compared)
    if second is not None and (metrics := lopsided(lead, winner, compared)):
        yield Reason(
            f"decision.lopsided.{evidence.unit}",
            {"metric": metrics_part(metrics), "winner": Part("system", winner), "second": Part("system", second)},
        )
    if lead.kinds == {"strings"}:
        yield strings_alone(lead.judges, lead.title, named=named, confirmed=second is not None)
    elif lead.how == "one" and lead.kinds <= LEARNED and len({x.metric.family for x in learned.values()}) == 1:
        yield Reason("decision.one_metric", {"metric": lead.title})
    if lead.kinds <= LEARNED:
        above = [
            better_by(found, winner, compared)
            for found in evidence.metrics.values()
            if found.metric.traits.kind == "strings"
        ]
        if above and all(len(names) > 1 for names in above):
            least, first = min(map(len, above)), Part("system", winner)
            yield Reason("decision.out_of_line", {"metric": lead.title, "winner": first, "n": least})
    if len(compared) > 2:
        yield Reason(f"decision.picked.{evidence.unit}", {"n": len(compared)})


def lopsided(lead: Lead, winner: SystemName, among: Sequence[SystemName]) -> list[str]:
    """The metrics that decide in which the winner, confirmed over the second best, is far behind it in a few units."""
    second = _confirmed_over(lead, winner, among)
    if second is None:
        return []
    return [
        found.metric.name
        for found in lead.judges
        if found.between(winner, second).lopsided and found.ahead(winner, second) > 0
    ]


def _confirmed_over(lead: Lead, winner: SystemName, among: Sequence[SystemName]) -> SystemName | None:
    """The best of the others, if what decides confirms the winner over it."""
    second = next((name for name in lead.evidence.ranking if name != winner and name in among), None)
    if second is None or lead.evidence.between(winner, second).tied or lead.evidence.ahead(winner, second) < 0:
        return None
    return second
