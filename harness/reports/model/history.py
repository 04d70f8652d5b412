"""Several runs side by side, as every format shows them: what comes from outside is visible, and not escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.analysis.several.history import History, Track
from harness.reports.words.text import visible


@dataclass(frozen=True, slots=True)
class HistoryView:
    """Runs in the order in which they were given."""

    runs: tuple[tuple[str, str], ...]
    """Id and date of each; visible."""
    tracks: tuple[Track, ...]
    """By pair, metric and system, in the last run's order."""
    notes: tuple[str, ...]
    names: tuple[str, ...]
    """Of each run; empty where it has none. Visible."""

    @property
    def titles(self) -> tuple[str, ...]:
        """What people call each run: its name, else its id."""
        return tuple(name or run for name, (run, _) in zip(self.names, self.runs, strict=True))

    def groups(self) -> dict[tuple[str, str], list[Track]]:
        """The tracks of each pair and metric."""
        tracks: dict[tuple[str, str], list[Track]] = {}
        for track in self.tracks:
            tracks.setdefault((track.pair, track.metric), []).append(track)
        return tracks


def build_history(history: History, notes: Sequence[str] = ()) -> HistoryView:
    """Lay out what several runs show.

    Args:
        history: of the runs.
        notes: what the reader is to know, such as runs left out.
    """
    return HistoryView(
        tuple((visible(run.id), visible(run.created)) for run in history.runs),
        tuple(replace(track, label=visible(track.label)) for track in history.tracks),
        tuple(map(visible, notes)),
        tuple(visible(run.name) for run in history.runs),
    )
