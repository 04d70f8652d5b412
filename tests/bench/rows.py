"""The statistics of string metrics, one pass over the texts: compiled, without a compiler, and by sacrebleu."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from tests.bench.measure import in_process

METRICS = ("bleu", "chrf", "chrf++", "ter")

Side = Literal["compiled", "python", "sacrebleu"]
SIDES: tuple[Side, ...] = ("compiled", "python", "sacrebleu")


@dataclass(frozen=True, slots=True)
class Rows:
    """One metric."""

    metric: str
    seconds: Mapping[Side, float]
    """Of processor time, without start-up; sides that cannot be had here are left out."""
    equal: bool
    """Whether all sides found the same numbers."""


def measure(reference: Path, systems: Sequence[Path], metrics: Sequence[str] = METRICS) -> list[Rows]:
    """Count the rows of all systems by every side, each in a process of its own.

    Args:
        reference: one reference per line.
        systems: outputs, line for line.
        metrics: of :data:`METRICS`.
    """
    texts = {"reference": str(reference), "systems": [str(path) for path in systems]}
    found = []
    for metric in metrics:
        jobs = {side: {"metric": metric, "side": side, **texts} for side in SIDES}
        answers = {side: in_process(__name__, "count", job).answer for side, job in jobs.items()}
        known = {side: answer for side, answer in answers.items() if answer}
        seconds = {side: float(answer["seconds"]) for side, answer in known.items()}
        found.append(Rows(metric, seconds, len({answer["rows"] for answer in known.values()}) == 1))
    return found


def count(job: Mapping[str, Any]) -> dict[str, object]:
    """What the child does; nothing where there is no compiled library."""
    if job["side"] != "compiled":
        os.environ["HARNESS_KERNELS"] = "off"
    from harness.metrics.interface import MetricContext, ScoringItem
    from harness.metrics.load import load_metric
    from harness.store.cache.nothing import NoCache
    from harness.types import LangPair
    from harness.workspace.kernels import Absent, library

    if job["side"] == "compiled" and isinstance(library(), Absent):
        return {}
    references = [(line,) for line in _lines(job["reference"])]
    items = [
        ScoringItem(path, number, "", hypothesis, reference)
        for path in job["systems"]
        for number, (hypothesis, reference) in enumerate(zip(_lines(path), references, strict=True), start=1)
    ]
    began = time.process_time()
    if job["side"] == "sacrebleu":
        rows = _by_sacrebleu(job["metric"], [(item.hypothesis, item.references[0]) for item in items])
    else:
        context = MetricContext(LangPair("de", "en"), NoCache(), offline=True)
        rows = load_metric(job["metric"], {}, "bench").statistics(items, context).rows
    return {"seconds": time.process_time() - began, "rows": hashlib.sha256(rows.tobytes()).hexdigest()}


def _by_sacrebleu(metric: str, pairs: Sequence[tuple[str, str]]) -> np.typing.NDArray[np.float64]:
    """The lists that ``corpus_score`` adds up, as sacrebleu makes them for one system after the other."""
    from sacrebleu.metrics import BLEU, CHRF, TER

    oracle = {"bleu": BLEU, "chrf": CHRF, "ter": TER, "chrf++": lambda: CHRF(word_order=2)}[metric]()
    hypotheses, references = [list(texts) for texts in zip(*pairs, strict=True)]
    # There is no public way to these numbers: it is what sacrebleu's own corpus_score calls.
    return np.array(oracle._extract_corpus_statistics(hypotheses, [references]), dtype=np.float64)


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines()
