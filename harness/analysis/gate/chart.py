"""The run chart of a baseline: every build that was tested against it, in order, with the loss of each check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC

from harness.analysis.gate.builds import BuildLine
from harness.analysis.gate.verdict import NO_PLAN, NOT_MEASURED, Slice
from harness.analysis.stats.builds import ALPHA, RULE, false_alarm
from harness.store.baseline import Baseline
from harness.store.builds import BuildFile, Builds, CheckFile
from harness.types import Missing


@dataclass(frozen=True, slots=True)
class ChartedBuild:
    """One build."""

    number: int
    """Which of the builds with outputs of their own it is; 0 for one with those of the baseline."""
    run: str
    checked: str
    """ISO 8601, UTC."""
    verdict: str
    """Empty where the gate was stopped."""
    level: float
    """One-sided, of all its checks together."""
    same_as: str
    """The run that had the same outputs before; empty: none had."""
    checks: tuple[BuildLine, ...]


@dataclass(frozen=True, slots=True)
class BuildChart:
    """All builds of one baseline."""

    baseline: str
    """Id of its run."""
    accepted: str
    """ISO 8601, UTC."""
    planned: int | Missing
    builds: tuple[ChartedBuild, ...]
    """By when they were checked."""
    numbered: int
    """Builds with outputs of their own."""
    lost: int
    """Those of them that have no record."""
    rule: str = RULE
    alpha: float = ALPHA

    @property
    def false_alarm(self) -> float:
        """The most that at least one false alarm is likely with a margin of 0, if no build lost anything."""
        return false_alarm(self.numbered) if isinstance(self.planned, Missing) else self.alpha

    def series(self) -> dict[tuple[str, str, str, str], list[tuple[ChartedBuild, BuildLine]]]:
        """Pair, system, metric and slice (``key=value``) to the builds that were tested on it."""
        found: dict[tuple[str, str, str, str], list[tuple[ChartedBuild, BuildLine]]] = {}
        for build in self.builds:
            for check in build.checks:
                part = f"{check.slice.key}={check.slice.value}" if check.slice else ""
                found.setdefault((check.pair, check.system, check.metric, part), []).append((build, check))
        return found


def build_chart(baseline: Baseline, builds: Builds) -> BuildChart:
    """The run chart of a baseline, from the records of its builds."""
    return BuildChart(
        baseline.run.id,
        baseline.accepted.astimezone(UTC).isoformat(timespec="seconds"),
        NO_PLAN if builds.planned is None else builds.planned,
        tuple(_charted(file) for file in builds.files),
        builds.numbered,
        builds.lost,
    )


def _charted(file: BuildFile) -> ChartedBuild:
    checks = tuple(_line(check) for check in file.checks)
    return ChartedBuild(file.number, file.run, file.checked, file.verdict, file.level, file.same_as, checks)


def _line(check: CheckFile) -> BuildLine:
    return BuildLine(
        check.pair,
        check.system,
        check.metric,
        Slice(check.slice_key, check.slice_value),
        NOT_MEASURED if check.delta is None else check.delta,
        check.margin,
        NOT_MEASURED if check.p_loss is None else check.p_loss,
        check.status,
    )
