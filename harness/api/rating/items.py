"""What the page shows of each segment, and the key to it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

from harness.errors import UsageError
from harness.reports.exporters.interface import DamagedCopy
from harness.store.runs.result import PairResult, article_rows
from harness.types import ArticleId, JsonValue, SegmentId, Translated

MOST_TEXTS = 26
"""Letters that stand for them."""


def page_items(
    result: PairResult, order: Sequence[ArticleId], checks: Mapping[SegmentId, DamagedCopy], seed: int
) -> Iterator[dict[str, JsonValue]]:
    """The segments of the articles in this order, each with its texts under letters that are drawn anew.

    A text that several systems have is shown once, and its key names all of them. A segment that nobody translated is
    left out.

    Raises:
        UsageError: there are more texts than letters.
    """
    draw = random.Random(seed)  # noqa: S311 - an order, no secret
    rows = article_rows(result.corpus)
    titles = {article.id: article.meta.get("title", article.id) for article in result.corpus.articles}
    for article in order:
        for row in range(rows[article].start, rows[article].stop):
            segment = result.corpus.segments[row]
            by_text: dict[str, list[JsonValue]] = {}
            for system in result.systems:
                outcome = system.outcomes[row]
                if isinstance(outcome, Translated):
                    by_text.setdefault(outcome.text, []).append(system.name)
            if not by_text:
                continue
            check = checks.get(segment.id)
            texts = [*by_text, *([check.text] if check else [])]
            if len(texts) > MOST_TEXTS:
                raise UsageError(
                    f"{len(texts)} texts; there are letters for {MOST_TEXTS}",
                    hint="choose some with --system",
                )
            letters = {text: chr(ord("A") + index) for index, text in enumerate(draw.sample(texts, len(texts)))}
            item: dict[str, JsonValue] = {
                "id": str(segment.id),
                "title": titles[article],
                "before": result.corpus.segments[row - 1].source if row > rows[article].start else "",
                "source": segment.source,
                "after": result.corpus.segments[row + 1].source if row + 1 < rows[article].stop else "",
                "texts": {letter: text for text, letter in sorted(letters.items(), key=lambda pair: pair[1])},
                "key": {letters[text]: names for text, names in by_text.items()},
            }
            if check:
                original = next(text for text, names in by_text.items() if check.of in names)
                item["check"] = {"letter": letters[check.text], "of": letters[original]}
            yield item
