"""How commands show what they take, and how they are read while a shell completes them."""

from __future__ import annotations

import re
from collections import UserDict
from collections.abc import Callable, Iterable, Sequence
from inspect import cleandoc
from pathlib import Path
from typing import Any, ClassVar

from typer.core import TyperCommand, TyperGroup


def _prepared(parameters: list[Any], *, completing: bool) -> list[Any]:
    """Parameters as they are listed and read.

    In the help, arguments have no type of Python after their name. A shell that completes a line gets values as they
    were typed: checking their types imports most of what makes a command slow to start.
    """
    for parameter in parameters:
        if parameter.param_type_name == "argument":
            parameter.display_type_rich = lambda ctx: None  # noqa: ARG005 - as the framework calls it
        if completing:
            parameter.process_value = lambda ctx, value: value  # noqa: ARG005 - as the framework calls it
        if hasattr(parameter, "get_runtime_param") and "get_runtime_param" not in vars(parameter):
            converter = _Converter(parameter)
            parameter.get_runtime_param = lambda converter=converter: converter
    return parameters


TEXTS: dict[Any, Callable[[Any], Any]] = {str: str, Path: Path, list[str]: str, list[Path]: Path}
"""What makes one value of an annotation from the word of a command line."""


class _Converter:
    """Converts the values of a parameter, and leaves to the framework what is no text or path.

    The framework imports a library that checks types, which takes longer than most commands.
    """

    def __init__(self, parameter: Any) -> None:
        annotation = parameter.type_descriptor.annotation
        self._text = TEXTS.get(annotation)
        self._framework = parameter.get_runtime_param

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """As the framework does it; defaults need no conversion."""
        if value is None or value is param.default:
            return value
        if self._text is None:
            return self._framework().coerce(value, param=param, ctx=ctx)
        return [*map(self._text, value)] if param.multiple or param.nargs == -1 else self._text(value)


class Group(TyperGroup):
    """A command that has commands of its own."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The options, ``--help`` included."""
        return _prepared(list(super().get_params(ctx)), completing=ctx.resilient_parsing)


class _Built(UserDict[str, Any]):
    """Commands by name, each built when it is first read."""

    def __init__(self, names: Iterable[str], build: Callable[[str], Any]) -> None:
        super().__init__(dict.fromkeys(names))
        self._build = build

    def __getitem__(self, name: str) -> Any:
        if super().__getitem__(name) is None:
            self.data[name] = self._build(name)
        return self.data[name]


class LazyGroup(Group):
    """A group that imports and builds one of its commands when it is asked for: a command line needs one of them."""

    names: ClassVar[Sequence[str]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commands = _Built(self.names, self.build)

    def help_of(self, name: str) -> str | None:
        """The text whose first line stands beside a command in the help."""
        raise NotImplementedError

    def build(self, name: str) -> Any:
        """A command with its parameters."""
        raise NotImplementedError

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - as the framework calls it
        """Their names; nothing is built."""
        return list(self.names)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list in the help, which needs no parameters."""
        listed: dict[str, Any] = {
            name: TyperCommand(name=name, help=cleandoc(self.help_of(name) or "")) for name in self.names
        }
        TyperGroup(name=self.name, commands=listed).format_commands(ctx, formatter)


class Command(TyperCommand):
    """A command whose help shows ``FILE...`` where the framework shows ``{FILE}...`` and ``FILE <list[Path]>``."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The arguments and options, ``--help`` included."""
        return _prepared(list(super().get_params(ctx)), completing=ctx.resilient_parsing)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Required arguments without braces; optional ones keep their brackets."""
        return [re.sub(r"^{(.*)}", r"\1", piece) for piece in super().collect_usage_pieces(ctx)]
