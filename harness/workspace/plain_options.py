"""Options of metrics for which pydantic need not be imported, which takes longer than to score with them.

A class of options is a frozen dataclass. Values that are plainly right are taken as they are; anything else goes to a
model of the same fields (:meth:`PlainOptions.model`), which finds the words for what is wrong. Options with more to
check than types, words and bounds are a :class:`harness.workspace.config.StrictModel`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from harness.workspace.config import StrictModel


@dataclass(frozen=True, slots=True)
class Between:
    """The smallest and the largest whole number that a field takes: ``Annotated[int, Between(1, 100)]``."""

    least: int
    most: int


@dataclass(frozen=True)
class PlainOptions:
    """Base of options whose fields are texts, truths, whole numbers between two, or one of some words.

    Every field has a default. Made with a wrong value, it raises pydantic's ``ValidationError``.
    """

    def __post_init__(self) -> None:
        """Refuse wrong values."""
        values = self.model_dump()
        if not _are_right(type(self), values):
            self.model().model_validate(values)

    @classmethod
    def read(cls, given: Mapping[str, Any], where: str) -> Self:
        """The options that a table of a file gives.

        Args:
            given: key to value.
            where: file and table, for messages.

        Raises:
            ConfigError: as :func:`harness.workspace.config.parse_model`.
        """
        if not _are_right(cls, given):
            from harness.workspace.config import parse_model

            parse_model(cls.model(), dict(given), where)
        return cls(**given)

    def model_dump(self) -> dict[str, Any]:
        """Field to value."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def model(cls) -> type[StrictModel]:
        """The same fields as a model of pydantic, which says what is wrong with a value, and what there is to set."""
        options: Any = cls
        return _model_of(options)


@cache
def _hints(options: Any) -> dict[str, Any]:
    """Field to its type; ``Any``, because to mypy a class of dataclasses cannot be hashed."""
    return get_type_hints(options, include_extras=True)


def _are_right(options: Any, values: Mapping[str, Any]) -> bool:
    """Whether every key is known, and every value is of its type."""
    hints = _hints(options)
    return all(key in hints and _is_right(hints[key], value) for key, value in values.items())


def _is_right(hint: Any, value: Any) -> bool:
    if get_origin(hint) is Literal:
        return type(value) is str and value in get_args(hint)
    if get_origin(hint) is Annotated:
        kind, bound = get_args(hint)
        return type(value) is kind and bool(bound.least <= value <= bound.most)
    return type(value) is hint


@cache
def _model_of(options: Any) -> type[StrictModel]:
    from pydantic import Field, create_model

    from harness.workspace.config import StrictModel

    def annotated(hint: Any) -> Any:
        if get_origin(hint) is not Annotated:
            return hint
        kind, bound = get_args(hint)
        return Annotated[kind, Field(ge=bound.least, le=bound.most)]

    hints = _hints(options)
    found: dict[str, Any] = {field.name: (annotated(hints[field.name]), field.default) for field in fields(options)}
    return create_model(options.__name__, __base__=StrictModel, __module__=options.__module__, **found)
