"""COMET checkpoints with random weights in the real architecture, built without unbabel-comet and without a network.

They prove an installation and the packed encoder; their scores say nothing about quality. The weights come from a
stream of random numbers that NumPy promises never to change, by arithmetic that rounds the same everywhere, so that a
checkpoint is the same to the bit with every Python, NumPy, torch and processor, and what unbabel-comet says of it can
be recorded where it runs and asked for where it does not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor

Kind = Literal["regression", "referenceless", "unified", "kiwi", "xcomet"]
"""``kiwi`` is a unified model that reads hypothesis and source only, as CometKiwi does."""

SPACE = "\u2581"
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
POSITIONS = 514
SEED = 1
LIGHTNING = "2.0.0"
"""The version of PyTorch Lightning that a checkpoint says it was written by; later ones read it as their own."""

CLASSES: Mapping[Kind, str] = {
    "regression": "regression_metric",
    "referenceless": "referenceless_regression_metric",
    "unified": "unified_metric",
    "kiwi": "unified_metric",
    "xcomet": "xcomet_metric",
}
VECTORS: Mapping[Kind, int] = {"regression": 6, "referenceless": 4, "unified": 1, "kiwi": 1, "xcomet": 1}
"""Sentence vectors, and combinations of them, that the head reads."""

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


HIDDEN, LAYERS, HEADS, ESTIMATOR = 64, 2, 4, (48, 16)


def build_checkpoint(folder: Path, kind: Kind = "regression") -> Path:
    """Build an untrained checkpoint in ``folder``: the same weights every time.

    The folder cannot be moved afterwards: the checkpoint names its encoder by absolute path.

    Returns:
        The ``.ckpt``; loads with ``comet.load_from_checkpoint``, too.
    """
    return build(folder, Blueprint(kind))


def build(folder: Path, blueprint: Blueprint) -> Path:
    """Build what ``blueprint`` says, as :func:`build_checkpoint` does."""
    folder = folder.resolve()
    encoder = folder / "encoder"
    encoder.mkdir(parents=True)
    _write_encoder(encoder)
    geometry = Geometry(HIDDEN, LAYERS, HEADS, 2 * HIDDEN, len(_pieces()) + 1, ESTIMATOR)
    random = np.random.RandomState(SEED)
    state = {
        name: _draw(random, name, shape, last=f"estimator.ff.{3 * len(ESTIMATOR)}")
        for name, shape in shapes(geometry, blueprint.kind)
    }
    return write_checkpoint(folder, state, _hparams(blueprint, str(encoder)))


def write_checkpoint(folder: Path, state: Mapping[str, Tensor], hparams: Mapping[str, Any]) -> Path:
    """Write weights and hyper-parameters as PyTorch Lightning does.

    Args:
        folder: an existing folder; gets ``checkpoints/model.ckpt`` and ``hparams.yaml``.
        state: tensors by their names in the library's model.
        hparams: with ``class_identifier``.

    Returns:
        The ``.ckpt``.
    """
    import torch
    import yaml

    (folder / "checkpoints").mkdir()
    path = folder / "checkpoints" / "model.ckpt"
    content = {
        "epoch": 0,
        "global_step": 0,
        "pytorch-lightning_version": LIGHTNING,
        "state_dict": dict(state),
        "loops": None,
        "callbacks": {},
        "optimizer_states": [],
        "lr_schedulers": [],
        "hparams_name": "kwargs",
        "hyper_parameters": dict(hparams),
    }
    torch.save(content, path)
    (folder / "hparams.yaml").write_text(yaml.safe_dump(dict(hparams)), encoding="utf-8")
    return path


def shapes(geometry: Geometry, kind: Kind) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and shapes of the tensors of a model, in one fixed order."""
    root, hidden = "encoder.model", geometry.hidden
    for name, size in (("word", geometry.vocabulary), ("position", POSITIONS), ("token_type", 1)):
        yield f"{root}.embeddings.{name}_embeddings.weight", (size, hidden)
    yield from _pair(f"{root}.embeddings.LayerNorm", hidden)
    for number in range(geometry.layers):
        layer = f"{root}.encoder.layer.{number}"
        for part in ("query", "key", "value"):
            yield from _pair(f"{layer}.attention.self.{part}", hidden, hidden)
        yield from _pair(f"{layer}.attention.output.dense", hidden, hidden)
        yield from _pair(f"{layer}.attention.output.LayerNorm", hidden)
        yield from _pair(f"{layer}.intermediate.dense", geometry.feed_forward, hidden)
        yield from _pair(f"{layer}.output.dense", hidden, geometry.feed_forward)
        yield from _pair(f"{layer}.output.LayerNorm", hidden)
    for number in range(geometry.layers + 1):
        yield f"layerwise_attention.scalar_parameters.{number}", (1,)
    yield "layerwise_attention.gamma", (1,)
    sizes = (VECTORS[kind] * hidden, *geometry.estimator, 1)
    for number, (inside, outside) in enumerate(pairwise(sizes)):
        yield from _pair(f"estimator.ff.{3 * number}", outside, inside)
    if kind == "xcomet":
        yield from _pair("hidden2tag", len(TAG_WEIGHTS), hidden)
        yield "wordloss.weight", (len(TAG_WEIGHTS),)


