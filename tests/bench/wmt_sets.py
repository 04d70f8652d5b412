"""The test sets of ``python -m tests.bench wmt``: systems, published scores, and what people say of every two of them.

A folder of a WMT set holds ``source.txt``, ``reference.NAME.txt``, ``systems/NAME.txt`` and, as far as there are any,
``docids.txt`` (``domain<TAB>docid`` per line), ``metrics_seg.tsv`` and ``human_PROTOCOL_seg.tsv`` (``system``, ``line``
and columns of scores), and ``official_scores.tsv`` (``system``, ``metric``, ``reference``, ``score``, ``scale``). A
folder ``biomqm.PAIR`` holds ``segments.jsonl`` and ``references.jsonl``.
"""

from __future__ import annotations

import csv
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import sqrt
from pathlib import Path

from harness.errors import DataError
from harness.metrics.scores.metric import Scores
from harness.types import SystemName

Pair = tuple[SystemName, SystemName]

Truth = Mapping[Pair, SystemName]
"""The better of two systems, for the pairs that people confirm to differ."""

PROTOCOLS = {"mqm": "MQM", "da-sqm": "DA+SQM", "esa": "ESA"}
"""Names of files with ratings per segment. Repetitions of a protocol on part of the lines are left out."""

COLUMNS = {
    "comet": "COMET-refA",
    "cometkiwi": "CometKiwi-src",
    "xcomet": "XCOMET-XL-refA",
    "metricx": "MetricX-23-refA",
    "bleurt": "BLEURT-20-refA",
}
"""Column heading here to the one of ``metrics_seg.tsv``; MetricX is negated there, so higher is better in all."""

ESA_COLUMN = "esa_score_0_100"

BLOCK = 10
"""So many lines in a row stand in for an article where no document ids are known."""

CONFIDENT = 1.96


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """One test set, ready to be scored."""

    name: str
    source: Path
    references: Mapping[str, Path]
    docids: Path
    known_articles: bool
    """Whether ``docids`` are the real ones, not blocks of lines."""
    systems: Mapping[str, Path]
    metrics: Mapping[str, Scores] = field(default_factory=dict)
    """Published segment scores."""
    people: Mapping[str, Scores] = field(default_factory=dict)
    """Protocol to ratings per segment."""
    truths: Mapping[str, Truth] = field(default_factory=dict)
    """Protocol to what is published of whole systems."""

    @property
    def pair(self) -> str:
        """Such as ``en-de``."""
        return self.name.rpartition(".")[2]


def find_sets(data: Path, scratch: Path, names: Sequence[str]) -> Iterator[JudgedSet]:
    """All sets under ``data`` that people have judged; ``scratch`` takes files that are made of others.

    Raises:
        DataError: there is none, or none of such a name.
    """
    found = sorted(path.name for path in data.glob("*.*-*") if path.is_dir())
    for name in names:
        if name not in found:
            raise DataError(f"{data}: no folder {name}", hint="to see what is needed: harness docs wmt")
    empty = True
    for name in names or found:
        made = _bio(data / name, scratch) if name.startswith("biomqm") else _wmt(data / name, scratch)
        if made is not None:
            empty = False
            yield made
    if empty:
        raise DataError(f"{data}: no test set that people have judged", hint="to see what is needed: harness docs wmt")


def _wmt(folder: Path, scratch: Path) -> JudgedSet | None:
    for name in ("source.txt", "systems"):
        if not (folder / name).exists():
            raise DataError(f"{folder}: no {name}", hint="to see what is needed: harness docs wmt")
    references = {
        path.name.split(".")[1]: path
        for path in sorted(folder.glob("reference.*.txt"))
        if not path.name.startswith("reference.synthetic")
    }
    ratings = {key: folder / f"human_{key}_seg.tsv" for key in PROTOCOLS}
    rated = {key: path for key, path in ratings.items() if path.exists()}
    official = _official(folder)
    truths = {f"{title}, systems": truth for title, truth in _published(official).items() if truth}
    outputs = {path.stem: path for path in sorted((folder / "systems").glob("*.txt"))}
    judged = {name for truth in truths.values() for pair in truth for name in pair}
    judged |= {SystemName(name) for path in rated.values() for name in _raters(path)}
    systems = {name: path for name, path in outputs.items() if name in judged}
    if len(systems) < 2 or not (rated or truths):
        return None
    docids = folder / "docids.txt"
    known = docids.exists()
    if not known:
        docids = scratch / f"{folder.name}.docids.txt"
        lines = len((folder / "source.txt").read_text(encoding="utf-8").split("\n")) - 1
        docids.write_text("".join(f"lines-{n // BLOCK:04d}\n" for n in range(lines)), encoding="utf-8")
    segment_scores = folder / "metrics_seg.tsv"
    columns: set[str] = set()
    if segment_scores.exists():
        with segment_scores.open(encoding="utf-8") as file:
            columns = set(file.readline().rstrip("\n").split("\t"))
    return JudgedSet(
        name=folder.name,
        source=folder / "source.txt",
        references=references,
        docids=docids,
        known_articles=known,
        systems=systems,
        metrics={
            name: Scores.from_tsv(name, segment_scores, column=column)
            for name, column in COLUMNS.items()
            if column in columns
        },
        people={
            PROTOCOLS[key]: Scores.from_tsv(PROTOCOLS[key], _means(path, key, scratch)) for key, path in rated.items()
        },
        truths=truths,
    )


