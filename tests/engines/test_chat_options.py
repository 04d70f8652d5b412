"""What the engines for language models say before anything is sent."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.engines.chat import prompt as chat_prompt
from harness.engines.interface import RemoteEngine
from harness.errors import ConfigError, EngineUnavailable
from harness.testing import batch_of
from harness.types import LangPair
from tests.engines import remote
from tests.engines.chat_vendors import SDKS, VENDORS, make
from tests.vendors.base import Vendor

PAIR = LangPair("de", "en")


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Vendor:
    return remote.with_keys(VENDORS[request.param], monkeypatch)


class TestWithoutSdk:
    @pytest.fixture(autouse=True)
    def _no_sdk(self, vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, SDKS[vendor.engine], None)
        monkeypatch.setitem(sys.modules, "httpx2", None)

    def test_cached_answers_need_neither_sdk_nor_key(self, vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in vendor.environment:
            monkeypatch.delenv(name)
        engine: Any = make(vendor)
        engine.supports(PAIR)
        assert engine.identity(PAIR).version == "m"
        assert engine.worst_usage(batch_of(["x"], PAIR))["output_tokens"] == 4096 + 66
        asyncio.run(engine.close())
        assert isinstance(engine, RemoteEngine)

    def test_ready_names_the_extra(self, vendor: Vendor) -> None:
        with pytest.raises(EngineUnavailable) as caught:
            make(vendor).ready()
        assert caught.value.hint == f"pip install 'translation-harness[{vendor.engine}]'"


@pytest.mark.usefixtures("_chat_sdk")
class TestReady:
    def test_with_a_key(self, vendor: Vendor) -> None:
        make(vendor).ready()

    @pytest.mark.parametrize("value", [None, "", "  "])
    def test_names_the_usual_variable(self, vendor: Vendor, monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
        (name,) = vendor.environment
        monkeypatch.delenv(name) if value is None else monkeypatch.setenv(name, value)
        with pytest.raises(EngineUnavailable, match=name):
            make(vendor).ready()

    def test_names_the_variable_of_the_system_file(self, vendor: Vendor) -> None:
        engine = make(vendor, api_key_env="MY_KEY")
        assert engine.key_variables == ("MY_KEY",)
        with pytest.raises(EngineUnavailable, match="MY_KEY"):
            engine.ready()


class TestIdentity:
    @pytest.mark.parametrize(
        "extra",
        [
            'model = "other"', 'endpoint = "http://127.0.0.1:1"', 'mode = "article"', 'mode = "window"', "batch = 1",
            'instructions = "x"', "temperature = 0", "max_output_tokens = 9", "reasoning_tokens = 0",
            'reasoning_effort = "low"', 'structured = "none"', 'prompt = "x"', "[glossary]\na = \"b\"",
        ],
    )  # fmt: skip
    def test_everything_that_shapes_the_request_is_in_it(self, vendor: Vendor, extra: str) -> None:
        plain = make(vendor).identity(PAIR)
        assert plain != make(vendor, extra).identity(PAIR)
        assert plain == make(vendor).identity(PAIR)

    def test_window_counts_in_window_mode_only(self, vendor: Vendor) -> None:
        def identity(extra: str) -> object:
            return make(vendor, extra).identity(PAIR)

        assert identity("window = 1") == identity("window = 2")
        assert identity('mode = "window"\nwindow = 1') != identity('mode = "window"\nwindow = 2')
        assert identity('mode = "window"\nbatch = 1') == identity('mode = "window"\nbatch = 2')

    def test_the_protocol_is_in_it(self, vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
        plain = make(vendor).identity(PAIR)
        monkeypatch.setattr(chat_prompt, "PROTOCOL", chat_prompt.PROTOCOL + " Please.")
        assert plain != make(vendor).identity(PAIR)

    def test_prices_are_looked_up(self, vendor: Vendor) -> None:
        from genai_prices.data import providers

        engine = make(vendor)
        assert engine.vendor in {provider.id for provider in providers}
        assert engine.billed_model == "m"


class TestOptions:
    @pytest.mark.parametrize(
        ("extra", "message"),
        [
            ('model = ""', "model"),
            ('modle = "x"', "unknown key 'modle'"),
            ('endpoint = "localhost:8000"', "endpoint"),
            ('endpoint = "https://user:secret@host/v1"', "endpoint"),
            ('endpoint = "https://host/v1?key=secret"', "endpoint"),
            ('mode = "document"', "mode"),
            ("batch = 0", "batch"),
            ("temperature = 2.1", "temperature"),
            ("temperature = nan", "temperature"),
            ('structured = "yes"', "structured"),
            ('prompt = "{nothing}"', "unknown placeholder '{nothing}'"),
            ('prompt = "x"\ninstructions = "y"', "no '{instructions}'"),
        ],
    )
    def test_wrong(self, vendor: Vendor, extra: str, message: str) -> None:
        with pytest.raises(ConfigError, match=message.replace("{", r"\{")) as caught:
            make(vendor, extra)
        assert "secret" not in str(caught.value)

    def test_limits_follow_the_mode(self, vendor: Vendor) -> None:
        sentence, window, article = (
            make(vendor, extra).limits for extra in ("batch = 7", 'mode = "window"\nwindow = 2', 'mode = "article"')
        )
        assert (sentence.max_segments, sentence.context, sentence.one_article) == (7, 0, False)
        assert (window.max_segments, window.context, window.one_article) == (1, 2, True)
        assert article.one_article
        assert article.context >= article.max_segments >= 1000
        assert article.max_tokens < sentence.max_tokens


def test_the_published_prompt_is_the_default() -> None:
    page = Path(__file__).parents[2] / "docs" / "llm-engines.md"
    (published,) = re.findall(r"<!-- prompt -->\n```text\n(.*?)\n```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert published == chat_prompt.DEFAULT_PROMPT
