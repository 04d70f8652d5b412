"""A COMET checkpoint with random weights in a real geometry, for measuring time, memory and equality.

Its scores mean nothing. The weights have the spread of a fresh XLM-R, and the head is scaled so that scores differ; how
far a lower precision moves them says nothing about trained models.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

from harness.metrics.comet.selftest import SPECIAL, save_encoder

CJK = ("\u3040", "\u9fff")
LONGEST = 4
"""Letters of the longest piece: about what a word of a European language is cut into by the real vocabulary."""
LONGEST_CJK = 2
SEED = 1


@dataclass(frozen=True, slots=True)
class Geometry:
    """Sizes of a model."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    estimator: tuple[int, int]
    last: float
    """Spread of the last layer's weights: such that scores have a standard deviation of about 0.5."""


LARGE = Geometry(1024, 24, 16, 4096, 250002, (3072, 1024), 0.14)
"""Unbabel/wmt22-comet-da: 2.3 GB."""

SMALL = Geometry(64, 2, 4, 128, 8000, (48, 16), 0.5)


def build(folder: Path, geometry: Geometry, texts: Iterable[str]) -> Path:
    """Write a regression checkpoint whose vocabulary is made from ``texts``.

    Returns:
        The ``.ckpt``. The folder cannot be moved: the checkpoint names its encoder by absolute path.
    """
    import torch
    import yaml

    folder = folder.resolve()
    (folder / "encoder").mkdir(parents=True)
    (folder / "checkpoints").mkdir()
    _write_encoder(folder / "encoder", geometry, texts)
    hparams = _hparams(geometry, str(folder / "encoder"))
    content = {
        "epoch": 0,
        "global_step": 0,
        "pytorch-lightning_version": version("pytorch-lightning"),
        "state_dict": _weights(geometry),
        "loops": None,
        "callbacks": {},
        "optimizer_states": [],
        "lr_schedulers": [],
        "hparams_name": "kwargs",
        "hyper_parameters": hparams,
    }
    path = folder / "checkpoints" / "model.ckpt"
    torch.save(content, path)
    (folder / "hparams.yaml").write_text(yaml.safe_dump(hparams), encoding="utf-8")
    return path


def _weights(geometry: Geometry) -> dict[str, Any]:
    import torch

    random = torch.Generator().manual_seed(SEED)
    state: dict[str, Any] = {}

    def linear(name: str, inside: int, outside: int, spread: float = 0.02) -> None:
        state[f"{name}.weight"] = torch.randn(outside, inside, generator=random) * spread
        state[f"{name}.bias"] = torch.randn(outside, generator=random) * spread

    def norm(name: str) -> None:
        state[f"{name}.weight"] = torch.ones(geometry.hidden)
        state[f"{name}.bias"] = torch.zeros(geometry.hidden)

    root, hidden = "encoder.model", geometry.hidden
    for name, size in (("word", geometry.vocabulary), ("position", 514), ("token_type", 1)):
        weight = torch.randn(size, hidden, generator=random) * 0.02
        state[f"{root}.embeddings.{name}_embeddings.weight"] = weight
    norm(f"{root}.embeddings.LayerNorm")
    for number in range(geometry.layers):
        layer = f"{root}.encoder.layer.{number}"
        for part in ("query", "key", "value"):
            linear(f"{layer}.attention.self.{part}", hidden, hidden)
        linear(f"{layer}.attention.output.dense", hidden, hidden)
        norm(f"{layer}.attention.output.LayerNorm")
        linear(f"{layer}.intermediate.dense", hidden, geometry.feed_forward)
        linear(f"{layer}.output.dense", geometry.feed_forward, hidden)
        norm(f"{layer}.output.LayerNorm")
    for number in range(geometry.layers + 1):
        state[f"layerwise_attention.scalar_parameters.{number}"] = torch.tensor([0.02 * number])
    state["layerwise_attention.gamma"] = torch.ones(1)
    sizes = (6 * hidden, *geometry.estimator)
    for number, (inside, outside) in enumerate(pairwise(sizes)):
        linear(f"estimator.ff.{3 * number}", inside, outside, 1 / inside**0.5)
    linear(f"estimator.ff.{3 * len(geometry.estimator)}", geometry.estimator[-1], 1, geometry.last)
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
