"""The list of mutations: which text in which function becomes which other text, and which tests must then fail.

Each package has a file ``<room>.toml``. Its tables are named by the mutated file and hold ``tests``, the nearest test
files, and ``mutations``. Of a mutation ``in`` names the function (``Class.method``; empty: anywhere in the file),
``text`` stands there exactly once, and ``becomes`` replaces it. ``tests`` of its own stand in for those of the file.
``named`` marks a fault that once went unnoticed and must be found, whatever the share of the others.
"""

from __future__ import annotations

import ast
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]


@dataclass(frozen=True, slots=True)
class Mutation:
    """One fault."""

    room: str
    file: str
    """From the root of the repository."""
    function: str
    """Empty: anywhere in the file."""
    text: str
    becomes: str
    tests: tuple[str, ...]
    named: str
    """What the fault is called where it must be found; empty for the others."""

    @property
    def title(self) -> str:
        """One line for people."""
        where = f"{self.file.removeprefix('harness/')} {self.function}".rstrip()
        return f"{where}: {' '.join(self.text.split())} -> {' '.join(self.becomes.split()) or 'nothing'}"


def read_catalogue(folder: Path = FOLDER) -> list[Mutation]:
    """All mutations, room by room, in the order in which they are listed."""
    return [
        Mutation(
            room=path.stem,
            file=file,
            function=item["in"],
            text=item["text"],
            becomes=item["becomes"],
            tests=tuple(item.get("tests", entry["tests"])),
            named=item.get("named", ""),
        )
        for path in sorted(folder.glob("*.toml"))
        for file, entry in tomllib.loads(path.read_text(encoding="utf-8")).items()
        for item in entry["mutations"]
    ]


def mutated(mutation: Mutation, root: Path = ROOT) -> str:
    """The file's text with the fault in it.

    Raises:
        ValueError: the file or function is gone, the text does not stand there exactly once, or the fault is none:
            the file no longer compiles, or means the same as before.
    """
    path = root / mutation.file
    if not path.is_file():
        raise ValueError(f"{mutation.title}: there is no such file")
    source = path.read_text(encoding="utf-8")
    begin, end = _span(source, mutation)
    part = source[begin:end]
    if part.count(mutation.text) != 1:
        raise ValueError(f"{mutation.title}: the text stands there {part.count(mutation.text)} times, not once")
    changed = source[:begin] + part.replace(mutation.text, mutation.becomes) + source[end:]
    try:
        same = ast.dump(ast.parse(changed)) == ast.dump(ast.parse(source))
    except SyntaxError as error:
        raise ValueError(f"{mutation.title}: no longer compiles: {error}") from error
    if same:
        raise ValueError(f"{mutation.title}: changes nothing")
    return changed


def _span(source: str, mutation: Mutation) -> tuple[int, int]:
    """Where the function stands in the text, as offsets."""
    if not mutation.function:
        return 0, len(source)
    node: Any = ast.parse(source)
    for name in mutation.function.split("."):
        inner = [item for item in node.body if getattr(item, "name", None) == name]
        if not inner:
            raise ValueError(f"{mutation.title}: there is no such function")
        node = inner[-1]
    lines = source.splitlines(keepends=True)
    return sum(map(len, lines[: node.lineno - 1])), sum(map(len, lines[: node.end_lineno]))
