"""COMET against the library's own fp32 ``predict``, on checkpoints built here."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.errors import MetricUnavailable
from harness.metrics.comet import library as comet_library
from harness.metrics.comet.blueprint import Kind
from harness.metrics.comet.checkpoint import description, find
from harness.metrics.comet.estimate import Estimate, pack, unpack
from harness.metrics.comet.library import LoadedComet, import_comet, quiet
from harness.metrics.comet.metric import Comet, CometOptions
from harness.metrics.comet.packed.verification import identity
from harness.metrics.comet.untrained import build_checkpoint
from harness.metrics.interface import ErrorSpan, MetricContext, ScoringItem
from harness.testing import metric_contract
from tests.metrics.build import MemoryCache, context

pytestmark = [pytest.mark.comet, pytest.mark.xdist_group("comet")]

Checkpoints = Callable[[Kind], Path]
KINDS: tuple[Kind, ...] = ("regression", "referenceless", "unified", "kiwi", "xcomet")
TEXTS = (
    ("Der Zug fährt heute nicht.", "The train is not running today.", "No train today."),
    ("Guten Morgen!", "Good morning!", "Good morning to you!"),
    ("Ein sehr langer Satz, der kein Ende nimmt, " * 6, "A very long sentence " * 9, "A sentence without end " * 7),
    ("Ja", "no", "Yes"),
    ("Привет, мир", "Hello world", "Hello, world"),
    ("Straße", "çüß ñ", "street"),
    ("Guten Morgen!", "Good evening!", "Good morning to you!"),
)


def items(system: str = "one") -> list[ScoringItem]:
    return [ScoringItem(system, line, src, mt, (ref,)) for line, (src, mt, ref) in enumerate(TEXTS, start=1)]


def comet(folder: Path, **options: Any) -> Comet:
    return Comet(CometOptions(model=str(folder), **options))


def predict(folder: Path, samples: list[dict[str, str]], batch_size: int = 4) -> Any:
    """What unbabel-comet itself says."""
    library = import_comet()
    with quiet():
        model = library.load_from_checkpoint(str(folder / "checkpoints" / "model.ckpt")).float()
        return model.predict(samples, batch_size=batch_size, gpus=0, num_workers=0, progress_bar=False)


def samples(kind: Kind) -> list[dict[str, str]]:
    fields = ("src", "mt") if kind in {"referenceless", "kiwi"} else ("src", "mt", "ref")
    return [dict(zip(fields, texts, strict=False)) for texts in TEXTS]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("library")
def test_equals_predict(checkpoint: Checkpoints, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    library, folder = import_comet(), checkpoint(kind)
    # The library's own model is read once for all sizes of batches.
    monkeypatch.setattr(library, "load_from_checkpoint", functools.cache(library.load_from_checkpoint))
    expected = predict(folder, samples(kind))
    assert len({round(score, 4) for score in expected["scores"]}) == len(TEXTS)
    for options in ({}, *({"engine": "library", "batch_size": size} for size in (1, 3, 16))):
        table = comet(folder, **options).statistics(items(), context())
        np.testing.assert_allclose(table.rows[:, 0], expected["scores"], rtol=0, atol=1e-6)
        assert table.rows[:, 1].tolist() == [1.0] * len(TEXTS)
        assert table.scored.all()


@pytest.mark.parametrize("kind", ["unified", "xcomet"])
@pytest.mark.usefixtures("library")
def test_equals_predict_without_references(checkpoint: Checkpoints, kind: Kind) -> None:
    folder = checkpoint(kind)
    expected = predict(folder, [{"src": src, "mt": mt} for src, mt, _ in TEXTS])["scores"]
    bare = [ScoringItem("one", line, src, mt, ()) for line, (src, mt, _) in enumerate(TEXTS, start=1)]
    table = comet(folder).statistics(bare, context())
    np.testing.assert_allclose(table.rows[:, 0], expected, rtol=0, atol=1e-6)
    assert "|refs:0|" in table.identity.signature
    mixed = comet(folder).statistics(items()[:3] + bare[3:], context())
    np.testing.assert_allclose(mixed.rows[3:, 0], expected[3:], rtol=0, atol=1e-6)
    assert "|refs:var|" in mixed.identity.signature


@pytest.mark.usefixtures("library")
def test_error_spans(checkpoint: Checkpoints) -> None:
    folder = checkpoint("xcomet")
    cache = MemoryCache()
    table = comet(folder, batch_size=1).statistics(items(), context(cache=cache))
    # One at a time: an untrained model is undecided, and a batch's padding may tip a label.
    expected = predict(folder, samples("xcomet"), batch_size=1)["metadata"]["error_spans"]
    found = [[(s.start, s.end, s.severity) for s in table.spans.get(row, ())] for row in range(len(TEXTS))]
    assert found == [[(s["start"], s["end"], s["severity"]) for s in spans] for spans in expected]
    assert any(found)
    for row, spans in table.spans.items():
        assert all(span.text == TEXTS[row][1][span.start : span.end] for span in spans)
        assert {span.side for span in spans} == {"hypothesis"}
        assert [span.confidence for span in spans] == pytest.approx([s["confidence"] for s in expected[row]], abs=1e-6)
    assert comet(folder).statistics(items(), context(cache=cache)).spans == table.spans


@pytest.mark.parametrize("kind", ["regression", "referenceless", "xcomet"])
def test_it_keeps_the_contract_of_a_metric(checkpoint: Checkpoints, kind: Kind) -> None:
    """The checkpoints are untrained, so they cannot tell good from bad."""
    folder = checkpoint(kind)
    metric_contract(lambda: comet(folder), tolerance=1e-5, direction=False)


@pytest.mark.usefixtures("library")
def test_order_and_batches_do_not_matter(checkpoint: Checkpoints) -> None:
    folder = checkpoint("regression")
    straight = comet(folder, batch_size=2, engine="library").statistics(items(), context())
    turned = comet(folder, batch_size=5, engine="library").statistics(items()[::-1], context())
    np.testing.assert_allclose(straight.rows, turned.rows[::-1], rtol=0, atol=1e-6)


@pytest.mark.usefixtures("library")
def test_equal_texts_are_scored_once_and_kept(checkpoint: Checkpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []
    original = LoadedComet.estimate

    def counted(self: LoadedComet, wanted: list[tuple[str, ...]]) -> list[Estimate]:
        asked.extend(wanted)
        return original(self, wanted)

    monkeypatch.setattr(LoadedComet, "estimate", counted)
    monkeypatch.setattr("harness.metrics.comet.library.CHUNK", 3)
    cache = MemoryCache()
    told: list[tuple[int, int]] = []
    plain = context(cache=cache)
    loud = MetricContext(plain.pair, cache, offline=True, progress=lambda done, total: told.append((done, total)))
    library = comet(checkpoint("regression"), engine="library")
    table = library.statistics(items("one") + items("two"), loud)
    assert len(asked) == len(set(asked)) == len(TEXTS)
    assert cache.commits == [3, 3, 1]
    assert told == [(0, 7), (3, 7), (6, 7), (7, 7)]
    assert (table.rows[: len(TEXTS)] == table.rows[len(TEXTS) :]).all()
    again = comet(checkpoint("regression"), engine="library").statistics(items("three"), loud)
    assert len(asked) == len(TEXTS)
    assert (again.rows == table.rows[: len(TEXTS)]).all()
    assert again.identity == table.identity


@pytest.mark.usefixtures("library")
def test_a_kill_loses_one_chunk(checkpoint: Checkpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.metrics.comet.library.CHUNK", 2)
    cache = MemoryCache()
    original = LoadedComet.estimate

    def dies(self: LoadedComet, wanted: list[tuple[str, ...]]) -> list[Estimate]:
        if len(cache.commits) == 2:
            raise KeyboardInterrupt
        return original(self, wanted)

    monkeypatch.setattr(LoadedComet, "estimate", dies)
    with pytest.raises(KeyboardInterrupt):
        comet(checkpoint("regression"), engine="library").statistics(items(), context(cache=cache))
    assert len(cache.kept) == 4


def test_empty_hypotheses_are_not_sent(checkpoint: Checkpoints) -> None:
    blank = [ScoringItem("one", 1, "Ja", "", ("Yes",)), ScoringItem("one", 2, "Ja", " \t\u3000", ("Yes",))]
    cache = MemoryCache()
    table = comet(checkpoint("regression")).statistics([*blank, *items()], context(cache=cache))
    assert table.rows[:2].tolist() == [[0, 1], [0, 1]]
    assert table.marks["empty"].tolist() == [True, True] + [False] * len(TEXTS)
    assert table.scored.all()
    assert len(cache.kept) == len(TEXTS)
    assert "|empty:0|" in table.identity.signature


@pytest.mark.usefixtures("library")
def test_references(checkpoint: Checkpoints) -> None:
    folder, cache = checkpoint("regression"), MemoryCache()
    src, mt, ref = TEXTS[0]
    cases = {(ref,): "1", (ref, "The train does not run."): "mean2"}
    found = {}
    for references, word in cases.items():
        table = comet(folder).statistics([ScoringItem("one", 1, src, mt, references)], context(cache=cache))
        assert f"|refs:{word}|" in table.identity.signature
        found[word] = table.rows[0, 0]
    single = predict(folder, [{"src": src, "mt": mt, "ref": "The train does not run."}])["scores"][0]
    assert found["mean2"] == pytest.approx((found["1"] + single) / 2, abs=1e-6)
    missing = [ScoringItem("one", line, src, mt, refs) for line, refs in enumerate([*cases, ()], start=1)]
    table = comet(folder).statistics(missing, context(cache=cache))
    assert table.scored.tolist() == [True, True, False]
    assert table.rows[2].tolist() == [0, 0]
    assert "|refs:var|" in table.identity.signature
    assert table.identity.needs_reference


@pytest.mark.parametrize(
    ("kind", "pieces", "truncated"),
    [
        # <s> and </s> count: 508 pieces of text fit where the library cuts at 510.
        ("regression", (508, 508, 508), False),
        ("regression", (509, 9, 9), True),
        ("regression", (9, 9, 509), True),
        ("referenceless", (9, 508, 900), False),
        # <s> mt </s></s> src </s>: four more, of 512.
        ("kiwi", (254, 254, 900), False),
        ("kiwi", (254, 255, 900), True),
        # ... </s></s> ref: six more.
        ("unified", (168, 168, 170), False),
        ("unified", (169, 168, 170), True),
        ("xcomet", (168, 169, 170), True),
    ],
)
def test_truncation_is_marked(
    checkpoint: Checkpoints, kind: Kind, pieces: tuple[int, int, int], truncated: bool
) -> None:
    # One piece per character; the space the tokenizer puts in front joins the first letter.
    src, mt, ref = ("a" * count for count in pieces)
    item, cache = [ScoringItem("one", 1, src, mt, (ref,))], MemoryCache()
    for _ in range(2):
        table = comet(checkpoint(kind)).statistics(item, context(cache=cache))
        assert table.marks["truncated"].tolist() == [truncated]


@pytest.mark.parametrize(("kind", "fits"), [("regression", 508), ("kiwi", 507), ("unified", 504)])
def test_truncation_is_where_the_library_cuts(checkpoint: Checkpoints, kind: Kind, fits: int) -> None:
    """The last letter that fits moves the score; beyond the limit of every field it does not."""
    scores, marks = [], []
    for length in (fits, 510):
        for last in "xy":
            text = "a" * (length - 1) + last
            source, reference = (text, "b") if kind == "kiwi" else ("b", text)
            item = ScoringItem("one", 1, source, "b", (reference,))
            table = comet(checkpoint(kind)).statistics([item], context())
            scores.append(table.rows[0, 0])
            marks.append(bool(table.marks["truncated"][0]))
    assert marks == [False, False, True, True]
    assert scores[0] != scores[1]
    assert scores[2] == scores[3]


@pytest.mark.usefixtures("library")
def test_signature(checkpoint: Checkpoints) -> None:
    import hashlib
    from importlib.metadata import version

    folder = checkpoint("regression")
    table = comet(folder, name="comet-tiny").statistics(items(), context())
    digest = hashlib.sha256((folder / "checkpoints" / "model.ckpt").read_bytes()).hexdigest()[:12]
    said = description(find(str(folder), offline=True))[:12]
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    torch = version("torch").partition("+")[0]
    assert table.identity.signature == (
        f"comet:{version('unbabel-comet')}|model:regression|ckpt:{digest}|hparams:{said}|class:regression_metric"
        f"|fp32|cpu|engine:packed1|refs:1|empty:0|torch:{torch}|transformers:{version('transformers')}|python:{python}"
    )
    assert str(folder.parent) not in table.identity.signature
    assert table.identity.name == "comet-tiny"


def test_what_hparams_say_is_in_key_signature_and_proof(checkpoint: Checkpoints, tmp_path: Path) -> None:
    """``sparsemax_patch`` mixes the layers of the same checkpoint in another way."""
    folders = [tmp_path / name / "same" for name in ("plain", "patched", "moved", "retokenized")]
    for folder in folders:
        shutil.copytree(checkpoint("regression"), folder)
        shutil.copytree(find(str(folder), offline=True).encoder, folder / "own")
    plain, patched, moved, retokenized = folders
    for folder in (patched, moved, retokenized):
        text = (folder / "hparams.yaml").read_text(encoding="utf-8")
        text = text.replace(find(str(folder), offline=True).encoder, str(folder / "own"))
        if folder == patched:
            text = text.replace("sparsemax", "sparsemax_patch")
        (folder / "hparams.yaml").write_text(text, encoding="utf-8")
    with (retokenized / "own" / "tokenizer.json").open("a", encoding="utf-8") as file:
        file.write("\n")
    found = [find(str(folder), offline=True) for folder in folders]
    assert len({item.sha256 for item in found}) == 1
    assert found[0].encoder != found[2].encoder
    said = [description(item) for item in found]
    assert said[0] == said[2]
    assert len(set(said)) == 3
    proofs = [identity(item, "cpu") for item in found]
    assert proofs[0] == proofs[2]
    assert proofs[1] != proofs[0] != proofs[3]
    cache = MemoryCache()
    tables = [comet(folder).statistics(items(), context(cache=cache)) for folder in (plain, patched, moved)]
    assert len(cache.kept) == 2 * len(TEXTS)
    assert np.abs(tables[1].rows - tables[0].rows).max() > 1e-5
    assert tables[0].identity == tables[2].identity != tables[1].identity


@pytest.mark.usefixtures("library")
def test_always_fp32(checkpoint: Checkpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the library hands out a model in half precision, as its command line uses it."""
    library = import_comet()
    original = library.load_from_checkpoint
    monkeypatch.setattr(library, "load_from_checkpoint", lambda *a, **k: original(*a, **k).half())
    loaded = comet_library.load(find(str(checkpoint("regression")), offline=True), "cpu", 4, offline=True)
    assert {str(parameter.dtype) for parameter in loaded._model.parameters()} == {"torch.float32"}


