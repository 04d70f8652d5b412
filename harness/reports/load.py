"""From the name of a format to what renders it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from harness.analysis import Analysis
from harness.errors import UsageError
from harness.reports.interface import Report
from harness.workspace import registry

DECLARED = ("extension", "binary", "spoken")
"""What every format says of itself."""

EXTENSIONS: Mapping[str, str] = {
    "terminal": "txt",
    "md": "md",
    "json": "json",
    "csv": "csv",
    "html": "html",
    "latex": "tex",
    "parquet": "parquet",
    "xlsx": "xlsx",
    "junit": "xml",
}
"""What our formats declare, so that none is imported to tell which of them a file is in."""


def extension_of(name: str) -> str:
    """The extension of files in the format ``name``, without a dot.

    Raises:
        UsageError: as for :func:`load_report`.
    """
    if name in EXTENSIONS and registry.is_ours("reports", name):
        return EXTENSIONS[name]
    return load_report(name).extension


def load_report(name: str) -> Report:
    """Make the format ``name``.

    Raises:
        UsageError: no such format, or a plug-in that does not say what :class:`Report` asks for.
    """
    report = registry.load("reports", name)()
    if registry.is_ours("reports", name):
        return cast("Report", report)
    missing = [attribute for attribute in (*DECLARED, "render") if not hasattr(report, attribute)]
    if missing:
        raise UsageError(
            f"the report '{name}' of the package {registry.provider('reports', name)} has no {', '.join(missing)}",
            hint="harness.reports.interface.Report says what a format declares",
        )
    return _PluginReport(name, report, report.extension, report.binary, report.spoken)


@dataclass(slots=True)
class _PluginReport:
    """Somebody else's format, held to what it declares."""

    name: str
    report: Report
    extension: str
    binary: bool
    spoken: bool

    def render(self, analysis: Analysis) -> bytes:
        """The whole file; see :meth:`Report.render`."""
        with registry.blaming("reports", self.name):
            data = self.report.render(analysis)
            if not isinstance(data, bytes):
                raise TypeError(f"render gave {type(data).__name__}, not bytes")
            if not self.binary:
                data.decode("utf-8")
            return data
