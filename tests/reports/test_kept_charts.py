"""Drawings that are kept: the same picture without the library, and another drawing for everything else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.reports.charts import kept
from harness.reports.charts.kept import kept_or_drawn


class Artist:
    """Draws, and counts how often."""

    def __init__(self) -> None:
        self.drawn = 0

    def __call__(self, spec: Mapping[str, Any]) -> str:
        self.drawn += 1
        return f"<svg x>{spec}ž</svg>"


@pytest.fixture
def artist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Artist:
    monkeypatch.setenv("HARNESS_CHARTS_CACHE", str(tmp_path / "charts"))
    return Artist()


def test_what_was_drawn_is_not_drawn_again(artist: Artist) -> None:
    assert (
        kept_or_drawn({"a": 1, "b": 2}, artist) == kept_or_drawn({"b": 2, "a": 1}, artist) == Artist()({"a": 1, "b": 2})
    )
    assert artist.drawn == 1
    assert kept_or_drawn({"a": 1, "b": 3}, artist) == Artist()({"a": 1, "b": 3})
    assert artist.drawn == 2


def test_another_version_of_the_library_draws_anew(artist: Artist, monkeypatch: pytest.MonkeyPatch) -> None:
    kept_or_drawn({}, artist)
    monkeypatch.setattr(kept, "package_version", lambda _: "99")
    kept_or_drawn({}, artist)
    assert artist.drawn == 2


@pytest.mark.parametrize("damage", [b"", b"no zlib", b"x\x9c\x03\x00\x00\x00\x00\x01"])
def test_what_is_no_drawing_is_drawn_again(artist: Artist, damage: bytes) -> None:
    drawn = kept_or_drawn({}, artist)
    (file,) = kept.folder().iterdir()
    file.write_bytes(damage)
    assert kept_or_drawn({}, artist) == drawn
    assert kept_or_drawn({}, artist) == drawn
    assert artist.drawn == 2


def test_where_nothing_can_be_kept_it_is_drawn(artist: Artist, tmp_path: Path) -> None:
    (tmp_path / "charts").write_text("no folder")
    assert kept_or_drawn({}, artist) == kept_or_drawn({}, artist) == Artist()({})
    assert artist.drawn == 2


def test_the_oldest_go_where_there_are_many(artist: Artist, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_KEPT", 4)
    for number in range(20):
        kept_or_drawn({"number": number}, artist)
        assert len([*kept.folder().iterdir()]) <= 4
    kept_or_drawn({"number": 19}, artist)
    assert artist.drawn == 20
