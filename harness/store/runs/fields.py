"""Fields that what is in memory and what is in a file share: named once, in the classes of both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from pydantic import BaseModel


def by_name(source: object, target: type[Any], **made: object) -> dict[str, Any]:
    """Arguments for a model or dataclass: the fields that ``made`` has, and all others from ``source`` by their name.

    Args:
        source: has an attribute for every field that ``made`` leaves out.
        target: a pydantic model, or a dataclass.
        made: fields that are called or built otherwise.

    Raises:
        AttributeError: neither has a field of the target.
    """
    return {name: made[name] if name in made else getattr(source, name) for name in _names(target)}


def _names(target: type[Any]) -> Iterable[str]:
    if issubclass(target, BaseModel):
        return target.model_fields
    return [field.name for field in fields(target) if field.init]
