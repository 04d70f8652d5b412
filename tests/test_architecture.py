"""The house stays as it is drawn: who may import whom."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

import harness

ROOT = Path(harness.__file__).parent
MODULES = sorted(
    str(path.relative_to(ROOT.parent).with_suffix("")).replace("/", ".").removesuffix(".__init__")
    for path in ROOT.rglob("*.py")
)

FOUNDATION = {
    "harness.types",
    "harness.errors",
    "harness.store.files",
    "harness.workspace",
}
"""What anybody may import: types and errors, and the settings' models."""

ALLOWED = {
    "harness.types": set[str](),
    "harness.errors": {"harness.workspace.redaction"},
    "harness.analysis.stats": {"harness.analysis.stats", "harness.metrics.interface"},
    "harness.engines.interface": {"harness.types"},
    "harness.metrics.interface": {"harness.types", "harness.executors", "harness.metrics.interface"},
    "harness.reports": {
        "harness.analysis",
        "harness.checks",
        "harness.corpus.skipping",
        "harness.metrics.interface",
        "harness.reports",
        "harness.store.runs",
    },
}
"""Package or module to what it may import beside the foundation."""


MOST_AT_THE_TOP = 16


def test_the_top_of_the_house_can_be_taken_in_at_a_glance() -> None:
    rooms = {
        path.stem for path in ROOT.iterdir() if path.suffix in {"", ".py"} and not path.stem.startswith(("__", "."))
    }
    assert {"analysis", "api", "types"} <= rooms
    assert len(rooms) <= MOST_AT_THE_TOP, sorted(rooms)


MOST_LINES = 300


def test_every_file_fits_a_head() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in ROOT.rglob("*.py")}
    assert len(lengths) > len(FOUNDATION)
    assert not {str(path.relative_to(ROOT)): lines for path, lines in lengths.items() if lines > MOST_LINES}


