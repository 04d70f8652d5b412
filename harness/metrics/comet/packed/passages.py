"""What goes through the encoder as one sequence, and how a model reads samples: the two kinds of models share this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Protocol

from harness.metrics.comet.estimate import Estimate, Texts

if TYPE_CHECKING:
    from torch import Tensor

    from harness.metrics.comet.packed.tokens import Tokens

Passage = tuple[str, ...]
"""Texts that are encoded together: one of them, or the hypothesis and what it is held against."""


class Reader(Protocol):
    """A class of models."""

    def passages(self, sample: Texts) -> tuple[Passage, ...]:
        """What has to be encoded to score a sample."""

    def tokens(self, passages: Sequence[Passage]) -> list[Tokens]:
        """Token numbers of each."""

    def encode(self, tokens: Sequence[Tokens]) -> Tensor:
        """Encode passages in one pass: one row for each, on the device."""

    def estimates(
        self, samples: Sequence[Texts], rows: Mapping[Passage, Tensor], truncated: AbstractSet[Passage]
    ) -> list[Estimate]:
        """Score samples.

        Args:
            samples: at least one.
            rows: of their passages, on the CPU.
            truncated: passages that the encoder reads only a part of.
        """
