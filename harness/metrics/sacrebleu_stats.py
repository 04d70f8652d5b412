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
from harness.metrics.kept import Kept, Part
from harness.metrics.kernels import Absent, Count, Portion
from harness.types import JsonValue, MetricIdentity

CHUNK = 256
"""Hypotheses between two reports of progress; TER needs about 10 s for as many."""

COMPILED_CHUNK = 16_384
"""The same with compiled kernels, where TER needs about a second and the texts of a portion a few megabytes."""

VARIABLE = -1
"""sacrebleu's number of references where segments differ in it."""

References = tuple[str, ...]

Pair = tuple[str, References]


def extract(oracle: Any, pairs: Sequence[Pair], width: int, context: MetricContext, compiled: Count | Absent) -> Rows:
    """Compute sacrebleu's statistics of (hypothesis, references) pairs; each distinct reference set is read once.

    Its n-grams take a hundred times the room of the text, so only those of one portion are in memory.

    Args:
        oracle: a ``BLEU``, ``CHRF`` or ``TER`` object of sacrebleu.
        pairs: n pairs; every pair has at least one reference, and their numbers may differ.
        width: columns of the oracle's statistics.
        context: told how far we are.
        compiled: the kernel for this oracle; what it leaves, the oracle computes.

    Returns:
        (n, width) float64, equal to the lists sacrebleu adds up.
    """
    rows = np.zeros((len(pairs), width))
    places: dict[References, list[int]] = {}
    for place, (_, references) in enumerate(pairs):
        places.setdefault(references, []).append(place)
    done = 0
    for references_here in _portions(places, CHUNK if isinstance(compiled, Absent) else COMPILED_CHUNK):
        here = [place for references in references_here for place in places[references]]
        sizes = [len(places[references]) for references in references_here]
        set_of = np.repeat(np.arange(len(sizes)), sizes)
        portion = Portion([pairs[place][0] for place in here], references_here, set_of)
        rows[here] = _by_oracle(oracle, portion) if isinstance(compiled, Absent) else _by(compiled, oracle, portion)
        done += len(here)
        context.progress(done, len(pairs))
    return rows


def _by(compiled: Count, oracle: Any, portion: Portion) -> Rows:
    """The kernel's rows; those it left, the oracle's."""
    rows = compiled(portion)
    for row in np.flatnonzero(rows[:, 0] < 0):
        references = portion.references[portion.set_of[row]]
        rows[row] = _by_oracle(oracle, Portion([portion.hypotheses[row]], [references], np.zeros(1, dtype=np.int64)))[0]
    return rows


def _by_oracle(oracle: Any, portion: Portion) -> Rows:
    """The rows of sacrebleu itself."""
    analysed = oracle._cache_references(_streams(portion.references))
    oracle._ref_cache = [analysed[place] for place in portion.set_of]
    rows = np.array(oracle._extract_corpus_statistics(portion.hypotheses, None), dtype=np.float64)
    oracle._ref_cache = None
    return rows


def _portions(places: Mapping[References, Sequence[int]], enough: int) -> Iterator[list[References]]:
    """Reference sets in portions that ``enough`` hypotheses or a few more belong to."""
    portion: list[References] = []
    size = 0
    for references, hypotheses in places.items():
        portion.append(references)
        size += len(hypotheses)
        if size >= enough:
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
    compiled: Count | Absent,
    settings: Mapping[str, JsonValue],
    higher_is_better: bool,
) -> StatTable:
    """Make the table of ``items``: equal (hypothesis, references) once, items without references unscored."""
    # The signature names the versions of sacrebleu and of the tokenizer; the number of references is in the texts.
    kept = Kept({**settings, "metric": name, "signature": _signature(oracle, VARIABLE)}, items, context)
    todo = kept.todo
    scored: Mask = np.array([bool(item.references) for item in todo], dtype=np.bool_)
    places: dict[Pair, int] = {}
    where = [places.setdefault((item.hypothesis, item.references), len(places)) for item in todo if item.references]
    rows = np.zeros((len(todo), width))
    rows[scored] = extract(oracle, list(places), width, context, compiled)[where]
    part = kept.join(Part(rows, scored))
    counts = {len(item.references) for item in items if item.references} or {0}
    signature = _signature(oracle, counts.pop() if len(counts) == 1 else VARIABLE)
    return StatTable(MetricIdentity(name, signature, higher_is_better, needs_reference=True), part.rows, part.scored)


def _signature(oracle: Any, references: int) -> str:
    oracle.num_refs = references
    return str(oracle.get_signature())
