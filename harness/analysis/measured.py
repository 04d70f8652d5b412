"""How well metrics agreed with people where that was measured: public test sets whose segments people rated.

For pairs without ratings of their own, this is what is known about a metric beside the curves of
:mod:`harness.analysis.stats.agreement`. The figures lie in ``measured.toml``; ``docs/wmt.md`` says how they were made.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.analysis.stats.agreement import curve_of
from harness.types import LangPair, MetricIdentity
from harness.workspace.languages import parse_pair, primary

FILE = Path(__file__).with_name("measured.toml")


@dataclass(frozen=True, slots=True)
class Measured:
    """One metric against one kind of ratings of one test set; shares are 0 to 1."""

    set: str
    """Such as ``wmt23.en-de``."""
    people: str
    """How people rated: MQM, DA+SQM or ESA."""
    metric: str
    """The name of its curve, :func:`~harness.analysis.stats.agreement.curve_of`, where it has one."""
    systems: int
    segments: int
    soft: float
    """Soft pairwise accuracy over systems, with its 95 % interval from resampled articles."""
    low: float
    high: float
    accuracy: float
    """Share of pairs of systems that metric and people order alike."""
    within: float
    """Tie-calibrated accuracy between the systems of one source segment."""

    @property
    def pair(self) -> LangPair:
        """The languages of the test set."""
        return parse_pair(self.set.rpartition(".")[2])


@cache
def measured_agreement() -> tuple[Measured, ...]:
    """Every figure, set by set."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))["measured"]
    return tuple(Measured(**entry) for entry in entries)


def measured_for(pair: LangPair, metrics: Sequence[MetricIdentity] = ()) -> tuple[Measured, ...]:
    """What was measured for these languages; where nothing was, for the same target language; else nothing.

    Args:
        pair: the languages; regions and scripts do not count.
        metrics: only these; empty: all.
    """
    wanted = {curve_of(identity.signature) for identity in metrics}
    rows = [row for row in measured_agreement() if not metrics or row.metric in wanted]
    source, target = primary(pair.source), primary(pair.target)
    into = tuple(row for row in rows if row.pair.target == target)
    return tuple(row for row in into if row.pair.source == source) or into
