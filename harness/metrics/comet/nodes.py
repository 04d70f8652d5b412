"""A checkpoint on the nodes of a cluster: found by what it is, wherever it lies, or sent there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.errors import MetricUnavailable, ModelElsewhere
from harness.executors.parcel import FOLDER, Parcel
from harness.metrics.comet import checkpoint as checkpoints
from harness.metrics.comet.checkpoint import Checkpoint
from harness.store.cache.keys import digest
from harness.workspace.model_folders import VARIABLE, model_folders

ENCODER = "encoder"
"""The folder of a parcel with the small files of the encoder."""

SMALL_FILES = ("*.json", *checkpoints.TOKENIZERS)
"""What of an encoder's folder is used: its weights are in the checkpoint."""


def find_same(model: str, sha256: str, description: str, *, offline: bool) -> Checkpoint:
    """The checkpoint with this content: where this machine has ``model``, else in the folders for models.

    Args:
        model: path or name on the hub, as :func:`harness.metrics.comet.checkpoint.find` takes it.
        sha256: of the ``.ckpt`` file.
        description: of everything else that moves scores (:func:`harness.metrics.comet.checkpoint.description`).
        offline: only what is on this machine.

    Raises:
        ModelElsewhere: it is not on this machine and cannot be downloaded.
    """
    why, unlike = "", ""
    for only_here in (True, offline) if not offline else (True,):
        try:
            found = checkpoints.find(model, offline=only_here)
        except MetricUnavailable as error:
            why = str(error)
        else:
            if (found.sha256, checkpoints.description(found)) == (sha256, description):
                return found
            part = "hparams.yaml or the tokenizer of the checkpoint" if found.sha256 == sha256 else "the checkpoint"
            unlike = f"{part} {found.name} differs on this node"
        for path in _candidates():
            try:
                found = checkpoints.find(str(path), offline=True)
            except MetricUnavailable:
                continue
            if (found.sha256, checkpoints.description(found)) == (sha256, description):
                return found
        if unlike:
            break
    raise ModelElsewhere(
        unlike or why,
        fix=f"copy the same files to this node and name their folder in its variable {VARIABLE} or under [executor] "
        "models in harness.toml; or let them be sent: ship = true under [executor]",
    )


def _candidates() -> Iterator[Path]:
    for folder in model_folders():
        yield from sorted(folder.rglob("checkpoints/*.ckpt"))


def parcel_of(checkpoint: Checkpoint) -> Parcel:
    """All that a node needs of a checkpoint. The tokenizer of an encoder on the hub is not among it."""
    import yaml

    files = [(f"checkpoints/{checkpoint.path.name}", checkpoint.path)]
    hparams = dict(checkpoint.hparams)
    encoder = Path(checkpoint.encoder)
    if encoder.is_dir():
        hparams["pretrained_model"] = f"{FOLDER}/{ENCODER}"
        small = {path for pattern in SMALL_FILES for path in encoder.glob(pattern)}
        files += [(f"{ENCODER}/{path.name}", path) for path in sorted(small)]
    name = digest([checkpoint.sha256, checkpoints.description(checkpoint)]).removeprefix("h1:")
    return Parcel(name, tuple(files), (("hparams.yaml", yaml.safe_dump(hparams, allow_unicode=True)),))
