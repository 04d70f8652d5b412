"""Shares of good and bad segments, as the page shows them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from harness.analysis.pair import PairAnalysis
from harness.reports.model.shown import display_names
from harness.reports.words.messages import say
from harness.reports.words.numbers import format_score
from harness.types import Missing


@dataclass(frozen=True, slots=True)
class BandsView:
    """Shares of segments by quality."""

    names: tuple[str, ...]
    """Worst first: ``up to 41.2``."""
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    """Label of a system and its segments in each band."""


def show_bands(pair: PairAnalysis) -> BandsView | None:
    """The bands under the primary metric; None where they say nothing."""
    metric, found = pair.primary, pair.bands
    if metric is None or isinstance(found, Missing):
        return None
    identity = pair.standing.identities[metric]
    shown = [format_score(identity.decimals, cut) for cut in found.cuts]
    if len(set(shown)) < len(shown):
        return None  # many equal scores: bands would split what is alike
    labels = display_names(pair.result)
    names = _names(shown, identity.higher_is_better)
    return BandsView(names, tuple((labels[name], counts) for name, counts in found.counts))


def _names(shown: list[str], higher: bool) -> tuple[str, ...]:
    middle = [say("number.range", low=low, high=high) for low, high in itertools.pairwise(shown)]
    if higher:
        return (say("bands.up_to", score=shown[0]), *middle, say("bands.above", score=shown[-1]))
    return (say("bands.from", score=shown[0]), *middle, say("bands.below", score=shown[-1]))
