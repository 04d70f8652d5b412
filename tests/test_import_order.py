"""Every module can be imported first: cycles that only show then are looked for where they can be.

Modules that import each other at their top form a group. Whoever imports one of them first runs the packages around it,
from the outermost inwards, and the first of these that belongs to the group loads all of it. So a group can be entered
by few doors, whatever is imported, and each of them is tried in a process of its own; outside of groups there are no
cycles.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.test_architecture import MODULES, ROOT

Graph = Mapping[str, frozenset[str]]
"""Module to those that importing it imports at once: what stands at its top, and the packages around all of them."""


def test_groups_can_be_entered_by_every_door() -> None:
    graph = read_graph()
    assert len(graph) == len(MODULES)
    entered = doors(graph)
    assert "harness.analysis.human" in entered, "its __init__ imports modules that import others of it"
    # Forks, because start-up is most of the time.
    code = (
        "import importlib, os, sys, numpy, pydantic\n"
        "for name in sys.argv[1:]:\n"
        "    if child := os.fork():\n"
        "        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, name\n"
        "    else:\n"
        "        importlib.import_module(name)\n"
        "        break\n"
    )
    done = subprocess.run([sys.executable, "-c", code, *sorted(entered)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_group_has_a_door_for_each_way_in() -> None:
    # b and c import each other below a package that imports neither; d's own package imports it.
    graph = {
        "a": frozenset[str](),
        "a.b": frozenset({"a", "a.c"}),
        "a.c": frozenset({"a", "a.b"}),
        "d": frozenset({"d.e"}),
        "d.e": frozenset({"d"}),
        "f": frozenset({"a.b", "a", "d", "d.e"}),
    }
    assert doors(graph) == {"a.b", "a.c", "d"}


def doors(graph: Graph) -> set[str]:
    """The modules by which groups are entered."""
    reached = {module: _reached(graph, module) for module in graph}
    found = set()
    for module in graph:
        if module in reached[module]:
            group = {other for other in reached[module] if module in reached[other]}
            found.add(next(name for name in (*_around(module), module) if name in group))
    return found


def read_graph() -> Graph:
    """What the modules of the house import at their tops."""
    graph = {}
    for module in MODULES:
        path = ROOT.parent / Path(*module.split("."))
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        named = {name for name in _at_top(ast.parse(file.read_text(encoding="utf-8"))) if name in MODULES}
        around = {package for name in (*named, module) for package in _around(name)}
        graph[module] = frozenset((named | around) - {module})
    return graph


def _at_top(tree: ast.AST) -> Iterator[str]:
    """Names of what is imported when a module is run, and not only when one of its functions is."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (str(node.module), *(f"{node.module}.{name.name}" for name in node.names))
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from _at_top(node)


def _around(module: str) -> list[str]:
    """The packages around a module, the outermost first."""
    parts = module.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


def _reached(graph: Graph, module: str) -> set[str]:
    """What importing a module comes to, with itself only where that leads back."""
    reached: set[str] = set()
    waiting = list(graph[module])
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(graph[name])
    return reached
