"""The recipes for SLURM and Kubernetes are sound as far as this can be told without either."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from harness.cli.app import app

RECIPES = Path(__file__).resolve().parents[2] / "docs" / "recipes"
SLURM = (RECIPES / "harness.sbatch").read_text(encoding="utf-8")


def check_command(words: list[str]) -> None:
    """A command of the harness with options that it has."""
    command = get_command(app).get_command(None, words[1])  # type: ignore[attr-defined]
    known = {option for parameter in command.params for option in parameter.opts}
    assert words[0] == "harness"
    assert {word for word in words[2:] if word.startswith("-")} <= known


@pytest.mark.skipif(not shutil.which("bash"), reason="checks a script for bash")
def test_the_script_for_slurm_is_bash() -> None:
    subprocess.run(["bash", "-n", RECIPES / "harness.sbatch"], check=True)
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", RECIPES / "harness.sbatch"], check=True)


def test_what_the_script_for_slurm_runs() -> None:
    (line,) = re.findall(r"^harness .*$", SLURM, re.MULTILINE)
    check_command([word for word in shlex.split(line) if word != "$@"])
    compile(re.findall(r"<<'END'\n(.*?)\nEND\n", SLURM, re.DOTALL)[0], "harness.sbatch", "exec")
    options = dict(re.findall(r"^#SBATCH --([a-z-]+)=(\S+)$", SLURM, re.MULTILINE))
    assert options["ntasks-per-node"] == "1"  # one node of Ray on each node of SLURM


def test_the_job_for_kubernetes() -> None:
    yaml: Any = pytest.importorskip("yaml")
    job = yaml.safe_load((RECIPES / "rayjob.yaml").read_text(encoding="utf-8"))
    assert (job["apiVersion"], job["kind"]) == ("ray.io/v1", "RayJob")
    check_command(shlex.split(job["spec"]["entrypoint"]))
    cluster = job["spec"]["rayClusterSpec"]
    groups = [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]
    assert len(groups) > 1
    assert cluster["authOptions"] == {"mode": "token"}
    images = set()
    for group in groups:
        pod = group["template"]["spec"]
        (container,) = pod["containers"]
        images.add(container["image"])
        assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
        variables = {variable["name"]: variable["value"] for variable in container["env"]}
        assert variables["HARNESS_MODELS"] in {mount["mountPath"] for mount in container["volumeMounts"]}
    assert len(images) == 1
