"""The screens people act on, as they look at 80x24, at 100x35 and in a pipe.

``tests/data/screens`` has them. After a change that is meant, ``WRITE_SCREENS=1 pytest tests/cli/test_screens.py``
writes them again; look at the difference.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from rich.cells import cell_len

from harness.cli.app import main
from tests.cli.screens import SIZES, STYLES, in_pipe, on_terminal, steady
from tests.workspace import write_system

pytestmark = pytest.mark.xdist_group("screens")  # the workspaces are made once

ROOT = Path(__file__).resolve().parents[2]

SCREENS = ROOT / "tests" / "data" / "screens"

LABEL = "A system whose label is long, with a_word_of_more_than_thirty_characters"

PROGRAM = 'engine = "command"\nlabel = "Our model, build 812"\n[options]\nargv = ["./translate.sh"]\n'

PAID = (
    'engine = "openai"\nlabel = "Big model"\napi_key_env = "NOT_SET_HERE"\n[options]\nmodel = "m"\n'
    'endpoint = "http://127.0.0.1:1"\n[price]\nper_million_input_tokens = 1.0\nper_million_output_tokens = 10.0\n'
)


def lay_out(root: Path) -> Path:
    """The German half of the worked example, as recorded outputs, and a system with a name that fits no column."""
    for name in ("copy", "example-careful", "example-literal", "example-faulty"):
        write_system(root, name, (ROOT / "systems" / f"{name}.toml").read_text(encoding="utf-8"))
    for folder in ("references", "systems/example-careful", "systems/example-literal", "systems/example-faulty"):
        shutil.copytree(ROOT / folder / "de-en", root / folder / "de-en")
    shutil.copytree(root / "systems" / "example-literal", root / "systems" / "long")
    write_system(root, "long", f'engine = "recorded"\nlabel = "{LABEL}"\npairs = ["de-en"]\n')
    settings = 'metrics = ["bleu", "chrf"]\n[gate]\nslices = ["domain"]\nmax_flagged = { wrong_language = 0 }\n'
    (root / "harness.toml").write_text(settings, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with an accepted run and a later one in which one system got worse; nobody changes it."""
    root = lay_out(tmp_path_factory.mktemp("judged"))
    assert main(["run", "-C", str(root), "-q"]) == 0
    assert main(["baseline", "accept", "latest", "--note", "release 1.4", "-C", str(root)]) == 0
    for file in (root / "systems" / "example-careful" / "de-en").glob("*.txt"):
        file.write_text(file.read_text(encoding="utf-8").replace(" the ", " that "), encoding="utf-8")
    assert main(["run", "-C", str(root), "-q"]) == 0
    return root


