"""A run ends with a recommendation, or with why there is none, by the policy that the run keeps."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from harness.analysis.decision.policy import policy_from, policy_of, policy_settings
from harness.analysis.decision.recommendation import DecisionPolicy
from harness.errors import ConfigError
from harness.workspace.file_models import DecisionFile
from tests.cli.conftest import Shell, harness

ROOT = Path(__file__).resolve().parents[2]

__all__ = ["harness"]

CAREFUL = (
    "Take Careful (example), because Careful (example) is significantly better than Literal (example) in chrF, by 24.3"
)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for name in ("references", "systems"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def _run(harness: Shell, workspace: Path, *arguments: str) -> str:
    done = harness("run", "-C", workspace, "--pair", "de-en", "--metric", "chrf", "--offline", "-q", *arguments)
    assert done.code == 0, done.err
    return " ".join(done.out.split())


def test_a_run_ends_with_its_recommendation_in_every_format(workspace: Path, harness: Shell) -> None:
    said = _run(harness, workspace)
    assert "Take Careful (example): it scores significantly higher than the 2 other systems in chrF." in said
    assert "Careful (example) leads Literal (example) by 24.3 chrF" in said
    (folder,) = (workspace / "reports" / "runs").iterdir()
    assert f"**Recommendation.** {CAREFUL}" in (folder / "report.md").read_text(encoding="utf-8")
    done = harness("report", folder, "--format", "json")
    (pair,) = json.loads(done.out)["pairs"]
    assert pair["decision"]["recommendation"] == "example-careful"
    decided = harness("decide", folder.name, "-C", workspace, "--format", "json")
    assert json.loads(decided.out)["decisions"] == [pair["decision"]]


def test_the_policy_of_the_workspace_is_kept_with_the_run(workspace: Path, harness: Shell) -> None:
    settings = workspace / "harness.toml"
    settings.write_text("[decision]\nmax_cost_per_million = 5\n", encoding="utf-8")
    said = _run(harness, workspace)
    assert "No recommendation: no system meets the hard limits" in said
    assert "What would help: relax a limit" in said
    settings.unlink()
    (folder,) = (workspace / "reports" / "runs").iterdir()
    assert "no system meets the hard limits" in " ".join(harness("report", folder, "--format", "terminal").out.split())


def test_one_system_alone_gets_no_advice(workspace: Path, harness: Shell) -> None:
    assert "Take" not in _run(harness, workspace, "--system", "example-careful")


def test_a_misspelt_kind_of_flag_is_refused_before_anything_is_sent(workspace: Path, harness: Shell) -> None:
    (workspace / "harness.toml").write_text('[decision]\nno_flags = ["wrong_langauge"]\n', encoding="utf-8")
    done = harness("run", "-C", workspace)
    assert done.code == 2
    assert "[decision] no_flags: unknown flag 'wrong_langauge'" in done.err
    assert "wrong_language" in done.err


def test_a_policy_survives_the_settings_of_a_run() -> None:
    given = DecisionFile(metric="bleu", weights={"cost": 2.0}, max_p95=1.5, no_flags=("empty",), currency="EUR")
    kept = json.loads(json.dumps(policy_settings(given)))
    assert policy_of({"decision": kept, "encoder": "an encoder 1.0"}) == policy_from(given)
    assert policy_of({"encoder": ""}) == policy_of({}) == DecisionPolicy(with_encoder=False)
    with pytest.raises(ConfigError, match="the run's settings"):
        policy_of({"decision": {"max_p96": 1}})
