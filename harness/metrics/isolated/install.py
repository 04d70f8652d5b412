"""Making and removing environments: built aside and renamed, so that nothing half-made ever has the name of a metric.

What an interrupted or killed installation leaves behind has another name, and is swept away by the next one. Two at
once are kept apart by a lock. Packages come from where the user's settings of pip say; uv does not read these, so it
installs only where there are none.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from harness import __version__
from harness.errors import HarnessError, UsageError
from harness.metrics.isolated.environment import LAYOUT, Environment, Unusable, folder_of, look_up, write_note
from harness.metrics.isolated.recipe import Recipe
from harness.workspace.guardian import GUARDIAN
from harness.workspace.operating_system import describe_exit, end_group, own_group, python_of

Installer = Literal["auto", "uv", "pip"]

PLACES_OF_PACKAGES = frozenset(
    {
        *("cert", "client-cert", "constraint", "extra-index-url", "find-links", "index-url", "no-index", "proxy"),
        "trusted-host",
    }
)
"""Settings of pip that say where packages come from; uv has names of its own for them."""

MISLEADING = ("PIP_PREFIX", "PIP_ROOT", "PIP_TARGET", "PIP_USER", "PYTHONHOME", "PYTHONPATH")
"""Variables that would put packages elsewhere, or bring others along."""

INVENTORY = (
    "import importlib.metadata as m, json, platform\n"
    "print(json.dumps([platform.python_version(), {d.metadata['Name']: d.version for d in m.distributions()}]))"
)

ASK_SECONDS = 60.0


class CannotInstall(HarnessError):  # noqa: N818 - a state of the machine, not a fault
    """An environment cannot be made here; nothing was left behind."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Tools:
    """What makes an environment."""

    uv: str
    """The program; empty where pip is used."""
    python: str
    """Interpreter that the environment is made with; for uv also the versions it may choose from."""


def add(recipe: Recipe, *, again: bool = False, installer: Installer = "auto", quiet: bool = False) -> Environment:
    """Make the environment of a metric, unless it is there.

    Args:
        recipe: what it is made of.
        again: make it anew in any case; the old one stays until the new one is whole.
        installer: ``auto`` takes uv where it is installed and pip has no settings of its own.
        quiet: keep the installer silent unless it fails.

    Raises:
        CannotInstall: a package cannot be had, or no Python fits.
        UsageError: another process is at it.
    """
    folder = folder_of(recipe.name)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        found = look_up(recipe)
        if not again and not isinstance(found, Unusable):
            return found
        tools = _tools(recipe, installer)
        try:
            return _make(recipe, tools, folder, quiet=quiet)
        except CannotInstall:
            # uv knows neither the mirrors nor the certificates that pip may be set up with by the system.
            if installer != "auto" or not tools.uv or find_spec("pip") is None:
                raise
            return _make(recipe, _tools(recipe, "pip"), folder, quiet=quiet)


def remove(name: str) -> int:
    """Delete the environment of a metric; returns the bytes that were freed.

    Raises:
        UsageError: there is none, or another process is at it.
    """
    folder = folder_of(name)
    if Path(name).name != name or name.startswith(".") or not folder.is_dir():
        raise UsageError(f"no environment of '{name}' is installed", hint="harness metrics list")
    with _alone(folder):
        freed = size_of(folder)
        aside = folder.with_name(f".{name}.{uuid.uuid4().hex}")
        folder.replace(aside)
        shutil.rmtree(aside, ignore_errors=True)
    return freed


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder; links count nothing."""
    files = (Path(top, name) for top, _, names in os.walk(folder) for name in names)
    return sum(file.stat().st_size for file in files if not file.is_symlink())


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep others off, and sweep away what an ended installation has left."""
    lock = FileLock(folder.with_name(f".{folder.name}.lock"), timeout=0)
    try:
        with lock:
            for left in folder.parent.glob(f".{folder.name}.*"):
                if left.is_dir():
                    shutil.rmtree(left, ignore_errors=True)
            yield
    except Timeout:
        raise UsageError(
            f"the environment of {folder.name} is being installed or removed by another process",
            hint="wait for it, then run the same command again",
        ) from None


