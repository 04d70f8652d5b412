"""What unbabel-comet said of untrained checkpoints, for machines where it cannot be installed.

For every head that the packed encoder knows, an untrained checkpoint with that head can be built anywhere to the same
bit (:mod:`harness.metrics.comet.untrained`). ``recorded.json`` holds the library's scores of the samples of the proof,
and a digest of the weights, so that a checkpoint built otherwise is told from one that is scored otherwise.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from harness.metrics.comet.checkpoint import find
from harness.metrics.comet.estimate import Estimate, Texts
from harness.metrics.comet.packed.recipe import ACTIVATIONS, Head, Recipe, recipe_of
from harness.metrics.comet.untrained import CLASSES, Blueprint, build, digest_of

FILE = Path(__file__).with_name("recorded.json")
KINDS = {CLASSES["regression"]: "regression", CLASSES["referenceless"]: "referenceless"}


@dataclass(frozen=True, slots=True)
class Recorded:
    """The library's word."""

    library: str
    """Version of unbabel-comet."""
    weights: Mapping[str, str]
    """Digest of the untrained checkpoint of each class."""
    scores: Mapping[str, tuple[float, ...]]
    """By :func:`name_of` a head; one for each sample of the proof."""
    truncated: tuple[bool, ...]
    """Whether the encoder reads less than all of each sample."""
    predicted: tuple[float, ...]
    """What ``predict`` said of the self-test (:mod:`harness.metrics.comet.selftest`)."""


@dataclass(frozen=True, slots=True)
class OtherWeights:
    """The untrained checkpoint is not the one whose scores were recorded: nothing can be compared."""

    kind: str


@cache
def recorded() -> Recorded:
    """Read the file."""
    data: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    scores = {head: tuple(values) for head, values in data["scores"].items()}
    return Recorded(data["unbabel-comet"], data["weights"], scores, tuple(data["truncated"]), tuple(data["predicted"]))


def heads() -> Iterator[Head]:
    """Every head that the packed encoder knows."""
    names = sorted(ACTIVATIONS)
    for kind, sparse, activation, final in product(KINDS, (True, False), names, ("", *names)):
        yield Head(kind, sparse, activation, final)


def name_of(head: Head) -> str:
    """The name of a head in the file."""
    return "|".join((head.kind, "sparsemax" if head.sparse else "softmax", head.activation, head.final_activation))


def build_for(head: Head, folder: Path) -> Path:
    """Build the untrained checkpoint with this head in ``folder``, and give its ``.ckpt``."""
    final = head.final_activation.capitalize() or None
    kind = next(kind for kind, name in CLASSES.items() if name == head.kind)
    return build(folder, Blueprint(kind, head.sparse, head.activation.capitalize(), final))


def estimate_untrained(head: Head, device: str, samples: Sequence[Texts]) -> list[Estimate] | OtherWeights:
    """Score ``samples`` with the packed encoder and the untrained checkpoint of ``head``."""
    import torch

    from harness.metrics.comet.packed.model import PackedComet

    with tempfile.TemporaryDirectory(prefix="harness-comet-", ignore_cleanup_errors=True) as name:
        folder = Path(name) / "untrained"
        path = build_for(head, folder)
        state = torch.load(path, map_location="cpu", weights_only=True)["state_dict"]
        if digest_of(state) != recorded().weights[head.kind]:
            return OtherWeights(head.kind)
        checkpoint = find(str(folder), offline=True)
        recipe = recipe_of(checkpoint)
        assert isinstance(recipe, Recipe), recipe  # noqa: S101 - it was built so a few lines above
        found = dict(pair for portion in PackedComet(checkpoint, recipe, device).estimates(samples) for pair in portion)
    return [found[sample] for sample in samples]
