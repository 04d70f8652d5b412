"""``harness cache``: stats, verify, prune, export."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.shared import WorkspaceOption
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.store.cache import Cache

DAMAGED = 2


def _open(workspace: Path) -> AbstractContextManager[Cache]:
    from harness.store.cache import Cache
    from harness.workspace import open_workspace

    path = open_workspace(workspace).cache
    if not path.exists():
        raise UsageError(f"there is no cache {path}", hint="harness run makes it")
    return Cache.open(path)


def stats(workspace: WorkspaceOption = Path()) -> None:
    """Count what is kept."""
    with _open(workspace) as cache:
        found = cache.stats()
        typer.echo(f"file\t{cache.path}")
    typer.echo(f"size\t{found.bytes} bytes")
    typer.echo(f"translations\t{found.translations}")
    typer.echo(f"source characters\t{found.characters}")
    typer.echo(f"scores\t{found.scores}")
    typer.echo(f"statistics and flags\t{found.derived}")
    for system, count in found.systems.items():
        typer.echo(f"translations by {system}\t{count}")


def verify(workspace: WorkspaceOption = Path()) -> None:
    """Check every record; exit code 2 when something is damaged."""
    with _open(workspace) as cache:
        damage = list(cache.verify())
        total = cache.stats()
    for item in damage:
        typer.echo(f"{item.table}\t{item.key}\t{item.what}")
    checked = f"{total.translations} translations, {total.scores} scores and {total.derived} sets of statistics checked"
    typer.echo(f"{checked}, {len(damage)} damaged", err=True)
    if damage:
        typer.echo("hint: harness cache prune --damaged removes the damaged records", err=True)
        raise typer.Exit(DAMAGED)


def prune(
    workspace: WorkspaceOption = Path(),
    damaged: Annotated[bool, typer.Option("--damaged", help="Delete records that fail verification.")] = False,
    before: Annotated[str, typer.Option("--before", help="Delete records made before this date, YYYY-MM-DD.")] = "",
    system: Annotated[str, typer.Option("--system", help="Delete translations first asked for by a system.")] = "",
) -> None:
    """Delete records. What is deleted has to be asked for, and paid for, again."""
    from datetime import date

    if not (damaged or before or system):
        raise UsageError("prune deletes nothing unless it is told what", hint="--damaged, --before or --system")
    if before:
        try:
            date.fromisoformat(before)
        except ValueError:
            raise UsageError(f"--before {before}: not a date", hint="write YYYY-MM-DD") from None
    with _open(workspace) as cache:
        removed = cache.prune(damaged=damaged, before=before, system=system)
    typer.echo(f"{removed} records deleted", err=True)


def export(workspace: WorkspaceOption = Path()) -> None:
    """Print every kept translation as one JSON object per line."""
    import json

    with _open(workspace) as cache:
        for record in cache.export():
            typer.echo(json.dumps(record, ensure_ascii=False))


COMMANDS: dict[str, Callable[..., Any]] = {"stats": stats, "verify": verify, "prune": prune, "export": export}
