"""What a lower precision costs: scores of a sample, against fp32."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from harness.errors import MetricUnavailable
from harness.executors.interface import Executor
from harness.metrics.comet.cards import Device, Precision
from harness.metrics.comet.engine import ScorerSpec
from harness.metrics.comet.estimate import Texts
from harness.types import Reason

SAMPLE = 16
"""Samples that are scored twice."""

SLOWER = 1.2
"""Times of fp32 from which it is said; below, it may be chance."""

FULL_PRECISION = 'precision = "fp32" under [metric.comet] in harness.toml'


def need_precision(precision: Precision, device: Device) -> None:
    """Make sure that a device computes in a precision.

    Raises:
        MetricUnavailable: it does not.
    """
    if precision == "tf32" and device != "cuda":
        raise MetricUnavailable("only graphics cards compute in tf32", fix=FULL_PRECISION)
    if precision == "int8" and device != "cpu":
        raise MetricUnavailable("only processors compute in int8", fix=FULL_PRECISION)


def costs(spec: ScorerSpec, samples: Sequence[Texts], executor: Executor) -> Iterator[Reason]:
    """What a precision other than fp32 costs: digits, and time where the processor is slower in it."""
    if spec.precision == "fp32":
        return
    yield measured(spec, samples, executor)
    if spec.device == "cpu":
        from harness.metrics.comet.packed.probe import times_of_fp32

        times = times_of_fp32(spec.precision)
        if times > SLOWER:
            yield Reason("noted.slow_precision", {"precision": spec.precision, "times": f"{times:.1f}"})


def measured(spec: ScorerSpec, samples: Sequence[Texts], executor: Executor) -> Reason:
    """Score a part of ``samples`` as asked and in fp32, and say how far apart they are.

    The part is spread evenly over the samples in order of length, so it has short ones and long ones.
    """
    ordered = sorted(samples, key=lambda texts: sum(len(text) for text in texts))
    step = max(1, len(ordered) // SAMPLE)
    chosen = ordered[::step][:SAMPLE]
    low, full = (
        dict(pair for portion in executor.map(made, [chosen], cards=spec.cards) for pair in portion)
        for made in (spec, replace(spec, precision="fp32"))
    )
    errors = [low[texts].score - full[texts].score for texts in chosen]
    mean = sum(map(abs, errors)) / len(errors)
    shift = sum(errors) / len(errors)
    return Reason(
        "noted.precision",
        {
            "precision": spec.precision,
            "n": len(errors),
            "mean": f"{mean:.1e}",
            "most": f"{max(map(abs, errors)):.1e}",
            "shift": f"{shift:+.1e}",
        },
    )
