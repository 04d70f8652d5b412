"""How often people prefer the other system where string metrics decide alone: measured, and said with the decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.analysis.comparison import MetricEvidence
from harness.types import Part, Reason

STRING_RECORDS: Mapping[tuple[frozenset[str], bool], tuple[int, int]] = {
    (frozenset({"chrf", "bleu"}), False): (23, 321),
    (frozenset({"chrf"}), False): (27, 333),
    (frozenset({"bleu"}), False): (33, 364),
    (frozenset({"chrf"}), True): (48, 418),
    (frozenset({"bleu"}), True): (53, 413),
}
"""Families that decide, and whether the policy names them, to wrong decisions and all decisions on the pairs of systems
of 11 test sets that people confirm to differ; ``docs/wmt.md``."""


def strings_alone(judges: Sequence[MetricEvidence], title: Part, *, named: bool, confirmed: bool) -> Reason:
    """That strings alone decide, and how often that was wrong.

    Args:
        judges: the string metrics that decide.
        title: their usual names.
        named: whether the policy names the metric, so that any confirmed difference decides.
        confirmed: whether they do confirm a difference; what was measured holds for such decisions only.
    """
    families = frozenset(judge.metric.traits.family for judge in judges)
    brought = any(judge.metric.traits.brought for judge in judges)
    if not confirmed or brought or (families, named) not in STRING_RECORDS:
        return Reason("decision.strings", {"n": len(judges), "metric": title})
    wrong, decisions = STRING_RECORDS[families, named]
    return Reason(
        "decision.strings_measured", {"n": len(judges), "metric": title, "wrong": wrong, "decisions": decisions}
    )
