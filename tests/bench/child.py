"""One side of a comparison, as a whole process that measures itself: ``python -m tests.bench.child SIDE RESULT ...``.

Memory is the high-water mark of the process's own address space (``VmHWM``), which begins anew when a program is
loaded; the number ``getrusage`` gives is inherited from whoever started it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

STATUS = Path("/proc/self/status")


def harness(arguments: Sequence[str]) -> None:
    """The command line of the harness."""
    from harness.__main__ import main

    sys.argv = ["harness", *arguments]
    main()


def harness_in(arguments: Sequence[str]) -> None:
    """The Python interface of the harness, which takes options of metrics, in another precision.

    Arguments: checkpoint, output, precision, source, reference, hypothesis files.
    """
    import harness as package
    from harness.store.runs.result import MetricScores

    checkpoint, output, precision, source, reference, *hypotheses = arguments
    run = package.score(
        source=source,
        references=[reference],
        hypotheses={str(number): file for number, file in enumerate(hypotheses)},
        pair="de-en",
        metrics=["comet"],
        metric_options={"comet": {"model": checkpoint, "precision": precision}},
        checks=False,
    )
    scores = []
    for system in run.pairs[0].systems:
        column = system.scores["comet"]
        if not isinstance(column, MetricScores):
            raise SystemExit(str(column))
        scores.append([float(score) for score in column.segments])
    Path(output).write_text(json.dumps(scores), encoding="utf-8")


def comet_score(arguments: Sequence[str]) -> None:
    """The command ``comet-score``."""
    from comet.cli.score import score_command

    sys.argv = ["comet-score", *arguments]
    score_command()


def api(arguments: Sequence[str]) -> None:
    """``load_from_checkpoint(...).predict`` in fp32, the batches of the library's default.

    Arguments: checkpoint, output, source, reference, hypothesis files.
    """
    import comet

    checkpoint, output, *files = arguments
    source, reference, *hypotheses = ([*_lines(Path(file))] for file in files)
    model = comet.load_from_checkpoint(checkpoint, local_files_only=True)
    scores = []
    for hypothesis in hypotheses:
        samples = [
            {"src": src, "mt": mt, "ref": ref} for src, mt, ref in zip(source, hypothesis, reference, strict=True)
        ]
        found = model.predict(samples, batch_size=16, gpus=0, num_workers=0, progress_bar=False)
        scores.append([float(score) for score in found["scores"]])
    Path(output).write_text(json.dumps(scores), encoding="utf-8")


SIDES: dict[str, Callable[[Sequence[str]], None]] = {
    "harness": harness,
    "harness-in": harness_in,
    "comet-score": comet_score,
    "api": api,
}


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def peak_mebibytes() -> float:
    """The most memory this process has had; 0 where the system does not say."""
    if not STATUS.exists():
        return 0.0
    line = next(line for line in STATUS.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def main(arguments: Sequence[str]) -> None:
    """Run one side and write what it took."""
    side, result, *rest = arguments
    began = time.perf_counter()
    try:
        SIDES[side](rest)
    finally:
        spent = os.times()
        cpu = spent.user + spent.system + spent.children_user + spent.children_system
        took = {"cpu": cpu, "wall": time.perf_counter() - began, "peak": peak_mebibytes()}
        Path(result).write_text(json.dumps(took), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
