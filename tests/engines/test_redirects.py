"""No engine follows a redirect: another host would get the texts, and some SDKs send it the key as well."""

from __future__ import annotations

import pytest

from harness.errors import EngineError, Unsupported
from harness.workspace.languages import parse_pair
from tests.engines import remote
from tests.loopback import Loopback, Response
from tests.vendors.base import all_vendors

VENDORS = all_vendors()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("name", VENDORS)
def test_the_other_host_gets_nothing(name: str, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = remote.with_keys(VENDORS[name], monkeypatch)
    with Loopback(lambda seen: vendor.success(seen, str)) as other:
        place = f"localhost:{other.port}"
        with Loopback(lambda seen: Response(status, b"", {"Location": f"http://{place}{seen.path}"})) as server:
            engine = remote.make(vendor, server.url)
            with pytest.raises(EngineError) as caught:
                remote.translate(engine, parse_pair(vendor.pair), ["Ein Satz."])
    assert server.ledger
    assert isinstance(caught.value, Unsupported)
    assert f"redirected to {place}" in str(caught.value)
    assert not other.ledger
