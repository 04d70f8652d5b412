"""The packed encoder: the library's scores, and always the same bits."""

from __future__ import annotations

import json
import random
import re
import shutil
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import harness
from harness.errors import MetricUnavailable, StoreError
from harness.metrics.comet import checkpoint as checkpoints
from harness.metrics.comet.blueprint import CLASSES, SEVERITIES, Blueprint, Kind
from harness.metrics.comet.engine import Scorer, ScorerSpec
from harness.metrics.comet.estimate import Estimate, Texts
from harness.metrics.comet.library import LoadedComet, load
from harness.metrics.comet.metric import Comet, CometOptions
from harness.metrics.comet.packed import verification
from harness.metrics.comet.packed.batching import Waiting, batches, windows
from harness.metrics.comet.packed.recipe import JOINT, Recipe, Unpackable, recipe_of
from harness.metrics.comet.untrained import build
from harness.reports.words.reasons import noted
from harness.store.runs.result import MetricScores
from tests.metrics.build import MemoryCache, context
from tests.metrics.test_comet import TEXTS, comet, items
from tests.needs import needs
from tests.workspace import write_article, write_system

pytestmark = [pytest.mark.comet, pytest.mark.xdist_group("comet")]

Checkpoints = Callable[[Kind], Path]
WORDS = ("<pad>", "</s>", "<s>", "<unk>", " ", "  ", "a", "Zug", "日本", "é", "\t", "x" * 40, "ß.", "🙂", "Привет", "-")


def packed(folder: Path, **options: Any) -> Any:
    from harness.metrics.comet.packed.model import PackedComet

    found = checkpoints.find(str(folder), offline=True)
    recipe = recipe_of(found)
    assert isinstance(recipe, Recipe)
    return PackedComet(found, recipe, "cpu", **options)


def scored(model: Any, samples: Sequence[Texts]) -> dict[Texts, Estimate]:
    return dict(pair for portion in model.estimates(samples) for pair in portion)


def invented(count: int, fields: int, seed: int = 0) -> list[Texts]:
    """Samples of hostile words, few distinct sources and references, some texts of one word, some cut."""
    chance = random.Random(seed)

    def text(most: int) -> str:
        return " ".join(chance.choices(WORDS, k=chance.randint(1, most)))

    sources, references = [text(9) for _ in range(4)], [text(9) for _ in range(4)]
    made = [
        (sources[number % 4], text(chance.choice((1, 8, 150))), references[number % 4])[:fields]
        for number in range(count)
    ]
    return list(dict.fromkeys(made))


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.usefixtures("library")
def test_equals_the_library_on_hostile_text(tmp_path: Path, kind: Kind, norm_first: bool) -> None:
    folder = tmp_path / "model"
    build(folder, Blueprint(kind, norm_first=norm_first))
    model = checkpoints.find(str(folder), offline=True)
    samples = invented(24, 3 if model.reads_reference else 2)
    if CLASSES[kind] in JOINT and not model.needs_reference:
        samples += [sample[:2] for sample in samples[:6]]
    samples = list(dict.fromkeys(samples))
    expected = dict(zip(samples, load(model, "cpu", 1, offline=True).estimate(samples), strict=True))
    found = scored(packed(folder), samples)
    for sample in samples:
        assert places(found[sample]) == places(expected[sample])
        confidences = [span.confidence for span in expected[sample].spans]
        assert [span.confidence for span in found[sample].spans] == pytest.approx(confidences, abs=1e-6)
    assert any(expected[sample].spans for sample in samples) == (kind in SEVERITIES)
    assert found.keys() == expected.keys()
    assert max(abs(found[sample].score - expected[sample].score) for sample in samples) < 1e-6
    assert [found[sample].truncated for sample in samples] == [expected[sample].truncated for sample in samples]
    assert any(found[sample].truncated for sample in samples)
    assert not all(found[sample].truncated for sample in samples)


def places(estimate: Estimate) -> list[tuple[int, int, str]]:
    return [(span.start, span.end, span.severity) for span in estimate.spans]


