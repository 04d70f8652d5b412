"""Every option of every engine: what changes the request changes the key, and what changes the key changes the request.

A new option needs a line in ``option_walk``, and one below where it is in the key although nothing else is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from harness.engines.interface import Limits
from harness.engines.wire.endpoints import canonical, elsewhere
from harness.errors import EngineError
from harness.types import LangPair
from harness.workspace.languages import parse_pair
from harness.workspace.registry import load, names
from tests.engines import remote
from tests.engines.option_walk import VALUES
from tests.loopback import Loopback, Seen
from tests.vendors.base import Vendor, all_vendors

APART = {"endpoint", "url", "batch", "batch_api"}
"""Walked by tests of their own."""

KEY_ONLY = {
    **{(engine, "window"): "the runner gives each segment its context" for engine in ("openai", "anthropic", "gemini")},
    ("bedrock", "window"): "the runner gives each segment its context",
    ("bedrock", "region"): "part of the address, and of the signature",
    ("http", "response"): "the same answer is read at another place",
    ("http", "version"): "the user says that something else answers",
    ("libretranslate", "version"): "the user says that something else answers",
}
REQUEST_ONLY = {
    ("yandex", "folder"): "the folder that pays",
    ("tencent", "project"): "the project that pays",
    ("anthropic", "project"): "the account that pays",
    ("gemini", "project"): "the account that pays",
    (
        "google",
        "project",
    ): "the account that pays; a glossary or a model of one's own belongs to it, and then it counts",
}
NOT_SHOWN = {
    ("azure", "region"): "a header that says where the key is from",
    ("amazon", "region"): "part of the address, and of the signature",
    ("yandex", "key_type"): "the kind of key",
}

WHO_ASKS = {
    "authorization", "date", "x-amz-date", "user-agent", "host", "content-length", "amz-sdk-invocation-id",
    "amz-sdk-request", "x-amz-content-sha256", "x-ms-client-request-id", "x-client-traceid",
    "ocp-apim-subscription-key", "ocp-apim-subscription-region", "x-goog-api-client", "x-client-trace-id",
    "traceparent", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256", "x-lara-date",
    "x-tc-timestamp",
}  # fmt: skip
OPTIONS = [(engine, option) for engine, options in VALUES.items() for option in options]


def visible(seen: Seen) -> tuple[object, ...]:
    headers = {name.lower(): value for name, value in seen.headers.items()}
    kept = {
        name: value for name, value in headers.items() if name not in WHO_ASKS and not name.startswith("x-stainless")
    }
    return seen.method, seen.path, tuple(sorted(kept.items())), seen.body


def walk(vendor: Vendor, first: str, second: str) -> tuple[bool, bool]:
    """Whether the key differs, and whether the request does."""
    keys, requests = [], []
    for extra in (first, second):
        with Loopback(remote.succeed(vendor)) as server:
            engine = remote.make(vendor, server.url, extra)
            # The server's port is another one each time, and part of the key.
            keys.append(remote.make(vendor, remote.NOWHERE, extra).identity(parse_pair(vendor.pair)))
            with suppress(EngineError):  # the loopback may not know how to answer
                remote.translate(engine, parse_pair(vendor.pair))
            assert server.ledger
            requests.append([visible(seen) for seen in server.ledger])
    return keys[0] != keys[1], requests[0] != requests[1]


@pytest.fixture
def of_engine(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Vendor]:
    def give(engine: str) -> Vendor:
        return remote.with_keys(all_vendors()[engine], monkeypatch)

    return give


@pytest.mark.parametrize(("engine", "option"), OPTIONS)
def test_key_and_request_change_together(of_engine: Callable[[str], Vendor], engine: str, option: str) -> None:
    vendor = of_engine(engine)
    key, request = walk(vendor, *VALUES[engine][option])
    if (engine, option) in KEY_ONLY:
        assert (key, request) == (True, False)
    elif (engine, option) in REQUEST_ONLY:
        assert (key, request) == (False, True)
    else:
        assert key == request
        assert key or (engine, option) in {*NOT_SHOWN, ("http", "errors")}


@pytest.mark.parametrize("engine", VALUES)
def test_no_option_is_left_out(engine: str) -> None:
    all_vendors()[engine].needs()
    fields = set(load("engines", engine).Options.model_fields)
    assert fields - APART == set(VALUES[engine])


OFFICIAL: Mapping[str, tuple[str, ...]] = {
    "openai": ("https://api.openai.com/v1", "https://API.openai.com:443/v1/"),
    "anthropic": ("https://api.anthropic.com", "https://api.anthropic.com:443/"),
    "gemini": ("https://generativelanguage.googleapis.com",),
    "deepl": ("https://api.deepl.com", "https://api-free.deepl.com/"),
    "azure": ("https://api.cognitive.microsofttranslator.com/",),
    "google": ("https://translate.googleapis.com",),
    "yandex": ("https://translate.api.cloud.yandex.net/",),
    "modernmt": ("https://api.modernmt.com",),
    "lara": ("https://api.laratranslate.com/",),
    "alibaba": ("https://mt.cn-hangzhou.aliyuncs.com",),
    "tencent": ("https://tmt.tencentcloudapi.com",),
}


def of(engine: str, extra: str, limits: Limits | None = None) -> Any:
    vendor = all_vendors()[engine]
    vendor.needs()
    given = "\n".join(line for line in vendor.options("").splitlines() if "endpoint" not in line)
    return remote.make(replace(vendor, options=lambda url: given), "", extra, limits)


@pytest.mark.parametrize("engine", [*OFFICIAL, "amazon", "bedrock", "libretranslate"])
def test_another_server_is_another_engine_however_it_is_spelt(engine: str) -> None:
    def key(endpoint: str) -> object:
        found = of(engine, f'endpoint = "{endpoint}"').identity(LangPair("de", "en"))
        return found.options.get("endpoint"), found

    here = key("http://mt.example.org:8080/base")
    for spelling in (
        "http://mt.example.org:8080/base/",
        "http://MT.Example.org:8080/base//",
        "http://mt.example.org.:8080/base",
    ):
        assert key(spelling) == here
    others = ("http://mt.example.org:8081/base", "https://mt.example.org:8080/base", "http://mt.example.org:8080/Base")
    assert len({key(other)[0] for other in (*others, "http://mt.example.org:8080/base")}) == 4  # type: ignore[index]
    assert key("http://mt.example.org:80/") == key("http://mt.example.org")


@pytest.mark.parametrize(("engine", "address"), [(engine, one) for engine, all_ in OFFICIAL.items() for one in all_])
def test_the_usual_address_has_the_key_it_always_had(engine: str, address: str) -> None:
    plain = of(engine, "").identity(LangPair("de", "en"))
    assert "endpoint" not in plain.options
    assert of(engine, f'endpoint = "{address}"').identity(LangPair("de", "en")) == plain


def test_spellings_of_an_address() -> None:
    assert canonical("HTTPS://Example.ORG:443/A/?q=1") == "https://example.org/A?q=1"
    assert canonical("http://[::1]:80/x/") == "http://[::1]/x"
    assert canonical("http://host:8443/{source}/", keep_path=True) == "http://host:8443/{source}/"
    assert canonical("http://Host", keep_path=True) == canonical("http://host:80/", keep_path=True) == "http://host/"
    assert canonical("not an address") == "not an address"
    assert canonical("http://host:notaport/") == "http://host:notaport/"
    assert elsewhere("", "https://a.example") == elsewhere("https://A.example:443/", "https://a.example") == {}


@pytest.mark.parametrize("engine", ["openai", "anthropic", "gemini"])
def test_how_prompts_are_cut_is_in_the_key(engine: str) -> None:
    def key(extra: str = "", **limits: int) -> object:
        made = of(engine, extra)
        made.limits = replace(made.limits, **limits)
        return made.identity(LangPair("de", "en"))

    assert key("batch = 5") != key("batch = 6")
    assert key("batch = 5") == key(max_segments=5) != key()
    assert key(concurrency=3) == key()
    assert key(max_characters=100) != key(max_characters=200) != key()
    for mode in ("window", "article"):
        assert key(f'mode = "{mode}"', max_segments=2) != key(f'mode = "{mode}"')
        assert key(f'mode = "{mode}"\nbatch = 2') == key(f'mode = "{mode}"')


LOCAL = {"source_code", "target_code", "device", "max_length"}
IN_KEY: Mapping[str, set[str]] = {
    "transformers": LOCAL | {"model", "revision", "family", "beam_size", "dtype", "prefix", "prompt"}
    | {"temperature", "top_p", "seed"},
    "ctranslate2": LOCAL | {"model", "revision", "family", "tokenizer", "beam_size", "compute_type", "prefix"},
    "argos": LOCAL | {"packages", "pivot", "beam_size", "compute_type"},
    "apertium": {"mode", "pivot", "data"},
    "command": {"argv", "mode", "version_argv"},
    "memory": {"files", "format", "skip_bad"},
}  # fmt: skip
"""Options of engines that run here; their own tests show that each of these changes the key."""

NOT_IN_KEY: Mapping[str, set[str]] = {
    "transformers": {"batch_tokens", "threads"},
    "ctranslate2": {"batch_tokens", "threads", "positions"},
    "argos": {"batch_tokens", "threads"},
    "apertium": set(),
    "command": set(),
    "memory": set(),
}
"""How fast it goes; and, by ``positions``, whether there is an answer at all."""


@pytest.mark.parametrize("engine", IN_KEY)
def test_no_option_of_a_local_engine_is_left_out(engine: str) -> None:
    assert set(load("engines", engine).Options.model_fields) == IN_KEY[engine] | NOT_IN_KEY[engine]
    assert not IN_KEY[engine] & NOT_IN_KEY[engine]


def test_an_engine_is_walked_or_keeps_nothing() -> None:
    assert set(names("engines")) - {"copy", "recorded"} <= {*VALUES, *IN_KEY, "example"}
