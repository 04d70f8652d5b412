"""What the regression gate asks for and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from harness.evidence import Unit
from harness.gate_moves import Moves
from harness.stats.compare import Interval
from harness.types import Missing, SystemName

Status = Literal["pass", "inconclusive", "incomparable", "incomplete", "regressed"]

FindingStatus = Status | Literal["note"]
"""A note says something worth knowing that is no verdict: a baseline of old age, a system it does not have."""

SEVERITY: tuple[FindingStatus, ...] = ("note", "pass", "inconclusive", "incomparable", "incomplete", "regressed")

USUAL_MARGINS = {"bleu": 1.4, "chrf": 1.0, "comet": 0.0035}
"""The differences of which about 70 % of human judgements agree that they are one (Kocmi et al. 2024)."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What the gate asks for."""

    margins: Mapping[str, float] = field(default_factory=dict)
    """Metric to accepted loss; others have their usual margin, and metrics without one have none: 0."""
    deciding: tuple[str, ...] = ()
    """Metrics that decide; empty: comet where the baseline has it, else chrf, else all. The others only warn."""
    only: tuple[str, ...] = ()
    """Metrics to look at, all of which then decide; empty: those of the baseline."""
    systems: Mapping[SystemName, SystemName] = field(default_factory=dict)
    """Candidate's system to baseline's; empty: all of the baseline under their own names."""
    slices: tuple[str, ...] = ()
    """Metadata keys; a slice can block by a regression, but with few articles it only warns."""
    max_age_days: int = 90

    def margin(self, metric: str) -> float:
        """The accepted loss under ``metric``."""
        return self.margins.get(metric, USUAL_MARGINS.get(metric, 0.0))


@dataclass(frozen=True, slots=True)
class Numbers:
    """What was measured, on the segments both runs have scored."""

    before: float
    after: float
    delta: float
    """Positive means the candidate is better, whatever the metric's direction."""
    interval: Interval | Missing
    p: float | Missing
    margin: float
    unit: Unit
    units: int
    segments: int
    detectable: float | Missing
    """The loss that four of five such comparisons would find."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the gate looked at."""

    status: FindingStatus
    blocking: bool
    """Whether it counts for the verdict; otherwise it is for information."""
    message: str
    pair: str = ""
    system: str = ""
    metric: str = ""
    slice: str = ""
    """``key=value`` of the articles' metadata; empty for all articles."""
    numbers: Numbers | Missing = field(default_factory=lambda: Missing("nothing was measured", ""))
    moves: Moves = field(default_factory=Moves)

    @property
    def level(self) -> Literal["ok", "warning", "error"]:
        """How loudly to say it."""
        if self.status == "pass":
            return "ok"
        return "error" if self.blocking else "warning"

    @property
    def subject(self) -> str:
        """What it is about: ``de-en deepl comet domain=news``."""
        return " ".join(part for part in (self.pair, self.system, self.metric, self.slice) if part) or "baseline"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says."""

    status: Status
    findings: tuple[Finding, ...]
