"""Whole commands: beside sacrebleu's, a run that has been made before, and a very large test set."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.bench.measure import Cost, in_process
from tests.bench.text import write_long_texts, write_texts

ARTICLE = 11
"""Segments of an article; WMT23 has as many."""

HEAVY = ("torch", "transformers", "comet", "pandas", "scipy")
"""What a run without new COMET scores has no use for."""


def command(job: Mapping[str, Any]) -> list[str]:
    """What the child does: run the command line; returns which heavy packages that imported."""
    from harness.__main__ import main

    if "charts" in job:
        os.environ["HARNESS_CHARTS_CACHE"] = job["charts"]
    sys.argv = ["harness", *job["arguments"]]
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            main()
        except SystemExit as ended:
            if ended.code:
                raise RuntimeError(f"{' '.join(sys.argv)} ended with {ended.code}") from ended
    return [name for name in HEAVY if name in sys.modules]


def sacrebleu(job: Mapping[str, Any]) -> None:
    """What the child does: run sacrebleu's command line."""
    from sacrebleu.sacrebleu import main

    sys.argv = ["sacrebleu", *job["arguments"]]
    main()


def beside_sacrebleu(
    folder: Path, pair: str, source: Path, reference: Path, outputs: Sequence[Path], metrics: Sequence[str]
) -> Iterator[tuple[str, Cost]]:
    """String metrics with a bootstrap by sacrebleu, paired where there are several systems, and by the harness.

    Those of the harness compare all pairs, and write the HTML report. Only what is done again finds its charts drawn.
    """
    score = ["score", "--source", str(source), "--reference", str(reference), "--pair", pair]
    score += ["--metric", ",".join(metrics)]
    for output in outputs:
        score += ["--hypothesis", f"{output.stem}={output}"]
    # Once without a clock: whoever runs a command for the first time compiles its modules and templates.
    in_process(__name__, "command", {"arguments": [*score, "--format", "html", "--quiet"]})
    test = "--paired-bs" if len(outputs) > 1 else "--confidence"
    # As text, because sacrebleu 2.6 cannot write the JSON of a paired test with NumPy 2.
    theirs = [str(reference), "-i", *map(str, outputs), "-m", *metrics, test, "--format", "text"]
    yield "sacrebleu", in_process(__name__, "sacrebleu", {"arguments": theirs})
    for name, charts, options in (
        ("score, no checks, JSON", "none", ["--no-checks", "--format", "json"]),
        ("score, no checks", "unchecked", ["--no-checks", "--format", "html"]),
        ("score", "checked", ["--format", "html"]),
        ("score, again", "checked", ["--format", "html"]),
    ):
        yield name, in_process(__name__, "command", _keeping(folder / charts, [*score, *options, "--quiet"]))
    workspace = write_workspace(folder, pair, source, reference, outputs, metrics)
    run = ["run", "--workspace", str(workspace), "--quiet", "--ignore-lint"]
    for name in ("run, first", "run, again"):
        yield name, in_process(__name__, "command", _keeping(folder / "run", run))


def _keeping(charts: Path, arguments: list[str]) -> dict[str, Any]:
    """A command that keeps its charts in a folder of its own."""
    return {"arguments": arguments, "charts": str(charts)}


def rerun(folder: Path, systems: int, segments: int) -> tuple[Cost, Cost]:
    """The first and the second time of ``harness run`` over recorded outputs: BLEU, chrF, TER, checks, full report."""
    workspace = make_workspace(folder, systems, segments)
    job = {
        "arguments": ["run", "--workspace", str(workspace), "--quiet", "--ignore-lint"]
    }  # references are the sources
    first, second = (in_process(__name__, "command", job) for _ in range(2))
    return first, second


def large(folder: Path, systems: int, segments: int, options: Sequence[str]) -> Cost:
    """``harness score`` with BLEU and chrF, and these options."""
    reference, outputs = write_long_texts(folder, systems, segments)
    arguments = ["score", "--source", str(reference), "--reference", str(reference), "--pair", "de-en"]
    for output in outputs:
        arguments += ["--hypothesis", f"{output.stem}={output}"]
    arguments += ["--metric", "bleu,chrf", "--quiet", *options]
    return in_process(__name__, "command", {"arguments": arguments})


def make_workspace(folder: Path, systems: int, segments: int) -> Path:
    """A workspace with articles and recorded outputs of made-up text."""
    texts = folder / "texts"
    texts.mkdir()
    reference, outputs = write_texts(texts, systems, segments)
    return write_workspace(folder, "de-en", reference, reference, outputs, ("bleu", "chrf", "ter"))


def write_workspace(
    folder: Path, pair: str, source: Path, reference: Path, outputs: Sequence[Path], metrics: Sequence[str]
) -> Path:
    """A workspace with articles and recorded outputs, from files with one segment per line."""
    workspace = folder / "workspace"
    (workspace / "reports").mkdir(parents=True)
    _write(workspace / "harness.toml", f"metrics = {json.dumps(metrics)}\n")
    for language, file in zip(pair.split("-"), (source, reference), strict=True):
        for number, lines in enumerate(_articles(file)):
            _write(workspace / "references" / pair / f"article-{number:04}.{language}.txt", lines)
    for output in outputs:
        name = re.sub(r"[^A-Za-z0-9_-]", "-", output.stem)
        _write(workspace / "systems" / f"{name}.toml", 'engine = "recorded"\n')
        for number, lines in enumerate(_articles(output)):
            _write(workspace / "systems" / name / pair / f"article-{number:04}.txt", lines)
    return workspace


def _articles(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return ["".join(lines[start : start + ARTICLE]) for start in range(0, len(lines), ARTICLE)]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
