"""Files of segment scores: read; :mod:`harness.metrics.scores.placing` finds the segments they are of."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.errors import DataError, so_many
from harness.metrics.scores.foreign import read_foreign
from harness.metrics.scores.raters import Attention, RaterAgreement, judge_attention, rater_agreement
from harness.metrics.scores.rows import Foreign, MarkedError, Spot
from harness.store.files import open_regular
from harness.types import Missing

BY_SEGMENT = ("article", "segment")
BY_LINE = "line"
KEYS = ("system", "pair", *BY_SEGMENT, BY_LINE)
"""Columns that say what a row is of; ``pair`` may be left out, and so may the line beside article and segment."""

CHOOSE = "choose one with --scores METRIC=FILE#COLUMN, or column = ... in harness.toml"


class Ratings:
    """Scores by what they are of, and where each was read, for messages."""

    def __init__(self, digest: str, column: str = "", *, by_line: bool = True) -> None:
        self.scores: dict[Spot, float] = {}
        """Means, where a segment was rated more than once."""
        self.averaged = 0
        """How many of them are means of several ratings."""
        self.places: dict[Spot, str] = {}
        """``file:line`` of the first row of each, those without a score too."""
        self.doubles: dict[Spot, tuple[str, str]] = {}
        """Places of two rows for one segment that nothing tells apart."""
        self.lengths: dict[str, tuple[Path, int]] = {}
        """System to its file and the lines of that, where every system has its own."""
        self.by_line = by_line
        """Whether rows name lines, not articles and segments."""
        self.spans: dict[Spot, tuple[MarkedError, ...]] = {}
        """Errors that were marked, of all raters; nothing where none was, or where the format has no marks."""
        self.foreign: Foreign | None = None
        """What the file of another tool said of itself."""
        self.attention: tuple[Attention, ...] = ()
        """Of everybody who answered attention checks; ratings of those who failed are not among the scores."""
        self._digest = digest
        self._column = column
        self._ratings: dict[Spot, list[float]] = {}
        self._raters: dict[Spot, dict[tuple[str, ...], str]] = {}

    @property
    def signature(self) -> str:
        """What the scores depend on."""
        column = f"|column:{self._column}" if self._column not in ("", "score") else ""
        averaged = f"|averaged:{self.averaged}" if self.averaged else ""
        column += f"|format:{self.foreign.format}" if self.foreign else ""
        return f"scores|file:{self._digest[:12]}|n:{len(self.scores)}{column}{averaged}"

    @property
    def systems(self) -> list[str]:
        """All that have a row, in the order of the file."""
        return list(dict.fromkeys(spot.system for spot in self.places))

    @property
    def agreement(self) -> RaterAgreement | Missing:
        """How far several ratings of the same translations agree, of those that count."""
        return rater_agreement(self._ratings)

    @classmethod
    def of_table(cls, path: Path, column: str) -> Ratings:
        """Read a table, or a file of another tool; ``column`` is the one with the scores, or empty.

        Raises:
            DataError: with file, line and field.
        """
        content = _content(path)
        foreign = read_foreign(path, content, column)
        if foreign is not None:
            return cls._of_foreign(foreign, path, column, hashlib.sha256(content + foreign.read).hexdigest())
        digest, (first, *lines) = _read(path)
        header = first.split("\t")
        rows = [(number, text.split("\t")) for number, text in enumerate(lines, start=2)]
        for number, fields in rows:
            if len(fields) != len(header):
                raise DataError(f"{path}:{number}: {so_many(len(fields), 'field')}, but the header has {len(header)}")
        by_line = not set(BY_SEGMENT) <= set(header)
        wanted = column or _column_of_scores(path, header, [fields for _, fields in rows])
        for name in ("system", *((BY_LINE,) if by_line else BY_SEGMENT), wanted):
            if header.count(name) != 1:
                raise DataError(
                    f"{path}:1: expected one column '{name}', found {header.count(name)}; columns: {', '.join(header)}",
                    hint=f"the header has system, article and segment (or line), and a column of scores, "
                    f"separated by tabs; {CHOOSE}",
                )
        ratings = cls(digest, wanted, by_line=by_line)
        others = [index for index, name in enumerate(header) if name not in (*KEYS, wanted)]
        for number, fields in rows:
            cells = dict(zip(header, fields, strict=True))
            where = f"{path}:{number}"
            rater = tuple(fields[index] for index in others)
            ratings._add(_spot(cells, where, by_line=by_line), cells[wanted], where, wanted, rater)
        ratings._average()
        return ratings

    @classmethod
    def _of_foreign(cls, foreign: Foreign, path: Path, column: str, digest: str) -> Ratings:
        ratings = cls(digest, column, by_line=foreign.by_line)
        ratings.foreign = foreign
        ratings.lengths = {system: (path, count) for system, count in foreign.lengths.items()}
        ratings.attention = judge_attention(foreign.checks)
        careless = {found.rater for found in ratings.attention if found.excluded}
        for row in foreign.rows:
            if careless.intersection(row.rater):
                continue
            ratings._place(row.spot, row.where, row.rater)
            if row.score is not None:
                ratings._ratings.setdefault(row.spot, []).append(row.score)
            if row.spans:
                ratings.spans[row.spot] = (*ratings.spans.get(row.spot, ()), *row.spans)
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
            ratings.lengths[system] = files[system], len(lines)
            for number, text in enumerate(lines, start=1):
                ratings._add(Spot(system, "", "", number), text, f"{files[system]}:{number}", "score", ())
        ratings._average()
        return ratings

    def _add(self, spot: Spot, text: str, where: str, field: str, rater: tuple[str, ...]) -> None:
        self._place(spot, where, rater)
        if text.strip():
            self._ratings.setdefault(spot, []).append(_number(text.strip(), where, field))

    def _place(self, spot: Spot, where: str, rater: tuple[str, ...]) -> None:
        self.places.setdefault(spot, where)
        earlier = self._raters.setdefault(spot, {}).setdefault(rater, where)
        if earlier != where:
            self.doubles.setdefault(spot, (earlier, where))

    def _average(self) -> None:
        # fsum: the mean must not depend on the order of the rows.
        self.scores = {key: math.fsum(values) / len(values) for key, values in self._ratings.items()}
        self.averaged = sum(len(values) > 1 for values in self._ratings.values())


def _spot(cells: Mapping[str, str], where: str, *, by_line: bool) -> Spot:
    system, article = cells["system"], "" if by_line else cells["article"]
    for field, text in (("system", system), *(() if by_line else (("article", article),))):
        if not text:
            raise DataError(f"{where}: field '{field}' is empty")
    field = BY_LINE if by_line else "segment"
    number = cells[field]
    if not (number.isascii() and number.isdigit() and int(number) > 0):
        raise DataError(f"{where}: field '{field}': '{number}' is not a {field} number (1, 2, ...)")
    return Spot(system, cells.get("pair", ""), article, int(number))


def _column_of_scores(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The column that must be meant where none was named."""
    others = [name for name in dict.fromkeys(header) if name not in KEYS]
    if "score" in others or not others:
        return "score"
    if len(others) == 1:
        return others[0]
    numeric = [name for name in others if _has_numbers([fields[header.index(name)] for fields in rows])]
    if len(numeric) != 1:
        problem = (
            f"several columns have numbers: {', '.join(numeric)}" if numeric else "no other column has only numbers"
        )
        raise DataError(f"{path}:1: no column 'score', and {problem}; found: {', '.join(header)}", hint=CHOOSE)
    return numeric[0]


def _has_numbers(cells: Sequence[str]) -> bool:
    given = [cell.strip() for cell in cells if cell.strip()]
    return bool(given) and all(math.isfinite(_parse(cell)) for cell in given)


def _content(path: Path) -> bytes:
    try:
        with open_regular(path) as file:
            return file.read()
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from error


def _read(path: Path) -> tuple[str, list[str]]:
    """The file's SHA-256 and its lines, split at LF or CRLF only; the last line end is not a line."""
    content = _content(path)
    try:
        text = content.decode("utf-8-sig")
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


def _number(text: str, where: str, field: str) -> float:
    value = _parse(text)
    if not math.isfinite(value):
        raise DataError(f"{where}: field '{field}': '{text}' is not a finite number")
    return value
