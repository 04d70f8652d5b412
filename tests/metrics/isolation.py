"""A metric in an environment of its own, as small as can be: a package of one file, and a worker that misbehaves."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from harness.metrics.interface import ScoringItem
from harness.metrics.isolated.metric import IsolatedMetric, IsolatedOptions
from harness.metrics.isolated.recipe import Recipe
from harness.metrics.isolated.scorer import Texts
from harness.types import Traits

WORKER = Path(__file__).with_name("tiny_worker.py")

TINY = Recipe("tiny", ("harness-tiny==1.0",), WORKER, newest_python=(3, 99))


class TinyOptions(IsolatedOptions):
    """``[metric.tiny]``."""

    model: str = "tiny/model"
    """Any name."""
    flags: str = ""
    """A folder in which the worker notes what it has done already."""
    name: str = "tiny"
    """Column heading."""


class Tiny(IsolatedMetric):
    """Length of the hypothesis, doubled by the package."""

    Options: ClassVar[type[TinyOptions]] = TinyOptions
    environment = TINY
    traits: ClassVar = Traits("with_reference", "tiny", decimals=1)
    higher_is_better = True
    empty_score = -1.0
    options: TinyOptions

    def __init__(self, options: TinyOptions) -> None:
        super().__init__(options)

    def worker_options(self) -> Mapping[str, Any]:
        """With the folder of flags."""
        return {**super().worker_options(), "flags": self.options.flags}

    def samples(self, item: ScoringItem) -> tuple[Texts, ...]:
        """One for each reference."""
        return tuple((item.source, item.hypothesis, reference) for reference in item.references)


def write_wheel(folder: Path, version: str = "1.0", factor: int = 2) -> Path:
    """Write a wheel of the package ``harness-tiny``: one number."""
    info = f"harness_tiny-{version}.dist-info"
    path = folder / f"harness_tiny-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("harness_tiny.py", f"FACTOR = {factor}\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: harness-tiny\nVersion: {version}\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", f"harness_tiny.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return path
