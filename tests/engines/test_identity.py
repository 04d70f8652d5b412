"""Every option of every engine: what changes the request changes the key, and what changes the key changes the request.

A new option needs a line here: two values for it, or why it is in the key although nothing else is sent.
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
from tests.loopback import Loopback, Seen
from tests.vendors.base import Vendor, all_vendors

CHAT: Mapping[str, tuple[str, str]] = {
    "model": ('model = "m"', 'model = "n"'),
    "mode": ('mode = "sentence"', 'mode = "article"'),
    "window": ('mode = "window"\nwindow = 1', 'mode = "window"\nwindow = 2'),
    "prompt": ('prompt = "a"', 'prompt = "b"'),
    "instructions": ("", 'instructions = "Be brief."'),
    "glossary": ("", '[glossary]\nEins = "One"'),
    "temperature": ("", "temperature = 0.5"),
    "max_output_tokens": ("", "max_output_tokens = 99"),
    "reasoning_tokens": ("", "reasoning_tokens = 1"),
    "reasoning_effort": ("", 'reasoning_effort = "low"'),
    "structured": ("", 'structured = "none"'),
    "template": ('mode = "plain"\ntemplate = "tower-plus"', 'mode = "plain"\ntemplate = "eurollm"'),
    "languages": (
        'mode = "plain"\ntemplate = "tower-plus"',
        'mode = "plain"\ntemplate = "tower-plus"\nlanguages = { en = "American" }',
    ),
}
VERTEX = 'platform = "vertex"\n'
CLOUD: Mapping[str, tuple[str, str]] = {
    "platform": ("", f'{VERTEX}region = "global"\nproject = "p"'),
    "region": (f'{VERTEX}region = "global"\nproject = "p"', f'{VERTEX}region = "eu"\nproject = "p"'),
    "project": (f'{VERTEX}region = "eu"\nproject = "p"', f'{VERTEX}region = "eu"\nproject = "q"'),
}
DEPLOYED = 'deployment_name = "d"\n'
TWO_PAIRS = 'reference_pairs = [["Eins", "One"], ["Zwei", "Two"]]'
OTHER_PAIRS = 'reference_pairs = [["Zwei", "Two"], ["Eins", "One"]]'
VALUES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "openai": {
        **CHAT, "seed": ("", "seed = 1"), "output_limit": ("", 'output_limit = "max_completion_tokens"'),
        "context_tokens": ("context_tokens = 3000", "context_tokens = 4000"),
    },
    "anthropic": {
        **CHAT, **CLOUD, "thinking": ("", 'thinking = "adaptive"'), "thinking_budget": ("", "thinking_budget = 2000"),
    },
    "gemini": {**CHAT, **CLOUD, "seed": ("", "seed = 1"), "thinking_budget": ("", "thinking_budget = 2000")},
    "bedrock": {
        **CHAT,
        "structured": ("", 'structured = "json_schema"'),
        "region": ('region = "eu-west-1"', 'region = "us-east-1"'),
        "request_fields": ("", "request_fields = { top_k = 5 }"),
    },
    "deepl": {
        "target_variants": ("", 'target_variants = { en = "en-GB" }'),
        "formality": ("", 'formality = "more"'),
        "model_type": ("", 'model_type = "latency_optimized"'),
        "glossary_id": ("", 'glossary_id = "g"'),
        "glossary_ids": ('glossary_ids = ["a", "b"]', 'glossary_ids = ["b", "a"]'),
        "translation_memory_id": ("", 'translation_memory_id = "t"'),
        "translation_memory_threshold": (
            'translation_memory_id = "t"',
            'translation_memory_id = "t"\ntranslation_memory_threshold = 80',
        ),
        "tag_handling_version": ('tag_handling = "xml"', 'tag_handling = "xml"\ntag_handling_version = "v2"'),
        "style_id": ("", 'style_id = "s"'),
        "context": ("", 'context = "A letter."'),
        "custom_instructions": ("", 'custom_instructions = ["Be brief."]'),
        "split_sentences": ("", 'split_sentences = "0"'),
        "preserve_formatting": ("", "preserve_formatting = true"),
        "tag_handling": ("", 'tag_handling = "xml"'),
    },
    "azure": {
        "region": ("", 'region = "eastus"'),
        "deployment_name": ("", 'deployment_name = "d"'),
        "tone": ("", 'tone = "formal"'),
        "gender": ("", 'gender = "female"'),
        "reference_pairs": (f"{DEPLOYED}{TWO_PAIRS}", f"{DEPLOYED}{OTHER_PAIRS}"),
        "adaptive_dataset_id": (DEPLOYED, f'{DEPLOYED}adaptive_dataset_id = "a"'),
    },
    "google": {
        "project": ('project = "p"', 'project = "q"'),
        "location": ("", 'location = "us-central1"'),
        "model": ("", 'model = "general/translation-llm"'),
        "glossary": ('location = "eu"', 'location = "eu"\nglossary = "g"'),
        "adaptive_dataset": ('location = "eu"', 'location = "eu"\nadaptive_dataset = "a"'),
        "reference_pairs": (f'location = "eu"\n{TWO_PAIRS}', f'location = "eu"\n{OTHER_PAIRS}'),
    },
    "amazon": {
        "region": ("", 'region = "us-east-1"'),
        "terminology": ("", 'terminology = "t"'),
        "formality": ("", 'formality = "formal"'),
        "profanity": ("", 'profanity = "mask"'),
        "brevity": ("", 'brevity = "on"'),
    },
    "yandex": {
        "languages": ("", 'languages = { en = "eng" }'),
        "folder": ("", 'folder = "b1g"'),
        "key_type": ("", 'key_type = "bearer"'),
        "model": ("", 'model = "m"'),
        "glossary": ("", 'glossary = { Eins = "One" }'),
        "speller": ("", "speller = true"),
    },
    "modernmt": {
        "languages": ("", 'languages = { en = "eng" }'),
        "hints": ("hints = [1, 2]", "hints = [2, 1]"),
        "context_vector": ("", 'context_vector = "1:0.5"'),
        "glossaries": ("", 'glossaries = ["g"]'),
        "ignore_glossary_case": ("", "ignore_glossary_case = true"),
        "mask_profanities": ("", "mask_profanities = true"),
    },
    "lara": {
        "languages": ("", 'languages = { en = "eng" }'),
        "style": ("", 'style = "faithful"'),
        "adapt_to": ("", 'adapt_to = ["m"]'),
        "glossaries": ("", 'glossaries = ["g"]'),
        "instructions": ("", 'instructions = ["Be brief."]'),
        "styleguide_id": ("", 'styleguide_id = "s"'),
    },
    "alibaba": {
        "languages": ("", 'languages = { en = "eng" }'),
        "edition": ("", 'edition = "translate_ecommerce"'),
        "scene": ("", 'scene = "title"'),
    },
    "libretranslate": {
        "version": ("", 'version = "2"'),
        "languages": ("", 'languages = { en = "eng" }'),
    },
    "http": {
        "method": ("", 'method = "PUT"'),
        "headers": ("", 'headers = { X-Model = "big ${env:EXAMPLE_MT_KEY}" }'),
        "query": ("", 'query = { v = "2" }'),
        "body": ("", 'body = { items = [{ text = "{text}" }], to = "{target}", formal = true }'),
        "response": ("", 'response = "data.translations[*].[text][]"'),
        "languages": ("", 'languages = { en = "eng" }'),
        "version": ("", 'version = "2"'),
        "errors": ("", 'errors = { 418 = "quota" }'),
    },
}  # fmt: skip

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
}  # fmt: skip
"""Options of engines that run here; their own tests show that each of these changes the key."""

NOT_IN_KEY: Mapping[str, set[str]] = {
    "transformers": {"batch_tokens", "threads"},
    "ctranslate2": {"batch_tokens", "threads", "positions"},
    "argos": {"batch_tokens", "threads"},
    "apertium": set(),
    "command": set(),
}
"""How fast it goes; and, by ``positions``, whether there is an answer at all."""


@pytest.mark.parametrize("engine", IN_KEY)
def test_no_option_of_a_local_engine_is_left_out(engine: str) -> None:
    assert set(load("engines", engine).Options.model_fields) == IN_KEY[engine] | NOT_IN_KEY[engine]
    assert not IN_KEY[engine] & NOT_IN_KEY[engine]


def test_an_engine_is_walked_or_keeps_nothing() -> None:
    assert set(names("engines")) - {"copy", "recorded"} <= {*VALUES, *IN_KEY, "example"}
