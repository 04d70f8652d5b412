"""Options that need no pydantic take and refuse what a model of the same fields does, in the same words."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from harness.errors import ConfigError
from harness.metrics.load import load_metric
from harness.metrics.strings.bleu import BleuOptions
from harness.metrics.strings.chrf import ChrfOptions, ChrfPlusPlusOptions
from harness.metrics.strings.ter import TerOptions
from harness.workspace.config import parse_model
from harness.workspace.plain_options import PlainOptions

KINDS: tuple[type[PlainOptions], ...] = (BleuOptions, ChrfOptions, ChrfPlusPlusOptions, TerOptions)

VALUES: tuple[Any, ...] = (True, False, 0, 1, 6, -1, 2.0, "", "13a", "14a", "exp", None, [], {})


def said(read: Any) -> Any:
    """What comes of it: the values, or the error with its hint."""
    try:
        return read().model_dump()
    except ConfigError as error:
        return str(error), error.hint


@pytest.mark.parametrize("kind", KINDS)
def test_every_value_is_taken_or_refused_as_by_the_model(kind: type[PlainOptions]) -> None:
    where, outcomes = "harness.toml [metric.x]", []
    for key in (*kind().model_dump(), "lowercaze", "char_orders"):
        for value in VALUES:
            given = {key: value}
            plain = said(lambda given=given: kind.read(given, where))
            assert plain == said(lambda given=given: parse_model(kind.model(), given, where)), given
            outcomes.append(plain)
    assert {type(item) for item in outcomes} == {dict, tuple}
    both = {"lowercaze": True, next(iter(kind().model_dump())): None}
    assert said(lambda: kind.read(both, where)) == said(lambda: parse_model(kind.model(), both, where))


def test_the_model_has_the_same_defaults() -> None:
    for kind in KINDS:
        assert kind.model()().model_dump() == kind().model_dump()
    assert ChrfPlusPlusOptions().model_dump() == ChrfOptions().model_dump() | {"word_order": 2}


def test_wrong_values_are_refused_in_python_too() -> None:
    for make in (lambda: ChrfOptions(beta=0), lambda: BleuOptions(smooth="most"), lambda: TerOptions(normalized=1)):  # type: ignore[arg-type]
        with pytest.raises(ValidationError):
            make()


@pytest.mark.parametrize(
    ("name", "given", "message", "hint"),
    [
        ("bleu", {"tokenize": "14a"}, "key 'tokenize': Input should be '', '13a', 'intl'", "13a"),
        ("chrf", {"beta": 0}, "key 'beta': Input should be greater than or equal to 1", ""),
        ("chrf++", {"word_orders": 1}, "unknown key 'word_orders'", "word_order"),
        ("ter", {"normalized": "yes"}, "key 'normalized': Input should be a valid boolean", ""),
    ],
)
def test_mistakes_are_named(name: str, given: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as wrong:
        load_metric(name, given, f"harness.toml [metric.{name}]")
    assert str(wrong.value).startswith(f"harness.toml [metric.{name}]: {message}")
    assert hint in (wrong.value.hint or "")
