"""How reasons are said: the one place where data become sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from string import Formatter
from types import MappingProxyType

from harness.reports.words.messages import current, plural, say
from harness.reports.words.numbers import (
    choices_of,
    counted,
    counted_units,
    first_of,
    format_difference,
    format_money,
    format_p_equation,
    format_range,
    format_score,
    format_seconds,
    format_units,
    kind_title,
    listed,
    metric_title,
    rounded_up,
)
from harness.reports.words.text import visible
from harness.types import Money, Note, Part, Reason, SystemName
from harness.workspace.languages import display_name

Names = Mapping[SystemName, str]
"""What to call each system; one that is not in it is called by its name."""

NO_NAMES: Names = MappingProxyType({})

LONGEST_FOREIGN = 80
"""Characters shown of what others call their things, such as the models of a service."""


def sentence(reason: Reason | str, names: Names = NO_NAMES) -> str:
    """The sentence that the messages in use have for a reason.

    Raises:
        KeyError: there is no such message, or a field of it is not given, and nothing was kept to be said instead.
    """
    if isinstance(reason, str):
        return reason
    try:
        return _said(reason, names)
    except (LookupError, TypeError, ValueError, AttributeError):
        if reason.kept:
            return reason.kept
        raise


def capitalised(reason: Reason | str, names: Names = NO_NAMES) -> str:
    """The same as the beginning of a sentence; a name or somebody's own words that it begins with stay as they are.

    Raises:
        KeyError: see :func:`sentence`.
    """
    text = sentence(reason, names)
    return text[:1].upper() + text[1:] if _begins_with_words(reason) else text


def _begins_with_words(value: str | float | Part | Reason) -> bool:
    """Whether the first letter is a message's and not that of data."""
    if isinstance(value, Reason):
        template = _template(value)
        literal, name, *_ = next(iter(Formatter().parse(template)), ("", None))
        return bool(literal) or (name is not None and name in value.fields and _begins_with_words(value.fields[name]))
    if not isinstance(value, Part):
        return False
    if value.kind in _OF_PARTS:
        return bool(value.value) and _begins_with_words(value.value[0])
    return value.kind in ("message", "kind") or (value.kind == "clause" and _begins_with_words(value.value))


_OF_PARTS = ("list", "series")
"""Kinds of parts that begin with their first."""


def _template(reason: Reason) -> str:
    """The message of a reason before it is filled in; empty where it is said as it was kept."""
    texts, number = current().texts, reason.fields.get("n")
    return texts.get(reason.key) or texts.get(f"{reason.key}.{'one' if number == 1 else 'other'}", "")


def noted(note: Note) -> str:
    """A note in words: where, then what."""
    return f"{note.where}: {sentence(note.what)}"


def worded(part: Part, names: Names = NO_NAMES) -> str:
    """A part of a sentence by itself: ``COMET and chrF``."""
    return _worded(part, names)


def _said(reason: Reason, names: Names) -> str:
    fields = {name: _worded(value, names) for name, value in reason.fields.items()}
    number = reason.fields.get("n")
    if reason.key in current().texts or not isinstance(number, int):
        return say(reason.key, **fields)
    return plural(reason.key, number, **fields)


def _worded(value: str | float | Part | Reason, names: Names) -> str:
    if isinstance(value, Reason):
        return _said(value, names)
    if isinstance(value, Part):
        return WORDED[value.kind](value, names)
    return value if isinstance(value, str) else f"{value:,}"


WORDED: Mapping[str, Callable[[Part, Names], str]] = {
    "system": lambda part, names: names.get(part.value, part.value),
    "metric": lambda part, _: metric_title(part.value),
    "difference": lambda part, _: format_difference(part.decimals, part.value),
    "range": lambda part, _: format_range(part.decimals, *part.value),
    "score": lambda part, _: format_score(part.decimals, part.value),
    "p": lambda part, _: format_p_equation(part.value),
    "count": lambda part, _: counted(part.value, part.of),
    "units": lambda part, _: counted_units(part.value, "article" if part.of == "article" else "segment"),
    "needed": lambda part, _: format_units(part.value, "article" if part.of == "article" else "segment"),
    "money": lambda part, _: format_money(Money(*part.value) if isinstance(part.value, list | tuple) else part.value),
    "seconds": lambda part, _: format_seconds(part.value),
    "number": lambda part, _: f"{part.value:g}",
    "at_least": lambda part, _: rounded_up(part.value),
    "margin_option": lambda part, _: f"--margin {part.of}={rounded_up(part.value)}",
    "first": lambda part, _: first_of(part.value),
    "choices": lambda part, _: choices_of(part.value),
    "series": lambda part, names: (part.of or "; ").join(_worded(item, names) for item in part.value),
    "tenths": lambda part, _: f"{part.value:.1f}",
    "hundredths": lambda part, _: f"{part.value:.2f}",
    "clause": lambda part, names: _worded(part.value, names).removesuffix("."),
    "foreign": lambda part, _: visible(part.value)[:LONGEST_FOREIGN],
    "percent": lambda part, _: f"{part.value:.0%}".replace("%", " %"),
    "language": lambda part, _: display_name(part.value),
    "message": lambda part, _: say(part.value),
    "kind": lambda part, _: kind_title(part.value),
    "list": lambda part, names: listed(
        [_worded(item, names) for item in part.value], "or" if part.of == "or" else "and"
    ),
}
"""How each kind of part is written."""
