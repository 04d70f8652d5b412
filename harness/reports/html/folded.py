"""What the page folds away of one pair: comparisons with the best, all pairs, and articles around their mean."""

from __future__ import annotations

import base64
import csv
import io
import math
from collections.abc import Mapping
from dataclasses import dataclass

from harness.analysis.pair import PairAnalysis
from harness.analysis.stats.compare import Interval
from harness.reports.formats.csv import safe_field
from harness.reports.model.centred import CentredRow, centre
from harness.reports.model.effort import SmallTable
from harness.reports.model.matrix import Matrix, matrices
from harness.reports.model.pairwise import against_best
from harness.types import Missing

MOST_IN_A_MATRIX = 12
"""Systems; a square of more is neither read nor as narrow as a page."""

COLUMNS = ("metric", "a", "b", "difference", "low_unadjusted", "high_unadjusted", "p_unadjusted", "p_adjusted",
           "unit", "units", "segments", "significant")  # fmt: skip
"""Of the file of all pairs."""


@dataclass(frozen=True, slots=True)
class Folded:
    """What the templates of the evidence show."""

    against: tuple[SmallTable, ...]
    """The best system against every other one; none where nothing is compared."""
    matrices: tuple[Matrix, ...]
    """Every two systems, a square for each metric; none with too many."""
    pairs: tuple[SmallTable, ...]
    """The numbers of every two; none with too many."""
    count: int
    """Of pairs of systems compared under the primary metric."""
    download: str
    """The numbers of all pairs under all metrics as a file that the page carries: an address of the scheme data."""
    centred: Mapping[str, tuple[CentredRow, ...]]
    """By metric, the articles in the order of the corpus."""


def fold(pair: PairAnalysis, pairs: tuple[SmallTable, ...]) -> Folded:
    """Work out the evidence of one pair; ``pairs`` are the tables of all comparisons."""
    found = pair.metric(pair.primary)
    few = found is None or len(found.ranking) <= MOST_IN_A_MATRIX
    return Folded(
        against=against_best(pair),
        matrices=matrices(pair) if few else (),
        pairs=pairs if few else (),
        count=len(found.comparisons) if found else 0,
        download=_address(pairs_csv(pair)),
        centred={metric: centre(pair, metric) for metric in pair.result.metrics if metric in pair.standing.identities},
    )


def pairs_csv(pair: PairAnalysis) -> str:
    """Every comparison of two systems under every metric, at full precision; empty cells where there is no number."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for evidence in pair.evidence.compared.values():
        for item in evidence.comparisons:
            known = isinstance(item.interval, Interval)
            ends = (item.interval.low, item.interval.high) if known else (math.nan, math.nan)  # type: ignore[union-attr]
            numbers = [
                item.delta,
                *ends,
                *(math.nan if isinstance(p, Missing) else p for p in (item.p, item.p_adjusted)),
            ]
            names = map(safe_field, (item.metric.name, item.a, item.b))
            shown = (repr(value) if math.isfinite(value) else "" for value in numbers)
            size = (item.unit, item.units, item.segments)
            writer.writerow([*names, *shown, *size, "no" if item.tied else "yes"])
    return file.getvalue()


def _address(text: str) -> str:
    return f"data:text/csv;charset=utf-8;base64,{base64.b64encode(text.encode('utf-8', 'replace')).decode('ascii')}"
