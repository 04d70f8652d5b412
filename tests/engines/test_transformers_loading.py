from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.engines.local import local_models
from harness.engines.local.transformers import TransformersEngine
from harness.errors import EngineUnavailable
from tests.engines.local import PAIR, answers_of

pytestmark = pytest.mark.xdist_group("models")

Tiny = Callable[[str], str]


Make = Callable[..., TransformersEngine]


def test_nothing_heavy_is_imported_before_the_first_batch(tiny: Tiny, workspace_of_models: Path) -> None:
    hub = workspace_of_models / "hub"
    snapshot = hub / "models--owner--name" / "snapshots" / "c0ffee"
    if not snapshot.is_dir():
        shutil.copytree(workspace_of_models / tiny("madlad"), snapshot)
        (hub / "models--owner--name" / "refs").mkdir()
        (hub / "models--owner--name" / "refs" / "main").write_text("c0ffee")
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from harness.engines.interface import EngineContext\n"
        "from harness.engines.local.transformers import TransformersEngine, TransformersOptions\n"
        "from harness.testing import ask, batch_of\n"
        "from harness.types import LangPair\n"
        "pair = LangPair('en', 'es')\n"
        "options = TransformersOptions(model='owner/name', max_length=20)\n"
        "engine = TransformersEngine(options, EngineContext('x', Path('systems/x')))\n"
        "engine.supports(pair)\n"
        "print(engine.identity(pair).version)\n"
        "print(sorted({'torch', 'transformers', 'ctranslate2', 'sentencepiece'} & set(sys.modules)))\n"
        "print(len(ask(engine, batch_of(['the dog'], pair))[0]))\n"
    )
    environment = {"HF_HUB_CACHE": str(hub), "HF_HUB_OFFLINE": "1", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        cwd=workspace_of_models,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    version, imported, answers = done.stdout.splitlines()
    assert version.startswith("owner/name@c0ffee, transformers ")
    assert (imported, answers) == ("[]", "1")


def test_what_is_not_installed_is_named(make_transformers: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = make_transformers("marian")
    monkeypatch.setattr(local_models, "find_spec", lambda name: None if name == "torch" else object())
    with pytest.raises(EngineUnavailable, match="not installed: torch") as caught:
        engine.supports(PAIR)
    assert caught.value.hint == "pip install 'translation-harness[local]'"


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        ({"model": "no/folder/here"}, "no model at", "OWNER/NAME"),
        ({"model": "./models/none"}, "no model at", "OWNER/NAME"),
        ({"model": "nobody/nothing"}, "is not on this machine", "hf download nobody/nothing"),
        ({"model": "nobody/nothing", "revision": "v2"}, "v2", "hf download nobody/nothing --revision v2"),
        ({"revision": "v2"}, "is a folder, which has no revision", "'revision'"),
    ],
)
def test_a_model_that_is_not_here(make_transformers: Make, options: dict[str, str], message: str, hint: str) -> None:
    with pytest.raises(EngineUnavailable, match=message) as caught:
        make_transformers("marian", **options).supports(PAIR)
    assert hint in caught.value.hint


def test_a_model_without_weights(make_transformers: Make, copied_model: Callable[[str], Path]) -> None:
    folder = copied_model("marian")
    (folder / "model.safetensors").unlink()
    with pytest.raises(EngineUnavailable, match="no weights in"):
        make_transformers("marian", model=str(folder)).supports(PAIR)


def test_a_model_with_a_gap_is_not_filled_with_random_numbers(
    make_transformers: Make, copied_model: Callable[[str], Path]
) -> None:
    from safetensors.torch import load_file, save_file

    folder = copied_model("nllb")
    weights = load_file(folder / "model.safetensors")
    del weights["model.decoder.layers.0.fc1.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(EngineUnavailable, match=r"lack the weights model\.decoder\.layers\.0\.fc1\.weight"):
        answers_of(make_transformers("nllb", model=str(folder)))


def test_damaged_files(make_transformers: Make, copied_model: Callable[[str], Path]) -> None:
    folder = copied_model("marian")
    (folder / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(EngineUnavailable, match="cannot be loaded"):
        answers_of(make_transformers("marian", model=str(folder)))
    (folder / "config.json").write_text("{")
    with pytest.raises(EngineUnavailable, match=r"config\.json cannot be read"):
        make_transformers("marian", model=str(folder)).supports(PAIR)


def test_an_unknown_kind_of_model_asks_for_its_family(
    make_transformers: Make, copied_model: Callable[[str], Path]
) -> None:
    folder = copied_model("marian")
    (folder / "config.json").write_text('{"model_type": "resnet"}')
    with pytest.raises(EngineUnavailable, match="of type 'resnet'") as caught:
        make_transformers("marian", model=str(folder)).supports(PAIR)
    assert caught.value.hint == "set 'family' in systems/tiny.toml [options] to the closest one"


def test_a_graphics_card_that_is_not_there(make_transformers: Make) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has one")
    with pytest.raises(EngineUnavailable, match="cannot use the graphics card") as caught:
        answers_of(make_transformers("marian", device="cuda"))
    assert caught.value.hint == 'device = "cpu"'
