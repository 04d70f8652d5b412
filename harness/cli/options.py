"""Options that several commands have, each declared once: alike in name, value, help and completion.

An option that was not given is None, or an empty list where it can be repeated; no other value stands for "not given".
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from harness.cli import complete
from harness.errors import UsageError

ALIASES = {"text": "terminal", "table": "terminal", "markdown": "md"}
"""Other names of formats, as some commands once called them."""

REPORT_FORMATS = ("terminal", "md", "json", "csv", "html", "latex", "parquet", "xlsx", "junit")
"""Formats of a run for ``--help`` and completion; plug-ins add others."""

RUN_KINDS = (
    "The run: its id or the beginning of it, its name, its folder, or 'latest', the last complete and unfiltered one."
)
RUN_HELP = f"{RUN_KINDS} Default: the most recent run."
UNIT_HELP = "What counts as independent: article, or segment for a list of independent sentences."

WorkspaceOption = Annotated[
    Path,
    typer.Option("--workspace", "-C", metavar="DIR", help="The folder with references/, systems/ and reports/."),
]
RunArgument = Annotated[
    str | None, typer.Argument(metavar="RUN", help=RUN_HELP, autocompletion=complete.runs, show_default=False)
]
RunsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="RUN", help=f"{RUN_HELP} Several: earliest first.", autocompletion=complete.runs, show_default=False
    ),
]
RunOption = Annotated[
    str | None, typer.Option("--run", metavar="RUN", help="The same as RUN.", autocompletion=complete.runs)
]
RunsOption = Annotated[
    list[str],
    typer.Option("--run", metavar="RUN", help="The same as RUN. Repeatable.", autocompletion=complete.runs),
]
DecidingOption = Annotated[
    str | None,
    typer.Option("--metric", metavar="NAME", help="The metric that decides.", autocompletion=complete.metrics),
]
PairOption = Annotated[
    list[str],
    typer.Option(
        "--pair", metavar="PAIR", help="Only this language pair, e.g. de-en. Repeatable.", autocompletion=complete.pairs
    ),
]
SystemOption = Annotated[
    list[str],
    typer.Option("--system", metavar="NAME", help="Only this system. Repeatable.", autocompletion=complete.systems),
]
ArticleOption = Annotated[
    list[str],
    typer.Option("--article", metavar="NAME", help="Only this article. Repeatable.", autocompletion=complete.articles),
]
SkipOption = Annotated[
    list[str],
    typer.Option(
        "--skip-article",
        metavar="NAME",
        help="Leave this article out for every system. Repeatable.",
        autocompletion=complete.articles,
    ),
]
MetricOption = Annotated[
    list[str],
    typer.Option(
        "--metric",
        metavar="NAME",
        help="Only this metric. Repeatable, or separated by commas. Default: harness.toml.",
        autocompletion=complete.metrics,
    ),
]
CometModelOption = Annotated[
    str | None,
    typer.Option("--comet-model", metavar="MODEL", help="COMET checkpoint: hub name or path (.ckpt file or folder)."),
]
OfflineOption = Annotated[bool, typer.Option("--offline", help="Send no requests, and run no programs.")]
HumanOption = Annotated[
    str | None,
    typer.Option(
        "--human",
        metavar="METRIC",
        help="The scores given by people; shows how well other metrics agree with them.",
    ),
]
SliceOption = Annotated[
    list[str],
    typer.Option(
        "--slice",
        metavar="KEY",
        help="Also show slices by length, position, or a metadata key such as domain. Repeatable.",
        autocompletion=complete.words("length", "position"),
    ),
]
UnitOption = Annotated[
    str | None,
    typer.Option(
        "--unit", metavar="article|segment", help=UNIT_HELP, autocompletion=complete.words("article", "segment")
    ),
]
TierOption = Annotated[
    str | None,
    typer.Option(
        "--tier",
        metavar="NAME",
        help="cheap (no metric that needs a model), full, or one of [gate.tiers].",
        autocompletion=complete.tiers,
    ),
]
SeedOption = Annotated[
    int | None,
    typer.Option("--seed", metavar="N", min=0, help="Random seed. Default: that of the run."),
]
MessagesOption = Annotated[
    Path | None,
    typer.Option("--messages", metavar="FILE", help="A TOML file with the messages in another language."),
]
EveryOption = Annotated[bool, typer.Option("--all", help="List everything, however long.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]
MAX_PORT = 65_535
PortOption = Annotated[
    int | None, typer.Option("--port", metavar="N", min=0, max=MAX_PORT, help="Port. Default: any free port.")
]
OpenPageOption = Annotated[bool, typer.Option("--open", help="Open the page in the browser.")]
OutputsOption = Annotated[
    list[Path],
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write to this file, not to stdout, in the format its suffix names. Repeatable.",
    ),
]
DocidsOption = Annotated[
    Path | None,
    typer.Option("--docids", metavar="FILE", help="Article of every line: docid, or domain<TAB>docid."),
]
NameOption = Annotated[
    str | None, typer.Option("--name", metavar="TEXT", help='Name the run, e.g. "release 1.4", to use it as RUN.')
]
GlossaryOption = Annotated[
    Path | None,
    typer.Option("--glossary", metavar="FILE", help="Required terms: term, tab, translation, one per line."),
]
OverlapOption = Annotated[
    list[Path],
    typer.Option(
        "--overlap",
        metavar="FILE",
        help="Find segments that are also in this training data or translation memory: text or TMX. Repeatable.",
    ),
]

JudgeSampleOption = Annotated[
    float | None,
    typer.Option("--judge-sample", metavar="SHARE", help="Judge only this share of every article, such as 0.2."),
]

MaxCostOption = Annotated[
    float | None,
    typer.Option("--max-cost", metavar="AMOUNT", min=0, help="Hard limit on what all requests together may cost."),
]
CurrencyOption = Annotated[str, typer.Option("--currency", metavar="CODE", help="Currency of --max-cost.")]

ExecutorOption = Annotated[
    str,
    typer.Option(
        "--executor",
        metavar="NAME",
        help="Where models run: local, or ray for a cluster. The results are the same.",
        autocompletion=complete.words("local", "ray"),
    ),
]
RayAddressOption = Annotated[
    str | None,
    typer.Option(
        "--ray-address",
        metavar="ADDRESS",
        help="A running cluster: auto, HOST:PORT or ray://HOST:PORT. Default: start one on this machine.",
    ),
]
WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers", metavar="N", min=1, help="Workers of the cluster. Default: one per core, or per graphics card."
    ),
]


def format_option(*names: str, also: str = "") -> Any:
    """``--format`` of a command that knows these formats; ``also`` is said after them."""
    listed = f"{', '.join(names[:-1])} or {names[-1]}"
    return typer.Option("--format", metavar="FORMAT", help=f"{listed}{also}.", autocompletion=complete.words(*names))


def report_format_option(also: str = "") -> Any:
    """``--format`` of a command that renders runs, plug-ins included; ``also`` is said after them."""
    listed = f"{', '.join(REPORT_FORMATS[:-1])} or {REPORT_FORMATS[-1]}"
    return typer.Option("--format", metavar="FORMAT", help=f"{listed}{also}.", autocompletion=complete.report_formats)


ListingFormat = Annotated[str, format_option("terminal", "json")]
"""``--format`` of commands that list something."""


def chosen_format(given: str, known: Sequence[str]) -> str:
    """The name of a format among those a command knows; ``text`` and ``table`` are ``terminal``.

    Raises:
        UsageError: the command has no such format.
    """
    from harness.workspace.registry import suggestion

    name = ALIASES.get(given, given)
    if name not in known:
        raise UsageError(f"unknown format '{given}'", hint=suggestion(given, list(known)))
    return name


def chosen_run(argument: str | None, *options: str | None) -> str:
    """The run that RUN or an option names; empty where none does, which is the run made last.

    Raises:
        UsageError: they name different runs, or one is empty, as an unset variable of a shell is.
    """
    given = [name for name in (argument, *options) if name is not None]
    if any(not name.strip() for name in given):
        raise UsageError("the name of the run is empty", hint="leave out RUN to use the most recent run")
    if len(set(given)) > 1:
        raise UsageError(f"two runs are named, {given[0]} and {given[1]}", hint="give RUN or --run, not both")
    return given[0] if given else ""


def chosen_runs(arguments: Sequence[str] | None, options: Sequence[str]) -> list[str]:
    """The runs that are named by RUN and ``--run``, in this order.

    Raises:
        UsageError: a name is empty.
    """
    return [chosen_run(name) for name in (*(arguments or ()), *options)]
