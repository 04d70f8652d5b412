"""Checkpoints on nodes that have them elsewhere, or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.errors import ModelElsewhere
from harness.executors.parcel import Inbox, has_arrived
from harness.metrics.comet import checkpoint as checkpoints
from harness.metrics.comet.checkpoint import Checkpoint
from harness.metrics.comet.nodes import find_same, parcel_of
from harness.workspace.model_folders import local_path, options_here, sent_models

pytest.importorskip("yaml")

HPARAMS = "class_identifier: regression_metric\npretrained_model: {encoder}\nlayer: mix\n"


@pytest.fixture(autouse=True)
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A node with an empty cache and one folder for models."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HARNESS_MODELS", str(tmp_path / "node"))
    (tmp_path / "node").mkdir()
    return tmp_path / "node"


def write_checkpoint(folder: Path, content: bytes = b"weights", tokenizer: str = "{}") -> Checkpoint:
    """What counts is that files are the same, not that a model is in them."""
    encoder = folder / "its-encoder"
    encoder.mkdir(parents=True)
    for name, text in (("config.json", "{}"), ("tokenizer.json", tokenizer), ("pytorch_model.bin", "large")):
        (encoder / name).write_text(text, encoding="utf-8")
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "model.ckpt").write_bytes(content)
    (folder / "hparams.yaml").write_text(HPARAMS.format(encoder=encoder), encoding="utf-8")
    return checkpoints.find(str(folder), offline=True)


def same_as(original: Checkpoint, model: str) -> Checkpoint:
    return find_same(model, original.sha256, checkpoints.description(original), offline=True)


def test_a_checkpoint_is_found_by_its_content(tmp_path: Path, node: Path) -> None:
    original = write_checkpoint(tmp_path / "home")
    model = str(tmp_path / "home" / "checkpoints" / "model.ckpt")
    assert same_as(original, model).path == Path(model)
    write_checkpoint(node / "deep" / "another", b"other weights")
    write_checkpoint(node / "deep" / "another-tokenizer", tokenizer="[]")
    (tmp_path / "home").rename(node / "deep" / "renamed")
    shutil.move(node / "deep" / "renamed" / "its-encoder", tmp_path / "home" / "its-encoder")
    assert same_as(original, model).path == node / "deep" / "renamed" / "checkpoints" / "model.ckpt"


def test_a_checkpoint_that_is_not_there(tmp_path: Path, node: Path) -> None:
    original = write_checkpoint(tmp_path / "home")
    write_checkpoint(node / "another", b"other weights")
    (tmp_path / "home").rename(tmp_path / "gone")
    with pytest.raises(ModelElsewhere, match="no COMET checkpoint at ") as missing:
        same_as(original, str(tmp_path / "home" / "checkpoints" / "model.ckpt"))
    assert "HARNESS_MODELS" in missing.value.hint
    with pytest.raises(ModelElsewhere, match="the checkpoint another differs on this node"):
        same_as(original, str(node / "another"))
    with pytest.raises(ModelElsewhere, match=r"hparams\.yaml or the tokenizer of the checkpoint third differs"):
        same_as(original, str(write_checkpoint(node / "third", tokenizer="[]").path))


def test_a_checkpoint_that_was_sent(tmp_path: Path) -> None:
    original = write_checkpoint(tmp_path / "home")
    parcel = parcel_of(original)
    assert not has_arrived(parcel.name)
    for _ in range(2):  # two workers at once: the second one changes nothing
        inbox = Inbox(parcel.name)
        for name, content in parcel.chunks():
            inbox.add(name, content)
        inbox.close(parcel.texts)
    assert has_arrived(parcel.name)
    description = checkpoints.description(original)
    shutil.rmtree(tmp_path / "home")
    arrived = find_same(str(tmp_path / "home"), original.sha256, description, offline=True)
    assert arrived.path.is_relative_to(sent_models())
    assert Path(arrived.encoder) == sent_models() / parcel.name / "encoder"
    assert sorted(path.name for path in Path(arrived.encoder).iterdir()) == ["config.json", "tokenizer.json"]
    assert [path.name for path in sent_models().iterdir()] == [parcel.name]


def test_models_of_engines_are_found_by_the_name_of_their_folder(tmp_path: Path, node: Path) -> None:
    (node / "marian").mkdir()
    gone = str(tmp_path / "home" / "marian")
    assert local_path(gone) == str(node / "marian")
    options = {"model": gone, "threads": 2, "tokenizer": "Helsinki-NLP/opus-mt-de-en", "other": str(tmp_path / "none")}
    assert options_here(options) == {**options, "model": str(node / "marian")}
    (tmp_path / "home" / "marian").mkdir(parents=True)
    assert local_path(gone) == gone