def _official(folder: Path) -> list[Mapping[str, str]]:
    path = folder / "official_scores.tsv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _raters(path: Path) -> set[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["system"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}


def _means(path: Path, key: str, scratch: Path) -> Path:
    """The ratings with one row for each system and line: published ones have a few twice, by the same annotator too."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    column = ESA_COLUMN if key == "esa" else next((name for name in rows[0] if "score" in name), "score")
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in rows:
        if row[column].strip():
            found[row["system"], row["line"]].append(float(row[column]))
    made = scratch / f"{path.parent.name}.{path.name}"
    lines = [f"{system}\t{line}\t{sum(marks) / len(marks)!r}" for (system, line), marks in found.items()]
    _write(made, ["system\tline\tscore", *lines])
    return made


def _published(rows: Sequence[Mapping[str, str]]) -> dict[str, dict[Pair, SystemName]]:
    """What is published of whole systems: ranges of ranks that do not meet, or means of z-scores far enough apart.

    A z-score has a standard deviation of about 1 within an annotator, so that of a mean of ``n`` is at most about
    ``1/sqrt(n)``; two systems differ where the gap is beyond 1.96 standard errors of a difference.
    """
    ranks: dict[str, tuple[int, int]] = {}
    means: dict[str, tuple[float, int]] = {}
    for row in rows:
        if row["system"].lower().startswith("human"):
            continue
        if row["metric"] == "human ESA" and (found := re.search(r"rank (\d+)-(\d+)", row["scale"])):
            ranks[row["system"]] = int(found[1]), int(found[2])
        if row["metric"] in ("human DA z", "human DA+SQM z") and (found := re.search(r"n=(\d+)", row["scale"])):
            means[row["system"]] = float(row["score"]), int(found[1])
    truths: dict[str, dict[Pair, SystemName]] = {"ESA ranks": {}, "DA z": {}}
    for a, b in combinations(sorted(ranks), 2):
        if ranks[a][1] < ranks[b][0] or ranks[b][1] < ranks[a][0]:
            truths["ESA ranks"][SystemName(a), SystemName(b)] = SystemName(a if ranks[a] < ranks[b] else b)
    for a, b in combinations(sorted(means), 2):
        (mean_a, n_a), (mean_b, n_b) = means[a], means[b]
        if abs(mean_a - mean_b) > CONFIDENT * sqrt(1 / n_a + 1 / n_b):
            truths["DA z"][SystemName(a), SystemName(b)] = SystemName(a if mean_a > mean_b else b)
    return truths


def _bio(folder: Path, scratch: Path) -> JudgedSet | None:
    """Segments that every kept system has for the same source; ratings are means over annotators, 0 is best."""
    references = {(str(row["doc"]), int(row["seg"])): row["reference"] for row in _jsonl(folder / "references.jsonl")}
    texts: dict[str, dict[tuple[str, int], str]] = defaultdict(dict)
    sources: dict[tuple[str, int], str] = {}
    marks: dict[tuple[str, tuple[str, int]], list[float]] = defaultdict(list)
    for row in _jsonl(folder / "segments.jsonl"):
        key = (str(row["doc"]), int(row["seg"]))
        if row["source_same_as_reference_row"] and not str(row["system"]).startswith("reference") and key in references:
            texts[row["system"]].setdefault(key, _line(row["target"]))
            sources[key] = _line(row["source"])
            marks[row["system"], key].append(float(row["mqm_1_5_25"]))
    kept = sorted(set.intersection(*(set(found) for found in texts.values())))
    place = scratch / folder.name
    place.mkdir(parents=True, exist_ok=True)
    _write(place / "source.txt", [sources[key] for key in kept])
    _write(place / "reference.txt", [_line(references[key]) for key in kept])
    _write(place / "docids.txt", [doc for doc, _ in kept])
    for system, found in texts.items():
        _write(place / f"{system}.hyp.txt", [found[key] for key in kept])
    rows = ["system\tline\tscore"]
    for system in texts:
        for number, key in enumerate(kept, start=1):
            found_marks = marks[system, key]
            rows.append(f"{system}\t{number}\t{sum(found_marks) / len(found_marks)!r}")
    _write(place / "mqm.tsv", rows)
    return JudgedSet(
        name=folder.name,
        source=place / "source.txt",
        references={"reference": place / "reference.txt"},
        docids=place / "docids.txt",
        known_articles=True,
        systems={name: place / f"{name}.hyp.txt" for name in sorted(texts)},
        people={"MQM": Scores.from_tsv("MQM", place / "mqm.tsv")},
    )


def _jsonl(path: Path) -> Iterator[dict[str, str]]:
    if not path.exists():
        raise DataError(f"{path.parent}: no {path.name}", hint="to see what is needed: harness docs wmt")
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _line(text: str) -> str:
    return " ".join(text.split())


def _write(path: Path, lines: Sequence[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
