"""Plug-ins by name: engines, metrics and reports, ours and other people's, through the same entry points.

Listing names reads package metadata only; :func:`load` imports the one that was asked for.
``HARNESS_PLUGINS`` (comma-separated distribution names) narrows the set to those distributions beside our own.
"""

from __future__ import annotations

import difflib
import os
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from harness.errors import UsageError

Group = Literal["engines", "metrics", "reports"]

OWN_DISTRIBUTION = "translation-harness"


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else "unknown distribution"


def only_ours() -> None:
    """From now on, other people's plug-ins are not there: a stranger's workspace may bring its own."""
    os.environ["HARNESS_PLUGINS"] = ""
    _entries.cache_clear()


def _allowed(entry: EntryPoint) -> bool:
    wanted = os.environ.get("HARNESS_PLUGINS")
    return wanted is None or _distribution(entry) in {OWN_DISTRIBUTION, *wanted.split(",")}


@cache
def _entries(group: Group) -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=f"harness.{group}"):
        if not _allowed(entry):
            continue
        other = found.get(entry.name)
        if other is not None and other.value != entry.value:
            raise UsageError(
                f"two packages provide the {group[:-1]} '{entry.name}': "
                f"{_distribution(other)} ({other.value}) and {_distribution(entry)} ({entry.value})",
                hint="uninstall one of them, or name the one to keep in HARNESS_PLUGINS",
            )
        found[entry.name] = entry
    return dict(sorted(found.items()))


def names(group: Group) -> list[str]:
    """Registered names of a group, sorted; nothing is imported."""
    return list(_entries(group))


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


def suggestion(name: str, known: list[str]) -> str:
    """``did you mean 'bleu'? known: bleu, chrf, ...``."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    listing = f"known: {', '.join(known) or 'none'}"
    return f"did you mean '{near[0]}'? {listing}" if near else listing
