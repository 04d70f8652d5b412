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

SENTENCES = frozenset({"regression_metric", "referenceless_regression_metric"})
"""Classes that encode each text alone, and compare the vectors."""

JOINT = frozenset({"unified_metric", "xcomet_metric"})
"""Classes that encode the texts of a sample together, as one sequence, and read its first vector."""

KINDS = SENTENCES | JOINT
XCOMET = "xcomet_metric"
ACTIVATIONS = frozenset({"tanh", "sigmoid"})
ENCODERS = {"XLM-RoBERTa": "xlm-roberta", "XLM-RoBERTa-XL": "xlm-roberta-xl"}
"""``encoder_model`` of the hyper-parameters, and the ``model_type`` that its ``config.json`` must have."""

CLIPPED = 2
"""The library cuts a text this many tokens before the encoder's last position (``Encoder.prepare_sample``)."""

SEVERITIES = {"unified_metric": ("minor", "major"), XCOMET: ("minor", "major", "critical")}
"""Labels of words in error, after the label of words without: the library's defaults."""

WORD_LAYER = {"unified_metric": 24, XCOMET: 36}
"""The library's defaults."""


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
    inputs: tuple[str, ...] = ()
    """What a joint model reads besides the hypothesis, in order: ``src``, ``ref`` or both."""
    severities: tuple[str, ...] = ()
    """Of the errors that it marks; empty where it marks none."""
    word_layer: int = 0
    """The hidden state that the marks are made from."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The encoder, after ``config.json``."""

    layers: int
    heads: int
    hidden: int
    epsilon: float
    pad: int
    positions: int
    norm_first: bool = False
    """XLM-R XL and XXL: norms stand before attention and feed-forward, and behind the last layer."""

    @property
    def limit(self) -> int:
        """Most tokens of a text, ``<s>`` and ``</s>`` included."""
        return self.joint_limit - CLIPPED

    @property
    def joint_limit(self) -> int:
        """Most tokens of a sequence."""
        return self.positions - 2


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything about a checkpoint but its weights."""

    head: Head
    shape: Shape
    tokenizer: Path
    context: bool = False
    """Texts come with those before them; the vector is the mean over the last (the library's ``enable_context``)."""


def recipe_of(checkpoint: Checkpoint, *, context: bool = False) -> Recipe | Unpackable:
    """What the files say; the encoder's must be here (:func:`harness.metrics.comet.checkpoint.need_encoder`)."""
    head = head_of(checkpoint.hparams, checkpoint)
    if isinstance(head, Unpackable):
        return head
    config, tokenizer = (_encoder_file(checkpoint.encoder, name) for name in ("config.json", "tokenizer.json"))
    if config is None or tokenizer is None:
        return Unpackable(f"the encoder {checkpoint.encoder} has no {'tokenizer' if config else 'config'}.json here")
    shape = _shape(config, ENCODERS[str(checkpoint.hparams.get("encoder_model", "XLM-RoBERTa"))])
    if isinstance(shape, Unpackable):
        return shape
    if head.severities and not 0 <= head.word_layer <= shape.layers:
        return Unpackable(f"its encoder has no layer {head.word_layer} to mark words by")
    return Recipe(head, shape, tokenizer, context)


def head_of(hparams: Mapping[str, Any], checkpoint: Checkpoint) -> Head | Unpackable:
    """The head, from the hyper-parameters in ``hparams.yaml`` or in the checkpoint itself."""
    kind = checkpoint.kind
    if kind not in KINDS:
        return Unpackable(f"models of class {kind} are not implemented")
    # The library's defaults, for keys that are left out.
    encoder = "XLM-RoBERTa-XL" if kind == XCOMET else "XLM-RoBERTa"
    layer = "sent_layer" if kind in JOINT else "layer"
    said = {"encoder_model": encoder, layer: "mix", "layer_norm": kind != XCOMET, **_given(hparams)}
    if said["encoder_model"] not in ENCODERS:
        return Unpackable(f"encoder_model = {said['encoder_model']} is not implemented")
    wanted = {layer: "mix", "layer_norm": False}
    if kind in SENTENCES:
        said, wanted = {"pool": "avg", **said}, {"pool": "avg", **wanted}
    for key, value in wanted.items():
        if said[key] != value:
            return Unpackable(f"{key} = {said[key]} is not implemented")
    activation = str(hparams.get("activations", "Tanh")).lower()
    final = str(hparams.get("final_activation") or "").lower()
    for name in (activation, final):
        if name and name not in ACTIVATIONS:
            return Unpackable(f"the activation {name} is not implemented")
    # The word of hparams.yaml counts before that of the checkpoint, as in load_from_checkpoint.
    patched = checkpoint.hparams.get("layer_transformation") == "sparsemax_patch"
    sparse = not patched and hparams.get("layer_transformation", _default_mix(kind)) == "sparsemax"
    if kind in SENTENCES:
        return Head(kind, sparse, activation, final)
    inputs = tuple(name for name in ("src", "ref") if name in checkpoint.inputs)
    if not inputs:
        return Unpackable("it reads nothing but the hypothesis")
    severities = _severities(kind, hparams)
    word_layer = int(hparams.get("word_layer", WORD_LAYER[kind])) if severities else 0
    return Head(kind, sparse, activation, final, inputs, severities, word_layer)


def _given(hparams: Mapping[str, Any]) -> dict[str, Any]:
    return {str(key): value for key, value in hparams.items()}


def _default_mix(kind: str) -> str:
    return "sparsemax" if kind in JOINT else "softmax"


def _severities(kind: str, hparams: Mapping[str, Any]) -> tuple[str, ...]:
    if kind != XCOMET and not hparams.get("word_level_training", False):
        return ()
    return tuple(str(label) for label in hparams.get("error_labels", SEVERITIES[kind]))


def _shape(path: Path, wanted: str) -> Shape | Unpackable:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        kind, activation = config["model_type"], config.get("hidden_act", "gelu")
        position = config.get("position_embedding_type", "absolute")
        shape = Shape(
            layers=int(config["num_hidden_layers"]),
            heads=int(config["num_attention_heads"]),
            hidden=int(config["hidden_size"]),
            epsilon=float(config.get("layer_norm_eps", 1e-12 if wanted == "xlm-roberta" else 1e-5)),
            pad=int(config["pad_token_id"]),
            positions=int(config["max_position_embeddings"]),
            norm_first=wanted == "xlm-roberta-xl",
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return Unpackable(f"config.json of its encoder cannot be read: {type(error).__name__}")
    if kind != wanted or activation != "gelu" or position != "absolute":
        return Unpackable(f"an encoder of type {kind} with {activation} and {position} positions is not implemented")
    return shape


def _encoder_file(encoder: str, name: str) -> Path | None:
    folder = Path(encoder)
    if folder.is_dir():
        return folder / name if (folder / name).is_file() else None
    from huggingface_hub import try_to_load_from_cache

    cached = try_to_load_from_cache(encoder, name)
    return Path(cached) if isinstance(cached, str) else None
