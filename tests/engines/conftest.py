"""The service a file is about, and tiny translation models, each built when the first test asks for it."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.engines.local.transformers import TransformersEngine, TransformersOptions
from tests.engines.chat_vendors import SDKS
from tests.engines.local import BOUND, context
from tests.engines.remote import with_keys
from tests.engines.tiny_models import build
from tests.vendors.base import Vendor


@pytest.fixture
def vendor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Vendor:
    """The service that the test's file calls ``VENDOR``, with its keys in the environment."""
    found: Vendor = request.module.VENDOR
    return with_keys(found, monkeypatch)


@pytest.fixture
def _chat_sdk(vendor: Vendor) -> None:
    """Skip where the SDK of the service, which is one for language models, is absent."""
    pytest.importorskip(SDKS[vendor.engine])


@pytest.fixture(scope="session")
def workspace_of_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace where the models of ``tiny`` and ``converted`` lie in ``models/``."""
    return tmp_path_factory.mktemp("tiny")


@pytest.fixture(scope="session")
def tiny(workspace_of_models: Path) -> Callable[[str], str]:
    """Gives the path, relative to the workspace, of a model of a kind."""
    pytest.importorskip("torch", reason="needs torch")
    pytest.importorskip("transformers", reason="needs transformers")
    pytest.importorskip("sentencepiece", reason="needs sentencepiece")

    def give(kind: str) -> str:
        folder = workspace_of_models / "models" / kind
        if not folder.is_dir():
            build(folder, kind)
        return f"models/{kind}"

    return give


@pytest.fixture(scope="session")
def converted(tiny: Callable[[str], str], workspace_of_models: Path) -> Callable[[str], str]:
    """The same, converted for ctranslate2."""
    pytest.importorskip("ctranslate2", reason="needs ctranslate2")

    def give(kind: str) -> str:
        target = workspace_of_models / "models" / f"{kind}-ct2"
        if not target.is_dir():
            source = workspace_of_models / tiny(kind)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                from ctranslate2.converters import TransformersConverter

                pieces = [path.name for path in source.iterdir() if path.suffix in {".spm", ".model"}]
                TransformersConverter(str(source), copy_files=pieces).convert(str(target))
        return f"models/{kind}-ct2"

    return give


@pytest.fixture
def make_transformers(tiny: Callable[[str], str], workspace_of_models: Path) -> Callable[..., TransformersEngine]:
    """Makes an engine for a tiny model of a kind, greedy unless told otherwise."""

    def engine(kind: str, **options: object) -> TransformersEngine:
        given = {"model": tiny(kind), "max_length": BOUND, "beam_size": 1, "threads": 1, **options}
        return TransformersEngine(TransformersOptions.model_validate(given), context(workspace_of_models))

    return engine


@pytest.fixture
def copied_model(tiny: Callable[[str], str], workspace_of_models: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Gives a model of a kind that a test may spoil, by its absolute path."""

    def copy(kind: str) -> Path:
        return Path(shutil.copytree(workspace_of_models / tiny(kind), tmp_path / "copied" / kind))

    return copy
