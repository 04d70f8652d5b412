"""The proof that a checkpoint may be scored without the library, made once on a machine and remembered.

A few samples - short, long, cut, in several scripts, with words that look like special tokens - are scored by
unbabel-comet and by the packed encoder. They must agree to :data:`TOLERANCE`; on a CPU a text must also have the same
vector alone as in company, to the bit. Where the library is not installed, an untrained checkpoint with the same head
is scored instead, and its recorded scores are the measure. What was found is kept per user, not in a workspace: it
depends on the processor and on the versions, and a workspace moves between machines.
"""

from __future__ import annotations

import json
import os
import platform
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from harness.metrics.comet.cards import Device, cards, need_cuda
from harness.metrics.comet.checkpoint import Checkpoint, description
from harness.metrics.comet.estimate import Estimate, Texts
from harness.metrics.comet.packages import UNBABEL, library_installed, scoring_versions
from harness.metrics.comet.packed.recipe import NAME, Recipe
from harness.metrics.comet.packed.recorded import (
    Unproven,
    Word,
    blueprint_of,
    estimate_untrained,
    name_of,
    recorded,
    spans_digest,
)
from harness.store.cache.keys import digest
from harness.workspace.environment import user_cache
from harness.workspace.operating_system import processor_name, replace_file

TOLERANCE = 1e-5

SAMPLES = (
    ("Ja.", "Yes.", "Yes."),
    ("Der Bäcker öffnet um sechs Uhr.", "The baker opens at six.", "The bakery opens at six o'clock."),
    (
        "Am Abend, als der Regen endlich nachließ, gingen die drei Schwestern noch einmal zum Hafen hinunter.",
        "In the evening, when the rain finally eased, the three sisters walked down to the harbour once more.",
        "That evening, once the rain had let up at last, the three sisters went down to the harbour again.",
    ),
    ("Поезд опаздывает на час.", "列車は一時間遅れています。", "القطار متأخر ساعة واحدة."),
    ("<pad> a <s>b</s> <unk>", "<pad>", "x  y\tz"),
    ("Kurz.", "A list without an end: " + "one, two, three, four, " * 150, "Short."),
)
"""(source, hypothesis, reference), written for this check; the last hypothesis is longer than the encoder reads."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What the proof came to."""

    passed: bool
    difference: float
    """Largest difference from the library's scores, or from its recorded ones; 0 where it did not come to scores."""
    why: str
    """Why it failed; empty when it passed."""


def remembered(checkpoint: Checkpoint, device: str, *, context: bool = False) -> Proof | None:
    """What an earlier run on this machine found; None when nothing is known. Imports nothing heavy."""
    try:
        kept = json.loads(_file(identity(checkpoint, device, context=context)).read_text(encoding="utf-8"))
        return Proof(bool(kept["passed"]), float(kept["difference"]), str(kept["why"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # nothing kept, or nothing that can be read: it is proven again


def verify(checkpoint: Checkpoint, recipe: Recipe, device: Device, *, offline: bool) -> Proof:
    """Score the samples both ways, and remember what was found.

    Raises:
        MetricUnavailable: the library is installed and cannot score them.
    """
    from harness.metrics.comet.packed.model import PackedComet
    from harness.metrics.comet.packed.weights import CannotPack

    if device == "cuda":
        need_cuda()
    wanted = samples_of(checkpoint.reads_reference, context=recipe.context)
    remember = partial(_remember, identity(checkpoint, device, context=recipe.context))
    try:
        packed = PackedComet(checkpoint, recipe, device)
    except CannotPack as reason:
        return remember(Proof(False, 0.0, str(reason)))
    known = dict(pair for portion in packed.estimates(wanted) for pair in portion)
    steady = device != "cpu" or packed.ignores_company(wanted)
    ours = [known[sample] for sample in wanted]
    del packed  # a graphics card need not have room for both
    pairs: list[tuple[Estimate, Word]] | Unproven
    if library_installed():
        words = _library_words(wanted, checkpoint, device, offline=offline, context=recipe.context)
        pairs = list(zip(ours, words, strict=True))
    else:
        pairs = _beside_recorded(recipe, device, wanted)
    if isinstance(pairs, Unproven):
        return remember(Proof(False, 0.0, pairs.why))
    difference = max(abs(ours.score - theirs.score) for ours, theirs in pairs)
    why = ""
    if not difference <= TOLERANCE:
        why = f"its scores differ from {UNBABEL}'s by up to {difference:.1e}"
    elif any(ours.truncated != theirs.truncated for ours, theirs in pairs):
        why = f"it truncates long texts at another place than {UNBABEL}"
    elif any(spans_digest(ours) != theirs.spans for ours, theirs in pairs):
        why = f"it marks other errors than {UNBABEL}"
    elif not steady:
        why = "on this processor, a score would depend on the other texts of its batch"
    return remember(Proof(not why, difference, why))


def samples_of(reads_reference: bool, *, context: bool = False) -> list[Texts]:
    """The samples of the proof, as a model reads them; with ``context`` each behind the one before it."""
    samples: list[Texts] = [sample if reads_reference else sample[:2] for sample in SAMPLES]
    if not context:
        return samples
    pairs = pairwise(samples)
    return [samples[0], *(tuple(map(" </s> ".join, zip(first, second, strict=True))) for first, second in pairs)]


def _library_words(
    wanted: Sequence[Texts], checkpoint: Checkpoint, device: Device, *, offline: bool, context: bool
) -> list[Word]:
    # Here, because only the first use of a checkpoint needs the library.
    from harness.metrics.comet import library as comet_library

    theirs = comet_library.load(checkpoint, device, 1, offline=offline, context=context).estimate(wanted)
    return [Word(their.score, their.truncated, spans_digest(their)) for their in theirs]


def _beside_recorded(recipe: Recipe, device: Device, wanted: Sequence[Texts]) -> list[tuple[Estimate, Word]] | Unproven:
    blueprint = blueprint_of(recipe)
    if isinstance(blueprint, Unproven):
        return blueprint
    ours = estimate_untrained(blueprint, device, wanted)
    return ours if isinstance(ours, Unproven) else list(zip(ours, recorded().words[name_of(blueprint)], strict=True))


def state_folder() -> Path:
    """Where this is kept, and sentence vectors: ``HARNESS_COMET_CACHE``, else a folder of the user's cache."""
    given = os.environ.get("HARNESS_COMET_CACHE")
    return Path(given).expanduser() if given else user_cache() / "comet"


def identity(checkpoint: Checkpoint, device: str, *, context: bool = False) -> dict[str, str]:
    """Everything the proof, and a vector, depend on."""
    return {
        "checkpoint": checkpoint.sha256,
        "description": description(checkpoint),
        "engine": NAME,
        "device": device,
        "processor": _processor() if device == "cpu" else ", ".join(dict.fromkeys(cards())),
        **({"context": "yes"} if context else {}),
        **scoring_versions(),
    }


def _file(known: Mapping[str, str]) -> Path:
    """Of the proof for an :func:`identity`."""
    return state_folder() / f"verified-{digest(dict(known)).removeprefix('h1:')}.json"


def _remember(known: Mapping[str, str], proof: Proof) -> Proof:
    """Keep a proof for an :func:`identity`; where it cannot be kept, the next run makes the proof again."""
    path = _file(known)
    content: Mapping[str, object] = {**asdict(proof), **known}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
        replace_file(Path(temporary), path)
    except OSError:
        pass
    return proof


def _processor() -> str:
    """The processor's model, because kernels are chosen by it."""
    return processor_name() or platform.processor() or platform.machine()
