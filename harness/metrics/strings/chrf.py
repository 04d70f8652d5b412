"""chrF (Popović 2015) and chrF++ (Popović 2017) as sacrebleu computes them: 0-100, higher is better.

One row: ``[n-grams in the hypothesis, in the reference, in both]`` for every order of characters, then of words.
With several references sacrebleu keeps the counts of the one that scores best for that segment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np

from harness.metrics.interface import Columns, MetricContext, Rows, ScoringItem, StatTable
from harness.metrics.strings import kernels, sacrebleu_stats
from harness.metrics.strings.late import chrf_of_sum, late_chrf
from harness.types import Traits
from harness.workspace.plain_options import Between, PlainOptions

MOST_ORDER = 100
"""Of n-grams: every order is a column of counts for each segment."""


@dataclass(frozen=True)
class ChrfOptions(PlainOptions):
    """``[metric.chrf]``."""

    char_order: Annotated[int, Between(1, MOST_ORDER)] = 6
    """Maximum length of character n-grams."""
    word_order: Annotated[int, Between(0, MOST_ORDER)] = 0
    """Maximum length of word n-grams; 0: characters only."""
    beta: Annotated[int, Between(1, 1000)] = 2
    """Weight of recall relative to precision."""
    lowercase: bool = False
    """Ignore case."""
    whitespace: bool = False
    """Count spaces as characters."""


@dataclass(frozen=True)
class ChrfPlusPlusOptions(ChrfOptions):
    """``[metric."chrf++"]``."""

    word_order: Annotated[int, Between(0, MOST_ORDER)] = 2
    """Maximum length of word n-grams."""


class Chrf:
    """chrF: F-score over character n-grams."""

    Options: ClassVar[type[ChrfOptions]] = ChrfOptions
    traits: ClassVar = Traits("strings", "chrf", decimals=1, usual_margin=1.0, usual_spread=4.2)

    def __init__(self, options: ChrfOptions) -> None:
        self.options = options
        self.name = "chrf"
        self.higher_is_better = True

    def _oracle(self) -> Any:
        from sacrebleu.metrics.chrf import CHRF

        return CHRF(**self.options.model_dump())

    def statistics(self, items: Sequence[ScoringItem], context: MetricContext) -> StatTable:
        """Rows (n, 3 x orders) of ``items``."""
        width = 3 * (self.options.char_order + self.options.word_order)
        oracle = late_chrf(self.options.model_dump(), self._oracle)
        compiled = kernels.chrf(oracle)
        return sacrebleu_stats.table(
            self.name,
            oracle,
            width,
            items,
            context,
            compiled=compiled,
            settings=self.options.model_dump(),
            higher_is_better=self.higher_is_better,
            traits=self.traits,
        )

    def score(self, totals: Rows) -> Rows:
        """Corpus chrF of sums (..., 3 x orders): sacrebleu's bits for a single sum, equal to 1e-10 for many."""
        if totals.ndim > 1:
            return chrf_of_sums(totals, self.options.beta)
        return np.asarray(chrf_of_sum(totals.tolist(), self.options.beta), dtype=np.float64)

    def score_columns(self, columns: Sequence[Columns]) -> Columns:
        """The same of columns of sums that are all above 0."""
        return chrf_of_columns(columns, self.options.beta)

    def sizes(self, rows: Rows) -> Rows:
        """Characters of the references."""
        return rows[:, 1]

    def segment_scores(self, rows: Rows) -> Rows:
        """Sentence chrF of rows (n, 3 x orders): ``CHRF.sentence_score``, the same formula."""
        return chrf_of_sums(rows, self.options.beta)


class ChrfPlusPlus(Chrf):
    """chrF++: chrF with word unigrams and bigrams beside the characters."""

    Options: ClassVar[type[ChrfOptions]] = ChrfPlusPlusOptions
    traits: ClassVar = Traits("strings", "chrf++", decimals=1)

    def __init__(self, options: ChrfOptions) -> None:
        super().__init__(options)
        self.name = "chrf++"


def chrf_of_sums(totals: Rows, beta: int) -> Rows:
    """Vectorised ``CHRF._compute_f_score`` without epsilon smoothing: mean precision and recall over effective orders.

    Args:
        totals: (..., 3 x orders) sums of rows.
        beta: weight of recall.

    Returns:
        (...) in 0-100; 0 where no order occurs on both sides.
    """
    if (totals[..., ::3] > 0).all() and (totals[..., 1::3] > 0).all():
        return chrf_of_columns(list(np.moveaxis(totals, -1, 0)), beta)
    precision, recall, orders = (np.zeros(totals.shape[:-1]) for _ in range(3))
    for first in range(0, totals.shape[-1], 3):
        hypothesis, reference, both = (totals[..., first + column] for column in range(3))
        effective = (hypothesis > 0) & (reference > 0)
        precision += np.divide(both, hypothesis, out=np.zeros(both.shape), where=effective)
        recall += np.divide(both, reference, out=np.zeros(both.shape), where=effective)
        orders += effective
    precision, recall = precision / np.maximum(orders, 1), recall / np.maximum(orders, 1)
    return _f_score(precision, recall, beta)


def chrf_of_columns(columns: Sequence[Columns], beta: int) -> Columns:
    """:func:`chrf_of_sums`, in half the time, of sums with n-grams of every order on both sides: bit for bit.

    Args:
        columns: of sums, three for each order, (...) each or one number for all.
        beta: weight of recall.
    """
    hypotheses, references, matches = columns[::3], columns[1::3], columns[2::3]
    precision = sum(
        (both / there for both, there in zip(matches[1:], hypotheses[1:], strict=True)), matches[0] / hypotheses[0]
    )
    recall = sum(
        (both / there for both, there in zip(matches[1:], references[1:], strict=True)), matches[0] / references[0]
    )
    orders = len(hypotheses)
    return _f_score(precision / orders, recall / orders, beta)


def _f_score(precision: Columns, recall: Columns, beta: int) -> Columns:
    weight = beta**2
    below = weight * precision + recall
    scores: Columns = 100.0 * (1 + weight) * precision * recall / np.where(below > 0, below, 1.0)
    return scores
