"""Whether string metrics favour the winner far beyond what a judge without the reference sees in it.

A reference that was edited from a system's output repeats its words, and BLEU and chrF reward that. Across the other
systems, a string score follows an independent judge (people, or a learned metric that needs no reference) along a
line; the winner's distance from the line of the others, in standard errors of a prediction, is a Student's t with three
degrees of freedom fewer than there are systems: the externally studentised residual (Cook and Weisberg, *Residuals and
Influence in Regression*, 2.2.1). Every string metric must place the winner beyond it.

Only the winner is tested, so one test is made for a verdict. Simulated with string scores that scatter normally about
the line it speaks of a winner by a learned metric in at most 1.2 % of cases. With a skewed or heavy-tailed scatter it
speaks more often (up to 13 %), of systems that are out of line indeed: it says what was seen, and not why it is so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from harness.analysis.stats.quantiles import student_t
from harness.metrics.interface import Rows
from harness.types import SystemName

FEWEST_SYSTEMS = 7
"""With fewer the line of the others means little: four degrees of freedom are the least."""

LEVEL = 0.002
"""Of each metric's test, one-sided. The metrics share their words, so two tests are hardly stricter than one."""


def out_of_line(
    winner: SystemName, judge: Mapping[SystemName, float], strings: Sequence[Mapping[SystemName, float]]
) -> bool:
    """Whether every string metric scores the winner far above the line of the others.

    Args:
        winner: the system that is recommended.
        judge: corpus scores by a judge that has not seen the reference, higher is better.
        strings: corpus scores by each string metric, higher is better, of at least the systems of ``judge``.
    """
    others = [name for name in judge if name != winner]
    if winner not in judge or len(others) + 1 < FEWEST_SYSTEMS or not strings:
        return False
    seen = np.array([judge[name] for name in others])
    return all(_beyond(seen, np.array([of[name] for name in others]), judge[winner], of[winner]) for of in strings)


def _beyond(seen: Rows, scores: Rows, seen_winner: float, score_winner: float) -> bool:
    n, centred = len(seen), seen - seen.mean()
    spread = float(centred @ centred)
    if spread == 0:
        return False
    slope = float(centred @ scores) / spread
    rest = scores - scores.mean() - slope * centred
    far = seen_winner - float(seen.mean())
    variance = float(rest @ rest) / (n - 2) * (1 + 1 / n + far * far / spread)
    distance = score_winner - float(scores.mean()) - slope * far
    return bool(distance > student_t(1 - 2 * LEVEL, n - 2) * variance**0.5)
