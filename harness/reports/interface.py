"""What a report is: a pure function from a run to the bytes of one file.

Every format shows the same numbers, because every format reads the same :class:`~harness.store.runs.result.Run`.
Scores are rounded here and nowhere else. Everything an engine said is untrusted and is escaped for the format.
"""

from __future__ import annotations

from typing import Protocol

from harness.store.runs.result import Run


class Report(Protocol):
    """One output format."""

    extension: str
    """File name extension without the dot."""

    def render(self, run: Run) -> bytes:
        """The whole file, UTF-8 where the format is text."""
