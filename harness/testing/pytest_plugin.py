"""The regression gate in a pytest suite: the fixture ``harness_gate``, which fails a test unless the verdict is pass.

pytest loads this module wherever the harness is installed, so it imports nothing but pytest; the rest comes with the
first call of the fixture.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from harness.analysis.gate.verdict import Verdict
    from harness.store.runs.result import Run


@dataclass(frozen=True)
class HarnessGate:
    """What the fixture gives."""

    workspace: Path
    """Where a call names none."""
    tier: str
    """The same; empty: the usual one."""

    def __call__(
        self,
        candidate: Run | str | Path = "",
        baseline: str | Path | None = None,
        *,
        workspace: str | Path | None = None,
        margins: Mapping[str, float] | None = None,
        metrics: Sequence[str] = (),
        systems: Mapping[str, str] | None = None,
        tier: str = "",
        max_flagged: Mapping[str, int] | None = None,
        accept: Collection[str] = (),
    ) -> Verdict:
        """Judge a run and fail the test unless the verdict is ``pass`` or one of ``accept``.

        Args:
            candidate: as for ``harness.gate``; a run that ``harness.run`` returned will do.
            baseline: as for ``harness.gate``.
            workspace: None takes the option ``--harness-workspace``, else ``harness_workspace`` of the ini file, else
                pytest's root folder.
            margins: as for ``harness.gate``.
            metrics: as for ``harness.gate``.
            systems: as for ``harness.gate``.
            tier: empty takes the option ``--harness-tier``, unless metrics are given.
            max_flagged: as for ``harness.gate``.
            accept: verdicts beside ``pass`` that let the test go on, such as ``inconclusive``; empty takes those of
                ``harness.toml``.
        """
        __tracebackhide__ = True
        import harness
        from harness.analysis.gate.verdict import ACCEPTABLE, SEVERITY
        from harness.errors import HarnessError
        from harness.reports.formats.gate_screen import headline, to_terminal
        from harness.workspace.printable import shown

        if unknown := sorted(set(accept) - {*SEVERITY[1:]}):
            raise ValueError(f"accept: no verdict is called {', '.join(unknown)}; there are {', '.join(SEVERITY[1:])}")
        try:
            verdict = harness.gate(
                candidate,
                baseline,
                workspace=self.workspace if workspace is None else workspace,
                margins=margins,
                metrics=metrics,
                systems=systems,
                tier=tier or ("" if metrics else self.tier),
                max_flagged=max_flagged,
                accept=[name for name in accept if name in ACCEPTABLE],
            )
        except HarnessError as error:
            raise pytest.fail.Exception(shown(f"{error}\n{error.hint}".rstrip()), pytrace=False) from None
        counting = {item.status for item in verdict.findings if item.blocking and not item.accepted}
        if counting - {"pass", "note", *accept}:
            pytest.fail(shown(f"{headline(verdict)}\n{to_terminal(verdict)}"), pytrace=False)
        return verdict


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the fixture."""
    group = parser.getgroup("harness", "translation-harness")
    group.addoption("--harness-workspace", default="", help="folder with harness.toml and reports/ for harness_gate")
    group.addoption("--harness-tier", default="", help="tier that harness_gate judges: cheap, full or your own")
    parser.addini("harness_workspace", "folder with harness.toml and reports/ for harness_gate", default="")


@pytest.fixture(scope="session")
def harness_gate(pytestconfig: pytest.Config) -> HarnessGate:
    """Judge a run of the harness against the accepted baseline: ``harness_gate()`` fails the test unless it passes."""
    option, ini = pytestconfig.getoption("--harness-workspace"), pytestconfig.getini("harness_workspace")
    usual = Path(option) if option else pytestconfig.rootpath / str(ini)
    return HarnessGate(usual, str(pytestconfig.getoption("--harness-tier")))
