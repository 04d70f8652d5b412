"""COMET without unbabel-comet: the packed encoder, vouched for by what the library said where it runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.errors import MetricUnavailable
from harness.metrics.comet import packages
from harness.metrics.comet.checkpoint import find
from harness.metrics.comet.metric import Comet, CometOptions
from harness.metrics.comet.packed import recorded as recordings
from harness.metrics.comet.packed import verification
from harness.metrics.comet.packed.recipe import Head
from harness.metrics.comet.packed.recorded import (
    KINDS,
    OtherWeights,
    Recorded,
    estimate_untrained,
    heads,
    name_of,
    recorded,
)
from harness.metrics.comet.packed.verification import TOLERANCE, samples_of
from harness.metrics.comet.selftest import prove
from harness.metrics.comet.untrained import Kind, build_checkpoint
from tests.metrics.build import context
from tests.metrics.record_comet import digest, library_estimates, record
from tests.metrics.test_comet import TEXTS, items
from tests.needs import needs

needs("torch", "tokenizers", "yaml", "huggingface_hub")
pytestmark = [pytest.mark.comet, pytest.mark.xdist_group("comet")]

Checkpoints = Callable[[Kind], Path]
HEADS = list(heads())


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """unbabel-comet is not installed, and nothing was ever verified."""
    version = packages.package_version
    monkeypatch.setattr(packages, "package_version", lambda name: "" if name == "unbabel-comet" else version(name))
    monkeypatch.setitem(sys.modules, "comet", None)
    monkeypatch.setenv("HARNESS_COMET_CACHE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.mark.parametrize("head", HEADS, ids=name_of)
def test_the_packed_encoder_gives_the_recorded_scores(head: Head) -> None:
    wanted = samples_of(head.kind == "regression_metric")
    found = estimate_untrained(head, "cpu", wanted)
    assert not isinstance(found, OtherWeights)
    np.testing.assert_allclose([e.score for e in found], recorded().scores[name_of(head)], rtol=0, atol=TOLERANCE)
    assert tuple(e.truncated for e in found) == recorded().truncated


def test_recorded_scores_tell_heads_and_samples_apart() -> None:
    """Else a wrong head, or a model that reads nothing, would pass."""
    rows = np.array([recorded().scores[name_of(head)] for head in HEADS])
    assert len(rows) == len(recorded().scores) == 24
    apart = np.abs(rows[:, None] - rows[None]).max(axis=2)[~np.eye(len(rows), dtype=bool)]
    assert apart.min() > 2 * TOLERANCE
    between = np.abs(rows[:, :, None] - rows[:, None, :])[:, ~np.eye(rows.shape[1], dtype=bool)]
    assert between.min() > 2 * TOLERANCE


@pytest.mark.parametrize("kind", KINDS)
def test_checkpoints_are_built_as_they_were_recorded(kind: str, tmp_path: Path) -> None:
    assert digest(build_checkpoint(tmp_path / "built", KINDS[kind])) == recorded().weights[kind]


@pytest.mark.parametrize("head", [HEADS[3], HEADS[-1]], ids=name_of)
def test_the_library_still_says_so(head: Head, tmp_path: Path) -> None:
    needs("comet")
    scores = [estimate.score for estimate in library_estimates(head, tmp_path / "built")]
    np.testing.assert_allclose(scores, recorded().scores[name_of(head)], rtol=0, atol=1e-6)


@pytest.mark.slow
def test_the_library_still_says_all_of_it() -> None:
    needs("comet")
    now = record()
    kept = json.loads(recordings.FILE.read_text(encoding="utf-8"))
    assert {name: now[name] for name in ("unbabel-comet", "weights", "truncated")} == {
        name: kept[name] for name in ("unbabel-comet", "weights", "truncated")
    }
    np.testing.assert_allclose(now["predicted"], kept["predicted"], rtol=0, atol=1e-6)
    assert now["scores"].keys() == kept["scores"].keys()
    for head, scores in now["scores"].items():
        np.testing.assert_allclose(scores, kept["scores"][head], rtol=0, atol=1e-6)


@pytest.mark.parametrize("kind", ["regression", "referenceless", "unified", "kiwi", "xcomet"])
def test_the_library_takes_each_tensor(checkpoint: Checkpoints, kind: Kind) -> None:
    """A name or a shape of ours that its class does not have, or the reverse, would go unnoticed: it is lenient."""
    needs("comet")
    import torch
    from comet.models import str2model

    content = torch.load(checkpoint(kind) / "checkpoints" / "model.ckpt", weights_only=True)
    hparams = dict(content["hyper_parameters"])
    model = str2model[hparams.pop("class_identifier")](load_pretrained_weights=False, **hparams)
    theirs = {name: tensor.shape for name, tensor in model.state_dict().items()}
    ours = {name: tensor.shape for name, tensor in content["state_dict"].items()}
    # Of training alone.
    assert theirs.keys() - ours.keys() == {f"layerwise_attention.dropout_{part}" for part in ("mask", "fill")}
    assert ours == {name: theirs[name] for name in ours}


def test_a_checkpoint_is_scored_without_the_library(checkpoint: Checkpoints, alone: Path) -> None:
    folder = checkpoint("regression")
    metric = Comet(CometOptions(model=str(folder)))
    table = metric.statistics(items(), context())
    assert metric.notes == []
    assert f"comet:recorded-{recorded().library}|" in table.identity.signature
    assert "|engine:packed1|" in table.identity.signature
    assert "transformers" not in table.identity.signature
    assert len({round(score, 4) for score in table.rows[:, 0]}) == len(TEXTS)
    (proof,) = alone.iterdir()
    kept = json.loads(proof.read_text(encoding="utf-8"))
    assert kept["passed"] is True
    assert 0 < kept["difference"] < TOLERANCE
    assert "comet" not in kept


def test_scores_with_and_without_the_library_are_equal(checkpoint: Checkpoints, request: pytest.FixtureRequest) -> None:
    needs("comet")
    metric = Comet(CometOptions(model=str(checkpoint("regression"))))
    beside = metric.statistics(items(), context())
    request.getfixturevalue("alone")
    without = metric.statistics(items(), context())
    assert (without.rows == beside.rows).all()
    assert without.identity != beside.identity


def moved(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    """Another recording."""
    other: Recorded = replace(recorded(), **changes)  # type: ignore[arg-type]
    for module in (recordings, verification):
        monkeypatch.setattr(module, "recorded", lambda: other)


@pytest.mark.usefixtures("alone")
def test_other_scores_than_the_recorded_ones_are_refused(
    checkpoint: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = {head: tuple(score + 2e-5 for score in row) for head, row in recorded().scores.items()}
    moved(monkeypatch, scores=scores)
    with pytest.raises(MetricUnavailable, match=r"its scores differ from unbabel-comet's by up to [12]\.\de-05"):
        Comet(CometOptions(model=str(checkpoint("regression")))).statistics(items(), context())


@pytest.mark.usefixtures("alone")
def test_other_weights_than_the_recorded_ones_are_told(
    checkpoint: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved(monkeypatch, weights=dict.fromkeys(recorded().weights, "0" * 64))
    with pytest.raises(MetricUnavailable, match="is not built here as it was where it was recorded"):
        Comet(CometOptions(model=str(checkpoint("referenceless")))).statistics(items(), context())


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("kind", ["unified", "xcomet"])
def test_models_that_only_the_library_can_score(tmp_path: Path, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    build_checkpoint(tmp_path / kind, kind)
    metric = Comet(CometOptions(model=str(tmp_path / kind)))
    for python, why, fix in (
        ((3, 12, 1), "which is not installed", "pip install 'translation-harness[comet]'"),
        (
            (3, 13, 0),
            r"which cannot be installed on Python 3\.13",
            'harness metrics add comet, and engine = "isolated"',
        ),
    ):
        monkeypatch.setattr(packages.sys, "version_info", python)
        with pytest.raises(MetricUnavailable, match=f"{kind}_metric are not implemented.*{why}") as caught:
            metric.statistics(items(), context())
        assert caught.value.hint.startswith(fix)
        monkeypatch.undo()
        monkeypatch.setattr(packages, "package_version", lambda _: "")


@pytest.mark.usefixtures("alone")
def test_the_library_asked_for_where_it_is_not(checkpoint: Checkpoints) -> None:
    metric = Comet(CometOptions(model=str(checkpoint("regression")), engine="library"))
    with pytest.raises(MetricUnavailable, match='engine = "library" needs unbabel-comet'):
        metric.statistics(items(), context())


@pytest.mark.usefixtures("alone")
def test_the_self_test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proof = prove(tmp_path / "proof")
    assert proof.passed
    assert 0 < proof.max_difference <= TOLERANCE
    assert f"the recorded scores of unbabel-comet {recorded().library}" in proof.message
    assert {"torch", "tokenizers", "python"} <= proof.versions.keys()
    other = replace(recorded(), predicted=tuple(score + 1e-3 for score in recorded().predicted))
    monkeypatch.setattr("harness.metrics.comet.selftest.recorded", lambda: other)
    assert not prove(tmp_path / "again").passed


PURE = """
import sys
from harness.metrics.comet.checkpoint import find
from harness.metrics.comet.engine import prove
from harness.metrics.comet.packages import library_installed
print(library_installed(), prove(find(sys.argv[1], offline=True), "cpu", offline=True).passed)
print(*sorted({"comet", "transformers", "pytorch_lightning"} & set(sys.modules)))
"""


def test_the_packed_encoder_imports_neither_transformers_nor_lightning(checkpoint: Checkpoints, tmp_path: Path) -> None:
    """In a process that sees no library: what it imports is what the extra has to bring."""
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.metadata as metadata, sys\n"
        "known = metadata.version\n"
        "def version(name):\n"
        "    if name == 'unbabel-comet':\n"
        "        raise metadata.PackageNotFoundError(name)\n"
        "    return known(name)\n"
        "metadata.version = version\n"
        "sys.modules['comet'] = None\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "HARNESS_COMET_CACHE": str(tmp_path / "state")}
    command = [sys.executable, "-c", PURE, str(checkpoint("regression"))]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == ["False", "True", "comet"]
    assert done.stderr == ""
    assert find(str(checkpoint("regression")), offline=True).kind == "regression_metric"
