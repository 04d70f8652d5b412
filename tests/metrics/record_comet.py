"""Write what unbabel-comet says of untrained checkpoints: ``python -m tests.metrics.record_comet``.

Where the library is installed, a test compares the file with what it says now.
"""

from __future__ import annotations

import json
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from harness.metrics.comet.checkpoint import find
from harness.metrics.comet.estimate import Estimate
from harness.metrics.comet.library import load
from harness.metrics.comet.packed.recipe import Head
from harness.metrics.comet.packed.recorded import FILE, KINDS, build_for, heads, name_of
from harness.metrics.comet.packed.verification import samples_of
from harness.metrics.comet.selftest import predict
from harness.metrics.comet.untrained import build_checkpoint, digest_of

DIGITS = 9
"""Decimals that are kept of a score: fp32 has fewer."""


def library_estimates(head: Head, folder: Path) -> list[Estimate]:
    """The library on the untrained checkpoint of a head, which is built in ``folder``."""
    build_for(head, folder)
    checkpoint = find(str(folder), offline=True)
    return load(checkpoint, "cpu", 1, offline=True).estimate(samples_of(checkpoint.reads_reference))


def digest(path: Path) -> str:
    """Of the weights of a ``.ckpt``."""
    import torch

    return digest_of(torch.load(path, map_location="cpu", weights_only=True)["state_dict"])


def record() -> dict[str, Any]:
    """Everything that is in the file."""
    scores: dict[str, list[float]] = {}
    truncated: set[tuple[bool, ...]] = set()
    with tempfile.TemporaryDirectory() as name:
        for number, head in enumerate(heads()):
            estimates = library_estimates(head, Path(name) / str(number))
            scores[name_of(head)] = [round(estimate.score, DIGITS) for estimate in estimates]
            truncated.add(tuple(estimate.truncated for estimate in estimates))
        weights = {kind: digest(build_checkpoint(Path(name) / kind, short)) for kind, short in KINDS.items()}
        predicted = predict(build_checkpoint(Path(name) / "predicted"))
    (cut,) = truncated
    return {
        "unbabel-comet": version("unbabel-comet"),
        "weights": weights,
        "truncated": list(cut),
        "predicted": [round(score, DIGITS) for score in predicted],
        "scores": scores,
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(record(), indent=1) + "\n", encoding="utf-8")
