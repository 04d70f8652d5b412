"""How commands show what they take, and how they are read while a shell completes them."""

from __future__ import annotations

import re
from typing import Any

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
    return parameters


class Group(TyperGroup):
    """A command that has commands of its own."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The options, ``--help`` included."""
        return _prepared(list(super().get_params(ctx)), completing=ctx.resilient_parsing)


class Command(TyperCommand):
    """A command whose help shows ``FILE...`` where the framework shows ``{FILE}...`` and ``FILE <list[Path]>``."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The arguments and options, ``--help`` included."""
        return _prepared(list(super().get_params(ctx)), completing=ctx.resilient_parsing)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Required arguments without braces; optional ones keep their brackets."""
        return [re.sub(r"^{(.*)}", r"\1", piece) for piece in super().collect_usage_pieces(ctx)]
