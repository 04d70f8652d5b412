"""How a command shows what it takes: arguments by their names alone, as people write them."""

from __future__ import annotations

import re
from typing import Any

from typer.core import TyperCommand


class Command(TyperCommand):
    """A command whose help shows ``FILE...`` where the framework shows ``{FILE}...`` and ``FILE <list[Path]>``."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Required arguments without braces; optional ones keep their brackets."""
        return [re.sub(r"^{(.*)}", r"\1", piece) for piece in super().collect_usage_pieces(ctx)]

    def get_params(self, ctx: Any) -> list[Any]:
        """The parameters, whose arguments are listed without their type in Python."""
        parameters: list[Any] = list(super().get_params(ctx))
        for parameter in parameters:
            if parameter.param_type_name == "argument":
                parameter.display_type_rich = lambda ctx: None  # noqa: ARG005 - its name says what it is
        return parameters
