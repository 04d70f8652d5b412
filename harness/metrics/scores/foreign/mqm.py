"""Marked errors as Google's MQM files and Marot have them: a row for each error, or one that says there is none.

Tab-separated with a header: ``system doc doc_id seg_id rater source target category severity`` and more, or Marot's
``docSegId globalSegId``. ``doc`` is the article and ``doc_id`` (``docSegId``) the segment in it. The error stands
between ``<v>`` and ``</v>``. The score of a segment is the sum of the weights of the errors of a rater, the mean over
raters, and lower is better. Rows without a rater carry other things, and rows of severity ``HOTW-test`` check the
rater: both are left out.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

from harness.errors import DataError, so_many
from harness.metrics.scores.rows import Foreign, MarkedError, Rated, Spot

SEVERITIES = {"major": 5.0, "minor": 1.0, "neutral": 0.0, "undecided": 0.0, "trivial": 0.1, "critical": 25.0}
"""Weights of Freitag et al. (2021), Experts, Errors, and Context, table 2; ``critical`` is that of MQM 1-5-25, in which
the other two are the same, and ``trivial`` is what newer files call a minor fault of punctuation."""

NON_TRANSLATION, PUNCTUATION = 25.0, 0.1

NO_ERROR = frozenset({"", "no-error", "no_error", "noerror"})

_COLUMNS = ({"system", "doc", "doc_id"}, {"system", "doc", "docSegId"})

_MARKED = re.compile("<v>(.*?)</v>", re.DOTALL)


def weight_of(severity: str, category: str) -> float | None:
    """What an error counts: by its severity, but 25 for a text that is no translation and 0.1 for minor punctuation.

    None where nobody published a weight for the severity.
    """
    level, kind = severity.strip().lower(), category.strip().lower().replace("_", "-")
    if level in NO_ERROR or kind in NO_ERROR - {""}:
        return 0.0
    if level == "major" and kind.startswith("non-translation"):
        return NON_TRANSLATION
    if level == "minor" and kind.rpartition("/")[2] == "punctuation":
        return PUNCTUATION
    return SEVERITIES.get(level)


def is_mqm(content: bytes) -> bool:
    """Whether the first line is the header of such a file."""
    header = set(content.partition(b"\n")[0].decode("utf-8-sig", "replace").rstrip("\r").split("\t"))
    return {"rater", "category", "severity"} <= header and any(columns <= header for columns in _COLUMNS)


def read_mqm(path: Path, content: bytes) -> Foreign:
    """Sums of weights by rater, and the errors.

    Raises:
        DataError: a row is not of this format, or of a severity that has no weight.
    """
    first, *lines = content.decode("utf-8-sig", "replace").removesuffix("\n").split("\n")
    header = first.rstrip("\r").split("\t")
    number_column = "doc_id" if "doc_id" in header else "docSegId"
    sums: dict[tuple[Spot, str], list[float]] = {}
    spans: dict[tuple[Spot, str], list[MarkedError]] = {}
    places: dict[tuple[Spot, str], str] = {}
    skipped = 0
    for line, text in enumerate(lines, start=2):
        where, fields = f"{path}:{line}", text.rstrip("\r").split("\t")
        if len(fields) < len(header) - 1:  # the last column may be empty, and its tab gone
            raise DataError(f"{where}: {so_many(len(fields), 'field')}, but the header has {len(header)}")
        row = dict(zip(header, fields, strict=False))
        severity, category = row["severity"], row["category"]
        if not row["rater"] or severity.lower() == "hotw-test":
            skipped += 1
            continue
        number = row[number_column]
        if not (number.isascii() and number.isdigit() and int(number) > 0):
            raise DataError(f"{where}: field '{number_column}': '{number}' is not the number of a segment (1, 2, ...)")
        weight = weight_of(severity, category)
        if weight is None:
            known = ", ".join(SEVERITIES)
            raise DataError(f"{where}: field 'severity': no weight for '{severity}'", hint=f"known: {known}, no-error")
        key = Spot(row["system"], "", row["doc"], int(number)), row["rater"]
        places.setdefault(key, where)
        sums.setdefault(key, []).append(weight)
        if severity.lower() not in NO_ERROR:
            spans.setdefault(key, []).append(_span(row["source"], row["target"], severity, category))
    rows = tuple(
        Rated(spot, math.fsum(weights), places[spot, rater], (rater,), tuple(spans.get((spot, rater), ())))
        for (spot, rater), weights in sums.items()
    )
    note = f"rows without a rater, or that check one, left out: {skipped}" if skipped else ""
    return Foreign("mqm", rows, by_line=False, human=True, counts_errors=True, skipped=note)


def _span(source: str, target: str, severity: str, category: str) -> MarkedError:
    """Where the error is in the text without its marks."""
    for text, in_source in ((target, False), (source, True)):
        match = _MARKED.search(text)
        if match:
            start = match.start()
            return MarkedError((start, start + len(match[1])), severity.lower(), category, in_source)
    return MarkedError("missing", severity.lower(), category)