@pytest.fixture(scope="module")
def incomplete(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which one article of a recorded system is missing; runs are added to it."""
    root = lay_out(tmp_path_factory.mktemp("incomplete"))
    (root / "systems" / "example-faulty" / "de-en" / "travel-salt-road.txt").unlink()
    return root


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that nothing has translated yet: six articles end alike, a key and a program are missing."""
    root = lay_out(tmp_path_factory.mktemp("draft"))
    for name in ("example-careful", "example-literal", "example-faulty", "long"):
        (root / "systems" / f"{name}.toml").unlink()
    write_system(root, "paid", PAID)
    write_system(root, "inhouse", PROGRAM)
    (root / "translate.sh").touch()
    for article in sorted((root / "references" / "de-en").glob("*.de.txt"))[:6]:
        name = article.name.removesuffix(".de.txt")
        for tag, endings in (("de", ("Guten Tag, %s.", "Bis morgen, %s.")), ("en", ("Good day, %s.", "Until, %s."))):
            for file in (root / "references" / "de-en").glob(f"{name}.{tag}*.txt"):
                for ending in endings:
                    lines = "".join(f"{ending % number}\n" for number in ("Anna", "Ben", "Carla"))
                    file.write_text(f"{file.read_text(encoding='utf-8')}{lines}", encoding="utf-8")
    return root


COMMANDS = {
    "run": ("incomplete", ["run", "-q"], 3),
    "gate": ("judged", ["gate"], 1),
    "gate-all": ("judged", ["gate", "--all"], 1),
    "compare": ("judged", ["compare"], 0),
    "decide": ("judged", ["decide"], 0),
    "lint": ("draft", ["lint"], 0),
    "dry-run": ("draft", ["run", "--dry-run", "--ignore-lint"], 0),
}
"""What is looked at: in which workspace, by which words, and its exit code."""


@pytest.mark.parametrize("size", [*SIZES, "pipe"])
@pytest.mark.parametrize("command", COMMANDS)
def test_screens(command: str, size: str, request: pytest.FixtureRequest) -> None:
    place, words, expected = COMMANDS[command]
    root: Path = request.getfixturevalue(place)
    code, text = in_pipe(words, cwd=root) if size == "pipe" else on_terminal(words, *SIZES[size], cwd=root)
    assert code == expected, text
    shown = steady(text).replace(str(root), "/workspace")
    file = SCREENS / f"{command}.{size}.txt"
    if os.environ.get("WRITE_SCREENS"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(shown, encoding="utf-8")
    assert shown == file.read_text(encoding="utf-8")
    if size == "pipe":
        assert "\x1b" not in text
        return
    columns, _ = SIZES[size]
    for line in shown.splitlines():
        # A path or an address is one word: it is not cut, so that it can be copied.
        assert cell_len(line) <= columns or len(line.split()) == 1, line


@pytest.mark.parametrize("words", [["report"], ["gate", "--all"], ["compare", "--all"], ["decide"], ["report", "-h"]])
def test_no_word_is_broken(judged: Path, words: list[str]) -> None:
    _, wide = in_pipe(words, cwd=judged, COLUMNS="2000")
    for columns in (100, 80):
        _, narrow = on_terminal(words, columns, 24, cwd=judged)
        narrow = "\n".join(line for line in narrow.split("\n") if "for want of room" not in line)
        known = set(steady(wide).split())
        # Only a word that is longer than a line may be cut, and a name that is wider than its column: that is said.
        longer = [word for word in known if len(word) > columns - 20]
        strange = {word for word in steady(narrow).split() if word not in known and not set(word) <= set("─━")}
        broken = {word for word in strange if "…" not in word and not any(word in whole for whole in longer)}
        assert broken <= {"characters", "in", "total)", f"({len(LABEL)}"}


def test_columns_override_and_no_size_is_eighty(judged: Path) -> None:
    _, chosen = on_terminal(["decide"], 200, 50, cwd=judged, COLUMNS="50")
    _, unsized = on_terminal(["decide"], 0, 0, cwd=judged)
    widths = [max(map(cell_len, steady(text).splitlines())) for text in (chosen, unsized)]
    assert widths[0] <= 50 < widths[1] <= 80


def test_weight_and_colour_only_where_they_are_wanted(judged: Path) -> None:
    def styles(**variables: str) -> set[str]:
        return set(STYLES.findall(on_terminal(["gate"], 80, 24, cwd=judged, **variables)[1]))

    assert {"\x1b[1;31m", "\x1b[0m"} <= styles()
    assert styles(NO_COLOR="1") == {"\x1b[1m", "\x1b[0m"}
    assert styles(NO_COLOR="") == styles()
    assert styles(TERM="dumb") == set()


def test_a_label_steers_no_terminal(tmp_path: Path) -> None:
    root = lay_out(tmp_path)
    write_system(root, "long", 'engine = "recorded"\nlabel = "\\u001b[31mred\\u001b[2J"\npairs = ["de-en"]\n')
    for words in (["run", "-q"], ["report"], ["decide"], ["run", "--dry-run"]):
        _, text = on_terminal(words, 80, 24, cwd=root, NO_COLOR="1")
        assert set(STYLES.findall(text)) <= {"\x1b[1m", "\x1b[2m", "\x1b[0m"}
        assert "\x1b[2J" not in text
        assert "⟨ESC⟩[31mred" in " ".join(text.split()) or words[0] == "decide"


def test_details_of_a_run_on_request(judged: Path) -> None:
    words = ["run", "-q", "--metric", "chrf", "--system", "copy,example-literal,example-faulty"]
    _, short = in_pipe(words, cwd=judged)
    _, long = in_pipe([*words, "-v"], cwd=judged)
    assert long.endswith(short)
    assert "How to reproduce this run" in long.removesuffix(short)


def test_errors_and_hints_are_wrapped_and_what_is_copied_stays_whole(judged: Path) -> None:
    words = ["report", "20990101T000000-aaaaaa", "-C", f"{judged}/../{judged.name}"]
    code, text = on_terminal(words, 60, 24, cwd=judged)
    lines = text.splitlines()
    assert code == 2
    assert lines[0].startswith("error: ")
    assert any(line.startswith("hint: ") for line in lines)
    assert any(line.startswith("  ") for line in lines), "what is wrapped goes on further in"
    assert all(cell_len(line) <= 60 or len(line.split()) == 1 for line in lines), lines
    _, whole = in_pipe(words, cwd=judged)
    assert len(whole.splitlines()) == 2
    assert " ".join(text.split()) == " ".join(whole.split())


def test_a_column_that_gives_way_is_named(judged: Path) -> None:
    for words, left_out in ((["compare"], "95 %"), (["gate", "--all"], "margin")):
        _, narrow = on_terminal(words, 50, 24, cwd=judged)
        _, wide = on_terminal(words, 160, 24, cwd=judged)
        assert f"Not shown for want of room: {left_out}." in " ".join(STYLES.sub("", narrow).split())
        assert "for want of room" not in wide


@pytest.mark.parametrize("words", [["doctor"], ["explain", "metric", "chrf"]])
def test_text_fits_the_terminal(judged: Path, words: list[str]) -> None:
    _, text = on_terminal(words, 45, 24, cwd=judged)
    lines = STYLES.sub("", text).splitlines()
    assert len(lines) > 10
    assert all(cell_len(line) <= 45 or len(line.split()) <= 2 for line in lines), lines
    _, whole = in_pipe(words, cwd=judged)
    assert max(map(cell_len, whole.splitlines())) > 45
