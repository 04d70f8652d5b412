"""The metric that decides, and what to keep in mind about it."""

from __future__ import annotations

from collections.abc import Iterator

from harness.evidence import Evidence
from harness.messages import say
from harness.recommendation import DecisionPolicy
from harness.reports.format import format_difference, is_comet, metric_title
from harness.types import Missing, SystemName

PREFERRED = ("chrf", "chrf++", "bleu")
"""After the COMET family."""

STRINGS = frozenset({"bleu", "chrf", "chrf++", "spbleu", "ter"})


def primary_metric(evidence: Evidence, policy: DecisionPolicy) -> str | Missing:
    """The metric the policy names, else the one people agree with most often, else the first there is."""
    known = list(evidence.metrics)
    if policy.metric:
        if policy.metric in known:
            return policy.metric
        if policy.metric in evidence.unweighed:
            return evidence.unweighed[policy.metric]
        why = say("decision.nobody", metric=metric_title(policy.metric))
        return Missing(why, say("decision.score_with", metric=policy.metric))
    if not known and evidence.unweighed:
        return next(iter(evidence.unweighed.values()))
    if not known:
        return Missing(say("decision.nothing"), say("decision.run_again"))
    ranks = {name: PREFERRED.index(name) if name in PREFERRED else len(PREFERRED) for name in known}
    return min(known, key=lambda name: -1 if is_comet(name) else ranks[name])


def cautions(evidence: Evidence, metric: str, winner: SystemName, compared: int) -> Iterator[str]:
    """What speaks against trusting the scores too much.

    Args:
        evidence: all of it.
        metric: the primary one.
        winner: the system that is recommended.
        compared: how many systems it was picked from.
    """
    if metric.lower() in STRINGS:
        yield say("decision.strings", metric=metric_title(metric))
    for name, found in evidence.metrics.items():
        for item in found.comparisons:
            worse, better = (item.b, item.a) if item.delta > 0 else (item.a, item.b)
            if name != metric and worse == winner and not item.tied:
                gap = format_difference(name, abs(item.delta))
                yield say("decision.otherwise", metric=metric_title(name), better=better, winner=winner, gap=gap)
    if compared > 2:
        yield say("decision.picked", n=compared)
