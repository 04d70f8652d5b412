"""A rating campaign of ``harness rate``: its ``campaign.json``, with the ratings that lie beside it.

The ratings are ``answers.jsonl`` of the page, a workbook ``RATER.xlsx`` with its key for each person, or Pearmut's
``data/annotations/*.jsonl``. Of several answers of a person for one translation the last one counts; an answer of null
takes it back. Who has not begun is passed over. A line that was cut off at the very end of ``answers.jsonl``, as by a
power cut, is left out and counted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.errors import DataError
from harness.metrics.scores.foreign.blind import read_blind
from harness.metrics.scores.foreign.pearmut import read_pearmut
from harness.metrics.scores.rows import AttentionCheck, Foreign, Rated, Spot
from harness.store.files import open_regular

FORMAT = "harness-rating"

MANIFEST, ANSWERS = "campaign.json", "answers.jsonl"

HINT = "it was written by harness rate; do not change it"

LIMITS = (0.0, 100.0)

RATER = re.compile(r"\w[\w .@+-]{0,39}")
"""Names of people, which are names of files too."""


def is_campaign(content: bytes) -> bool:
    """Whether it is the description of a campaign."""
    return content.lstrip().startswith(b"{") and f'"format": "{FORMAT}"'.encode() in content[:200]


def read_campaign(path: Path, content: bytes) -> Foreign:
    """All ratings that lie beside it.

    Raises:
        DataError: the description is damaged, there are no ratings yet, or one is none.
    """
    manifest = load_manifest(path, content)
    readers = {"page": _page, "xlsx": _workbooks, "pearmut": _pearmut}
    read = readers.get(manifest["tool"])
    if read is None:
        raise DataError(f"{path}: unknown tool '{manifest['tool']}'", hint=HINT)
    foreign = read(path, manifest)
    if not any(row.score is not None for row in foreign.rows):
        raise DataError(f"{path}: there are no ratings yet", hint="take them back when people have rated")
    rows = tuple(replace(row, spot=replace(row.spot, pair=str(manifest["pair"]))) for row in foreign.rows)
    return replace(foreign, format=FORMAT, rows=rows, chosen=bool(manifest["chosen"]))


def load_manifest(path: Path, content: bytes) -> Mapping[str, Any]:
    """What a campaign says of itself.

    Raises:
        DataError: something is not there.
    """
    try:
        manifest = json.loads(content)
        wanted = {"format", "tool", "run", "pair", "chosen", "raters"}
        known = isinstance(manifest, dict) and manifest.keys() >= wanted and manifest["format"] == FORMAT
    except ValueError as error:
        raise DataError(f"{path}: not JSON: {error}", hint=HINT) from error
    if not known or not isinstance(manifest["raters"], list):
        raise DataError(f"{path}: not a campaign of harness rate", hint=HINT)
    if not all(isinstance(rater, str) and RATER.fullmatch(rater) for rater in manifest["raters"]):
        raise DataError(f"{path}: field 'raters': not names", hint=HINT)
    return dict(manifest)


def read_answers(path: Path, content: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """The whole lines of ``answers.jsonl``, each with where it stands.

    Raises:
        DataError: a line is no answer.
    """
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        try:
            answer = json.loads(line)
        except ValueError:
            answer = None
        kinds = {"rater": str, "item": int, "letter": str}
        typed = isinstance(answer, dict) and all(isinstance(answer.get(name), kind) for name, kind in kinds.items())
        if not typed or "score" not in answer or answer["item"] < 0:
            raise DataError(f"{path}:{number}: not an answer: {line[:60]!r}", hint=HINT)
        yield f"{path}:{number}", answer


def _read(path: Path) -> bytes:
    try:
        with open_regular(path) as file:
            return file.read()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from error


def _page(path: Path, manifest: Mapping[str, Any]) -> Foreign:
    answers = path.with_name(ANSWERS)
    content = _read(answers)
    last: dict[tuple[str, int, str], tuple[float | None, str]] = {}
    for where, answer in read_answers(answers, content):
        last[answer["rater"], answer["item"], answer["letter"]] = _score(answer["score"], where), where
    rows: list[Rated] = []
    checks: list[AttentionCheck] = []
    for (rater, index, letter), (score, where) in last.items():
        shown = _shown(manifest, rater, index, letter, where)
        rows += [Rated(spot, score, where, (rater,)) for spot in shown.spots]
        original = last.get((rater, index, shown.check_of), (None, ""))[0]
        if shown.check_of and score is not None and original is not None:
            checks.append(AttentionCheck(rater, score, original))
    tail = content.rpartition(b"\n")[2]
    note = f"the last line of {ANSWERS} was cut off and is left out" if tail else ""
    return Foreign(FORMAT, tuple(rows), by_line=False, human=True, checks=tuple(checks), read=content, skipped=note)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What stood under a letter."""

    spots: tuple[Spot, ...]
    """One for each system with this text."""
    check_of: str
    """Of a damaged copy, the letter of the original; else empty."""


def _shown(manifest: Mapping[str, Any], rater: str, index: int, letter: str, where: str) -> _Shown:
    try:
        item = manifest["items"][rater][index]
        _ = item["texts"][letter]
        check = item.get("check", {})
        article, _, number = item["id"].rpartition(":")
        spots = tuple(Spot(str(system), "", article, int(number)) for system in item["key"].get(letter, ()))
        return _Shown(spots, str(check["of"]) if check.get("letter") == letter else "")
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{where}: the campaign has no such translation", hint=HINT) from error


def _score(value: object, where: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not LIMITS[0] <= value <= LIMITS[1]:
        raise DataError(f"{where}: field 'score': {value!r} is not a number from 0 to 100", hint=HINT)
    return float(value)


def _workbooks(path: Path, manifest: Mapping[str, Any]) -> Foreign:
    rows: list[Rated] = []
    checks: list[AttentionCheck] = []
    read = b""
    for rater in manifest["raters"]:
        workbook = path.with_name(f"{rater}.xlsx")
        content = _read(workbook)
        if not content:
            raise DataError(f"{workbook}: No such file or directory", hint="put the workbook of every rater beside it")
        foreign = read_blind(workbook, content, "")
        rows += [replace(row, rater=(rater,)) for row in foreign.rows]
        checks += [replace(check, rater=rater) for check in foreign.checks]
        read += content
    return Foreign(FORMAT, tuple(rows), by_line=False, human=True, checks=tuple(checks), read=read)


def _pearmut(path: Path, _: Mapping[str, Any]) -> Foreign:
    files = sorted((path.parent / "data" / "annotations").glob("*.jsonl"))
    content = b"".join(_read(file) for file in files)
    if not content.strip():
        return Foreign(FORMAT, (), by_line=False, human=True)
    return replace(read_pearmut(files[0], content), read=content)
