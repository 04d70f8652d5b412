"""The builds that are gated against one baseline: each is noted before it is judged, and its verdict afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from harness.analysis.gate.builds import build_lines, level_of, what_is_tested
from harness.analysis.gate.verdict import NO_PLAN, NO_RECORD, BuildTest, Policy, Verdict
from harness.errors import StoreError, UsageError
from harness.store.baseline import Baseline
from harness.store.builds import BuildFile, CheckFile, Locked, folder_of, identity_of, write_build
from harness.store.runs.result import Run
from harness.types import Missing


class Counted:
    """One build while it is judged.

    The place is taken, and the record written, before the gate looks at a score: two jobs that are at it at the same
    time take two places, and one that is killed has spent its own.
    """

    def __init__(
        self, workspace: Path, baseline: Baseline, run: Run, policy: Policy, *, seed: int, planned: int | None
    ) -> None:
        """Take a place among the builds.

        Raises:
            UsageError: the builds were planned otherwise before.
            StoreError: there is a plan, and the records cannot be read or written.
        """
        self._folder = folder_of(workspace, baseline)
        self._file: BuildFile | None = None
        self.policy = policy
        tested = what_is_tested(run, policy, "candidate", seed)
        unchanged = tested == what_is_tested(baseline.run, policy, "baseline", seed)
        try:
            self._take_place(identity_of(baseline), run.id, tested, planned, unchanged=unchanged)
        except StoreError:
            if planned is not None:
                raise
            # Who planned nothing is only told how often the baseline was tested against, where that can be known.
            self.policy = replace(policy, build=NO_RECORD)

    def _take_place(self, baseline: str, run: str, tested: str, planned: int | None, *, unchanged: bool) -> None:
        with Locked(self._folder) as builds:
            if planned is not None and builds.planned not in (None, planned):
                raise UsageError(
                    f"the builds of this baseline are planned for {builds.planned}, not for {planned}: "
                    "a plan that is changed on the way spends more than 5 %",
                    hint=f"--builds {builds.planned}, or begin anew: harness baseline accept RUN",
                )
            before = builds.tested(tested)
            number = 0 if unchanged else before.number if before else builds.numbered + 1
            plan = NO_PLAN if planned is None else planned
            since = builds.files[0].checked if builds.files else _now()
            again = "" if before is None or unchanged else before.same_as or before.run
            build = BuildTest(number, plan, level_of(number, plan), since, builds.lost, again if again != run else "")
            self.policy = replace(self.policy, build=build)
            self._file = BuildFile(
                baseline=baseline, run=run, checked=_now(), tested=tested, number=number, planned=planned,
                level=build.level, same_as=build.same_as,
            )  # fmt: skip
            write_build(self._folder, self._file)

    def judged(self, verdict: Verdict) -> None:
        """Note the verdict.

        Raises:
            StoreError: there is a plan, and the record cannot be written.
        """
        if self._file is None:
            return
        checks = tuple(
            CheckFile(
                pair=line.pair,
                system=line.system,
                metric=line.metric,
                slice_key=line.slice.key,
                slice_value=line.slice.value,
                delta=None if isinstance(line.delta, Missing) else line.delta,
                margin=line.margin,
                p_loss=None if isinstance(line.p_loss, Missing) else line.p_loss,
                status=line.status,
            )
            for line in build_lines(verdict.findings)
        )
        write_build(self._folder, self._file.model_copy(update={"verdict": verdict.status, "checks": checks}))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
