"""Which passages go through the encoder together, and when the samples made of them can be scored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.metrics.comet.estimate import Texts
from harness.metrics.comet.packed.passages import Passage


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Positions of passages that go together, the longest first, at most ``budget`` tokens in a batch.

    Args:
        lengths: tokens of each passage.
        budget: tokens of a batch; a longer passage goes alone.
    """
    batch: list[int] = []
    tokens = 0
    for position in sorted(range(len(lengths)), key=lambda position: -lengths[position]):
        if batch and tokens + lengths[position] > budget:
            yield batch
            batch, tokens = [], 0
        batch.append(position)
        tokens += lengths[position]
    if batch:
        yield batch


def windows(samples: Sequence[Texts], size: int) -> Iterator[list[Texts]]:
    """Samples in portions of about ``size``; those with one source stay together, so that it is encoded once.

    The order within the sources is that in which they first come.
    """
    by_source: dict[str, list[Texts]] = {}
    for sample in samples:
        by_source.setdefault(sample[0], []).append(sample)
    window: list[Texts] = []
    for group in by_source.values():
        if window and len(window) + len(group) > size:
            yield window
            window = []
        window += group
    if window:
        yield window


class Waiting:
    """Samples that wait for their passages to be encoded."""

    def __init__(self, samples: Sequence[Sequence[Passage]]) -> None:
        """Take the passages of each sample."""
        self._missing = [len(set(sample)) for sample in samples]
        self._users: dict[Passage, list[int]] = {}
        for number, sample in enumerate(samples):
            for passage in set(sample):
                self._users.setdefault(passage, []).append(number)
        self._needed = {passage: len(users) for passage, users in self._users.items()}

    @property
    def passages(self) -> list[Passage]:
        """Every distinct passage, in the order in which they first come."""
        return list(self._users)

    def arrived(self, passage: Passage) -> list[int]:
        """Samples that have all they need now that ``passage`` is encoded."""
        ready = []
        for number in self._users[passage]:
            self._missing[number] -= 1
            if not self._missing[number]:
                ready.append(number)
        return ready

    def scored(self, sample: Sequence[Passage]) -> list[Passage]:
        """Passages that no sample needs any more, once the one with these is scored."""
        free = []
        for passage in set(sample):
            self._needed[passage] -= 1
            if not self._needed[passage]:
                free.append(passage)
        return free
