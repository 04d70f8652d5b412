"""The reference: every key described, with an example that is valid, on the pages, on the terminal and in the wheel."""

from __future__ import annotations

import ast
import importlib.util
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

import harness as package
from harness.workspace import registry
from harness.workspace.examples import EXAMPLES
from harness.workspace.file_models import SystemFile, WorkspaceFile
from harness.workspace.handbook import handbook
from harness.workspace.printable import shown
from harness.workspace.reference import (
    NOT_SET,
    REQUIRED,
    Key,
    accepts,
    kind_of,
    options_model,
    options_table,
    settings_tables,
    summary,
    system_tables,
)
from harness.workspace.reference_pages import pages
from tests.cli.conftest import Shell, harness

__all__ = ["harness"]

ROOT = Path(__file__).resolve().parents[1]
SOURCE = Path(package.__file__).parent


def models() -> dict[str, tuple[type[BaseModel], tuple[Key, ...]]]:
    """What stands before a key in a message, to the model that reads it and its keys as described."""
    found: dict[str, tuple[type[BaseModel], tuple[Key, ...]]] = {}
    for file, model, tables in (
        ("harness.toml", WorkspaceFile, settings_tables()),
        ("system", SystemFile, system_tables()),
    ):
        for table in tables:
            inner = model
            if table.name:
                inner = type(model.model_validate({"engine": "copy"} if file == "system" else {}))
                field = inner.model_fields[table.name.strip("[]")].annotation
                (inner,) = (part for part in (field, *getattr(field, "__args__", ())) if _is_model(part))
            found[f"{file} {table.name}"] = (inner, table.keys)
    for group in ("engines", "metrics"):
        for name in registry.names(group):  # type: ignore[arg-type]
            factory = registry.load(group, name)  # type: ignore[arg-type]
            found[f"{group} {name}"] = (options_model(factory), options_table(factory, name).keys)
    return found


def _is_model(part: object) -> bool:
    return isinstance(part, type) and issubclass(part, BaseModel)


MODELS = models()


def test_the_pages_are_up_to_date() -> None:
    """`make reference` writes them."""
    folder = ROOT / "docs" / "reference"
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == pages()


@pytest.mark.parametrize("where", MODELS)
def test_no_key_is_missing_and_each_is_described(where: str) -> None:
    model, keys = MODELS[where]
    file = where.partition(" ")[0]
    inner = {name for name, field in model.model_fields.items() if f"{file} [{name}]" in MODELS and _nested(field)}
    assert [key.name for key in keys] == [name for name in model.model_fields if name not in inner]
    for key in keys:
        assert re.match(r"[\w`:]", key.meaning), key
        assert key.meaning.endswith((".", ")")), key
        assert key.kind
        assert "value" not in key.kind.split(), key


def _nested(field: object) -> bool:
    annotation = getattr(field, "annotation", None)
    return any(_is_model(part) for part in (annotation, *getattr(annotation, "__args__", ())))


@pytest.mark.parametrize("where", MODELS)
def test_every_example_is_valid_and_says_more_than_the_default(where: str) -> None:
    model, keys = MODELS[where]
    for key in keys:
        value = tomllib.loads(key.example)
        assert list(value) == [key.name]
        assert accepts(model, key.name, value[key.name]), key
        assert value[key.name] not in ("", [], {}), key


def test_every_example_is_used() -> None:
    assert set(EXAMPLES) <= {key.name for _, keys in MODELS.values() for key in keys}


