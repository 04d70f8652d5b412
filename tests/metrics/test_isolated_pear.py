"""PEAR by its authors' package in an environment of its own, on a model of its architecture with random weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.errors import MetricUnavailable
from harness.executors.local import LocalExecutor
from harness.metrics.comet.blueprint import POSITIONS
from harness.metrics.interface import MetricContext, ScoringItem
from harness.metrics.isolated.pear import Pear, PearOptions
from harness.store.cache.answers import Cache
from harness.store.cache.nothing import NoCache
from harness.types import LangPair
from tests.metrics.borrowed import borrow
from tests.metrics.standin_pear import HEAD, HIDDEN, build
from tests.needs import needs

needs("pear", "torch", "transformers", "sentencepiece")

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("isolated")]

SOURCES = ("der Zug kommt", "guten Morgen")
SYSTEMS = {
    "one": ("the train comes", "good morning"),
    "two": ("a train", "good morning"),
    "three": ("train the is coming now", "morning"),
}

Prefer = Callable[[str, str, str], float]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the checkpoint; the environment is there as well."""
    folder = build(tmp_path_factory.mktemp("pear"))
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("HARNESS_METRICS_CACHE", str(tmp_path_factory.mktemp("environments")))
        monkeypatch.setattr(Pear, "environment", borrow(Pear.environment))
        yield folder


@pytest.fixture(scope="module")
def prefer(model: Path) -> Prefer:
    """Section 3 of the paper, without its authors' code: means of token vectors by span, and an antisymmetric head."""
    import torch
    from torch.nn import functional
    from transformers import AutoConfig, AutoTokenizer, XLMRobertaModel

    state: dict[str, Any] = torch.load(model / "checkpoints" / "model.ckpt", weights_only=True)["state_dict"]
    encoder = XLMRobertaModel(AutoConfig.from_pretrained(model / "encoder"), add_pooling_layer=False).eval()
    inner = {name.removeprefix("encoder.model."): value for name, value in state.items() if name.startswith("encoder.")}
    assert not encoder.load_state_dict(inner, strict=False).unexpected_keys
    tokenizer = AutoTokenizer.from_pretrained(model / "encoder")

    def quality(span: Any, source: Any) -> Any:
        joined = torch.cat([span, span * source, (span - source).abs()])
        hidden = functional.gelu(functional.linear(joined, state["span_proj.0.weight"], state["span_proj.0.bias"]))
        hidden = functional.layer_norm(hidden, (HIDDEN,), state["span_proj.2.weight"], state["span_proj.2.bias"])
        for number in range(len(HEAD) + 1):
            name = f"pair_head.ff.{3 * number}"
            hidden = functional.linear(hidden, state[f"{name}.weight"], state[f"{name}.bias"])
            hidden = functional.gelu(hidden) if number < len(HEAD) else hidden
        return hidden[0]

    def preference(source: str, first: str, second: str) -> float:
        parts = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in (source, first, second)]
        ids, spans = [0], []
        for number, part in enumerate(parts):
            spans.append(slice(len(ids), len(ids) + len(part)))
            ids += [*part, *((2, 2) if number < 2 else (2,))]
        assert len(ids) < POSITIONS
        with torch.no_grad():
            tokens = encoder(torch.tensor([ids])).last_hidden_state[0]
            about, one, two = (tokens[span].mean(0) for span in spans)
            scale = functional.softplus(state["_alpha_raw"]) + 1e-6
            return float(scale * (quality(one, about) - quality(two, about)))

    return preference


def items() -> list[ScoringItem]:
    return [
        ScoringItem(system, line, source, text, ())
        for system, texts in SYSTEMS.items()
        for line, (source, text) in enumerate(zip(SOURCES, texts, strict=True), start=1)
    ]


@pytest.fixture(scope="module")
def executor() -> Iterator[LocalExecutor]:
    executor = LocalExecutor()
    yield executor
    executor.close()


def pear(model: Path | str) -> Pear:
    return Pear(PearOptions(model=str(model), device="cpu", batch_size=3))


def test_scores_are_mean_preferences_over_the_others(
    model: Path, prefer: Prefer, executor: LocalExecutor, tmp_path: Path
) -> None:
    with Cache.open(tmp_path / "cache.sqlite3") as cache:
        table = pear(model).statistics(items(), MetricContext(LangPair("de", "en"), cache, True, executor=executor))
        again = pear(model).statistics(items(), MetricContext(LangPair("de", "en"), cache, True, executor=executor))
    expected: dict[tuple[str, int], float] = {}
    for line, source in enumerate(SOURCES):
        for name in SYSTEMS:
            margins = []
            for other in SYSTEMS:
                one, two = SYSTEMS[name][line], SYSTEMS[other][line]
                if other != name:
                    same = one == two
                    margins.append(0.0 if same else (prefer(source, one, two) - prefer(source, two, one)) / 2)
            expected[name, line + 1] = sum(margins) / 2
    got = {(item.system, item.line): float(row[0]) for item, row in zip(items(), table.rows, strict=True)}
    assert got == pytest.approx(expected, abs=1e-5)
    assert len({round(value, 3) for value in expected.values()}) >= 5
    assert again.rows.tolist() == table.rows.tolist()
    signature = table.identity.signature
    assert signature.startswith(f"pear:isolated1|model:{model.name}|digest:")
    assert signature.endswith("|orders:both|systems:one,three,two")
    assert "|pear-mt:" in signature
    assert (table.identity.needs_reference, table.identity.traits.kind) == (False, "without_reference")


def test_a_folder_that_is_called_like_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pear").mkdir()
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    named = {name: pear(name).worker_options()["model"] for name in ("pear", "./pear", "mine")}
    assert named == {"pear": "pear", "./pear": str(tmp_path / "pear"), "mine": str(tmp_path / "mine")}


def test_models_that_are_not_here(model: Path, executor: LocalExecutor, tmp_path: Path) -> None:
    for name, why in [
        (tmp_path / "gone.ckpt", "no PEAR checkpoint"),
        ("pear", "the model pear is not on this machine"),
    ]:
        with pytest.raises(MetricUnavailable, match=why):
            pear(name).statistics(items(), MetricContext(LangPair("de", "en"), NoCache(), True, executor=executor))