def _pair(name: str, *shape: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", shape
    yield f"{name}.bias", shape[:1]


def _draw(random: np.random.RandomState, name: str, shape: tuple[int, ...], last: str) -> Tensor:
    """One tensor: spread so that scores differ, which those of a freshly initialised model hardly do."""
    import torch

    def uniform(most: float) -> Tensor:
        return torch.from_numpy(((2 * random.random_sample(shape) - 1) * most).astype(np.float32))

    if name == "wordloss.weight":
        return torch.tensor(TAG_WEIGHTS)
    if "scalar_parameters" in name:
        return torch.tensor([0.02 * int(name.rpartition(".")[2])])
    if name == "layerwise_attention.gamma" or name.endswith("LayerNorm.weight"):
        return torch.ones(shape)
    if name.startswith(last):
        return uniform(0.875) if name.endswith("weight") else torch.full(shape, 0.5)
    if name.startswith("encoder."):
        return uniform(0.175) if name.endswith("weight") else torch.zeros(shape)
    return uniform(0.125)


def _hparams(blueprint: Blueprint, encoder: str) -> dict[str, Any]:
    """The library's class and its hyper-parameters, after those of the published models."""
    common: dict[str, Any] = {
        "class_identifier": CLASSES[blueprint.kind],
        "nr_frozen_epochs": 0.3,
        "encoder_model": "XLM-RoBERTa",
        "pretrained_model": encoder,
        "layer_transformation": "sparsemax" if blueprint.sparse else "softmax",
        "layer_norm": False,
        "hidden_sizes": list(ESTIMATOR),
        "activations": blueprint.activation,
        "final_activation": blueprint.final_activation,
        "train_data": [],
        "validation_data": [],
    }
    match blueprint.kind:
        case "regression" | "referenceless":
            return {**common, "pool": "avg", "layer": "mix"}
        case "unified":
            return {**common, "sent_layer": "mix", "input_segments": ["mt", "src", "ref"]}
        case "kiwi":
            return {**common, "sent_layer": "mix", "input_segments": ["mt", "src"]}
        case "xcomet":
            return {**common, "sent_layer": "mix", "word_layer": LAYERS}


def digest_of(state: Mapping[str, Tensor]) -> str:
    """Hex SHA-256 of the pieces of the tokenizer and of the tensors; the same wherever they were built."""
    sha256 = hashlib.sha256("\n".join(piece for piece, _ in _pieces()).encode())
    for name in sorted(state):
        sha256.update(name.encode())
        sha256.update(state[name].numpy().astype("<f4").tobytes())
    return sha256.hexdigest()


def _pieces() -> list[tuple[str, float]]:
    """One piece per character, so that truncation can be counted by hand, and some of two."""
    blocks = ((33, 127), (161, 384), (0x370, 0x500), (0x5D0, 0x5EB), (0x2010, 0x2027), (0x3041, 0x30FF))
    characters = [chr(code) for start, end in blocks for code in range(start, end) if chr(code).isprintable()]
    pieces = [(piece, 0.0) for piece in SPECIAL]
    pieces += [(SPACE, -2.0), *((character, -4.0) for character in characters)]
    return pieces + [(SPACE + letter, -5.0) for letter in "abcdefghijklmnopqrstuvwxyz"]


def _write_encoder(folder: Path) -> None:
    """Write an XLM-R configuration and a tokenizer."""
    from tokenizers import Regex, Tokenizer, models, normalizers

    tokenizer = Tokenizer(models.Unigram(_pieces(), unk_id=3))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    save_encoder(folder, tokenizer, hidden=HIDDEN, layers=LAYERS, heads=HEADS, feed_forward=2 * HIDDEN)


def save_encoder(
    folder: Path,
    tokenizer: Tokenizer,
    *,
    hidden: int,
    layers: int,
    heads: int,
    feed_forward: int,
    vocabulary: int | None = None,
) -> None:
    """Write an XLM-R configuration and the tokenizer, after what every tokenizer of XLM-R has is added to it.

    Args:
        folder: for ``config.json`` and the files of the tokenizer.
        tokenizer: a Unigram model whose first pieces are :data:`SPECIAL`.
        hidden: width of the model.
        layers: their number.
        heads: attention heads of a layer.
        feed_forward: width of a layer's inner part.
        vocabulary: rows of the embeddings; None takes the pieces of the tokenizer.
    """
    from tokenizers import pre_tokenizers, processors

    tokenizer.add_special_tokens(["<mask>"])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    configuration = {
        "model_type": "xlm-roberta",
        "bos_token_id": 0,
        "pad_token_id": 1,
        "eos_token_id": 2,
        "layer_norm_eps": 1e-5,
        "type_vocab_size": 1,
        "max_position_embeddings": POSITIONS,
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": feed_forward,
        "vocab_size": tokenizer.get_vocab_size() if vocabulary is None else vocabulary,
    }
    (folder / "config.json").write_text(json.dumps(configuration), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "XLMRobertaTokenizerFast", "model_max_length": 512}), encoding="utf-8"
    )
