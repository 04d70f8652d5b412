"""A catalogue of the user's own: what it may say, what it may leave out, and how a wrong one is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.errors import ConfigError
from harness.reports.words.messages import read_catalogue, speaking
from harness.reports.words.numbers import counted
from tests.cli.conftest import Shell, harness
from tests.kept import write_run

from .greek import rich_run

__all__ = ["harness"]


def test_what_a_file_leaves_out_is_said_in_english(tmp_path: Path, harness: Shell) -> None:
    folder = write_run(rich_run(), tmp_path / "reports" / "runs")
    words = tmp_path / "de.toml"
    words.write_text('language = "de"\n[leaderboard]\ntitle = "Rangliste <b>"\n', encoding="utf-8")
    done = harness("report", folder, "-C", tmp_path, "--format", "html", "--messages", words)
    assert done.code == 0
    assert '<html lang="de" dir="ltr">' in done.out
    assert "Rangliste &lt;b&gt;</h3>" in done.out
    assert "Articles, worst first</h3>" in done.out
    assert harness("report", folder, "-C", tmp_path, "--format", "json", "--messages", words).code == 2
    assert "Leaderboard</h3>" in harness("report", folder, "-C", tmp_path, "--format", "html").out


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[leaderboard]\ntilte = "x"', "leaderboard.tilte"),
        ('[page]\nrun = "Lauf"', "page.run"),
        ('[page]\nrun = "Lauf {id} {seed}"', "page.run"),
        ('[page]\nrun = "Lauf {id!r}"', "page.run"),
        ('[page]\nrun = "Lauf {id:>99}"', "page.run"),
        ('[page]\nrun = "Lauf {id.x}"', "page.run"),
        ('[page]\nrun = "Lauf {id"', "page.run"),
        ("[page]\nrun = 3", "page.run"),
        ('page = "x"', "page"),
        ("[page", ""),
    ],
)
def test_a_wrong_file_is_refused_by_name_and_key(text: str, key: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_catalogue(path)
    assert str(path) in str(caught.value)
    assert key in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        read_catalogue(tmp_path / "nowhere.toml")


def test_the_example_of_the_documentation_is_one(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "report.md"
    (example,) = re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path / "de.toml"
    path.write_text(example, encoding="utf-8")
    with speaking(read_catalogue(path)):
        assert [counted(1, "segment"), counted(1200, "segment")] == ["1 Segment", "1,200 Segmente"]
        assert counted(2, "article") == "2 articles"
