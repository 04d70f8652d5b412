"""Which segments are judged when not all are, and what each of them stands for.

Of every article the same share of segments is drawn, at least one, and the same for all systems. Each judged segment
counts for as many as were drawn from: the corpus score estimates that of all segments, and an article weighs what it
did. The article stays the unit of the statistics, so intervals and tests contain what the sample adds to the spread
between articles; nothing is multiplied.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence

from harness.metrics.interface import ScoringItem

Weights = Mapping[int, float]
"""Line of a judged segment to the number of segments it stands for."""


def draw(items: Sequence[ScoringItem], share: float, seed: int) -> Weights:
    """Draw a sample.

    Args:
        items: what could be judged.
        share: of the segments of every article, above 0 and at most 1.
        seed: another one draws other segments.
    """
    articles: dict[str, dict[int, str]] = {}
    for item in items:
        articles.setdefault(item.place.document.article, {})[item.line] = item.source
    weights: dict[int, float] = {}
    for article, sources in articles.items():
        count = math.ceil(share * len(sources))
        ranked = sorted(sources, key=lambda line: _rank(seed, article, line, sources[line]))
        weights |= dict.fromkeys(ranked[:count], len(sources) / count)
    return weights


def _rank(seed: int, article: str, line: int, source: str) -> bytes:
    """A place in a random order that depends on the segment alone, so that more articles change nothing in the others.

    The position within the corpus only tells repeated segments of an article apart.
    """
    text = f"{seed}\0{article}\0{source}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=16).digest() + line.to_bytes(8, "big")
