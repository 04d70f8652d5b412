"""``memory``: The translation of the most similar source in a translation memory: a floor for engines.

The nearest source is taken however far away it is, so that every segment has an answer; where not even three letters
in a row are shared with any source of the memory, the answer is the source itself. How near it was is counted in the
notes of each answer.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Final, cast

from pydantic import BaseModel, Field

from harness.corpus.importers.model import Request as ImportRequest
from harness.corpus.importers.reading import AUTO, read_files
from harness.corpus.nearest import NearestIndex
from harness.engines.interface import Answer, Batch, EngineContext, Limits
from harness.errors import DataError, EngineUnavailable, Unsupported, UsageError
from harness.store.files import open_regular
from harness.types import EngineIdentity, JsonValue, LangPair, Translated
from harness.workspace.config import StrictModel

FUZZY: Final = 0.75
"""From this similarity on a match is worth editing: the usual threshold of translation memories."""


class MemoryOptions(StrictModel):
    """``[options]``."""

    files: Annotated[list[str], Field(min_length=1)]
    """Translation memories (TMX), tables, or parallel text: what `harness import` reads. Relative to the workspace."""
    format: str = AUTO
    """Format of the files, as in `harness import --format`."""
    skip_bad: bool = False
    """Leave out units that break a rule, instead of refusing the file. For TMX only."""


@dataclass(frozen=True, slots=True)
class _Memory:
    """What was read for one pair."""

    translations: tuple[str, ...]
    exact: dict[str, int]
    """Each source to its number, the first where there are several."""
    index: NearestIndex


class MemoryEngine:
    """Answers from a translation memory."""

    Options: ClassVar[type[BaseModel]] = MemoryOptions
    caches = False

    def __init__(self, options: BaseModel, context: EngineContext) -> None:
        self._options = cast("MemoryOptions", options)
        self._where = f"systems/{context.system}.toml"
        workspace = context.folder.parent.parent
        self._paths = tuple(workspace / Path(name).expanduser() for name in self._options.files)
        self._memories: dict[LangPair, _Memory] = {}
        self.limits = Limits(max_segments=1000)

    @property
    def memories(self) -> Mapping[str, Path]:
        """The files as its options name them."""
        return dict(zip(self._options.files, self._paths, strict=True))

    def supports(self, pair: LangPair) -> None:  # noqa: ARG002 - which languages there are is known once they are read
        """The files are there; whether they have the pair is known when they are read."""
        for path in self._paths:
            if not path.exists():
                raise EngineUnavailable(f"{path} does not exist", hint=f"correct 'files' in {self._where}")

    def identity(self, pair: LangPair) -> EngineIdentity:  # noqa: ARG002 - the same for all
        """The files by their content, and how they are read; the version counts definitions of similarity."""
        options = self._options
        files: list[JsonValue] = [self._sha256(path) for path in self._paths]
        return EngineIdentity("memory", "1", {"files": files, "format": options.format, "skip_bad": options.skip_bad})

    async def prepare(self, pair: LangPair) -> None:
        """Read and index the files."""
        self._memory(pair)

    async def translate(self, batch: Batch) -> Sequence[Answer]:
        """The translation of the nearest source, with the kind of match as a note."""
        if not batch.requests:
            return []
        memory = self._memory(batch.pair)
        answers = []
        for request in batch.requests:
            answers.append(_answer(memory, request.source))
            await asyncio.sleep(0)  # here a cancelled batch ends
        return answers

    async def close(self) -> None:
        """Forget what was read."""
        self._memories.clear()

    def _memory(self, pair: LangPair) -> _Memory:
        if pair not in self._memories:
            self._memories[pair] = self._read(pair)
        return self._memories[pair]

    def _read(self, pair: LangPair) -> _Memory:
        request = ImportRequest(self._paths, pair, skip_bad=self._options.skip_bad)
        try:
            imported = read_files(request, self._options.format)
        except (DataError, UsageError) as error:
            hint = error.hint.replace("--skip-bad", "skip_bad = true").replace("--format", "'format'")
            raise EngineUnavailable(str(error), hint=hint) from error
        units = [
            (segment.source, next(iter(segment.references.values())))
            for article in imported.articles
            for paragraph in article.paragraphs
            for segment in paragraph
            if segment.references
        ]
        if not units:
            raise Unsupported(f"{self._where}: the memory has no translation for {pair}")
        exact: dict[str, int] = {}
        for number, (source, _) in enumerate(units):
            exact.setdefault(source, number)
        sources, translations = zip(*units, strict=True)
        return _Memory(translations, exact, NearestIndex(sources))

    def _sha256(self, path: Path) -> str:
        try:
            with open_regular(path, most=math.inf) as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise DataError(f"{path}: {error.strerror or error}") from error


def _answer(memory: _Memory, source: str) -> Translated:
    if source in memory.exact:
        return _noted(memory.translations[memory.exact[source]], "exact_matches")
    nearest = memory.index.nearest(source)
    if not nearest.similarity:
        return _noted(source, "copied_sources")
    kind = "fuzzy_matches" if nearest.similarity >= FUZZY else "weak_matches"
    return _noted(memory.translations[nearest.number], kind)


def _noted(text: str, kind: str) -> Translated:
    kinds = dict.fromkeys(("exact_matches", "fuzzy_matches", "weak_matches", "copied_sources"), 0)
    return Translated(text, notes=kinds | {kind: 1})
