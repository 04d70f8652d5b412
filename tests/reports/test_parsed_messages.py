"""TOML that is kept as JSON is that of the file as it stands."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import pytest

from harness.reports.words import messages
from harness.reports.words.parsed import tables_of

TEXT = 'language = "en"\n[a.b]\nc = "ž {x}"\nd = [1, 2.5, true]\n'


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "kept"))
    (tmp_path / "words.toml").write_text(TEXT, encoding="utf-8")
    return tmp_path / "words.toml"


def kept(file: Path) -> list[Path]:
    return [path for path in (file.parent / "kept").rglob("*") if path.is_file()]


def test_the_tables_are_kept_until_the_file_changes(file: Path) -> None:
    assert tables_of(file) == tables_of(file) == tomllib.loads(TEXT)
    (first,) = kept(file)
    of, _ = json.loads(first.read_bytes())
    first.write_text(json.dumps([of, {"a": "kept"}]))
    assert tables_of(file) == {"a": "kept"}
    file.write_text('a = "new"\n')
    assert tables_of(file) == {"a": "new"}
    assert kept(file) == [first]


@pytest.mark.parametrize("damage", [b"", b"[]", b"3", b'["x", {}]', b"\xff"])
def test_what_is_damaged_is_read_again(file: Path, damage: bytes) -> None:
    tables_of(file)
    kept(file)[0].write_bytes(damage)
    assert tables_of(file) == tomllib.loads(TEXT)


def test_nothing_is_kept_where_modules_are_not(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert tables_of(file) == tomllib.loads(TEXT)
    assert not kept(file)


def test_the_messages_are_those_of_the_file() -> None:
    written = Path(messages.__file__).with_name("messages.toml").read_text(encoding="utf-8")
    assert messages.english().tree == tomllib.loads(written)
