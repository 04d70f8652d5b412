"""Source files, and the source files beside them that they import or start.

Only what lies with them: an installed library is not looked at, and neither is a name that is put together at run time.
"""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

SUFFIX = re.compile(
    r"\.(pyz?|sh|bash|zsh|fish|pl|rb|[mc]?js|m?ts|php|lua|r|jl|groovy|exs|ml|scm|tcl|ps1|awk|sed|jq|jar|dll|wasm|go|exp)$",
    re.IGNORECASE,
)
PYTHON_LINE = re.compile(rb"#!.*\b(python|pypy)[0-9.]*\b")
SHELL_LINE = re.compile(rb"#!.*\b(r?bash|d?ash|sh|zsh|m?ksh|yash|fish)\b")
RECIPE = re.compile(r"(GNUmakefile|[Mm]akefile|.*\.mk|\.?[Jj]ustfile|Taskfile\.ya?ml|package\.json)$")
NAMED = re.compile(r"[\w./-]*\w\.[A-Za-z0-9]{1,6}\b")

LOADERS = frozenset({"__import__", "import_module", "run_module"})
"""Functions of Python that import the module they are given by name."""

MOST_FILES = 5000
"""Modules of one package that are looked at; more are a library and not somebody's script."""

LARGEST = 2**20
"""Bytes of a source file that is read for what it starts."""


def is_file(path: Path) -> bool:
    """Whether it is one; a line of code is too long for a name, and so is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_source(path: Path) -> bool:
    """Whether a file is a program's text, by its ending or its first line."""
    if not is_file(path):
        return False
    return SUFFIX.search(path.name) is not None or _start(path).startswith(b"#!")


def follow(paths: Iterable[Path], cwd: Path) -> Iterator[Path]:
    """What these files import or start, and what that does, each once and without those given.

    Args:
        paths: files; those that are no source are passed over.
        cwd: where they run.
    """
    waiting = deque(paths)
    known = {path.absolute() for path in waiting}
    while waiting:
        for path in _beside(waiting.popleft(), cwd):
            if path.absolute() not in known and len(known) < MOST_FILES:
                known.add(path.absolute())
                waiting.append(path)
                yield path


def module(name: str, folder: Path) -> Iterator[Path]:
    """The files of a module that lies in a folder, with those of its whole package."""
    top = folder / name.partition(".")[0]
    if top.is_dir():
        yield from modules_in(top)
    elif is_file(top.with_suffix(".py")):
        yield top.with_suffix(".py")


def modules_in(folder: Path) -> Iterator[Path]:
    """The modules of a package."""
    for number, path in enumerate(sorted(folder.rglob("*.py"))):
        if number >= MOST_FILES:
            return
        yield path


def parsed(code: str) -> list[ast.AST]:
    """The nodes of Python code; none where it is no Python."""
    try:
        return list(ast.walk(ast.parse(code)))
    except (SyntaxError, ValueError, RecursionError):
        return []


def imports(nodes: Iterable[ast.AST]) -> list[str]:
    """The modules that Python code imports."""
    modules: list[str] = []
    for node in nodes:
        if isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules += [node.module] if node.module else [alias.name for alias in node.names]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in LOADERS:
            modules += [
                word.value for word in node.args if isinstance(word, ast.Constant) and isinstance(word.value, str)
            ]
    return modules


def strings(nodes: Iterable[ast.AST]) -> list[str]:
    """What Python code has in quotation marks: a file it runs, a module it imports by name."""
    return [text for node in nodes if (text := _text(node))]


def _text(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _beside(path: Path, cwd: Path) -> Iterator[Path]:
    if not is_file(path) or path.stat().st_size > LARGEST:
        return
    start = _start(path)
    if path.suffix == ".py" or PYTHON_LINE.match(start):
        nodes = parsed(path.read_text(encoding="utf-8", errors="replace"))
        for name in dict.fromkeys(name.partition(".")[0] for name in imports(nodes)):
            yield from module(name, path.parent)
        yield from _named(strings(nodes), path, cwd)
    elif path.suffix in {".sh", ".bash", ".zsh"} or SHELL_LINE.match(start) or RECIPE.match(path.name):
        text = path.read_text(encoding="utf-8", errors="replace")
        yield from _named(NAMED.findall(text), path, cwd)


def _named(words: Iterable[str], path: Path, cwd: Path) -> Iterator[Path]:
    """The source files that words name: where it runs, or beside the file that says so (``$(dirname $0)/mt.py``)."""
    for word in dict.fromkeys(words):
        if not word or "\n" in word or not NAMED.fullmatch(word):
            continue
        for folder in (cwd, path.parent):
            found = folder / (word if folder is cwd else word.lstrip("/"))
            if is_source(found):
                yield found
                break


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(200).split(b"\n")[0]
    except OSError:
        return b""
