"""Plug-ins by name: engines, metrics, checks and formats, ours and other people's, by entry points alone.

Listing names reads package metadata only; :func:`load` imports the one that was asked for.
``HARNESS_PLUGINS`` (comma-separated distribution names) narrows the set to those distributions beside our own.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_args

from harness.errors import HarnessError, UsageError
from harness.workspace.distributions import entry_points, name_of, version_of

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Group = Literal["checks", "engines", "exporters", "importers", "metrics", "reports"]
"""Of entry points, without ``harness.`` before it; without the last letter it is what one of them is called."""

GROUPS: tuple[Group, ...] = get_args(Group)

OWN_DISTRIBUTION = "translation-harness"


def _distribution(entry: EntryPoint) -> str:
    return name_of(entry.dist) if entry.dist else "unknown distribution"


def only_ours() -> None:
    """From now on, other people's plug-ins are not there: a stranger's workspace may bring its own."""
    os.environ["HARNESS_PLUGINS"] = ""
    _entries.cache_clear()


def _allowed(entry: EntryPoint) -> bool:
    wanted = os.environ.get("HARNESS_PLUGINS")
    return wanted is None or _distribution(entry) in {OWN_DISTRIBUTION, *wanted.split(",")}


@cache
def _entries(group: str) -> dict[str, EntryPoint]:
    entries: dict[str, EntryPoint] = {}
    for entry in entry_points(f"harness.{group}"):
        if not _allowed(entry):
            continue
        other = entries.get(entry.name)
        if other is not None and other.value != entry.value:
            raise UsageError(
                f"two packages provide the {group[:-1]} '{entry.name}': "
                f"{_distribution(other)} ({other.value}) and {_distribution(entry)} ({entry.value})",
                hint="uninstall one of them, or name the one to keep in HARNESS_PLUGINS",
            )
        entries[entry.name] = entry
    return dict(sorted(entries.items()))


def names(group: str) -> list[str]:
    """Registered names of a group, sorted, none of what is no group; nothing is imported."""
    return list(_entries(group))


def provider(group: Group, name: str) -> str:
    """Distribution and version behind a registered name, such as ``my-checks 1.2``."""
    entry = _entries(group)[name]
    return f"{name_of(entry.dist)} {version_of(entry.dist)}" if entry.dist else "unknown distribution"


def is_ours(group: Group, name: str) -> bool:
    """Whether the harness itself brings what is registered under a name."""
    return _distribution(_entries(group)[name]) == OWN_DISTRIBUTION


def load(group: Group, name: str) -> Any:
    """Import and return what is registered under ``name``.

    Raises:
        UsageError: no such name; the message offers the nearest and lists them all. Or it cannot be imported; the
            message names the distribution and the module.
    """
    entries = _entries(group)
    if name not in entries:
        raise UsageError(f"unknown {group[:-1]} '{name}'", hint=suggestion(name, list(entries)))
    entry = entries[name]
    try:
        return entry.load()
    except Exception as error:  # a plug-in may raise anything while it is imported
        package = _distribution(entry)
        raise UsageError(
            f"the {group[:-1]} '{name}' of the package {package} cannot be imported from {entry.value}: "
            f"{type(error).__name__}: {error}",
            hint=f"pip install --upgrade --force-reinstall {package}, or pip uninstall {package}",
        ) from error


@contextmanager
def blaming(group: Group, name: str) -> Iterator[None]:
    """Report an exception of somebody else's plug-in as a fault of that plug-in, not as one of the harness.

    Raises:
        UsageError: the plug-in raised something that is neither one of the harness's errors nor the system's.
    """
    try:
        yield
    except (HarnessError, OSError):
        raise
    except Exception as error:
        if is_ours(group, name):
            raise
        raise UsageError(
            f"the {group[:-1]} '{name}' failed: {type(error).__name__}: {error}",
            hint=f"this is a fault of the package {provider(group, name)}; report it there",
        ) from error


MOST_LISTED = 15
"""Known names in a hint: a workspace may have hundreds of articles."""


def suggestion(name: str, known: Iterable[str]) -> str:
    """``did you mean 'bleu'? known: bleu, chrf and 3 more``."""
    names = list(dict.fromkeys(known))
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED + 1 else ""
    shown = names[:MOST_LISTED] if more else names
    listing = f"known: {', '.join(shown) or 'none'}{more}"
    return f"did you mean '{near[0]}'? {listing}" if near else listing
