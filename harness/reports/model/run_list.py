"""The page that lists runs: when, what, which systems, and the verdict of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from harness.analysis import Analysis
from harness.reports.html import render_template
from harness.reports.model.page import build_view
from harness.reports.words.text import visible


@dataclass(frozen=True, slots=True)
class ListedPair:
    """One pair of a run."""

    name: str
    systems: tuple[str, ...]
    """As shown, best first."""
    verdict: str


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A line of the list."""

    id: str
    """The name of its folder."""
    created: str
    status: str
    pairs: tuple[ListedPair, ...]
    name: str = ""
    """What it is called beside its id; empty where it has no name."""

    @property
    def link(self) -> str:
        """Where its report is, seen from the list: an address from the root would lose the token."""
        return f"runs/{quote(self.id, safe='')}/report.html"


@dataclass(frozen=True, slots=True)
class UnreadableRun:
    """A run that is there and cannot be read."""

    id: str
    why: str


def list_entry(analysis: Analysis, name: str) -> ListedRun:
    """The line of a run; its texts are visible and not yet escaped.

    Args:
        analysis: of the run.
        name: of its folder.
    """
    run = analysis.run
    pairs = tuple(ListedPair(pair.pair, pair.systems, pair.leaderboard.summary) for pair in build_view(analysis).pairs)
    return ListedRun(name, visible(run.created), run.status, pairs, visible(run.name))


def render_list(entries: Sequence[ListedRun | UnreadableRun]) -> bytes:
    """The whole page as UTF-8, in the order given."""
    rows = [(entry, isinstance(entry, ListedRun)) for entry in entries]
    return render_template("runs.html.j2", rows=rows)
