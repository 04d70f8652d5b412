"""What a model is asked about a hypothesis: alone, or with the segments before it, as DocCOMET does.

DocCOMET (Vernikos, Thompson, Mathur and Federico 2022) encodes a text behind those before it in its article, and takes
the mean over its own tokens only; ``enable_context`` of the library. Before the hypothesis stand the references of
those segments, so that a system does not pay twice for one mistake; where the model reads no reference, its own
translations.
"""

from __future__ import annotations

from collections.abc import Iterable

from harness.errors import MetricUnavailable
from harness.metrics.comet.checkpoint import Checkpoint
from harness.metrics.comet.estimate import Texts
from harness.metrics.comet.packed.recipe import SENTENCES
from harness.metrics.interface import Neighbour, ScoringItem
from harness.types import Translated

SEPARATOR = " </s> "
WITHOUT_CONTEXT = "context = 0 under [metric.comet] in harness.toml"


def need_context(checkpoint: Checkpoint) -> None:
    """Make sure that a model can read texts with those before them.

    Raises:
        MetricUnavailable: it cannot.
    """
    if checkpoint.kind not in SENTENCES or checkpoint.hparams.get("pool", "avg") != "avg":
        why = (
            f"{checkpoint.name} cannot read context: only regression and referenceless models with average pooling can"
        )
        raise MetricUnavailable(why, fix=WITHOUT_CONTEXT)


def samples_of(item: ScoringItem, checkpoint: Checkpoint, context: int) -> tuple[Texts, ...]:
    """What the model must see to score ``item``: one sample per reference; none when it lacks what the model needs.

    Args:
        item: a hypothesis that is empty gets no context.
        checkpoint: the model.
        context: how many segments before it.
    """
    before = item.place.before(context) if context and item.hypothesis.strip() else ()
    source = _behind((neighbour.source for neighbour in before), item.source)
    if checkpoint.reads_reference and item.references:
        samples = []
        for number, reference in enumerate(item.references):
            earlier = [text for neighbour in before for text in _reference(neighbour, number)]
            samples.append((source, _behind(earlier, item.hypothesis), _behind(earlier, reference)))
        return tuple(samples)
    if checkpoint.needs_reference:
        return ()
    translations = (neighbour.outcome for neighbour in before)
    said = [outcome.text for outcome in translations if isinstance(outcome, Translated)]
    return ((source, _behind(said, item.hypothesis)),)


def _behind(earlier: Iterable[str], text: str) -> str:
    return SEPARATOR.join([*earlier, text])


def _reference(neighbour: Neighbour, number: int) -> tuple[str, ...]:
    """The reference of that number, else the first; empty where a segment has none."""
    references = neighbour.references
    return references[number : number + 1] or references[:1]
