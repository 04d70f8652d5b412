"""What an environment of a metric is made of, as the metric declares it, and which metrics declare one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.errors import UsageError
from harness.workspace import registry


@dataclass(frozen=True, slots=True)
class Recipe:
    """The attribute ``environment`` of a metric that has an environment of its own."""

    name: str
    """Of the metric, as it is registered."""
    packages: tuple[str, ...]
    """With exact versions, such as ``torch==2.13.0``: what can change a score. What these need is up to the installer,
    and noted."""
    worker: Path
    """A Python file with the class ``Worker``; it runs in the environment, where the harness cannot be imported."""
    oldest_python: tuple[int, int] = (3, 11)
    newest_python: tuple[int, int] = (3, 13)
    """The last one that all packages have wheels for."""

    @property
    def versions(self) -> dict[str, str]:
        """Package to the version it must have."""
        return {name: version for name, _, version in (package.partition("==") for package in self.packages)}


def recipe_of(name: str) -> Recipe:
    """The recipe of a registered metric.

    Raises:
        UsageError: there is no such metric, or it needs no environment of its own.
    """
    recipe: Recipe | None = getattr(registry.load("metrics", name), "environment", None)
    if recipe is None:
        known = [known.name for known in recipes()]
        raise UsageError(
            f"the metric '{name}' runs with the harness and needs no environment", hint=registry.suggestion(name, known)
        )
    return recipe


def recipes() -> Iterator[Recipe]:
    """The recipes of all metrics that can be imported; ``harness list metrics`` names the others."""
    for name in registry.names("metrics"):
        try:
            recipe: Recipe | None = getattr(registry.load("metrics", name), "environment", None)
        except UsageError:
            continue
        if recipe is not None:
            yield recipe
