"""The pages in ``docs/reference/``: ``python -m harness.workspace.reference_pages docs/reference`` writes them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.workspace import registry
from harness.workspace.reference import Table, options_table, settings_tables, summary, system_tables

GENERATED = "<!-- Written by `make reference` from the models that check the files. Do not edit. -->"


def pages() -> dict[str, str]:
    """File name to text. Only what the harness itself brings is on them."""
    return {
        "harness-toml.md": _page(_settings()),
        "systems.md": _page(_systems()),
        "plug-ins.md": _page(_plugins()),
    }


def _page(lines: Iterator[str]) -> str:
    return "\n".join([GENERATED, *lines, ""])


def _ours(group: registry.Group) -> list[tuple[str, Any]]:
    return [(name, registry.load(group, name)) for name in registry.names(group) if registry.is_ours(group, name)]


def _settings() -> Iterator[str]:
    yield "# Every key of `harness.toml`\n"
    yield "All keys are optional. `harness explain settings` and `harness explain metric NAME` show the same.\n"
    for table in settings_tables():
        yield from _table(table, f"## `{table.name}`" if table.name else "## Top-level keys")
    for name, factory in _ours("metrics"):
        heading = f"[metric.{_quoted(name)}]"
        yield from _table(options_table(factory, heading, summary("metrics", name)), f"## `{heading}`")


def _quoted(name: str) -> str:
    return name if name.isalnum() else f'"{name}"'


def _systems() -> Iterator[str]:
    yield "# Every key of a system file\n"
    yield "`systems/NAME.toml` describes a system. [systems/README.md](../../systems/README.md) explains each engine."
    yield "`harness explain system` and `harness explain engine NAME` show the same as this page.\n"
    for table in system_tables():
        yield from _table(table, f"## `{table.name}`" if table.name else "## Top-level keys")
    for name, factory in _ours("engines"):
        yield from _table(options_table(factory, "[options]", summary("engines", name)), f"## `[options]` of `{name}`")


def _plugins() -> Iterator[str]:
    yield "# Checks, importers, exporters and report formats\n"
    yield "None of them has options. `harness explain check NAME` (`importer`, `exporter`, `report`) shows the same."
    yield "[Extend the harness](../extend.md) says how to add one.\n"
    yield "## Checks\n\n| kind | finds |\n|---|---|"
    for name, _ in _ours("checks"):
        yield f"| `{name}` | {_cell(summary('checks', name))} |"
    yield "\n## Importers\n\n| format | reads |\n|---|---|"
    for name, _ in _ours("importers"):
        yield f"| `{name}` | {_cell(summary('importers', name))} |"
    yield "\n## Exporters\n\n| format | writes | what it is |\n|---|---|---|"
    for name, exporter in _ours("exporters"):
        writes = f"`.{exporter.extension}`" if exporter.extension else "a folder"
        yield f"| `{name}` | {writes} | {_cell(summary('exporters', name))} |"
    yield "\n## Report formats\n\n| format | suffix | kind | what it is |\n|---|---|---|---|"
    for name, report in _ours("reports"):
        kind = "binary" if report.binary else "text"
        yield f"| `{name}` | `.{report.extension}` | {kind} | {_cell(summary('reports', name))} |"


def _table(table: Table, heading: str) -> Iterator[str]:
    yield f"{heading}\n"
    if table.meaning:
        yield f"{_cell(table.meaning)}\n"
    if not table.keys:
        yield "No options.\n"
        return
    yield "| key | type | default | meaning | example |\n|---|---|---|---|---|"
    for key in table.keys:
        default = key.default if key.default in ("required", "not set") else f"`{key.default}`"
        cells = (f"`{key.name}`", key.kind, default, _cell(key.meaning), f"`{key.example}`")
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("``", "`")


if __name__ == "__main__":
    for name, text in pages().items():
        (Path(sys.argv[1]) / name).write_text(text, encoding="utf-8", newline="\n")
