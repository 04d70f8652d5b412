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
import numpy.typing as npt

from harness.metrics.interface import Mask, MetricContext, Rows, ScoringItem, StatTable
from harness.metrics.stored import Kept, Part
from harness.metrics.strings.kernels import Count, Portion
from harness.metrics.strings.late import Late
from harness.types import JsonValue, MetricIdentity, Traits
from harness.workspace.kernels import Absent

CHUNK = 256
"""Hypotheses between two reports of progress; TER needs about 10 s for as many."""

COMPILED_CHUNK = 16_384
"""The same with compiled kernels, where TER needs about a second and the texts of a portion a few megabytes."""

COUNTING = 1
"""Version of how rows are counted here and in the kernels: part of the key of kept rows.

Raise it with any change that can move a row, such as the repair of a kernel; else caches go on giving the old rows.
"""

VARIABLE = -1
"""sacrebleu's number of references where segments differ in it."""

References = tuple[str, ...]

Pair = tuple[str, References]


def extract(oracle: Any, pairs: Sequence[Pair], width: int, compiled: Count | Absent) -> Rows:
    """Compute sacrebleu's statistics of (hypothesis, references) pairs; each distinct reference set is read once.

    sacrebleu's n-grams of all pairs are in memory at once and take a hundred times the room of the text.

    Args:
        oracle: a ``BLEU``, ``CHRF`` or ``TER`` object of sacrebleu.
        pairs: n pairs; every pair has at least one reference, and their numbers may differ.
        width: columns of the oracle's statistics.
        compiled: the kernel for this oracle; what it leaves, the oracle computes.

    Returns:
        (n, width) float64, equal to the lists sacrebleu adds up.
    """
    rows = np.zeros((len(pairs), width))
    if not pairs:
        return rows
    places: dict[References, list[int]] = {}
    for row, (_, references) in enumerate(pairs):
        places.setdefault(references, []).append(row)
    rows_of_count = [row for found in places.values() for row in found]
    set_of = np.repeat(np.arange(len(places)), [len(found) for found in places.values()])
    portion = Portion([pairs[row][0] for row in rows_of_count], list(places), set_of)
    rows[rows_of_count] = (
        _by_oracle(oracle, portion) if isinstance(compiled, Absent) else _by(compiled, oracle, portion)
    )
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
    oracle = oracle.made if isinstance(oracle, Late) else oracle
    analysed = oracle._cache_references(_streams(portion.references))
    oracle._ref_cache = [analysed[place] for place in portion.set_of]
    rows = np.array(oracle._extract_corpus_statistics(portion.hypotheses, None), dtype=np.float64)
    oracle._ref_cache = None
    return rows


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
    traits: Traits,
) -> StatTable:
    """Make the table of ``items``: equal outputs for a segment once, items without references unscored."""
    # The signature names the versions of sacrebleu and of the tokenizer; the number of references is in the texts.
    key = {**settings, "metric": name, "counting": COUNTING, "signature": _signature(oracle, VARIABLE)}
    kept = Kept(key, items, context)
    todo = kept.todo
    scored: Mask = np.fromiter((bool(item.references) for item in todo), dtype=np.bool_, count=len(todo))
    rows = np.zeros((len(todo), width))
    done = 0
    for portion in _portions(todo, scored, CHUNK if isinstance(compiled, Absent) else COMPILED_CHUNK):
        places: dict[Pair, int] = {}
        pairs = ((todo[row].hypothesis, todo[row].references) for row in portion)
        where = [places.setdefault(pair, len(places)) for pair in pairs]
        rows[portion] = extract(oracle, list(places), width, compiled)[where]
        done += len(portion)
        context.progress(done, int(scored.sum()))
    part = kept.join(Part(rows, scored))
    counts = {len(item.references) for item in items if item.references} or {0}
    signature = _signature(oracle, counts.pop() if len(counts) == 1 else VARIABLE)
    identity = MetricIdentity(name, signature, higher_is_better, needs_reference=True, traits=traits)
    return StatTable(identity, part.rows, part.scored)


def _portions(items: Sequence[ScoringItem], scored: Mask, size: int) -> Iterator[npt.NDArray[np.intp]]:
    """Rows of the scored items in portions of about ``size``; all systems' outputs for a segment come together.

    So a reference is analysed once for all systems, and no more than one portion is in memory in any other form.
    """
    rows = np.flatnonzero(scored)
    lines = np.fromiter((items[row].line for row in rows), dtype=np.int64, count=len(rows))
    order = np.argsort(lines, kind="stable")
    rows, lines = rows[order], lines[order]
    start = 0
    while start < len(rows):
        end = int(np.searchsorted(lines, lines[min(start + size, len(rows)) - 1], side="right"))
        yield rows[start:end]
        start = end


def _signature(oracle: Any, references: int) -> str:
    if isinstance(oracle, Late):
        return oracle.signature("var" if references == VARIABLE else str(references))
    oracle.num_refs = references
    return str(oracle.get_signature())