@pytest.mark.usefixtures("library")
def test_damaged_checkpoint(checkpoint: Checkpoints, tmp_path: Path) -> None:
    source = checkpoint("regression")
    (tmp_path / "broken" / "checkpoints").mkdir(parents=True)
    (tmp_path / "broken" / "hparams.yaml").write_bytes((source / "hparams.yaml").read_bytes())
    whole = (source / "checkpoints" / "model.ckpt").read_bytes()
    (tmp_path / "broken" / "checkpoints" / "model.ckpt").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MetricUnavailable, match="the checkpoint of broken cannot be loaded"):
        comet(tmp_path / "broken").statistics(items(), context())


@pytest.mark.parametrize(
    ("encoder", "message", "fix"),
    [
        ("nobody/no-such", "the tokenizer of nobody/no-such, which moved uses, is not", "hf download nobody/no-such"),
        ("/no/such/folder", "the model moved needs its encoder at /no/such/folder", "put it there"),
    ],
)
def test_encoder_gone(checkpoint: Checkpoints, tmp_path: Path, encoder: str, message: str, fix: str) -> None:
    checkpoint("regression")
    (tmp_path / "moved" / "checkpoints").mkdir(parents=True)
    (tmp_path / "moved" / "checkpoints" / "model.ckpt").write_bytes(b"not read")
    (tmp_path / "moved" / "hparams.yaml").write_text(
        f"class_identifier: regression_metric\nlayer_norm: false\npretrained_model: {encoder}\n", encoding="utf-8"
    )
    with pytest.raises(MetricUnavailable, match=message) as caught:
        comet(tmp_path / "moved").statistics(items(), context(offline=True))
    assert fix in caught.value.hint


