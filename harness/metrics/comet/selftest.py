"""Proof that COMET runs on this machine, without a network: ``harness doctor --comet``.

A checkpoint is built from nothing - random weights in a small copy of the real architecture - and scored through our
metric. unbabel-comet scores it, too, through its own ``predict``; where it is not installed, its recorded scores take
its part. Equal numbers prove the installation; they say nothing about quality.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.metrics.comet.cards import Precision
from harness.metrics.comet.metric import Comet, CometOptions
from harness.metrics.comet.packages import UNBABEL, library_installed
from harness.metrics.comet.packed.recorded import recorded
from harness.metrics.comet.settings import installed_versions
from harness.metrics.comet.untrained import build_checkpoint
from harness.metrics.interface import MetricContext, ScoringItem
from harness.store.cache.nothing import NoCache
from harness.types import LangPair
from harness.workspace.environment import package_version

TOLERANCE = 1e-5
PACKAGES = (UNBABEL, "torch", "tokenizers", "transformers", "pytorch-lightning", "setuptools")
ON_PROCESSORS: tuple[Precision, ...] = ("bf16", "int8")
"""Precisions that are faster than fp32 where the processor has instructions for them."""

PAIRS = (
    (
        "Der Zug nach Ulm fährt heute nicht.",
        "The train to Ulm is not running today.",
        "There is no train to Ulm today.",
    ),
    ("Sie hat drei Äpfel gekauft.", "She bought three apples.", "She has bought three apples."),
    ("Guten Morgen!", "Good night!", "Good morning!"),
    ("Das Wetter bleibt bis Freitag schön.", "", "The weather will stay fine until Friday."),
)
"""(source, hypothesis, reference), written for this test."""

SENT = tuple(number for number, pair in enumerate(PAIRS) if pair[1])
"""Those that a model is asked about: an empty hypothesis scores 0 without it."""


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What the proof found."""

    passed: bool
    max_difference: float
    """Largest difference between our score and the library's, over the hypotheses that are sent."""
    seconds: float
    device: str
    signature: str
    versions: Mapping[str, str]
    message: str
    """One sentence for the user; says that the numbers mean nothing."""


def prove(folder: Path) -> SelfTest:
    """Build an untrained checkpoint in ``folder``, score it, and compare.

    Raises:
        MetricUnavailable: what COMET needs is missing or does not import.
    """
    began = time.perf_counter()
    metric = Comet(CometOptions(model=str(folder)))
    installed_versions()
    path = build_checkpoint(folder)
    items = [ScoringItem("self-test", number, *pair[:2], pair[2:]) for number, pair in enumerate(PAIRS, start=1)]
    table = metric.statistics(items, MetricContext(LangPair("de", "en"), NoCache(), offline=True))
    if library_installed():
        expected, measure = predict(path), f"{UNBABEL}'s own predict"
    else:
        expected, measure = recorded().predicted, f"the recorded scores of {UNBABEL} {recorded().library}"
    difference = max(abs(float(table.rows[i, 0]) - score) for i, score in zip(SENT, expected, strict=True))
    passed = difference <= TOLERANCE
    seconds = time.perf_counter() - began
    return SelfTest(
        passed=passed,
        max_difference=difference,
        seconds=seconds,
        device=next(part for part in table.identity.signature.split("|") if part in {"cpu", "cuda"}),
        signature=table.identity.signature,
        versions={name: package_version(name) for name in PACKAGES if package_version(name)}
        | {"python": platform.python_version()},
        message=(
            f"COMET {'runs' if passed else 'does NOT give the numbers of its library'} on this machine: "
            f"{len(SENT)} hypotheses, largest difference from {measure} {difference:.1e}. "
            "The checkpoint is untrained, so the scores themselves mean nothing."
        ),
    )


def times_of_fp32() -> Mapping[str, float]:
    """Seconds of the encoder's products in other precisions over those in fp32, on this processor."""
    from harness.metrics.comet.packed import probe

    return {precision: probe.times_of_fp32(precision) for precision in ON_PROCESSORS}


def predict(path: Path) -> Sequence[float]:
    """What the library itself says of the hypotheses that are sent.

    Raises:
        MetricUnavailable: it is not installed, or does not import.
    """
    from harness.metrics.comet.library import import_comet, quiet

    comet = import_comet()
    samples = [dict(zip(("src", "mt", "ref"), PAIRS[number], strict=True)) for number in SENT]
    with quiet():
        model = comet.load_from_checkpoint(str(path), local_files_only=True).float()
        outcome = model.predict(samples, batch_size=1, gpus=0, num_workers=0, progress_bar=False)
    return [float(score) for score in outcome["scores"]]
