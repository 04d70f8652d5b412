"""What ratings by people change: the decision without them, and what their choice of articles does to the numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from harness.analysis.comparison import Evidence
from harness.analysis.decision.lead import Lead, metrics_part
from harness.analysis.decision.recommendation import Decision, NoDecision
from harness.store.runs.result import PairResult
from harness.types import Part, Reason

CHOSEN_KEY = "noted.chosen_articles"
"""Of the note that a column of ratings leaves where its articles were chosen by disagreement."""


def without_people(evidence: Evidence) -> Evidence | None:
    """The evidence without any ratings by people; None where nothing else is known."""
    machines = {name: found for name, found in evidence.metrics.items() if found.metric.traits.kind != "people"}
    partly = {name: found for name, found in evidence.partly.items() if found.metric.traits.kind != "people"}
    return replace(evidence, metrics=machines, partly=partly) if machines else None


def changed_by_people(decision: Decision, other: Decision) -> Reason | None:
    """That ratings change the decision, and to what it changes; None where both decisions are the same.

    Args:
        decision: by people.
        other: without them.
    """
    before, now = other.recommendation, decision.recommendation
    if isinstance(before, NoDecision):
        return None if isinstance(now, NoDecision) else Reason("decision.people_settled")
    if before == now:
        return None
    return Reason("decision.people_changed", {"metrics": metrics_part(other.metrics), "system": Part("system", before)})


def chosen_articles(result: PairResult, lead: Lead) -> Iterator[Reason]:
    """That what decides was rated on articles chosen by disagreement."""
    for note in result.notes:
        if isinstance(note.what, Reason) and note.what.key == CHOSEN_KEY and note.where == lead.metric:
            yield Reason("decision.chosen_articles", {"metric": lead.title})
