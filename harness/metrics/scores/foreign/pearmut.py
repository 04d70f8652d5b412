"""Annotations of Pearmut: ``data/annotations/CAMPAIGN.jsonl``, or what its dashboard lets one download.

A line is what one person answered for one document: ``item`` has the segments, ``annotation`` an answer for each of
them, by system. Of lines of the same person on the same segment and system the last one counts. An ``annotation`` of
``__RESET__`` voids all earlier lines of that person. Lines whose ``item_i`` begins with ``welcome_``, ``random_`` or
``goodbye_`` are training and checks, and are skipped. A segment without ``score`` has the mean of its sliders; one
without either was not rated. ``item_id`` is ``article:number``, as ``harness export`` writes it. What is called
``check:SYSTEM`` is an attention check: a damaged copy of the translation by that system.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.errors import DataError
from harness.metrics.scores.rows import AttentionCheck, Foreign, MarkedError, Rated, Spot

RESET = "__RESET__"

NOT_RATINGS = ("welcome_", "random_", "goodbye_")

CHECK = "check:"
"""Before the name of a system: an attention check, as ``harness rate`` adds them."""

_Key = tuple[str, str, str]


def is_pearmut(content: bytes) -> bool:
    """Whether the first line is a JSON object with an annotation, or the file is one of lists of them."""
    head = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head.startswith(b"{"):
        return False
    try:
        first = json.loads(head.partition(b"\n")[0])
    except ValueError:
        return False
    if not isinstance(first, dict) or not first:
        return False
    if "annotation" in first:
        return True
    campaigns = [value for value in first.values() if isinstance(value, list)]
    entries = [entry for lines in campaigns for entry in lines]
    return len(campaigns) == len(first) and all(isinstance(entry, dict) and "annotation" in entry for entry in entries)


def read_pearmut(path: Path, content: bytes) -> Foreign:
    """All ratings that count.

    Raises:
        DataError: a line is no annotation, or names no segment.
    """
    rated: dict[_Key, Rated] = {}
    skipped = 0
    for where, entry in _entries(path, content):
        user = str(entry.get("user_id", ""))
        answers = entry.get("annotation")
        if answers == RESET:
            rated = {key: row for key, row in rated.items() if key[0] != user}
            continue
        if str(entry.get("item_i", "")).startswith(NOT_RATINGS):
            skipped += 1
            continue
        items = entry.get("item")
        if not isinstance(items, list) or not isinstance(answers, list) or len(items) != len(answers):
            raise DataError(f"{where}: field 'annotation': no answer for each segment of 'item'")
        for item, answer in zip(items, answers, strict=True):
            for system, given in answer.items() if isinstance(answer, dict) else ():
                if isinstance(given, dict):
                    rated[user, str(item.get("item_id")), system] = _rated(item, system, given, where, user)
    rows = {key: row for key, row in rated.items() if not key[2].startswith(CHECK)}
    checks = [
        AttentionCheck(user, copy.score, original.score)
        for (user, item, system), copy in rated.items()
        if system.startswith(CHECK)
        and (original := rated.get((user, item, system.removeprefix(CHECK)))) is not None
        and copy.score is not None
        and original.score is not None
    ]
    note = f"lines of training items and checks, left out: {skipped}" if skipped else ""
    return Foreign("pearmut", tuple(rows.values()), by_line=False, human=True, checks=tuple(checks), skipped=note)


def _entries(path: Path, content: bytes) -> Iterator[tuple[str, Mapping[str, Any]]]:
    text = content.decode("utf-8-sig", "replace")
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            raise DataError(f"{path}:{number}: not JSON: {error}") from error
        lines = [value] if "annotation" in value else [entry for entries in value.values() for entry in entries]
        for entry in lines:
            if not isinstance(entry, dict):
                raise DataError(f"{path}:{number}: not an annotation of Pearmut")
            yield f"{path}:{number}", entry


def _rated(answer: Mapping[str, Any], system: str, given: Mapping[str, Any], where: str, user: str) -> Rated:
    article, _, number = str(answer.get("item_id", "")).rpartition(":")
    if not article or not (number.isascii() and number.isdigit() and int(number) > 0):
        raise DataError(
            f"{where}: field 'item_id': '{answer.get('item_id', '')}' is not article:number",
            hint="the item_id of a campaign from `harness export --to pearmut` is",
        )
    score = given.get("score")
    if score is None:
        sliders = [value for value in (given.get("sliders") or {}).values() if value is not None]
        score = sum(sliders) / len(sliders) if sliders else None
    if score is not None and (isinstance(score, bool) or not isinstance(score, int | float)):
        raise DataError(f"{where}: field 'score': {score!r} is not a number")
    text = str((answer.get("tgt") or {}).get(system, ""))
    spans = tuple(_span(text, span) for span in given.get("error_spans") or () if isinstance(span, dict))
    spot = Spot(system, "", article, int(number))
    return Rated(spot, None if score is None else float(score), where, (user,), spans)


def _span(text: str, span: Mapping[str, Any]) -> MarkedError:
    """A span counts UTF-16 units and includes the last; one behind the text is of the token ``[missing]``."""
    start, end = span.get("start_i"), span.get("end_i")
    severity, category = str(span.get("severity") or ""), span.get("category")
    named = "/".join(map(str, category)) if isinstance(category, list) else str(category or "")
    units = text.encode("utf-16-le", "surrogatepass")
    if not isinstance(start, int) or not isinstance(end, int) or start * 2 >= len(units):
        return MarkedError("missing", severity, named)
    first, last = (len(units[: 2 * at].decode("utf-16-le", "ignore")) for at in (start, end + 1))
    return MarkedError((first, last), severity, named)
