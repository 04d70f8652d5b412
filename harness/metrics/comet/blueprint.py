"""What an untrained COMET checkpoint is to be: its class, its hyper-parameters, and the shapes of its tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

Kind = Literal[
    "regression", "referenceless", "unified", "kiwi", "with-reference", "unified-marks", "kiwi-marks", "xcomet"
]
"""``kiwi`` is a unified model that reads hypothesis and source only, as CometKiwi does; ``with-reference`` reads
hypothesis and reference only; ``marks`` are those of words in error."""

POSITIONS = 514

CLASSES: Mapping[Kind, str] = {
    "regression": "regression_metric",
    "referenceless": "referenceless_regression_metric",
    "unified": "unified_metric",
    "kiwi": "unified_metric",
    "with-reference": "unified_metric",
    "unified-marks": "unified_metric",
    "kiwi-marks": "unified_metric",
    "xcomet": "xcomet_metric",
}
VECTORS: Mapping[Kind, int] = {"regression": 6, "referenceless": 4}
"""Sentence vectors, and combinations of them, that the head reads; else one."""

INPUTS: Mapping[Kind, tuple[str, ...]] = {
    "unified": ("mt", "src", "ref"),
    "kiwi": ("mt", "src"),
    "with-reference": ("mt", "ref"),
    "unified-marks": ("mt", "src", "ref"),
    "kiwi-marks": ("mt", "src"),
}

SEVERITIES: Mapping[Kind, tuple[str, ...]] = {
    "unified-marks": ("minor", "major"),
    "kiwi-marks": ("minor", "major"),
    "xcomet": ("minor", "major", "critical"),
}

TAG_WEIGHTS = (0.08, 0.486, 0.505, 0.533)
"""Of no error, minor, major and critical: the library's defaults for XCOMET."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """Sizes of a model."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    estimator: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What an untrained model is to be."""

    kind: Kind = "regression"
    sparse: bool = True
    activation: str = "Tanh"
    final_activation: str | None = None
    norm_first: bool = False
    """Its encoder is built as XLM-R XL is."""
    context: bool = False
    """It is scored with texts behind those before them; nothing in it is built otherwise."""


def shapes(geometry: Geometry, kind: Kind, *, norm_first: bool = False) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and shapes of the tensors of a model, in one fixed order."""
    root, hidden = "encoder.model", geometry.hidden
    norms = ("attention.self_attn_layer_norm", "LayerNorm")
    if not norm_first:
        norms = ("attention.output.LayerNorm", "output.LayerNorm")
    for name, size in (("word", geometry.vocabulary), ("position", POSITIONS), ("token_type", 1)):
        yield f"{root}.embeddings.{name}_embeddings.weight", (size, hidden)
    if not norm_first:
        yield from _pair(f"{root}.embeddings.LayerNorm", hidden)
    for number in range(geometry.layers):
        layer = f"{root}.encoder.layer.{number}"
        for part in ("query", "key", "value"):
            yield from _pair(f"{layer}.attention.self.{part}", hidden, hidden)
        yield from _pair(f"{layer}.attention.output.dense", hidden, hidden)
        yield from _pair(f"{layer}.{norms[0]}", hidden)
        yield from _pair(f"{layer}.intermediate.dense", geometry.feed_forward, hidden)
        yield from _pair(f"{layer}.output.dense", hidden, geometry.feed_forward)
        yield from _pair(f"{layer}.{norms[1]}", hidden)
    if norm_first:
        yield from _pair(f"{root}.encoder.LayerNorm", hidden)
    for number in range(geometry.layers + 1):
        yield f"layerwise_attention.scalar_parameters.{number}", (1,)
    yield "layerwise_attention.gamma", (1,)
    sizes = (VECTORS.get(kind, 1) * hidden, *geometry.estimator, 1)
    for number, (inside, outside) in enumerate(pairwise(sizes)):
        yield from _pair(f"estimator.ff.{3 * number}", outside, inside)
    if kind in SEVERITIES:
        yield from _pair("hidden2tag", 1 + len(SEVERITIES[kind]), hidden)
    if kind == "xcomet":
        yield "wordloss.weight", (len(TAG_WEIGHTS),)


def _pair(name: str, *shape: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", shape
    yield f"{name}.bias", shape[:1]


def hparams_of(blueprint: Blueprint, encoder: str, geometry: Geometry) -> dict[str, Any]:
    """The library's class and its hyper-parameters, after those of the published models."""
    kind = blueprint.kind
    common: dict[str, Any] = {
        "class_identifier": CLASSES[kind],
        "nr_frozen_epochs": 0.3,
        "encoder_model": "XLM-RoBERTa-XL" if blueprint.norm_first else "XLM-RoBERTa",
        "pretrained_model": encoder,
        "layer_transformation": "sparsemax" if blueprint.sparse else "softmax",
        "layer_norm": False,
        "hidden_sizes": list(geometry.estimator),
        "activations": blueprint.activation,
        "final_activation": blueprint.final_activation,
        "train_data": [],
        "validation_data": [],
    }
    if kind in ("regression", "referenceless"):
        return {**common, "pool": "avg", "layer": "mix"}
    common["sent_layer"] = "mix"
    if kind == "xcomet":
        return {**common, "word_layer": geometry.layers}
    common["input_segments"] = list(INPUTS[kind])
    if kind in SEVERITIES:
        # One below the last, which XCOMET has.
        marks = {"word_level_training": True, "error_labels": list(SEVERITIES[kind]), "word_layer": geometry.layers - 1}
        return {**common, **marks}
    return common
