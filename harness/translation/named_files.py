"""Files that ``harness.toml`` and system files name, beside articles and systems."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from harness.corpus.glossary import read_glossary
from harness.engines.interface import Engine, RememberingEngine
from harness.errors import ConfigError
from harness.types import LangPair
from harness.workspace.folder import Workspace
from harness.workspace.languages import parse_pair


def read_glossaries(workspace: Workspace) -> dict[LangPair, dict[str, str]]:
    """Terms and their translations, for each pair that has a glossary.

    Raises:
        ConfigError: a file is not there.
        DataError: one is no glossary.
    """
    files = workspace.settings.checks.glossary.items()
    for pair, file in files:
        _check_exists(workspace.root / file, f"[checks.glossary] {pair}", file)
    return {parse_pair(pair): read_glossary(workspace.root / file) for pair, file in files}


def searched_files(workspace: Workspace, engines: Iterable[Engine]) -> dict[str, Path]:
    """Training data and translation memories to search for the test set, by what settings call them.

    Raises:
        ConfigError: one that ``harness.toml`` names is not there.
    """
    named = {file: workspace.root / file for file in workspace.settings.checks.overlap}
    for file, path in named.items():
        _check_exists(path, "[checks] overlap", file)
    for engine in engines:
        if isinstance(engine, RememberingEngine):
            named |= engine.memories
    return named


def _check_exists(path: Path, key: str, file: str) -> None:
    if not path.exists():
        raise ConfigError(
            f"harness.toml {key}: no such file: {file}", hint="write its path relative to the folder of harness.toml"
        )
