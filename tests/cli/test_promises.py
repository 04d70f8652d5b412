"""docs/promises.md against the code: what is promised is there. More may be."""

from __future__ import annotations

import importlib
import json
import re
import shlex
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest
import typer

from harness import api
from harness.cli.app import app
from harness.store.runs.schema import RunFile
from tests.cli.conftest import Shell
from tests.workspace import write_article, write_system

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "promises.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """One part of the page."""
    (text,) = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return str(text)


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def rows(title: str) -> list[list[str]]:
    """The table of a part, without its heading."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
    assert table
    return table


def commands(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command with its whole name."""
    inside: dict[str, click.Command] | None = getattr(command, "commands", None)
    if inside is not None:
        for word, inner in inside.items():
            yield from commands(inner, f"{name} {word}".strip())
    else:
        yield name, command


def test_commands_and_their_options() -> None:
    known = dict(commands(typer.main.get_command(app)))
    promised = {names(row[0])[0]: names(row[1]) for row in rows("Commands")}
    assert promised.keys() == known.keys()
    for name, options in promised.items():
        taken = {option for parameter in known[name].params for option in parameter.opts}
        assert set(options) <= taken, name


def test_exit_codes(harness: Shell) -> None:
    said = " ".join(section("Exit codes").split())
    shown = " ".join(harness("--help").out.split())
    assert said.rstrip(".") in shown


@pytest.mark.parametrize("row", rows("JSON"), ids=lambda row: row[0])
def test_json(row: list[str], harness: Shell, tmp_path: Path) -> None:
    for number in range(7):
        write_article(
            tmp_path, f"{number}", [(f"Der Zug {number} kommt.", f"Train {number} is coming."), ("Ja.", "Yes.")]
        )
    for name in ("one", "two"):
        write_system(tmp_path, name, 'engine = "copy"\n')
    assert harness("run", "-C", tmp_path, "--metric", "chrf", "-q").code == 0
    done = harness(*shlex.split(names(row[0])[0]), "-C", tmp_path)
    data = json.loads(done.out)
    assert names(row[1])
    assert set(names(row[1])) <= data.keys()
    for inner in names(row[2]):
        assert data[inner]
        for item in data[inner]:
            assert set(names(row[3])) <= item.keys()


def test_runs(harness: Shell, tmp_path: Path) -> None:
    write_article(tmp_path, "a", [("Der Zug kommt.", "The train is coming.")])
    write_system(tmp_path, "one", 'engine = "copy"\n')
    assert harness("run", "-C", tmp_path, "--metric", "chrf", "-q").code == 0
    (folder,) = (tmp_path / "reports" / "runs").iterdir()
    files, keys = (names(part) for part in section("Runs").split("Every later version"))
    assert set(files) <= {file.name for file in folder.iterdir()}
    promised = set(keys) - {"run.json"}
    assert promised <= RunFile.model_fields.keys()
    assert promised <= json.loads((folder / "run.json").read_text(encoding="utf-8")).keys()


def test_python() -> None:
    module, *functions = names(section("Python"))
    assert module == api.__name__
    assert set(functions) <= set(api.__all__)
    assert all(callable(getattr(api, name)) for name in functions)


@pytest.mark.parametrize("row", rows("Plug-ins"), ids=lambda row: row[1])
def test_interfaces_of_plug_ins(row: list[str]) -> None:
    (group,), (path,), members = (names(cell) for cell in row)
    assert entry_points(group=group)
    module, _, name = path.rpartition(".")
    interface = getattr(importlib.import_module(module), name)
    assert members
    assert set(members) <= {*vars(interface), *interface.__annotations__}
