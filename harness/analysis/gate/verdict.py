"""What the regression gate asks for and what it says."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from harness.analysis.gate.moves import Moves
from harness.analysis.several.scores import NOT_ASKED
from harness.analysis.stats.compare import Interval
from harness.types import SIGNIFICANT, Decimals, Missing, Reason, SystemName, Traits, Unit

if TYPE_CHECKING:
    import pandas as pd

Status = Literal["pass", "inconclusive", "incomparable", "incomplete", "regressed"]

LineStatus = Status | Literal["note"]
"""A note says something worth knowing that is no verdict: a baseline of old age, a system it does not have."""

SEVERITY: tuple[LineStatus, ...] = ("note", "pass", "inconclusive", "incomparable", "incomplete", "regressed")

ACCEPTABLE: tuple[Status, ...] = ("inconclusive", "incomplete", "incomparable")
"""What a policy may accept. A regression is accepted by making the run the baseline, or by a wider margin."""

LEVEL = 0.90
"""Of the two-sided interval: each side of it is wrong 5 % of the time, and a verdict looks at one side only.
``docs/ci.md`` has the measurement that decided for it."""


@dataclass(frozen=True, slots=True)
class BuildTest:
    """Where a build stands among all that were tested against its baseline."""

    number: int
    """Which of the builds with outputs or settings of their own it is, from 1; 0 for one with those of the baseline."""
    planned: int | Missing
    """Builds that share the first half of the level; Missing where every build is tested alone."""
    level: float
    """One-sided, of all checks of this build together."""
    since: str
    """When the first build was recorded; ISO 8601, UTC."""
    lost: int = 0
    """Builds that later records know of, and that have no record."""
    same_as: str = ""
    """The run that was tested with the same outputs and settings before; empty: none was."""


NO_RECORD = Missing(Reason("gate.no_record"))
NO_PLAN = Missing(Reason("gate.no_plan"))


@dataclass(frozen=True, slots=True)
class Policy:
    """What the gate asks for."""

    margins: Mapping[str, float] = field(default_factory=dict)
    """Metric to accepted loss; others have their usual margin, and metrics without one have none: 0."""
    deciding: tuple[str, ...] = ()
    """Metrics that decide; empty: comet where the baseline has it, else chrf, else all. The others only warn."""
    only: tuple[str, ...] = ()
    """Metrics to look at, all of which then decide; empty: those of the baseline."""
    within: tuple[str, ...] = ()
    """A tier: look at no other metrics; which of them decide stays as ``deciding`` says. Empty: all."""
    systems: Mapping[SystemName, SystemName] = field(default_factory=dict)
    """Candidate's system to baseline's; empty: all of the baseline under their own names."""
    slices: tuple[str, ...] = ()
    """Metadata keys; a slice can block by a regression, but with few articles it only warns."""
    max_flagged: Mapping[str, int] = field(default_factory=dict)
    """Kind of flag to the most segments of a system that may have it."""
    with_glossary: frozenset[str] | None = None
    """Pairs of the candidate that were checked against a glossary; None: nobody knows."""
    with_encoder: bool = True
    """Whether the candidate was checked for misplaced segments, which takes an extra."""
    max_age_days: int = 90
    accept: tuple[str, ...] = ()
    """Verdicts beside ``pass`` that let a run through."""
    build: BuildTest | Missing = NO_RECORD
    """Which of the builds against this baseline it is; Missing where nobody counts them."""

    def margin(self, column: str, traits: Traits) -> float:
        """The accepted loss under the metric of a column."""
        return self.margins.get(column, traits.usual_margin)


UNKNOWN_NEED = Missing(Reason("gate.unknown_need"))


@dataclass(frozen=True, slots=True)
class Slice:
    """The articles that have one value under one key of their metadata."""

    key: str = ""
    """Empty: all articles."""
    value: str = ""
    """Empty: those that have no such key."""

    def __bool__(self) -> bool:
        """Whether it is only a part of the articles."""
        return bool(self.key)


EVERY_ARTICLE = Slice()


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
    """The true difference from the margin that such a comparison finds 80 % of the time, in points of the metric."""
    needed: int | Missing = UNKNOWN_NEED
    """Units with which a run that lost nothing passes 80 % of the time; 1,000 stands for more."""
    decimals: Decimals = SIGNIFICANT
    """How many are shown of the metric's scores."""
    declared: bool = True
    """False: the unit is the segment for want of articles, and nobody said that the segments are independent."""
    p_loss: float | Missing = NOT_ASKED
    """One-sided: small where more than the margin was lost."""


