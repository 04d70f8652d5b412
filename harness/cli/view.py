"""``harness view``: all runs on a page for this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp

import typer

from harness.cli.options import OpenPageOption, PortOption, WorkspaceOption


@contextmanager
def page_that_leads_to(url: str) -> Iterator[str]:
    """A file only its owner can open: the address itself would stand in the list of processes, with its token."""
    handle, name = mkstemp(prefix="harness-view-", suffix=".html")
    try:
        # Closed before the browser opens it: Windows lets nobody open a file that is being written.
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(
                f'<!doctype html><meta http-equiv="refresh" content="0; url={url}"><a href="{url}">harness view</a>\n'
            )
        yield Path(name).as_uri()
    finally:
        Path(name).unlink(missing_ok=True)


def view(
    port: PortOption = None,
    open_it: OpenPageOption = False,
    workspace: WorkspaceOption = Path(),
) -> None:
    """Serve a page with all runs and their verdicts.

    Only this machine can open it. Ctrl-C ends it.
    """
    import webbrowser

    from harness.cli.server import ViewServer
    from harness.workspace.folder import open_workspace

    runs = open_workspace(workspace).runs
    try:
        with ViewServer(runs, port or 0) as server:
            typer.echo(server.url)
            with page_that_leads_to(server.url) as page:
                if open_it and not webbrowser.open(page):
                    typer.echo("cannot open a browser here; open the address yourself", err=True)
                server.serve_forever()
    except KeyboardInterrupt:
        return  # the only way to end it, and nothing is cut off by it
