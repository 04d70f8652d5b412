"""Finding a checkpoint: on disk, in the hub's cache, or not at all - with the sentence and the line that fix it."""

from __future__ import annotations

import hashlib
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest

from harness.errors import MetricUnavailable
from harness.metrics.comet import checkpoint as checkpoints
from harness.metrics.comet import packages
from harness.metrics.comet import settings as comet_settings
from harness.metrics.comet.metric import Comet, CometOptions
from tests.metrics.build import context, items

huggingface_hub = pytest.importorskip("huggingface_hub", reason="comes with COMET")

MODEL = "Unbabel/wmt22-comet-da"


@pytest.fixture(autouse=True)
def _empty_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("HOME", str(tmp_path))


def make(folder: Path, hparams: str = "class_identifier: regression_metric") -> Path:
    (folder / "checkpoints").mkdir(parents=True)
    (folder / "checkpoints" / "model.ckpt").write_bytes(b"weights")
    (folder / "hparams.yaml").write_text(f"{hparams}\npretrained_model: xlm-roberta-large\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("which", ["", "checkpoints/model.ckpt"])
def test_local(tmp_path: Path, which: str) -> None:
    found = checkpoints.find(str(make(tmp_path / "my-model") / which), offline=True)
    assert found.name == "my-model"
    assert found.path == tmp_path / "my-model" / "checkpoints" / "model.ckpt"
    assert found.sha256 == hashlib.sha256(b"weights").hexdigest()
    found.path.write_bytes(b"other weights")
    assert checkpoints.find(str(tmp_path / "my-model"), offline=True).sha256 != found.sha256


@pytest.mark.parametrize(
    ("hparams", "inputs", "needs", "reads"),
    [
        ("class_identifier: regression_metric", ("mt", "src", "ref"), True, True),
        ("class_identifier: referenceless_regression_metric", ("mt", "src"), False, False),
        ("class_identifier: xcomet_metric", ("mt", "src", "ref"), False, True),
        ("class_identifier: unified_metric", ("mt", "src", "ref"), False, True),
        ("class_identifier: unified_metric\ninput_segments:\n- mt\n- src\n", ("mt", "src"), False, False),
        ("class_identifier: unified_metric\ninput_segments: [mt, ref]", ("mt", "ref"), True, True),
    ],
)
def test_what_a_class_reads(tmp_path: Path, hparams: str, inputs: tuple[str, ...], needs: bool, reads: bool) -> None:
    found = checkpoints.find(str(make(tmp_path / "m", hparams)), offline=True)
    assert (found.inputs, found.needs_reference, found.reads_reference) == (inputs, needs, reads)


@pytest.mark.parametrize(
    ("hparams", "message"),
    [
        ("class_identifier: ranking_metric", "class 'ranking_metric', which does not score segments"),
        ("layer: mix", "hparams.yaml cannot be read: KeyError"),
        ("a: [", "hparams.yaml cannot be read: ParserError"),
    ],
)
def test_hparams_that_make_no_sense(tmp_path: Path, hparams: str, message: str) -> None:
    with pytest.raises(MetricUnavailable, match=message):
        checkpoints.find(str(make(tmp_path / "m", hparams)), offline=True)


def test_files_missing(tmp_path: Path) -> None:
    (make(tmp_path / "m") / "hparams.yaml").unlink()
    with pytest.raises(MetricUnavailable, match=r"not a COMET checkpoint: hparams\.yaml is missing"):
        checkpoints.find(str(tmp_path / "m"), offline=True)
    with pytest.raises(MetricUnavailable, match=r"expected one \.ckpt file in checkpoints/, found 0"):
        checkpoints.find(str(tmp_path), offline=True)
    with pytest.raises(MetricUnavailable, match=r"no COMET checkpoint at \./nowhere"):
        checkpoints.find("./nowhere", offline=False)
    with pytest.raises(MetricUnavailable, match="'wmt22' is neither a file, a folder, nor a name"):
        checkpoints.find("wmt22", offline=False)


def test_hub_cache_and_its_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: pytest.fail("asked the hub"))
    repository = tmp_path / "hub" / "models--Unbabel--wmt22-comet-da"
    snapshot = make(repository / "snapshots" / "c0ffee")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("c0ffee", encoding="utf-8")
    blob = repository / "blobs" / ("ab" * 32)
    blob.parent.mkdir()
    (snapshot / "checkpoints" / "model.ckpt").rename(blob)
    (snapshot / "checkpoints" / "model.ckpt").symlink_to(blob)
    found = checkpoints.find(MODEL, offline=True)
    assert (found.name, found.sha256) == (MODEL, "ab" * 32)
    assert found.path == snapshot / "checkpoints" / "model.ckpt"