NOT_MEASURED = Missing(Reason("gate.not_measured"))


@dataclass(frozen=True, slots=True)
class GateLine:
    """One thing the gate looked at."""

    status: LineStatus
    blocking: bool
    """Whether it counts for the verdict; otherwise it is for information."""
    reason: Reason
    """Why it has this status."""
    pair: str = ""
    system: str = ""
    metric: str = ""
    slice: Slice = EVERY_ARTICLE
    flag: str = ""
    """The kind of flag that was counted; empty where a metric was looked at."""
    numbers: Numbers | Missing = NOT_MEASURED
    moves: Moves = field(default_factory=Moves)
    accepted: bool = False
    """Whether it counts and is let through all the same, because the policy accepts its status."""

    @property
    def level(self) -> Literal["ok", "warning", "error"]:
        """How loudly to say it."""
        if self.status == "pass":
            return "ok"
        return "error" if self.blocking and not self.accepted else "warning"

    @property
    def worst_first(self) -> tuple[int, int, float]:
        """Sorts losses before gains: what fails first, of two alike the one that lost more; notes last."""
        delta = self.numbers.delta if isinstance(self.numbers, Numbers) else 0.0
        loudest = 3 if self.status == "note" else ("error", "warning", "ok").index(self.level)
        return loudest, -SEVERITY.index(self.status), 0.0 if math.isnan(delta) else delta


@dataclass(frozen=True, slots=True)
class Sides:
    """Which run was judged against which."""

    run: str
    """Id."""
    made: str
    """ISO 8601, UTC."""
    baseline: str
    """Id of the run that was accepted."""
    baseline_made: str
    accepted: str
    """When it was accepted."""
    note: str
    """Why."""


UNNAMED = Missing(Reason("gate.unnamed"))


@dataclass(frozen=True, slots=True, repr=False)
class Verdict:
    """What the gate says."""

    status: Status
    """That of the worst line that counts, whether the policy accepts it or not."""
    findings: tuple[GateLine, ...]
    """Losses before gains: the worst first."""
    sides: Sides | Missing = UNNAMED
    labels: Mapping[SystemName, str] = field(default_factory=dict)
    """What people call the systems; of one that is in both runs, as the candidate has it."""
    build: BuildTest | Missing = NO_RECORD

    def __repr__(self) -> str:
        """One line, whatever was found."""
        counting = [item for item in self.findings if item.blocking]
        failing = sum(not item.accepted and item.status not in {"pass", "note"} for item in counting)
        return f"<Verdict {self.status}: {failing} of {len(counting)} checks failed>"

    @property
    def failing(self) -> Status:
        """That of the worst line that counts and is not accepted; ``pass`` where there is none."""
        counting: list[Status] = [
            item.status for item in self.findings if item.blocking and not item.accepted and item.status != "note"
        ]
        return max(counting, key=SEVERITY.index, default="pass")

    @property
    def passed(self) -> bool:
        """Whether the run is let through."""
        return self.failing == "pass"

    def to_frame(self) -> pd.DataFrame:
        """One row per line, its reason by key; NaN where nothing was measured."""
        import pandas as pd

        return pd.DataFrame([_row(item) for item in self.findings])


def _row(line: GateLine) -> dict[str, str | float | bool]:
    row: dict[str, str | float | bool] = {
        "status": line.status,
        "blocking": line.blocking,
        "accepted": line.accepted,
        "pair": line.pair,
        "system": line.system,
        "metric": line.metric,
        "flag": line.flag,
        "slice": f"{line.slice.key}={line.slice.value}" if line.slice else "",
    }
    numbers, nan = line.numbers, float("nan")
    measured = isinstance(numbers, Numbers)
    interval = numbers.interval if isinstance(numbers, Numbers) else nan
    row |= {name: getattr(numbers, name) if measured else nan for name in ("before", "after", "delta", "margin")}
    row |= {
        "low": interval.low if isinstance(interval, Interval) else nan,
        "high": interval.high if isinstance(interval, Interval) else nan,
    }
    return row | {"reason": line.reason.key}
