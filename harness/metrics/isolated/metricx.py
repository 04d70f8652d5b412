"""MetricX-24 (Juraska et al. 2024), in an environment of its own: MQM penalty points, 0 to 25, lower is better.

One row: ``[score, 1]``. An empty translation is not sent and scores 25, the worst; with several references the score is
the mean over them. ``harness metrics add metricx`` installs it; the model is fetched with the first use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field

from harness.metrics.interface import ScoringItem
from harness.metrics.isolated.metric import IsolatedMetric, SpreadOptions, SpreadScoring, local
from harness.metrics.isolated.recipe import Recipe
from harness.metrics.isolated.scorer import Texts
from harness.types import Traits

WORST = 25.0


class MetricXOptions(SpreadOptions):
    """``[metric.metricx]``."""

    model: Annotated[str, Field(min_length=1)] = "google/metricx-24-hybrid-large-v2p6"
    """A MetricX-24 model: a name on the model hub, or a folder. ``-xl-`` and ``-xxl-`` are larger, ``-bfloat16`` takes
    half the memory."""
    tokenizer: str = ""
    """A name on the model hub, or a folder. Empty: the model's own, else that of mT5."""
    qe: bool = False
    """Score without the reference (quality estimation)."""
    max_length: Annotated[int, Field(ge=8, le=4096)] = 1536
    """Tokens that the model reads; the model was trained with 1536."""
    name: Annotated[str, Field(min_length=1)] = "metricx"
    """Column heading."""


class MetricX(SpreadScoring, IsolatedMetric):
    """A MetricX-24 model, with references or without."""

    Options: ClassVar[type[MetricXOptions]] = MetricXOptions
    environment = Recipe(
        "metricx",
        ("torch==2.13.0", "transformers==4.57.6", "tokenizers==0.22.2", "sentencepiece==0.2.2", "protobuf==4.25.9"),
        Path(__file__).with_name("workers") / "metricx.py",
    )
    traits: ClassVar = Traits("with_reference", "metricx", decimals=3)
    higher_is_better = False
    empty_score = WORST
    options: MetricXOptions

    def __init__(self, options: MetricXOptions) -> None:
        super().__init__(options)
        self.needs_reference = not options.qe

    def settled_traits(self, items: Sequence[ScoringItem]) -> Traits:
        """With ``qe``, it shares the blind spots of metrics that read no reference."""
        del items
        return replace(self.traits, kind="without_reference") if self.options.qe else self.traits

    def worker_options(self) -> Mapping[str, Any]:
        """Model, tokenizer and how much is read."""
        options = self.options
        named = {"tokenizer": local(options.tokenizer) if options.tokenizer else "", "max_length": options.max_length}
        return {**super().worker_options(), **named}

    def samples(self, item: ScoringItem) -> tuple[Texts, ...]:
        """One for each reference; one without, where the metric needs none."""
        if self.options.qe:
            return ((item.source, item.hypothesis),)
        return tuple((item.source, item.hypothesis, reference) for reference in item.references)
