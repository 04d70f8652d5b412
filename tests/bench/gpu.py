"""COMET on a graphics card: speed, memory and error of every precision, and of the library, on one card in one call."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

from harness.errors import IncompleteError, UsageError
from harness.metrics.comet.cards import Device, Precision, cards
from harness.workspace.environment import package_version
from tests.bench.comet import Data, write_texts
from tests.bench.gpu_side import Job, Kind, Round
from tests.bench.measure import environment

PRECISIONS: tuple[Precision, ...] = ("fp32", "tf32", "bf16", "fp16")
LARGE_BATCH = 128
"""Of the library beside its default of 16, which leaves a large card idle."""

PACKAGES = ("torch", "unbabel-comet", "transformers", "tokenizers", "numpy", "ray")
SIDE_SECONDS = 240.0
"""After which a side is given up."""


@dataclass(frozen=True, slots=True)
class Side:
    """A way to score."""

    name: str
    kind: Kind
    precision: Precision = "fp32"
    batch: int = 16


SIDES = (
    Side("API, fp32", "api"),
    *(Side(f"harness, {precision}", "packed", precision) for precision in PRECISIONS),
    Side("comet-score (fp16)", "comet-score"),
    Side(f"API, fp32, batches of {LARGE_BATCH}", "api", batch=LARGE_BATCH),
    Side(f"comet-score (fp16), batches of {LARGE_BATCH}", "comet-score", batch=LARGE_BATCH),
)
"""The first is what the others are compared with."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a side did."""

    side: str
    segments: int
    rounds: Sequence[Round]
    wall: float
    """Seconds of its whole process: imports, loading and every round."""


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """A side that gave nothing."""

    side: str
    why: str


def need_card() -> str:
    """The name of the first graphics card.

    Raises:
        IncompleteError: there is none, or torch cannot use it.
    """
    found = cards()
    if not found:
        raise IncompleteError(
            "bench gpu: this machine has no NVIDIA graphics card, so nothing is measured",
            hint="python -m tests.bench comet measures on the processor",
        )
    try:
        import torch
    except ImportError as error:
        raise IncompleteError("bench gpu: torch is missing", hint="pip install 'translation-harness[comet]'") from error
    if not torch.cuda.is_available():
        raise IncompleteError(
            f"bench gpu: torch {torch.__version__} cannot use the {found[0]}",
            hint="install a torch built for its driver; nvidia-smi shows which CUDA version that has",
        )
    return found[0]


def measure(
    data: Data,
    checkpoint: Path,
    folder: Path,
    *,
    counts: Sequence[int],
    sides: Sequence[Side] = SIDES,
    device: Device = "cuda",
) -> Iterator[Measured | NotMeasured]:
    """Let every side score every number of systems, each in a process of its own.

    Args:
        data: what to score; its systems are taken in order.
        checkpoint: the ``.ckpt`` of a regression model.
        folder: for intermediate files.
        counts: numbers of systems.
        sides: what to measure.
        device: ``cpu`` only shows that this module works.

    Raises:
        UsageError: there are fewer systems than asked for.
    """
    if max(counts) > len(data.hypotheses):
        raise UsageError(f"expected at least {max(counts)} systems, found {len(data.hypotheses)}")
    files = write_texts(data, folder)
    for number, side in enumerate(sides):
        job = Job(
            kind=side.kind,
            result=str(folder / f"side-{number}.json"),
            checkpoint=str(checkpoint),
            source=str(files.source),
            reference=str(files.reference),
            hypotheses=tuple(str(path) for path in files.hypotheses.values()),
            counts=tuple(counts),
            device=device,
            precision=side.precision,
            batch=side.batch,
        )
        yield _run(side, job, len(data.source))


def _run(side: Side, job: Job, segments: int) -> Measured | NotMeasured:
    began = time.perf_counter()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.gpu_side", json.dumps(asdict(job))],
            capture_output=True,
            text=True,
            env=environment(HF_HUB_OFFLINE="1"),
            timeout=SIDE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return NotMeasured(side.name, f"it took longer than {SIDE_SECONDS:.0f} s")
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        return NotMeasured(side.name, f"exit code {done.returncode}: {last[0]}")
    rounds = [Round(**item) for item in json.loads(Path(job.result).read_text(encoding="utf-8"))]
    return Measured(side.name, segments, rounds, time.perf_counter() - began)


def setting(card: str, data: Data, model: str) -> str:
    """A line that says what was measured on what."""
    words = [text for lines in (data.source, data.reference, *data.hypotheses.values()) for text in lines]
    versions = ", ".join(f"{name} {package_version(name) or 'missing'}" for name in PACKAGES)
    return (
        f"{card}, {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, {versions}. {model} "
        f"{len(data.source)} segments, {fmean(len(text.split()) for text in words):.0f} words in a text on average."
    )


def table(found: Sequence[Measured | NotMeasured]) -> str:
    """A Markdown table with a row for each side and number of systems; differences are from the first side."""
    first = found[0]
    oracle = {item.systems: item.scores for item in first.rounds} if isinstance(first, Measured) else {}
    head = (
        "| systems | scored by | seconds | segments/s | reserved on the card, MiB | max segment difference "
        "| max system difference |"
    )
    lines = [
        head,
        "|---:|---|---:|---:|---:|---:|---:|",
    ]
    rows = [(item.systems, side, item) for side in found if isinstance(side, Measured) for item in side.rounds]
    for systems, side, item in sorted(rows, key=lambda row: row[0]):
        rate = systems * side.segments / item.seconds
        differences = " | " if side is first or systems not in oracle else _differences(item.scores, oracle[systems])
        lines.append(f"| {systems} | {side.side} | {item.seconds:.2f} | {rate:.0f} | {item.peak:.0f} | {differences} |")
    lines += [f"\nNot measured: {side.side}: {side.why}" for side in found if isinstance(side, NotMeasured)]
    return "\n".join(lines) + "\n"


def _differences(scores: Sequence[Sequence[float]], oracle: Sequence[Sequence[float]]) -> str:
    pairs = list(zip(scores, oracle, strict=True))
    segment = max(abs(a - b) for ours, theirs in pairs for a, b in zip(ours, theirs, strict=True))
    system = max(abs(fmean(ours) - fmean(theirs)) for ours, theirs in pairs)
    return f"{segment:.1e} | {system:.1e}"
