"""What a run keeps of what systems may know of its texts already."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from harness.types import Ending


class _FileModel(BaseModel):
    """As all models of a run's files."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class OverlapFile(_FileModel):
    """Texts of the test set that are also in a file."""

    sources: int
    of_sources: int
    references: int
    of_references: int


class RecitedFile(_FileModel):
    """One reference that a model was to continue."""

    article: str
    number: int
    words: int
    run: int
    control: int


class ChangedFile(_FileModel):
    """One source with a changed number."""

    article: str
    number: int
    ending: Ending


class MemorisationFile(_FileModel):
    """What a model knows by heart."""

    verbatim: int
    recited: tuple[RecitedFile, ...]
    changed: tuple[ChangedFile, ...]
    asked: int