@pytest.mark.usefixtures("library")
def test_a_checkpoint_that_was_moved_with_its_encoder(tmp_path: Path) -> None:
    build_checkpoint(tmp_path / "home", "regression")
    expected = comet(tmp_path / "home", engine="library").statistics(items(), context()).rows
    (tmp_path / "home").rename(tmp_path / "moved")
    file = tmp_path / "moved" / "hparams.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(str(tmp_path / "home"), str(tmp_path / "moved")), encoding="utf-8")
    assert (comet(tmp_path / "moved", engine="library").statistics(items(), context()).rows == expected).all()


@pytest.mark.usefixtures("library")
def test_broken_import(checkpoint: Checkpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = checkpoint("regression")
    for name in [name for name in sys.modules if name.partition(".")[0] == "comet"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "comet.models", None)
    with pytest.raises(MetricUnavailable, match="unbabel-comet cannot be imported: ModuleNotFoundError"):
        comet(folder, engine="library").statistics(items(), context())


def test_cuda_that_is_not_there(checkpoint: Checkpoints) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a graphics card")
    with pytest.raises(MetricUnavailable, match="torch cannot use the graphics card"):
        comet(checkpoint("regression"), device="cuda").statistics(items(), context())


def test_estimates_survive_the_cache() -> None:
    spans = tuple(ErrorSpan(number, number + 2, "minor" if number % 2 else "major", 0.5) for number in range(12))
    estimate = Estimate(0.25, truncated=True, spans=spans)
    assert unpack(pack(estimate)) == estimate


SCRIPT = """
import json, sys
from harness.workspace.languages import parse_pair
from harness.metrics.comet.metric import Comet, CometOptions
from harness.metrics.interface import MetricContext, ScoringItem

class Full:
    keeps = False
    def get_scores(self, metric, texts):
        return [{"score": 0.5, "truncated": 0.0} for _ in texts]
    def put_scores(self, metric, scores):
        raise AssertionError("nothing is new")

items = [ScoringItem("one", 1, "Ja", "Yes", ("Yes!",)), ScoringItem("one", 2, "Ja", "", ("Yes!",))]
table = Comet(CometOptions(model=sys.argv[1])).statistics(items, MetricContext(parse_pair("de-en"), Full()))
heavy = sorted({"torch", "comet", "transformers", "pytorch_lightning"} & set(sys.modules))
print(json.dumps([heavy, table.rows.tolist(), table.identity.signature]))
"""


def test_a_cached_call_imports_nothing_heavy(checkpoint: Checkpoints) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(checkpoint("regression"))], capture_output=True, text=True, check=True
    )
    heavy, rows, signature = json.loads(done.stdout)
    assert heavy == []
    assert rows == [[0.5, 1.0], [0.0, 1.0]]
    expected = comet(checkpoint("regression")).statistics(items()[:1], context())
    assert signature == expected.identity.signature


