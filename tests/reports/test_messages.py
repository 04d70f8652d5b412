"""The catalogue of the reports' words: each message is used, and each that is used is there and gets its fields."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from itertools import chain
from pathlib import Path
from typing import get_args

import jinja2
import jinja2.nodes as jn

import harness
from harness.analysis.signs import LEVELS
from harness.checks.load import kinds
from harness.reports.html.page import SECTIONS, NoTradeoff
from harness.reports.model.matrix import Side
from harness.reports.words.messages import english, fields_of
from harness.store.runs.result import RunStatus

ROOT = Path(harness.__file__).parent
TEMPLATES = sorted((ROOT / "reports" / "html" / "templates").rglob("*.j2"))
SCRIPTS = sorted((ROOT / "reports" / "html" / "assets").glob("*.js"))
FORMS = ("one", "other")
CALLS = {"say", "plural", "counted", "counted_as", "Reason", "Part", "_said_by"}
"""What is called with the key of a message, or a part of one."""
HELPERS = {"messages.py": {"say"}, "numbers.py": {"plural"}, "reasons.py": {"say", "plural", "counted", "Reason"}}
"""Where a function passes on a key that it is given."""
CHOICES = {
    "pairwise": set(get_args(Side)) - {"self"},
    "kinds": {"refused", "failed", "not_bought"},
    "status": set(get_args(RunStatus)),
    "tradeoff": set(get_args(NoTradeoff)),
    "sections": set(SECTIONS),
    "trust_level": set(LEVELS),
}
"""What templates compute of a key: ``t.status[entry.status]``."""


@dataclass(frozen=True)
class Use:
    """A message asked for; ``*`` in its key stands for what is computed."""

    where: str
    key: str
    fields: frozenset[str] | None
    """None where it is not filled in here."""

    def found(self) -> list[str]:
        return [key for key in english().texts if fnmatchcase(key, self.key)]


def _keys(node: ast.expr, where: str) -> list[str]:
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts):
            return ["".join(part.value if isinstance(part, ast.Constant) else "*" for part in parts)]
        case ast.IfExp(body=one, orelse=other):
            return [*_keys(one, where), *_keys(other, where)]
    raise AssertionError(f"{where}: write the key out, so that it can be looked for")


def _in_code(path: Path) -> Iterator[Use]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        if name in CALLS - HELPERS.get(path.name, set()):
            assert isinstance(node, ast.Call)
            yield from _of_call(name, node, f"{path.name}:{node.lineno}")


def _of_call(name: str, call: ast.Call, where: str) -> Iterator[Use]:
    fields = frozenset(keyword.arg or "**" for keyword in call.keywords)
    assert name in {"Reason", "Part"} or "**" not in fields, (
        f"{where}: write the fields out, so that they can be checked"
    )
    match name:
        case "say":
            yield from (Use(where, key, fields) for key in _keys(call.args[0], where))
        case "_said_by":
            yield from (Use(where, key, frozenset()) for key in _keys(call.args[1], where))
        case "plural":
            yield from _forms(where, _keys(call.args[0], where), fields)
        case "counted_as":
            yield from _forms(where, _keys(call.args[0], where), frozenset({"n"}))
        case "counted":
            yield from _forms(where, [f"count.{_noun(call.args[1])}"], frozenset({"n"}))
        case "Reason":
            fields = _fields(call.args[1], where) if len(call.args) > 1 else frozenset()
            for key in _keys(call.args[0], where):
                use = Use(where, key, fields)
                yield from [use] if use.found() or "n" not in fields else _forms(where, [key], fields)
        case "Part" if isinstance(call.args[0], ast.Constant) and call.args[0].value == "message":
            yield from (Use(where, key, frozenset()) for key in _keys(call.args[1], where))
        case "Part" if isinstance(call.args[0], ast.Constant) and call.args[0].value == "count":
            yield from _forms(where, [f"count.{_noun(call.args[2])}"], frozenset({"n"}))


def _forms(where: str, keys: list[str], fields: frozenset[str]) -> Iterator[Use]:
    yield from (Use(where, f"{key}.{form}", fields) for key in keys for form in FORMS)


def _noun(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else "*"


def _fields(node: ast.expr, where: str) -> frozenset[str]:
    names = (
        [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
        if isinstance(node, ast.Dict)
        else [None]
    )
    assert None not in names, f"{where}: write the fields out, so that they can be checked"
    return frozenset(map(str, names))


def _path(node: jn.Node, names: dict[str, str]) -> str | None:
    """The key that ``t.section.name`` or ``t.section[computed]`` stands for; None for anything else."""
    match node:
        case jn.Name(name=name):
            return names.get(name)
        case jn.Filter(node=jn.Node() as inner, name="e"):
            return _path(inner, names)
        case jn.Getattr(node=inner, attr=name) if (before := _path(inner, names)) is not None:
            return f"{before}.{name}".removeprefix(".")
        case jn.Getitem(node=inner) if (before := _path(inner, names)) is not None:
            return f"{before}.*".removeprefix(".")
    return None


def _filled(path: Path, tree: jn.Template, names: dict[str, str]) -> Iterator[Use]:
    for call in tree.find_all(jn.Call):
        where, fields = f"{path.name}:{call.lineno}", frozenset(keyword.key for keyword in call.kwargs)
        match call:
            case jn.Call(node=jn.Getattr(node=inner, attr="format")) if key := _path(inner, names):
                yield Use(where, key, fields)
            case jn.Call(node=jn.Name(name="plural"), args=[jn.Const(value=key), *_]):
                yield from (Use(where, f"{key}.{form}", fields) for form in FORMS)


def _in_template(path: Path) -> Iterator[Use]:
    tree = jinja2.Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    names = {"t": ""}
    for one in tree.find_all(jn.Assign):
        if isinstance(one.target, jn.Name) and (section := _path(one.node, names)):
            names[one.target.name] = section
    filled = list(_filled(path, tree, names))
    yield from filled
    for access in tree.find_all((jn.Getattr, jn.Getitem)):
        key, where = _path(access, names) or "", f"{path.name}:{access.lineno}"
        section, _, name = key.partition(".")
        if name == "*":
            yield from (Use(where, f"{section}.{choice}", frozenset()) for choice in CHOICES[section])
        elif section not in {"", "*"} and (name or section == "language") and not name.endswith("format"):
            yield Use(where, key, None if key in {use.key for use in filled} else frozenset())


def _in_script(path: Path) -> Iterator[Use]:
    text = path.read_text(encoding="utf-8")
    for pattern, after in ((r"\bt\.([a-z_]+)", ""), (r"\bt\[`([a-z_]+)\$\{", "*")):
        for match in re.finditer(pattern, text):
            yield Use(f"{path.name}: {match[0]}", f"explorer.{match[1]}{after}", None)
    if "t[state]" in text:
        yield from (Use(path.name, f"explorer.{state}", None) for state in ("refused", "failed", "not_bought"))


@cache
def _uses() -> list[Use]:
    code = chain.from_iterable(map(_in_code, sorted(ROOT.rglob("*.py"))))
    pages = chain.from_iterable(map(_in_template, TEMPLATES))
    scripts = chain.from_iterable(map(_in_script, SCRIPTS))
    return [*code, *pages, *scripts]


def test_every_message_that_is_used_is_there_and_gets_its_fields() -> None:
    for use in _uses():
        assert use.found(), use
        for key in use.found():
            if use.fields is not None:
                chooses = {"n"} if key.endswith(FORMS) and "n" in use.fields else set()  # the form, at least
                assert fields_of(english().texts[key]) | chooses == use.fields, (use, key)


def test_every_message_is_used() -> None:
    used = {key for use in _uses() for key in use.found()}
    assert set(english().texts) - used == set()


def test_the_uses_are_found() -> None:
    """The tests above would pass over what they cannot see."""
    seen = {use.key for use in _uses()}
    assert {
        "finding.only",
        "kinds.*",
        "decision.other.*",
        "list.*",
        "count.segment.one",
        "language",
        "runs.none",
        "told",
    } <= seen
    assert {"leaderboard.title", "verdict.look", "verdict.tied", "notes.of_run.other", "explorer.sort_*"} <= seen


def test_every_kind_of_flag_has_its_words() -> None:
    assert {f"kinds.{kind}" for kind in kinds()} <= set(english().texts)
