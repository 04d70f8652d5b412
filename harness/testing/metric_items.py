"""What the contract of metrics is checked on: texts of two systems, in articles, and a cache in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from harness.metrics.interface import ALONE, Document, Place, ScoringItem
from harness.store.cache.keys import digest
from harness.types import ArticleId, JsonValue, Translated

GOOD, BAD = "good", "bad"

_REFERENCES = (
    "The ferry to the island leaves at half past seven in the morning.",
    "Nobody on the council could say what the new bridge would cost.",
    "She has repaired clocks in this street for more than thirty years.",
    "After the rain the path along the river was closed for two weeks.",
    "Please boil the water for at least one minute before you drink it.",
    "The museum will show the letters for the first time next spring.",
)

ITEMS: tuple[ScoringItem, ...] = tuple(
    ScoringItem(system, line, f"Satz Nummer {line}.", text, (reference,))
    for line, reference in enumerate(_REFERENCES, start=1)
    for system, text in (
        (GOOD, reference),
        (BAD, " ".join(reversed(_REFERENCES[line % len(_REFERENCES)].split()[:7])) + " xyzzy"),
    )
)
"""A system that writes what the reference has, and one that writes parts of other sentences backwards."""

ODD: tuple[ScoringItem, ...] = tuple(
    ScoringItem(GOOD, line, source, text, references)
    for line, (source, text, references) in enumerate(
        (
            ("Nichts.", "", ("Nothing.",)),
            ("Leer.", "   ", ("Empty.",)),
            ("Ohne Referenz.", "Without a reference.", ()),
            ("Zwei.", "Two of them.", ("Two.", "Two of them.")),
            ("قطة", "مرحبا بالعالم", ("مرحبا",)),
            ("猫", "猫在垫子上。", ("貓在墊子上。",)),
            ("Zeichen", "a\u0301\u200b\u202e🫖👍🏽 <b>&amp;", ("á 🫖",)),
        ),
        start=len(_REFERENCES) + 1,
    )
)
"""Texts on which metrics stumble: none may raise, and none may become NaN."""


class MemoryCache:
    """A cache in memory."""

    keeps = True

    def __init__(self) -> None:
        self._scores: dict[tuple[str, tuple[str, ...]], Mapping[str, float]] = {}
        self._derived: dict[str, bytes] = {}

    def get_scores(
        self, metric: Mapping[str, str], texts: Sequence[tuple[str, ...]]
    ) -> list[Mapping[str, float] | None]:
        """See :class:`harness.metrics.interface.ScoreCache`."""
        return [self._scores.get((digest(dict(metric)), text)) for text in texts]

    def put_scores(
        self, metric: Mapping[str, str], scores: Sequence[tuple[tuple[str, ...], Mapping[str, float]]]
    ) -> None:
        """See :class:`harness.metrics.interface.ScoreCache`."""
        self._scores |= {(digest(dict(metric)), text): values for text, values in scores}

    def get_derived(self, requests: Sequence[Mapping[str, JsonValue]]) -> list[bytes | None]:
        """See :class:`harness.metrics.interface.ScoreCache`."""
        return [self._derived.get(digest(dict(request))) for request in requests]

    def put_derived(self, results: Sequence[tuple[Mapping[str, JsonValue], bytes]]) -> None:
        """See :class:`harness.metrics.interface.ScoreCache`."""
        self._derived |= {digest(dict(request)): data for request, data in results}


ARTICLE_SEGMENTS = 4
"""Of the articles in which the items stand."""


def placed(items: Sequence[ScoringItem]) -> list[ScoringItem]:
    """The items in articles of a few segments; those that stand in one stay there."""
    articles: dict[tuple[str, int], list[ScoringItem]] = {}
    for item in sorted(items, key=lambda item: item.line):
        articles.setdefault((item.system, (item.line - 1) // ARTICLE_SEGMENTS), []).append(item)
    places = {
        (item.system, item.line): Place(_document(number, members), index)
        for (_, number), members in articles.items()
        for index, item in enumerate(members)
    }
    return [replace(item, place=places[item.system, item.line]) if item.place is ALONE else item for item in items]


def _document(number: int, items: Sequence[ScoringItem]) -> Document:
    return Document(
        ArticleId(f"article-{number + 1}"),
        tuple(item.source for item in items),
        tuple(item.references for item in items),
        tuple(Translated(item.hypothesis) for item in items),
    )
