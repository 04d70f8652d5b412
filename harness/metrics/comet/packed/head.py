"""Sentence vectors to scores: the estimator of regression and referenceless models."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - everyone's name for it
from torch import Tensor

from harness.metrics.comet.packed.recipe import Head
from harness.metrics.comet.packed.weights import Linear

TILE = 64
"""Rows of every product: always as many, so that a score does not depend on its neighbours."""

FUNCTIONS = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "": lambda values: values}


class PackedHead:
    """The feed-forward network on top."""

    def __init__(self, head: Head, layers: tuple[Linear, ...]) -> None:
        self._head = head
        self._layers = layers

    def scores(self, source: Tensor, hypothesis: Tensor, reference: Tensor | None) -> list[float]:
        """Score n hypotheses; every argument is (n, hidden), ``reference`` only for regression models."""
        outputs: list[Tensor] = []
        for start in range(0, len(hypothesis), TILE):
            rows = slice(start, start + TILE)
            features = _features(source[rows], hypothesis[rows], None if reference is None else reference[rows])
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


def _features(source: Tensor, hypothesis: Tensor, reference: Tensor | None) -> Tensor:
    """What the estimators of ``RegressionMetric`` and ``ReferencelessRegression`` read, in their order."""
    by_source = (hypothesis * source, (hypothesis - source).abs())
    if reference is None:
        return torch.cat((hypothesis, source, *by_source), dim=1)
    by_reference = (hypothesis * reference, (hypothesis - reference).abs())
    return torch.cat((hypothesis, reference, *by_reference, *by_source), dim=1)
