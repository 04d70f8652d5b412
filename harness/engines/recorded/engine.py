"""``recorded``: Existing outputs: from vendors, people or other tools, or recorded from an engine.

Serves ``systems/<name>/<pair>/<article>.txt``, line for line with the article's source file, including the empty lines
between paragraphs. An empty line where the source has text is an empty translation, not an error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel

from harness.engines.interface import Answer, Batch, EngineContext, Limits, Request
from harness.engines.recorded.files import NOTES, note_names, read_notes, read_output
from harness.errors import BadOutput, DataError, Unsupported, so_many
from harness.store.files import open_regular
from harness.types import ArticleId, EngineIdentity, Failed, LangPair, Translated
from harness.workspace.config import StrictModel


class RecordedOptions(StrictModel):
    """``[options]``: none."""


class RecordedEngine:
    """Answers from files."""

    Options: ClassVar[type[BaseModel]] = RecordedOptions
    caches = False

    def __init__(self, options: BaseModel, context: EngineContext) -> None:  # noqa: ARG002 - the factory's signature
        self._folder = context.folder
        # One batch for all: what lies between two requests can then be checked, and nothing is gained by small ones.
        self.limits = Limits(max_segments=100_000)

    def supports(self, pair: LangPair) -> None:
        """There is a folder for the pair."""
        if not self._pair_folder(pair).is_dir():
            recorded = sorted(path.name for path in self._folder.glob("*") if path.is_dir())
            raise Unsupported(
                f"no outputs are recorded for {pair}: {self._shown(self._pair_folder(pair))} does not exist",
                hint=f"recorded pairs: {', '.join(recorded) or 'none'}",
            )

    def identity(self, pair: LangPair) -> EngineIdentity:
        """The version is a hash of the files, so outputs that changed are seen.

        Raises:
            DataError: one of them cannot be read, or is not a regular file.
        """
        from harness.store.cache.keys import digest

        folder = self._pair_folder(pair)
        files = sorted([*folder.glob("*.txt"), *folder.glob(NOTES)])
        return EngineIdentity("recorded", digest([[file.name, self._sha256(file)] for file in files]), {})

    async def translate(self, batch: Batch) -> Sequence[Answer]:
        """Look up the lines."""
        return self.answer(batch)

    def answer(self, batch: Batch) -> Sequence[Answer]:
        """Look up the lines. What is wrong with one article's file fails that article's segments only."""
        folder = self._pair_folder(batch.pair)
        try:
            names, notes = note_names(folder), read_notes(folder)
        except DataError as error:
            raise BadOutput(str(error)) from error
        articles: dict[ArticleId, list[Request]] = {}
        for request in batch.requests:
            articles.setdefault(request.segment.article, []).append(request)
        answers: dict[Request, Answer] = {}
        for article, requests in articles.items():
            try:
                texts = self._texts(folder / f"{article}.txt", requests)
            except DataError as error:
                answers |= {request: Failed(str(error)) for request in requests}
                continue
            counts = notes.get(article, {})
            for request, text in zip(requests, texts, strict=True):
                none = dict.fromkeys(names, 0)
                answers[request] = Translated(text, notes=counts.get(request.line, none))
        return [answers[request] for request in batch.requests]

    async def close(self) -> None:
        """Nothing to end."""

    def _texts(self, path: Path, requests: Sequence[Request]) -> list[str]:
        shown = self._shown(path)
        if not path.is_file():
            raise DataError(f"{shown} is missing")
        lines = read_output(path)
        last = max(request.line for request in requests)
        if last > len(lines):
            raise DataError(f"{shown} has {so_many(len(lines), 'line')}, but the source has text on line {last}")
        for before, after in pairwise(requests):
            if after.segment.number != before.segment.number + 1:
                continue
            for line in range(before.line + 1, after.line):
                if lines[line - 1]:
                    raise DataError(f"{shown}: line {line} has text, but the source has a paragraph break there")
        return [lines[request.line - 1] for request in requests]

    def _sha256(self, path: Path) -> str:
        try:
            with open_regular(path) as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise DataError(f"{self._shown(path)}: {error.strerror or error}") from error

    def _pair_folder(self, pair: LangPair) -> Path:
        return self._folder / str(pair)

    def _shown(self, path: Path) -> Path:
        return path.relative_to(self._folder.parent.parent)
