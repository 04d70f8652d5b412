"""XLM-R over texts that lie end to end: no padding, and the same vector in whatever company a text comes.

A matrix product gives a row the same bits wherever it stands, as long as there are enough rows and one thread: with
few rows, or several threads, the BLAS takes other kernels, or splits the inner sum. So every product here has at least
``ROWS`` rows, rows of zeros where texts are few, and runs in one thread; several threads take different batches.
Attention, norms and pooling work on each text alone. That this holds on a machine is checked when a checkpoint is
verified there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby

import torch
import torch.nn.functional as F  # noqa: N812 - everyone's name for it
from torch import Tensor

from harness.metrics.comet.packed.matrices import Linear
from harness.metrics.comet.packed.recipe import JOINT, Recipe
from harness.metrics.comet.packed.weights import Layer, Weights

ROWS = 64
STEP = 16


class PackedEncoder:
    """Token numbers to sequence vectors, and to the labels of words where the model marks them.

    A vector is the mix of all layers: its mean over a text's tokens, over those of the last of several texts, or the
    mix at the first token.
    """

    def __init__(self, weights: Weights, recipe: Recipe, precision: torch.dtype, separator: int) -> None:
        """Take weights.

        Args:
            weights: of the checkpoint.
            recipe: what it is.
            precision: of the matrix products.
            separator: the token behind a text; where texts come with those before them, it parts them.
        """
        self._weights = weights
        self._shape = recipe.shape
        self._joint = recipe.head.kind in JOINT
        self._word_layer = recipe.head.word_layer
        self._context = recipe.context
        self._precision = precision
        self._separator = separator
        self._device = weights.words.device

    def vectors(self, texts: Sequence[Sequence[int]]) -> Tensor:
        """Encode texts, (n) lists of token numbers, in one pass; (n, hidden) fp32, on the device."""
        mixed, _, starts = self._mixed(texts)
        return mixed[starts] if self._joint else self._means(texts, mixed)

    def marked(self, texts: Sequence[Sequence[int]], counts: Sequence[int]) -> Tensor:
        """As :meth:`vectors`; behind each vector, the probabilities of the labels of its text's first tokens.

        Args:
            texts: lists of token numbers.
            counts: of each text, how many tokens have labels.

        Returns:
            (n, hidden + max(counts) * labels); what lies behind the last labelled token of a text means nothing.
        """
        labels = self._weights.labels
        assert labels is not None  # noqa: S101 - only models that have them are asked for them
        mixed, words, starts = self._mixed(texts)
        shares = F.linear(words, labels.weight, labels.bias).softmax(1)
        rows = starts.unsqueeze(1) + torch.arange(max(counts), device=self._device)
        first = shares[rows.clamp(max=len(shares) - 1)]
        return torch.cat((mixed[starts], first.flatten(1)), dim=1)

    def _mixed(self, texts: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor, Tensor]:
        """The mix of the layers, (rows, hidden), the state that words are marked by, and the first row of each text."""
        lengths = [len(text) for text in texts]
        tokens = sum(lengths)
        rows = max(ROWS, -(-tokens // STEP) * STEP)
        weights = self._weights
        numbers = torch.tensor([token for text in texts for token in text], device=self._device)
        # "<pad>" can be written in a text: such a token has no position, and does not count in the mean.
        places = torch.tensor(_places(texts, self._shape.pad), device=self._device)
        state = torch.zeros(rows, self._shape.hidden, device=self._device)
        state[:tokens] = weights.words[numbers] + weights.kind + weights.positions[places]
        if weights.norm:
            state = self._norm(state, weights.norm)
        spans = list(_spans(lengths))
        mixed, words = state * weights.mix[0], state
        for number, (layer, share) in enumerate(zip(weights.layers, weights.mix[1:], strict=True), start=1):
            state = self._pre_norm(state, layer, spans) if self._shape.norm_first else self._layer(state, layer, spans)
            if number == self._shape.layers and weights.last_norm:
                state = self._norm(state, weights.last_norm)
            if share:
                mixed.add_(state, alpha=share)
            if number == self._word_layer:
                words = state
        starts = torch.tensor([0, *accumulate(lengths)][:-1], device=self._device)
        return mixed, words, starts

    def _means(self, texts: Sequence[Sequence[int]], mixed: Tensor) -> Tensor:
        """The mean over the tokens of each text."""
        lengths = [len(text) for text in texts]
        left_out = [self._left_out(text) for text in texts]
        out = torch.tensor([mark for marks in left_out for mark in marks], device=self._device)
        counted = mixed[: sum(lengths)].masked_fill(out.unsqueeze(1), 0.0)
        # Checked, the lengths would be fetched from a graphics card, which would stand still meanwhile.
        sizes = torch.tensor(lengths, device=self._device)
        sums = torch.segment_reduce(counted, "sum", lengths=sizes, axis=0, unsafe=True)
        if self._context:
            sizes = torch.tensor([len(text) - self._last_text(text) for text in texts], device=self._device)
        return sums / sizes.unsqueeze(1)

    def _left_out(self, text: Sequence[int]) -> list[bool]:
        """Padding that somebody wrote, and the texts before the last; ``<s>`` counts."""
        before = self._last_text(text) if self._context else 0
        return [token == self._shape.pad or 0 < number <= before for number, token in enumerate(text)]

    def _last_text(self, text: Sequence[int]) -> int:
        """Where the separator stands that the last text follows; 0: there is only one (``pooling_utils``)."""
        separators = [number for number, token in enumerate(text) if token == self._separator]
        return separators[-2] if len(separators) > 1 else 0

    def _layer(self, state: Tensor, layer: Layer, spans: Sequence[tuple[int, int, int]]) -> Tensor:
        seen = self._attention(state.to(self._precision), layer, spans)
        state = self._norm(layer.attention(seen) + state, layer.attention_norm)
        wide = F.gelu(layer.up(state.to(self._precision)))
        return self._norm(layer.down(wide) + state, layer.norm)

    def _pre_norm(self, state: Tensor, layer: Layer, spans: Sequence[tuple[int, int, int]]) -> Tensor:
        """A layer of XLM-R XL."""
        seen = self._attention(self._norm(state, layer.attention_norm).to(self._precision), layer, spans)
        state = layer.attention(seen) + state
        wide = F.gelu(layer.up(self._norm(state, layer.norm).to(self._precision)))
        return (layer.down(wide) + state).float()

    def _attention(self, narrow: Tensor, layer: Layer, spans: Sequence[tuple[int, int, int]]) -> Tensor:
        asked, keys, values = (product(narrow) for product in (layer.query, layer.key, layer.value))
        seen = torch.zeros_like(asked)
        for start, count, length in spans:
            end = start + count * length
            parts = (self._by_head(part[start:end], count, length) for part in (asked, keys, values))
            seen[start:end] = F.scaled_dot_product_attention(*parts).transpose(1, 2).reshape(end - start, -1)
        return seen

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
