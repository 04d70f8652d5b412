"""A COMET checkpoint with random weights in a real geometry, for measuring time, memory and equality.

Its scores mean nothing. The weights have the spread of a fresh XLM-R, and the head is scaled so that scores differ; how
far a lower precision moves them says nothing about trained models.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.metrics.comet.blueprint import Geometry, shapes
from harness.metrics.comet.untrained import SPECIAL, save_encoder, write_checkpoint

if TYPE_CHECKING:
    from torch import Tensor

CJK = ("\u3040", "\u9fff")
LONGEST = 4
"""Letters of the longest piece: about what a word of a European language is cut into by the real vocabulary."""
LONGEST_CJK = 2
SEED = 1


LARGE = Geometry(1024, 24, 16, 4096, 250002, (3072, 1024))
"""Unbabel/wmt22-comet-da: 2.3 GB."""

SMALL = Geometry(64, 2, 4, 128, 8000, (48, 16))

LAST = {LARGE: 0.14, SMALL: 0.5}
"""Spread of the last layer's weights: such that scores have a standard deviation of about 0.5."""


def build(folder: Path, geometry: Geometry, texts: Iterable[str]) -> Path:
    """Write a regression checkpoint whose vocabulary is made from ``texts``.

    Returns:
        The ``.ckpt``. The folder cannot be moved: the checkpoint names its encoder by absolute path.
    """
    folder = folder.resolve()
    (folder / "encoder").mkdir(parents=True)
    _write_encoder(folder / "encoder", geometry, texts)
    return write_checkpoint(folder, _weights(geometry), _hparams(geometry, str(folder / "encoder")))


def _weights(geometry: Geometry) -> dict[str, Tensor]:
    import torch

    random = torch.Generator().manual_seed(SEED)
    last = f"estimator.ff.{3 * len(geometry.estimator)}."
    state: dict[str, Tensor] = {}
    spread = 0.02
    for name, shape in shapes(geometry, "regression"):
        if name.endswith("LayerNorm.weight") or name == "layerwise_attention.gamma":
            state[name] = torch.ones(shape)
        elif name.endswith("LayerNorm.bias"):
            state[name] = torch.zeros(shape)
        elif "scalar_parameters" in name:
            state[name] = torch.tensor([0.02 * int(name.rpartition(".")[2])])
        else:
            if name.startswith(last):
                spread = LAST[geometry]
            elif name.startswith("estimator.") and name.endswith("weight"):
                spread = 1 / shape[1] ** 0.5
            state[name] = torch.randn(shape, generator=random) * spread
    return state


def _hparams(geometry: Geometry, encoder: str) -> dict[str, Any]:
    """Those of the published models."""
    return {
        "class_identifier": "regression_metric",
        "encoder_model": "XLM-RoBERTa",
        "pretrained_model": encoder,
        "pool": "avg",
        "layer": "mix",
        "layer_transformation": "sparsemax",
        "layer_norm": False,
        "loss": "mse",
        "dropout": 0.1,
        "hidden_sizes": list(geometry.estimator),
        "activations": "Tanh",
        "final_activation": None,
        "nr_frozen_epochs": 0.3,
        "keep_embeddings_frozen": True,
        "optimizer": "AdamW",
        "encoder_learning_rate": 1e-6,
        "learning_rate": 1.5e-5,
        "layerwise_decay": 0.95,
        "batch_size": 4,
        "train_data": [],
        "validation_data": [],
    }


def _write_encoder(folder: Path, geometry: Geometry, texts: Iterable[str]) -> None:
    from tokenizers import Tokenizer, models

    pieces = _pieces(texts)[: geometry.vocabulary - len(SPECIAL) - 1]
    scored = [(name, 0.0) for name in SPECIAL] + [(piece, -10.0) for piece in pieces]
    save_encoder(
        folder,
        Tokenizer(models.Unigram(scored, unk_id=3)),
        hidden=geometry.hidden,
        layers=geometry.layers,
        heads=geometry.heads,
        feed_forward=geometry.feed_forward,
        vocabulary=geometry.vocabulary,
    )


def _pieces(texts: Iterable[str]) -> list[str]:
    """Every stretch of a word, single characters first, so that nothing is unknown; sorted, so always the same."""
    found: set[str] = {"\u2581"}
    for text in texts:
        for word in text.split():
            marked = "\u2581" + word
            for start in range(len(marked)):
                most = LONGEST_CJK if CJK[0] <= marked[start] <= CJK[1] else LONGEST + (start == 0)
                found.update(marked[start : start + length] for length in range(1, most + 1))
    return sorted(found, key=lambda piece: (len(piece), piece))
