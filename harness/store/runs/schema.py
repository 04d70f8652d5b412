"""The files of a run directory, as models.

``run.json`` is written last, so its presence says that the directory is whole. ``schema`` counts up whenever an older
harness could no longer read the files; :data:`UPGRADES` brings older manifests to the newest form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from harness.metrics.interface import Side
from harness.store.runs.known_schema import MemorisationFile, OverlapFile
from harness.store.runs.latency import FEWEST_FOR_P95
from harness.types import SIGNIFICANT, Decimals, Kind, PartKind

SCHEMA: Final = 4


def _add_traffic(data: dict[str, Any]) -> dict[str, Any]:
    """1 to 2: what was sent, what it cost, and repetitions."""
    for pair in data["pairs"]:
        for system in pair["systems"]:
            system["traffic"] = _said_by("missing", "unknown.not_measured") | {"fix": ""}
            system["repeats"] = {}
    return data | {"schema_version": 2}


def _doubt_latency(data: dict[str, Any]) -> dict[str, Any]:
    """2 to 3: latencies that contain imports, or come from too few requests, are known no more."""
    for pair in data["pairs"]:
        for system in pair["systems"]:
            traffic = system["traffic"]
            if "missing" not in traffic:
                inside = _said_by("unknown", "latency.imports_inside")
                # A few slow first requests move the 95th percentile of many, and not their median.
                median = traffic["p50"] if traffic["requests"] >= FEWEST_FOR_P95 else inside
                system["traffic"] = traffic | {"p50": median, "p95": inside}
    return data | {"schema_version": 3}


def _said_by(name: str, key: str) -> dict[str, Any]:
    """A reason of a :class:`ReasonedFile`, for which a file has no words yet."""
    return {name: "", "reasons": {name: {"key": key, "fields": {}}}}


def _only_told(data: dict[str, Any]) -> dict[str, Any]:
    """3 to 4: reasons have a key and fields; those of before stay as they were said."""
    return data | {"schema_version": 4}


UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _add_traffic, 2: _doubt_latency, 3: _only_told}
"""From version n to n + 1, on the parsed JSON of ``run.json``."""


class FileModel(BaseModel):
    """Base of everything the harness keeps: unknown keys are damage."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="constants", defer_build=True)


class PartFile(FileModel):
    """A part of a sentence, :class:`harness.types.Part`."""

    part: PartKind
    value: FieldFile | tuple[FieldFile, ...]
    of: str = ""
    decimals: Decimals = SIGNIFICANT


class ReasonFile(FileModel):
    """What a sentence is made of, :class:`harness.types.Reason`."""

    key: str
    fields: dict[str, FieldFile] = {}


FieldFile = str | int | float | PartFile | ReasonFile


class ReasonedFile(FileModel):
    """Base of what says why: the English in a field of its own, for whoever reads the file."""

    reasons: dict[str, ReasonFile] = {}
    """Name of such a field to what its sentence is made of; without an entry it is somebody else's words."""


class MissingFile(ReasonedFile):
    """A score that could not be had."""

    missing: str
    fix: str


class ScoreFile(FileModel):
    """A score in full precision."""

    score: float
    n: int


class TraitsFile(FileModel):
    """What a metric is, :class:`harness.types.Traits`."""

    kind: Kind
    family: str
    decimals: Decimals
    usual_margin: float
    usual_spread: float | None
    """None: unknown."""
    brought: bool


class IdentityFile(FileModel):
    """A metric's identity."""

    name: str
    signature: str
    higher_is_better: bool
    needs_reference: bool
    traits: TraitsFile | None = None
    """None in runs of before there were any: name and signature then say what the metric is."""


class SpanFile(FileModel):
    """An error span, :class:`harness.metrics.interface.ErrorSpan`."""

    start: int
    end: int
    severity: str
    confidence: float
    side: Side
    category: str
    text: str
    reason: str


class MetricFile(FileModel):
    """One metric on one system; rows and segment scores stand in ``statistics.npz`` under ``arrays``."""

    identity: IdentityFile
    corpus: ScoreFile | MissingFile
    articles: tuple[ScoreFile | MissingFile, ...]
    arrays: str
    marks: tuple[str, ...]
    spans: dict[int, tuple[tuple[int, int, str, float] | SpanFile, ...]]
    """In short where there is nothing besides offsets in the hypothesis, severity and confidence."""
    justifications: dict[int, str] = {}


class EngineFile(FileModel):
    """An engine's identity."""

    engine: str
    version: str
    options: dict[str, Any]


class CostFile(ReasonedFile):
    """An amount of money; ``unknown`` says why there is none."""

    amount: float | None = None
    currency: str = ""
    unknown: str = ""


class UnknownFile(ReasonedFile):
    """A figure that is not known."""

    unknown: str


NOT_KEPT = UnknownFile.model_validate(_said_by("unknown", "latency.not_kept"))


class TooFewFile(ReasonedFile):
    """A figure for which there are not enough requests."""

    too_few: str


class TimingFile(FileModel):
    """Seconds and source characters of one request."""

    seconds: float
    characters: int


class TrafficFile(FileModel):
    """What getting a system's translations took."""

    requests: int
    wasted: int
    p50: float | UnknownFile | TooFewFile
    p95: float | UnknownFile | TooFewFile
    characters_per_second: float | UnknownFile
    first: str
    last: str
    cached: int
    spent: CostFile
    saved: CostFile
    models: tuple[str, ...]
    price_source: str
    timings: tuple[TimingFile, ...] = ()
    answers: int | UnknownFile = NOT_KEPT
    characters: int | UnknownFile = NOT_KEPT
    repetitions: int | UnknownFile = NOT_KEPT


class SystemEntry(FileModel):
    """One system on one pair."""

    name: str
    label: str
    engine: EngineFile
    origin: str
    price_per_million: float | None
    currency: str
    scores: dict[str, MetricFile | MissingFile]
    traffic: TrafficFile | MissingFile
    repeats: dict[str, tuple[float, ...]]


class ArticleEntry(FileModel):
    """One article; its segments stand in ``segments.jsonl``."""

    id: str
    meta: dict[str, str]


class NoteEntry(ReasonedFile):
    """A note."""

    where: str
    what: str


class PairEntry(FileModel):
    """One pair."""

    source: str
    target: str
    corpus: str
    """Digest of the corpus; two runs can be compared when it is equal."""
    articles: tuple[ArticleEntry, ...]
    metrics: tuple[str, ...]
    systems: tuple[SystemEntry, ...]
    absent: dict[str, str]
    notes: tuple[NoteEntry, ...]
    metric_costs: dict[str, CostFile] = {}
    overlaps: dict[str, OverlapFile | MissingFile] | MissingFile | None = None
    """By file, or why there is none; None in runs of before anybody looked."""
    memorised: dict[str, MemorisationFile | MissingFile] = {}


PROJECT_NOT_KEPT = MissingFile.model_validate(_said_by("missing", "project.not_kept") | {"fix": ""})


class RunFile(FileModel):
    """``run.json``."""

    schema_version: Literal[4]
    id: str
    name: str = ""
    """As ``harness run --name`` gave it; empty where it gave none."""
    project: str | MissingFile = PROJECT_NOT_KEPT
    """What the workspace of the run is called."""
    created: str
    status: Literal["complete", "incomplete"]
    command: str
    seed: int
    settings: dict[str, Any]
    environment: dict[str, str]
    pairs: tuple[PairEntry, ...]
