"""The GitHub action: its own shell steps, run on a workspace as a runner would run them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.store.runs.directory import list_runs
from harness.store.runs.latest import record_of
from tests.cli.conftest import Shell, harness
from tests.workspace import write_article, write_system

yaml = pytest.importorskip("yaml")

__all__ = ["harness"]

ROOT = Path(__file__).parents[1]


@pytest.fixture
def workspace(tmp_path: Path, harness: Shell) -> Path:
    """Six articles, one recorded system, and its run accepted as the baseline."""
    for number in range(6):
        write_article(tmp_path, f"a{number}", [(f"Satz {number} ist hier.", f"Sentence {number} is here.")] * 2)
    write_system(tmp_path, "mine", 'engine = "recorded"\n')
    _record(tmp_path, "Sentence {} is here.")
    (tmp_path / "harness.toml").write_text('metrics = ["bleu", "chrf"]\n', encoding="utf-8")
    assert harness("run", "-C", tmp_path, "-q").code == 0
    assert harness("baseline", "accept", "latest", "-C", tmp_path).code == 0
    return tmp_path


def _record(root: Path, text: str) -> None:
    outputs = root / "systems" / "mine" / "de-en"
    outputs.mkdir(parents=True, exist_ok=True)
    for number in range(6):
        (outputs / f"a{number}.txt").write_text(f"{text.format(number)}\n" * 2, encoding="utf-8")


def _step(name: str, folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run one step with the runner's variables; ``inputs`` stand for the expressions of its ``env``."""
    steps: list[dict[str, Any]] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
    (step,) = [step for step in steps if step.get("id") == name or step["name"] == name]
    environment = {key: inputs.get(key, "") for key in step["env"]}
    own = {key: str(folder / key.lower()) for key in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    programs = inputs.get("PROGRAMS", str(Path(sys.executable).parent))
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        env={**os.environ, **environment, **own, "RUNNER_TEMP": str(folder), "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("text", "verdict", "code"),
    [("Sentence {} is here.", "pass", 0), ("Wrong words only, number {}.", "regressed", 1)],
)
def test_the_steps_of_the_action(workspace: Path, tmp_path: Path, text: str, verdict: str, code: int) -> None:
    folder = tmp_path / "runner"
    folder.mkdir()
    _record(workspace, text)
    ran = _step("Run", folder, WORKSPACE=str(workspace), TIER="cheap")
    assert ran.returncode == 0, ran.stderr
    gate = _step("gate", folder, WORKSPACE=str(workspace), TIER="cheap")
    assert gate.returncode == 0, gate.stderr
    assert f"::notice title=harness gate::verdict {verdict}" in gate.stdout
    assert (folder / "github_output").read_text().split() == [f"verdict={verdict}", f"code={code}"]
    assert (folder / "github_step_summary").read_text() == (folder / "harness-gate.md").read_text()
    assert (folder / "harness-gate.md").read_text().startswith("<!-- harness-gate -->")
    assert _step("Verdict", folder, CODE=str(code)).returncode == code


def test_the_action_judges_its_own_run(workspace: Path, tmp_path: Path) -> None:
    """A folder in the pull request with a greater name, or a record that names it, is not what the step before made."""
    folder = tmp_path / "runner"
    folder.mkdir()
    runs = workspace / "reports" / "runs"
    (good,) = list_runs(runs)
    shutil.copytree(good, runs / "99991231T235959-ffffff")
    record = record_of(runs).read_bytes()
    _record(workspace, "Wrong words only, number {}.")
    assert _step("Run", folder, WORKSPACE=str(workspace)).returncode == 0
    record_of(runs).write_bytes(record)
    gate = _step("gate", folder, WORKSPACE=str(workspace))
    assert "verdict regressed" in gate.stdout
    assert (folder / "harness-run").read_text().strip() in gate.stdout


def test_the_action_takes_what_may_be_accepted(workspace: Path, tmp_path: Path) -> None:
    folder = tmp_path / "runner"
    folder.mkdir()
    write_system(workspace, "gone", 'engine = "recorded"\n')
    for number in range(6):
        write_article(workspace, f"a{number}", [(f"Satz {number} ist neu.", f"Sentence {number} is new.")] * 2)
    assert _step("Run", folder, WORKSPACE=str(workspace)).returncode == 0
    for accept, code in (("", 3), ("incomparable", 0), ("incomplete", 3)):
        assert _step("gate", folder, WORKSPACE=str(workspace), ACCEPT=accept).returncode == 0
        assert (folder / "github_output").read_text().split()[-1] == f"code={code}"


def test_without_a_baseline_the_action_fails(workspace: Path, tmp_path: Path) -> None:
    folder = tmp_path / "runner"
    folder.mkdir()
    (workspace / "reports" / "baseline.json").unlink()
    gate = _step("gate", folder, WORKSPACE=str(workspace))
    assert gate.returncode == 2
    assert "harness baseline accept" in gate.stderr


def test_the_pull_request_of_a_stranger(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules, programs and runs that came with it change nothing."""
    folder = tmp_path / "runner"
    folder.mkdir()
    _record(workspace, "Wrong words only, number {}.")
    mark = workspace / "RAN"
    for name in ("json", "pip", "harness"):
        (workspace / f"{name}.py").write_text(f"open({str(mark)!r}, 'w').close(); raise SystemExit(0)\n")
    write_system(workspace, "evil", f'engine = "command"\n[options]\nargv = ["touch", "{mark}"]\n')
    monkeypatch.chdir(workspace)
    ran = _step("Run", folder, WORKSPACE=".", TIER="cheap", FORK="true", UNTRUSTED="auto")
    assert ran.returncode == 0, ran.stderr
    gate = _step("gate", folder, WORKSPACE=".", TIER="cheap")
    assert (folder / "github_output").read_text().split() == ["verdict=regressed", "code=1"], gate.stderr
    assert not mark.exists()
    assert "code=0\n" not in (folder / "github_output").read_text()


def test_links_of_a_stranger_delete_nothing(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder, outside = tmp_path_factory.mktemp("runner"), tmp_path_factory.mktemp("outside")
    (outside / "runs").mkdir(parents=True)
    (outside / "runs" / "precious.txt").write_text("x", encoding="utf-8")
    shutil.rmtree(workspace / "reports")
    (workspace / "reports").symlink_to(outside)
    ran = _step("Run", folder, WORKSPACE=str(workspace), TIER="cheap", UNTRUSTED="true")
    assert ran.returncode == 2
    assert "leads out of the workspace" in ran.stderr
    assert [path.name for path in outside.rglob("*")] == ["runs", "precious.txt"]


def test_without_a_run_of_its_own_the_action_fails(workspace: Path, tmp_path: Path) -> None:
    """Such as while batches are under way; the run that lies there is another."""
    folder = tmp_path / "runner"
    folder.mkdir()
    (folder / "python").write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    (folder / "python").chmod(0o755)
    ran = _step("Run", folder, WORKSPACE=str(workspace), PROGRAMS=str(folder))
    assert (ran.returncode, ran.stdout) == (3, "::error::no run was made, so there is nothing to judge\n")


def test_each_job_has_a_comment_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "runner"
    folder.mkdir()
    (folder / "harness-gate.md").write_text("<!-- harness-gate -->\n## Verdict\n", encoding="utf-8")
    gh = tmp_path / "gh"
    gh.write_text(f'#!/bin/sh\necho "$MARK|$*" >> {tmp_path}/asked\n', encoding="utf-8")
    gh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    marks = []
    for job in ("ci gate 0 .", "ci gate 1 . --><b>"):
        assert _step("Comment", folder, JOB=job, REPOSITORY="o/r", NUMBER="1").returncode == 0
        first, rest = (folder / "comment.md").read_text(encoding="utf-8").split("\n", 1)
        marks.append(first)
        assert rest == "## Verdict\n"
    assert marks == ["<!-- harness-gate ci_gate_0_. -->", "<!-- harness-gate ci_gate_1_._b_ -->"]
    assert marks[0] in (tmp_path / "asked").read_text(encoding="utf-8")
