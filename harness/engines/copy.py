"""``copy``: The source itself: the floor that every engine must beat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import BaseModel

from harness.engines.interface import Answer, Batch, EngineContext, Limits
from harness.types import EngineIdentity, LangPair, Translated
from harness.workspace.config import StrictModel


class CopyOptions(StrictModel):
    """``[options]``: none."""


class CopyEngine:
    """Answers every segment with its source, unchanged."""

    Options: ClassVar[type[BaseModel]] = CopyOptions
    caches = False

    def __init__(self, options: BaseModel, context: EngineContext) -> None:  # noqa: ARG002 - the factory's signature
        self.limits = Limits(max_segments=1000)

    def supports(self, pair: LangPair) -> None:
        """Every pair is served."""

    def identity(self, pair: LangPair) -> EngineIdentity:  # noqa: ARG002 - the same for all
        """The version counts what copying means, not releases of the harness."""
        return EngineIdentity("copy", "1", {})

    async def translate(self, batch: Batch) -> Sequence[Answer]:
        """The sources."""
        return self.answer(batch)

    def answer(self, batch: Batch) -> Sequence[Answer]:
        """The sources."""
        return [Translated(request.source) for request in batch.requests]

    async def close(self) -> None:
        """Nothing to end."""
