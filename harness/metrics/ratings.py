"""Files of segment scores: read, and held against the systems and lines there are."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.errors import DataError
from harness.files import open_regular
from harness.registry import suggestion

KEYS = ("system", "line")

CHOOSE = "--scores METRIC=FILE#COLUMN, or column = ... in harness.toml, names the one to read"

Key = tuple[str, int]
"""System and line."""


class Ratings:
    """Scores by system and line, and where each was read, for messages."""

    def __init__(self, digest: str, column: str = "", *, repeatable: bool = False) -> None:
        self.scores: dict[Key, float] = {}
        """Means, where a segment was rated more than once."""
        self.averaged = 0
        """How many of them are means of several ratings."""
        self._digest = digest
        self._column = column
        self._repeatable = repeatable
        self._ratings: dict[Key, list[float]] = {}
        self._places: dict[Key, list[str]] = {}
        self._lengths: dict[str, tuple[Path, int]] = {}

    @property
    def signature(self) -> str:
        """What the scores depend on."""
        column = f"|column:{self._column}" if self._column not in ("", "score") else ""
        averaged = f"|averaged:{self.averaged}" if self.averaged else ""
        return f"scores|file:{self._digest[:12]}|n:{len(self.scores)}{column}{averaged}"

    @classmethod
    def of_table(cls, path: Path, column: str) -> Ratings:
        """Read a table; ``column`` is the one with the scores, or empty.

        Raises:
            DataError: with file, line and field.
        """
        digest, (first, *lines) = _read(path)
        header = first.split("\t")
        rows = [(number, text.split("\t")) for number, text in enumerate(lines, start=2)]
        for number, fields in rows:
            if len(fields) != len(header):
                raise DataError(f"{path}:{number}: {len(fields)} fields, and the header has {len(header)}")
        wanted = column or _column_of_scores(path, header, [fields for _, fields in rows])
        for name in (*KEYS, wanted):
            if header.count(name) != 1:
                raise DataError(
                    f"{path}:1: {header.count(name)} columns '{name}', and one is wanted; found: {', '.join(header)}",
                    hint=f"the header has system, line and a column of scores, separated by tabs; {CHOOSE}",
                )
        ratings = cls(digest, wanted, repeatable=len(header) > len(KEYS) + 1)
        places = [header.index(name) for name in (*KEYS, wanted)]
        for number, fields in rows:
            system, line, score = (fields[place] for place in places)
            if not system:
                raise DataError(f"{path}:{number}: field 'system' is empty")
            if not (line.isascii() and line.isdigit() and int(line) > 0):
                raise DataError(f"{path}:{number}: field 'line': '{line}' is not a line number (1, 2, ...)")
            ratings._add((system, int(line)), score, f"{path}:{number}", wanted)
        ratings._average()
        return ratings

    @classmethod
    def of_lines(cls, files: Mapping[str, Path]) -> Ratings:
        """Read one number per line for every system.

        Raises:
            DataError: with file and line.
        """
        read = {system: _read(path) for system, path in files.items()}
        joined = "".join(f"{system}\0{digest}\n" for system, (digest, _) in sorted(read.items()))
        ratings = cls(hashlib.sha256(joined.encode()).hexdigest())
        for system, (_, lines) in read.items():
            ratings._lengths[system] = files[system], len(lines)
            for number, text in enumerate(lines, start=1):
                ratings._add((system, number), text, f"{files[system]}:{number}", "score")
        ratings._average()
        return ratings

    def _add(self, key: Key, text: str, place: str, field: str) -> None:
        self._places.setdefault(key, []).append(place)
        if text.strip():
            self._ratings.setdefault(key, []).append(_number(text.strip(), place, field))

    def _average(self) -> None:
        # fsum: the mean must not depend on the order of the rows.
        self.scores = {key: math.fsum(values) / len(values) for key, values in self._ratings.items()}
        self.averaged = sum(len(values) > 1 for values in self._ratings.values())

    def check(self, systems: Sequence[str], last: int, named: Sequence[str]) -> None:
        """Hold the ratings against the systems here and the last line there is; other systems may be anything.

        Raises:
            DataError: see :meth:`harness.metrics.scores.Scores.statistics`.
        """
        rated = {system for system, _ in self._places}
        strangers = [name for name in named if name not in systems]
        if strangers or not rated.intersection(systems):
            name = strangers[0] if strangers else min(rated, default="")
            raise DataError(
                f"scores for '{name}', which is not among the systems ({', '.join(systems)})"
                if strangers
                else f"none of the systems ({', '.join(systems)}) is rated; rated are: {', '.join(sorted(rated))}",
                hint=suggestion(name, list(systems)),
            )
        for (system, line), places in self._places.items():
            if system not in systems:
                continue
            if line > last:
                what = f"{line} of system '{system}', and the last segment is {last}"
                raise DataError(f"{places[0]}: field 'line': {what}")
            if len(places) > 1 and not self._repeatable:
                raise DataError(
                    f"{places[1]}: system '{system}', line {line} was already rated at {places[0]}",
                    hint="where several people rated, a column such as 'annotator' says so, and their mean is taken",
                )
        for system, (path, length) in self._lengths.items():
            if length < last:
                raise DataError(f"{path}: {length} lines for system '{system}', and the last segment is {last}")


def _column_of_scores(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The column that must be meant where none was named."""
    others = [name for name in dict.fromkeys(header) if name not in KEYS]
    if "score" in others or not others:
        return "score"
    if len(others) == 1:
        return others[0]
    numeric = [name for name in others if _has_numbers([fields[header.index(name)] for fields in rows])]
    if len(numeric) != 1:
        found = f"any of {len(numeric)} could be meant: {', '.join(numeric)}" if numeric else "none has only numbers"
        raise DataError(f"{path}:1: no column 'score', and {found}; found: {', '.join(header)}", hint=CHOOSE)
    return numeric[0]


def _has_numbers(cells: Sequence[str]) -> bool:
    given = [cell.strip() for cell in cells if cell.strip()]
    return bool(given) and all(math.isfinite(_parse(cell)) for cell in given)


def _read(path: Path) -> tuple[str, list[str]]:
    """The file's SHA-256 and its lines, split at LF or CRLF only; the last line end is not a line."""
    try:
        with open_regular(path) as file:
            content = file.read()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 (byte {error.start})") from error
    lines = [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
    return hashlib.sha256(content).hexdigest(), lines


def _parse(text: str) -> float:
    """The number, or NaN."""
    try:
        return float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        return math.nan


def _number(text: str, place: str, field: str) -> float:
    value = _parse(text)
    if not math.isfinite(value):
        raise DataError(f"{place}: field '{field}': '{text}' is not a finite number")
    return value
