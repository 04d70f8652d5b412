"""Models that encode hypothesis, source and reference as one sequence: unified models, as CometKiwi is, and XCOMET.

With source and reference there are three sequences: the hypothesis beside the source, beside the reference, and beside
both. Unified models give the mean of their scores. XCOMET weighs them, no score above 1, and adds what the errors that
it marks would cost under MQM (Guerreiro et al. 2023); its marks are made from the weighted probabilities of the three.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import torch
from torch import Tensor

from harness.metrics.comet.estimate import Estimate, Texts
from harness.metrics.comet.packed.encoder import PackedEncoder
from harness.metrics.comet.packed.head import PackedHead
from harness.metrics.comet.packed.marks import error_spans, penalty_score
from harness.metrics.comet.packed.passages import Passage
from harness.metrics.comet.packed.recipe import XCOMET, Recipe
from harness.metrics.comet.packed.tokens import PackedTokenizer, Tokens
from harness.metrics.interface import ErrorSpan

MARK_WEIGHTS = (0.1667, 0.3333, 0.5)
"""Of the label probabilities beside source, reference and both (``input_weights_spans``)."""

SCORE_WEIGHTS = (0.12, 0.33, 0.33)
"""Of XCOMET's scores beside source, reference and both (``score_weights``)."""

PENALTY_WEIGHT = 0.22
"""Of the score that XCOMET's marks give."""

TOGETHER = 3
"""Sequences of a sample with source and reference."""


class Joint:
    """Unified models and XCOMET: see :class:`harness.metrics.comet.packed.passages.Reader`."""

    def __init__(self, recipe: Recipe, tokenizer: PackedTokenizer, encoder: PackedEncoder, head: PackedHead) -> None:
        self._kind = recipe.head.kind
        self._inputs = recipe.head.inputs
        self._severities = recipe.head.severities
        self._marks = bool(recipe.head.severities)
        self._hidden = recipe.shape.hidden
        self._limit = recipe.shape.joint_limit
        self._pad = recipe.shape.pad
        self._tokenizer = tokenizer
        self._encoder = encoder
        self._head = head

    def passages(self, sample: Texts) -> tuple[Passage, ...]:
        """Hypothesis first; beside source, reference and both where the model reads both and there is a reference."""
        source, hypothesis, *reference = sample
        beside = [*([source] if "src" in self._inputs else []), *(reference if "ref" in self._inputs else [])]
        if len(beside) == 1:
            return ((hypothesis, beside[0]),)
        return tuple((hypothesis, *others) for others in ((beside[0],), (beside[1],), beside))

    def tokens(self, passages: Sequence[Passage]) -> list[Tokens]:
        """``<s> a </s></s> b </s></s> c </s>``, cut where the encoder ends; a written ``<pad>`` is left out."""
        first = dict.fromkeys(passage[0] for passage in passages)
        others = dict.fromkeys(text for passage in passages for text in passage[1:])
        ends = dict(zip(first, self._tokenizer.encode(list(first), offsets=self._marks), strict=True))
        known = dict(zip(others, self._tokenizer.encode(list(others)), strict=True))
        return [self._joined([ends[passage[0]], *(known[text] for text in passage[1:])]) for passage in passages]

    def _joined(self, parts: Sequence[Tokens]) -> Tokens:
        texts = [[token for token in part.ids if token != self._pad] for part in parts]
        ids = texts[0]
        for text in texts[1:]:
            ids = [*ids, self._tokenizer.separator, *text[1:]]
        cut = len(ids) > self._limit or any(part.truncated for part in parts)
        return Tokens(ids[: self._limit], cut, parts[0].offsets)

    def encode(self, tokens: Sequence[Tokens]) -> Tensor:
        """The vectors of the first tokens, and the probabilities of labels behind them where there are any."""
        ids = [text.ids for text in tokens]
        if not self._marks:
            return self._encoder.vectors(ids)
        return self._encoder.marked(ids, [len(text.offsets) for text in tokens])

    def estimates(
        self, samples: Sequence[Texts], rows: Mapping[Passage, Tensor], truncated: AbstractSet[Passage]
    ) -> list[Estimate]:
        """Scores, and marks where the model makes them; samples with and without references may be mixed."""
        asked = [self.passages(sample) for sample in samples]
        flat = [passage for passages in asked for passage in passages]
        vectors = torch.stack([rows[passage][: self._hidden] for passage in flat]).to(self._head.device)
        scores = dict(zip(flat, self._head.scores(vectors), strict=True))
        return [self._estimate(passages, scores, rows, truncated) for passages in asked]

    def _estimate(
        self,
        passages: Sequence[Passage],
        scores: Mapping[Passage, float],
        rows: Mapping[Passage, Tensor],
        truncated: AbstractSet[Passage],
    ) -> Estimate:
        parts = [scores[passage] for passage in passages]
        cut = any(passage in truncated for passage in passages)
        spans = self._spans(passages, rows) if self._marks else ()
        if self._kind != XCOMET:
            return Estimate(sum(parts) / len(parts), cut, spans)
        capped = [min(part, 1.0) for part in parts]
        weights = SCORE_WEIGHTS if len(parts) == TOGETHER else (sum(SCORE_WEIGHTS),)
        score = sum(weight * part for weight, part in zip(weights, capped, strict=True))
        return Estimate(score + PENALTY_WEIGHT * penalty_score(spans), cut, spans)

    def _spans(self, passages: Sequence[Passage], rows: Mapping[Passage, Tensor]) -> tuple[ErrorSpan, ...]:
        (tokens,) = self._tokenizer.encode([passages[0][0]], offsets=True)
        size = len(tokens.offsets) * (1 + len(self._severities))
        shares = [rows[passage][self._hidden :][:size] for passage in passages]
        if len(shares) == TOGETHER:
            weighted = [share * weight for share, weight in zip(shares, MARK_WEIGHTS, strict=True)]
            shares = [torch.stack(weighted).sum(dim=0)]
        return error_spans(shares[0].view(len(tokens.offsets), -1), tokens.offsets, self._severities)
