"""Request templates of the ``http`` engine: placeholders in the values of a table; JSON is never built as text.

``{text}``, ``{source}``, ``{target}`` and ``${env:NAME}`` may stand anywhere in a string; ``{texts}`` is a whole value
and becomes a list. A list whose one item holds ``{text}`` is repeated for every text of a batch. What was filled in is
never looked at again, so a text that holds ``{source}`` stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from harness.types import JsonValue

SECRET = re.compile(r"\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}")
PLACEHOLDER = re.compile(rf"\{{(?P<name>text|texts|source|target)\}}|{SECRET.pattern}")
TEXTS = "{texts}"


def fill(template: JsonValue, texts: Sequence[str], values: Mapping[str, str], *, batch: bool) -> JsonValue:
    """The template with its placeholders filled.

    Args:
        template: what the system file says.
        texts: the texts; without ``batch`` exactly one.
        values: ``source`` and ``target``.
        batch: whether one request carries several texts.
    """
    if isinstance(template, str):
        return [*texts] if template == TEXTS else fill_string(template, {**values, "text": texts[0]})
    if isinstance(template, dict):
        return {name: fill(value, texts, values, batch=batch) for name, value in template.items()}
    if isinstance(template, list):
        if batch and repeats(template):
            return [fill(template[0], [text], values, batch=False) for text in texts]
        return [fill(value, texts, values, batch=batch) for value in template]
    return template


def fill_string(template: str, values: Mapping[str, str]) -> str:
    """Fill one string; placeholders without a value stay. ``values`` holds secrets under ``env:NAME``."""
    return PLACEHOLDER.sub(lambda found: values.get(found["name"] or f"env:{found[2]}", found[0]), template)


def repeats(template: JsonValue) -> bool:
    """Whether this is a list that stands for one item per text."""
    return isinstance(template, list) and len(template) == 1 and "text" in [*placeholders(template[0])]


def placeholders(template: JsonValue) -> Iterator[str]:
    """The names of the placeholders in a template."""
    for text in strings(template):
        yield from (found["name"] for found in PLACEHOLDER.finditer(text) if found["name"])


def secrets_in(template: JsonValue) -> Iterator[str]:
    """The names of the environment variables in a template."""
    for text in strings(template):
        yield from SECRET.findall(text)


def without_secrets(template: JsonValue) -> JsonValue:
    """The template with every ``${env:NAME}`` left out: what may be kept."""
    if isinstance(template, str):
        return SECRET.sub("", template)
    if isinstance(template, dict):
        return {name: without_secrets(value) for name, value in template.items()}
    return [without_secrets(value) for value in template] if isinstance(template, list) else template


def strings(template: JsonValue) -> Iterator[str]:
    """The strings among the values of a template."""
    if isinstance(template, str):
        yield template
    elif isinstance(template, dict | list):
        for value in template.values() if isinstance(template, dict) else template:
            yield from strings(value)


def check(template: JsonValue, *, batch: bool) -> None:
    """Return if the template carries the text, and only in ways that can be filled.

    Raises:
        ValueError: it does not; the message says what to write.
    """
    if any(TEXTS in text and text != TEXTS for text in strings(template)):
        raise ValueError(f"'{TEXTS}' must be a whole value: it becomes a list")
    if not batch:
        if TEXTS in strings(template):
            raise ValueError(f"'{TEXTS}' needs batch = true")
        if "text" not in placeholders(template):
            raise ValueError("'{text}' must appear in url, query or body")
        return
    if "text" in placeholders(_without_repeated(template)):
        raise ValueError("with batch = true, '{text}' is allowed only in a list of one item, which is repeated")
    if TEXTS not in strings(template) and "text" not in placeholders(template):
        raise ValueError(f"with batch = true, body needs '{TEXTS}', or a list of one item with '{{text}}'")


def _without_repeated(template: JsonValue) -> JsonValue:
    if isinstance(template, dict):
        return {name: _without_repeated(value) for name, value in template.items()}
    if isinstance(template, list):
        return [] if repeats(template) else [_without_repeated(value) for value in template]
    return template
