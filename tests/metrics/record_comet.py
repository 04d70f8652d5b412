"""Write what unbabel-comet says of untrained checkpoints: ``python -m tests.metrics.record_comet``.

Where the library is installed, a test compares the file with what it says now.
"""

from __future__ import annotations

import json
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

from harness.metrics.comet.blueprint import Blueprint
from harness.metrics.comet.checkpoint import find
from harness.metrics.comet.estimate import Estimate
from harness.metrics.comet.library import load
from harness.metrics.comet.packed.recorded import FILE, blueprints, name_of, spans_digest, weights_name
from harness.metrics.comet.packed.verification import samples_of
from harness.metrics.comet.selftest import predict
from harness.metrics.comet.untrained import build, build_checkpoint, digest_of

DIGITS = 9
"""Decimals that are kept of a score: fp32 has fewer."""


def library_estimates(blueprint: Blueprint, folder: Path) -> list[Estimate]:
    """The library on an untrained checkpoint, which is built in ``folder``."""
    build(folder, blueprint)
    checkpoint = find(str(folder), offline=True)
    library = load(checkpoint, "cpu", 1, offline=True, context=blueprint.context)
    return library.estimate(samples_of(checkpoint.reads_reference, context=blueprint.context))


def digest(path: Path) -> str:
    """Of the weights of a ``.ckpt``."""
    import torch

    return digest_of(torch.load(path, map_location="cpu", weights_only=True)["state_dict"])


def record() -> dict[str, Any]:
    """Everything that is in the file."""
    words: dict[str, list[list[object]]] = {}
    weights: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as name:
        for number, blueprint in enumerate(blueprints()):
            folder = Path(name) / str(number)
            words[name_of(blueprint)] = [
                [round(estimate.score, DIGITS), estimate.truncated, spans_digest(estimate)]
                for estimate in library_estimates(blueprint, folder)
            ]
            if weights_name(blueprint) not in weights:
                weights[weights_name(blueprint)] = digest(folder / "checkpoints" / "model.ckpt")
        predicted = predict(build_checkpoint(Path(name) / "predicted"))
    return {
        "unbabel-comet": version("unbabel-comet"),
        "weights": weights,
        "predicted": [round(score, DIGITS) for score in predicted],
        "words": words,
    }


def write() -> None:
    """Write the file, one line for each checkpoint."""
    data = record()
    words = data.pop("words")
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(said)}" for name, said in words.items())
    head = json.dumps(data, indent=1).removesuffix("\n}")
    FILE.write_text(f'{head},\n "words": {{\n{lines}\n }}\n}}\n', encoding="utf-8")


if __name__ == "__main__":
    write()