HUB = """
import sys
from pathlib import Path
from harness.workspace.languages import parse_pair
from harness.metrics.comet.metric import Comet, CometOptions
from harness.metrics.interface import MetricContext, ScoringItem
from harness.store.cache.nothing import NoCache
import socket
def refuse(self, address):
    raise OSError("no network")
socket.socket.connect = refuse
items = [ScoringItem("one", 1, "Ja", "Yes", ("Yes!",))]
table = Comet(CometOptions(model="acme/tiny")).statistics(items, MetricContext(parse_pair("de-en"), NoCache()))
print(float(table.rows[0, 0]), table.identity.signature)
"""


@pytest.mark.slow
@pytest.mark.usefixtures("library")
def test_from_the_hub_cache_without_network_and_silent(checkpoint: Checkpoints, tmp_path: Path) -> None:
    """Everything lies in the hub's cache, the network is gone, and nobody said so: it runs, and nothing is printed.

    The tokenizer gets more than 100,000 pieces, like the real one: for those transformers asks the hub regardless.
    """
    import torch

    source = checkpoint("regression")
    hub = tmp_path / "hub"
    digest = "a" * 64
    for name in ("tiny", "encoder"):
        (hub / f"models--acme--{name}" / "refs").mkdir(parents=True)
        (hub / f"models--acme--{name}" / "refs" / "main").write_text("c0ffee", encoding="utf-8")
        (hub / f"models--acme--{name}" / "snapshots" / "c0ffee").mkdir(parents=True)
    model, encoder = (hub / f"models--acme--{name}" / "snapshots" / "c0ffee" for name in ("tiny", "encoder"))
    content = torch.load(source / "checkpoints" / "model.ckpt", weights_only=True)
    content["hyper_parameters"]["pretrained_model"] = "acme/encoder"
    blob = hub / "models--acme--tiny" / "blobs" / digest
    blob.parent.mkdir()
    torch.save(content, blob)
    (model / "checkpoints").mkdir()
    (model / "checkpoints" / "model.ckpt").symlink_to(blob)
    hparams = (source / "hparams.yaml").read_text(encoding="utf-8")
    (model / "hparams.yaml").write_text(hparams.replace(str(source / "encoder"), "acme/encoder"), encoding="utf-8")
    for file in (source / "encoder").iterdir():
        (encoder / file.name).write_bytes(file.read_bytes())
    tokenizer = json.loads((encoder / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer["model"]["vocab"] += [[f"\u2581\u2581{number}", -99.0] for number in range(100_001)]
    (encoder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")

    environment = {name: value for name, value in os.environ.items() if name not in {"HF_HUB_OFFLINE", "HF_HUB_CACHE"}}
    environment |= {"HF_HOME": str(tmp_path), "HF_HUB_CACHE": str(hub)}
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", HUB], capture_output=True, text=True, env=environment, check=False
    )
    assert done.stderr == ""
    assert done.returncode == 0
    score, signature = done.stdout.split()
    expected = predict(source, [{"src": "Ja", "mt": "Yes", "ref": "Yes!"}])["scores"][0]
    assert float(score) == pytest.approx(expected, abs=1e-6)
    assert f"|model:acme/tiny|ckpt:{digest[:12]}|" in signature
