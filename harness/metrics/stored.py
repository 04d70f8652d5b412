"""Statistics from earlier runs, by system: what was computed once from the same texts is not computed again.

One record holds the rows of one system under one metric. That is coarse on purpose: reading thousands of rows one by
one takes as long as counting their n-grams, and outputs change all at once, with a new version of an engine.
"""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any

import numpy as np

from harness.metrics.interface import ErrorSpan, Mask, MetricContext, Rows, ScoringItem
from harness.types import JsonValue

LEVEL = 1
"""Of zlib: rows are small numbers, and more effort saves little."""


MOST_BYTES = 2**30
"""Of one record, unpacked."""


@dataclass(frozen=True, slots=True)
class Part:
    """The statistics of some items; see :class:`harness.metrics.interface.StatTable`."""

    rows: Rows
    scored: Mask
    marks: Mapping[str, Mask] = field(default_factory=dict)
    spans: Mapping[int, tuple[ErrorSpan, ...]] = field(default_factory=dict)
    justifications: Mapping[int, str] = field(default_factory=dict)


class Kept:
    """What is known of the rows of ``items``, and which are to be computed."""

    def __init__(self, key: Mapping[str, JsonValue], items: Sequence[ScoringItem], context: MetricContext) -> None:
        """Look.

        Args:
            key: all that the rows depend on besides the texts.
            items: to score; those of one system follow one another.
            context: the cache, and the digests of the texts.
        """
        self._cache = context.cache
        # Where nothing is kept, all items are one group, of no system.
        groups = groupby(items, key=lambda item: item.system) if context.texts else [("", iter(items))]
        self._groups = [(system, list(group)) for system, group in groups]
        self._requests: list[dict[str, JsonValue] | None] = [
            {"statistics": dict(key), "texts": context.texts[system]} if system in context.texts else None
            for system, _ in self._groups
        ]
        asked = [request for request in self._requests if request is not None]
        derived = iter(self._cache.get_derived(asked) if asked else [])
        self._known = [
            None if request is None or (data := next(derived)) is None else _read(data, len(group))
            for request, (_, group) in zip(self._requests, self._groups, strict=True)
        ]

    @property
    def todo(self) -> list[ScoringItem]:
        """The items that are to be computed, in order."""
        pairs = zip(self._groups, self._known, strict=True)
        return [item for (_, group), known in pairs if known is None for item in group]

    def join(self, computed: Part) -> Part:
        """Keep what was computed for :attr:`todo`, and put it between what was known."""
        parts: list[Part] = []
        new: list[tuple[Mapping[str, JsonValue], bytes]] = []
        start = 0
        for (_, group), request, known in zip(self._groups, self._requests, self._known, strict=True):
            if known is not None:
                parts.append(known)
                continue
            part = _cut(computed, start, start + len(group))
            start += len(group)
            parts.append(part)
            if request is not None:
                new.append((request, encode(part)))
        if new:
            self._cache.put_derived(new)
        return computed if not any(self._known) else _joined(parts)


def _cut(part: Part, start: int, stop: int) -> Part:
    return Part(
        part.rows[start:stop],
        part.scored[start:stop],
        {name: mask[start:stop] for name, mask in part.marks.items()},
        {row - start: spans for row, spans in part.spans.items() if start <= row < stop},
        {row - start: why for row, why in part.justifications.items() if start <= row < stop},
    )


def _joined(parts: Sequence[Part]) -> Part:
    spans: dict[int, tuple[ErrorSpan, ...]] = {}
    whys: dict[int, str] = {}
    start = 0
    for part in parts:
        spans |= {start + row: found for row, found in part.spans.items()}
        whys |= {start + row: why for row, why in part.justifications.items()}
        start += len(part.rows)
    names = dict.fromkeys(name for part in parts for name in part.marks)
    nothing = [np.zeros(len(part.rows), dtype=np.bool_) for part in parts]
    return Part(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.scored for part in parts]),
        {
            name: np.concatenate([part.marks.get(name, none) for part, none in zip(parts, nothing, strict=True)])
            for name in names
        },
        spans,
        whys,
    )


def encode(part: Part) -> bytes:
    """As bytes; rows of whole numbers take the room that the largest needs."""
    head = {
        "marks": list(part.marks),
        "spans": {str(row): [asdict(span) for span in spans] for row, spans in part.spans.items()},
        "justifications": {str(row): why for row, why in part.justifications.items()},
    }
    stream = io.BytesIO()
    for array in (
        np.frombuffer(json.dumps(head).encode("utf-8"), dtype=np.uint8),
        _small(part.rows),
        np.packbits(np.array([part.scored, *part.marks.values()], dtype=np.bool_), axis=1),
    ):
        np.save(stream, array, allow_pickle=False)
    return zlib.compress(stream.getvalue(), LEVEL)


def _read(data: bytes, count: int) -> Part | None:
    """The statistics of ``count`` items; None where it is something else, which another cache may have brought."""
    try:
        part = decode(data)
    except (ValueError, LookupError, TypeError, EOFError, OSError, MemoryError, RecursionError, zlib.error):
        return None
    masks = (part.scored, *part.marks.values())
    fits = part.rows.ndim == 2 and len(part.rows) == count and all(mask.shape == (count,) for mask in masks)
    inside = all(0 <= row < count for row in (*part.spans, *part.justifications))
    return part if fits and inside else None


def decode(data: bytes) -> Part:
    """What :func:`encode` made."""
    unpack = zlib.decompressobj()
    stream = io.BytesIO(unpack.decompress(data, MOST_BYTES))
    head, rows, masks = (np.load(stream, allow_pickle=False) for _ in range(3))
    facts: dict[str, Any] = json.loads(head.tobytes())
    scored, *marks = np.unpackbits(masks, axis=1, count=len(rows)).astype(np.bool_)
    return Part(
        rows.astype(np.float64),
        scored,
        dict(zip(facts["marks"], marks, strict=True)),
        {int(row): tuple(ErrorSpan(**span) for span in spans) for row, spans in facts["spans"].items()},
        {int(row): str(why) for row, why in facts.get("justifications", {}).items()},
    )


def _small(rows: Rows) -> np.typing.NDArray[Any]:
    """The rows in the smallest type that holds them exactly."""
    most = float(np.abs(rows).max(initial=0.0))
    if not np.isfinite(most) or most >= 2.0**31 or (rows < 0).any() or (rows != np.rint(rows)).any():
        return rows
    return rows.astype(np.min_scalar_type(int(most)))
