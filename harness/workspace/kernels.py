"""The compiled library, where it was built: statistics of string metrics, and the alignment of sentences.

``native/`` holds the C sources. Whatever is computed there can be computed without: who uses the library has another
way to the same numbers, and its absence costs time only.
"""

from __future__ import annotations

import ctypes
import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

VERSION = 1
"""``KERNELS_VERSION`` of the sources that the callers were written for."""

SWITCH = "HARNESS_KERNELS"
"""Environment variable; ``off`` leaves everything to Python."""

SUFFIX = {"darwin": ".dylib", "win32": ".dll"}.get(sys.platform, ".so")
LIBRARY = Path(__file__).parents[1] / "metrics" / "strings" / f"libharness_kernels{SUFFIX}"

BUILD_THEM = "install gcc or clang, then: pip install --force-reinstall --no-deps --no-binary :all: translation-harness"


@dataclass(frozen=True, slots=True)
class Absent:
    """Why there is no compiled library."""

    why: str
    fix: str


@cache
def library() -> ctypes.CDLL | Absent:
    """The compiled library, loaded once, or why there is none."""
    if os.environ.get(SWITCH, "").lower() == "off":
        return Absent(f"{SWITCH} is off", f"unset {SWITCH}")
    if not LIBRARY.is_file():
        return Absent("this installation was made without a C compiler", BUILD_THEM)
    try:
        loaded = ctypes.CDLL(str(LIBRARY))
        version = int(loaded.harness_kernels_version())
    except (OSError, AttributeError) as error:
        return Absent(f"{LIBRARY.name} cannot be loaded: {error}", BUILD_THEM)
    if version != VERSION:
        return Absent(f"{LIBRARY.name} was built from other sources (version {version}, not {VERSION})", BUILD_THEM)
    return loaded
