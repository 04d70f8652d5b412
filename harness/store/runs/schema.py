"""The files of a run directory, as models.

``run.json`` is written last, so its presence says that the directory is whole. ``schema`` counts up whenever an older
harness could no longer read the files; :data:`UPGRADES` brings older manifests to the newest form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from harness.reports.words.messages import say
from harness.store.runs.latency import FEWEST_FOR_P95

SCHEMA: Final = 3


def _add_traffic(data: dict[str, Any]) -> dict[str, Any]:
    """1 to 2: what was sent, what it cost, and repetitions."""
    for pair in data["pairs"]:
        for system in pair["systems"]:
            system["traffic"] = {"missing": "not measured by the version that made this run", "fix": ""}
            system["repeats"] = {}
    return data | {"schema_version": 2}


def _doubt_latency(data: dict[str, Any]) -> dict[str, Any]:
    """2 to 3: latencies that contain imports, or come from too few requests, are known no more."""
    for pair in data["pairs"]:
        for system in pair["systems"]:
            traffic = system["traffic"]
            if "missing" not in traffic:
                inside = {"unknown": say("latency.imports_inside")}
                # A few slow first requests move the 95th percentile of many, and not their median.
                median = traffic["p50"] if traffic["requests"] >= FEWEST_FOR_P95 else inside
                system["traffic"] = traffic | {"p50": median, "p95": inside}
    return data | {"schema_version": 3}


UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _add_traffic, 2: _doubt_latency}
"""From version n to n + 1, on the parsed JSON of ``run.json``."""


class FileModel(BaseModel):
    """Base of everything the harness keeps: unknown keys are damage."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="constants")


class MissingFile(FileModel):
    """A score that could not be had."""

    missing: str
    fix: str


class ScoreFile(FileModel):
    """A score in full precision."""

    score: float
    n: int


class IdentityFile(FileModel):
    """A metric's identity."""

    name: str
    signature: str
    higher_is_better: bool
    needs_reference: bool


class MetricFile(FileModel):
    """One metric on one system; rows and segment scores stand in ``statistics.npz`` under ``arrays``."""

    identity: IdentityFile
    corpus: ScoreFile | MissingFile
    articles: tuple[ScoreFile | MissingFile, ...]
    arrays: str
    marks: tuple[str, ...]
    spans: dict[int, tuple[tuple[int, int, str, float], ...]]


class EngineFile(FileModel):
    """An engine's identity."""

    engine: str
    version: str
    options: dict[str, Any]


class CostFile(FileModel):
    """An amount of money; ``unknown`` says why there is none."""

    amount: float | None = None
    currency: str = ""
    unknown: str = ""


class UnknownFile(FileModel):
    """A figure that is not known."""

    unknown: str


class TooFewFile(FileModel):
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
    answers: int | UnknownFile = UnknownFile(unknown=say("latency.not_kept"))
    characters: int | UnknownFile = UnknownFile(unknown=say("latency.not_kept"))
    repetitions: int | UnknownFile = UnknownFile(unknown=say("latency.not_kept"))


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


class NoteEntry(FileModel):
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


class RunFile(FileModel):
    """``run.json``."""

    schema_version: Literal[3]
    id: str
    created: str
    status: Literal["complete", "incomplete"]
    command: str
    seed: int
    settings: dict[str, Any]
    environment: dict[str, str]
    pairs: tuple[PairEntry, ...]
