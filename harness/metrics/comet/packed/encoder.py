"""XLM-R over texts that lie end to end: no padding, and the same vector in whatever company a text comes.

A matrix product gives a row the same bits wherever it stands, as long as there are enough rows and one thread: with
few rows, or several threads, the BLAS takes other kernels, or splits the inner sum. So every product here has at least
``ROWS`` rows, rows of zeros where texts are few, and runs in one thread; several threads take different batches.
Attention, norms and pooling work on each text alone. That this holds on a machine is checked when a checkpoint is
verified there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import torch
import torch.nn.functional as F  # noqa: N812 - everyone's name for it
from torch import Tensor

from harness.metrics.comet.packed.recipe import Shape
from harness.metrics.comet.packed.weights import Layer, Linear, Weights

ROWS = 64
STEP = 16


class PackedEncoder:
    """Token numbers to sentence vectors: the mean over a text's tokens of the mix of all layers."""

    def __init__(self, weights: Weights, shape: Shape, precision: torch.dtype) -> None:
        self._weights = weights
        self._shape = shape
        self._precision = precision
        self._device = weights.words.device

    def vectors(self, texts: Sequence[Sequence[int]]) -> Tensor:
        """Encode texts, (n) lists of token numbers, in one pass; (n, hidden) fp32, on the device."""
        lengths = [len(text) for text in texts]
        tokens = sum(lengths)
        rows = max(ROWS, -(-tokens // STEP) * STEP)
        weights = self._weights
        numbers = torch.tensor([token for text in texts for token in text], device=self._device)
        real = numbers != self._shape.pad
        # "<pad>" can be written in a text: such a token has no position, and does not count in the mean.
        places = torch.tensor(_places(texts, self._shape.pad), device=self._device)
        state = torch.zeros(rows, self._shape.hidden, device=self._device)
        state[:tokens] = weights.words[numbers] + weights.kind + weights.positions[places]
        state = self._norm(state, weights.norm)
        spans = list(_spans(lengths))
        mixed = state * weights.mix[0]
        for layer, share in zip(weights.layers, weights.mix[1:], strict=True):
            state = self._layer(state, layer, spans)
            if share:
                mixed.add_(state, alpha=share)
        counted = mixed[:tokens].masked_fill(~real.unsqueeze(1), 0.0)
        sizes = torch.tensor(lengths, device=self._device)
        # Checked, the lengths would be fetched from a graphics card, which would stand still meanwhile.
        sums = torch.segment_reduce(counted, "sum", lengths=sizes, axis=0, unsafe=True)
        return sums / sizes.unsqueeze(1)

    def _layer(self, state: Tensor, layer: Layer, spans: Sequence[tuple[int, int, int]]) -> Tensor:
        narrow = state.to(self._precision)
        asked, keys, values = (F.linear(narrow, x.weight, x.bias) for x in (layer.query, layer.key, layer.value))
        seen = torch.zeros_like(asked)
        for start, count, length in spans:
            end = start + count * length
            parts = (self._by_head(part[start:end], count, length) for part in (asked, keys, values))
            seen[start:end] = F.scaled_dot_product_attention(*parts).transpose(1, 2).reshape(end - start, -1)
        state = self._norm(F.linear(seen, layer.attention.weight, layer.attention.bias) + state, layer.attention_norm)
        wide = F.gelu(F.linear(state.to(self._precision), layer.up.weight, layer.up.bias))
        return self._norm(F.linear(wide, layer.down.weight, layer.down.bias) + state, layer.norm)

    def _by_head(self, part: Tensor, count: int, length: int) -> Tensor:
        """(count * length, hidden) to (count, heads, length, hidden / heads)."""
        return part.view(count, length, self._shape.heads, -1).transpose(1, 2)

    def _norm(self, state: Tensor, norm: Linear) -> Tensor:
        return F.layer_norm(state.float(), (self._shape.hidden,), norm.weight, norm.bias, self._shape.epsilon)


def _places(texts: Sequence[Sequence[int]], pad: int) -> list[int]:
    """Positions as XLM-R counts them: from ``pad + 1``, over tokens that are not padding; padding is at ``pad``."""
    places: list[int] = []
    for text in texts:
        if pad not in text:
            places += range(pad + 1, pad + 1 + len(text))
            continue
        position = pad
        for token in text:
            position += token != pad
            places.append(pad if token == pad else position)
    return places


def _spans(lengths: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Neighbours of one length: first row, how many, length."""
    start = 0
    for length, group in groupby(lengths):
        count = sum(1 for _ in group)
        yield start, count, length
        start += count * length
