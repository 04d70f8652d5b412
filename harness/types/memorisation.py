"""What a language model was found to know of a test set by heart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Ending = Literal["kept", "reverted", "neither"]
"""What became of a changed number: it was kept, the translation has the one of the original text, or neither."""


@dataclass(frozen=True, slots=True)
class Recited:
    """What a model wrote after the first half of one reference, in consecutive words."""

    article: str
    number: int
    """Of the segment."""
    words: int
    """Of the true continuation."""
    run: int
    """Most of them that the answer has in a row."""
    control: int
    """The same of a continuation from another article."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What a model made of one source in which a number was changed."""

    article: str
    number: int
    """Of the segment."""
    ending: Ending


@dataclass(frozen=True, slots=True)
class Memorisation:
    """What one model answered for one pair; questions without an answer are not among it."""

    verbatim: int
    """Consecutive words from which a run counts as recited."""
    recited: tuple[Recited, ...]
    changed: tuple[Changed, ...]
    asked: int
    """Questions, those without an answer among them."""
