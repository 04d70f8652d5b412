"""What can be known of the graphics card's path on a machine that has none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from harness.errors import MetricUnavailable
from harness.metrics.comet.cards import cards
from harness.metrics.comet.packed.passages import Passage
from tests.bench.comet import invented
from tests.bench.conftest import bench
from tests.bench.gpu import SIDES, Measured, NotMeasured, Side, measure, table
from tests.bench.gpu_side import Round
from tests.cli.conftest import Shell
from tests.metrics.build import context
from tests.metrics.conftest import checkpoint
from tests.metrics.test_comet import Checkpoints, comet, items

__all__ = ["bench", "checkpoint"]

without_a_card = pytest.mark.skipif(bool(cards()), reason="this machine has a graphics card")


@without_a_card
def test_the_benchmark_says_so(bench: Shell) -> None:
    done = bench("gpu", "--small")
    assert done.code == 3
    assert done.out == ""
    assert "no NVIDIA graphics card, so nothing is measured" in done.err


@pytest.mark.comet
@pytest.mark.xdist_group("comet")
def test_tf32_is_refused_on_a_processor(checkpoint: Checkpoints) -> None:
    with pytest.raises(MetricUnavailable, match="only graphics cards compute in tf32") as caught:
        comet(checkpoint("regression"), precision="tf32", device="cpu").statistics(items(), context())
    assert 'precision = "fp32"' in caught.value.hint


class Card:
    """Encodes on the CPU, and has room for so many tokens."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.batches: list[int] = []

    def __call__(self, batch: Sequence[Passage]) -> Any:
        import torch

        tokens = sum(len(text) for (text,) in batch)
        if tokens > self.room:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        self.batches.append(tokens)
        return torch.tensor([[float(len(text)), float(ord(text[0]))] for (text,) in batch])


@pytest.mark.comet
@pytest.mark.parametrize(("room", "budget"), [(1000, 1000), (300, 1000), (41, 1000), (40, 7)])
def test_batches_shrink_until_they_fit(room: int, budget: int) -> None:
    pytest.importorskip("torch")
    from harness.metrics.comet.packed.schedule import CardQueue

    texts = [chr(65 + number) * (1 + number) for number in range(40)]
    card = Card(room)
    queue = CardQueue(card, budget)
    found: dict[Passage, list[float]] = {}
    for batch, rows in queue.encoded([(text,) for text in texts], {(text,): len(text) for text in texts}):
        found |= dict(zip(batch, rows.tolist(), strict=True))
    assert found == {(text,): [float(len(text)), float(ord(text[0]))] for text in texts}
    assert sum(card.batches) == sum(map(len, texts))
    assert max(card.batches) <= room
    assert queue.budget == budget if room >= budget else queue.budget >= min(budget, room // 4)


@pytest.mark.comet
def test_a_text_that_never_fits_is_an_answer() -> None:
    pytest.importorskip("torch")
    from harness.metrics.comet.packed.schedule import CardQueue

    texts = ["a" * 40, "b" * 3]
    with pytest.raises(MetricUnavailable, match="too little free memory for a text of 40 tokens"):
        list(CardQueue(Card(39), 1000).encoded([(text,) for text in texts], {(text,): len(text) for text in texts}))


def test_table() -> None:
    first = Measured("API, fp32", 2, [Round(1, 0.5, 100.0, [[0.1, 0.3]]), Round(2, 1.0, 100.0, [[0.1, 0.3]] * 2)], 20.0)
    other = Measured("other", 2, [Round(2, 1.0, 50.0, [[0.1, 0.3], [0.1, 0.5]])], 2.0)
    lines = table([first, other, NotMeasured("third", "why")]).splitlines()
    assert lines[2:] == [
        "| 1 | API, fp32 | 0.50 | 4 | 100 |  |  |",
        "| 2 | API, fp32 | 1.00 | 4 | 100 |  |  |",
        "| 2 | other | 1.00 | 4 | 50 | 2.0e-01 | 1.0e-01 |",
        "",
        "Not measured: third: why",
    ]


@pytest.mark.slow
@pytest.mark.comet
def test_the_sides_agree_on_a_processor(tmp_path: Path) -> None:
    pytest.importorskip("comet", exc_type=ImportError)
    from tests.bench.checkpoint import SMALL, build

    data = invented(6, 2)
    texts = [*data.source, *data.reference, *(line for lines in data.hypotheses.values() for line in lines)]
    model = build(tmp_path / "model", SMALL, texts)
    chosen = [side for side in SIDES if side.precision == "fp32" and side.batch == 16]
    found = list(
        measure(data, model, tmp_path, counts=[1, 2], sides=[*chosen, Side("bad", "api", batch=0)], device="cpu")
    )
    *good, bad = found
    assert isinstance(bad, NotMeasured)
    assert bad.why.startswith("exit code 1: ")
    assert [side.side for side in good] == ["API, fp32", "harness, fp32", "comet-score (fp16)"]
    measured = [side for side in good if isinstance(side, Measured)]
    api, packed, half = ({item.systems: item.scores for item in side.rounds} for side in measured)
    for count in (1, 2):
        assert len(packed[count]) == count
        assert difference(packed[count], api[count]) < 1e-5 < difference(half[count], api[count]) < 1e-2


def difference(some: Sequence[Sequence[float]], others: Sequence[Sequence[float]]) -> float:
    pairs = [(a, b) for left, right in zip(some, others, strict=True) for a, b in zip(left, right, strict=True)]
    worst = max(abs(a - b) for a, b in pairs)
    assert math.isfinite(worst)
    return worst
