"""``review``: a text file for one reader, each source with what every system made of it."""

from __future__ import annotations

from harness.reports.exporters.interface import Exported, Handoff
from harness.reports.exporters.texts import one_line
from harness.types import Note


class ReviewExporter:
    """One block for each segment; a system without an answer is left out of it."""

    extension = "txt"  # of the one file; an empty one means a folder

    def export(self, handoff: Handoff) -> Exported:
        """The file, and how many answers are missing. Texts come from elsewhere: none may begin a line of its own."""
        blocks, missing = [], 0
        for row, segment in enumerate(handoff.result.corpus.segments):
            lines = [f"{segment.id}\t{one_line(segment.source)}"]
            for system in handoff.result.systems:
                text = handoff.text(system, row)
                missing += text is None
                lines += [] if text is None else [f"{one_line(system.name)}\t{one_line(text)}"]
            blocks.append("\n".join(lines))
        notes = (Note("review", f"missing outputs, left out: {missing}"),) if missing else ()
        return Exported({"": "\n\n".join([*blocks, ""]).encode()}, notes)