def test_defaults_are_those_of_the_models() -> None:
    keys = {key.name: key for key in MODELS["engines libretranslate"][1]}
    assert (keys["endpoint"].default, keys["version"].default) == (REQUIRED, '""')
    keys = {key.name: key for key in MODELS["harness.toml [statistics]"][1]}
    assert (keys["unit"].kind, keys["unit"].default) == ('"article" or "segment"', NOT_SET)
    keys = {key.name: key for key in MODELS["system [limits]"][1]}
    assert keys["concurrency"].kind == "whole number, at least 1 and at most 256"


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (str, "text"),
        (tuple[str, ...], "list of texts"),
        (dict[str, list[int]], "table of lists of whole numbers"),
        (tuple[tuple[str, str], ...], "list of lists of 2 texts"),
        (float | None, "number"),
        (bool | str, "true or false or text"),
    ],
)
def test_types_in_words(annotation: object, kind: str) -> None:
    assert kind_of(annotation) == kind


@pytest.mark.parametrize("group", registry.GROUPS)
def test_explain_knows_everything(group: registry.Group, harness: Shell) -> None:
    names = registry.names(group)
    listed = harness("explain", group[:-1])
    assert listed.code == 0, listed.err
    assert [line.partition("\t")[0] for line in listed.out.splitlines()] == names
    for name in names:
        assert len(summary(group, name)) > 20, name
        done = harness("explain", group[:-1], name)
        assert done.code == 0, done.err
        assert "translation-harness" in done.out
        for key in MODELS.get(f"{group} {name}", (None, ()))[1]:
            assert f"  {key.name}: " in done.out
            assert key.example in done.out


@pytest.mark.parametrize("kind", ["settings", "system"])
def test_explain_knows_the_files(kind: str, harness: Shell) -> None:
    done = harness("explain", kind)
    assert done.code == 0, done.err
    where = "harness.toml" if kind == "settings" else "system"
    for name, (_, keys) in MODELS.items():
        if name.startswith(where):
            assert all(f"  {key.name}: " in done.out for key in keys)
    assert harness("explain", kind, "x").code == 2


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("explain", "engine", "depl"), "did you mean 'deepl'?"),
        (("explain", "chek", "number"), "did you mean 'check'?"),
        (("explain", "check", "numbers"), "did you mean 'number'?"),
        (("docs", "statistic"), "did you mean 'statistics'?"),
    ],
)
def test_what_was_meant(arguments: tuple[str, ...], hint: str, harness: Shell) -> None:
    done = harness(*arguments)
    assert done.code == 2
    assert hint in done.err


def test_every_page_can_be_printed(harness: Shell) -> None:
    listed = [line.partition("\t")[0] for line in harness("docs").out.splitlines()]
    assert listed == list(handbook())
    assert {"statistics", "systems", "references", "reference/systems"} <= set(listed)
    for name in listed:
        assert harness("docs", name).out.strip() == shown(handbook()[name].read_text(encoding="utf-8")).strip()


def test_the_wheel_has_the_same_pages() -> None:
    spec = importlib.util.spec_from_file_location("build_hook", ROOT / "native" / "build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    packed = module.documentation(ROOT)
    assert all(Path(path).is_file() for path in packed)
    assert sorted(Path(place).relative_to("harness/docs").with_suffix("").as_posix() for place in packed.values()) == [
        *handbook()
    ]


def _said(path: Path) -> list[str]:
    """The strings of a module that a user may see: all but docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    strings = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in silent)
    return [node.value for node in strings if isinstance(node.value, str)]


def test_what_is_said_points_to_pages_that_everybody_has() -> None:
    texts = [text for path in SOURCE.rglob("*.py") for text in _said(path) if path.name != "reference_pages.py"]
    texts += [path.read_text(encoding="utf-8") for kind in ("*.toml", "*.j2") for path in SOURCE.rglob(kind)]
    named = [name for text in texts for name in re.findall(r"harness docs ([a-z/-]+)", text)]
    assert "llm-engines" in named
    assert set(named) <= set(handbook())
    assert not [text for text in texts if re.search(r"docs/[\w-]+\.md", text)]


def test_the_citation_is_of_this_version() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (cited["version"], cited["license"], cited["cff-version"]) == (package.__version__, "Apache-2.0", "1.2.0")
