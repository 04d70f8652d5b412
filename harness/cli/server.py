"""A small page of all runs, for this machine only.

It listens on 127.0.0.1 and answers GET and HEAD. A request whose ``Host`` names anything else is refused, so that no
web page can reach it by making its own name point here (DNS rebinding). Every address begins with a token that is made
at the start: other users of the machine can reach the port as well. After it, an address names a run by its id, looked
up among the runs there are; no part of it is ever used as a path.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from harness import __version__
from harness.analysis import analyse
from harness.errors import DataError, HarnessError, StoreError
from harness.reports.load import load_report
from harness.reports.model.run_list import ListedRun, UnreadableRun, list_entry, render_list
from harness.store.files import open_regular, refuse_links_out
from harness.store.runs.directory import load_run
from harness.store.runs.heads import list_runs

ADDRESS = "127.0.0.1"

NAMES = (ADDRESS, "localhost")
"""What a request may call this machine."""

HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts allow-modals allow-popups"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Of every answer. A page of this harness says itself that it may load nothing; one that came with somebody else's
workspace may not either, and its scripts stand outside of the origin, so that they cannot read the other pages."""

HTTP_PORT = 80
"""The port that an address and a ``Host`` leave out."""

TOKEN_BYTES = 24

IDLE = 30.0
"""Seconds after which a connection on which nothing comes is closed."""


class ViewServer(ThreadingHTTPServer):
    """Serves the runs of one folder until it is shut down."""

    daemon_threads = True

    def __init__(self, runs: Path, port: int = 0) -> None:
        """Listen.

        Args:
            runs: the folder with one folder for each run.
            port: 0 for any that is free.

        Raises:
            OSError: the port is taken.
        """
        self.runs = runs
        self.token = secrets.token_urlsafe(TOKEN_BYTES)
        super().__init__((ADDRESS, port), _Handler)

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{ADDRESS}:{self.server_port}/{self.token}/"

    def inside(self, path: str) -> str | None:
        """What follows the token in a path, from the slash on; None where the token is missing or wrong."""
        token, slash, rest = path.removeprefix("/").partition("/")
        known = secrets.compare_digest(token.encode(), self.token.encode())
        return f"/{rest}" if known and slash and path.startswith("/") else None

    def hosts(self) -> set[str]:
        """Every ``Host`` under which it answers."""
        bare = set(NAMES) if self.server_port == HTTP_PORT else set()
        return bare | {f"{name}:{self.server_port}" for name in NAMES}

    def page(self, path: str) -> tuple[HTTPStatus, bytes]:
        """The page at a path of an address after the token, still encoded."""
        parts = [unquote(part) for part in path.split("/")]
        if parts == ["", ""]:
            return HTTPStatus.OK, render_list([_entry(folder) for folder in reversed(list_runs(self.runs))])
        if len(parts) == len(("", "runs", "ID", "report.html")) and (parts[1], parts[3]) == ("runs", "report.html"):
            folders = {folder.name: folder for folder in list_runs(self.runs)}
            if parts[2] in folders:
                refuse_links_out(self.runs, [parts[2]])
                return HTTPStatus.OK, _report(folders[parts[2]])
        return HTTPStatus.NOT_FOUND, b"there is no such page\n"


class _Handler(BaseHTTPRequestHandler):
    server: ViewServer
    server_version = f"translation-harness/{__version__}"
    sys_version = ""
    timeout = IDLE

    def do_GET(self) -> None:
        """Answer with a page."""
        self._answer()

    def do_HEAD(self) -> None:
        """The same without the page."""
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server calls
        """Nothing: the terminal shows the address and no more."""

    def _answer(self) -> None:
        if self.headers.get_all("Host", []) not in [[host] for host in self.server.hosts()]:
            self._send(HTTPStatus.MISDIRECTED_REQUEST, b"this page is for this machine only\n")
            return
        try:
            path = self.server.inside(urlsplit(self.path).path)
            if path is None:
                self._send(HTTPStatus.FORBIDDEN, b"open the address that `harness view` printed, with its token\n")
                return
            status, body = self.server.page(path)
        except (HarnessError, OSError, ValueError) as error:
            status, body = HTTPStatus.INTERNAL_SERVER_ERROR, f"{error}\n".encode(errors="replace")
        self._send(status, body)

    def _send(self, status: HTTPStatus, body: bytes) -> None:
        kind = "text/html" if status == HTTPStatus.OK else "text/plain"
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _entry(folder: Path) -> ListedRun | UnreadableRun:
    try:
        refuse_links_out(folder.parent, [folder.name])
        return _read_entry(folder, _stamp(folder))
    except (DataError, StoreError) as error:
        return UnreadableRun(folder.name, str(error))
    except OSError as error:
        return UnreadableRun(folder.name, f"it cannot be read: {error.strerror or error}")


def _stamp(folder: Path) -> int:
    return (folder / "run.json").stat().st_mtime_ns


@lru_cache(maxsize=1_000)
def _read_entry(folder: Path, stamp: int) -> ListedRun:  # noqa: ARG001 - a run made again is another entry
    """Weighing a run takes seconds, and a kept run does not change."""
    return list_entry(analyse(load_run(folder)), folder.name)


def _report(folder: Path) -> bytes:
    """The page that was written with the run; without one it is rendered, and nothing is written."""
    try:
        with open_regular(folder / "report.html") as stream:
            return stream.read()
    except FileNotFoundError:
        return _render(folder, _stamp(folder))


@lru_cache(maxsize=4)
def _render(folder: Path, stamp: int) -> bytes:  # noqa: ARG001 - a run made again is another report
    return load_report("html").render(analyse(load_run(folder)))
