"""The code of templates is kept beside that of modules, and never taken for that of other templates."""

from __future__ import annotations

import sys
from pathlib import Path

import jinja2
import pytest

from harness.reports.html.compiled import CompiledTemplates


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Templates, whose code goes to a folder of the test."""
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "code"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.j2").write_text("{{ 1 + 1 }} {{ name }}", encoding="utf-8")
    return tmp_path


def _rendered(folder: Path, options: str = "") -> str:
    templates = folder / "templates"
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        bytecode_cache=CompiledTemplates(templates, options),
        autoescape=True,
    )
    return environment.get_template("a.j2").render(name="<b>")


def _kept(folder: Path) -> list[Path]:
    return [path for path in (folder / "code").rglob("*") if path.is_file()]


def test_code_is_kept_and_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _rendered(folder) == "2 &lt;b&gt;"
    assert len(_kept(folder)) == 1
    monkeypatch.setattr(jinja2.Environment, "_compile", None)
    assert _rendered(folder) == "2 &lt;b&gt;"


def test_code_of_another_template_or_of_other_options_is_not_used(folder: Path) -> None:
    _rendered(folder)
    before = _kept(folder)[0].read_bytes()
    _rendered(folder, "other options")
    assert _kept(folder)[0].read_bytes() != before
    (folder / "templates" / "a.j2").write_text("{{ name }}!", encoding="utf-8")
    assert _rendered(folder, "other options") == "&lt;b&gt;!"


@pytest.mark.parametrize("damage", [b"", b"j2", b"\x00" * 200])
def test_a_damaged_file_counts_as_none(folder: Path, damage: bytes) -> None:
    _rendered(folder)
    (kept,) = _kept(folder)
    kept.write_bytes(damage)
    assert _rendered(folder) == "2 &lt;b&gt;"
    kept.write_bytes(kept.read_bytes()[:-20])
    assert _rendered(folder) == "2 &lt;b&gt;"


def test_nothing_is_kept_where_python_keeps_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert _rendered(folder) == "2 &lt;b&gt;"
    assert _kept(folder) == []


def test_a_folder_that_cannot_be_written_is_no_fault(folder: Path) -> None:
    (folder / "code").write_text("a file", encoding="utf-8")
    assert _rendered(folder) == "2 &lt;b&gt;"
