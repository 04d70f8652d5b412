"""What an output leaves behind: bytes of cache and run, and memory of the run and its report."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measure import in_process
from tests.bench.text import write_texts
from tests.bench.whole import command, write_workspace

LOOK_UP = """import sys
table = dict(line.rstrip("\\n").split("\\t") for line in open(sys.argv[1], encoding="utf-8"))
for line in sys.stdin:
    print(table[line.rstrip("\\n")])
"""
"""A program whose answers are kept in the cache, as those of a service are."""


@dataclass(frozen=True, slots=True)
class Left:
    """What one run left behind, or the growth for each output (one segment of one system)."""

    cache: float
    """Bytes of the cache."""
    run: float
    """Bytes of the stored run, without its reports."""
    html: float
    """Bytes of the HTML report."""
    run_memory: float
    """Most resident bytes of the first ``harness run``."""
    report_memory: float
    """Most resident bytes of ``harness report`` to HTML."""
    characters: float
    """Characters of source text for each segment, in both."""


def growth(folder: Path, systems: int, few: int, many: int) -> Left:
    """The growth for each output from ``few`` segments to ``many``, in which what every run costs falls out."""
    small, large = (_leave(folder / str(segments), systems, segments) for segments in (few, many))
    outputs = systems * (many - few)
    return Left(
        cache=(large.cache - small.cache) / outputs,
        run=(large.run - small.run) / outputs,
        html=(large.html - small.html) / outputs,
        run_memory=(large.run_memory - small.run_memory) / outputs,
        report_memory=(large.report_memory - small.report_memory) / outputs,
        characters=large.characters,
    )


def _leave(folder: Path, systems: int, segments: int) -> Left:
    texts = folder / "texts"
    texts.mkdir(parents=True)
    source, outputs = write_texts(texts, systems, segments)
    workspace = write_workspace(folder, "de-en", source, source, [], ("bleu", "chrf"))
    tools = workspace / "tools"
    tools.mkdir()
    (tools / "look_up.py").write_text(LOOK_UP, encoding="utf-8")
    (workspace / "systems").mkdir()
    lines = source.read_text(encoding="utf-8").splitlines()
    for output in outputs:
        table = zip(lines, output.read_text(encoding="utf-8").splitlines(), strict=True)
        (tools / f"{output.stem}.tsv").write_text("".join(f"{one}\t{two}\n" for one, two in table), encoding="utf-8")
        argv = json.dumps([sys.executable, "tools/look_up.py", f"tools/{output.stem}.tsv"])
        (workspace / "systems" / f"{output.stem}.toml").write_text(
            f'engine = "command"\n[options]\nargv = {argv}\n[limits]\nmax_segments = 1000\n', encoding="utf-8"
        )
    cache, report = folder / "cache.sqlite3", folder / "report.html"
    common = ["--workspace", str(workspace), "--quiet"]
    run = {"arguments": ["run", *common, "--ignore-lint", "--format", "json"], "cache": [str(cache)]}
    ran = in_process(__name__, "command_with_cache", run)
    (stored,) = (path.parent for path in (workspace / "reports" / "runs").glob("*/run.json"))
    stored_bytes = sum(path.stat().st_size for path in stored.rglob("*") if path.suffix not in (".html", ".md"))
    page = {"arguments": ["report", stored.name, "-C", str(workspace), "-o", str(report)], "cache": [str(cache)]}
    reported = in_process(__name__, "command_with_cache", page)
    return Left(
        sum(path.stat().st_size for path in folder.glob("cache.sqlite3*")),
        stored_bytes,
        report.stat().st_size,
        ran.peak * 2**20,
        reported.peak * 2**20,
        sum(map(len, lines)) / len(lines),
    )


def command_with_cache(job: Mapping[str, list[str]]) -> list[str]:
    """What the child does: run the command line with the cache that the job names."""
    (os.environ["HARNESS_CACHE"],) = job["cache"]
    return command(job)
