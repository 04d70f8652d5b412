"""The only place that touches sacrebleu's private statistics; a test holds every line of it to the public API.

sacrebleu computes a corpus score in two steps: integers per segment, and a score from their sum. It publishes only
the two together (``corpus_score``). We need them apart, because everything downstream re-adds the same rows.
Names relied on: ``_cache_references``, ``_ref_cache``, ``_extract_corpus_statistics``, ``_compute_score_from_stats``
and ``num_refs`` of :class:`sacrebleu.metrics.base.Metric`.
"""
# ruff: noqa: SLF001 - reaching into sacrebleu is what this module is for

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from harness.metrics.interface import Mask, MetricContext, Rows, ScoringItem, StatTable
from harness.types import MetricIdentity

CHUNK = 256
"""Hypotheses between two reports of progress; TER needs about 10 s for as many."""

VARIABLE = -1
"""sacrebleu's number of references where segments differ in it."""

References = tuple[str, ...]

Pair = tuple[str, References]


def extract(oracle: Any, pairs: Sequence[Pair], width: int, context: MetricContext) -> Rows:
    """Compute sacrebleu's statistics of (hypothesis, references) pairs; each distinct reference set is read once.

    Its n-grams take a hundred times the room of the text, so only those of one portion are in memory.

    Args:
        oracle: a ``BLEU``, ``CHRF`` or ``TER`` object of sacrebleu; its number of references is set on the way.
        pairs: n pairs; every pair has at least one reference, and their numbers may differ.
        width: columns of the oracle's statistics.
        context: told how far we are.

    Returns:
        (n, width) float64, equal to the lists sacrebleu adds up.
    """
    rows = np.zeros((len(pairs), width))
    if not pairs:
        oracle.num_refs = 0
        return rows
    places: dict[References, list[int]] = {}
    for place, (_, references) in enumerate(pairs):
        places.setdefault(references, []).append(place)
    done = 0
    for portion in _portions(places):
        here = [place for references in portion for place in places[references]]
        analysed = zip(portion, oracle._cache_references(_streams(portion)), strict=True)
        oracle._ref_cache = [found for references, found in analysed for _ in places[references]]
        rows[here] = oracle._extract_corpus_statistics([pairs[place][0] for place in here], None)
        done += len(here)
        context.progress(done, len(pairs))
    oracle._ref_cache = None
    counts = {len(references) for references in places}
    oracle.num_refs = counts.pop() if len(counts) == 1 else VARIABLE
    return rows


def _portions(places: Mapping[References, Sequence[int]]) -> Iterator[list[References]]:
    """Reference sets in portions that :data:`CHUNK` hypotheses or a few more belong to."""
    portion: list[References] = []
    size = 0
    for references, hypotheses in places.items():
        portion.append(references)
        size += len(hypotheses)
        if size >= CHUNK:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _streams(portion: Sequence[References]) -> list[list[str | None]]:
    """One list for the first reference of every segment, one for the second ..., as sacrebleu wants them."""
    depth = max(len(references) for references in portion)
    # None is how sacrebleu's own readers say "this segment has fewer references than others".
    return [[references[i] if i < len(references) else None for references in portion] for i in range(depth)]


def single_score(oracle: Any, totals: Rows) -> float:
    """Score one sum of rows, (k,), with sacrebleu itself; the published bits."""
    return float(oracle._compute_score_from_stats(totals.tolist()).score)


def table(
    name: str,
    oracle: Any,
    width: int,
    items: Sequence[ScoringItem],
    context: MetricContext,
    *,
    higher_is_better: bool,
) -> StatTable:
    """Make the table of ``items``: equal (hypothesis, references) once, items without references unscored."""
    scored: Mask = np.array([bool(item.references) for item in items], dtype=np.bool_)
    places: dict[Pair, int] = {}
    where = [places.setdefault((item.hypothesis, item.references), len(places)) for item in items if item.references]
    rows = np.zeros((len(items), width))
    rows[scored] = extract(oracle, list(places), width, context)[where]
    identity = MetricIdentity(name, str(oracle.get_signature()), higher_is_better, needs_reference=True)
    return StatTable(identity, rows, scored)
