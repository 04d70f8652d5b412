"""A real HTTP server on loopback for tests: answers by a function, keeps a ledger, and can misbehave like a network."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, BinaryIO, NoReturn, Self


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    """With the query string."""
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Response:
    """What to send back."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    """Seconds to wait before answering."""
    drop: bool = False
    """Close the connection in the middle of the body."""
    endless: bool = False
    """Send the body again and again, until the other side hangs up."""

    @classmethod
    def of(cls, data: object, status: int = 200, **headers: str) -> Response:
        """A JSON response; ``Retry_After`` becomes the header ``Retry-After``."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(status, json.dumps(data, ensure_ascii=False).encode(), {"Content-Type": "application/json", **names})


Handler = Callable[[Seen], Response]


def whole(stream: BinaryIO, length: int) -> bytes:
    """The body of a request; half of one, from a process that was killed while it asked, is none.

    Raises:
        ConnectionResetError: the stream ends before.
    """
    body = stream.read(length)
    if len(body) < length:
        raise ConnectionResetError("the request ends in its middle")
    return body


class Loopback:
    """``with Loopback(handler) as server: server.url``; ``server.ledger`` lists what arrived, in order."""

    def __init__(self, handler: Handler, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.ledger: list[Seen] = []
        self.answered: list[tuple[Seen, Response]] = []
        """Requests whose whole response was sent."""
        self.endless_bytes = 0
        """Bytes of endless bodies that were handed to the network."""
        self.handler = handler
        lock = threading.Lock()
        outer = self

        class Server(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = whole(self.rfile, length)
                if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
                    body = self._chunks()
                seen = Seen(self.command, self.path, dict(self.headers.items()), body)
                with lock:
                    outer.ledger.append(seen)
                response = outer.handler(seen)
                time.sleep(response.delay)
                try:
                    self._send(response)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True
                    return
                if not response.drop:
                    with lock:
                        outer.answered.append((seen, response))

            def _send(self, response: Response) -> None:
                self.send_response(response.status)
                for name, value in response.headers.items():
                    self.send_header(name, value)
                if response.endless:
                    self.send_header("Transfer-Encoding", "chunked")
                    self.end_headers()
                    outer.send_for_ever(self.wfile, response.body)
                self.send_header("Content-Length", str(len(response.body)))
                self.end_headers()
                if response.drop:
                    self.wfile.write(response.body[: len(response.body) // 2])
                    self.close_connection = True
                else:
                    self.wfile.write(response.body)
                self.wfile.flush()

            def _chunks(self) -> bytes:
                parts = []
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    parts.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(parts)

            do_GET = do_POST = do_PUT = _serve  # noqa: N815 - the standard library's names

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
                """Keep stderr clean."""

        self._server = _listening(Server, port, tls)
        self.port = self._server.server_port
        self.url = f"{'http' if tls is None else 'https'}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def send_for_ever(self, stream: BinaryIO, body: bytes) -> NoReturn:
        """Chunk after chunk, until writing raises."""
        while True:
            stream.write(b"%x\r\n%b\r\n" % (len(body), body))
            self.endless_bytes += len(body)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _listening(answering: type[BaseHTTPRequestHandler], port: int, tls: ssl.SSLContext | None) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", port), answering)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    return server
