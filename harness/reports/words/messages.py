"""The words of the reports: everything they say that is not data, from one file, so that they can be translated.

``messages.toml`` has the English, by section; :func:`say` fills a message in. A catalogue in another language has the
same keys, and :func:`speaking` renders with it; what it leaves out is said in English. What a message is filled in with
is put in as it stands: a format escapes the message as a whole, or its parts before.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from harness.errors import ConfigError
from harness.reports.words.parsed import tables_of


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """The messages of one language."""

    tree: Mapping[str, Any]
    """As the file has them, by section: for templates."""
    texts: Mapping[str, str]
    """The same by ``section.key``."""

    @property
    def language(self) -> str:
        """BCP-47 tag of the language that the messages are in."""
        return self.texts["language"]


_chosen: ContextVar[Catalogue | None] = ContextVar("messages", default=None)


def say(key: str, /, **fields: object) -> str:
    """The message ``key`` of the catalogue in use, filled in."""
    return current().texts[key].format(**fields)


def plural(key: str, number: int, /, **fields: object) -> str:
    """The form of the message ``key`` for so many: ``key.one`` or ``key.other``."""
    return say(f"{key}.one" if number == 1 else f"{key}.other", **fields)


def known(key: str) -> bool:
    """Whether there is a message of this name: some are made from names that may be anybody's."""
    return key in english().texts


def current() -> Catalogue:
    """The catalogue in use."""
    return _chosen.get() or english()


@contextmanager
def speaking(catalogue: Catalogue) -> Iterator[None]:
    """Say everything in the words of ``catalogue``."""
    token = _chosen.set(catalogue)
    try:
        yield
    finally:
        _chosen.reset(token)


@cache
def english() -> Catalogue:
    """The messages that come with the package."""
    tree = tables_of(Path(__file__).with_name("messages.toml"))
    return Catalogue(tree, dict(_flat(tree)))


def read_catalogue(path: Path) -> Catalogue:
    """The messages of a file, and the English ones where it has none.

    Raises:
        ConfigError: it cannot be read, has a message of a name that there is not, or one that is filled in with other
            things than the English; the message names file and key.
    """
    import tomllib

    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: {error}", hint="messages are a TOML file in UTF-8") from error
    texts = dict(english().texts)
    for key, text in _flat(given):
        if key not in texts:
            raise ConfigError(
                f"{path}: unknown message '{key}'", hint="harness/reports/words/messages.toml has them all"
            )
        wanted = fields_of(english().texts[key])
        try:
            fields = fields_of(text) if isinstance(text, str) else None
        except ValueError:
            fields = None
        if fields != wanted:
            braces = ", ".join(f"{{{name}}}" for name in sorted(wanted)) or "no fields in braces"
            raise ConfigError(f"{path}: the message '{key}' must be a text with {braces}")
        texts[key] = text
    return Catalogue(_tree(texts), texts)


def fields_of(text: str) -> frozenset[str]:
    """What a message is filled in with; a field with a format or a conversion counts as another one.

    Raises:
        ValueError: a brace without its other.
    """
    parts = string.Formatter().parse(text)
    return frozenset(f"{name}{f'!{how}' if how else ''}{f':{spec}' if spec else ''}" for _, name, spec, how in parts
                     if name is not None)  # fmt: skip


def _flat(tree: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _tree(texts: Mapping[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, text in texts.items():
        *sections, name = key.split(".")
        branch = made
        for section in sections:
            branch = branch.setdefault(section, {})
        branch[name] = text
    return made
