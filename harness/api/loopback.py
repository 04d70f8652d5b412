"""A server for this machine only.

It listens on 127.0.0.1. A request whose ``Host`` names anything else is refused, so that no web page can reach it by
making its own name point here (DNS rebinding). Every address begins with a token that is made at the start: other users
of the machine can reach the port as well.
"""

from __future__ import annotations

import errno
import secrets
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

from harness import __version__
from harness.errors import UsageError

ADDRESS = "127.0.0.1"

NAMES = (ADDRESS, "localhost")
"""What a request may call this machine."""

HTTP_PORT = 80
"""The port that an address and a ``Host`` leave out."""

TOKEN_BYTES = 24

IDLE = 30.0
"""Seconds after which a connection on which nothing comes is closed."""


def new_token() -> str:
    """Something that nobody guesses, fit for an address."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def path_after(token: str, path: str) -> str | None:
    """What follows the token in a path, from the slash on; None where the token is missing or wrong."""
    given, slash, rest = path.removeprefix("/").partition("/")
    known = secrets.compare_digest(given.encode(), token.encode())
    return f"/{rest}" if known and slash and path.startswith("/") else None


class LoopbackServer(ThreadingHTTPServer):
    """Listens until it is shut down."""

    daemon_threads = True

    def __init__(self, port: int, handler: type[LoopbackHandler]) -> None:
        """Listen.

        Args:
            port: 0 for any that is free.
            handler: answers requests.

        Raises:
            UsageError: the port is taken, or not for this user.
        """
        try:
            super().__init__((ADDRESS, port), handler)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            why = "is in use" if error.errno == errno.EADDRINUSE else "is not permitted"
            raise UsageError(f"--port {port} {why}", hint="leave out --port to use a free one") from None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print what went wrong, except where a browser left before it had its answer."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def address_of(self, token: str) -> str:
        """Where the page is."""
        return f"http://{ADDRESS}:{self.server_port}/{token}/"

    def hosts(self) -> set[str]:
        """Every ``Host`` under which it answers."""
        bare = set(NAMES) if self.server_port == HTTP_PORT else set()
        return bare | {f"{name}:{self.server_port}" for name in NAMES}


class LoopbackHandler(BaseHTTPRequestHandler):
    """Answers requests that name this machine."""

    server: LoopbackServer
    server_version = f"translation-harness/{__version__}"
    sys_version = ""
    timeout = IDLE

    headers_of_answers: ClassVar[dict[str, str]] = {}
    """Of every answer."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server calls
        """Nothing: the terminal shows the address and no more."""

    def do_GET(self) -> None:
        """Answer, where the request names this machine."""
        if self._names_this_machine():
            self.answer()

    def do_HEAD(self) -> None:
        """The same without the page."""
        self.do_GET()

    def do_POST(self) -> None:
        """Take something in, where the request names this machine."""
        if self._names_this_machine():
            self.receive()

    def answer(self) -> None:
        """Answer GET and HEAD."""
        raise NotImplementedError

    def receive(self) -> None:
        """Answer POST, where anything can be sent here."""
        self.send(HTTPStatus.NOT_IMPLEMENTED, b"nothing can be sent here\n", "text/plain")

    def _names_this_machine(self) -> bool:
        if self.headers.get_all("Host", []) in [[host] for host in self.server.hosts()]:
            return True
        self.send(HTTPStatus.MISDIRECTED_REQUEST, b"this page is for this machine only\n", "text/plain")
        return False

    def send(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        """Answer.

        Args:
            status: of the answer.
            body: encoded; HEAD gets none.
            kind: its type, without the encoding.
        """
        self.send_response(status)
        for name, value in self.headers_of_answers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
