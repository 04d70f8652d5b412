"""``harness gate``: did it get worse than the accepted baseline?"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from harness.cli import complete
from harness.cli.baseline import BaselineOption, baseline_path
from harness.cli.options import (
    EveryOption,
    MessagesOption,
    OutputsOption,
    RunArgument,
    RunOption,
    TierOption,
    UnitOption,
    WorkspaceOption,
    chosen_format,
    chosen_run,
    format_option,
)
from harness.cli.report_files import named_files
from harness.cli.shared import given_text, in_sight, split_commas
from harness.cli.streams import emit, say_line, show

FORMATS = ("terminal", "md", "json", "junit", "github")

SUFFIXES = {".txt": "terminal", ".md": "md", ".json": "json", ".xml": "junit"}

REGRESSED = 1
UNDECIDED = 3


def gate(
    *,
    run: RunArgument = None,
    run_option: RunOption = None,
    candidate: Annotated[
        str | None,
        typer.Option("--candidate", metavar="RUN", help="The same as RUN.", autocompletion=complete.runs),
    ] = None,
    baseline: BaselineOption = None,
    margin: Annotated[
        list[str],
        typer.Option(
            "--margin",
            metavar="METRIC=N",
            help="Accept a loss of up to N points. Repeatable.",
            autocompletion=complete.margins,
        ),
    ] = [],
    metric: Annotated[
        list[str],
        typer.Option(
            "--metric",
            metavar="NAME",
            help="Check only this metric, and let it decide. Repeatable.",
            autocompletion=complete.metrics,
        ),
    ] = [],
    system: Annotated[
        list[str],
        typer.Option(
            "--system",
            metavar="NAME[=OLD]",
            help="Check only this system, against OLD in the baseline. Repeatable.",
            autocompletion=complete.systems,
        ),
    ] = [],
    tier: TierOption = None,
    max_flagged: Annotated[
        list[str],
        typer.Option(
            "--max-flagged",
            metavar="KIND=N",
            help="Allow N segments of a system with this flag. Repeatable.",
            autocompletion=complete.flag_limits,
        ),
    ] = [],
    unit: UnitOption = None,
    accept: Annotated[
        list[str],
        typer.Option(
            "--accept",
            metavar="VERDICT",
            help="Exit with 0 on this verdict too: inconclusive, incomplete or incomparable; none overrides "
            "harness.toml. Repeatable.",
            autocompletion=complete.words("inconclusive", "incomplete", "incomparable", "none"),
        ),
    ] = [],
    builds: Annotated[
        int | None,
        typer.Option(
            "--builds",
            metavar="N",
            min=1,
            help="Plan for N builds against this baseline: all together raise a false alarm in at most 5 % of cases.",
        ),
    ] = None,
    format: Annotated[str | None, format_option(*FORMATS)] = None,  # noqa: A002 - the flag's name
    output: OutputsOption = [],
    messages: MessagesOption = None,
    every: EveryOption = False,
    workspace: WorkspaceOption = Path(),
) -> None:
    """Check a run against the baseline.

    Exit code 0 pass or accepted, 1 regressed, 3 inconclusive, incomplete or incomparable.
    """
    from harness import api
    from harness.reports.formats.gate import FORMATS as RENDERERS
    from harness.reports.formats.gate_screen import gate_blocks
    from harness.reports.words.messages import english, read_catalogue, speaking
    from harness.store.files import write_named

    chosen = None if format is None else chosen_format(format, FORMATS)
    files = named_files(chosen, output, SUFFIXES)
    shown_as = chosen or "terminal"
    catalogue = english() if messages is None else read_catalogue(messages)
    with in_sight("statistics"):
        verdict = api.gate(
            chosen_run(run, run_option, candidate),
            baseline_path(workspace, baseline),
            workspace=workspace,
            margins=_numbers(margin, "--margin", "bleu=1"),
            metrics=split_commas(metric, "--metric"),
            systems=_pairs_of(system),
            tier=given_text(tier, "--tier"),
            max_flagged=_counts(max_flagged),
            unit=given_text(unit, "--unit"),
            accept=split_commas(accept, "--accept"),
            builds=builds,
        )
    with speaking(catalogue):
        if not files and shown_as == "terminal":
            show(lambda _: gate_blocks(verdict, every=every))
        elif not files:
            emit(RENDERERS[shown_as](verdict).encode("utf-8"), shown_as)
        for name, file in files:
            write_named(file, RENDERERS[name](verdict).encode("utf-8"))
            say_line(f"{verdict.status}: {file}")
    if not verdict.passed:
        raise typer.Exit(REGRESSED if verdict.failing == "regressed" else UNDECIDED)


def _pairs_of(values: Iterable[str]) -> dict[str, str]:
    """``["new=old", "same"]`` as candidate's name to baseline's."""
    names = [name.split("=", 1) for name in split_commas(values, "--system")]
    return {parts[0]: parts[-1] for parts in names}


def _numbers(given: Iterable[str], flag: str, example: str) -> dict[str, float]:
    """``["bleu=1"]`` as numbers.

    Raises:
        UsageError: not NAME=NUMBER.
    """
    import math

    from harness.errors import UsageError

    numbers = {}
    for text in given:
        name, _, value = text.partition("=")
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not name or not math.isfinite(number) or number < 0:
            raise UsageError(f"{flag} {text}: expected NAME=VALUE with a value of at least 0", hint=f"{flag} {example}")
        numbers[name] = number
    return numbers


def _counts(given: Iterable[str]) -> dict[str, int]:
    from harness.errors import UsageError

    numbers = _numbers(given, "--max-flagged", "wrong_language=0")
    for name, number in numbers.items():
        if number != int(number):
            raise UsageError(f"--max-flagged {name}={number:g}: expected a whole number of segments", hint=f"{name}=0")
    return {name: int(number) for name, number in numbers.items()}
