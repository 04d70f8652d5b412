"""The shape of every command's help, and that options of several commands are the same everywhere."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from harness.cli.app import app
from harness.cli.options import REPORT_FORMATS
from harness.workspace.registry import is_ours, names
from tests.cli.conftest import Shell

TAKES_RUN = {"compare", "decide", "report", "export", "gate", "baseline accept", "plan", "rate"}

DIFFERENT = {
    "--article": {"import"},
    "--baseline": {"runs prune"},
    "--format": None,
    "--metric": {"decide", "gate", "plan"},
    "--output": {"export", "rate"},
    "--pair": {"export", "import", "init", "rate", "score"},
    "--run": None,
    "--seed": {"score"},
    "--system": {"gate", "cache prune"},
}
"""Options that do mean something else in these commands; None: their help lists what the command knows."""


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, (*path, name))
    yield " ".join(path), command


COMMANDS = dict(_commands(typer.main.get_command(app)))

LEAVES = [path for path, command in COMMANDS.items() if not hasattr(command, "commands")]


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_there_are_commands() -> None:
    assert {"run", "gate", "cache prune", "baseline accept"} <= set(LEAVES)


@pytest.mark.parametrize("path", [path for path in COMMANDS if path not in LEAVES])
def test_first_lines_are_not_cut(path: str, harness: Shell) -> None:
    lines = harness(*path.split(), "--help").out.partition("Commands:\n")[2].split("\n\n")[0].splitlines()
    assert len(lines) == len(COMMANDS[path].commands)
    for line in lines:
        assert re.fullmatch(r"  \S+ +\S.*\.", line), line
        assert not line.endswith("..."), line


@pytest.mark.parametrize("path", LEAVES)
def test_help_shows_what_people_write(path: str, harness: Shell) -> None:
    done = harness(*path.split(), "--help")
    assert done.code == 0
    assert done.err == ""
    text = " ".join(done.out.split())
    assert text.startswith(f"Usage: harness {path} [OPTIONS]")
    assert not re.search(r"-1\b|\(none\)|\(dynamic\)|default: (0|0\.0|\[\])?[\];]|[{<]|[\[(]list\[", _plain(text)), text
    assert max(map(len, done.out.splitlines())) <= 80


def _plain(text: str) -> str:
    """Without the places of help texts that show such characters on purpose."""
    return text.replace("<pair>", "").replace("<name>", "").replace("<TAB>", "").replace("<--", "").replace("<=", "")


@pytest.mark.parametrize("path", LEAVES)
def test_every_parameter_says_what_it_takes(path: str) -> None:
    for parameter in COMMANDS[path].params:
        is_flag = getattr(parameter, "is_flag", False)
        assert is_flag or parameter.metavar, (path, parameter.name)
        assert is_flag or re.fullmatch(
            r"[A-Z]+(,N)?|[A-Z]+(\[?=[#\[\]A-Z]+)(,\.\.\.)?|article\|segment", parameter.metavar
        ), (
            path,
            parameter.metavar,
        )
        assert parameter.default is None or parameter.default not in ("", -1, -1.0), (path, parameter.name)
        if parameter.required:
            record = parameter.get_help_record(typer.Context(COMMANDS[path]))
            assert record is not None
            assert record[1].endswith("required]")


def test_an_option_is_the_same_wherever_it_is() -> None:
    seen: dict[str, dict[tuple[str, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    for path in LEAVES:
        for parameter in COMMANDS[path].params:
            if not parameter.opts[0].startswith("-"):
                continue
            excepted = DIFFERENT.get(parameter.opts[0], set())
            if excepted is not None and path not in excepted:
                seen[parameter.opts[0]][parameter.help, parameter.metavar].append(path)
    assert len(seen["--workspace"]) == 1
    different = {flag: dict(kinds) for flag, kinds in seen.items() if len(kinds) > 1}
    allowed = {"--dry-run": 2, "--force": 2, "--open": 2, "--slice": 2, "--system": 2}
    assert {flag: len(kinds) for flag, kinds in different.items()} == allowed, different


def test_a_run_is_named_alike_by_every_command() -> None:
    found = set()
    for path in LEAVES:
        parameters = {parameter.name: parameter for parameter in COMMANDS[path].params}
        argument = parameters.get("run") or parameters.get("runs")
        if argument is not None and argument.param_type_name == "argument":
            found.add(path)
            assert parameters["run_option"].opts == ["--run"]
            assert argument.metavar == "RUN"
    assert found == TAKES_RUN


def test_report_and_run_list_every_format_there_is(harness: Shell) -> None:
    ours = {name for name in names("reports") if is_ours("reports", name)}
    assert set(REPORT_FORMATS) == ours
    for command in ("run", "report"):
        text = " ".join(harness(command, "--help").out.split())
        assert f"{', '.join(REPORT_FORMATS[:-1])} or {REPORT_FORMATS[-1]}" in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "--max-cost", "-5"), "--max-cost"),
        (("drift", "--max-cost", "-5"), "--max-cost"),
        (("run", "--seed", "-1"), "--seed"),
        (("run", "--limit", "0"), "--limit"),
        (("run", "--workers", "0"), "--workers"),
        (("compare", "--seed", "-1"), "--seed"),
        (("decide", "--max-p95", "-1"), "--max-p95"),
        (("decide", "--max-p95", "nan"), "--max-p95"),
        (("decide", "--max-cost-per-million", "-1"), "--max-cost-per-million"),
        (("decide", "--run", ""), "the name of the run is empty"),
        (("gate", "a", "--run", "b"), "two runs are named, a and b"),
        (("gate", "--run", "a", "--candidate", "b"), "two runs are named, a and b"),
        (("baseline", "accept"), "no run named"),
        (("score", "-s", "x", "-t", "a=b"), "Missing option '--pair'"),
        (("cache", "prune", "--system", ""), "the value of --system is empty"),
    ],
)
def test_no_value_stands_for_absence(arguments: tuple[str, ...], says: str, harness: Shell) -> None:
    done = harness(*arguments)
    assert done.code == 2
    assert says in done.err


@pytest.mark.parametrize(
    ("command", "known"),
    [
        ("run", "terminal"),
        ("report", "terminal"),
        ("compare", "terminal, json, csv"),
        ("decide", "terminal, json"),
        ("gate", "terminal, md, json, junit, github"),
        ("lint", "terminal, json"),
        ("list systems", "terminal, json"),
        ("drift", "terminal, json"),
        ("doctor", "terminal, json"),
        ("cache stats", "terminal, json"),
        ("baseline show", "terminal, json"),
        ("cache verify", "terminal, json"),
        ("score -s s -t a=b --pair de-en", "csv, html, json, junit, latex, md, parquet, terminal"),
    ],
)
def test_an_unknown_format_is_refused_alike(
    command: str, known: str, harness: Shell, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("references", "systems"):
        (tmp_path / folder).mkdir()
    done = harness(*command.split(), "--format", "jsn")
    assert done.code == 2
    assert "error: unknown format 'jsn'\nhint: did you mean 'json'? known: " in done.err
    assert known in done.err
    for name in ("text", "table"):
        assert "unknown format" not in harness(*command.split(), "--format", name).err


@pytest.mark.parametrize("path", ["", "run", "runs prune"])
def test_the_short_flag_gives_the_same_help(path: str, harness: Shell) -> None:
    short, long = (harness(*path.split(), flag) for flag in ("-h", "--help"))
    assert (short.code, short.out) == (long.code, long.out)
    assert short.out.startswith("Usage: ")
