"""The steps of the Makefile that install torch, run with programs that only write down what they were asked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import harness

ROOT = Path(harness.__file__).parents[1]

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not shutil.which("make"), reason="needs make, and only Linux has two builds of torch"
)


def program(path: Path, code: str, ledger: Path) -> None:
    """A program that notes its name and arguments."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'#!/bin/sh\necho "{path.parent.name}/{path.name} $*" >> {ledger}\n{code}\n', encoding="utf-8")
    path.chmod(0o755)


def installed_by(tmp_path: Path, *, on_path: bool, works: bool) -> list[str]:
    """What ``make`` runs to install COMET. ``works``: whether uv reaches the index of torch."""
    ledger, environment = tmp_path / "ledger", tmp_path / "venv"
    result = f"exit {0 if works else 2}"
    if on_path:
        program(tmp_path / "path" / "uv", result, ledger)
    program(tmp_path / "stored" / "uv", result, ledger)
    fetch = f'case "$*" in *" uv") cp {tmp_path}/stored/uv {environment}/bin/uv ;; esac'
    environment.mkdir()
    program(environment / "bin" / "python", fetch, ledger)
    path = os.pathsep.join([str(tmp_path / "path"), "/usr/bin", "/bin"])
    done = subprocess.run(
        ["make", "--silent", f"VENV={environment}", f"{environment}/comet"],
        cwd=ROOT,
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (environment / "comet").exists()
    return ledger.read_text(encoding="utf-8").splitlines()


@pytest.mark.skipif(shutil.which("uv", path="/usr/bin:/bin") is not None, reason="uv is among the system's programs")
@pytest.mark.parametrize("works", [True, False])
@pytest.mark.parametrize("on_path", [True, False])
def test_uv_installs_torch_and_pip_where_it_cannot(tmp_path: Path, on_path: bool, works: bool) -> None:
    steps = installed_by(tmp_path, on_path=on_path, works=works)
    if not on_path:
        assert steps.pop(0).endswith("pip install --quiet --no-compile uv")
    first, *rest = steps
    assert first.split()[0] == ("path/uv" if on_path else "stored/uv")
    assert "--torch-backend=auto --editable .[comet,charts]" in first
    if works:
        assert rest == []
    else:
        assert [step.split(" --")[-1] for step in rest] == ["editable .[comet,charts]"]
        assert rest[0].startswith("bin/python -m pip install")
