"""Numpy's linear algebra on one thread, so that the same numbers have the same last digits on any number of cores.

OpenBLAS gives each of its threads a part of a product, and where a part ends it rounds otherwise. Its threads also wait
for the next product by turning in a loop: of products that take milliseconds they cost more than they save. Only the
library that numpy is linked with is told, and only meanwhile: torch has its own. Other libraries than OpenBLAS
(Accelerate, MKL) are left as they are.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

NAMES = ("{}openblas_{}_num_threads64_", "{}openblas_{}_num_threads")
"""What OpenBLAS calls the functions: with 64-bit numbers, or 32."""

PREFIXES = ("", "scipy_")
"""Numpy's own builds have the second from NumPy 2 on."""

_lock = Lock()
_within: list[int] = []
"""One entry for each that wants one thread now: how many there are otherwise."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Within this, or in a function that it decorates, numpy multiplies on one thread."""
    functions = _functions()
    if functions is None:
        yield
        return
    count, limit = functions
    with _lock:
        _within.append(_within[0] if _within else count())
        limit(1)
    try:
        yield
    finally:
        with _lock:
            before = _within.pop()
            if not _within:
                limit(before)


@cache
def _functions() -> tuple[Callable[[], int], Callable[[int], Any]] | None:
    """How many threads OpenBLAS has, and what sets it; None where numpy has another library."""
    for file in _libraries():
        try:
            library = ctypes.CDLL(str(file))
        except OSError:
            continue
        for prefix in PREFIXES:
            for name in NAMES:
                count, limit = (getattr(library, name.format(prefix, verb), None) for verb in ("get", "set"))
                if count is not None and limit is not None:
                    limit.restype = None
                    return count, limit
    return None


def _libraries() -> Iterator[Path]:
    """Numpy's own module, through which most systems find what it is linked with, then what its wheel has beside it."""
    import numpy as np

    package = Path(np.__file__).parent
    for folder in ("_core", "core"):
        yield from sorted((package / folder).glob("_multiarray_umath.*"))
    for beside in (package.with_name("numpy.libs"), package / ".dylibs"):
        yield from sorted(beside.glob("*openblas*"))
