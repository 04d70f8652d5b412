"""How much of a test set is in other data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.types.reason import Missing


@dataclass(frozen=True, slots=True)
class Overlap:
    """Texts of one pair that are also in a file, of those long enough to tell."""

    sources: int
    of_sources: int
    references: int
    of_references: int

    @property
    def share(self) -> float:
        """Of the side that has more of its texts there, 0 to 1; 0 where no text is long enough."""
        sides = ((self.sources, self.of_sources), (self.references, self.of_references))
        return max((count / of for count, of in sides if of), default=0.0)


Overlaps = Mapping[str, Overlap | Missing]
"""By file as its setting names it, or why that is not known."""
