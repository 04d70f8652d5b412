"""COMET against the library it replaces: the same segments, whole processes, in one run.

Three sides: ``harness score --metric comet``, and our Python interface in other precisions on request; the library's
Python interface in fp32, which is the oracle; and its
command ``comet-score``, which halves the precision of the model and so agrees only to the noise of fp16. Every side
has its own process, one core unless more are asked for, and measures its own CPU seconds and memory.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, pstdev

from harness.errors import HarnessError, UsageError
from harness.metrics.comet.cards import Precision
from tests.bench.measure import environment

WORDS = (
    "the of a in to river bridge morning letter quiet stone garden seven between under carries opens slowly "
    "winter window station never bread answered question children market second harbour remembered light paper "
    "every road mountain doctor written although yellow without number evening because neighbour promised "
    "nothing together "
)
SEED = 1


@dataclass(frozen=True, slots=True)
class Data:
    """Segments to score."""

    source: Sequence[str]
    reference: Sequence[str]
    hypotheses: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Side:
    """What one process took and said."""

    name: str
    cpu: float
    """Seconds, user and system."""
    wall: float
    """Seconds."""
    peak: float
    """MiB of memory; 0 where the system does not say."""
    scores: Sequence[Sequence[float]]
    """By system and segment."""


@dataclass(frozen=True, slots=True)
class SpeedComparison:
    """The harness and the others on some systems."""

    systems: int
    segments: int
    ours: Side
    others: Sequence[Side]
    precision: Precision = "fp32"
    """Of ``ours``."""

    @property
    def spread(self) -> float:
        """Standard deviation of the segment scores, to read differences by."""
        return pstdev(score for row in self.ours.scores for score in row)

    def segment_difference(self, other: Side) -> float:
        """Largest difference of a segment's score."""
        pairs = zip(self.ours.scores, other.scores, strict=True)
        return max(abs(a - b) for ours, theirs in pairs for a, b in zip(ours, theirs, strict=True))

    def system_difference(self, other: Side) -> float:
        """Largest difference of a system's score."""
        return max(abs(fmean(a) - fmean(b)) for a, b in zip(self.ours.scores, other.scores, strict=True))


def compare(
    data: Data,
    checkpoint: Path,
    folder: Path,
    *,
    counts: Sequence[int],
    against: Sequence[str],
    cores: int,
    precisions: Sequence[Precision] = (),
) -> Iterator[SpeedComparison]:
    """Measure every number of systems in turn, after the checkpoint was verified once outside the clock.

    Args:
        data: what to score.
        checkpoint: the ``.ckpt``.
        folder: for intermediate files, and for what the harness remembers.
        counts: numbers of systems; those of ``data`` are taken in order.
        against: ``api`` and ``comet-score``.
        cores: threads of each process.
        precisions: of the harness, besides fp32, which is one more side to compare them with.

    Raises:
        HarnessError: a process failed; the message ends in its last words.
    """
    most = max(counts)
    if most > len(data.hypotheses):
        raise UsageError(f"expected at least {most} systems, found {len(data.hypotheses)}")
    files = write_texts(data, folder)
    run = _Runner(folder, checkpoint, cores, len(data.source))
    run.harness(files, 1)  # verifies the checkpoint
    sides: dict[str, Callable[[Files, int], Side]] = {"api": run.api, "comet-score": run.comet_score}
    for count in counts:
        ours = run.harness(files, count)
        lower = [(precision, run.harness_in(precision, files, count)) for precision in precisions]
        others = [sides[name](files, count) for name in against]
        yield SpeedComparison(count, len(data.source), ours, others)
        for precision, side in lower:
            yield SpeedComparison(count, len(data.source), side, [ours, *others], precision)


def on_a_cluster(data: Data, checkpoint: Path, folder: Path, workers: Sequence[int]) -> Iterator[tuple[str, Side]]:
    """All systems scored by the harness alone on one core, then by each number of workers with one core each.

    Seconds are those of the clock, from the start of the command to its end; the first is ``"none"``.

    Raises:
        HarnessError: a process failed; the message ends in its last words.
    """
    files = write_texts(data, folder)
    run = _Runner(folder, checkpoint, 1, len(data.source))
    count = len(data.hypotheses)
    run.harness(files, 1)  # verifies the checkpoint
    yield "none", run.harness(files, count)
    for number in workers:
        yield str(number), run.harness(files, count, ["--executor", "ray", "--workers", str(number)])


def invented(segments: int, systems: int) -> Data:
    """Sentences made of a few words, for when there are no real ones; hypotheses are references with other words.

    A third of the hypotheses equal those of the system before, as outputs of real systems often do.
    """
    chance = random.Random(SEED)
    words = WORDS.split()

    def sentence() -> list[str]:
        return chance.choices(words, k=max(3, round(chance.lognormvariate(3.0, 0.5))))

    source = [" ".join(sentence()).upper() + "." for _ in range(segments)]
    reference = [sentence() for _ in range(segments)]
    hypotheses: dict[str, list[str]] = {}
    before: list[str] = []
    for number in range(1, systems + 1):
        texts = [
            " ".join(word if chance.random() < 0.8 else chance.choice(words) for word in line) + "."
            for line in reference
        ]
        before = [old if chance.random() < 1 / 3 else new for old, new in zip(before or texts, texts, strict=True)]
        hypotheses[f"system-{number}"] = before
    return Data(source, [" ".join(line) + "." for line in reference], hypotheses)


