"""The proof behind ``harness doctor --comet``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.metrics.comet.blueprint import Kind
from harness.metrics.comet.library import LoadedComet
from harness.metrics.comet.selftest import prove
from harness.metrics.comet.untrained import build_checkpoint

pytestmark = [pytest.mark.comet, pytest.mark.xdist_group("comet")]


@pytest.mark.usefixtures("checkpoint", "library")
def test_proof(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    result = prove(tmp_path / "proof")
    assert result.passed
    assert result.max_difference <= 1e-5
    assert result.device == "cpu"
    assert result.versions["unbabel-comet"]
    assert "untrained" in result.message
    assert "mean nothing" in result.message
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("checkpoint", "library")
def test_proof_can_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = LoadedComet.estimate

    def off(self: LoadedComet, samples: Any) -> Any:
        return [type(e)(e.score + 1e-3, e.truncated) for e in original(self, samples)]

    monkeypatch.setattr(LoadedComet, "estimate", off)
    result = prove(tmp_path / "proof")
    assert not result.passed
    assert "does NOT" in result.message


def test_built_the_same_every_time(checkpoint: Callable[[Kind], Path], tmp_path: Path) -> None:
    import torch

    again = torch.load(build_checkpoint(tmp_path / "again"), weights_only=True)["state_dict"]
    before = torch.load(checkpoint("regression") / "checkpoints" / "model.ckpt", weights_only=True)["state_dict"]
    assert again.keys() == before.keys()
    assert all(torch.equal(again[name], before[name]) for name in again)
    tokenizers = [folder / "encoder" / "tokenizer.json" for folder in (checkpoint("regression"), tmp_path / "again")]
    assert len({hashlib.sha256(file.read_bytes()).hexdigest() for file in tokenizers}) == 1


@pytest.mark.usefixtures("checkpoint")
def test_building_leaves_the_random_state_alone(tmp_path: Path) -> None:
    import torch

    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    build_checkpoint(tmp_path / "one")
    assert torch.equal(torch.rand(1), expected)
