"""Segments whose translation may belong to a neighbour: swapped, or shifted by a line or two.

Needs the extra ``misplaced``; without it nothing is looked for, and limits on these flags are not met.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from harness.checks.characters import Selected
from harness.checks.interface import WHOLE, CheckContext, Flag, Neighbour
from harness.checks.screen import Batch
from harness.corpus.lint.encoder import encoder_installed
from harness.types import Reason

_CONFIDENCE = 0.8


class MisplacedCheck:
    """The check as the registry knows it."""

    def screen(self, batch: Batch, _context: CheckContext) -> Selected:
        """All texts, or none without the extra."""
        return np.full(len(batch), encoder_installed())

    def check_article(self, segments: Sequence[Neighbour], context: CheckContext) -> Iterator[tuple[int, Flag]]:
        """Look at one article."""
        del context
        if not encoder_installed():
            return
        from harness.corpus.lint.neighbours import TextPair, misplaced

        pairs = [TextPair(segment.number, segment.source, segment.text) for segment in segments]
        for moved in misplaced(pairs):
            yield segments[moved.index].row, misplaced_flag(segments[moved.other].number)


def misplaced_flag(segment: int) -> Flag:
    """The flag of a translation that may belong to another segment of its article."""
    return Flag("misplaced", WHOLE, Reason("flag.misplaced", {"segment": segment}), _CONFIDENCE)
