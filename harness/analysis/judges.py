"""How far judges of one run agree: what one language model says of a translation is worth little by itself."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np

from harness.analysis.stats.correlation import kendall, pearson
from harness.metrics.interface import Rows
from harness.store.runs.result import MetricScores, PairResult
from harness.types import Missing, Note, Part, Reason


def agreement_notes(result: PairResult) -> Iterator[Note]:
    """One note for every two judges: correlation over all translations that both judged, and the order of systems."""
    judges = [name for name, metric in result.identities.items() if metric.traits.kind == "judge"]
    for one, other in combinations(judges, 2):
        systems = [pair for system in result.systems if len(pair := _shared(system.scores, one, other))]
        if not systems:
            continue
        together = np.concatenate(systems)
        r = float(pearson(together[:, 0], together[:, 1]))
        where = f"{one}, {other}"
        if math.isnan(r):
            yield Note(where, Reason("noted.judges_flat", {"n": len(together)}))
            continue
        means = [part.mean(axis=0) for part in systems]
        orders = [bool((a[0] - b[0]) * (a[1] - b[1]) > 0) for a, b in combinations(means, 2)]
        agreement, tau = Part("hundredths", r), Part("hundredths", kendall(together[:, 0], together[:, 1]))
        if not orders:
            yield Note(
                where,
                Reason("noted.judges_agree_alone", {"n": len(together), "pearson": agreement, "kendall": tau}),
            )
            continue
        yield Note(
            where,
            Reason(
                "noted.judges_agree",
                {"n": len(together), "pearson": agreement, "kendall": tau, "same": sum(orders), "pairs": len(orders)},
            ),
        )


def unasked_notes(stopped: Mapping[str, str]) -> Iterator[Note]:
    """What to know of metrics that could not ask all that they had to.

    Args:
        stopped: ``judge:<metric>`` to why nothing more was asked; what others ask is no score.
    """
    for respondent, why in stopped.items():
        asker, _, metric = respondent.partition(":")
        if asker == "judge":
            yield Note(metric, Reason("noted.not_asked", {"why": why}))


def unasked_metrics(result: PairResult) -> list[str]:
    """Metrics that lack answers which the same run again would ask for."""
    return [note.where for note in result.notes if isinstance(note.what, Reason) and note.what.key == "noted.not_asked"]


def _shared(scores: Mapping[str, MetricScores | Missing], one: str, other: str) -> Rows:
    """(n, 2) scores of the translations of one system that both judged, turned so that higher is better."""
    own = [item for name in (one, other) if isinstance(item := scores.get(name), MetricScores)]
    if len(own) < 2:
        return np.zeros((0, 2))
    both = own[0].scored & own[1].scored
    signs = [1 if item.identity.higher_is_better else -1 for item in own]
    turned: Rows = np.stack([sign * item.segments[both] for sign, item in zip(signs, own, strict=True)], axis=1)
    return turned
