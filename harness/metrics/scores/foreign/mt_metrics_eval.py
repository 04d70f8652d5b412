"""Segment scores of Google's mt-metrics-eval: ``…seg.score`` and ``…seg.rating``, without a header.

Each line is a system and its score; the lines of a system are the lines of the test set, in order. ``None`` was not
rated. In a ``seg.rating`` the score is a JSON object with marked errors: the sum of their scores is that of the
segment, and lower is better.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from pathlib import Path
from typing import Any

from harness.errors import DataError
from harness.metrics.scores.rows import Foreign, MarkedError, Rated, Spot

HEAD = 20
"""Lines that are looked at to recognise a file."""

_LINE = re.compile(r"(?P<system>\S+)\s+(?P<score>None|[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?|\{\"errors\".*)")


def is_mt_metrics_eval(content: bytes) -> bool:
    """Whether the first lines are a system and a score each."""
    if b"\0" in content[:1000]:
        return False
    head = content.decode("utf-8-sig", "replace").split("\n", HEAD)[:HEAD]
    lines = [line.rstrip("\r") for line in head if line.strip()]
    return bool(lines) and all(_LINE.fullmatch(line) for line in lines)


def read_mt_metrics_eval(path: Path, content: bytes) -> Foreign:
    """All scores, those that are ``None`` too.

    Raises:
        DataError: a line is no system and score.
    """
    rows: list[Rated] = []
    counts: Counter[str] = Counter()
    marked = False
    for number, line in enumerate(content.decode("utf-8-sig", "replace").split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        match = _LINE.fullmatch(line.rstrip("\r"))
        if match is None:
            raise DataError(f"{where}: not a system and its score, separated by a tab")
        system, given = match["system"], match["score"]
        counts[system] += 1
        spot = Spot(system, "", "", counts[system])
        if given == "None":
            rows.append(Rated(spot, None, where))
        elif given.startswith("{"):
            marked = True
            rows.append(_marked(spot, given, where))
        else:
            rows.append(Rated(spot, _number(given, where), where))
    if marked and any(row.score is not None and not row.rater for row in rows):
        raise DataError(f"{path}: scores and marked errors in one file", hint="give one of seg.score and seg.rating")
    return Foreign(
        "mt-metrics-eval", tuple(rows), by_line=True, human=marked, counts_errors=marked, lengths=dict(counts)
    )


def _marked(spot: Spot, text: str, where: str) -> Rated:
    """A rating; what stands after it names the rater."""
    try:
        rating, end = json.JSONDecoder().raw_decode(text)
        spans = tuple(_span(error) for error in rating["errors"])
        score = math.fsum(float(error["score"]) for error in rating["errors"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{where}: not a rating with the score of every error: {error}") from error
    return Rated(spot, score, where, (text[end:].strip() or "rater",), spans)


def _span(error: dict[str, Any]) -> MarkedError:
    at = int(error["start"]), int(error["end"])
    source = bool(error.get("is_source_error"))
    return MarkedError(at, str(error.get("severity") or "").lower(), str(error.get("category") or ""), source)


def _number(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(f"{where}: field 'score': '{text}' is not a finite number")
    return value
