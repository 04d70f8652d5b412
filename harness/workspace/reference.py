"""What every key of a TOML file means, read from the models that check the file: for pages and for the terminal.

The meaning is the docstring below the field, so model and documentation cannot part. Plug-ins are described alike.
"""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from harness.workspace import registry
from harness.workspace.examples import EXAMPLES
from harness.workspace.file_models import SystemFile, WorkspaceFile
from harness.workspace.plain_options import PlainOptions

LONGEST = 60
"""Characters of a default that is shown."""

NOT_SET = "not set"
REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table."""

    name: str
    kind: str
    """What may be written, in words."""
    default: str
    """As TOML; :data:`REQUIRED`, or :data:`NOT_SET` where nothing stands for it."""
    meaning: str
    """Sentences with names in double backticks; empty where nobody described it."""
    example: str
    """A line of TOML that is valid; empty where none is known."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a TOML file."""

    name: str
    """Such as ``[gate]``; empty for the top-level keys."""
    meaning: str
    keys: tuple[Key, ...]


def settings_tables() -> list[Table]:
    """The tables of ``harness.toml``, without the options of metrics."""
    return _tables(WorkspaceFile, "")


def system_tables() -> list[Table]:
    """The tables of a system file, without the options of engines."""
    return _tables(SystemFile, "")


def options_table(factory: Any, name: str, meaning: str = "") -> Table:
    """The options of an engine or a metric, as a table called ``name``."""
    return Table(name, meaning, _keys(options_model(factory), meanings_of(factory.Options)))


def options_model(factory: Any) -> type[BaseModel]:
    """The model of the options of an engine or a metric."""
    options: Any = factory.Options
    model: type[BaseModel] = options.model() if issubclass(options, PlainOptions) else options
    return model


def summary(group: registry.Group, name: str) -> str:
    """The first paragraph of what the module of a plug-in says; of importers and exporters, what they say."""
    thing = inspect.unwrap(registry.load(group, name))
    if group == "importers":
        thing = getattr(thing, "read", thing)
    target = thing if inspect.isclass(thing) or inspect.isroutine(thing) else type(thing)
    own_doc, whole = inspect.getdoc(target) or "", inspect.getdoc(inspect.getmodule(target)) or ""
    text = (own_doc or whole) if group in ("exporters", "importers") else (whole or own_doc)
    return " ".join(text.partition("\n\n")[0].split()).removeprefix(f"``{name}``: ")


def _tables(model: type[BaseModel], name: str) -> list[Table]:
    """The table of a model, and those of the models within it."""
    meanings = meanings_of(model)
    tables = [Table(name, "", _keys(model, meanings))]
    for key, field in model.model_fields.items():
        inner = _model_of(field.annotation)
        if inner is not None:
            (table, *others) = _tables(inner, f"[{key}]")
            _, _, meaning = meanings.get(key, "").partition(": ")
            tables += [Table(table.name, meaning[:1].upper() + meaning[1:], table.keys), *others]
    return tables


def _keys(model: type[BaseModel], meanings: Mapping[str, str]) -> tuple[Key, ...]:
    return tuple(
        Key(name, _kind(model, name), _default(model, name), meanings.get(name, ""), _example(model, name))
        for name, field in model.model_fields.items()
        if _model_of(field.annotation) is None
    )


@cache
def meanings_of(model: type[BaseModel | PlainOptions]) -> Mapping[str, str]:
    """Field to the docstring below it, in the class or the one it inherits the field from."""
    meanings: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if not issubclass(base, BaseModel | PlainOptions) or base is BaseModel:
            continue
        (node,) = ast.parse(textwrap.dedent(inspect.getsource(base))).body
        for field, below in pairwise(node.body if isinstance(node, ast.ClassDef) else []):
            text = below.value.value if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) else None
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, str):
                meanings[field.target.id] = " ".join(text.split())
    return meanings


