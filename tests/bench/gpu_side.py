"""One way to score with COMET on a graphics card, in a process of its own: ``python -m tests.bench.gpu_side JOB``.

Seconds are those of scoring with the model loaded and the card warm, but for ``comet-score``: that command loads its
model whenever it is called, and here only the seconds inside its calls of the model are counted. Memory is what the
process had reserved on the card at most, without the driver's own few hundred MiB.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from harness.metrics.comet.cards import Precision
    from harness.metrics.comet.estimate import Texts

Kind = Literal["packed", "api", "comet-score"]

WARM_UP = 64
"""Samples scored before the clock starts."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a process is to do; as JSON on its command line."""

    kind: Kind
    result: str
    checkpoint: str
    source: str
    reference: str
    hypotheses: tuple[str, ...]
    counts: tuple[int, ...]
    """Numbers of systems; the hypotheses are taken in order."""
    device: Literal["cuda", "cpu"]
    precision: Precision = "fp32"
    """Of the packed encoder."""
    batch: int = 16
    """Samples in a batch of the library, whose default is 16."""


@dataclass(frozen=True, slots=True)
class Round:
    """Some systems, scored."""

    systems: int
    seconds: float
    peak: float
    """MiB on the card."""
    scores: Sequence[Sequence[float]]
    """By system and segment."""


def packed(job: Job) -> list[Round]:
    """The packed encoder; each distinct sample once, as in a run."""
    from harness.metrics.comet.checkpoint import find
    from harness.metrics.comet.packed.model import PackedComet
    from harness.metrics.comet.packed.recipe import Unpackable, recipe_of
    from harness.metrics.comet.packed.vectors import MemoryVectors

    checkpoint = find(job.checkpoint, offline=True)
    recipe = recipe_of(checkpoint)
    if isinstance(recipe, Unpackable):
        raise TypeError(recipe.why)
    # None is kept, so that the next round does not profit from the last.
    model = PackedComet(checkpoint, recipe, job.device, precision=job.precision, vectors=MemoryVectors(0))

    def score(systems: Sequence[Sequence[Texts]]) -> list[list[float]]:
        distinct = list(dict.fromkeys(sample for samples in systems for sample in samples))
        known = dict(pair for portion in model.estimates(distinct) for pair in portion)
        return [[known[sample].score for sample in samples] for samples in systems]

    return _rounds(job, score)


def api(job: Job) -> list[Round]:
    """``load_from_checkpoint(...).predict``, in the precision of the checkpoint, which is fp32."""
    import comet

    model = comet.load_from_checkpoint(job.checkpoint, local_files_only=True)

    def score(systems: Sequence[Sequence[Texts]]) -> list[list[float]]:
        options = {"batch_size": job.batch, "gpus": int(job.device == "cuda"), "progress_bar": False}
        named = [[dict(zip(("src", "mt", "ref"), texts, strict=True)) for texts in samples] for samples in systems]
        return [[float(value) for value in model.predict(samples, **options)["scores"]] for samples in named]

    return _rounds(job, score)


def comet_score(job: Job) -> list[Round]:
    """The command ``comet-score``, called once for every number of systems."""
    from comet.cli.score import score_command
    from comet.models.base import CometModel

    seconds: list[float] = []
    predict = CometModel.predict

    def timed(*arguments: Any, **options: Any) -> Any:
        began = time.perf_counter()
        found = predict(*arguments, **options)
        seconds.append(time.perf_counter() - began)
        return found

    CometModel.predict = timed
    rounds = []
    for count in job.counts:
        seconds.clear()
        _reset_peak(job)
        files, output = job.hypotheses[:count], f"{job.result}.{count}"
        sys.argv = ["comet-score", "-s", job.source, "-r", job.reference, "-t", *files, "--model", job.checkpoint]
        sys.argv += ["--gpus", str(int(job.device == "cuda")), "--quiet", "--to_json", output]
        sys.argv += ["--batch_size", str(job.batch)]
        score_command()
        found = json.loads(Path(output).read_text(encoding="utf-8"))
        scores = [[line["COMET"] for line in found[file]] for file in files]
        rounds.append(Round(count, sum(seconds), _peak(job), scores))
    return rounds


def _rounds(job: Job, score: Callable[[Sequence[Sequence[Texts]]], list[list[float]]]) -> list[Round]:
    source, reference, *outputs = (_lines(file) for file in (job.source, job.reference, *job.hypotheses))
    systems = [list(zip(source, output, reference, strict=True)) for output in outputs]
    score([systems[0][:WARM_UP]])
    rounds = []
    for count in job.counts:
        _reset_peak(job)
        began = time.perf_counter()
        scores = score(systems[:count])
        rounds.append(Round(count, time.perf_counter() - began, _peak(job), scores))
    return rounds


def _reset_peak(job: Job) -> None:
    if job.device == "cuda":
        import torch

        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def _peak(job: Job) -> float:
    if job.device != "cuda":
        return 0.0
    import torch

    return float(torch.cuda.max_memory_reserved() / 2**20)


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").removesuffix("\n").split("\n")


SIDES: dict[Kind, Callable[[Job], list[Round]]] = {"packed": packed, "api": api, "comet-score": comet_score}


def main(text: str) -> None:
    """Do a job and write its rounds."""
    job = Job(**json.loads(text))
    Path(job.result).write_text(json.dumps([asdict(item) for item in SIDES[job.kind](job)]), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
