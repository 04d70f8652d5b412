"""The compiled alignment of sentences, where it was built: ``native/sentences.c``."""

from __future__ import annotations

import ctypes
import sys
import unicodedata
from array import array
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from itertools import accumulate

import numpy as np

from harness.checks.sentence_signs import (
    AT_THE_END,
    CLOSERS,
    EXCLAMATION_MARKS,
    JOINTS,
    QUESTION_MARKS,
    Sentences,
)
from harness.checks.texts import MARKS, TEXTS_KEPT
from harness.workspace.kernels import Absent, library

_CLASSES: tuple[tuple[int, Callable[[str], bool]], ...] = (
    (1, bool),
    (2, str.isalnum),
    (4, MARKS.__contains__),
    (8, str.isdecimal),
    (16, str.isspace),
    (32, JOINTS.__contains__),
    (64, AT_THE_END.__contains__),
    (128, CLOSERS.__contains__),
    (256, QUESTION_MARKS.__contains__),
    (512, EXCLAMATION_MARKS.__contains__),
)
"""What a character may be; the bits of ``sentences.c``, which has no tables of its own."""
_UNKNOWN_CHARACTER = 2
_DIGIT = 12
"""Where in those bits the value of a decimal begins."""
_UTF_32 = f"utf-32-{sys.byteorder[0]}e"


class Weights(ctypes.Structure):
    """``Weights`` of ``kernels.h``: nats, the constants of :mod:`harness.checks.sentence_alignment`."""

    _fields_ = (
        *((name, ctypes.c_double) for name in ("lost", "joined", "joined_without_mark", "joined_more")),
        *((name, ctypes.c_double) for name in ("most_words", "worst_length", "most_cost")),
        *((name, ctypes.c_double) for name in ("broadest", "spread_squared", "spread_per_character")),
        *((name, ctypes.c_double) for name in ("joint_share", "joint_characters")),
        ("classes", ctypes.c_void_p),
    )


class _Sentences(ctypes.Structure):
    """``Sentences`` of ``kernels.h``."""

    _fields_ = (
        ("count", ctypes.c_int64),
        *((name, ctypes.c_char_p) for name in ("text", "bounds", "folded", "folded_bounds", "to")),
    )


Align = Callable[[Sentences, Sentences, float, float, Weights], float]
"""Whole, part, ratio and scale of their lengths: :func:`harness.checks.sentence_alignment.align`."""


@cache
def compiled_alignment() -> Align | None:
    """The compiled function, or None where the library is absent or was built from older sources."""
    loaded = library()
    function = None if isinstance(loaded, Absent) else getattr(loaded, "harness_lost_sentence", None)
    if function is None:
        return None
    classes, pointer = _Classes(), ctypes.c_void_p
    function.argtypes = (pointer, pointer, ctypes.c_int32, ctypes.c_double, ctypes.c_double, pointer, pointer)
    function.restype = ctypes.c_int32

    def align(whole: Sentences, part: Sentences, ratio: float, scale: float, weights: Weights) -> float:
        evidence = ctypes.c_double()
        weights.classes = classes.address
        reference = ctypes.byref
        given = reference(_packed(whole)), reference(_packed(part)), whole.reading, ratio, scale, reference(weights)
        code = function(*given, reference(evidence))
        if code == _UNKNOWN_CHARACTER:
            classes.learn({*"".join(whole.texts), *"".join(part.texts)})
            code = function(*given, reference(evidence))
        if code:
            raise MemoryError("no memory left to align sentences")
        return evidence.value

    return align


class _Classes:
    """By code point: what it is, as bits; 0 until it is met. Zeros take no memory."""

    def __init__(self) -> None:
        self._classes = np.zeros(sys.maxunicode + 1, np.uint16)
        self.address = self._classes.ctypes.data

    def learn(self, characters: set[str]) -> None:
        """Give each of these, and what it is without case, its class."""
        for character in {*characters, *"".join(characters).casefold()}:
            bits = sum(bit for bit, belongs in _CLASSES if belongs(character))
            self._classes[ord(character)] = bits | unicodedata.decimal(character, 0) << _DIGIT


@lru_cache(maxsize=TEXTS_KEPT)
def _packed(sentences: Sentences) -> _Sentences:
    text = "".join(sentences.texts)
    bounds = folded_bounds = _bounds(sentences.texts)
    folded = text.casefold()
    # No character becomes shorter without case, and only a few become longer.
    if len(folded) != len(text):
        folded_bounds = _bounds([text.casefold() for text in sentences.texts])
    to = array("d", sentences.to).tobytes()
    return _Sentences(len(sentences.texts), _codes(text), bounds, _codes(folded), folded_bounds, to)


def _bounds(texts: Sequence[str]) -> bytes:
    return array("q", accumulate(map(len, texts), initial=0)).tobytes()


def _codes(text: str) -> bytes:
    return text.encode(_UTF_32, "surrogatepass")
