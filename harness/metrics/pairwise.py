"""Metrics that compare two translations at a time: a segment's score is the mean preference over all opponents.

Such a metric says how much better the first of two texts is than the second. It is asked in both orders, so that a
liking for the first place cancels out: ``(p(A, B) - p(B, A)) / 2``. The score of A is the mean of this over all other
systems, 0 where it is as good as they are. It therefore depends on who took part, and the signature names them: scores
of runs with other systems are never compared.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import ClassVar

import numpy as np

from harness.errors import MetricUnavailable
from harness.metrics.interface import MetricContext, Rows, ScoringItem, StatTable
from harness.metrics.segment import WIDTH, SegmentMean
from harness.types import MetricIdentity, Traits


@dataclass(frozen=True, slots=True)
class Duel:
    """Two different translations of one segment, in the order in which the metric is shown them."""

    first: ScoringItem
    second: ScoringItem


class PairwiseMetric(SegmentMean, ABC):
    """Base of a metric that compares: a subclass gives its name, what it depends on, and preferences."""

    name: str
    higher_is_better = True
    needs_reference = False
    traits: ClassVar = Traits()

    @abstractmethod
    def depends_on(self, context: MetricContext) -> str:
        """The signature without who took part: every setting that can change a preference.

        Raises:
            MetricUnavailable: the metric cannot run here.
        """

    @abstractmethod
    def preferences(self, duels: Sequence[Duel], context: MetricContext) -> Rows:
        """How much better each first text is than the second, (n,): above 0 better, below 0 worse.

        Both orders of every two texts are among the duels, no duel twice.
        """

    def statistics(self, items: Sequence[ScoringItem], context: MetricContext) -> StatTable:
        """Rows ``[score, 1]``. Only segments that every system translated are scored.

        Raises:
            MetricUnavailable: there is only one system, or the metric cannot run here.
        """
        systems = list(dict.fromkeys(item.system for item in items))
        signature = f"{self.depends_on(context)}|orders:both|systems:{','.join(sorted(systems))}"
        if len(systems) == 1:
            raise MetricUnavailable(
                f"{self.name} compares systems with one another, and {systems[0]} is the only one",
                fix="run two or more systems",
            )
        segments: dict[int, list[int]] = {}
        for row, item in enumerate(items):
            if item.references or not self.needs_reference:
                segments.setdefault(item.line, []).append(row)
        shared = [rows for rows in segments.values() if len(rows) == len(systems)]
        duels = {
            _texts(items[a], items[b]): Duel(items[a], items[b])
            for rows in shared
            for a, b in permutations(rows, 2)
            if items[a].hypothesis != items[b].hypothesis
        }
        given = self.preferences(list(duels.values()), context) if duels else np.zeros(0)
        preference = dict(zip(duels, given.tolist(), strict=True))
        table = np.zeros((len(items), WIDTH))
        for rows in shared:
            for a in rows:
                margins = [
                    (preference[_texts(items[a], items[b])] - preference[_texts(items[b], items[a])]) / 2
                    if items[a].hypothesis != items[b].hypothesis
                    else 0.0
                    for b in rows
                    if b != a
                ]
                table[a] = math.fsum(margins) / len(margins), 1.0
        identity = MetricIdentity(self.name, signature, self.higher_is_better, self.needs_reference, self.traits)
        return StatTable(identity, table, table[:, 1] > 0)


Texts = tuple[str, str, str, tuple[str, ...]]


def _texts(first: ScoringItem, second: ScoringItem) -> Texts:
    return first.source, first.hypothesis, second.hypothesis, first.references
