"""``harness cache``: stats, verify, prune, merge, export."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli import complete
from harness.cli.options import ListingFormat, WorkspaceOption, chosen_format
from harness.cli.shared import given_text, print_json
from harness.cli.streams import emit, say_line
from harness.errors import UsageError, so_many

if TYPE_CHECKING:
    from harness.store.cache.answers import Cache

DAMAGED = 2


def _open(workspace: Path) -> AbstractContextManager[Cache]:
    from harness.store.cache.answers import Cache
    from harness.workspace.folder import open_workspace

    path = open_workspace(workspace).cache
    if not path.exists():
        raise UsageError(f"no cache at {path}", hint="to create it: harness run")
    return Cache.open(path)


def stats(
    format: ListingFormat = "terminal",  # noqa: A002 - the flag's name
    workspace: WorkspaceOption = Path(),
) -> None:
    """Count what is kept."""
    shown_as = chosen_format(format, ("terminal", "json"))
    with _open(workspace) as cache:
        counts, path = cache.stats(), cache.path
    if shown_as == "json":
        print_json({"file": str(path), **asdict(counts)})
        return
    typer.echo(f"file\t{path}")
    typer.echo(f"size\t{counts.bytes} bytes")
    typer.echo(f"translations\t{counts.translations}")
    typer.echo(f"source characters\t{counts.characters}")
    typer.echo(f"paid refusals\t{counts.refusals}")
    typer.echo(f"requests\t{counts.requests}")
    typer.echo(f"batch jobs under way\t{counts.open_jobs}")
    typer.echo(f"scores\t{counts.scores}")
    typer.echo(f"statistics and flags\t{counts.derived}")
    for system, count in counts.systems.items():
        typer.echo(f"translations by {system}\t{count}")


def verify(
    format: ListingFormat = "terminal",  # noqa: A002 - the flag's name
    workspace: WorkspaceOption = Path(),
) -> None:
    """Check every record for damage.

    Exit code 2 when something is damaged.
    """
    shown_as = chosen_format(format, ("terminal", "json"))
    with _open(workspace) as cache:
        damage = list(cache.verify())
        counted = _counted(cache) if all(item.row for item in damage) else "some records cannot be read"
    if shown_as == "json":
        print_json([{"table": item.table, "key": item.key, "damage": item.what} for item in damage])
    for item in damage if shown_as == "terminal" else ():
        typer.echo(f"{item.table}\t{item.key}\t{item.what}")
    say_line(f"{counted}, {len(damage)} damaged")
    if damage:
        from harness.store.cache.upkeep import REBUILD

        records = "to remove the damaged records: harness cache prune --damaged"
        say_line(f"hint: {records if all(item.row for item in damage) else REBUILD}")
        raise typer.Exit(DAMAGED)


def prune(
    *,
    workspace: WorkspaceOption = Path(),
    damaged: Annotated[bool, typer.Option("--damaged", help="Delete records that fail verification.")] = False,
    before: Annotated[
        str | None, typer.Option("--before", metavar="DATE", help="Delete records made before this date, YYYY-MM-DD.")
    ] = None,
    system: Annotated[
        str | None,
        typer.Option(
            "--system",
            metavar="NAME",
            help="Delete translations first requested by this system.",
            autocompletion=complete.systems,
        ),
    ] = None,
    refusals: Annotated[
        bool, typer.Option("--refusals", help="Delete refusals only, so that they are requested again.")
    ] = False,
    batch_jobs: Annotated[
        bool, typer.Option("--batch-jobs", help="Forget unfinished batch jobs; their results are lost.")
    ] = False,
) -> None:
    """Delete records.

    What is deleted has to be requested, and paid for, again.
    """
    from datetime import date

    since, named = given_text(before, "--before"), given_text(system, "--system")
    if not (damaged or since or named or refusals or batch_jobs):
        raise UsageError(
            "nothing selected to delete", hint="add --damaged, --before, --system, --refusals or --batch-jobs"
        )
    if since:
        try:
            date.fromisoformat(since)
        except ValueError:
            raise UsageError(f"--before {since}: not a date", hint="write YYYY-MM-DD") from None
    with _open(workspace) as cache:
        removed = cache.forget_jobs() if batch_jobs else 0
        if damaged or since or named or refusals:
            removed += cache.prune(damaged=damaged, before=since, system=named, refusals=refusals)
    say_line(f"{so_many(removed, 'record')} deleted")


def merge(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Caches of other machines, or a damaged one.")],
    workspace: WorkspaceOption = Path(),
) -> None:
    """Copy records from other caches.

    Each record is checked. Exit code 2 when damaged ones had to be left behind.
    """
    from harness.store.cache.answers import Cache
    from harness.workspace.folder import open_workspace

    path = open_workspace(workspace).cache
    for file in files:
        if not file.is_file():
            raise UsageError(f"no cache at {file}", hint="name the files: harness cache merge FILE ...")
        if path.exists() and file.samefile(path):
            raise UsageError(f"{file} is this workspace's own cache", hint="name the caches of other machines")
    damaged = 0
    with Cache.open(path) as cache:
        for file in files:
            with Cache.copy_of(file) as other:
                taken = cache.take_over(other)
            for table, count in taken.counts.items():
                typer.echo(f"{file}\t{table}\t{count}")
            if taken.differing:
                say_line(f"{file}: {taken.differing} answers differ from those in this cache, which are kept")
            for item in taken.damaged:
                say_line(f"{file}: {item.table} {item.key}: {item.what}: skipped")
            damaged += len(taken.damaged)
    if damaged:
        raise typer.Exit(DAMAGED)


def _counted(cache: Cache) -> str:
    total = cache.stats()
    kept = f"{total.translations} translations, {total.scores} scores and {total.derived} sets of statistics"
    return f"{kept}, {total.refusals} refusals and {total.requests} requests checked"


def export(workspace: WorkspaceOption = Path()) -> None:
    """Print every translation, one JSON object per line."""
    import json

    with _open(workspace) as cache:
        for record in cache.export():
            emit(f"{json.dumps(record, ensure_ascii=False)}\n".encode(), "json")


COMMANDS: dict[str, Callable[..., Any]] = {
    "stats": stats,
    "verify": verify,
    "prune": prune,
    "merge": merge,
    "export": export,
}
