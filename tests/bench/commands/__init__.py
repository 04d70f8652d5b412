"""The commands of ``python -m tests.bench``: each parses, measures, prints a table, and returns an exit code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.bench.commands.accuracy import builds, error_rates, gate, plan, rating, routing, trust, wmt
from tests.bench.commands.align import align
from tests.bench.commands.comet import cluster, comet
from tests.bench.commands.gpu import gpu
from tests.bench.commands.judge_sample import judge_sample
from tests.bench.commands.looks import looks
from tests.bench.commands.scale import scale
from tests.bench.commands.sentences import sentences
from tests.bench.commands.speed import imports, large, paired, rerun, resampling, rows, start_up, whole

COMMANDS: dict[str, Callable[..., Any]] = {
    "align": align,
    "builds": builds,
    "cluster": cluster,
    "comet": comet,
    "error-rates": error_rates,
    "gate": gate,
    "gpu": gpu,
    "imports": imports,
    "judge-sample": judge_sample,
    "large": large,
    "looks": looks,
    "paired": paired,
    "plan": plan,
    "rating": rating,
    "rerun": rerun,
    "resampling": resampling,
    "routing": routing,
    "rows": rows,
    "scale": scale,
    "sentences": sentences,
    "start-up": start_up,
    "trust": trust,
    "whole": whole,
    "wmt": wmt,
}
