"""The tensors of a checkpoint, mapped from the file: nothing is read before it is used, and nothing is copied."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from harness.metrics.comet.cards import Precision
from harness.metrics.comet.checkpoint import Checkpoint
from harness.metrics.comet.packed.matrices import Linear, Matrix, in_int8
from harness.metrics.comet.packed.recipe import Recipe, Unpackable, head_of

TYPES = {
    "fp32": torch.float32,
    "tf32": torch.float32,
    "bf16": torch.bfloat16,
    "fp16": torch.float16,
    "int8": torch.float32,
}
"""What the encoder's matrix products take and give; ``int8`` rounds within them."""

_NORMS = ("attention.output.LayerNorm", "output.LayerNorm")


def rounded(matrix: Linear, precision: Precision) -> Matrix:
    """An fp32 matrix in another precision."""
    if precision == "int8":
        return in_int8(matrix)
    kind = TYPES[precision]
    return Linear(matrix.weight.to(kind), matrix.bias.to(kind))


class CannotPack(Exception):  # noqa: N818 - it is an answer, and not an error of the program
    """The weights are not what the small files promise; only the library can score this checkpoint."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of the encoder; the norms' ``weight`` and ``bias`` are both (hidden).

    ``attention_norm`` and ``norm`` stand behind attention and feed-forward, or before them (``Shape.norm_first``).
    """

    query: Matrix
    key: Matrix
    value: Matrix
    attention: Matrix
    attention_norm: Linear
    up: Matrix
    down: Matrix
    norm: Linear


@dataclass(frozen=True, slots=True)
class Weights:
    """A whole model."""

    words: Tensor
    """(vocabulary, hidden)"""
    positions: Tensor
    """(positions, hidden)"""
    kind: Tensor
    """(hidden): XLM-R has one token type, added everywhere."""
    norm: Linear | None
    """Behind the embeddings; None where norms come first."""
    layers: tuple[Layer, ...]
    """Only those below the last hidden state that is used."""
    last_norm: Linear | None
    """Behind the last layer, where norms come first and that layer is used."""
    mix: tuple[float, ...]
    """The share of each hidden state, embeddings first; ``len(layers) + 1`` of them."""
    head: tuple[Linear, ...]
    labels: Linear | None
    """A token's hidden state to the logits of its labels; None where no words are marked."""


def load_weights(checkpoint: Checkpoint, recipe: Recipe, device: str, precision: Precision) -> Weights:
    """Map the file; on a graphics card, or in another precision, the matrices are copied there.

    Args:
        checkpoint: where.
        recipe: what it should be.
        device: ``cpu`` or ``cuda``.
        precision: of the encoder's matrices; everything else is fp32.

    Raises:
        CannotPack: the file does not hold what is expected of it.
    """
    state, hparams = _read(checkpoint.path)
    head = head_of(hparams, checkpoint)
    if isinstance(head, Unpackable):
        raise CannotPack(head.why)
    if head != recipe.head:
        raise CannotPack("hparams.yaml does not describe its checkpoint")
    try:
        return _collect(_Reader(state, device, precision), recipe)
    except KeyError as error:
        raise CannotPack(f"the checkpoint has no {error.args[0]}") from error


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    try:
        content = torch.load(path, map_location="cpu", mmap=True, weights_only=True)
        return content["state_dict"], dict(content["hyper_parameters"])
    except Exception as error:  # unpickling a damaged or an old file fails in every way there is
        raise CannotPack(f"the checkpoint cannot be mapped: {type(error).__name__}") from error


@dataclass(frozen=True, slots=True)
class _Reader:
    state: dict[str, Tensor]
    device: str
    precision: Precision

    def tensor(self, name: str) -> Tensor:
        """In fp32; the file's own memory where that is what it holds."""
        return self.state[name].to(self.device, torch.float32)

    def norm(self, name: str) -> Linear:
        return Linear(self.tensor(f"{name}.weight"), self.tensor(f"{name}.bias"))

    def linear(self, name: str) -> Matrix:
        return rounded(self.norm(name), self.precision)


def _collect(reader: _Reader, recipe: Recipe) -> Weights:
    mix, head, first = _mix(reader, recipe), recipe.head, recipe.shape.norm_first
    used = max((number for number, share in enumerate(mix) if share), default=0)
    used = max(used, head.word_layer)
    root = "encoder.model"
    return Weights(
        words=reader.tensor(f"{root}.embeddings.word_embeddings.weight"),
        positions=reader.tensor(f"{root}.embeddings.position_embeddings.weight"),
        kind=reader.tensor(f"{root}.embeddings.token_type_embeddings.weight")[0],
        norm=None if first else reader.norm(f"{root}.embeddings.LayerNorm"),
        layers=tuple(_layer(reader, f"{root}.encoder.layer.{number}", norm_first=first) for number in range(used)),
        last_norm=reader.norm(f"{root}.encoder.LayerNorm") if first and used == recipe.shape.layers else None,
        mix=tuple(mix[: used + 1]),
        head=_head(reader),
        labels=reader.norm("hidden2tag") if head.severities else None,
    )


def _layer(reader: _Reader, name: str, *, norm_first: bool) -> Layer:
    norms = ("attention.self_attn_layer_norm", "LayerNorm") if norm_first else _NORMS
    return Layer(
        query=reader.linear(f"{name}.attention.self.query"),
        key=reader.linear(f"{name}.attention.self.key"),
        value=reader.linear(f"{name}.attention.self.value"),
        attention=reader.linear(f"{name}.attention.output.dense"),
        attention_norm=reader.norm(f"{name}.{norms[0]}"),
        up=reader.linear(f"{name}.intermediate.dense"),
        down=reader.linear(f"{name}.output.dense"),
        norm=reader.norm(f"{name}.{norms[1]}"),
    )


def _mix(reader: _Reader, recipe: Recipe) -> list[float]:
    names = [f"layerwise_attention.scalar_parameters.{number}" for number in range(recipe.shape.layers + 1)]
    raw = torch.cat([reader.tensor(name) for name in names])
    shares = sparsemax(raw) if recipe.head.sparse else raw.softmax(0)
    return [float(share) for share in shares * reader.tensor("layerwise_attention.gamma")]


def sparsemax(raw: Tensor) -> Tensor:
    """The projection of ``raw``, (n), on the probability simplex (Martins and Astudillo 2016, algorithm 1)."""
    ordered = raw.sort(descending=True).values
    over = ordered.cumsum(0) - 1
    size = torch.arange(1, len(raw) + 1, device=raw.device, dtype=raw.dtype)
    support = int((size * ordered > over).sum())
    return (raw - over[support - 1] / support).clamp(min=0)


def _head(reader: _Reader) -> tuple[Linear, ...]:
    prefix, suffix = "estimator.ff.", ".weight"
    numbers = sorted(
        int(name.removeprefix(prefix).removesuffix(suffix))
        for name in reader.state
        if name.startswith(prefix) and name.endswith(suffix)
    )
    return tuple(reader.norm(f"{prefix}{number}") for number in numbers)
