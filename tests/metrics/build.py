"""What the tests of the metrics share: contexts, items, a cache in memory, and readers of the real test sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.metrics.interface import MetricContext, ScoringItem
from harness.store.cache.keys import digest
from harness.types import JsonValue
from harness.workspace.languages import parse_pair

SENTENCES = (
    ("The cat sat on the mat.", ("The cat sat on a mat.", "A cat was sitting on the mat.")),
    ("It rains, it pours!", ("It's raining and pouring.", "It rains; it pours!")),
    ("Hello", ("Hello", "Hi")),
    ("", ("Nothing came back.", "No answer.")),
    ("Completely different words here", ("The budget was approved on 3.5 May 2024.", "Approved.")),
    ("„Straße“ & <b>ß</b> — naïve café 日本", ("“Street” & <b>ß</b> – naive café 日本", "Straße")),
    ("a b c d e f g h", ("h g f e d c b a", "a b c d x f g h")),
    ("The cat sat on the mat.", ("The cat sat on a mat.", "A cat was sitting on the mat.")),
)
"""(hypothesis, two references): matches, none, an empty hypothesis, one word, shifts, and one pair twice."""


class MemoryCache:
    """A score cache in memory that counts what it is asked."""

    keeps = True

    def __init__(self) -> None:
        self.kept: dict[tuple[tuple[tuple[str, str], ...], tuple[str, ...]], Mapping[str, float]] = {}
        self.commits: list[int] = []
        self.derived: dict[str, bytes] = {}

    def get_scores(
        self, metric: Mapping[str, str], texts: Sequence[tuple[str, ...]]
    ) -> list[Mapping[str, float] | None]:
        return [self.kept.get((tuple(sorted(metric.items())), text)) for text in texts]

    def get_derived(self, requests: Sequence[Mapping[str, JsonValue]]) -> list[bytes | None]:
        return [self.derived.get(digest(dict(request))) for request in requests]

    def put_derived(self, results: Sequence[tuple[Mapping[str, JsonValue], bytes]]) -> None:
        self.derived |= {digest(dict(request)): result for request, result in results}

    def put_scores(
        self, metric: Mapping[str, str], scores: Sequence[tuple[tuple[str, ...], Mapping[str, float]]]
    ) -> None:
        self.commits.append(len(scores))
        for text, values in scores:
            self.kept[tuple(sorted(metric.items())), text] = values


def context(pair: str = "de-en", *, offline: bool = True, cache: MemoryCache | None = None) -> MetricContext:
    return MetricContext(parse_pair(pair), cache or MemoryCache(), offline=offline)


def items(pairs: Sequence[tuple[str, tuple[str, ...]]], *, system: str = "one", source: str = "Q") -> list[ScoringItem]:
    return [
        ScoringItem(system, line, f"{source} {line}", hypothesis, references)
        for line, (hypothesis, references) in enumerate(pairs, start=1)
    ]


def lines(path: Path) -> list[str]:
    """Lines of a file of a real test set: split at LF only."""
    return path.read_bytes().decode("utf-8").removesuffix("\n").split("\n")
