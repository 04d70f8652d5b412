"""Which texts go through the encoder together, and when the samples made of them can be scored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.metrics.comet.estimate import Texts


def batches(lengths: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Positions of texts that go together, the longest first, at most ``budget`` tokens in a batch.

    Args:
        lengths: tokens of each text.
        budget: tokens of a batch; a longer text goes alone.
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
    """Samples that wait for the vectors of their texts."""

    def __init__(self, samples: Sequence[Texts]) -> None:
        self._missing = [len(set(sample)) for sample in samples]
        self._users: dict[str, list[int]] = {}
        for number, sample in enumerate(samples):
            for text in set(sample):
                self._users.setdefault(text, []).append(number)
        self._needed = {text: len(users) for text, users in self._users.items()}

    @property
    def texts(self) -> list[str]:
        """Every distinct text, in the order in which they first come."""
        return list(self._users)

    def arrived(self, text: str) -> list[int]:
        """Samples that have all they need now that ``text`` is encoded."""
        ready = []
        for number in self._users[text]:
            self._missing[number] -= 1
            if not self._missing[number]:
                ready.append(number)
        return ready

    def scored(self, sample: Texts) -> list[str]:
        """Texts that no sample needs any more, once ``sample`` is scored."""
        free = []
        for text in set(sample):
            self._needed[text] -= 1
            if not self._needed[text]:
                free.append(text)
        return free