def _make(recipe: Recipe, tools: Tools, folder: Path, *, quiet: bool) -> Environment:
    aside = folder.with_name(f".{recipe.name}.{uuid.uuid4().hex}")
    try:
        environment = _build(recipe, tools, aside, quiet=quiet)
        _swap(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return environment


def _swap(aside: Path, folder: Path) -> None:
    """Give a new environment its name; an old one makes room only now."""
    old = aside.with_name(f"{aside.name}.old")
    if folder.exists():
        folder.replace(old)
    try:
        aside.replace(folder)
    except BaseException:
        if old.exists():
            old.replace(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _build(recipe: Recipe, tools: Tools, folder: Path, *, quiet: bool) -> Environment:
    if tools.uv:
        _run([tools.uv, "venv", "--no-project", "--python", tools.python, str(folder)], recipe, quiet=quiet)
        command = [tools.uv, "pip", "install", "--python", str(python_of(folder)), *recipe.packages]
    else:
        _run([tools.python, "-m", "venv", "--without-pip", str(folder)], recipe, quiet=quiet)
        pip = [sys.executable, "-m", "pip", "--python", str(python_of(folder))]
        command = [*pip, "install", "--no-input", "--disable-pip-version-check", *recipe.packages]
    _run(command, recipe, quiet=quiet)
    python, packages = _inventory(folder)
    known = {_plain(name): version for name, version in packages.items()}
    wrong = [name for name, version in recipe.versions.items() if known.get(_plain(name), "").split("+")[0] != version]
    if wrong:
        raise CannotInstall(
            f"the installer did not install {wrong[0]}=={recipe.versions[wrong[0]]}",
            hint="check the constraints that pip is given (pip config list)",
        )
    environment = Environment(
        layout=LAYOUT,
        harness=__version__,
        made=datetime.now(UTC).date().isoformat(),
        python=python,
        installer="uv" if tools.uv else "pip",
        asked=recipe.packages,
        packages=packages,
    )
    write_note(folder, environment)
    return environment


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _inventory(folder: Path) -> tuple[str, Mapping[str, str]]:
    """Version of Python, and every package with its version."""
    done = subprocess.run(
        [str(python_of(folder)), "-I", "-c", INVENTORY],
        capture_output=True,
        encoding="utf-8",
        timeout=ASK_SECONDS,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise CannotInstall(
            f"the new environment does not work: {describe_exit(done.returncode)}; {done.stderr[-500:]}"
        )
    python, packages = json.loads(done.stdout)
    return python, packages


def _tools(recipe: Recipe, installer: Installer) -> Tools:
    """What to install with.

    Raises:
        CannotInstall: it is not here, or no Python fits.
    """
    uv = shutil.which("uv") or ""
    if installer == "uv" and not uv:
        raise CannotInstall("uv is not installed", hint="pip install uv, or leave out --installer")
    use_uv = installer == "uv" or (installer == "auto" and bool(uv) and not _pip_has_settings())
    if not use_uv and find_spec("pip") is None:
        raise CannotInstall(f"{sys.executable} has no pip", hint="install uv, or: python -m ensurepip")
    low, high = (".".join(map(str, version)) for version in (recipe.oldest_python, recipe.newest_python))
    if recipe.oldest_python <= sys.version_info[:2] <= recipe.newest_python:
        return Tools(uv if use_uv else "", sys.executable)
    if use_uv:
        return Tools(uv, f">={low},<{recipe.newest_python[0]}.{recipe.newest_python[1] + 1}")
    minor = range(recipe.newest_python[1], recipe.oldest_python[1] - 1, -1)
    for python in filter(None, (shutil.which(f"python3.{number}") for number in minor)):
        return Tools("", python)
    raise CannotInstall(
        f"{recipe.name} needs Python {low} to {high}, and none is on PATH",
        hint="install uv, which fetches one, or a package such as python3.12",
    )


def _pip_has_settings() -> bool:
    """Whether pip is told where packages come from, by its files or by variables."""
    if any(f"PIP_{name.replace('-', '_').upper()}" in os.environ for name in PLACES_OF_PACKAGES):
        return True
    if find_spec("pip") is None:
        return False
    done = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"],
        capture_output=True,
        encoding="utf-8",
        timeout=ASK_SECONDS,
        check=False,
    )
    names = {line.partition("=")[0].rpartition(".")[2] for line in done.stdout.splitlines()}
    return bool(names & PLACES_OF_PACKAGES)


def _run(command: Sequence[str], recipe: Recipe, *, quiet: bool) -> None:
    """Run a step; what it prints goes to our error output. It ends when we do, however we end."""
    environment = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    environment.setdefault("UV_TORCH_BACKEND", "auto")  # without a graphics card, a torch without CUDA
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if quiet else 2,
        stderr=subprocess.STDOUT if quiet else None,
        env=GUARDIAN.environment(environment),
        encoding="utf-8",
        errors="replace",
        **own_group(),
    )
    GUARDIAN.watch(process.pid)
    try:
        said, _ = process.communicate()
    except BaseException:
        end_group(process.pid, "at once")
        process.wait()
        raise
    finally:
        GUARDIAN.forget(process.pid)
    if process.returncode:
        detail = f": {said.strip()[-1000:]}" if said else ""
        raise CannotInstall(
            f"the packages of {recipe.name} could not be installed: {Path(command[0]).name} ended with "
            f"{describe_exit(process.returncode)}{detail}",
            hint="check the network and the settings of the installer (pip config list), then run the command again",
        )