@pytest.mark.parametrize("kind", ["kiwi", "xcomet"])
def test_joint_models_give_the_same_bits_in_any_company(checkpoint: Checkpoints, kind: Kind) -> None:
    model = packed(checkpoint(kind), budget=1)
    samples = invented(16, 3 if kind == "xcomet" else 2)
    alone = {sample: scored(model, [sample])[sample] for sample in samples}
    for budget in (30, 512, 10**6):
        assert scored(packed(checkpoint(kind), budget=budget), samples[::-1]) == alone
    assert model.ignores_company(samples)


def test_what_references_have_in_common_is_encoded_once(
    checkpoint: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hypothesis beside the source is one sequence, however many references there are."""
    from harness.metrics.comet.packed.encoder import PackedEncoder

    encoded: list[tuple[int, ...]] = []
    original = PackedEncoder.marked

    def counted(self: PackedEncoder, texts: Any, counts: Any) -> Any:
        encoded.extend(tuple(text) for text in texts)
        return original(self, texts, counts)

    monkeypatch.setattr(PackedEncoder, "marked", counted)
    scored(packed(checkpoint("xcomet")), [("Ja", "Yes", reference) for reference in ("Yes!", "Aye", "Yeah")])
    assert len(encoded) == len(set(encoded)) == 1 + 2 * 3


def test_models_share_their_tokenizer(checkpoint: Checkpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    """COMET and CometKiwi in one run: each text is tokenized once."""
    from harness.metrics.comet.packed.tokens import PackedTokenizer, shared_tokenizer

    comet_model, kiwi = packed(checkpoint("regression")), packed(checkpoint("kiwi"))
    recipe = recipe_of(checkpoints.find(str(checkpoint("kiwi")), offline=True))
    assert isinstance(recipe, Recipe)
    tokenizer = shared_tokenizer(recipe.tokenizer, recipe.shape.limit)
    asked: list[str] = []
    batch = tokenizer._tokenizer

    class Counting:
        def encode_batch(self, texts: list[str]) -> Any:
            asked.extend(texts)
            return batch.encode_batch(texts)

    monkeypatch.setattr(tokenizer, "_tokenizer", Counting())
    samples = [(f"{src} 7", f"{mt} 7", f"{ref} 7") for src, mt, ref in TEXTS]
    scored(comet_model, samples)
    scored(kiwi, [sample[:2] for sample in samples])
    assert sorted(asked) == sorted({text for sample in samples for text in sample})
    assert isinstance(tokenizer, PackedTokenizer)


@pytest.fixture(scope="module")
def alone(checkpoint: Checkpoints) -> dict[Texts, Estimate]:
    """Every sample scored by itself, each text in a batch of its own, in one thread."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    model = packed(checkpoint("regression"), budget=1)
    found = {sample: scored(model, [sample])[sample] for sample in invented(48, 3)}
    torch.set_num_threads(threads)
    return found


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_the_same_bits_in_any_company(
    checkpoint: Checkpoints, alone: dict[Texts, Estimate], data: st.DataObject
) -> None:
    """Whatever the batch budget, the order, the portions, the number of threads and the other samples."""
    import torch

    chosen = data.draw(st.lists(st.sampled_from(list(alone)), unique=True, min_size=1))
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(data.draw(st.sampled_from([1, 2, 3])))
        model = packed(checkpoint("regression"), budget=data.draw(st.sampled_from([1, 30, 512, 10**6])))
        cut = data.draw(st.integers(0, len(chosen)))
        found = {**scored(model, chosen[:cut]), **scored(model, chosen[cut:])}
    finally:
        torch.set_num_threads(threads)
    assert found == {sample: alone[sample] for sample in chosen}


def test_each_text_is_encoded_once(checkpoint: Checkpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    from harness.metrics.comet.packed.encoder import PackedEncoder

    encoded: list[tuple[int, ...]] = []
    original = PackedEncoder.vectors
    monkeypatch.setattr(
        PackedEncoder,
        "vectors",
        lambda self, texts: (encoded.extend(tuple(text) for text in texts), original(self, texts))[1],
    )
    model = packed(checkpoint("regression"))
    samples = [(src, f"{mt} {system}", ref) for system in range(3) for src, mt, ref in TEXTS]
    scored(model, samples)
    assert len(encoded) == len(set(encoded)) == len({text for sample in samples for text in sample})
    before = len(encoded)
    scored(model, [(src, f"{mt} 9", ref) for src, mt, ref in TEXTS])
    assert len(encoded) == before + len({mt for _, mt, _ in TEXTS})


def test_portions_are_committed_as_they_come(checkpoint: Checkpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = checkpoint("regression")
    expected = comet(folder).statistics(items(), context())
    monkeypatch.setattr("harness.metrics.comet.packed.model.PORTION", 2)
    cache = MemoryCache()
    original = cache.put_scores

    def dies(metric: Any, scores: Any) -> None:
        original(metric, scores)
        if len(cache.commits) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(cache, "put_scores", dies)
    with pytest.raises(KeyboardInterrupt):
        comet(folder, batch_tokens=1).statistics(items(), context(cache=cache))
    kept = len(cache.kept)
    assert 0 < kept < len(TEXTS)
    monkeypatch.setattr(cache, "put_scores", original)
    again = comet(folder).statistics(items(), context(cache=cache))
    assert sum(cache.commits) == len(TEXTS)
    assert (again.rows == expected.rows).all()


def test_systems_do_not_move_each_other(checkpoint: Checkpoints) -> None:
    folder = checkpoint("regression")
    alone = comet(folder).statistics(items("one"), context())
    other = [type(item)("two", item.line, item.source, item.hypothesis[::-1], item.references) for item in items()]
    together = comet(folder, batch_tokens=40).statistics([*other, *items("one")], context())
    assert (together.rows[len(TEXTS) :] == alone.rows).all()


def test_a_run_of_two_pairs_loads_the_model_once(
    checkpoint: Checkpoints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pair in ("de-en", "en-de"):
        write_article(tmp_path, "a", [("Eins und zwei.", "One and two.")], pair)
    write_system(tmp_path, "copy", 'engine = "copy"\n')
    loads = []
    load = ScorerSpec.__call__

    def counted(spec: ScorerSpec) -> object:
        loads.append(spec)
        return load(spec)

    monkeypatch.setattr(ScorerSpec, "__call__", counted)
    model = {"comet": {"model": str(checkpoint("regression"))}}
    run = harness.run(tmp_path, metrics=["comet"], metric_options=model)
    assert all(isinstance(pair.systems[0].scores["comet"], MetricScores) for pair in run.pairs)
    assert len(loads) == 1


@pytest.mark.usefixtures("library")
def test_engines_share_no_scores(checkpoint: Checkpoints) -> None:
    folder, cache = checkpoint("regression"), MemoryCache()
    ours = comet(folder).statistics(items(), context(cache=cache))
    theirs = comet(folder, engine="library").statistics(items(), context(cache=cache))
    assert len(cache.kept) == 2 * len(TEXTS)
    assert "|engine:packed1|" in ours.identity.signature
    assert "|engine:library|" in theirs.identity.signature


@pytest.mark.usefixtures("library")
def test_models_that_only_the_library_knows(checkpoint: Checkpoints, tmp_path: Path) -> None:
    folder = tmp_path / "normed"
    shutil.copytree(checkpoint("unified"), folder)
    text = (folder / "hparams.yaml").read_text(encoding="utf-8")
    (folder / "hparams.yaml").write_text(text.replace("layer_norm: false", "layer_norm: true"), encoding="utf-8")
    metric = comet(folder)
    assert "|engine:library|" in metric.statistics(items(), context()).identity.signature
    (note,) = metric.notes
    assert noted(note) == (
        "comet: scored by unbabel-comet instead of the packed encoder: layer_norm = True is not implemented"
    )
    with pytest.raises(MetricUnavailable, match="the packed encoder cannot score normed"):
        comet(folder, engine="packed").statistics(items(), context())


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"pool": "cls"}, "pool = cls is not implemented"),
        ({"layer": 1}, "layer = 1 is not implemented"),
        ({"layer_norm": True}, "layer_norm = True is not implemented"),
        ({"encoder_model": "BERT"}, "encoder_model = BERT is not implemented"),
        ({"activations": "Softplus"}, "the activation softplus is not implemented"),
        ({"final_activation": "Softplus"}, "the activation softplus is not implemented"),
    ],
)
def test_options_that_only_the_library_knows(checkpoint: Checkpoints, change: dict[str, Any], why: str) -> None:
    found = checkpoints.find(str(checkpoint("regression")), offline=True)
    changed = checkpoints.Checkpoint(
        found.path, found.name, found.kind, found.inputs, found.encoder, found.sha256, {**found.hparams, **change}
    )
    assert recipe_of(changed) == Unpackable(why)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"sent_layer": 3}, "sent_layer = 3 is not implemented"),
        ({"layer_norm": True}, "layer_norm = True is not implemented"),
        ({"word_layer": 3}, "its encoder has no layer 3 to mark words by"),
        (
            {"encoder_model": "XLM-RoBERTa-XL"},
            "an encoder of type xlm-roberta with gelu and absolute positions is not implemented",
        ),
    ],
)
def test_options_of_joint_models_that_only_the_library_knows(
    checkpoint: Checkpoints, change: dict[str, Any], why: str
) -> None:
    found = checkpoints.find(str(checkpoint("xcomet")), offline=True)
    assert recipe_of(replace(found, hparams={**found.hparams, **change})) == Unpackable(why)


