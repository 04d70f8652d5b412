"""A small page of all runs, for this machine only.

It answers GET and HEAD (:mod:`harness.api.loopback`). After the token, an address names a run by its id, looked up
among the runs there are; no part of it is ever used as a path.
"""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote, urlsplit

from harness.analysis import analyse
from harness.api.loopback import LoopbackHandler, LoopbackServer, new_token, path_after
from harness.errors import DataError, HarnessError, StoreError
from harness.reports.load import load_report
from harness.reports.model.run_list import ListedRun, UnreadableRun, list_entry, render_list
from harness.store.files import open_regular, refuse_links_out
from harness.store.runs.directory import load_run
from harness.store.runs.heads import list_runs

HEADERS: dict[str, str] = {
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


class ViewServer(LoopbackServer):
    """Serves the runs of one folder until it is shut down."""

    def __init__(self, runs: Path, port: int = 0) -> None:
        """Listen.

        Args:
            runs: the folder with one folder for each run.
            port: 0 for any that is free.

        Raises:
            UsageError: the port is taken.
        """
        self.runs = runs
        self.token = new_token()
        super().__init__(port, _Handler)

    @property
    def url(self) -> str:
        """Where the page is."""
        return self.address_of(self.token)

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


class _Handler(LoopbackHandler):
    server: ViewServer
    headers_of_answers = HEADERS

    def answer(self) -> None:
        """Answer with a page."""
        try:
            path = path_after(self.server.token, urlsplit(self.path).path)
            if path is None:
                self._send(HTTPStatus.FORBIDDEN, b"open the address that `harness view` printed, with its token\n")
                return
            status, body = self.server.page(path)
        except (HarnessError, OSError, ValueError) as error:
            status, body = HTTPStatus.INTERNAL_SERVER_ERROR, f"{error}\n".encode(errors="replace")
        self._send(status, body)

    def _send(self, status: HTTPStatus, body: bytes) -> None:
        self.send(status, body, "text/html" if status == HTTPStatus.OK else "text/plain")


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
