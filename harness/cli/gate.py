"""``harness gate``: did it get worse than the accepted baseline?"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.baseline import BaselineOption, baseline_path
from harness.cli.shared import MessagesOption, RunArgument, TierOption, UnitOption, WorkspaceOption, split_commas
from harness.cli.streams import emit

REGRESSED = 1
UNDECIDED = 3


def gate(
    *,
    run: RunArgument = "",
    baseline: BaselineOption = None,
    candidate: Annotated[str, typer.Option("--candidate", help="The same as RUN.")] = "",
    margin: Annotated[
        list[str], typer.Option("--margin", help="METRIC=VALUE: a loss still accepted, in points. Repeatable.")
    ] = [],
    metric: Annotated[
        list[str], typer.Option("--metric", help="Judge only these metrics, and let each of them decide.")
    ] = [],
    system: Annotated[
        list[str], typer.Option("--system", help="NAME or NAME=BASELINE_NAME: judge only these. Repeatable.")
    ] = [],
    tier: TierOption = "",
    max_flagged: Annotated[
        list[str], typer.Option("--max-flagged", help="KIND=N: at most N segments of a system flagged so. Repeatable.")
    ] = [],
    unit: UnitOption = "",
    accept: Annotated[
        list[str],
        typer.Option(
            "--accept",
            help="Exit with 0 on these verdicts too: inconclusive, incomplete, incomparable; none overrides "
            "harness.toml. Repeatable.",
        ),
    ] = [],
    format: Annotated[str, typer.Option("--format", help="terminal, md, json, junit or github.")] = "terminal",  # noqa: A002 - the flag's name
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write to this file, not to stdout.")] = None,
    messages: MessagesOption = None,
    workspace: WorkspaceOption = Path(),
) -> None:
    """Judge a run against the baseline. Exit code 0 pass or accepted, 1 regressed, 3 when that cannot be said."""
    from harness import api
    from harness.errors import UsageError
    from harness.reports.formats.gate import FORMATS
    from harness.reports.words.messages import english, read_catalogue, speaking
    from harness.store.files import write_atomically

    if format not in FORMATS:
        raise UsageError(f"unknown format '{format}'", hint=", ".join(FORMATS))
    if output is not None and (output.is_dir() or not output.parent.is_dir()):
        raise UsageError(f"-o {output}: not a file in an existing folder", hint="name a file, and make its folder")
    if run and candidate and run != candidate:
        raise UsageError(f"two runs are named, {run} and {candidate}", hint="give RUN or --candidate")
    catalogue = english() if messages is None else read_catalogue(messages)
    verdict = api.gate(
        run or candidate,
        baseline_path(workspace, baseline),
        workspace=workspace,
        margins=_numbers(margin, "--margin", "bleu=1"),
        metrics=split_commas(metric),
        systems=_pairs_of(system),
        tier=tier,
        max_flagged=_counts(max_flagged),
        unit=unit,
        accept=split_commas(accept),
    )
    with speaking(catalogue):
        data = FORMATS[format](verdict).encode("utf-8")
    if output is None:
        emit(data, format)
    else:
        write_atomically(output, data)
        typer.echo(f"{verdict.status}: {output}", err=True)
    if not verdict.passed:
        raise typer.Exit(REGRESSED if verdict.failing == "regressed" else UNDECIDED)


def _pairs_of(values: Iterable[str]) -> dict[str, str]:
    """``["new=old", "same"]`` as candidate's name to baseline's."""
    names = [name.split("=", 1) for name in split_commas(values)]
    return {parts[0]: parts[-1] for parts in names}


def _numbers(given: Iterable[str], flag: str, example: str) -> dict[str, float]:
    """``["bleu=1"]`` as numbers.

    Raises:
        UsageError: not NAME=NUMBER.
    """
    import math

    from harness.errors import UsageError

    found = {}
    for text in given:
        name, _, value = text.partition("=")
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not name or not math.isfinite(number) or number < 0:
            raise UsageError(f"{flag} {text}: not NAME=VALUE with a value of at least 0", hint=f"{flag} {example}")
        found[name] = number
    return found


def _counts(given: Iterable[str]) -> dict[str, int]:
    from harness.errors import UsageError

    found = _numbers(given, "--max-flagged", "wrong_language=0")
    for name, number in found.items():
        if number != int(number):
            raise UsageError(f"--max-flagged {name}={number:g}: not a number of segments", hint=f"{name}=0")
    return {name: int(number) for name, number in found.items()}
