"""COMET by unbabel-comet itself in an environment of its own: ``engine = "isolated"`` of the metric ``comet``.

For models that only the library can score where it cannot be installed beside the harness, as on Python 3.13. The rules
are those of :mod:`harness.metrics.comet.metric`: fp32, an empty hypothesis scores 0, several references give the mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from harness.metrics.comet.estimate import unpack
from harness.metrics.interface import ErrorSpan, ScoringItem
from harness.metrics.isolated.metric import IsolatedMetric, SpreadOptions, SpreadScoring
from harness.metrics.isolated.recipe import Recipe
from harness.metrics.isolated.scorer import Answer, Identity, Texts
from harness.types import Traits

RECIPE = Recipe(
    "comet",
    (
        *("unbabel-comet==2.2.7", "torch==2.13.0", "transformers==4.57.6", "tokenizers==0.22.2"),
        *("sentencepiece==0.2.2", "protobuf==4.25.9", "numpy==1.26.4", "huggingface-hub==0.36.2", "setuptools==80.9.0"),
    ),
    Path(__file__).with_name("workers") / "comet.py",
    newest_python=(3, 12),
)
"""The last four are pins of the library, repeated so that every resolver finds them; it imports ``pkg_resources``."""

ALONE = frozenset({"referenceless_regression_metric", "unified_metric", "xcomet_metric"})
"""Classes that can score without a reference."""


class IsolatedComet(SpreadScoring, IsolatedMetric):
    """A COMET checkpoint of any class."""

    Options: ClassVar[type[SpreadOptions]] = SpreadOptions
    environment = RECIPE
    traits: ClassVar = Traits("with_reference", "comet", decimals=4, usual_margin=0.0035, usual_spread=0.026)
    higher_is_better = True
    empty_score = 0.0

    def settle(self, identity: Identity) -> None:
        """What the model reads is known once it is found."""
        said = dict(identity.parameters)
        self._reads_reference = "ref" in said["reads"].split(",")
        only_with = said["class"] == "unified_metric" and said["reads"] == "mt,ref"
        self.needs_reference = said["class"] not in ALONE or only_with

    def settled_traits(self, items: Sequence[ScoringItem]) -> Traits:
        """Those of models without a reference, where it does without."""
        if self.needs_reference:
            return self.traits
        given = self._reads_reference and any(item.references for item in items)
        return Traits("with_reference" if given else "without_reference", "comet", decimals=4)

    def samples(self, item: ScoringItem) -> tuple[Texts, ...]:
        """One for each reference that the model reads; one without, where it can do so."""
        if self._reads_reference and item.references:
            return tuple((item.source, item.hypothesis, reference) for reference in item.references)
        return () if self.needs_reference else ((item.source, item.hypothesis),)

    def spans(self, answer: Answer) -> tuple[ErrorSpan, ...]:
        """Errors that XCOMET finds."""
        return unpack({"score": answer.score, "truncated": 0.0, **answer.details}).spans
