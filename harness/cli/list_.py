"""``harness list``: what there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from harness.cli import complete
from harness.cli.options import ListingFormat, WorkspaceOption, chosen_format
from harness.cli.shared import print_json
from harness.cli.streams import say_line
from harness.errors import UsageError, so_many

UNREADABLE = 2


COLUMNS = {
    "systems": ("name", "engine", "pairs", "label"),
    "references": ("pair", "article", "segments", "with_reference", "title"),
    "runs": ("id", "status", "created", "pairs", "name"),
}
"""Names of the fields; what plug-ins bring has a name only."""

LISTED = ["systems", "references", "metrics", "engines", "checks", "importers", "exporters", "reports", "runs"]

Row = tuple[object, ...]


def list_things(
    what: Annotated[
        str,
        typer.Argument(
            metavar="WHAT",
            help=f"{', '.join(LISTED[:-1])} or {LISTED[-1]}.",
            autocompletion=complete.words(*LISTED),
        ),
    ],
    format: ListingFormat = "terminal",  # noqa: A002 - the flag's name
    workspace: WorkspaceOption = Path(),
) -> None:
    """List systems, references, runs, or what is installed.

    One per line, fields separated by tabs; as JSON, a list of objects.
    """
    shown_as = chosen_format(format, ("terminal", "json"))
    listed = _listed(what)
    listings = {"systems": _systems, "references": _references, "runs": _runs}
    rows = listings[listed](workspace) if listed in listings else _plugins(listed)
    columns = COLUMNS.get(listed, ("name",))
    if shown_as == "json":
        print_json([dict(zip(columns, fields, strict=True)) for fields in rows])
        return
    for fields in rows:
        typer.echo("\t".join(_cell(*pair) for pair in zip(columns, fields, strict=True)))


def _listed(what: str) -> str:
    """What a word means; ``engine`` means the engines."""
    named = what if what in LISTED else f"{what}s"
    if named not in LISTED:
        from harness.workspace.registry import suggestion

        raise UsageError(f"unknown WHAT '{what}'", hint=suggestion(what, LISTED))
    return named


def _cell(column: str, value: object) -> str:
    if column == "pairs" and isinstance(value, list):
        return " ".join(map(str, value)) or "all pairs"
    return {
        "segments": so_many(value, "segment") if isinstance(value, int) else f"{value} segments",
        "with_reference": f"{value} with a reference",
    }.get(column, str(value))


def _plugins(group: str) -> Iterator[Row]:
    from harness.checks.load import OURS
    from harness.workspace.registry import names

    for name in sorted(names(group), key=lambda name: OURS.index(name) if name in OURS else len(OURS)):
        yield (name,)


def _systems(workspace: Path) -> Iterator[Row]:
    from harness.engines.load import load_systems
    from harness.workspace.folder import open_workspace

    for system in load_systems(open_workspace(workspace).systems, programs=False):
        yield system.name, system.engine_name, [str(pair) for pair in system.pairs], system.label


def _references(workspace: Path) -> Iterator[Row]:
    from harness.corpus.native import read_workspace
    from harness.workspace.folder import open_workspace

    for corpus in read_workspace(open_workspace(workspace).references):
        for article in corpus.articles:
            referenced = sum(bool(segment.references) for segment in article.segments)
            title = article.meta.get("title", "")
            yield str(corpus.pair), article.id, len(article.segments), referenced, title


def _runs(workspace: Path) -> Iterator[Row]:
    from harness.errors import StoreError
    from harness.store.runs.directory import load_run
    from harness.store.runs.heads import list_runs

    unreadable = False
    for folder in list_runs(workspace / "reports" / "runs"):
        try:
            run = load_run(folder)
        except StoreError as error:
            say_line(f"error: {error}")
            unreadable = True
            continue
        pairs = [f"{pair.pair}:{so_many(len(pair.systems), 'system')}" for pair in run.pairs]
        yield run.id, run.status, run.created, pairs, run.name
    if unreadable:
        raise typer.Exit(UNREADABLE)
