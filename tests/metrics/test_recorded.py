"""COMET without unbabel-comet: the packed encoder, vouched for by what the library said where it runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.errors import MetricUnavailable
from harness.metrics.comet import packages
from harness.metrics.comet.blueprint import CLASSES, Blueprint, Kind
from harness.metrics.comet.checkpoint import find
from harness.metrics.comet.metric import Comet, CometOptions
from harness.metrics.comet.packed import recorded as recordings
from harness.metrics.comet.packed import verification
from harness.metrics.comet.packed.recorded import (
    Recorded,
    Unproven,
    blueprints,
    estimate_untrained,
    name_of,
    recorded,
    spans_digest,
    weights_name,
)
from harness.metrics.comet.packed.verification import TOLERANCE, samples_of
from harness.metrics.comet.selftest import prove
from harness.metrics.comet.untrained import build
from tests.metrics.build import context
from tests.metrics.record_comet import digest, library_estimates, record
from tests.metrics.test_comet import TEXTS, items
from tests.needs import needs

needs("torch", "tokenizers", "yaml", "huggingface_hub")
pytestmark = [pytest.mark.comet, pytest.mark.xdist_group("comet")]

Checkpoints = Callable[[Kind], Path]
BLUEPRINTS = list(blueprints())
READS_REFERENCE = frozenset({"regression", "unified", "with-reference", "unified-marks", "xcomet"})


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """unbabel-comet is not installed, and nothing was ever verified."""
    version = packages.package_version
    monkeypatch.setattr(packages, "package_version", lambda name: "" if name == "unbabel-comet" else version(name))
    monkeypatch.setitem(sys.modules, "comet", None)
    monkeypatch.setenv("HARNESS_COMET_CACHE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.mark.parametrize("blueprint", BLUEPRINTS, ids=name_of)
def test_the_packed_encoder_gives_the_recorded_scores(blueprint: Blueprint) -> None:
    words = recorded().words[name_of(blueprint)]
    estimates = estimate_untrained(
        blueprint, "cpu", samples_of(blueprint.kind in READS_REFERENCE, context=blueprint.context)
    )
    assert not isinstance(estimates, Unproven)
    np.testing.assert_allclose([e.score for e in estimates], [word.score for word in words], rtol=0, atol=TOLERANCE)
    assert [e.truncated for e in estimates] == [word.truncated for word in words]
    assert [spans_digest(e) for e in estimates] == [word.spans for word in words]


def test_recorded_scores_tell_models_and_samples_apart() -> None:
    """Else a wrong head, or a model that reads nothing, would pass."""
    rows = np.array([[word.score for word in recorded().words[name_of(blueprint)]] for blueprint in BLUEPRINTS])
    assert len(rows) == len(recorded().words) == 60
    marks = [tuple(word.spans for word in recorded().words[name_of(blueprint)]) for blueprint in BLUEPRINTS]
    alike = np.array([[one == two for two in marks] for one in marks]) & ~np.eye(len(rows), dtype=bool)
    apart = np.abs(rows[:, None] - rows[None]).max(axis=2)[alike]
    assert apart.min() > 2 * TOLERANCE
    between = np.abs(rows[:, :, None] - rows[:, None, :])[:, ~np.eye(rows.shape[1], dtype=bool)]
    assert between.min() > 2 * TOLERANCE


def test_recorded_marks_are_of_several_kinds() -> None:
    for blueprint in BLUEPRINTS:
        marks = {word.spans for word in recorded().words[name_of(blueprint)]}
        assert (len(marks) > 3) == (blueprint.kind in {"unified-marks", "kiwi-marks", "xcomet"})


@pytest.mark.parametrize("kind", CLASSES)
def test_checkpoints_are_built_as_they_were_recorded(kind: Kind, tmp_path: Path) -> None:
    for norm_first in (False, True):
        blueprint = Blueprint(kind, norm_first=norm_first)
        path = build(tmp_path / weights_name(blueprint), blueprint)
        assert digest(path) == recorded().weights[weights_name(blueprint)]


@pytest.mark.parametrize("blueprint", [BLUEPRINTS[3], BLUEPRINTS[-1]], ids=name_of)
def test_the_library_still_says_so(blueprint: Blueprint, tmp_path: Path) -> None:
    needs("comet")
    estimates = library_estimates(blueprint, tmp_path / "built")
    words = recorded().words[name_of(blueprint)]
    np.testing.assert_allclose([e.score for e in estimates], [word.score for word in words], rtol=0, atol=1e-6)
    assert [spans_digest(e) for e in estimates] == [word.spans for word in words]


@pytest.mark.slow
def test_the_library_still_says_all_of_it() -> None:
    needs("comet")
    now = record()
    kept = json.loads(recordings.FILE.read_text(encoding="utf-8"))
    assert {name: now[name] for name in ("unbabel-comet", "weights")} == {
        name: kept[name] for name in ("unbabel-comet", "weights")
    }
    np.testing.assert_allclose(now["predicted"], kept["predicted"], rtol=0, atol=1e-6)
    assert now["words"].keys() == kept["words"].keys()
    for name, words in now["words"].items():
        scores, *facts = zip(*words, strict=True)
        kept_scores, *kept_facts = zip(*kept["words"][name], strict=True)
        np.testing.assert_allclose(scores, kept_scores, rtol=0, atol=1e-6)
        assert facts == kept_facts, name


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("kind", CLASSES)
def test_the_library_takes_each_tensor(tmp_path: Path, kind: Kind, norm_first: bool) -> None:
    """A name or a shape of ours that its class does not have, or the reverse, would go unnoticed: it is lenient."""
    needs("comet")
    import torch
    from comet.models import str2model

    path = build(tmp_path / "built", Blueprint(kind, norm_first=norm_first))
    content = torch.load(path, weights_only=True)
    hparams = dict(content["hyper_parameters"])
    model = str2model[hparams.pop("class_identifier")](load_pretrained_weights=False, **hparams)
    theirs = {name: tensor.shape for name, tensor in model.state_dict().items()}
    ours = {name: tensor.shape for name, tensor in content["state_dict"].items()}
    # Of training alone.
    assert theirs.keys() - ours.keys() == {f"layerwise_attention.dropout_{part}" for part in ("mask", "fill")}
    assert ours == {name: theirs[name] for name in ours}


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("kind", ["kiwi", "xcomet"])
def test_joint_models_are_scored_without_the_library(checkpoint: Checkpoints, kind: Kind) -> None:
    metric = Comet(CometOptions(model=str(checkpoint(kind))))
    table = metric.statistics(items(), context())
    assert metric.notes == []
    assert f"comet:recorded-{recorded().library}|" in table.identity.signature
    assert len({round(score, 4) for score in table.rows[:, 0]}) == len(TEXTS)
    assert bool(table.spans) == (kind == "xcomet")


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
    words = {
        name: tuple(replace(word, score=word.score + 2e-5) for word in said) for name, said in recorded().words.items()
    }
    moved(monkeypatch, words=words)
    with pytest.raises(MetricUnavailable, match=r"its scores differ from unbabel-comet's by up to [12]\.\de-05"):
        Comet(CometOptions(model=str(checkpoint("regression")))).statistics(items(), context())


@pytest.mark.usefixtures("alone")
def test_other_marks_than_the_recorded_ones_are_refused(
    checkpoint: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = {name: tuple(replace(word, spans="1:0") for word in said) for name, said in recorded().words.items()}
    moved(monkeypatch, words=words)
    with pytest.raises(MetricUnavailable, match="it marks other errors than unbabel-comet"):
        Comet(CometOptions(model=str(checkpoint("xcomet")))).statistics(items(), context())


@pytest.mark.usefixtures("alone")
def test_other_weights_than_the_recorded_ones_are_told(
    checkpoint: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved(monkeypatch, weights=dict.fromkeys(recorded().weights, "0" * 64))
    with pytest.raises(MetricUnavailable, match="checkpoint referenceless is not built as where it was recorded"):
        Comet(CometOptions(model=str(checkpoint("referenceless")))).statistics(items(), context())


@pytest.mark.usefixtures("alone")
def test_models_of_which_nothing_was_recorded(checkpoint: Checkpoints, tmp_path: Path) -> None:
    import torch

    folder = tmp_path / "sigmoid"
    build(folder, Blueprint("kiwi", activation="Sigmoid"))
    with pytest.raises(MetricUnavailable, match=r"nothing was recorded of models like it \(kiwi\|sparsemax\|sigmoid"):
        Comet(CometOptions(model=str(folder))).statistics(items(), context())
    folder = tmp_path / "severities"
    shutil.copytree(checkpoint("kiwi-marks"), folder)
    text = (folder / "hparams.yaml").read_text(encoding="utf-8")
    (folder / "hparams.yaml").write_text(text.replace("- minor", "- small"), encoding="utf-8")
    path = folder / "checkpoints" / "model.ckpt"
    content = torch.load(path, weights_only=True)
    content["hyper_parameters"]["error_labels"] = ["small", "major"]
    torch.save(content, path)
    with pytest.raises(MetricUnavailable, match="nothing was recorded of models that mark words as small, major"):
        Comet(CometOptions(model=str(folder))).statistics(items(), context())


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("kind", ["unified", "xcomet"])
def test_models_that_only_the_library_can_score(
    checkpoint: Checkpoints, tmp_path: Path, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(checkpoint(kind), tmp_path / kind)
    hparams = tmp_path / kind / "hparams.yaml"
    text = hparams.read_text(encoding="utf-8").replace("layer_norm: false", "layer_norm: true")
    hparams.write_text(text, encoding="utf-8")
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
        with pytest.raises(MetricUnavailable, match=f"layer_norm = True is not implemented.*{why}") as caught:
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
        "known = metadata.distribution\n"
        "def distribution(name):\n"
        "    if name == 'unbabel-comet':\n"
        "        raise metadata.PackageNotFoundError(name)\n"
        "    return known(name)\n"
        "metadata.distribution = distribution\n"
        "sys.modules['comet'] = None\n",
        encoding="utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "HARNESS_COMET_CACHE": str(tmp_path / "state")}
    command = [sys.executable, "-c", PURE, str(checkpoint("regression"))]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == ["False", "True", "comet"]
    assert done.stderr == ""
    assert find(str(checkpoint("regression")), offline=True).kind == "regression_metric"
