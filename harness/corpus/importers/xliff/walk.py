"""An XLIFF of any size: one pass over its files, one over their units; no unit is kept longer than it is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.corpus.importers.markup import iterate_xml, local_name
from harness.corpus.importers.xliff.units import XliffFile, XliffUnit, is_translated
from harness.corpus.importers.xliff.version1 import file_1, natives_of, unit_1
from harness.corpus.importers.xliff.version2 import file_2, unit_2
from harness.errors import DataError

_ROOT = "xliff"
_NOT_TRANSLATED = "units that are not to be translated left out"


@dataclass(frozen=True, slots=True)
class _Version:
    """How a version writes what it holds."""

    unit_name: str
    file: Callable[[Any, int, Mapping[str, str]], XliffFile]
    """Of its element, its number and its native codes."""
    unit: Callable[[Any, XliffFile, Counter[str]], XliffUnit]


_VERSION_1 = _Version("trans-unit", file_1, unit_1)
_VERSION_2 = _Version("unit", file_2, unit_2)
_UNIT_NAMES = (_VERSION_1.unit_name, _VERSION_2.unit_name)


@dataclass(frozen=True, slots=True)
class Survey:
    """What an XLIFF says before its units are read."""

    path: Path
    version: _Version
    files: Sequence[XliffFile]


def survey(path: Path) -> Survey:
    """The version and the files.

    Raises:
        DataError: no XLIFF, or a version that is not known.
        UsageError: lxml is missing.
    """
    version = _VERSION_1
    files: list[XliffFile] = []
    natives: dict[str, str] = {}
    for event, element in iterate_xml(path, _ROOT, ("tag-defs",), ("file", "group", *_UNIT_NAMES)):
        name = local_name(element)
        if event == "start" and name == _ROOT:
            version = _version_of(element, path)
        elif event == "end" and name == "tag-defs":
            natives |= natives_of(element)
        elif event == "end" and _is_file(element):
            files.append(version.file(element, len(files), natives))
            natives = {}
    return Survey(path, version, files)


class Units:
    """The units of one file after another, in the order of the XLIFF."""

    def __init__(self, surveyed: Survey, wanted: Collection[int], counts: Counter[str]) -> None:
        """``wanted``: numbers of the files whose units are read; what is left out of them is counted."""
        self._units = _units(surveyed, wanted, counts)
        self._next = next(self._units, None)

    def of(self, file: XliffFile) -> Iterator[XliffUnit]:
        """Those of a file; the files before it have been read."""
        while self._next is not None and self._next[0] == file.number:
            yield self._next[1]
            self._next = next(self._units, None)


def _units(surveyed: Survey, wanted: Collection[int], counts: Counter[str]) -> Iterator[tuple[int, XliffUnit]]:
    version, number = surveyed.version, -1
    for event, element in iterate_xml(surveyed.path, _ROOT, (), ("file", "group", version.unit_name)):
        if event == "start":
            number += _is_file(element)
        elif local_name(element) == version.unit_name and number in wanted:
            if is_translated(element):
                yield number, version.unit(element, surveyed.files[number], counts)
            else:
                counts[_NOT_TRANSLATED] += 1


def _is_file(element: Any) -> bool:
    """Whether it is a ``<file>`` of XLIFF itself, and not of an extension."""
    return local_name(element) == "file" and local_name(element.getparent()) == _ROOT


def _version_of(root: Any, path: Path) -> _Version:
    written = root.get("version", "")
    if written[:1] not in ("", "1", "2"):
        raise DataError(f"{path}: XLIFF {written} is not known", hint="export it as XLIFF 1.2 or 2.1")
    return _VERSION_2 if written.startswith("2") or root.get("srcLang") is not None else _VERSION_1
