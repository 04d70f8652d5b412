"""What services say about a request besides the answer. Nothing unreadable in it costs the answer, which is paid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

MOST = 10**12
"""No request has more tokens or characters than this."""

T = TypeVar("T")


def count(value: object) -> int | None:
    """A number of tokens or characters; None where the service's number is none: negative, a fraction, a word."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    good = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST
    return value if good and isinstance(value, int) else None


def counts(given: Mapping[str, object]) -> dict[str, int]:
    """Those of some numbers that are numbers."""
    numbers = {name: count(value) for name, value in given.items()}
    return {name: number for name, number in numbers.items() if number is not None}


def summed(values: list[object]) -> dict[str, int]:
    """``characters``, where the service says of every text how many it billed; else empty."""
    numbers = [count(value) for value in values]
    return {"characters": sum(number or 0 for number in numbers)} if values and None not in numbers else {}


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _or_nothing(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


Number = Annotated[int | None, BeforeValidator(count)]
"""A field with a count."""

Word = Annotated[str, BeforeValidator(_word)]
"""A field with an identifier or a name; empty where it is something else."""

Told = Annotated[T | None, WrapValidator(_or_nothing)]
"""A field with an object of its own; None where it cannot be read."""