def test_legacy_folder(tmp_path: Path) -> None:
    make(tmp_path / ".cache" / "torch" / "unbabel_comet" / "wmt20-comet-da")
    assert checkpoints.find("wmt20-comet-da", offline=True).name == "wmt20-comet-da"


def test_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: pytest.fail("asked the hub"))
    with pytest.raises(MetricUnavailable, match=f"the model {MODEL} is not on this machine") as caught:
        Comet(CometOptions()).statistics(items([("Yes", ("Yes",))]), context(offline=True))
    assert caught.value.hint.startswith(f"hf download {MODEL}")
    with pytest.raises(MetricUnavailable, match="cannot be downloaded offline"):  # HF_HUB_OFFLINE, set for every test
        checkpoints.find(MODEL, offline=False)


class Hub:
    """Stands for the hub's client; answers every question with one error."""

    def __init__(self, error: Exception) -> None:
        self.error = error
        self.timeout: float | None = None

    def model_info(self, name: str, timeout: float) -> Any:
        self.timeout = timeout
        raise self.error


def hub_error(kind: str, status: int) -> Exception:
    from huggingface_hub import errors
    from requests import Request, Response

    response = Response()
    response.status_code = status
    response.request = Request("GET", "https://huggingface.co/api").prepare()
    error: Exception = getattr(errors, kind)(f"{status} Client Error", response=response)
    return error


@pytest.mark.parametrize(
    ("error", "message", "fix"),
    [
        (OSError("name resolution"), r"is not on this machine, and the model hub cannot be reached", "hf download"),
        (hub_error("GatedRepoError", 403), "accept its licence", f"accept it at https://huggingface.co/{MODEL}"),
        (hub_error("RepositoryNotFoundError", 401), "is not on the model hub", "HF_TOKEN"),
        (hub_error("HfHubHTTPError", 503), r"refused it \(status 503\)", "hf download"),
    ],
)
def test_hub_says_no(monkeypatch: pytest.MonkeyPatch, error: Exception, message: str, fix: str) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE")
    hub = Hub(error)
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: hub)
    with pytest.raises(MetricUnavailable, match=message) as caught:
        checkpoints.find(MODEL, offline=False)
    assert fix in caught.value.hint
    assert hub.timeout is not None
    assert hub.timeout < 15


def test_fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE")
    snapshot = make(tmp_path / "fetched")
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", lambda self, name, timeout: None)
    asked = []

    def fetch(name: str, etag_timeout: float, allow_patterns: list[str] | None) -> str:
        asked.append((name, allow_patterns))
        return str(snapshot)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fetch)
    found = checkpoints.find(MODEL, offline=False)
    assert found.path == snapshot / "checkpoints" / "model.ckpt"
    checkpoints.need_encoder(found, offline=False)
    assert asked == [(MODEL, None), ("xlm-roberta-large", ["*.json", "*.model", "vocab.txt"])]


def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(comet_settings, "version", version)
    monkeypatch.setattr(packages, "package_version", lambda _: "")
    with pytest.raises(MetricUnavailable, match="torch is not installed") as caught:
        Comet(CometOptions()).statistics(items([("Yes", ("Yes",))]), context())
    assert caught.value.hint == "pip install 'translation-harness[comet]'"


def test_device_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comet_settings, "cards", lambda: ("a card",))
    assert comet_settings.device_for("auto", "2.13.0") == "cuda"
    assert comet_settings.device_for("auto", "2.13.0+cpu") == "cpu"
    assert comet_settings.device_for("cpu", "2.13.0") == "cpu"
    monkeypatch.setattr(comet_settings, "cards", tuple)
    assert comet_settings.device_for("auto", "2.13.0") == "cpu"
