"""BLEU (Papineni et al. 2002) as sacrebleu computes it (Post 2018): sums of n-gram counts, 0-100, higher is better.

One row: ``[hypothesis length, reference length, matches of n=1..4, totals of n=1..4]``. Corpus BLEU is the BLEU of the
summed rows; it is not the mean of segment BLEU.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Literal

import numpy as np

from harness.metrics.interface import Columns, MetricContext, Rows, ScoringItem, StatTable
from harness.metrics.strings import kernels, sacrebleu_stats, tokenizers
from harness.metrics.strings.late import LOG_ZERO, bleu_of_sum, late_bleu
from harness.types import Traits
from harness.workspace.plain_options import PlainOptions

ORDER = 4
WIDTH = 2 + 2 * ORDER

Smoothing = Literal["exp", "floor", "add-k", "none"]


@dataclass(frozen=True)
class BleuOptions(PlainOptions):
    """``[metric.bleu]``."""

    tokenize: tokenizers.TokenizerName = ""
    """Tokenizer of sacrebleu. Empty: by target language."""
    smooth: Smoothing = "exp"
    """How n-gram orders without a match are smoothed."""
    lowercase: bool = False
    """Ignore case."""
    force: bool = False
    """Allow a tokenizer for languages with spaces in a language without spaces."""


class Bleu:
    """BLEU; the tokenizer follows the target language."""

    Options: ClassVar[type[BleuOptions]] = BleuOptions
    traits: ClassVar = Traits("strings", "bleu", decimals=1, usual_margin=1.4, usual_spread=6.6)

    def __init__(self, options: BleuOptions) -> None:
        self.options = options
        self.name = "bleu"
        self.higher_is_better = True

    def statistics(self, items: Sequence[ScoringItem], context: MetricContext) -> StatTable:
        """Rows (n, 10) of ``items``.

        Raises:
            UsageError: the tokenizer asked for makes no sense for the target language.
            MetricUnavailable: the tokenizer is not on this machine.
        """
        tokenizer = tokenizers.choose(self.options.tokenize, context.pair.target, force=self.options.force)
        lowercase, smooth = self.options.lowercase, self.options.smooth
        make = partial(
            tokenizers.make_bleu, tokenizer, offline=context.offline, lowercase=lowercase, smooth_method=smooth
        )
        oracle = late_bleu(tokenizer, smooth, lowercase=lowercase, make=make) if tokenizer in kernels.HOW else make()
        compiled = kernels.bleu(tokenizer, oracle, ORDER)
        return sacrebleu_stats.table(
            self.name,
            oracle,
            WIDTH,
            items,
            context,
            compiled=compiled,
            settings={**self.options.model_dump(), "tokenize": tokenizer},
            higher_is_better=self.higher_is_better,
            traits=self.traits,
        )

    def score(self, totals: Rows) -> Rows:
        """Corpus BLEU of sums (..., 10): sacrebleu's bits for a single sum, equal to 1e-10 for many."""
        if totals.ndim > 1:
            return bleu_of_sums(totals, self.options.smooth, effective_order=False)
        return np.asarray(bleu_of_sum(totals.tolist(), ORDER, self.options.smooth), dtype=np.float64)

    def score_columns(self, columns: Sequence[Columns]) -> Columns:
        """The same of 10 columns of sums that are all above 0."""
        return bleu_of_columns(columns, self.options.smooth)

    def sizes(self, rows: Rows) -> Rows:
        """Words of the references."""
        return rows[:, 1]

    def segment_scores(self, rows: Rows) -> Rows:
        """Sentence BLEU of rows (n, 10): ``BLEU(effective_order=True).sentence_score``."""
        return bleu_of_sums(rows, self.options.smooth, effective_order=True)


def bleu_of_sums(totals: Rows, smooth: Smoothing, *, effective_order: bool) -> Rows:
    """Vectorised ``sacrebleu.BLEU.compute_bleu``; smoothing methods of Chen and Cherry (2014).

    Args:
        totals: (..., 10) sums of rows.
        smooth: ``exp`` halves the missing precision for every order without a match, ``floor`` counts 0.1 matches,
            ``add-k`` adds 1 to matches and totals above unigrams.
        effective_order: leave out orders longer than the hypothesis, as sentence BLEU must.

    Returns:
        (...) in 0-100.
    """
    if (totals[..., 2:] > 0).all() and (totals[..., 0] > 0).all():
        return bleu_of_columns(list(np.moveaxis(totals, -1, 0)), smooth)
    length, reference = totals[..., 0], totals[..., 1]
    raw = totals[..., 2 : 2 + ORDER]
    added = np.where(np.arange(ORDER) > 0, 1.0, 0.0) if smooth == "add-k" else np.zeros(ORDER)
    matches, possible = raw + added, totals[..., 2 + ORDER :] + added
    present = np.logical_and.accumulate(possible > 0, axis=-1)
    missed = present & (matches == 0)
    if not missed.any():
        counted = matches
    elif smooth == "exp":
        counted = np.where(missed, 0.5 ** np.cumsum(missed, axis=-1), matches)
    elif smooth == "floor":
        counted = np.where(missed, 0.1, matches)
    else:
        counted = matches
    precision = np.divide(100.0 * counted, possible, out=np.zeros(counted.shape), where=present)
    logs = np.log(precision, out=np.full(counted.shape, LOG_ZERO), where=precision > 0)
    orders = np.asarray(ORDER)
    if effective_order:
        orders = np.maximum(present.sum(axis=-1), 1)
        logs = np.where(np.arange(ORDER) < orders[..., None], logs, 0.0)
    shortfall = 1.0 - reference / np.where(length > 0, length, 1.0)
    penalty = np.where(length < reference, np.where(length > 0, np.exp(np.minimum(shortfall, 0.0)), 0.0), 1.0)
    scores: Rows = np.where(raw.any(axis=-1), penalty * np.exp(logs.sum(axis=-1) / orders), 0.0)
    return scores


def bleu_of_columns(columns: Sequence[Columns], smooth: Smoothing) -> Columns:
    """:func:`bleu_of_sums`, in half the time, of sums with a match of every order, which only ``add-k`` smooths.

    Args:
        columns: 10 columns of sums, (...) each or one number for all; only the reference length may be 0.
        smooth: the method.
    """
    length, reference = columns[:2]
    precisions = []
    for order, (matched, possible) in enumerate(zip(columns[2 : 2 + ORDER], columns[2 + ORDER :], strict=True)):
        added = 1.0 if smooth == "add-k" and order else 0.0
        precisions.append(100.0 * (matched + added) / (possible + added) if added else 100.0 * matched / possible)
    shortfall = 1.0 - reference / length
    scores = _geometric_mean(precisions)
    if (shortfall < 0).any():  # else the penalty is 1 for all
        scores *= np.exp(np.minimum(shortfall, 0.0))
    return scores


def _geometric_mean(numbers: Sequence[Columns]) -> Columns:
    """Of four: as sacrebleu computes it, or in float32 by roots, which take a fifth of the time of logarithms."""
    first, second, third, fourth = numbers
    mean: Columns
    if first.dtype == np.float32:
        mean = np.sqrt(np.sqrt(first * second) * np.sqrt(third * fourth))
    else:
        mean = np.exp((((np.log(first) + np.log(second)) + np.log(third)) + np.log(fourth)) / ORDER)
    return mean
