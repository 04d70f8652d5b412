"""Plug-ins by name, and what a broken one says."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from harness.errors import UsageError
from harness.workspace import distributions, registry


def write_distribution(folder: Path, name: str, version: str, entry_points: str) -> None:
    """What an installer leaves of a package beside its modules."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: of no use\nVersion: 9\n"
    (info / "METADATA").write_text(about, encoding="utf-8")
    (info / "entry_points.txt").write_text(entry_points, encoding="utf-8")


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """A package ``strange-mt`` whose entry points lead nowhere or to a module that cannot be imported."""
    (tmp_path / "strange_mt.py").write_text("raise OSError('no licence')\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    values = {"gone": "strange_mt_before:Engine", "broken": "strange_mt:Engine", "renamed": "json:Engine"}
    entries = "".join(f"{name} = {value}\n" for name, value in values.items())
    write_distribution(tmp_path, "strange-mt", "1.0", f"[harness.engines]\n{entries}")
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


def test_the_first_of_two_distributions_of_one_name_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_distribution(tmp_path / "old", "a.mt", "1.0", "[harness.engines]\nold = a_mt:Engine\n")
    write_distribution(
        tmp_path / "new", "A-mt", "2.0", "[console_scripts]\na = a_mt:main\n[harness.engines]\na = a_mt:E\n"
    )
    monkeypatch.setattr("sys.path", [str(tmp_path / "new"), str(tmp_path / "old")])
    (found,) = distributions.entry_points("harness.engines")
    assert (found.name, found.value) == ("a", "a_mt:E")
    assert found.dist is not None
    assert (distributions.name_of(found.dist), distributions.version_of(found.dist)) == ("A-mt", "2.0")
    assert distributions.entry_points("harness.reports") == ()


def test_names_and_versions_are_those_that_python_tells(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    info = tmp_path / "by_hand-3.egg-info"
    info.mkdir()
    (info / "PKG-INFO").write_text("Metadata-Version: 1.0\nName: by-hand\nVersion: 3\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    installed = list(metadata.distributions())
    assert "by-hand" in [distributions.name_of(found) for found in installed]
    for found in installed:
        assert (distributions.name_of(found), distributions.version_of(found)) == (found.name, found.version)


def test_a_suggestion_lists_each_name_once_and_not_hundreds() -> None:
    assert registry.suggestion("chep", ["cheap", "full", "cheap"]) == "did you mean 'cheap'? known: cheap, full"
    assert registry.suggestion("x", []) == "known: none"
    names = [f"article-{number}" for number in range(20)]
    assert registry.suggestion("x", names[:16]).endswith("article-14, article-15")
    assert registry.suggestion("x", names).endswith("article-13, article-14 and 5 more")
    assert registry.suggestion("article-19x", names).startswith("did you mean 'article-19'?")
