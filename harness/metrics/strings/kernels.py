"""The compiled statistics of BLEU, chrF and TER, where they were built; sacrebleu's own everywhere else.

The library of :mod:`harness.workspace.kernels` counts what sacrebleu counts, and the tests hold it to it row by row;
what it does not cover (a tokenizer, an option, a segment of tens of thousands of words) is left to sacrebleu. So the
library moves no number, and its absence costs time only.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.metrics.interface import Rows
from harness.workspace.kernels import Absent, library

MOST_ORDERS = 32
"""Orders of n-grams beyond which sacrebleu is asked."""

MOST_BETA = 1000
"""Weights of recall up to which the arithmetic is the same in C and in Python."""

SPLIT, TOKENIZE_13A, CHARACTERS = 0, 1, 2
"""How a text becomes words; the numbers of ``kernels.h``."""

HOW = {"13a": TOKENIZE_13A, "none": SPLIT, "char": CHARACTERS}
"""BLEU's tokenizers that are compiled. Of the others, sacrebleu's words are taken and their n-grams counted."""

Prepare = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Portion:
    """Hypotheses and the reference sets they belong to."""

    hypotheses: Sequence[str]
    references: Sequence[tuple[str, ...]]
    """Distinct; no set is empty."""
    set_of: npt.NDArray[np.int64]
    """(n,) the reference set of each hypothesis, ascending."""


Count = Callable[[Portion], Rows]
"""The rows of a portion, (n, k). A negative first number marks a row that is left to sacrebleu."""


class _Portion(ctypes.Structure):
    """``Portion`` of ``kernels.h``."""

    _fields_ = (
        ("hypotheses", ctypes.c_int64),
        *((name, ctypes.c_void_p) for name in ("hypothesis_text", "hypothesis_bounds", "set_of")),
        *((name, ctypes.c_void_p) for name in ("reference_text", "reference_bounds", "set_bounds")),
    )


def bleu(tokenizer: str, oracle: Any, order: int) -> Count | Absent:
    """Count for BLEU rows; ``oracle`` is the configured ``sacrebleu.BLEU``."""
    loaded = library()
    if isinstance(loaded, Absent):
        return loaded
    if tokenizer in HOW:
        prepare: Prepare = str.lower if oracle.lowercase else _as_it_is
    else:
        prepare = oracle._preprocess_segment  # noqa: SLF001 - sacrebleu's tokenizer, with its own preparation
    how = HOW.get(tokenizer, SPLIT)

    def call(portion: Any, rows: Any) -> int:
        return int(loaded.harness_bleu(portion, how, order, rows))

    return _count(call, prepare, 2 + 2 * order)


def chrf(oracle: Any) -> Count | Absent:
    """Count for chrF rows; ``oracle`` is the configured ``sacrebleu.CHRF``."""
    loaded = library()
    if isinstance(loaded, Absent):
        return loaded
    orders = oracle.char_order, oracle.word_order
    if max(orders) > MOST_ORDERS or oracle.beta > MOST_BETA or oracle.eps_smoothing:
        return Absent("these options are not compiled", "")

    def call(portion: Any, rows: Any) -> int:
        return int(loaded.harness_chrf(portion, *orders, int(oracle.whitespace), ctypes.c_double(oracle.beta), rows))

    return _count(call, str.lower if oracle.lowercase else _as_it_is, 3 * sum(orders))


def ter(oracle: Any) -> Count | Absent:
    """Count for TER rows; ``oracle`` is the configured ``sacrebleu.TER``."""
    loaded = library()
    if isinstance(loaded, Absent):
        return loaded
    if oracle.normalized or oracle.no_punct:
        prepare: Prepare = oracle._preprocess_segment  # noqa: SLF001 - sacrebleu's tokenizer
    else:
        prepare = _as_it_is if oracle.case_sensitive else str.lower

    def prepare_reference(text: str) -> str:
        """As sacrebleu does: twice, which is not the same as once where punctuation is set apart."""
        return prepare(prepare(text))

    def call(portion: Any, rows: Any) -> int:
        return int(loaded.harness_ter(portion, rows))

    return _count(call, prepare, 2, prepare if prepare is _as_it_is else prepare_reference)


def _as_it_is(text: str) -> str:
    return text


def _count(
    call: Callable[[Any, Any], int], prepare: Prepare, width: int, prepare_reference: Prepare | None = None
) -> Count:
    """Wrap one function of the library: texts to numbers and back."""

    def count(portion: Portion) -> Rows:
        rows = np.zeros((len(portion.hypotheses), width))
        hypotheses, hypothesis_bounds = _text(portion.hypotheses, prepare)
        flat = [text for texts in portion.references for text in texts]
        references, reference_bounds = _text(flat, prepare_reference or prepare)
        set_bounds = _bounds([len(texts) for texts in portion.references])
        set_of = np.ascontiguousarray(portion.set_of, dtype=np.int64)
        arrays = (hypotheses, hypothesis_bounds, set_of, references, reference_bounds, set_bounds)
        given = _Portion(len(rows), *(array.ctypes.data for array in arrays))
        if call(ctypes.byref(given), ctypes.c_void_p(rows.ctypes.data)):
            raise MemoryError("no memory left for the statistics of string metrics")
        return rows

    return count


def _text(texts: Sequence[str], prepare: Prepare) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """Code points of all texts, one after the other, and where each begins and ends."""
    prepared = texts if prepare is _as_it_is else [prepare(text) for text in texts]
    # A lone surrogate is no character, but it can stand in a Python string.
    points = np.frombuffer("".join(prepared).encode(f"utf-32-{sys.byteorder[0]}e", "surrogatepass"), dtype=np.uint32)
    return points, _bounds([len(text) for text in prepared])


def _bounds(lengths: Sequence[int]) -> npt.NDArray[np.int64]:
    bounds = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=bounds[1:])
    return bounds
