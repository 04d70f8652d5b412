"""What rows say of their article: data of the article where they agree, otherwise of the segments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from harness.corpus.importers.rows import Row
from harness.types import Note

_SHOWN = 5


def with_metadata(rows: Sequence[Row], notes: list[Note], heading: str) -> Iterator[Row]:
    """Rows in which what differs within an article is data of its segments, and not of the article.

    Args:
        rows: Of all articles.
        notes: Grows by what became data of the segments, and of which articles.
        heading: What the notes are about.
    """
    values: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        for key, value in row.meta.items():
            values.setdefault((row.article, key), set()).add(value)
    loose: dict[tuple[str, str], str] = {}
    for (article, key), cells in values.items():
        if len(cells) > 1:
            loose[article, key] = "it differs within"
        elif key == "date" and not all(map(_is_date, cells)):
            loose[article, key] = "not a date in"
    for key, reason in sorted({(key, reason) for (_, key), reason in loose.items()}):
        articles = [f"'{article}'" for (article, other), why in loose.items() if (other, why) == (key, reason)]
        shown = ", ".join(articles[:_SHOWN]) + (", ..." if len(articles) > _SHOWN else "")
        notes.append(Note(heading, f"'{key}' is kept as data of the segments: {reason} {shown}"))
    for row in rows:
        moved = {key: value for key, value in row.meta.items() if (row.article, key) in loose}
        rest = {key: value for key, value in row.meta.items() if key not in moved}
        yield replace(row, meta=rest, segment={**row.segment, **moved}) if moved else row


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
