"""What unbabel-comet said of untrained checkpoints, for machines where it cannot be installed.

For the models that the packed encoder knows, an untrained checkpoint like them can be built anywhere to the same bit
(:mod:`harness.metrics.comet.untrained`). ``recorded.json`` holds the library's estimates of the samples of the proof,
and a digest of the weights, so that a checkpoint built otherwise is told from one that is scored otherwise.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from harness.metrics.comet.blueprint import CLASSES, INPUTS, SEVERITIES, Blueprint, Kind
from harness.metrics.comet.checkpoint import find
from harness.metrics.comet.estimate import Estimate, Texts
from harness.metrics.comet.packed.recipe import ACTIVATIONS, JOINT, Recipe, recipe_of
from harness.metrics.comet.untrained import build, digest_of

FILE = Path(__file__).with_name("recorded.json")


@dataclass(frozen=True, slots=True)
class Word:
    """What the library said of one sample."""

    score: float
    truncated: bool
    """Whether the encoder reads less than all of it."""
    spans: str
    """:func:`spans_digest`; empty where there are none."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The library's word."""

    library: str
    """Version of unbabel-comet."""
    weights: Mapping[str, str]
    """Digest of the untrained checkpoint, by :func:`weights_name`."""
    words: Mapping[str, tuple[Word, ...]]
    """By :func:`name_of`; one for each sample of the proof."""
    predicted: tuple[float, ...]
    """What ``predict`` said of the self-test (:mod:`harness.metrics.comet.selftest`)."""


@dataclass(frozen=True, slots=True)
class Unproven:
    """Nothing can be compared."""

    why: str


@cache
def recorded() -> Recorded:
    """Read the file."""
    data: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    words = {name: tuple(Word(*word) for word in said) for name, said in data["words"].items()}
    return Recorded(data["unbabel-comet"], data["weights"], words, tuple(data["predicted"]))


def blueprints() -> Iterator[Blueprint]:
    """What was recorded: regression models with every head, others with that of all published ones."""
    names = sorted(name.capitalize() for name in ACTIVATIONS)
    for kind, class_name in CLASSES.items():
        for sparse in (True, False):
            if class_name not in JOINT:
                for activation, final in product(names, (None, *names)):
                    yield Blueprint(kind, sparse, activation, final)
                for norm_first, context in ((True, False), (False, True), (True, True)):
                    yield Blueprint(kind, sparse, norm_first=norm_first, context=context)
                continue
            for norm_first in (False, True):
                yield Blueprint(kind, sparse, norm_first=norm_first)


def name_of(blueprint: Blueprint) -> str:
    """Its name in the file."""
    mix = "sparsemax" if blueprint.sparse else "softmax"
    head = (mix, blueprint.activation.lower(), (blueprint.final_activation or "").lower())
    return "|".join((weights_name(blueprint), *head, *(["context"] if blueprint.context else [])))


def weights_name(blueprint: Blueprint) -> str:
    """The name of its weights in the file: heads differ in none of them."""
    return blueprint.kind + ("-xl" if blueprint.norm_first else "")


def blueprint_of(recipe: Recipe) -> Blueprint | Unproven:
    """The untrained checkpoint that is built and scored as this one is."""
    head = recipe.head
    kind = _kind(recipe)
    if kind is None:
        return Unproven(f"nothing was recorded of models that mark words as {', '.join(head.severities)}")
    final = head.final_activation.capitalize() or None
    blueprint = Blueprint(
        kind, head.sparse, head.activation.capitalize(), final, recipe.shape.norm_first, recipe.context
    )
    if name_of(blueprint) not in recorded().words:
        return Unproven(f"nothing was recorded of models like it ({name_of(blueprint)})")
    return blueprint


def _kind(recipe: Recipe) -> Kind | None:
    head = recipe.head
    for kind, class_name in CLASSES.items():
        inputs = tuple(name for name in INPUTS.get(kind, ("src", "ref")) if name != "mt")
        same = class_name not in JOINT or (inputs == head.inputs and SEVERITIES.get(kind, ()) == head.severities)
        if class_name == head.kind and same:
            return kind
    return None


def spans_digest(estimate: Estimate) -> str:
    """Where the error spans of an estimate are, how severe, and how many."""
    if not estimate.spans:
        return ""
    places = ";".join(f"{span.start}-{span.end}-{span.severity}" for span in estimate.spans)
    return f"{len(estimate.spans)}:{hashlib.sha256(places.encode()).hexdigest()[:16]}"


def estimate_untrained(blueprint: Blueprint, device: str, samples: Sequence[Texts]) -> list[Estimate] | Unproven:
    """Score ``samples`` with the packed encoder and the untrained checkpoint of ``blueprint``."""
    import torch

    from harness.metrics.comet.packed.model import PackedComet

    with tempfile.TemporaryDirectory(prefix="harness-comet-", ignore_cleanup_errors=True) as name:
        folder = Path(name) / "untrained"
        path = build(folder, blueprint)
        state = torch.load(path, map_location="cpu", weights_only=True)["state_dict"]
        if digest_of(state) != recorded().weights[weights_name(blueprint)]:
            return Unproven(f"the untrained checkpoint {weights_name(blueprint)} is not built as where it was recorded")
        checkpoint = find(str(folder), offline=True)
        recipe = recipe_of(checkpoint, context=blueprint.context)
        assert isinstance(recipe, Recipe), recipe  # noqa: S101 - it was built so a few lines above
        found = dict(pair for portion in PackedComet(checkpoint, recipe, device).estimates(samples) for pair in portion)
    return [found[sample] for sample in samples]
