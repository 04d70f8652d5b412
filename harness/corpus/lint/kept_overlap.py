"""How much of the test set is in each of some files, searched once: for the same file and texts it is kept."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from pathlib import Path

from harness.corpus.lint.overlap import FEWEST, RUN, SHARE, count_overlap
from harness.errors import DataError
from harness.metrics.interface import ScoreCache, ScoreProgress, to_nobody
from harness.store.cache.keys import corpus_digest
from harness.store.files import open_regular
from harness.types import Corpus, JsonValue, LangPair, Missing, Overlap, Overlaps, told

RULES = 1
"""Counts up when words are cut or compared otherwise."""


def overlaps_of(
    corpora: Sequence[Corpus], files: Mapping[str, Path], kept: ScoreCache, progress: ScoreProgress = to_nobody
) -> dict[LangPair, Overlaps]:
    """Search every file for the texts of every pair.

    Args:
        corpora: the test set.
        files: by what to call them. One that cannot be searched is not counted, with the reason.
        kept: where counts are kept, by the content of the file.
        progress: told how many files were searched.
    """
    found: dict[LangPair, dict[str, Overlap | Missing]] = {corpus.pair: {} for corpus in corpora}
    for number, (name, path) in enumerate(files.items()):
        progress(number, len(files))
        try:
            counts: Mapping[LangPair, Overlap | Missing] = _count(corpora, path, kept)
        except DataError as error:
            missing = Missing(told(str(error)), told(error.hint))
            counts = {corpus.pair: missing for corpus in corpora}
        for pair, count in counts.items():
            found[pair][name] = count
    if files:
        progress(len(files), len(files))
    return dict(found)


def _count(corpora: Sequence[Corpus], path: Path, kept: ScoreCache) -> dict[LangPair, Overlap]:
    if not kept.keeps:
        return count_overlap(corpora, path)
    texts: list[JsonValue] = [corpus_digest(corpus) for corpus in corpora]
    rules: list[JsonValue] = [RULES, RUN, SHARE, FEWEST]
    request: dict[str, JsonValue] = {"overlap": rules, "file": _sha256(path), "corpora": texts}
    (data,) = kept.get_derived([request])
    if data is not None and (known := _read(data, corpora)) is not None:
        return known
    counts = count_overlap(corpora, path)
    kept.put_derived([(request, json.dumps([astuple(counts[corpus.pair]) for corpus in corpora]).encode("ascii"))])
    return counts


def _read(data: bytes, corpora: Sequence[Corpus]) -> dict[LangPair, Overlap] | None:
    """The counts; None where they are something else, which another cache brought."""
    try:
        rows = json.loads(data)
        counts = [Overlap(*row) for row in rows]
    except (ValueError, TypeError, RecursionError):
        return None
    if len(counts) != len(corpora) or not all(type(value) is int for count in counts for value in astuple(count)):
        return None
    return {corpus.pair: count for corpus, count in zip(corpora, counts, strict=True)}


def _sha256(path: Path) -> str:
    try:
        with open_regular(path, most=math.inf) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}", hint="check the path") from error
