"""Packages of Argos Translate: a folder, or the same folder zipped as ``.argosmodel``, which is read where it lies."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from harness.engines.local.ctranslate2_library import ModelFiles
from harness.engines.local.local_models import content_hash
from harness.errors import EngineUnavailable

PIECES = "sentencepiece.model"


@dataclass(frozen=True, slots=True)
class Package:
    """One direction."""

    path: Path
    """A folder or a zip file."""
    inside: str
    """The folder within the zip file."""
    source: str
    target: str
    release: str
    """``package_version``."""
    prefix: str
    """Token that a model for several targets wants first; usually empty."""

    @property
    def name(self) -> str:
        """For people: ``en-es 1.9``."""
        return f"{self.source}-{self.target} {self.release}"

    def version(self) -> str:
        """Release and content."""
        files = [self.path] if self.inside else [self.path / PIECES, *(self.path / "model").iterdir()]
        return f"{self.release} {content_hash(files)}"

    def files(self) -> ModelFiles:
        """The model's files, for ctranslate2.

        Raises:
            EngineUnavailable: a part is missing.
        """
        try:
            if not self.inside:
                pieces = (self.path / PIECES).read_bytes()
                return ModelFiles(str(self.path / "model"), self.name, pieces, pieces)
            with zipfile.ZipFile(self.path) as archive:
                pieces = archive.read(f"{self.inside}/{PIECES}")
                model = {
                    PurePosixPath(name).name: archive.read(name)
                    for name in archive.namelist()
                    if name.startswith(f"{self.inside}/model/") and not name.endswith("/")
                }
            return ModelFiles(self.name, self.name, pieces, pieces, model)
        except (OSError, KeyError, zipfile.BadZipFile) as error:
            raise EngineUnavailable(
                f"{self.path} cannot be read: {error}",
                hint=f"only packages with a {PIECES} are supported; for others, use the engine libretranslate",
            ) from error


def find_packages(folder: Path) -> Iterator[Package]:
    """The packages at a place: itself, or what a folder holds.

    Raises:
        EngineUnavailable: one of them is damaged.
    """
    if (folder / "metadata.json").is_file() or folder.is_file():
        yield from _read(folder)
    elif folder.is_dir():
        for path in sorted(folder.iterdir()):
            if path.suffix == ".argosmodel" or (path / "metadata.json").is_file():
                yield from _read(path)


def _read(path: Path) -> Iterator[Package]:
    try:
        inside = ""
        if path.is_dir():
            text = (path / "metadata.json").read_bytes()
        else:
            with zipfile.ZipFile(path) as archive:
                names = [name for name in archive.namelist() if PurePosixPath(name).match("*/metadata.json")]
                inside = str(PurePosixPath(min(names, key=len)).parent)
                text = archive.read(f"{inside}/metadata.json")
        data = json.loads(text)
        if data.get("type", "translate") == "translate":
            release, prefix = str(data.get("package_version", "")), str(data.get("target_prefix") or "")
            yield Package(path, inside, str(data["from_code"]), str(data["to_code"]), release, prefix)
    except (OSError, ValueError, KeyError, AttributeError, zipfile.BadZipFile) as error:
        raise EngineUnavailable(f"{path} is not a package of Argos Translate: {error}") from error
