from __future__ import annotations

import subprocess
import sys

import pytest

from harness.engines.keys import read_key, require
from harness.errors import EngineUnavailable


def test_a_package_whose_parent_is_missing() -> None:
    with pytest.raises(EngineUnavailable) as caught:
        require("no_such_package.part", "extra")
    assert caught.value.hint == "pip install 'translation-harness[extra]'"
    require("json.decoder", "extra")


@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_key_is_none(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SOME_KEY", value)
    with pytest.raises(EngineUnavailable, match="SOME_KEY"):
        read_key("SOME_KEY")


def test_a_key_loses_the_line_break_it_was_pasted_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", "abc\n")
    assert read_key("SOME_KEY") == "abc"


def test_cached_answers_need_neither_sdk_nor_key() -> None:
    """``supports`` and ``identity`` of every service import no SDK."""
    code = """
import sys, tomllib
from pathlib import Path
from harness.engines.interface import EngineContext
from harness.workspace.registry import load
from harness.types import LangPair
for name, options in {
    "deepl": {}, "google": {}, "azure": {}, "amazon": {}, "libretranslate": {"endpoint": "http://127.0.0.1:1"},
    "http": {"url": "http://127.0.0.1:1/{text}", "response": "text"},
}.items():
    factory = load("engines", name)
    engine = factory(factory.Options(**options), EngineContext("test", Path("systems/test")))
    engine.supports(LangPair("de", "en"))
    engine.identity(LangPair("de", "en"))
sdks = {"deepl", "google.cloud.translate_v3", "google.auth", "azure.core", "boto3", "botocore", "requests", "aiohttp"}
print(sorted(sdks & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
