"""Scores from elsewhere in a run: where their files lie, and whether they fit before anything is paid for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.corpus.layout import layout_of_workspace
from harness.metrics.interface import Metric, PlacedMetric
from harness.types import Corpus, Layout, SystemName
from harness.workspace.folder import Workspace


def beside_settings(workspace: Workspace, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of the metric ``name`` whose files of scores lie where ``harness.toml`` does."""
    settings = dict(options)
    if settings.get("metric", name) == "scores":
        if isinstance(file := settings.get("file"), str) and file:
            settings["file"] = str(workspace.root / file)
        if isinstance(files := settings.get("files"), dict):
            settings["files"] = {
                system: str(workspace.root / path) if isinstance(path, str) else path for system, path in files.items()
            }
    return settings


def layout_for(
    workspace: Workspace, metrics: Mapping[str, Metric], corpus: Corpus, systems: Sequence[SystemName]
) -> Layout | None:
    """Hold scores from elsewhere against one pair.

    Args:
        workspace: where everything is.
        metrics: of the run.
        corpus: what is scored.
        systems: that are asked for it.

    Returns:
        Which segments there are; None where no metric reads scores from elsewhere.

    Raises:
        DataError: a row fits nothing.
    """
    placed = [metric for metric in metrics.values() if isinstance(metric, PlacedMetric)]
    if not placed:
        return None
    names = [path.stem for path in workspace.systems.glob("*.toml")]
    layout = layout_of_workspace(workspace.references, corpus, names)
    for metric in placed:
        metric.check_layout(layout, systems)
    return layout
