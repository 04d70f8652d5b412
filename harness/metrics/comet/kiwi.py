"""CometKiwi (Rei et al. 2022): COMET without references, by a name of its own, so that it can decide beside COMET."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from harness.errors import MetricUnavailable
from harness.metrics.comet.checkpoint import find, need_encoder
from harness.metrics.comet.metric import WITHOUT_REFERENCE, Comet, CometOptions


class CometKiwiOptions(CometOptions):
    """``[metric.cometkiwi]``."""

    model: Annotated[str, Field(min_length=1)] = "Unbabel/wmt22-cometkiwi-da"
    """A name on the model hub, a checkpoint's folder, or a ``.ckpt`` file. The published models are for research only:
    their licence (CC BY-NC-SA 4.0) has to be accepted on the hub."""
    name: Annotated[str, Field(min_length=1)] = "cometkiwi"
    """Column heading."""


class CometKiwi(Comet):
    """CometKiwi, or any COMET model under its name."""

    Options: ClassVar[type[CometOptions]] = CometKiwiOptions
    traits: ClassVar = WITHOUT_REFERENCE

    @property
    def joins(self) -> bool:
        """Whether its model is on this machine, with the tokenizer."""
        try:
            need_encoder(find(self.options.model, offline=True), offline=True)
        except MetricUnavailable:
            return False
        return True
