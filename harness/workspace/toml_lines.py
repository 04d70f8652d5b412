"""What the standard library lacks for TOML: on which line of a file a key stands, and a text as it is written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from harness.store.files import open_regular

_PART: Final = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[\w-]+)"""
_KEY: Final = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_TABLE: Final = re.compile(rf"\s*\[\[?[ \t]*({_KEY})[ \t]*\]")
_ENTRY: Final = re.compile(rf"\s*({_KEY})[ \t]*=")
_WHERE: Final = re.compile(r"(.+\.toml)(?: \[([^\]]*)\])?")


def toml_string(text: str) -> str:
    """A text as a TOML basic string: a JSON string, but for DEL, which TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def at_line(where: str, keys: Sequence[int | str]) -> str:
    """`` (line 3)`` after a message about a key; empty where the line is not known."""
    line = line_of(where, keys)
    return f" (line {line})" if line else ""


def line_of(where: str, keys: Sequence[int | str]) -> int | None:
    """The line of a key, from 1; of the nearest table or key above it, where it has none of its own.

    Args:
        where: a file, or ``file [table]``.
        keys: names of the tables below that and of the key; numbers of list items count as nothing.

    Returns:
        None where the key does not stand in such a file.
    """
    match = _WHERE.fullmatch(where)
    if match is None:
        return None
    try:
        with open_regular(Path(match[1])) as stream:
            text = stream.read().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    table = match[2].split(".") if match[2] else []
    wanted = [*table, *(key for key in keys if isinstance(key, str))]
    best, depth = None, len(table)
    for number, path in _paths(text):
        if len(path) > depth and path == wanted[: len(path)]:
            best, depth = number, len(path)
    return best


def _paths(text: str) -> Iterator[tuple[int, list[str]]]:
    """Every line that begins a table or a key, with the names that lead to it."""
    table: list[str] = []
    fence = ""
    for number, line in enumerate(text.split("\n"), start=1):
        inside, fence = bool(fence), _fence(line, fence)
        if inside:
            continue
        if header := _TABLE.match(line):
            table = _names(header[1])
            yield number, table
        elif entry := _ENTRY.match(line):
            yield number, [*table, *_names(entry[1])]


def _fence(line: str, fence: str) -> str:
    """The quotes of the text of several lines in which a line ends; empty where it ends in none."""
    for mark in re.findall(r'"""|\'\'\'', line):
        if not fence:
            fence = mark
        elif fence == mark:
            fence = ""
    return fence


def _names(key: str) -> list[str]:
    return [part.strip("\"'") for part in re.findall(_PART, key)]
