"""``harness gate``: did it get worse than the accepted baseline?"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.baseline import BaselineOption, baseline_path
from harness.cli.shared import WorkspaceOption, split_commas

if TYPE_CHECKING:
    from harness.config import GateFile
    from harness.runs.result import Run
    from harness.verdict import Policy

REGRESSED = 1
UNDECIDED = 3


def gate(
    *,
    baseline: BaselineOption = None,
    candidate: Annotated[
        str, typer.Option("--candidate", help="Run id (or its beginning), path, or 'latest'.")
    ] = "latest",
    margin: Annotated[
        list[str], typer.Option("--margin", help="METRIC=VALUE: a loss still accepted, in points. Repeatable.")
    ] = [],
    metric: Annotated[
        list[str], typer.Option("--metric", help="Judge only these metrics, and let each of them decide.")
    ] = [],
    system: Annotated[
        list[str], typer.Option("--system", help="NAME or NAME=BASELINE_NAME: judge only these. Repeatable.")
    ] = [],
    format: Annotated[str, typer.Option("--format", help="terminal, md, json, junit or github.")] = "terminal",  # noqa: A002 - the flag's name
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file, not to stdout.")] = None,
    workspace: WorkspaceOption = Path(),
) -> None:
    """Judge a run against the baseline. Exit code 0 pass, 1 regressed, 3 when that cannot be said."""
    import sys
    from datetime import UTC, datetime

    from harness.baseline import load_baseline
    from harness.config import WorkspaceFile, load_model
    from harness.errors import UsageError
    from harness.gate_rules import judge_run
    from harness.reports.gate import FORMATS
    from harness.runs.directory import find_run, load_run, write_atomically

    if format not in FORMATS:
        raise UsageError(f"unknown format '{format}'", hint=", ".join(FORMATS))
    if output is not None and (output.is_dir() or not output.parent.is_dir()):
        raise UsageError(f"-o {output}: not a file in an existing folder", hint="name a file, and make its folder")
    kept = load_baseline(baseline_path(workspace, baseline))
    path = workspace / "harness.toml"
    settings = load_model(WorkspaceFile, path) if path.exists() else WorkspaceFile()
    policy = _policy(settings.gate, kept.run, margin, metric, system)
    run = load_run(find_run(workspace / "reports" / "runs", candidate))
    verdict = judge_run(run, kept.run, policy, seed=settings.seed, accepted=kept.accepted, now=datetime.now(UTC))
    data = FORMATS[format](verdict).encode("utf-8")
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        write_atomically(output, data)
        typer.echo(f"{verdict.status}: {output}", err=True)
    if verdict.status != "pass":
        raise typer.Exit(REGRESSED if verdict.status == "regressed" else UNDECIDED)


def _policy(
    settings: GateFile, baseline: Run, margin: Iterable[str], metric: Iterable[str], system: Iterable[str]
) -> Policy:
    """What ``harness.toml`` says, with what the command line says on top."""
    from harness.types import SystemName
    from harness.verdict import Policy

    names = [name.split("=", 1) for name in split_commas(system)]
    return Policy(
        margins={**settings.margin, **_margins(margin, {name for pair in baseline.pairs for name in pair.metrics})},
        deciding=settings.metrics,
        only=split_commas(metric),
        systems={SystemName(parts[0]): SystemName(parts[-1]) for parts in names},
        slices=settings.slices,
        max_age_days=settings.max_age_days,
    )


def _margins(given: Iterable[str], known: set[str]) -> dict[str, float]:
    """``["bleu=1"]`` as numbers.

    Raises:
        UsageError: not a number of at least 0, or no metric of the baseline: a misspelt margin would change nothing.
    """
    import math

    from harness.errors import UsageError

    margins = {}
    for text in given:
        name, _, value = text.partition("=")
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not (math.isfinite(number) and number >= 0):
            raise UsageError(f"--margin {text}: not METRIC=VALUE with a value of at least 0", hint="--margin bleu=1")
        if name not in known:
            raise UsageError(f"--margin {text}: no metric '{name}' in the baseline", hint=", ".join(sorted(known)))
        margins[name] = number
    return margins
