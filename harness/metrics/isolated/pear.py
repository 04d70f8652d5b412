"""PEAR (Proietti, Grundkiewicz and Post 2026), in an environment of its own: compares translations without reference.

Both orders of every two different translations are asked, and the score of a system is its mean preference over the
others: 0 where it is as good as they are, higher is better, no fixed scale. The scores depend on who took part, and the
signature names them. ``harness metrics add pear`` installs it; the model is fetched with the first use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from harness.metrics.interface import MetricContext, Rows
from harness.metrics.isolated.metric import IsolatedOptions, IsolatedScoring
from harness.metrics.isolated.recipe import Recipe
from harness.metrics.isolated.scorer import Identity
from harness.metrics.pairwise import Duel, PairwiseMetric
from harness.types import Traits

PUBLISHED = ("pear", "pear-xl")


class PearOptions(IsolatedOptions):
    """``[metric.pear]``."""

    model: Annotated[str, Field(min_length=1)] = "pear"
    """``pear``, ``pear-xl``, another name on the model hub, a checkpoint's folder, or a ``.ckpt`` file."""
    name: Annotated[str, Field(min_length=1)] = "pear"
    """Column heading."""


class Pear(IsolatedScoring, PairwiseMetric):
    """A PEAR model. An empty translation is compared like any other."""

    Options: ClassVar[type[PearOptions]] = PearOptions
    environment = Recipe(
        "pear",
        (
            *("pear-mt==1.1.1", "torch==2.13.0", "transformers==4.57.6", "tokenizers==0.22.2"),
            *("pytorch-lightning==2.6.6", "sentencepiece==0.2.2", "protobuf==4.25.9"),
        ),
        Path(__file__).with_name("workers") / "pear.py",
    )
    traits: ClassVar = Traits("without_reference", "pear", decimals=3)
    options: PearOptions

    def __init__(self, options: PearOptions) -> None:
        self.options = options
        self.name = options.name
        self._identity: list[Identity] = []

    def worker_options(self) -> Mapping[str, Any]:
        """The authors' names stay names, also where a folder is called so."""
        given = super().worker_options()
        return {**given, "model": self.options.model} if self.options.model in PUBLISHED else given

    def depends_on(self, context: MetricContext) -> str:
        """Model, packages and device.

        Raises:
            MetricUnavailable: the environment or the model is not on this machine.
        """
        self._identity[:] = [self.identify(context)]
        return self._identity[0].signature()

    def preferences(self, duels: Sequence[Duel], context: MetricContext) -> Rows:
        """What the model says of each duel.

        Raises:
            MetricUnavailable: the worker cannot score them.
        """
        samples = [(duel.first.source, duel.first.hypothesis, duel.second.hypothesis) for duel in duels]
        known = self.answers(samples, self._identity[0], context)
        return np.array([known[sample].score for sample in samples])
