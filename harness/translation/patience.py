"""How long to ask again, batch by batch, and when a service that answers nothing is left for this run.

A batch is asked for again after faults that pass, up to ``[limits] attempts``. "Too many requests" is no fault and
counts by time instead: the limits of most services start again every minute. And whatever happens, a system without one
usable answer for :data:`PATIENCE` seconds is left: what is missing is asked for by the next run.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from harness.errors import Garbled, RateLimited, Transient
from harness.translation.awake import CLOCK

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds between attempts: doubling from the first to the longest, with jitter."""

LONGEST_LIMITED = 15.0
"""The longest pause after "too many requests" from a service that does not say how long."""

PATIENCE = 120.0
"""Seconds without an answer after which a system is left. A limit per minute starts again twice in this time."""

BATCH_PATIENCE = 600.0
"""Seconds that one batch may be put off by limits while others get their answers."""

LONGEST_WAIT = 300.0
"""A service that asks to wait longer than this is left at once: its limit is a daily one, whatever it calls it."""

FRUITLESS = 10
"""Batches in a row that are refused for good, after which a system is left."""

MOST_GARBLED = 2
"""Times that a batch is asked for when what comes back cannot be read, and may have been billed."""

MOST_UNREADABLE = 3
"""Batches in a row with answers that cannot be read, after which a system is left."""

JITTER = 0.25


@dataclass(slots=True)
class Patience:
    """One system's, through all its batches and pairs."""

    over: str = ""
    """Why the system is left; empty while it is not."""
    refused: int = 0
    """Batches in a row that were refused for good."""
    unread: int = 0
    """Batches in a row whose answers could not be read."""
    _silent_since: float = -1.0
    """When the first attempt of those began that brought no answer since the last that did; negative: none."""
    _silent: int = 0

    def heard(self) -> None:
        """The service did its work, or said for good that it will not."""
        self._silent_since, self._silent = -1.0, 0

    def silent(self, began: float, why: str) -> None:
        """An attempt that began at ``began``, in time of ``CLOCK``, brought nothing.

        Pauses that follow do not count before they are over: a service that asks for two minutes gets them.
        """
        if self._silent_since < 0:
            self._silent_since = began
        self._silent += 1
        elapsed = CLOCK.now() - self._silent_since
        if self._silent > 1 and elapsed > PATIENCE:
            self._leave(f"no answer in {elapsed:.0f} s and {self._silent} attempts: {why}")

    def distrust(self, broken: str) -> None:
        """The service bills more than was set aside for a request: nothing more may be sent, not even again."""
        self._leave(
            f"{broken}: the reserve for --max-cost was too small, so nothing more is sent "
            "(hint: to accept any bill, leave out --max-cost)"
        )

    def fruitless(self, why: str) -> None:
        """A whole batch was refused for good."""
        self.refused += 1
        if self.refused >= FRUITLESS:
            self._leave(f"{self.refused} batches in a row were refused: {why}")

    def fruitful(self) -> None:
        """A batch brought something."""
        self.refused = self.unread = 0

    def unreadable(self, why: str) -> None:
        """The answers to a batch could not be read, and may have been billed."""
        self.unread += 1
        if self.unread >= MOST_UNREADABLE:
            self._leave(f"the answers to {self.unread} batches in a row cannot be read: {why}")

    def _leave(self, why: str) -> None:
        self.over = self.over or why  # the first reason is the one that counts


@dataclass(slots=True)
class Tries:
    """The attempts at one batch."""

    most: int
    """``[limits] attempts``."""
    made: int = 0
    failed: int = 0
    limited: int = 0
    garbled: int = 0
    _limited_since: float = -1.0

    def pause(self, error: Transient) -> float:
        """Seconds to wait before the next attempt; negative when this was the last."""
        self.made += 1
        if isinstance(error, Garbled):
            self.garbled += 1
        if error.retry_after > LONGEST_WAIT or self.garbled >= MOST_GARBLED:
            return -1.0
        if isinstance(error, RateLimited):
            self.limited += 1
            if self._limited_since < 0:
                self._limited_since = CLOCK.now()
            if CLOCK.now() - self._limited_since > BATCH_PATIENCE:
                return -1.0
            count, longest = self.limited, LONGEST_LIMITED
        else:
            self.failed += 1
            if self.failed >= self.most:
                return -1.0
            count, longest = self.failed, LONGEST_PAUSE
        usual = min(longest, FIRST_PAUSE * 2.0 ** min(count - 1, 30)) * random.uniform(1.0, 1.0 + JITTER)  # noqa: S311
        # "Retry-After: 0", or a date that has passed, must not turn the back-off into a hammering; nor must a service
        # that asks for one second again and again.
        return max(error.retry_after, usual) if error.retry_after < FIRST_PAUSE or count > 2 else error.retry_after
