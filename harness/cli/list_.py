"""``harness list``: what there is."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.shared import WorkspaceOption

UNREADABLE = 2


class Thing(str, Enum):
    """What can be listed."""

    SYSTEMS = "systems"
    REFERENCES = "references"
    METRICS = "metrics"
    ENGINES = "engines"
    CHECKS = "checks"
    IMPORTERS = "importers"
    REPORTS = "reports"
    RUNS = "runs"


def list_things(
    thing: Annotated[Thing, typer.Argument(help="What to list.")],
    workspace: WorkspaceOption = Path(),
) -> None:
    """List systems, references, runs, or what the harness and its plug-ins bring. One per line, tabs between fields."""
    listing = {
        Thing.SYSTEMS: _systems,
        Thing.REFERENCES: _references,
        Thing.RUNS: _runs,
    }
    for fields in listing[thing](workspace) if thing in listing else _plugins(thing.value):
        typer.echo("\t".join(fields))


def _plugins(group: str) -> Iterator[tuple[str, ...]]:
    from harness.checks.load import OURS
    from harness.workspace.registry import GROUPS, names

    (known,) = (known for known in GROUPS if known == group)
    found = names(known)
    for name in sorted(found, key=lambda name: OURS.index(name) if name in OURS else len(OURS)):
        yield (name,)


def _systems(workspace: Path) -> Iterator[tuple[str, ...]]:
    from harness.engines.load import load_systems
    from harness.workspace.folder import open_workspace

    for system in load_systems(open_workspace(workspace).systems, programs=False):
        pairs = " ".join(str(pair) for pair in system.pairs) or "all pairs"
        yield system.name, system.engine_name, pairs, system.label


def _references(workspace: Path) -> Iterator[tuple[str, ...]]:
    from harness.corpus.native import read_workspace
    from harness.workspace.folder import open_workspace

    for corpus in read_workspace(open_workspace(workspace).references):
        for article in corpus.articles:
            referenced = sum(bool(segment.references) for segment in article.segments)
            counts = f"{len(article.segments)} segments", f"{referenced} with a reference"
            yield str(corpus.pair), article.id, *counts, article.meta.get("title", "")


def _runs(workspace: Path) -> Iterator[tuple[str, ...]]:
    from harness.errors import StoreError
    from harness.store.runs.directory import list_runs, load_run

    unreadable = False
    for folder in list_runs(workspace / "reports" / "runs"):
        try:
            run = load_run(folder)
        except StoreError as error:
            typer.echo(f"error: {error}", err=True)
            unreadable = True
            continue
        pairs = " ".join(f"{pair.pair}:{len(pair.systems)} systems" for pair in run.pairs)
        yield run.id, run.status, run.created, pairs
    if unreadable:
        raise typer.Exit(UNREADABLE)
