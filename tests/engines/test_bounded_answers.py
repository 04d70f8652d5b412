"""No answer without end, and none that unpacks to one, fills the memory: every service, successes and errors alike."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest

from harness.engines.wire import bounded
from harness.errors import BadOutput, EngineError, Transient
from harness.workspace.languages import parse_pair
from tests.engines import remote
from tests.loopback import Loopback, Response
from tests.vendors.base import Vendor, all_vendors, shout

VENDORS = all_vendors()
MOST = 200_000
NETWORK = 32 * 2**20
"""What the system's own buffers may take on the way."""

FILLER = b"x" * 2**16
BOMB = gzip.compress(b'{"filler": "' + b"x" * 2**26)
UNPACKED_AT_MOST = 2**24


def test_there_are_services() -> None:
    assert len(VENDORS) >= 18


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Vendor:
    monkeypatch.setattr(bounded, "MOST_BYTES", MOST)
    return remote.with_keys(VENDORS[request.param], monkeypatch)


def ask(vendor: Vendor, server: Loopback) -> EngineError:
    return remote.error_of(remote.make(vendor, server.url), parse_pair(vendor.pair), ["Eins."])


@pytest.mark.parametrize("status", [200, 400, 500])
def test_an_endless_answer(vendor: Vendor, status: int) -> None:
    headers = {"Content-Type": "application/json"}
    with Loopback(lambda seen: Response(status, FILLER, headers, endless=True)) as server:
        error = ask(vendor, server)
        assert len(server.ledger) == 1
    assert type(error) is BadOutput, error
    assert "more than" in str(error)
    assert MOST < server.endless_bytes < NETWORK


@pytest.mark.parametrize("status", [200, 400, 500])
def test_a_huge_answer(vendor: Vendor, status: int) -> None:
    headers = {"Content-Type": "application/json"}
    with Loopback(lambda seen: Response(status, FILLER * 64, headers)) as server:
        error = ask(vendor, server)
        assert len(server.ledger) == 1
    assert type(error) is BadOutput, error
    assert "more than" in str(error)


@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_that_unpacks_to_a_huge_one(vendor: Vendor, status: int) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    with Loopback(lambda seen: vendor.success(seen, shout)) as server:  # imports what must be imported
        remote.translate(remote.make(vendor, server.url), parse_pair(vendor.pair), ["Eins."])
    tracemalloc.start()
    try:
        with Loopback(lambda seen: Response(status, BOMB, headers)) as server:
            error = ask(vendor, server)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < UNPACKED_AT_MOST, f"{peak / 2**20:.0f} MiB"
    assert type(error) is BadOutput, error


@pytest.mark.parametrize("page", ["<h1>D\xe9faillante</h1>".encode("latin-1"), "故障".encode("gbk"), b"\xff\xfe"])
def test_an_error_page_in_another_encoding(vendor: Vendor, page: bytes) -> None:
    with Loopback(lambda seen: Response(502, page, {"Content-Type": "text/html"})) as server:
        error = ask(vendor, server)
        assert len(server.ledger) == 1
    assert type(error) is Transient, error
