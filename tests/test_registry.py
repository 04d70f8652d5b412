"""Plug-ins by name, and what a broken one says."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from types import SimpleNamespace
from typing import Any

import pytest

from harness.errors import UsageError
from harness.workspace import registry


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """A package ``strange-mt`` whose entry points lead nowhere or to a module that cannot be imported."""
    (tmp_path / "strange_mt.py").write_text("raise OSError('no licence')\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    values = {"gone": "strange_mt_before:Engine", "broken": "strange_mt:Engine", "renamed": "json:Engine"}
    found = [EntryPoint(name, value, "harness.engines") for name, value in values.items()]
    for entry in found:
        vars(entry)["dist"] = SimpleNamespace(name="strange-mt")
    monkeypatch.setattr("harness.workspace.registry.entry_points", lambda group: found)
    registry._entries.cache_clear()
    yield
    registry._entries.cache_clear()


@pytest.mark.parametrize(
    ("name", "module", "reason"),
    [
        ("gone", "strange_mt_before:Engine", "No module named 'strange_mt_before'"),
        ("broken", "strange_mt:Engine", "OSError: no licence"),
        ("renamed", "json:Engine", "has no attribute 'Engine'"),
    ],
)
@pytest.mark.usefixtures("plugin")
def test_a_plug_in_that_cannot_be_imported(name: str, module: str, reason: str) -> None:
    assert name in registry.names("engines")
    with pytest.raises(UsageError) as caught:
        registry.load("engines", name)
    for part in (name, "strange-mt", module, reason):
        assert part in str(caught.value)
    assert "strange-mt" in caught.value.hint


def test_a_suggestion_lists_each_name_once_and_not_hundreds() -> None:
    assert registry.suggestion("chep", ["cheap", "full", "cheap"]) == "did you mean 'cheap'? known: cheap, full"
    assert registry.suggestion("x", []) == "known: none"
    names = [f"article-{number}" for number in range(20)]
    assert registry.suggestion("x", names[:16]).endswith("article-14, article-15")
    assert registry.suggestion("x", names).endswith("article-13, article-14 and 5 more")
    assert registry.suggestion("article-19x", names).startswith("did you mean 'article-19'?")
