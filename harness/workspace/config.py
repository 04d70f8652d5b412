"""TOML files people write, read into models that refuse unknown keys; every error names file and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from harness.errors import ConfigError
from harness.store.files import open_regular
from harness.workspace.registry import suggestion
from harness.workspace.toml_lines import at_line

Model = TypeVar("Model", bound=BaseModel)


MOST_BYTES = 16 * 2**20
"""Of a TOML file."""

KINDS = {
    "tuple_type": "expected a list",
    "list_type": "expected a list",
    "dict_type": "expected a table",
    "model_type": "expected a table",
}
"""Kinds of mistakes that the library words for programmers."""


class StrictModel(BaseModel):
    """Base of everything read from a file: unknown keys are errors, values are not coerced, instances are frozen."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


Count = Annotated[int, Field(ge=1)]

Seed = Annotated[int, Field(ge=0)]
"""Of random numbers: NumPy takes no negative ones."""


def load_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        ConfigError: it cannot be read or is not TOML; the message carries the parser's line and column.
    """
    try:
        with open_regular(path) as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ConfigError(
                f"{path}: more than {MOST_BYTES // 2**20} MiB", hint="check the file: none should be that large"
            )
        return tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}", hint='the file must be TOML: key = "value"') from error
    except (ValueError, RecursionError) as error:  # what the parser does not say in its own words
        problem = "nested too deeply" if isinstance(error, RecursionError) else "a number with too many digits"
        raise ConfigError(f"{path}: {problem}", hint="write it more simply") from None


def parse_model(model: type[Model], data: dict[str, Any], where: str) -> Model:
    """Validate ``data``; ``where`` (a file, or ``file [table]``) heads every message.

    Raises:
        ConfigError: with every problem on a line of its own, its line in the file, and a suggestion for misspelt keys
            and for misspelt words where only some are allowed.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        lines = []
        hints = []
        for problem in error.errors(include_url=False):
            loc = problem["loc"][:-1] if problem["loc"][-1:] == ("[key]",) else problem["loc"]
            unknown = problem["type"] == "extra_forbidden" or loc != problem["loc"]
            complaint = _complaint(".".join(map(str, loc)), problem, unknown=unknown)
            lines.append(f"{where}: {complaint}{at_line(where, loc)}")
            known = _keys_of(model, loc[:-1]) if problem["type"] == "extra_forbidden" else _words_of(problem)
            if known and isinstance(given := loc[-1] if unknown else problem["input"], str):
                hints.append(suggestion(given, known))
        raise ConfigError("\n".join(lines), hint="; ".join(dict.fromkeys(hints))) from None


def _complaint(key: str, problem: ErrorDetails, *, unknown: bool) -> str:
    if unknown:
        return f"unknown key '{key}'"
    if problem["type"] == "missing":
        return f"key '{key}' is required"
    return f"key '{key}': {KINDS.get(problem['type'], problem['msg'].removeprefix('Value error, '))}"


def _words_of(problem: ErrorDetails) -> list[str]:
    """The only words allowed where another was given; empty where other words are."""
    if problem["type"] == "literal_error" or problem["msg"].startswith("Value error, expected '"):
        return [word for word in re.findall(r"'([^']*)'", problem["msg"]) if word]
    return []


def _keys_of(model: type[BaseModel], tables: Sequence[int | str]) -> list[str]:
    """The keys of a table within a file; none where a table is not itself described by a model."""
    for table in tables:
        field = model.model_fields.get(str(table))
        kinds = (field.annotation, *get_args(field.annotation)) if field else ()
        models = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if not models:
            return []
        model = models[0]
    return list(model.model_fields)


def load_model(model: type[Model], path: Path) -> Model:
    """Read and validate one TOML file."""
    return parse_model(model, load_toml(path), str(path))
