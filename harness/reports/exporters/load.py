"""From the name of a format to what writes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import cast

from harness.errors import UsageError
from harness.reports.exporters.interface import Exported, Exporter, Handoff
from harness.workspace import registry


def load_exporter(name: str) -> Exporter:
    """Make the format ``name``.

    Raises:
        UsageError: no such format, or a plug-in that does not say what :class:`Exporter` asks for.
    """
    exporter = registry.load("exporters", name)()
    if registry.is_ours("exporters", name):
        return cast("Exporter", exporter)
    missing = [attribute for attribute in ("extension", "export") if not hasattr(exporter, attribute)]
    if missing:
        raise UsageError(
            f"the exporter '{name}' of the package {registry.provider('exporters', name)} has no {', '.join(missing)}",
            hint="harness.reports.exporters.interface.Exporter says what a format declares",
        )
    return _PluginExporter(name, exporter, exporter.extension)


@dataclass(slots=True)
class _PluginExporter:
    """Somebody else's format, held to what it declares."""

    name: str
    exporter: Exporter
    extension: str

    def export(self, handoff: Handoff) -> Exported:
        """All files; see :meth:`Exporter.export`."""
        with registry.blaming("exporters", self.name):
            exported = self.exporter.export(handoff)
            check_names(exported, self.extension)
            return exported


def check_names(exported: Exported, extension: str) -> None:
    """Hold the files to their names: nothing is written outside of the folder, or beside another file.

    Raises:
        ValueError: a name that the interface does not allow.
    """
    if extension and "" not in exported.files:
        raise ValueError("no file has the empty name")
    for name in exported.files:
        path = PurePosixPath(name)
        inside = name and not path.is_absolute() and ".." not in path.parts and "\\" not in name
        beside = name == "" or (name.startswith(".") and "/" not in name and "\\" not in name)
        if not (beside if extension else inside):
            raise ValueError(f"not a name for a file of the hand-off: {name!r}")
