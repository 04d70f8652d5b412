"""What a report is: a pure function from an analysis to the bytes of one file.

Every format shows the same numbers, because every format reads the same :class:`~harness.analysis.Analysis`: a report
computes nothing that it claims. Scores are rounded here and nowhere else. Everything an engine said is untrusted and
is escaped for the format.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from harness.analysis import Analysis


class Report(Protocol):
    """One output format. An entry point in ``harness.reports`` names a class that is made without arguments."""

    extension: str
    """File name extension without the dot."""
    binary: bool
    """False: the file is text in UTF-8 without a byte order mark. True: it is not, and no terminal may show it."""
    spoken: bool
    """True: people read it, in the words of ``harness.reports.words.messages``, which may be of another language.
    False: programs read it, and it is in English whatever the language of the words."""

    def render(self, analysis: Analysis) -> bytes:
        """The whole file.

        The same run gives the same bytes, on any day and in any folder, and the run stays as it is. A run may lack
        anything: scores, answers, references, systems, even articles.

        Args:
            analysis: the run, as ``analysis.run``, and what it shows, pair by pair, as ``analysis.pairs``.

        Raises:
            UsageError: a package that the format needs is not installed, or the format cannot hold this run.
        """


@runtime_checkable
class NeedsPackages(Protocol):
    """A format that not every installation can write; others have no such method."""

    def check_packages(self) -> None:
        """Return if the packages that it needs are installed; asked before anything is computed.

        Raises:
            UsageError: one is missing; the hint is the line that installs it.
        """
