"""Sentence vectors to scores: the estimator, and the models that encode each text alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import torch
import torch.nn.functional as F  # noqa: N812 - everyone's name for it
from torch import Tensor

from harness.metrics.comet.estimate import Estimate, Texts
from harness.metrics.comet.packed.encoder import PackedEncoder
from harness.metrics.comet.packed.matrices import Linear
from harness.metrics.comet.packed.passages import Passage
from harness.metrics.comet.packed.recipe import Head
from harness.metrics.comet.packed.tokens import PackedTokenizer, Tokens

TILE = 64
"""Rows of every product: always as many, so that a score does not depend on its neighbours."""

FUNCTIONS = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "": lambda values: values}


class PackedHead:
    """The feed-forward network on top."""

    def __init__(self, head: Head, layers: tuple[Linear, ...]) -> None:
        self._head = head
        self._layers = layers
        self.device = layers[0].weight.device

    def scores(self, *vectors: Tensor) -> list[float]:
        """Score n hypotheses.

        Args:
            vectors: (n, hidden) each: hypothesis and source; those and reference; or of hypothesis and others as one.
        """
        outputs: list[Tensor] = []
        for start in range(0, len(vectors[0]), TILE):
            features = _features(*(column[start : start + TILE] for column in vectors))
            count = len(features)
            features = F.pad(features, (0, 0, 0, TILE - count))
            outputs.append(self._network(features)[:count])
        scores: list[float] = torch.cat(outputs).tolist()
        return scores

    def _network(self, features: Tensor) -> Tensor:
        for layer in self._layers[:-1]:
            features = FUNCTIONS[self._head.activation](F.linear(features, layer.weight, layer.bias))
        last = self._layers[-1]
        return FUNCTIONS[self._head.final_activation](F.linear(features, last.weight, last.bias)).view(-1)


def _features(hypothesis: Tensor, source: Tensor | None = None, reference: Tensor | None = None) -> Tensor:
    """What the estimators of the library's classes read, in their order."""
    if source is None:
        return hypothesis
    by_source = (hypothesis * source, (hypothesis - source).abs())
    if reference is None:
        return torch.cat((hypothesis, source, *by_source), dim=1)
    by_reference = (hypothesis * reference, (hypothesis - reference).abs())
    return torch.cat((hypothesis, reference, *by_reference, *by_source), dim=1)


class Sentences:
    """Regression and referenceless models: see :class:`harness.metrics.comet.packed.passages.Reader`."""

    def __init__(self, tokenizer: PackedTokenizer, encoder: PackedEncoder, head: PackedHead) -> None:
        self._tokenizer = tokenizer
        self._encoder = encoder
        self._head = head

    def passages(self, sample: Texts) -> tuple[Passage, ...]:
        """Each text alone, so that it is encoded once for all samples that it is in."""
        return tuple((text,) for text in sample)

    def tokens(self, passages: Sequence[Passage]) -> list[Tokens]:
        """Token numbers of each text."""
        return self._tokenizer.encode([text for (text,) in passages])

    def encode(self, tokens: Sequence[Tokens]) -> Tensor:
        """Sentence vectors, (n, hidden)."""
        return self._encoder.vectors([text.ids for text in tokens])

    def estimates(
        self, samples: Sequence[Texts], rows: Mapping[Passage, Tensor], truncated: AbstractSet[Passage]
    ) -> list[Estimate]:
        """Scores of samples that are all with a reference, or all without."""
        source, hypothesis, *reference = (
            torch.stack([rows[sample[field],] for sample in samples]).to(self._head.device)
            for field in range(len(samples[0]))
        )
        scores = self._head.scores(hypothesis, source, *reference)
        cut = [any((text,) in truncated for text in sample) for sample in samples]
        return [Estimate(score, some) for score, some in zip(scores, cut, strict=True)]
