"""Answers that were bought stay valid: every set of options has the key that it always had."""

from __future__ import annotations

import json

import pytest

from tests.engines.option_walk import VALUES
from tests.engines.stored_keys import ENVIRONMENT, FILE, keys_of, option_lines

STORED = json.loads(FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("engine", VALUES)
def test_keys_are_those_that_caches_hold(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ENVIRONMENT:
        monkeypatch.delenv(variable, raising=False)
    stored = STORED[engine]
    assert set(option_lines(engine)) <= set(stored), "python -m tests.engines.stored_keys adds the missing keys"
    for lines, keys in stored.items():
        assert keys_of(engine, lines) == keys, f"engine {engine}, options {lines!r}"


def test_what_is_stored_can_tell_options_apart() -> None:
    keys = [key for engine in STORED.values() for by_pair in engine.values() for key in by_pair.values()]
    assert len(set(keys)) > 0.6 * len(keys) > 500
