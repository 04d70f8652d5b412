"""How much memory and time resampling takes on very large test sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.bench.measure import Cost, in_process

WIDTHS = (10, 18)
"""Columns of BLEU's and chrF's rows."""


def measure(segments: int, systems: int, resamples: int) -> Cost:
    """Resample the BLEU and chrF rows of all systems in a process of its own."""
    return in_process(__name__, "resample", {"segments": segments, "systems": systems, "resamples": resamples})


def resample(job: Mapping[str, Any]) -> int:
    """Made-up counts of the size of sentences; returns how many sums were made."""
    import numpy as np

    from harness.analysis.stats.segment_tests import resampled_sums_of

    rng = np.random.default_rng(1)
    tables = [
        rng.integers(0, 150, (job["segments"], width), dtype=np.int16).astype(np.float64)
        for _ in range(job["systems"])
        for width in WIDTHS
    ]
    return sum(sums.size for sums in resampled_sums_of(tables, job["resamples"]))
