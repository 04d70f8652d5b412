"""Answers over HTTP of bounded size: no server, and no few bytes that unpack to gigabytes, fill the memory.

Bodies are read as they arrive and unpacked here, step by step, because HTTP libraries unpack whatever a server sends.
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import AsyncIterator, Iterable
from typing import Any, Protocol

from harness.errors import BadOutput

MOST_BYTES = 32 * 2**20
"""Of one answer, unpacked. The largest batch of any engine comes back in a tenth of it."""

ACCEPTED = {"Accept-Encoding": "gzip, deflate"}
"""Sent with requests: what is unpacked here."""

LONG_NUMBER = re.compile(rb"([:,\[]\s*)-?[0-9]{4000,}(?=\s*[,}\]])")
INFINITE = rb"\g<1>1e999"

PLAIN = {"", "identity"}
PACKED = {"gzip", "x-gzip", "deflate"}


class Body:
    """Takes the pieces of one body, of at most ``most`` bytes, or :data:`MOST_BYTES` where that is None.

    Raises:
        BadOutput: it is too large, or packed in a way that was not offered.
    """

    def __init__(self, encoding: str, most: int | None = None) -> None:
        self._encoding = encoding.strip().lower()
        self._most = MOST_BYTES if most is None else most
        if self._encoding not in PLAIN | PACKED:
            raise BadOutput(f"the service compressed its answer as '{self._encoding[:40]}', which was not requested")
        self._data = bytearray()
        self._unpack = zlib.decompressobj(zlib.MAX_WBITS | 32) if self._encoding in PACKED else None

    def add(self, piece: bytes) -> None:
        """The next piece, as it came."""
        self._data += self._unpacked(piece) if self._unpack is not None else piece
        if len(self._data) > self._most:
            raise BadOutput(f"the answer has more than {self._most // 2**20} MiB, so it was not read to the end")

    def whole(self) -> bytes:
        """What there is, without a byte order mark.

        A number too long for the JSON readers of Python and of SDKs becomes an infinite one, which means as little:
        they would refuse the whole answer, which is paid.
        """
        return LONG_NUMBER.sub(INFINITE, bytes(self._data).removeprefix(codecs.BOM_UTF8))

    def _unpacked(self, piece: bytes) -> bytes:
        room = self._most - len(self._data) + 1
        try:
            return self._unpack.decompress(piece, room) if self._unpack is not None else piece
        except zlib.error:
            if self._data or self._encoding != "deflate":
                raise BadOutput("the service's answer cannot be decompressed") from None
        # Some servers mean the bare format by "deflate".
        self._unpack = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            return self._unpack.decompress(piece, room)
        except zlib.error:
            raise BadOutput("the service's answer cannot be decompressed") from None


class AsyncAnswer(Protocol):
    """What of a response of httpx or httpx2 is used."""

    headers: Any

    def aiter_raw(self) -> AsyncIterator[bytes]:
        """The body as it comes."""


async def bound_answer(response: AsyncAnswer, most: int | None = None) -> None:
    """Event hook for responses of httpx and httpx2 clients: read the body, but no more of it than is taken.

    Args:
        response: of which only the headers were read.
        most: bytes; None for :data:`MOST_BYTES`.

    Raises:
        BadOutput: as :class:`Body`.
    """
    body = Body(response.headers.get("content-encoding", ""), most)
    async for piece in response.aiter_raw():
        body.add(piece)
    response._content = body.whole()  # type: ignore[attr-defined]  # noqa: SLF001 - where the libraries keep it


def read_bounded(pieces: Iterable[bytes], encoding: str) -> bytes:
    """A whole body from its pieces.

    Raises:
        BadOutput: as :class:`Body`.
    """
    body = Body(encoding)
    for piece in pieces:
        body.add(piece)
    return body.whole()


def bound_session(session: Any) -> None:
    """The same for a session of requests, inside an SDK."""
    from requests import ConnectionError as Broken
    from urllib3.exceptions import HTTPError

    send = session.send
    session.headers.update(ACCEPTED)

    def send_bounded(request: Any, **settings: Any) -> Any:
        answer = send(request, **{**settings, "stream": True})
        try:
            pieces = answer.raw.stream(2**16, decode_content=False)
            answer._content = read_bounded(pieces, answer.headers.get("content-encoding", ""))  # noqa: SLF001
        except HTTPError as error:  # as requests itself says it
            answer.close()
            raise Broken(error, request=request) from error
        except BaseException:
            answer.close()
            raise
        answer._content_consumed = True  # noqa: SLF001
        return answer

    session.send = send_bounded


def bound_client(client: Any) -> Any:
    """The same for a client of boto3, which reads whole answers, unpacks none, and takes all of them for UTF-8.

    Redirects come back as they are: the SDK follows none, but prepares to at a 303, trips and leaves the socket open.
    """
    from botocore.exceptions import HTTPClientError
    from urllib3.exceptions import HTTPError

    connection = client._endpoint.http_session  # noqa: SLF001 - the SDK has no switch for it
    manager = connection._manager  # noqa: SLF001
    pools = manager.pool_classes_by_scheme.items()
    manager.pool_classes_by_scheme = {scheme: _staying(pool) for scheme, pool in pools}
    send = connection.send

    def send_bounded(request: Any) -> Any:
        request.stream_output = True
        answer = send(request)
        try:
            body = read_bounded(answer.raw.stream(2**16), answer.headers.get("content-encoding", ""))
            # The SDK trips over a page in another encoding, such as that of a proxy, instead of calling it an error.
            answer._content = body.decode("utf-8", "replace").encode()  # noqa: SLF001
        except HTTPError as error:
            raise HTTPClientError(error=error) from error
        except BaseException:
            answer.raw.close()
            raise
        return answer

    connection.send = send_bounded
    return client


def bounded_transport() -> Any:
    """A transport for clients of azure-core whose answers are bounded, on aiohttp, which unpacks nothing by itself."""
    from aiohttp import ClientError
    from azure.core.exceptions import ServiceResponseError
    from azure.core.pipeline.transport import AioHttpTransport

    class Bounded(AioHttpTransport):  # type: ignore[misc]
        async def send(self, request: Any, *, stream: bool = False, **settings: Any) -> Any:  # noqa: ARG002
            request.headers.update(ACCEPTED)
            answer = await super().send(request, stream=True, **settings)
            raw = answer._internal_response  # noqa: SLF001
            body = Body(raw.headers.get("Content-Encoding", ""))
            try:
                async for piece in raw.content.iter_any():
                    body.add(piece)
            except (ClientError, TimeoutError) as error:
                raise ServiceResponseError(str(error), error=error) from error
            finally:
                raw.close()
            answer._content, answer._decompressed_content = body.whole(), True  # noqa: SLF001 - where the SDK keeps it
            await answer._set_read_checks()  # noqa: SLF001
            return answer

    return Bounded()


def _staying(pool: Any) -> Any:
    """A kind of connections of urllib3 that takes no redirect for anything but an answer."""

    class Staying(pool):  # type: ignore[misc]
        def urlopen(self, *what: Any, **settings: Any) -> Any:
            return super().urlopen(*what, **{**settings, "redirect": False})

    return Staying
