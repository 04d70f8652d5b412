"""Which checkpoints can be scored without the library, read from their small files: neither torch nor weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.metrics.comet.checkpoint import Checkpoint

NAME = "packed1"
"""Goes into key and signature; a change that can move a bit of a score needs a new number."""

KINDS = frozenset({"regression_metric", "referenceless_regression_metric"})
ACTIVATIONS = frozenset({"tanh", "sigmoid"})
CLIPPED = 2
"""The library cuts a text this many tokens before the encoder's last position (``Encoder.prepare_sample``)."""


@dataclass(frozen=True, slots=True)
class Unpackable:
    """A checkpoint that only the library can score."""

    why: str


@dataclass(frozen=True, slots=True)
class Head:
    """How vectors become a score, after the hyper-parameters of the checkpoint."""

    kind: str
    sparse: bool
    """The layers are mixed by sparsemax; else by softmax."""
    activation: str
    final_activation: str
    """Empty: none."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The encoder, after ``config.json``."""

    layers: int
    heads: int
    hidden: int
    epsilon: float
    pad: int
    positions: int

    @property
    def limit(self) -> int:
        """Most tokens of a text, ``<s>`` and ``</s>`` included."""
        return self.positions - 2 - CLIPPED


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything about a checkpoint but its weights."""

    head: Head
    shape: Shape
    tokenizer: Path


def recipe_of(checkpoint: Checkpoint) -> Recipe | Unpackable:
    """What the files say; the encoder's must be here (:func:`harness.metrics.comet.checkpoint.need_encoder`)."""
    if checkpoint.kind not in KINDS:
        return Unpackable(f"models of class {checkpoint.kind} are not implemented")
    head = head_of(checkpoint.hparams, checkpoint)
    if isinstance(head, Unpackable):
        return head
    config, tokenizer = (_encoder_file(checkpoint.encoder, name) for name in ("config.json", "tokenizer.json"))
    if config is None or tokenizer is None:
        return Unpackable(f"the encoder {checkpoint.encoder} has no {'tokenizer' if config else 'config'}.json here")
    shape = _shape(config)
    return shape if isinstance(shape, Unpackable) else Recipe(head, shape, tokenizer)


def head_of(hparams: Mapping[str, Any], checkpoint: Checkpoint) -> Head | Unpackable:
    """The head, from the hyper-parameters in ``hparams.yaml`` or in the checkpoint itself."""
    wanted = {"encoder_model": "XLM-RoBERTa", "pool": "avg", "layer": "mix", "layer_norm": False}
    # The library's defaults, for keys that are left out.
    defaults = {"encoder_model": "XLM-RoBERTa", "pool": "avg", "layer": "mix", "layer_norm": True}
    for key, value in wanted.items():
        found = hparams.get(key, defaults[key])
        if found != value:
            return Unpackable(f"{key} = {found} is not implemented")
    activation = str(hparams.get("activations", "Tanh")).lower()
    final = str(hparams.get("final_activation") or "").lower()
    for name in (activation, final):
        if name and name not in ACTIVATIONS:
            return Unpackable(f"the activation {name} is not implemented")
    # The word of hparams.yaml counts before that of the checkpoint, as in load_from_checkpoint.
    patched = checkpoint.hparams.get("layer_transformation") == "sparsemax_patch"
    sparse = not patched and hparams.get("layer_transformation", "softmax") == "sparsemax"
    return Head(checkpoint.kind, sparse, activation, final)


def _shape(path: Path) -> Shape | Unpackable:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        kind, activation = config["model_type"], config.get("hidden_act", "gelu")
        position = config.get("position_embedding_type", "absolute")
        shape = Shape(
            layers=int(config["num_hidden_layers"]),
            heads=int(config["num_attention_heads"]),
            hidden=int(config["hidden_size"]),
            epsilon=float(config.get("layer_norm_eps", 1e-12)),
            pad=int(config["pad_token_id"]),
            positions=int(config["max_position_embeddings"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return Unpackable(f"config.json of its encoder cannot be read: {type(error).__name__}")
    if kind != "xlm-roberta" or activation != "gelu" or position != "absolute":
        return Unpackable(f"an encoder of type {kind} with {activation} and {position} positions is not implemented")
    return shape


def _encoder_file(encoder: str, name: str) -> Path | None:
    folder = Path(encoder)
    if folder.is_dir():
        return folder / name if (folder / name).is_file() else None
    from huggingface_hub import try_to_load_from_cache

    cached = try_to_load_from_cache(encoder, name)
    return Path(cached) if isinstance(cached, str) else None
