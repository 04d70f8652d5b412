"""What an exporter is: a pure function from the chosen part of a run to the files of one tool.

Everything an engine said is untrusted and is escaped for the format. What cannot be handed over is left out by the rule
that the exporter states, and counted in a note; nothing is made up in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from harness.store.runs.result import PairResult, SystemResult
from harness.types import Missing, Note, SegmentId, SystemName, Translated


@dataclass(frozen=True, slots=True)
class OriginalLine:
    """Where a segment stood in the file it was imported from."""

    file: str
    line: int
    """1-based."""


@dataclass(frozen=True, slots=True)
class DamagedCopy:
    """An attention check: a translation with something else in its middle, shown beside the original."""

    text: str
    of: SystemName


@dataclass(frozen=True, slots=True)
class Handoff:
    """What is handed over: one pair of a run, cut down to the chosen systems and segments."""

    run: str
    """The id of the run."""
    created: str
    """Of the run, ISO 8601."""
    result: PairResult
    """The chosen systems on the chosen segments, scored on these alone; segments keep their numbers."""
    best: SystemName | Missing
    """The first of the standing among the chosen systems, or why there is none."""
    choice: str
    """How the segments were chosen: ``all``, ``slice domain=news``, ``sample, n 100, seed 1``."""
    seed: int
    """Of everything random in the files, such as the order in which systems are shown."""
    originals: Mapping[SegmentId, OriginalLine] = field(default_factory=dict)
    """Of the segments whose place in the imported file is known."""
    checks: Mapping[SegmentId, DamagedCopy] = field(default_factory=dict)
    """Segments that are shown with an attention check, in formats for raters that can read it back."""

    def text(self, system: SystemResult, row: int) -> str | None:
        """What a system answered in a row of the corpus; None where it did not answer."""
        outcome = system.outcomes[row]
        return outcome.text if isinstance(outcome, Translated) else None


@dataclass(frozen=True, slots=True)
class Exported:
    """The files of a hand-off."""

    files: Mapping[str, bytes]
    """Of a folder, by their path in it, with ``/``. Of a single file, that one under an empty name; files that belong
    beside it under what replaces its suffix: ``.key.json``."""
    notes: tuple[Note, ...] = ()
    """What was left out or changed, and why."""


class Exporter(Protocol):
    """One format. An entry point in ``harness.exporters`` names a class that is made without arguments."""

    extension: str
    """File name extension without the dot; empty where the tool reads a folder."""

    def export(self, handoff: Handoff) -> Exported:
        """All files.

        The same hand-off gives the same bytes, on any day and in any folder, and the run stays as it is. A run may lack
        anything: scores, answers, references, even systems.

        Raises:
            UsageError: the format cannot hold this run, or a package that it needs is not installed.
        """
