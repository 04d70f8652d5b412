"""Installed distributions: their names and versions, and the plug-ins they bring.

``importlib.metadata`` parses a whole description to tell a name or a version, and the entry points of all distributions
to tell those of one group. Commands ask for them dozens of times, so here they are looked for once, and read off lines.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import Distribution, EntryPoint, distribution, distributions

PREFIX = "harness."
"""Of the groups of entry points that are plug-ins of the harness."""

_NAME = re.compile(r"^Name:[ \t]*(\S+)[ \t\r]*$", re.MULTILINE)
_VERSION = re.compile(r"^Version:[ \t]*(\S+)[ \t\r]*$", re.MULTILINE)


@cache
def name_of(found: Distribution) -> str:
    """What a distribution calls itself."""
    return _field(_NAME, found) or found.name


def version_of(found: Distribution) -> str:
    """The version of a distribution."""
    return _field(_VERSION, found) or found.version


def _field(pattern: re.Pattern[str], found: Distribution) -> str:
    """The first line of the header that has it; "" where that is told in another way."""
    match = pattern.search(found.read_text("METADATA") or "")
    return match[1] if match else ""


def entry_points(group: str) -> Sequence[EntryPoint]:
    """Everything that installed distributions register in a group of the harness, in the order of Python's path."""
    return _by_group(tuple(sys.path)).get(group, ())


@cache
def _by_group(path: tuple[str, ...]) -> Mapping[str, Sequence[EntryPoint]]:
    """One look at all distributions for all groups; ``path`` is where Python looks for them now."""
    groups: dict[str, list[EntryPoint]] = defaultdict(list)
    for found in distributions(path=list(path)):
        text = found.read_text("entry_points.txt")
        if text and PREFIX in text and not _is_hidden(found, text):
            for entry in found.entry_points:
                groups[entry.group].append(entry)
    return groups


def _is_hidden(found: Distribution, text: str) -> bool:
    """Whether another distribution of the same name stands before it in Python's path, with other entry points."""
    return distribution(name_of(found)).read_text("entry_points.txt") != text