def _model_of(annotation: Any) -> type[BaseModel] | None:
    for part in (annotation, *get_args(annotation)):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part
    return None


NAMES: Mapping[Any, tuple[str, str]] = {
    str: ("text", "texts"),
    int: ("whole number", "whole numbers"),
    float: ("number", "numbers"),
    bool: ("true or false", "true or false"),
    Any: ("any value", "any values"),
}
"""A type in words, one of it and several."""


def kind_of(annotation: Any, metadata: Sequence[Any] = (), *, several: bool = False) -> str:
    """A type in words."""
    origin, parts = get_origin(annotation), get_args(annotation)
    bounds = _bounds(metadata)
    if origin is Annotated:
        extra = [item for part in parts[1:] for item in (part.metadata if isinstance(part, FieldInfo) else [part])]
        return kind_of(parts[0], [*extra, *metadata], several=several)
    if origin in (Union, UnionType):
        kinds = [kind_of(part, metadata, several=several) for part in parts if part is not NoneType]
        return " or ".join(dict.fromkeys(kinds))
    if origin is Literal:
        return " or ".join(to_toml(part) for part in parts)
    if origin is tuple and Ellipsis not in parts:
        return f"{'lists' if several else 'list'} of {len(parts)} {kind_of(parts[0], several=True)}"
    if origin in (tuple, list):
        return f"{'lists' if several else 'list'} of {kind_of(parts[0], several=True)}"
    if origin is dict:
        return f"{'tables' if several else 'table'} of {kind_of(parts[1], several=True)}"
    return f"{NAMES.get(annotation, ('value', 'values'))[several]}{bounds}"


def _bounds(metadata: Sequence[Any]) -> str:
    low = next((f"at least {item.ge:g}" for item in metadata if isinstance(item, annotated_types.Ge)), "")
    low = low or next((f"above {item.gt:g}" for item in metadata if isinstance(item, annotated_types.Gt)), "")
    high = next((f"at most {item.le:g}" for item in metadata if isinstance(item, annotated_types.Le)), "")
    said = " and ".join(part for part in (low, high) if part)
    return f", {said}" if said else ""


def _kind(model: type[BaseModel], name: str) -> str:
    """The type of a field in words, or its choices; what the model refuses to read from a file is none of them."""
    field = model.model_fields[name]
    choices = [choice for choice in _choices(field) if accepts(model, name, choice)]
    return " or ".join(map(to_toml, choices)) if choices else kind_of(field.annotation, field.metadata)


def _default(model: type[BaseModel], name: str) -> str:
    field = model.model_fields[name]
    if field.is_required():
        return REQUIRED
    value = field.get_default(call_default_factory=True)
    if value is None or (_choices(field) and not accepts(model, name, value)):
        return NOT_SET
    text = to_toml(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _example(model: type[BaseModel], name: str) -> str:
    """A line that says something else than the default, or the default itself where no other value is known."""
    field = model.model_fields[name]
    default = None if field.is_required() else field.get_default(call_default_factory=True)
    opposite = [not default] if field.annotation in (bool, bool | None) else []
    others = [*(field.examples or ()), *EXAMPLES.get(name, ()), *_choices(field), *opposite]
    values = [value for value in others if value not in (default, "") and accepts(model, name, value)]
    values += [] if default in (None, "", (), {}) else [default]
    return f"{name} = {to_toml(values[0])}" if values else ""


def _choices(field: FieldInfo) -> list[Any]:
    return list(get_args(field.annotation)) if get_origin(field.annotation) is Literal else []


def accepts(model: type[BaseModel], name: str, value: Any) -> bool:
    """Whether a file may give a key this value, whatever else it gives."""
    try:
        model.model_validate({name: value})
    except ValidationError as error:
        return not any(problem["loc"][:1] == (name,) for problem in error.errors(include_url=False))
    return True


def to_toml(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_toml_key(key)} = {to_toml(item)}" for key, item in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(to_toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _toml_key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() and key.isascii() else json.dumps(key)
