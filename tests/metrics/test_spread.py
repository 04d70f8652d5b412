"""Models over several devices. There are no cards here: blocks go to two devices of the processor, or to none."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from harness.metrics.comet.metric import Comet, CometOptions
from harness.metrics.isolated.metricx import MetricX, MetricXOptions
from harness.metrics.isolated.workers.serve import Host, Unavailable, spread
from tests.needs import needs

needs("torch", "transformers")


@pytest.fixture
def model() -> Any:
    """As MetricX uses it, and smaller."""
    import torch
    from transformers import MT5Config, MT5ForConditionalGeneration

    torch.manual_seed(2)
    config = MT5Config(vocab_size=60, d_model=16, d_kv=8, d_ff=24, num_layers=4, num_decoder_layers=2, num_heads=2)
    return MT5ForConditionalGeneration(config).eval()


def blocks_of(model: Any) -> list[Any]:
    return [*model.encoder.block, *model.decoder.block]


def first_logits(model: Any) -> Any:
    import torch

    with torch.inference_mode():
        ids = torch.tensor([[5, 9, 17, 3], [8, 8, 0, 0]])
        mask = (ids != 0).long()
        return model(input_ids=ids, attention_mask=mask, decoder_input_ids=torch.tensor([[0], [0]])).logits


def test_a_model_on_two_devices_says_the_same(model: Any) -> None:
    before = first_logits(model)
    # Two names of one device: everything is moved between them as between two cards.
    assert spread(model, blocks_of(model), ["cpu", "cpu:0"]) is model
    moved = [bool(block._forward_pre_hooks and block._forward_hooks) for block in blocks_of(model)]
    assert moved == [False, False, False, True, True, True]
    assert first_logits(model).equal(before)


def test_blocks_are_where_they_compute(model: Any) -> None:
    """What is on the device ``meta`` has no content: it can be computed with, and nothing comes back."""
    spread(model, blocks_of(model), ["cpu", "meta"])
    devices = [{parameter.device.type for parameter in block.parameters()} for block in blocks_of(model)]
    assert devices == [{"cpu"}] * 3 + [{"meta"}] * 3
    assert model.shared.weight.device.type == model.encoder.final_layer_norm.weight.device.type == "cpu"
    with pytest.raises(NotImplementedError, match="meta tensor"):
        first_logits(model)


def test_more_cards_than_there_are(model: Any) -> None:
    with pytest.raises(Unavailable, match="the model is to be on 64 graphics cards, and torch can use 2"):
        Host(offline=True).load_on(model, blocks_of(model), "cuda", 64, 2)
    assert Host(offline=True).load_on(model, [], "cpu", 1, 0) is model


def test_how_many_cards_a_worker_gets() -> None:
    metric = MetricX(MetricXOptions(device="cuda", cards=2))
    assert (metric.cards, metric.worker_options()["cards"]) == (2, 2)
    assert MetricX(MetricXOptions(device="cpu")).cards == 0
    with pytest.raises(ValidationError, match='cards = 2 needs device = "cuda"'):
        MetricXOptions(cards=2)
    for options in ({"engine": "isolated"}, {"device": "cuda"}):
        with pytest.raises(ValidationError, match='cards = 2 needs engine = "isolated" and device = "cuda"'):
            CometOptions.model_validate({"cards": 2, **options})
    comet = Comet(CometOptions(engine="isolated", device="cuda", cards=3))
    assert comet._isolated().cards == 3
