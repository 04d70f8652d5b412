"""COMET on a graphics card. Left out where there is none; ``make bench-gpu`` runs them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.errors import MetricUnavailable
from harness.metrics.comet import checkpoint as checkpoints
from harness.metrics.comet.cards import cards
from harness.metrics.comet.estimate import Texts
from harness.metrics.comet.library import load
from harness.metrics.comet.packed.verification import identity, remembered
from harness.reports.words.reasons import noted
from tests.bench.comet import invented
from tests.metrics.build import MemoryCache, context
from tests.metrics.conftest import checkpoint
from tests.metrics.test_comet import TEXTS, Checkpoints, comet, items
from tests.metrics.test_packed import scored

__all__ = ["checkpoint"]

if not cards():
    pytest.skip("needs a graphics card", allow_module_level=True)
torch = pytest.importorskip("torch")
pytestmark = [
    pytest.mark.comet,
    pytest.mark.xdist_group("cuda"),
    pytest.mark.skipif(not torch.cuda.is_available(), reason="torch cannot use the graphics card"),
]


def packed(folder: Path, **options: Any) -> Any:
    from harness.metrics.comet.packed.model import PackedComet
    from harness.metrics.comet.packed.recipe import Recipe, recipe_of

    found = checkpoints.find(str(folder), offline=True)
    recipe = recipe_of(found)
    assert isinstance(recipe, Recipe)
    return PackedComet(found, recipe, "cuda", **options)


def many(segments: int) -> list[Texts]:
    data = invented(segments, 2)
    outputs = data.hypotheses.values()
    return list(
        dict.fromkeys(texts for lines in outputs for texts in zip(data.source, lines, data.reference, strict=True))
    )


def test_the_driver_and_torch_see_the_same_card() -> None:
    assert cards() == tuple(torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count()))


@pytest.mark.parametrize("kind", ["regression", "referenceless"])
def test_equals_the_library_on_the_card(checkpoint: Checkpoints, kind: Any) -> None:
    folder = checkpoint(kind)
    samples = [texts[: 3 if kind == "regression" else 2] for texts in many(150)]
    library = load(checkpoints.find(str(folder), offline=True), "cuda", 16, offline=True)
    expected = dict(zip(samples, library.estimate(samples), strict=True))
    found = scored(packed(folder), samples)
    assert max(abs(found[sample].score - expected[sample].score) for sample in samples) < 1e-5


@pytest.mark.parametrize(("precision", "most"), [("tf32", 1e-2), ("bf16", 5e-2), ("fp16", 1e-2)])
def test_lower_precisions(checkpoint: Checkpoints, precision: str, most: float) -> None:
    samples = many(100)
    full, low = scored(packed(checkpoint("regression")), samples), packed(checkpoint("regression"), precision=precision)
    differences = [abs(full[sample].score - estimate.score) for sample, estimate in scored(low, samples).items()]
    assert 1e-7 < max(differences) < most
    assert torch.get_float32_matmul_precision() == "highest"


def test_the_metric_chooses_the_card_and_remembers_the_proof(
    checkpoint: Checkpoints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_COMET_CACHE", str(tmp_path))
    folder = checkpoint("regression")
    table = comet(folder, engine="packed").statistics(items(), context())
    assert "|fp32|cuda|engine:packed1|" in table.identity.signature
    on_cpu = comet(folder, device="cpu").statistics(items(), context())
    np.testing.assert_allclose(table.rows, on_cpu.rows, rtol=0, atol=1e-5)
    found = checkpoints.find(str(folder), offline=True)
    verdict = remembered(found, "cuda")
    assert verdict is not None
    assert verdict.passed
    assert identity(found, "cuda")["processor"] == torch.cuda.get_device_name(0)


def test_a_lower_precision_says_what_it_costs(checkpoint: Checkpoints) -> None:
    metric = comet(checkpoint("regression"), precision="tf32", device="cuda")
    assert "|tf32|cuda|" in metric.statistics(items(), context()).identity.signature
    (note,) = metric.notes
    assert "tf32 instead of fp32 changes scores: for 7 samples" in noted(note)


@pytest.mark.parametrize("kind", ["unified", "xcomet"])
def test_the_library_on_the_card(checkpoint: Checkpoints, kind: Any) -> None:
    folder = checkpoint(kind)
    expected = comet(folder, device="cpu").statistics(items(), context())
    found = comet(folder, device="cuda").statistics(items(), context())
    assert "|cuda|engine:library|" in found.identity.signature
    np.testing.assert_allclose(found.rows, expected.rows, rtol=0, atol=1e-4)


def test_the_same_call_gives_the_same_bits(checkpoint: Checkpoints) -> None:
    samples = many(300)
    assert scored(packed(checkpoint("regression")), samples) == scored(packed(checkpoint("regression")), samples)


def test_memory_does_not_grow(checkpoint: Checkpoints) -> None:
    model = packed(checkpoint("regression"), budget=2048)
    seen = []
    for turn in range(6):
        scored(model, [tuple(f"{text} {turn}" for text in sample) for sample in many(200)])
        torch.cuda.synchronize()
        seen.append(torch.cuda.memory_allocated())
    assert max(seen[1:]) == min(seen[1:])


@pytest.fixture
def small_card() -> Iterator[Any]:
    """Limits how much of the card's memory this process may have, in MiB beyond what it uses now."""

    def limit(mebibytes: int) -> None:
        torch.cuda.empty_cache()
        share = (torch.cuda.memory_reserved() + mebibytes * 2**20) / torch.cuda.get_device_properties(0).total_memory
        torch.cuda.set_per_process_memory_fraction(share)

    yield limit
    torch.cuda.set_per_process_memory_fraction(1.0)
    torch.cuda.empty_cache()


def test_batches_shrink_where_memory_runs_out(checkpoint: Checkpoints, small_card: Any) -> None:
    samples = many(1200)
    expected = scored(packed(checkpoint("regression"), budget=1024), samples)
    model = packed(checkpoint("regression"), budget=10**6)
    small_card(64)
    found = scored(model, samples)
    assert model._queue.budget < 10**6 / 2
    assert found.keys() == expected.keys()
    assert max(abs(found[sample].score - expected[sample].score) for sample in samples) < 1e-5


def test_a_card_without_room_is_an_answer(checkpoint: Checkpoints, small_card: Any) -> None:
    comet(checkpoint("regression"), device="cuda").statistics(items(), context())
    small_card(0)
    with pytest.raises(MetricUnavailable, match="too little free memory") as caught:
        comet(checkpoint("regression"), device="cuda").statistics(items(), context())
    assert "nvidia-smi" in caught.value.hint


def test_a_ray_worker_with_a_card(checkpoint: Checkpoints) -> None:
    pytest.importorskip("ray")
    from harness.executors.ray_cluster import RayExecutor
    from harness.metrics.interface import MetricContext

    metric, here = comet(checkpoint("regression"), device="cuda"), context()
    expected = metric.statistics(items(), here)
    with contextlib.closing(RayExecutor()) as executor:
        there = MetricContext(here.pair, MemoryCache(), offline=True, executor=executor)
        found = metric.statistics(items(), there)
        assert executor.concurrency == torch.cuda.device_count()
    assert found.identity == expected.identity
    np.testing.assert_allclose(found.rows, expected.rows, rtol=0, atol=1e-6)
    assert len(found.rows) == len(TEXTS)