def spread_out(data: Data, segments: int) -> Data:
    """Every n-th segment, so that ``segments`` are left."""
    step = max(1, len(data.source) // segments)

    def cut(lines: Sequence[str]) -> Sequence[str]:
        return lines[::step][:segments]

    return Data(cut(data.source), cut(data.reference), {name: cut(lines) for name, lines in data.hypotheses.items()})


@dataclass(frozen=True, slots=True)
class Files:
    """Where the texts were written."""

    source: Path
    reference: Path
    hypotheses: Mapping[str, Path]


def write_texts(data: Data, folder: Path) -> Files:
    """Write one file for each side of the text, one line for each segment."""

    def put(name: str, lines: Sequence[str]) -> Path:
        path = folder / f"{name}.txt"
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path

    hypotheses = {name: put(f"system.{name}", lines) for name, lines in data.hypotheses.items()}
    return Files(put("source", data.source), put("reference", data.reference), hypotheses)


class _Runner:
    def __init__(self, folder: Path, checkpoint: Path, cores: int, segments: int) -> None:
        self._folder = folder
        self._checkpoint = checkpoint
        self._segments = segments
        self._environment = environment(
            OMP_NUM_THREADS=str(cores),
            MKL_NUM_THREADS=str(cores),
            HF_HUB_OFFLINE="1",
            HARNESS_COMET_CACHE=str(folder / "verified"),
        )

    def harness(self, files: Files, count: int, place: Sequence[str] = ()) -> Side:
        names = list(files.hypotheses)[:count]
        pairs = [part for name in names for part in ("--hypothesis", f"{name}={files.hypotheses[name]}")]
        arguments = ["score", "--source", str(files.source), "--reference", str(files.reference), *pairs]
        arguments += ["--pair", "de-en", "--metric", "comet", "--comet-model", str(self._checkpoint)]
        arguments += ["--segments", "--no-checks", "--quiet", "--format", "json", *place]
        output, took = self._run("harness", arguments)
        systems = json.loads(output)["systems"]
        return _side("harness", took, [systems[name]["comet"]["segments"] for name in names])

    def harness_in(self, precision: Precision, files: Files, count: int) -> Side:
        return self._interface("harness-in", [precision], files, count)

    def api(self, files: Files, count: int) -> Side:
        return self._interface("api", [], files, count)

    def _interface(self, side: str, options: Sequence[str], files: Files, count: int) -> Side:
        output = self._folder / f"{side}.json"
        chosen = [str(path) for path in list(files.hypotheses.values())[:count]]
        arguments = [str(self._checkpoint), str(output), *options, str(files.source), str(files.reference), *chosen]
        _, took = self._run(side, arguments)
        return _side(side, took, json.loads(output.read_text(encoding="utf-8")))

    def comet_score(self, files: Files, count: int) -> Side:
        output = self._folder / "comet-score.json"
        chosen = [str(path) for path in list(files.hypotheses.values())[:count]]
        arguments = ["-s", str(files.source), "-r", str(files.reference), "-t", *chosen, "--model"]
        arguments += [str(self._checkpoint), "--gpus", "0", "--quiet", "--to_json", str(output)]
        _, took = self._run("comet-score", arguments)
        found = json.loads(output.read_text(encoding="utf-8"))
        return _side("comet-score", took, [[line["COMET"] for line in found[file]] for file in chosen])

    def _run(self, side: str, arguments: Sequence[str]) -> tuple[str, Mapping[str, float]]:
        result = self._folder / "took.json"
        command = [sys.executable, "-m", "tests.bench.child", side, str(result), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, env=self._environment, check=False)
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or ["no message"]
            raise HarnessError(f"bench: {side} failed with exit code {done.returncode}: {last[0]}")
        took: dict[str, float] = json.loads(result.read_text(encoding="utf-8"))
        return done.stdout, took


def _side(name: str, took: Mapping[str, float], scores: Sequence[Sequence[float]]) -> Side:
    return Side(name, took["cpu"], took["wall"], took["peak"], scores)


def table(comparisons: Sequence[SpeedComparison]) -> str:
    """A Markdown table: one row for each number of systems and each side it is compared with."""
    head = (
        "| systems | segments | precision | against | CPU s, harness | CPU s, other | ratio | wall ratio "
        "| peak MiB, harness | peak MiB, other | peak | max segment difference | max system difference | sd of scores |"
    )
    lines = [
        head,
        "|" + "---:|" * 14,
    ]
    for item in comparisons:
        for other in item.others:
            share = f"{item.ours.peak / other.peak:.0%}" if other.peak else "unknown"
            lines.append(
                f"| {item.systems} | {item.segments} | {item.precision} | {other.name} "
                f"| {item.ours.cpu:.1f} | {other.cpu:.1f} "
                f"| {other.cpu / item.ours.cpu:.1f}x | {other.wall / item.ours.wall:.1f}x | {item.ours.peak:.0f} "
                f"| {other.peak:.0f} | {share} | {item.segment_difference(other):.1e} "
                f"| {item.system_difference(other):.1e} | {item.spread:.2f} |"
            )
    return "\n".join(lines) + "\n"
