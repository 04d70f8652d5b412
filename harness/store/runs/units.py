"""The unit of the statistics as a run declares it: kept in the settings of the run, and handed to every pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast, get_args

from harness.errors import UsageError
from harness.store.runs.result import Run
from harness.types import JsonValue, Unit, UnitChoice
from harness.workspace.registry import suggestion

SETTING = "unit"
"""Where the settings of a run keep it."""


def parse_unit(text: str, where: str = "--unit") -> UnitChoice:
    """The unit that ``--unit`` names; ``undeclared`` for an empty text.

    Raises:
        UsageError: it names none.
    """
    if not text:
        return "undeclared"
    if text not in get_args(Unit):
        raise UsageError(f"{where} {text}: expected article or segment", hint=suggestion(text, list(get_args(Unit))))
    return cast("UnitChoice", text)


def declared_unit(settings: Mapping[str, JsonValue]) -> UnitChoice:
    """The unit among the settings of a run; runs of earlier versions declare none.

    Raises:
        ValueError: it is no unit.
    """
    kept = settings.get(SETTING, "undeclared")
    if kept not in get_args(UnitChoice):
        raise ValueError(f"settings: {SETTING} is {kept!r}")
    return cast("UnitChoice", kept)


def declare_unit(run: Run, unit: UnitChoice) -> Run:
    """The run with another unit declared; ``undeclared`` leaves it as it is."""
    if unit == "undeclared":
        return run
    pairs = tuple(replace(pair, unit=unit) for pair in run.pairs)
    return replace(run, pairs=pairs, settings={**run.settings, SETTING: unit})
