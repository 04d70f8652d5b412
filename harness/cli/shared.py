"""Options that several commands have, and small helpers for them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.executors.load import ExecutorChoice
    from harness.types import Money, Unknown

WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", "-C", help="The folder with references/, systems/ and reports/.")
]
RUN_HELP = (
    "Run id (or its beginning), path, or 'latest', the last complete and unfiltered one. Default: the run made last."
)
RunArgument = Annotated[str, typer.Argument(metavar="[RUN]", help=RUN_HELP)]
PairOption = Annotated[list[str], typer.Option("--pair", help="Only this language pair, e.g. de-en. Repeatable.")]
SystemOption = Annotated[list[str], typer.Option("--system", help="Only this system. Repeatable.")]
ArticleOption = Annotated[list[str], typer.Option("--article", help="Only this article. Repeatable.")]
SkipOption = Annotated[
    list[str], typer.Option("--skip-article", help="Leave this article out for every system. Repeatable.")
]
MetricOption = Annotated[
    list[str], typer.Option("--metric", help="Metrics, comma-separated or repeated. Default: harness.toml.")
]
CometModelOption = Annotated[
    str, typer.Option("--comet-model", help="COMET checkpoint: hub name or path (.ckpt file or folder).")
]
OfflineOption = Annotated[
    bool, typer.Option("--offline", help="Ask no service, and run no program that a system file names.")
]
SliceOption = Annotated[
    list[str],
    typer.Option("--slice", help="Also by length, position, or a key of the articles' metadata such as domain."),
]
UnitOption = Annotated[
    str,
    typer.Option(
        "--unit",
        metavar="article|segment",
        help="What the statistics take as independent: article, or segment for a list of independent sentences.",
    ),
]
TierOption = Annotated[
    str, typer.Option("--tier", help="cheap (no metric that needs a model), full, or one of [gate.tiers].")
]
MessagesOption = Annotated[
    Path | None,
    typer.Option("--messages", metavar="FILE", help="A TOML file with the words that are shown, for another language."),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]


MaxCostOption = Annotated[
    float | None,
    typer.Option("--max-cost", help="Hard limit on what all requests together may cost.", show_default="none"),
]
CurrencyOption = Annotated[str, typer.Option("--currency", help="Currency of --max-cost.")]


ExecutorOption = Annotated[
    str, typer.Option("--executor", help="Where models run: local, or ray for a cluster; the results are the same.")
]
RayAddressOption = Annotated[
    str,
    typer.Option(
        "--ray-address", help="A running cluster: auto, HOST:PORT or ray://HOST:PORT. Without it one is started here."
    ),
]
WorkersOption = Annotated[
    int, typer.Option("--workers", min=0, help="Workers of the cluster; 0 for one per core, or per graphics card.")
]


def executor_choice(name: str, ray_address: str, workers: int) -> ExecutorChoice:
    """What ``--executor``, ``--ray-address`` and ``--workers`` say.

    Raises:
        UsageError: they do not go together, or ray is not installed.
    """
    from harness.executors.load import ExecutorChoice, check_choice

    choice = ExecutorChoice(name, ray_address, workers)
    check_choice(choice)
    return choice


def money_cap(amount: float | None, currency: str) -> Money | None:
    """The limit on money; None when there is none.

    Raises:
        UsageError: the amount is negative, infinite or not a number.
    """
    from harness.translation.budget import check_cap
    from harness.types import Money

    if amount is None:
        return None
    check_cap(amount)
    return Money(amount, currency)


def format_money(cost: Money | Unknown) -> str:
    """An amount for a table; unknown amounts say why."""
    from harness.reports.words.reasons import sentence
    from harness.types import Unknown

    if isinstance(cost, Unknown):
        return f"unknown: {sentence(cost.why)}"
    return f"{cost.amount:.4f} {cost.currency}".rstrip()


def split_commas(values: Iterable[str]) -> tuple[str, ...]:
    """``["bleu,chrf", "ter"]`` becomes ``("bleu", "chrf", "ter")``; order kept, repetitions dropped.

    Raises:
        UsageError: a value names nothing, as an empty variable of a shell does; it must not be taken for "all".
    """
    found: dict[str, None] = {}
    for value in values:
        parts = [part.strip() for part in value.split(",") if part.strip()]
        if not parts:
            raise UsageError(f"'{value}' names nothing", hint="leave the option out to get its default")
        found |= dict.fromkeys(parts)
    return tuple(found)


def tell(remark: str) -> None:
    """Say something on stderr that is no error."""
    typer.echo(f"note: {remark}", err=True)


def comet_options(model: str) -> dict[str, dict[str, str]]:
    """Metric options for ``--comet-model``; empty when it was not given."""
    return {"comet": {"model": model}} if model else {}