def test_what_only_measures_the_project_stays_out_of_the_wheel() -> None:
    wheel = tomllib.loads((ROOT.parent / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    assert wheel["targets"]["wheel"]["packages"] == ["harness"]
    assert (ROOT.parent / "tests" / "bench" / "__main__.py").is_file()
    assert not [module for module in MODULES if "bench" in module]


def _imports(module: str) -> set[str]:
    path = ROOT.parent / Path(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("harness"):
            found |= {node.module} - {"harness"}  # the version, which everybody may know
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names if name.name.startswith("harness")}
    return found


def _within(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


SILENT = (
    "harness.analysis",
    "harness.checks",
    "harness.corpus",
    "harness.engines",
    "harness.executors",
    "harness.metrics",
    "harness.store",
    "harness.translation",
    "harness.workspace",
)
"""Rooms that give reasons as data: what they say is a report's to put into words."""


@pytest.mark.parametrize("package", SILENT)
def test_who_gives_reasons_knows_no_words(package: str) -> None:
    modules = [module for module in MODULES if _within(module, {package})]
    assert len(modules) > 1, f"there is no {package} any more"
    speaking = {module: names for module in modules if (names := _reports(module))}
    assert not speaking


def _reports(module: str) -> set[str]:
    return {name for name in _imports(module) if _within(name, {"harness.reports"})}


def test_commands_know_the_analysis_by_its_face() -> None:
    commands = [module for module in MODULES if _within(module, {"harness.cli"})]
    assert len(commands) > 1
    inside = {module: names for module in commands if (names := {n for n in _imports(module) if _inside(n)})}
    assert not inside
    assert any("harness.analysis" in _imports(module) for module in commands)


def _inside(name: str) -> bool:
    return name.startswith("harness.analysis.")


def test_the_workspace_knows_nothing_above_it() -> None:
    modules = [module for module in MODULES if _within(module, {"harness.workspace"})]
    assert len(modules) > 1
    above = {"harness.analysis", "harness.reports", "harness.pipeline", "harness.api", "harness.translation"}
    climbing = {module: names for module in modules if (names := {n for n in _imports(module) if _within(n, above)})}
    assert not climbing


@pytest.mark.parametrize("package", ALLOWED)
def test_who_may_import_whom(package: str) -> None:
    modules = [module for module in MODULES if _within(module, {package})]
    assert modules, f"there is no {package} any more"
    for module in modules:
        strangers = {name for name in _imports(module) if not _within(name, ALLOWED[package] | FOUNDATION)}
        assert not strangers, (module, strangers)


FLOORS = (
    ("harness.types", "harness.errors", "harness.store.files", "harness.workspace"),
    ("harness.checks", "harness.corpus", "harness.engines", "harness.executors", "harness.metrics", "harness.store"),
    ("harness.translation",),
    ("harness.analysis",),
    ("harness.reports", "harness.pipeline"),
    ("harness.api",),
    ("harness.testing",),
    ("harness.cli", "harness.__main__"),
)
"""The house from the ground up: nothing imports from a floor above its own."""

STAIRS = {
    ("harness.workspace.untrusted", "harness.metrics.interface"),  # asks metrics whether they run code of others
}
"""The only imports upwards."""


def _floor(module: str) -> int:
    rooms = {room: level for level, floor in enumerate(FLOORS) for room in floor if _within(module, {room})}
    return rooms[max(rooms, key=len)]


def test_nothing_imports_upwards() -> None:
    assert {room for floor in FLOORS for room in floor} <= {*MODULES, "harness.store.files"}
    inside = [module for module in MODULES if module != "harness"]
    climbs = {
        (module, name) for module in inside for name in _imports(module) - {"harness"} if _floor(name) > _floor(module)
    }
    assert climbs == STAIRS


NOT_FOR_REPORTS = (
    "harness.analysis.decision.decide",
    "harness.analysis.eligible",
    "harness.analysis.evidence",
    "harness.analysis.primary",
    "harness.analysis.weighing",
    "harness.metrics.load",
)
"""Where claims are computed. A report is given an ``Analysis`` and puts it into words."""


def test_reports_compute_nothing_that_they_claim() -> None:
    assert not set(NOT_FOR_REPORTS) - set(MODULES), "a room that reports may not ask is gone: name the one after it"
    reports = [module for module in MODULES if _within(module, {"harness.reports"})]
    assert len(reports) > 20
    asked = {module: names for module in reports if (names := _imports(module) & set(NOT_FOR_REPORTS))}
    assert not asked
    called = {module: names for module in reports if (names := _functions_of_analysis(module))}
    assert not called


def test_nobody_weighs_or_decides_beside_the_analysis() -> None:
    alone = {"harness.analysis.decision.decide", "harness.analysis.evidence", "harness.analysis.weighing"}
    assert alone <= set(NOT_FOR_REPORTS)
    outside = [module for module in MODULES if not _within(module, {"harness.analysis"})]
    beside = {module: names for module in outside if (names := _imports(module) & alone)}
    assert not beside


READ_OFF = {("harness.analysis.stats.power", "rounded_articles")}
"""Functions of the analysis that say how a number is read, and compute none."""


def _functions_of_analysis(module: str) -> set[tuple[str, str]]:
    """What a module takes from the analysis that is neither a type nor a constant."""
    path = ROOT.parent / Path(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return {
        (node.module, name.name)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and _within(node.module, {"harness.analysis"})
        for name in node.names
        if name.name[0].islower()
    } - READ_OFF


def test_nothing_imports_the_command_line() -> None:
    for module in MODULES:
        if not _within(module, {"harness.cli", "harness.__main__"}):
            assert not {name for name in _imports(module) if _within(name, {"harness.cli"})}, module


def test_only_those_who_run_models_know_torch() -> None:
    for module in MODULES:
        path = ROOT.parent / Path(*module.split("."))
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if "import torch" in file.read_text(encoding="utf-8"):
            assert module in {
                "harness.metrics.comet.cards",
                "harness.metrics.comet.packed.probe",
                "harness.metrics.comet.packed.schedule",
                "harness.metrics.comet.library",
                "harness.metrics.comet.untrained",
                "harness.metrics.comet.packed.encoder",
                "harness.metrics.comet.packed.head",
                "harness.metrics.comet.packed.joint",
                "harness.metrics.comet.packed.matrices",
                "harness.metrics.comet.packed.model",
                "harness.metrics.comet.packed.recorded",
                "harness.metrics.comet.packed.vectors",
                "harness.metrics.comet.packed.weights",
                "harness.engines.local.transformers_library",
                "harness.metrics.isolated.workers.comet",
                "harness.metrics.isolated.workers.metricx",
                "harness.metrics.isolated.workers.pear",
            }


def test_only_its_executor_knows_ray() -> None:
    for module in MODULES:
        path = ROOT.parent / Path(*module.split("."))
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if re.search(r"^\s*(import|from) ray\b", file.read_text(encoding="utf-8"), re.MULTILINE):
            assert module in {"harness.executors.ray_cluster", "harness.executors.ray_actors"}
