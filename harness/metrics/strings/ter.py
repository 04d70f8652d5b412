"""TER (Snover et al. 2006) as sacrebleu computes it: edits per reference word, in percent; lower is better.

One row: ``[edits to the nearest reference, mean reference length]``. The means of three or more references are not
whole numbers, so the last bit of their sum depends on the order of addition; ``rows.sum(axis=0)`` adds like sacrebleu.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from harness.errors import MetricUnavailable
from harness.metrics.interface import MetricContext, Rows, ScoringItem, StatTable
from harness.metrics.strings import kernels, sacrebleu_stats, ter_rounds
from harness.types import Traits
from harness.workspace.kernels import Absent
from harness.workspace.languages import NO_SPACES, display_name, primary
from harness.workspace.plain_options import PlainOptions

WIDTH = 2

CUT_BY_ASIAN_SUPPORT = frozenset({"zh", "yue", "wuu", "ja"})
"""Languages whose characters sacrebleu takes for words with ``normalized`` and ``asian_support`` together."""


@dataclass(frozen=True)
class TerOptions(PlainOptions):
    """``[metric.ter]``; the defaults are sacrebleu's."""

    normalized: bool = False
    """Split words and punctuation before comparing."""
    no_punct: bool = False
    """Leave punctuation out."""
    asian_support: bool = False
    """Treat each Chinese or Japanese character as a word; needs ``normalized``."""
    case_sensitive: bool = False
    """Respect case."""


class Ter:
    """Translation edit rate."""

    Options: ClassVar[type[TerOptions]] = TerOptions
    traits: ClassVar = Traits("strings", "ter", decimals=1)

    def __init__(self, options: TerOptions) -> None:
        self.options = options
        self.name = "ter"
        self.higher_is_better = False

    def _oracle(self) -> Any:
        from sacrebleu.metrics.ter import TER

        return TER(**self.options.model_dump())

    def statistics(self, items: Sequence[ScoringItem], context: MetricContext) -> StatTable:
        """Rows (n, 2) of ``items``.

        Raises:
            MetricUnavailable: the target language has no spaces, and these options do not cut it into words.
        """
        self._need_words(context.pair.target)
        oracle = self._oracle()
        compiled = kernels.ter(oracle)
        if isinstance(compiled, Absent):
            compiled = ter_rounds.count(oracle)
        return sacrebleu_stats.table(
            self.name,
            oracle,
            WIDTH,
            items,
            context,
            compiled=compiled,
            settings=self.options.model_dump(),
            higher_is_better=self.higher_is_better,
            traits=self.traits,
        )

    def _need_words(self, target: str) -> None:
        language = primary(target)
        if language not in NO_SPACES:
            return
        why = f"TER counts words, and {display_name(target)} is written without spaces between them"
        if language not in CUT_BY_ASIAN_SUPPORT:
            raise MetricUnavailable(f"{why}; sacrebleu's TER cannot segment it", fix="use chrf or comet")
        if not (self.options.normalized and self.options.asian_support):
            raise MetricUnavailable(
                why,
                fix="--ter-normalized --ter-asian-support with harness score; "
                "[metric.ter] normalized = true, asian_support = true in harness.toml",
            )

    def score(self, totals: Rows) -> Rows:
        """Corpus TER of sums (..., 2), 0 and up: sacrebleu's bits for a single sum, equal to 1e-10 for many."""
        if totals.ndim > 1:
            return ter_of_sums(totals)
        return np.asarray(sacrebleu_stats.single_score(self._oracle(), totals), dtype=np.float64)

    def sizes(self, rows: Rows) -> Rows:
        """Words of the references."""
        return rows[:, 1]

    def segment_scores(self, rows: Rows) -> Rows:
        """Sentence TER of rows (n, 2): ``TER.sentence_score``, the same formula."""
        return ter_of_sums(rows)


def ter_of_sums(totals: Rows) -> Rows:
    """Vectorised ``TER._compute_score_from_stats`` of (..., 2): 100 where there are edits but no reference words."""
    edits, length = totals[..., 0], totals[..., 1]
    known = length > 0
    rate = np.where(known, edits / np.where(known, length, 1.0), np.where(edits > 0, 1.0, 0.0))
    scores: Rows = 100.0 * rate
    return scores
