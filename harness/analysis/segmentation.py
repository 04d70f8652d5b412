"""Texts as words: by spaces and marks where a language has them, by a model where it has none, else by character.

Japanese, Chinese and Thai are cut by BudouX (Apache-2.0, 0.3 MB with its models, no dependencies), which is in the
extra ``cjk``. Without it, and in other languages without spaces, the units are characters and are named so.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.util import find_spec
from typing import Literal

import regex

from harness.workspace.languages import NO_SPACES, primary

WordUnit = Literal["words", "characters"]

_LETTERS = r"[\w\p{M}'’]+"

_WORD = regex.compile(rf"{_LETTERS}|[^\w\s]")

_WORD_ALONE = regex.compile(_LETTERS)

_TRADITIONAL = frozenset({"zh-hant", "zh-tw", "zh-hk", "zh-mo"})

_FINER = regex.compile(r"[\p{L}\p{M}\p{N}'’]+|[^\s]")
"""What a model leaves together is cut at marks, so that a word never ends in a full stop."""


@dataclass(frozen=True, slots=True)
class Segmenter:
    """How texts of one language are cut."""

    unit: WordUnit
    spaced: bool
    """Whether words are set apart by spaces."""
    cut: Callable[[str], list[str]]
    """A text to its units in order, white space left out."""

    def joins(self, before: str, after: str) -> bool:
        """Whether white space stands between two units that follow each other."""
        return self.spaced and bool(_WORD_ALONE.fullmatch(before) and _WORD_ALONE.fullmatch(after))


def segmenter_of(language: str) -> Segmenter:
    """The segmenter of a BCP-47 tag."""
    if primary(language) not in NO_SPACES:
        return Segmenter("words", True, _WORD.findall)
    model = _model_of(language)
    if model is None or find_spec("budoux") is None:
        return Segmenter("characters", False, _characters)
    return Segmenter("words", False, _by_model(model))


def _characters(text: str) -> list[str]:
    return [character for character in text if not character.isspace()]


def _model_of(language: str) -> str | None:
    """The name of BudouX's model."""
    tag = language.lower()
    if primary(language) == "zh":
        return "zh-hant" if any(tag.startswith(start) for start in _TRADITIONAL) else "zh-hans"
    return {"ja": "ja_word", "th": "th"}.get(primary(language))


@cache
def _by_model(name: str) -> Callable[[str], list[str]]:
    from budoux.parser import Parser

    model = resources.files("budoux").joinpath("models", f"{name}.json").read_text(encoding="utf-8")
    parser = Parser(json.loads(model))

    def cut(text: str) -> list[str]:
        return [piece for chunk in parser.parse(text) for piece in _FINER.findall(chunk)]

    return cut