def test_another_encoder(checkpoint: Checkpoints, tmp_path: Path) -> None:
    found = checkpoints.find(str(checkpoint("regression")), offline=True)
    config = json.loads((Path(found.encoder) / "config.json").read_text(encoding="utf-8"))
    moved = checkpoints.Checkpoint(
        found.path, found.name, found.kind, found.inputs, str(tmp_path), found.sha256, found.hparams
    )
    assert recipe_of(moved) == Unpackable(f"the encoder {tmp_path} has no config.json here")
    (tmp_path / "config.json").write_text(json.dumps({**config, "model_type": "bert"}), encoding="utf-8")
    assert recipe_of(moved) == Unpackable(f"the encoder {tmp_path} has no tokenizer.json here")
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    assert recipe_of(moved) == Unpackable("an encoder of type bert with gelu and absolute positions is not implemented")


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing was ever verified."""
    monkeypatch.setenv("HARNESS_COMET_CACHE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.mark.usefixtures("library")
def test_verified_once(checkpoint: Checkpoints, fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = checkpoint("regression")
    loads = []
    original = LoadedComet.estimate

    def counted(self: LoadedComet, samples: Any) -> Any:
        loads.append(len(samples))
        return original(self, samples)

    monkeypatch.setattr(LoadedComet, "estimate", counted)
    for _ in range(2):
        comet(folder).statistics(items(), context())
    assert loads == [len(verification.SAMPLES)]
    (record,) = fresh.iterdir()
    kept = json.loads(record.read_text(encoding="utf-8"))
    assert kept["passed"] is True
    assert 0 < kept["difference"] < 1e-6
    record.write_text("damaged", encoding="utf-8")
    comet(folder).statistics(items(), context())
    assert len(loads) == 2


@pytest.mark.usefixtures("fresh", "library")
def test_a_difference_makes_it_fall_back_visibly(checkpoint: Checkpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = checkpoint("regression")
    expected = comet(folder, engine="library").statistics(items(), context())
    original = LoadedComet.estimate
    monkeypatch.setattr(
        LoadedComet,
        "estimate",
        lambda self, samples: [
            Estimate(e.score + (2e-5 if len(samples) == len(verification.SAMPLES) else 0), e.truncated)
            for e in original(self, samples)
        ],
    )
    metric = comet(folder)
    table = metric.statistics(items(), context())
    assert "|engine:library|" in table.identity.signature
    assert (table.rows == expected.rows).all()
    (note,) = metric.notes
    assert "its scores differ from unbabel-comet's by up to 2." in noted(note)
    again = comet(folder)
    again.statistics(items(), context())
    assert again.notes == metric.notes
    with pytest.raises(MetricUnavailable, match="its scores differ"):
        comet(folder, engine="packed").statistics(items(), context())


@pytest.mark.usefixtures("fresh", "library")
def test_a_processor_that_mixes_texts_makes_it_fall_back(
    checkpoint: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    from harness.metrics.comet.packed.encoder import PackedEncoder

    original = PackedEncoder.vectors
    monkeypatch.setattr(PackedEncoder, "vectors", lambda self, texts: original(self, texts) * (1 + 1e-7 * len(texts)))
    metric = comet(checkpoint("regression"))
    metric.statistics(items(), context())
    (note,) = metric.notes
    assert noted(note).endswith("on this processor, a score would depend on the other texts of its batch")


@pytest.mark.usefixtures("fresh", "library")
def test_a_checkpoint_unlike_its_description(checkpoint: Checkpoints, tmp_path: Path) -> None:
    folder = tmp_path / "other"
    shutil.copytree(checkpoint("regression"), folder)
    text = (folder / "hparams.yaml").read_text(encoding="utf-8")
    (folder / "hparams.yaml").write_text(text.replace("sparsemax", "softmax"), encoding="utf-8")
    metric = comet(folder)
    assert "|engine:library|" in metric.statistics(items(), context()).identity.signature
    assert "hparams.yaml does not describe its checkpoint" in noted(metric.notes[0])


@pytest.mark.usefixtures("library")
def test_softmax_patch_is_read_as_the_library_reads_it(checkpoint: Checkpoints, tmp_path: Path) -> None:
    """``sparsemax_patch`` in hparams.yaml means softmax, whatever the checkpoint says."""
    folder = tmp_path / "patched"
    shutil.copytree(checkpoint("regression"), folder)
    text = (folder / "hparams.yaml").read_text(encoding="utf-8")
    (folder / "hparams.yaml").write_text(text.replace("sparsemax", "sparsemax_patch"), encoding="utf-8")
    samples = invented(6, 3)
    library = load(checkpoints.find(str(folder), offline=True), "cpu", 1, offline=True)
    found = scored(packed(folder), samples)
    plain = scored(packed(checkpoint("regression")), samples)
    for sample, estimate in zip(samples, library.estimate(samples), strict=True):
        assert found[sample].score == pytest.approx(estimate.score, abs=1e-6)
    assert max(abs(found[sample].score - plain[sample].score) for sample in samples) > 1e-5


def test_sparsemax_is_entmax() -> None:
    pytest.importorskip("entmax", reason="comes with unbabel-comet")
    import torch
    from entmax import sparsemax as theirs

    from harness.metrics.comet.packed.weights import sparsemax as ours

    random_state = torch.Generator().manual_seed(3)
    for size in (1, 2, 25):
        for scale in (0.0, 0.1, 3.0):
            raw = torch.randn(size, generator=random_state) * scale
            assert torch.allclose(ours(raw), theirs(raw, dim=0), atol=1e-6)


def test_a_container_with_less_time_than_cores_gets_fewer_threads(tmp_path: Path) -> None:
    from harness.metrics.comet.packed.schedule import permitted

    assert permitted(8, tmp_path) == 8
    for said, threads in (("max 100000", 8), ("250000 100000", 3), ("1000 100000", 1), ("900000 100000", 8), ("?", 8)):
        (tmp_path / "cpu.max").write_text(f"{said}\n", encoding="ascii")
        assert permitted(8, tmp_path) == threads


@pytest.mark.parametrize(
    ("tokens", "threads", "budget"), [(10**6, 2, 512), (2000, 2, 250), (2000, 1, 512), (100, 8, 128)]
)
def test_few_texts_are_spread_over_all_threads(tokens: int, threads: int, budget: int) -> None:
    from harness.metrics.comet.packed.schedule import spread_budget

    assert spread_budget(tokens, threads, 512) == budget


@pytest.mark.parametrize("kind", ["regression", "xcomet"])
def test_int8_gives_the_same_bits_in_any_company(checkpoint: Checkpoints, kind: Kind) -> None:
    model = packed(checkpoint(kind), precision="int8")
    samples = invented(12, 3)
    alone = {sample: scored(model, [sample])[sample] for sample in samples}
    for budget in (1, 100, 10**6):
        assert scored(packed(checkpoint(kind), budget=budget, precision="int8"), samples[::-1]) == alone
    assert model.ignores_company(samples)


def test_int8_products_are_those_of_whole_numbers() -> None:
    """Against NumPy: both sides rounded to 127 steps of their rows' and columns' largest numbers."""
    import torch

    from harness.metrics.comet.packed.matrices import Linear, in_int8

    state = torch.Generator().manual_seed(4)
    rows, weight = (torch.randn(size, generator=state) for size in ((64, 48), (16, 48)))
    rows[5] = 0.0
    bias = torch.arange(16.0)
    ours = in_int8(Linear(weight, bias))(rows).numpy()
    sides = []
    for matrix in (rows.numpy(), weight.numpy()):
        scale = np.abs(matrix).max(axis=1, keepdims=True) / 127
        sides.append(np.rint(np.divide(matrix, scale, out=np.zeros_like(matrix), where=scale > 0)) * scale)
    np.testing.assert_allclose(ours, sides[0] @ sides[1].T + bias.numpy(), rtol=1e-5, atol=1e-5)
    exact = rows.numpy() @ weight.numpy().T + bias.numpy()
    assert 1e-3 < np.abs(ours - exact).max() < 0.5


def test_int8_is_for_processors() -> None:
    from harness.metrics.comet.precision import need_precision

    need_precision("int8", "cpu")
    with pytest.raises(MetricUnavailable, match="only processors compute in int8"):
        need_precision("int8", "cuda")


@pytest.mark.parametrize("precision", ["bf16", "fp16", "int8"])
def test_lower_precision_only_on_request(checkpoint: Checkpoints, precision: str) -> None:
    folder, cache = checkpoint("regression"), MemoryCache()
    full = comet(folder).statistics(items(), context(cache=cache))
    metric = comet(folder, precision=precision)
    low = metric.statistics(items(), context(cache=cache))
    assert f"|{precision}|cpu|engine:packed1|" in low.identity.signature
    assert len(cache.kept) == 2 * len(TEXTS)
    worst = max(abs(low.rows[:, 0] - full.rows[:, 0]))
    assert 1e-6 < worst < (5e-2 if precision == "int8" else 1e-2)
    note = metric.notes[0]
    assert f"{precision} instead of fp32 changes scores: for 7 samples by" in noted(note)
    assert f"{worst:.1e} at most" in noted(note)
    with pytest.raises(MetricUnavailable, match="runs only in fp32"):
        comet(folder, precision=precision, engine="library").statistics(items(), context())


@pytest.mark.parametrize("worst", [float("nan"), float("inf")])
@pytest.mark.parametrize(
    ("options", "fix"),
    [
        ({"precision": "fp16"}, 'precision = "fp32" under'),
        ({}, "download the checkpoint again"),
        ({"engine": "library"}, "download the checkpoint again"),
    ],
)
def test_a_score_that_is_no_number_is_refused_and_not_kept(
    checkpoint: Checkpoints, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], fix: str, worst: float
) -> None:
    if options.get("engine") == "library":
        needs("comet")
    folder = checkpoint("regression")
    comet(folder).statistics(items(), context())
    original = Scorer.__call__

    def spoilt(self: Scorer, samples: Any) -> Any:
        for portion in original(self, samples):
            yield [(texts, Estimate(worst if texts == TEXTS[3] else e.score, e.truncated)) for texts, e in portion]

    monkeypatch.setattr(Scorer, "__call__", spoilt)
    metric, cache = comet(folder, **options), MemoryCache()
    with pytest.raises(MetricUnavailable, match=r"1 of 7 scores of regression in fp\d\d are not") as caught:
        metric.statistics(items(), context(cache=cache))
    assert fix in caught.value.hint
    assert all(np.isfinite(list(values.values())).all() for values in cache.kept.values())
    assert "nan" not in " ".join(map(noted, metric.notes))


@pytest.mark.parametrize(("times", "said"), [(7.31, ["7.3 times"]), (1.1, []), (0.4, [])])
def test_a_precision_for_which_the_processor_is_slow_is_said(
    checkpoint: Checkpoints, monkeypatch: pytest.MonkeyPatch, times: float, said: list[str]
) -> None:
    monkeypatch.setattr("harness.metrics.comet.packed.probe.times_of_fp32", lambda _: times)
    metric = comet(checkpoint("regression"), precision="bf16")
    metric.statistics(items(), context())
    words = " ".join(map(noted, metric.notes))
    assert re.findall(r"bf16 takes (.+ times) as long as fp32", words) == said
    assert "bf16 instead of fp32 changes scores" in words


def test_the_time_of_a_product_is_measured_against_fp32() -> None:
    from harness.metrics.comet.packed.probe import times_of_fp32

    assert 0.3 < times_of_fp32("fp32") < 3
    assert 0.02 < times_of_fp32("bf16") < 200


def test_notes_are_of_the_last_call(checkpoint: Checkpoints) -> None:
    metric, cache = comet(checkpoint("regression"), precision="bf16"), MemoryCache()
    metric.statistics(items(), context(cache=cache))
    assert metric.notes
    # Everything is kept: nothing was measured for this one.
    metric.statistics(items(), context(cache=cache))
    assert metric.notes == []


def test_a_flipped_bit_in_a_vector_is_no_other_score(tmp_path: Path) -> None:
    import torch

    from harness.metrics.comet.packed.vectors import DiskVectors

    kept = DiskVectors(tmp_path, {"checkpoint": "c"})
    kept.put({(text,): torch.full((64,), float(number)) for number, text in enumerate(("eins", "zwei"), 1)})
    assert kept.get([("zwei",), ("drei",)])["zwei",].tolist() == [2.0] * 64
    with closing(sqlite3.connect(kept.path)) as file, file:
        blob = torch.full((64,), 2.0).numpy().tobytes()
        changed = blob[:-1] + bytes([blob[-1] ^ 1])
        assert file.execute("UPDATE sealed SET vector = ? WHERE vector = ?", (changed, blob)).rowcount == 1
    assert kept.get([("eins",)])["eins",].tolist() == [1.0] * 64
    with pytest.raises(StoreError, match="damaged"):
        kept.get([("eins",), ("zwei",)])


def test_vectors_that_another_process_begins_to_keep_are_waited_for(tmp_path: Path) -> None:
    from harness.metrics.comet.packed.vectors import DiskVectors

    path = DiskVectors(tmp_path, {"checkpoint": "c"}).path
    for file in tmp_path.iterdir():
        file.unlink()
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        end = threading.Timer(0.2, other.execute, ["COMMIT"])
        end.start()
        assert DiskVectors(tmp_path, {"checkpoint": "c"}).get([("eins",)]) == {}
        assert end.finished.is_set()
        end.join()


@pytest.mark.usefixtures("fresh")
def test_vectors_on_disk(checkpoint: Checkpoints, fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from harness.metrics.comet.packed.encoder import PackedEncoder

    folder = checkpoint("regression")
    first = comet(folder, vectors=True).statistics(items(), context())
    assert (first.rows == comet(folder).statistics(items(), context()).rows).all()
    monkeypatch.setattr(PackedEncoder, "vectors", lambda *_: pytest.fail("everything is on disk"))
    again = comet(folder, vectors=True).statistics(items(), context())
    assert (again.rows == first.rows).all()
    (file,) = fresh.glob("vectors-*.sqlite")
    for sidecar in fresh.glob("vectors-*.sqlite-*"):
        sidecar.unlink()
    file.write_bytes(b"damaged" * 1000)
    with pytest.raises(StoreError, match="the sentence vectors in"):
        comet(folder, vectors=True).statistics(items(), context())


@given(st.lists(st.integers(1, 600), max_size=60), st.integers(1, 700))
def test_batches(lengths: list[int], budget: int) -> None:
    found = list(batches(lengths, budget))
    assert sorted(place for batch in found for place in batch) == list(range(len(lengths)))
    for batch in found:
        assert len(batch) == 1 or sum(lengths[place] for place in batch) <= budget
    flat = [lengths[place] for batch in found for place in batch]
    assert flat == sorted(flat, reverse=True)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 99)), unique=True), st.integers(1, 12))
def test_windows(pairs: list[tuple[int, int]], size: int) -> None:
    samples = [(f"s{source}", f"h{number}") for source, number in pairs]
    found = list(windows(samples, size))
    assert sorted(sample for window in found for sample in window) == sorted(samples)
    sources = [{sample[0] for sample in window} for window in found]
    assert sum(map(len, sources)) == len({sample[0] for sample in samples})
    assert all(len(window) <= size or len({sample[0] for sample in window}) == 1 for window in found)


def test_waiting_lets_go() -> None:
    a, b, c, d = (("a",), ("b",), ("c",), ("d", "e"))
    samples = [(a, b, c), (a, a, d)]
    waiting = Waiting(samples)
    assert sorted(waiting.passages) == [a, b, c, d]
    assert [waiting.arrived(passage) for passage in (a, d, c, b)] == [[], [1], [], [0]]
    assert waiting.scored(samples[1]) == [d]
    assert sorted(waiting.scored(samples[0])) == [a, b, c]


def test_options() -> None:
    assert Comet(CometOptions()).notes == []
