"""Batches through the encoder, in order: by several threads on a CPU, back to back on a graphics card."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from math import ceil
from pathlib import Path

import torch
from torch import Tensor

from harness.errors import MetricUnavailable
from harness.metrics.comet.cards import ON_THE_CPU
from harness.metrics.comet.packed.batching import batches
from harness.metrics.comet.packed.passages import Passage
from harness.workspace.operating_system import CONTROL_GROUPS

LEAST = 128
"""Tokens of a batch below which its products are slower."""

BATCHES_EACH = 4
"""Batches that each of several threads has at least, where there are enough texts."""

Encode = Callable[[Sequence[Passage]], Tensor]
"""Passages, (n), to their rows, (n, width)."""

Encoded = tuple[list[Passage], Tensor]
"""A batch and its rows on the CPU."""


def plan(passages: Sequence[Passage], sizes: Mapping[Passage, int], budget: int) -> list[list[Passage]]:
    """Passages in batches of at most ``budget`` tokens, the longest first; ``sizes`` are the tokens of each."""
    lengths = [sizes[passage] for passage in passages]
    return [[passages[number] for number in batch] for batch in batches(lengths, budget)]


def on_threads(planned: Sequence[list[Passage]], encode: Encode, threads: int) -> Iterator[Encoded]:
    """Encode on the CPU; each thread has a batch of its own, and one waits for it."""
    if threads == 1:
        yield from ((batch, encode(batch)) for batch in planned)
        return
    pool = ThreadPoolExecutor(threads, "harness-comet", torch.set_num_threads, (1,))
    try:
        under_way: list[tuple[list[Passage], Future[Tensor]]] = []
        for batch in planned:
            under_way.append((batch, pool.submit(encode, batch)))
            if len(under_way) > 2 * threads:
                first, future = under_way.pop(0)
                yield first, future.result()
        for batch, future in under_way:
            yield batch, future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def permitted(threads: int, control_group: Path = CONTROL_GROUPS) -> int:
    """How many of ``threads`` the processor time of this process is enough for: a container may have less than it sees.

    Args:
        threads: that torch would use: one for each core, or ``OMP_NUM_THREADS``.
        control_group: the folder where Linux says so (version 2); elsewhere it does not exist.
    """
    try:
        quota, period = (control_group / "cpu.max").read_text(encoding="ascii").split()
        return min(threads, max(1, ceil(int(quota) / int(period))))
    except (OSError, ValueError):
        return threads  # none is set, or "max"


def spread_budget(tokens: int, threads: int, most: int) -> int:
    """Tokens of a batch, at most ``most``, so that all threads end at about one time.

    Args:
        tokens: of all passages.
        threads: that take batches.
        most: beyond it, a batch is no faster.
    """
    return most if threads == 1 else min(most, max(LEAST, tokens // (BATCHES_EACH * threads)))


class CardQueue:
    """Batches on a graphics card: the next is under way before the last is fetched, so that the card never waits.

    Where memory runs out, batches become half as large, for as long as the queue lives: a batch changes no score by
    more than rounding.
    """

    def __init__(self, encode: Encode, budget: int) -> None:
        self._encode = encode
        self.budget = budget
        """Tokens of a batch."""

    def encoded(self, passages: Sequence[Passage], sizes: Mapping[Passage, int]) -> Iterator[Encoded]:
        """Encode passages; ``sizes`` are the tokens of each.

        Raises:
            MetricUnavailable: the card has no room for a single passage.
        """
        waiting = deque(plan(passages, sizes, self.budget))
        under_way: deque[tuple[list[Passage], _Copy]] = deque()
        while waiting:
            copy = self._try(waiting[0])
            if copy is None:
                self._shrink(waiting[0], sizes)
                waiting = deque(plan([passage for batch in waiting for passage in batch], sizes, self.budget))
                continue
            under_way.append((waiting.popleft(), copy))
            if len(under_way) > 1:
                batch, ready = under_way.popleft()
                yield batch, ready.fetch()
        for batch, ready in under_way:
            yield batch, ready.fetch()

    def _try(self, batch: Sequence[Passage]) -> _Copy | None:
        """None where memory runs out; the exception, which holds on to tensors, is gone by then."""
        try:
            return _Copy(self._encode(batch))
        except torch.cuda.OutOfMemoryError:
            return None

    def _shrink(self, batch: Sequence[Passage], sizes: Mapping[Passage, int]) -> None:
        tokens = sum(sizes[passage] for passage in batch)
        if len(batch) == 1:
            raise MetricUnavailable(
                f"the graphics card has too little free memory for a text of {tokens} tokens",
                fix=f"stop other programs that use it (see nvidia-smi), or {ON_THE_CPU}",
            )
        self.budget = tokens // 2
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


class _Copy:
    """Rows on their way from the card, behind their own batch and before the next."""

    def __init__(self, vectors: Tensor) -> None:
        self._event: torch.cuda.Event | None = None
        self._vectors = vectors
        if vectors.is_cuda:
            self._vectors = torch.empty(vectors.shape, dtype=vectors.dtype, pin_memory=True)
            self._vectors.copy_(vectors, non_blocking=True)
            self._event = torch.cuda.Event()
            self._event.record()

    def fetch(self) -> Tensor:
        """On the CPU, and not in pinned memory, of which there is little."""
        if self._event is None:
            return self._vectors
        self._event.synchronize()
        return self._vectors.clone()
