"""``harness metrics``: environments are made whole or not at all, and a run goes on without them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from harness.metrics.isolated import environment, install
from harness.metrics.isolated.environment import Environment, Unusable, folder_of, look_up
from harness.metrics.isolated.install import CannotInstall
from harness.workspace import registry
from tests.cli.conftest import Shell, harness
from tests.metrics.isolation import TINY, write_wheel
from tests.workspace import small_workspace, write_system

__all__ = ["harness"]

pytestmark = pytest.mark.xdist_group("isolated")

ENTRY_POINTS = "[harness.metrics]\ntiny = tests.metrics.isolation:Tiny\n"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, and a folder with version 1.0 of the package in place of an index."""
    (tmp_path / "wheels").mkdir()
    write_wheel(tmp_path / "wheels")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    monkeypatch.setenv("HARNESS_METRICS_CACHE", str(tmp_path / "environments"))
    return tmp_path / "environments"


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package that declares the metric ``tiny``, as if it were installed."""
    info = tmp_path / "site" / "tiny_plugin-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    registry._entries.cache_clear()
    yield
    monkeypatch.undo()
    registry._entries.cache_clear()


def entries(cache: Path) -> list[str]:
    """What a user sees of the cache, without locks."""
    return sorted(path.name for path in cache.iterdir() if not path.name.endswith(".lock"))


@pytest.mark.slow
def test_the_whole_life_of_an_environment(
    cache: Path, plugin: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harness: Shell
) -> None:
    """Missing, installed, used, made for another version, removed; the run goes on each time."""
    small_workspace(tmp_path / "w", articles=2, segments=2)
    write_system(tmp_path / "w", "copy", 'engine = "copy"\n')
    run = ("run", "-C", tmp_path / "w", "--metric", "chrf,tiny", "-q", "--format", "json")

    def said() -> str:
        done = harness(*run)
        assert '"chrf"' in done.out
        return done.out + done.err

    why = "tiny runs in an environment of its own, which is not installed"
    missing = said()
    assert why in missing
    assert "harness metrics add tiny" in missing
    listed = json.loads(harness("metrics", "list", "--format", "json").out)
    (row,) = [row for row in listed if row["name"] == "tiny"]
    assert row == {"name": "tiny", "state": "not installed", "detail": why, "fix": "harness metrics add tiny"}
    assert "environment tiny" not in harness("doctor", "-C", tmp_path).out

    done = harness("metrics", "add", "tiny", "-q")
    assert done.code == 0, done.err
    assert done.out.startswith("tiny is ready: harness-tiny==1.0 on Python 3.")
    assert "ok      environment tiny: harness-tiny==1.0 on Python 3." in harness("doctor", "-C", tmp_path).out
    scored = said()
    assert "|harness-tiny:1.0|" in scored
    assert why not in scored

    monkeypatch.setattr("tests.metrics.isolation.Tiny.environment", replace(TINY, packages=("harness-tiny==2.0",)))
    stale = said()
    assert "the environment of tiny has harness-tiny==1.0 (made by harness " in stale
    assert "this version needs harness-tiny==2.0" in stale
    assert "harness metrics add tiny --again" in stale
    doctor = harness("doctor", "-C", tmp_path)
    assert doctor.code == 2
    assert "        fix: harness metrics add tiny --again" in doctor.out
    assert "tiny\tbroken\tthe environment of tiny has" in harness("metrics", "list").out

    write_wheel(tmp_path / "wheels", "2.0", factor=3)
    assert harness("metrics", "add", "tiny", "-q").code == 0
    assert "|harness-tiny:2.0|" in said()
    assert harness("metrics", "remove", "tiny").code == 0
    assert entries(cache) == []
    assert why in said()
    gone = harness("metrics", "remove", "tiny")
    assert (gone.code, gone.err.splitlines()[0]) == (2, "error: no environment of 'tiny' is installed")


def test_names_that_are_no_environment(cache: Path, tmp_path: Path, harness: Shell) -> None:
    (tmp_path / "precious").mkdir()
    cache.mkdir()
    for name in ("../precious", ".", "..", str(tmp_path / "precious")):
        assert harness("metrics", "remove", name).code == 2
    assert (tmp_path / "precious").is_dir()
    done = harness("metrics", "add", "chrf")
    assert done.code == 2
    assert "error: the metric 'chrf' runs with the harness and needs no environment" in done.err
    assert "metricx" in done.err
    assert "did you mean 'metricx'" in harness("metrics", "add", "metrix").err
    assert "unknown installer 'conda'" in harness("metrics", "add", "metricx", "--installer", "conda").err


def test_a_package_that_cannot_be_had(cache: Path, tmp_path: Path) -> None:
    with pytest.raises(CannotInstall, match=r"No matching distribution found for harness-tiny==3\.0") as caught:
        install.add(replace(TINY, packages=("harness-tiny==3.0",)), quiet=True)
    assert "settings of the installer" in caught.value.hint
    assert entries(cache) == []


@pytest.mark.slow
def test_the_old_one_stays_until_the_new_one_is_whole(cache: Path, tmp_path: Path) -> None:
    first = install.add(TINY, quiet=True)
    assert install.add(TINY, quiet=True) == first
    (tmp_path / "wheels" / "harness_tiny-1.0-py3-none-any.whl").unlink()
    with pytest.raises(CannotInstall):
        install.add(TINY, again=True, quiet=True)
    assert look_up(TINY) == first
    assert entries(cache) == ["tiny"]


def test_a_constraint_that_changes_a_pin_is_told(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "_inventory", lambda _: ("3.11.7", {"harness.tiny": "0.9"}))
    with pytest.raises(CannotInstall, match=r"the installer did not install harness-tiny==1\.0"):
        install.add(TINY, quiet=True)
    assert entries(cache) == []


def test_two_at_once(cache: Path, harness: Shell, plugin: None) -> None:
    cache.mkdir()
    with FileLock(cache / ".tiny.lock"):
        done = harness("metrics", "add", "tiny")
    assert done.code == 2
    assert "error: the environment of tiny is being installed or removed by another process" in done.err


HARNESS = "import sys\nfrom harness.__main__ import main\nsys.argv[1:] = ['metrics', 'add', 'tiny']\nmain()"


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_an_installation_that_is_interrupted_leaves_nothing_half_made(
    cache: Path, plugin: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: signal.Signals
) -> None:
    """pip is in the middle: it reads a package from a pipe that nobody writes to."""
    wheel = tmp_path / "wheels" / "harness_tiny-1.0-py3-none-any.whl"
    kept = wheel.rename(tmp_path / wheel.name)
    os.mkfifo(wheel)
    root = str(Path(__file__).resolve().parents[2])
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'site'}{os.pathsep}{root}")
    process = subprocess.Popen([sys.executable, "-c", HARNESS], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while not list(cache.glob(".tiny.*/bin/python")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1.0)
    process.send_signal(how)
    _, err = process.communicate(timeout=30)
    left = [name for name in entries(cache) if how == signal.SIGKILL or name]
    if how == signal.SIGKILL:
        assert all(name.startswith(".tiny.") for name in left)
        assert isinstance(look_up(TINY), Unusable)
    else:
        assert left == []
        assert "interrupted: nothing was installed" in err
        assert process.returncode == 128 + how
    wheel.unlink()
    shutil.copy(kept, wheel)
    assert isinstance(install.add(TINY, quiet=True), Environment)
    assert entries(cache) == ["tiny"]


@pytest.mark.slow
def test_an_interpreter_that_is_gone(cache: Path) -> None:
    install.add(TINY, quiet=True)
    environment.python_of(folder_of("tiny")).unlink()
    found = look_up(TINY)
    assert isinstance(found, Unusable)
    assert found.why.startswith("the environment of tiny is damaged: its Python 3.")
    assert isinstance(install.add(TINY, quiet=True), Environment)


@pytest.mark.slow
def test_which_installer_is_taken(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """uv, where it is and pip has no settings: here they name the folder of packages."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotInstall, match="uv is not installed"):
        install.add(TINY, installer="uv")
    (tmp_path / "uv").write_text("#!/bin/sh\nexit 7\n")
    (tmp_path / "uv").chmod(0o755)
    with pytest.raises(CannotInstall, match="uv ended with exit code 7"):
        install.add(TINY, installer="uv", quiet=True)
    assert install.add(TINY, quiet=True).installer == "pip"
    with monkeypatch.context() as patch:  # where uv is tried first and fails, pip follows
        patch.setattr(install, "_pip_has_settings", lambda: False)
        assert install.add(TINY, again=True, quiet=True).installer == "pip"
    assert install._pip_has_settings()
    for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS", *install.MISLEADING):
        monkeypatch.delenv(name, raising=False)
    for name in install.PLACES_OF_PACKAGES:
        monkeypatch.delenv(f"PIP_{name.replace('-', '_').upper()}", raising=False)
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = http://127.0.0.1:1/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    assert install._pip_has_settings()


def test_a_python_that_does_not_fit(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    old = replace(TINY, oldest_python=(3, 5), newest_python=(3, 6))
    with pytest.raises(CannotInstall, match=r"tiny needs Python 3\.5 to 3\.6, and none is on PATH"):
        install.add(old, installer="pip", quiet=True)


@pytest.mark.skipif(shutil.which("uv") is None, reason="uv is not installed")
def test_uv_installs_the_same(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path / "wheels"))
    made = install.add(TINY, installer="uv", quiet=True)
    assert (made.installer, made.packages) == ("uv", {"harness-tiny": "1.0"})
