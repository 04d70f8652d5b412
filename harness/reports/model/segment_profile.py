"""Shares of good and bad segments, as the page shows them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from harness.analysis.pair import PairAnalysis
from harness.reports.model.shown import display_names
from harness.reports.words.messages import say
from harness.reports.words.numbers import format_score, format_share
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
    metric, bands = pair.primary, pair.bands
    if metric is None or isinstance(bands, Missing):
        return None
    identity = pair.standing.identities[metric]
    shown = [format_score(identity.decimals, cut) for cut in bands.cuts]
    if len(set(shown)) < len(shown):
        return None  # many equal scores: bands would split what is alike
    labels = display_names(pair.result)
    names = _names(shown, identity.higher_is_better)
    return BandsView(names, tuple((labels[name], counts) for name, counts in bands.counts))


def bands_sentence(pair: PairAnalysis) -> str:
    """How many of their segments the best two systems have among the worst and the best of all; empty for one alone."""
    view, bands = show_bands(pair), pair.bands
    two = [system.name for system in pair.standing.contenders(pair.evidence.floors)][:2]
    if view is None or isinstance(bands, Missing) or len(two) < 2:
        return ""
    counts = dict(bands.counts)
    labels = display_names(pair.result)
    shares = [[format_share(counts[name][band] / max(1, sum(counts[name]))) for name in two] for band in (0, -1)]
    return say(
        "differences.bands",
        first=labels[two[0]],
        second=labels[two[1]],
        worst=view.names[0],
        best=view.names[-1],
        first_worst=shares[0][0],
        second_worst=shares[0][1],
        first_best=shares[1][0],
        second_best=shares[1][1],
    )


def _names(shown: list[str], higher: bool) -> tuple[str, ...]:
    middle = [say("number.range", low=low, high=high) for low, high in itertools.pairwise(shown)]
    if higher:
        return (say("bands.up_to", score=shown[0]), *middle, say("bands.above", score=shown[-1]))
    return (say("bands.from", score=shown[0]), *middle, say("bands.below", score=shown[-1]))
