"""All checks on all systems of a pair; flags from earlier runs over the same texts are taken as they are."""

from __future__ import annotations

import hashlib
import json
import sys
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from harness.checks.identify import language_identifier
from harness.checks.interface import WHOLE, CheckContext, Flag
from harness.checks.load import NOT_CHECKED, plugin_rules
from harness.checks.run import NO_TERMS, check_outputs, lengths_of
from harness.corpus.lint.encoder import encoder_name
from harness.metrics.interface import ScoreCache, ScoreProgress, to_nobody
from harness.store.cache.keys import answers_digest, corpus_digest
from harness.types import Corpus, JsonValue, Outcome, Reason, SystemName, texts_of

Flags = tuple[tuple[Flag, ...], ...]

MOST_BYTES = 2**28
"""Of one record, unpacked."""

CODE = (
    "checks",
    "corpus/lint",
    "corpus/documents/segment.py",
    "corpus/documents/abbreviations.py",
    "engines/chat/openings.py",
    "workspace/languages.py",
    "workspace/common_languages.py",
)
"""Where the rules of the checks are written, below the package."""


class Counter:
    """How far the checks are."""

    def __init__(self, total: int, progress: ScoreProgress) -> None:
        self._done, self._total, self._progress = 0, total, progress

    def count(self, more: int) -> None:
        """So many outputs more were checked."""
        self._done += more
        self._progress(self._done, self._total)


def check_systems(
    corpus: Corpus,
    outcomes: Mapping[SystemName, Sequence[Outcome]],
    glossary: Mapping[str, str] = NO_TERMS,
    *,
    kept: ScoreCache,
    progress: ScoreProgress = to_nobody,
) -> dict[SystemName, Flags]:
    """Check what all systems wrote.

    Args:
        corpus: the articles.
        outcomes: by system, one for each segment.
        glossary: source term to target term, several of them separated by ``|``.
        kept: where flags are kept.
        progress: told how many outputs were checked, of all systems.

    Returns:
        By system, one tuple of flags for each segment.
    """
    # Learnt from all systems, where the references are too few: one length model for everybody.
    context = CheckContext(corpus.pair, glossary, lengths_of(corpus, outcomes.values()))
    counter = Counter(len(corpus.segments) * len(outcomes), progress)
    if not kept.keeps:
        return dict(zip(outcomes, check_outputs(corpus, list(outcomes.values()), context, counter.count), strict=True))
    base = corpus_digest(corpus)
    rules: dict[str, JsonValue] = {
        "flags": _code(),
        "plugins": dict(plugin_rules()),
        "identifier": language_identifier(),
        "encoder": encoder_name(),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "pair": str(corpus.pair),
        "glossary": dict(glossary),
        "lengths": asdict(context.length_model),
    }
    requests = {name: {**rules, "texts": answers_digest(base, texts_of(answers))} for name, answers in outcomes.items()}
    known = dict(zip(requests, kept.get_derived(list(requests.values())), strict=True))
    read = {name: _read(known[name], len(answers)) for name, answers in outcomes.items()}
    unknown = [name for name, flags in read.items() if flags is None]
    counter.count(len(corpus.segments) * (len(read) - len(unknown)))
    if not unknown:
        return {name: flags for name, flags in read.items() if flags is not None}
    unchecked = [outcomes[name] for name in unknown]
    new = dict(zip(unknown, check_outputs(corpus, unchecked, context, counter.count), strict=True))
    kept.put_derived(
        [
            (requests[name], encode(flags))
            for name, flags in new.items()
            if not any(flag.kind == NOT_CHECKED for segment in flags for flag in segment)
        ]
    )
    return {name: new[name] if flags is None else flags for name, flags in read.items()}


def _read(data: bytes | None, count: int) -> Flags | None:
    """The flags of ``count`` segments; None where there are none, or something else, which another cache brought."""
    if data is None:
        return None
    try:
        flags = decode(data, count)
    except (ValueError, LookupError, TypeError, MemoryError, RecursionError, zlib.error):
        return None
    sound = all(isinstance(flag.kind, str) and isinstance(flag.why, str | Reason) for here in flags for flag in here)
    return flags if sound else None


def encode(flags: Flags) -> bytes:
    """As bytes: the number of segments, and the flags of those that have some."""
    flagged = {
        row: [[flag.kind, flag.where, _encode_why(flag.why), flag.confidence, flag.failed] for flag in here]
        for row, here in enumerate(flags)
        if here
    }
    return zlib.compress(json.dumps([len(flags), flagged], ensure_ascii=False).encode("utf-8", "surrogatepass"))


def decode(data: bytes, count: int) -> Flags:
    """What :func:`encode` made of the flags of ``count`` segments.

    Raises:
        ValueError: it is of another number of segments.
    """
    text = zlib.decompressobj().decompress(data, MOST_BYTES).decode("utf-8", "surrogatepass")
    kept, flagged = json.loads(text)
    if kept != count:
        raise ValueError(f"flags of {kept} segments, and there are {count}")
    flags: list[tuple[Flag, ...]] = [()] * count
    for row, of_segment in flagged.items():
        flags[int(row)] = tuple(
            Flag(kind, WHOLE if where == WHOLE else (where[0], where[1]), _decode_why(why), confidence, failed)
            for kind, where, why, confidence, failed in of_segment
        )
    return tuple(flags)


def _encode_why(why: Reason | str) -> JsonValue:
    from harness.store.runs.reasons import encode_reason

    return encode_reason(why) if isinstance(why, Reason) else why


def _decode_why(why: object) -> Any:
    from harness.store.runs.reasons import read_reason

    return read_reason(why) if isinstance(why, dict) else why


@cache
def _code() -> str:
    """A digest of the checks' own code: flags of other rules are never taken for those of these."""
    digest = hashlib.blake2b(digest_size=20)
    for name in CODE:
        for file in sorted(_modules(files("harness").joinpath(name)), key=lambda file: file.name):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _modules(folder: Traversable) -> list[Traversable]:
    if folder.is_file():
        return [folder]
    return [file for file in folder.iterdir() if file.name.endswith(".py")]
