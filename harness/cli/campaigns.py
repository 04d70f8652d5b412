"""A campaign of ratings before people: as a page of this machine, as workbooks, or in Pearmut."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from harness.cli.shared import tell
from harness.cli.streams import say_line

if TYPE_CHECKING:
    from harness.api.rating.looking import Looking


def serve_campaign(folder: Path, runs: Path, port: int, *, open_it: bool) -> None:
    """Put a campaign before people, in the way that it is for.

    Args:
        folder: of the campaign.
        runs: where the run that is rated is kept.
        port: 0 for any that is free.
        open_it: whether the page of the first person is opened.
    """
    from harness.api.rating.campaign import tool_of

    then = f"to take the ratings back: harness rate --back {folder}"
    match tool_of(folder):
        case "page":
            _serve_page(folder, runs, port, open_it=open_it)
        case "pearmut":
            _serve_pearmut(folder, port)
        case _:
            for path in sorted(folder.glob("*.xlsx")):
                typer.echo(str(path))
            tell(
                "give raters the workbooks alone: the keys name the systems. Put the filled-in ones back in the folder"
            )
    say_line(then)


def _serve_page(folder: Path, runs: Path, port: int, *, open_it: bool) -> None:
    import webbrowser

    from harness.api.rating.server import RatingServer
    from harness.cli.view import page_that_leads_to

    with RatingServer(folder, port, _looking(folder, runs)) as server:
        if server.cut_off:
            tell("the last answer was cut off, and is to be given again")
        for rater, url in server.urls.items():
            typer.echo(f"{rater}: {url}")
        first = next(iter(server.urls.values()))
        say_line(f"serving {folder}; Ctrl-C ends it, and nothing is lost")
        try:
            with page_that_leads_to(first) as page:
                if open_it and not webbrowser.open(page):
                    tell("cannot open a browser here; open the address yourself")
                server.serve_forever()
        except KeyboardInterrupt:  # the only way to end it
            _say_progress(folder, server.progress(), server.paces())


def _looking(folder: Path, runs: Path) -> Looking | None:
    from harness.api.rating.campaign import described
    from harness.api.rating.handout import read_handout
    from harness.api.rating.looking import Looking
    from harness.store.runs.directory import load_run
    from harness.store.runs.names import find_run
    from harness.workspace.languages import parse_pair

    _, run, pair = described(folder)
    handout = read_handout(folder, parse_pair(pair))
    return None if handout is None else Looking(load_run(find_run(runs, run, tell)), folder, handout, say_line)


def _say_progress(folder: Path, progress: Mapping[str, tuple[int, int]], paces: Mapping[str, float]) -> None:
    done = ", ".join(f"{rater} {rated:,} of {of:,}" for rater, (rated, of) in progress.items())
    say_line(f"\nsegments rated: {done}")
    for rater, articles in paces.items():
        say_line(f"{rater}: about {articles:.1f} articles an hour")
    if any(rated < of for rated, of in progress.values()):
        say_line(f"to go on: harness rate --continue {folder}")


def _serve_pearmut(folder: Path, port: int) -> None:
    from harness.api.rating.pearmut import serve_pearmut

    with serve_pearmut(folder, port) as (server, links):
        for who, link in links.items():
            typer.echo(f"{who}: {link}")
        tell("the dashboard names the systems; give raters their own links alone")
        say_line(f"Pearmut serves {folder}; Ctrl-C ends it")
        try:
            server.wait()
        except KeyboardInterrupt:
            typer.echo("", err=True)
