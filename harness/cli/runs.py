"""``harness runs``: prune."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli.options import ListingFormat, WorkspaceOption, chosen_format
from harness.cli.shared import print_json, size_text
from harness.cli.streams import say_line
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.store.runs.prune import Kept, Pruned

WHY_KEPT: Mapping[Kept, str] = {
    "baseline": "it is a baseline",
    "named": "it has a name; --named deletes it too",
    "latest": "it is the most recent run, or the latest complete one",
    "link": "it is a link",
    "undated": "its date cannot be read",
}

_AGE = re.compile(r"([1-9][0-9]{0,4})([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def prune(
    *,
    keep: Annotated[int | None, typer.Option("--keep", metavar="N", min=0, help="Keep the newest N runs.")] = None,
    older_than: Annotated[
        str | None, typer.Option("--older-than", metavar="AGE", help="Keep younger runs, e.g. 30d, 12h or 8w.")
    ] = None,
    named: Annotated[bool, typer.Option("--named", help="Also delete runs that have a name.")] = False,
    baseline: Annotated[
        list[Path],
        typer.Option(
            "--baseline",
            metavar="FILE",
            help="Never delete the run of this baseline. Those of reports/*.json are always kept. Repeatable.",
        ),
    ] = [],
    yes: Annotated[bool, typer.Option("--yes", help="Delete. Without it, only show what would be deleted.")] = False,
    format: ListingFormat = "terminal",  # noqa: A002 - the flag's name
    workspace: WorkspaceOption = Path(),
) -> None:
    """Delete old runs; shows what would go unless --yes is given.

    A baseline, the run made last and the last whole run are never deleted. Translations and scores stay in the cache.
    """
    from harness.store.runs.prune import delete_run, plan_pruning

    shown_as = chosen_format(format, ("terminal", "json"))
    if keep is None and older_than is None:
        raise UsageError("nothing selected to delete", hint="add --keep N, --older-than 30d, or both")
    planned = plan_pruning(
        workspace / "reports" / "runs",
        now=datetime.now(UTC),
        keep=keep,
        older_than=None if older_than is None else _age(older_than),
        baselines=_baselines(workspace / "reports", baseline),
        named=named,
    )
    going = [pruned for pruned in planned if not pruned.kept]
    if yes:
        for pruned in going:
            delete_run(pruned.head.folder)
    if shown_as == "json":
        print_json([_json(pruned, deleted=yes and not pruned.kept) for pruned in planned])
    else:
        for pruned in planned:
            fate = f"kept: {WHY_KEPT[pruned.kept]}" if pruned.kept else "deleted" if yes else "would be deleted"
            cells = pruned.head.folder.name, pruned.head.name, pruned.head.created, size_text(pruned.bytes), fate
            typer.echo("\t".join(cells))
    total = f"{len(going)} {'run' if len(going) == 1 else 'runs'}, {size_text(sum(pruned.bytes for pruned in going))}"
    say_line(f"{total} {'deleted' if yes else 'would be deleted'}")
    if going and not yes:
        say_line("hint: add --yes to delete them")


def _age(text: str) -> timedelta:
    match = _AGE.fullmatch(text)
    if match is None:
        raise UsageError(f"--older-than {text}: not an age", hint="write 30d, 12h or 8w")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _baselines(reports: Path, given: list[Path]) -> set[str]:
    """Runs that were accepted. A file that was named, or is the usual one, must be a baseline that can be read."""
    from harness.errors import StoreError
    from harness.store.baseline import BASELINE, run_of_baseline

    ids = set()
    usual = reports / BASELINE.name
    for path in given:
        if not path.is_file() or not run_of_baseline(path):
            raise UsageError(f"--baseline {path}: not a baseline", hint="to make one: harness baseline accept RUN")
    for path in {*given, *reports.glob("*.json")}:
        try:
            ids.add(run_of_baseline(path))
        except StoreError:
            if path in (*given, usual):
                raise
    return ids - {""}


def _json(pruned: Pruned, *, deleted: bool) -> dict[str, object]:
    head = pruned.head
    return {
        "id": head.folder.name,
        "name": head.name,
        "created": head.created,
        "bytes": pruned.bytes,
        "deleted": deleted,
        "kept": pruned.kept,
    }


COMMANDS: dict[str, Callable[..., Any]] = {"prune": prune}
