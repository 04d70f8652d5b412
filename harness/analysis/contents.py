"""What a pair is about, by content: hashes that tell whether two runs had the same texts, whatever their files were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.store.cache.keys import answers_digest, corpus_digest
from harness.store.runs.result import PairResult
from harness.types import SystemName, texts_of


@dataclass(frozen=True, slots=True)
class Contents:
    """Tagged hashes as in :mod:`harness.store.cache.keys`."""

    corpus: str
    """Of articles by name, sources and references, as ``run.json`` has it; metadata do not count."""
    outputs: Mapping[SystemName, str]
    """Of all that a system said to this corpus."""


def contents_of(result: PairResult) -> Contents:
    """The hashes of one pair."""
    corpus = corpus_digest(result.corpus)
    return Contents(
        corpus, {system.name: answers_digest(corpus, texts_of(system.outcomes)) for system in result.systems}
    )
