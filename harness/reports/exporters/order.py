"""In which order rows are handed over, and names as parts of file names."""

from __future__ import annotations

from itertools import groupby

from harness.errors import UsageError
from harness.reports.exporters.interface import Handoff
from harness.types import Note


def original_order(handoff: Handoff, format_name: str, *, whole_articles: bool = False) -> tuple[list[int], list[Note]]:
    """Rows of the corpus in the order of the imported file; article by article where that is not known.

    Args:
        handoff: what is handed over.
        format_name: what a note is headed by.
        whole_articles: whether the lines of an article must be together, which those of the file may not be.
    """
    segments = handoff.result.corpus.segments
    rows = list(range(len(segments)))
    known = [handoff.originals.get(segment.id) for segment in segments]
    if not any(known):
        return rows, []
    if not all(known):
        return rows, [
            Note(format_name, "the original line of some segments is unknown; lines are in the order of the articles")
        ]
    places = [(place.file, place.line) for place in known if place is not None]
    ordered = sorted(rows, key=places.__getitem__)
    articles = [article for article, _ in groupby(segments[row].id.article for row in ordered)]
    if whole_articles and len(articles) != len(set(articles)):
        return rows, [Note(format_name, "the imported file mixed its articles; lines are in the order of the articles")]
    return ordered, []


def file_stem(name: str) -> str:
    """The name of a system or a metric as a part of a file name.

    Raises:
        UsageError: it has a character that no file name may have, or begins with a dot.
    """
    if name.startswith(".") or any(character in '/\\:*?"<>|' or not character.isprintable() for character in name):
        raise UsageError(f"'{name}' cannot be the name of a file", hint="rename it, or choose others with --system")
    return name
