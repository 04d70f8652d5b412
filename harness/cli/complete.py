"""Shell completion: what may stand after an option, from names of files and a few bytes of each.

It runs at every press of the tab key, so nothing heavy is imported, and what cannot be read offers nothing: a shell has
no room for an error.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import typer

Completer = Callable[[typer.Context, str], list[str]]

_SPECIAL = re.compile(r"([^\w@%+=:,./-])")
"""What bash would not take as a part of a word."""


class _Quoted(str):
    """A completion for bash, which puts it into the line as it is; other shells quote it themselves.

    Typer drops what does not begin with the text before the cursor, which has no quotes any more.
    """

    def startswith(self, *_: object) -> bool:
        return True


def _completer(candidates: Callable[[typer.Context], Iterable[str]]) -> Completer:
    """Candidates that begin with what was typed; after a comma, with what follows it."""

    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        before, comma, typed = incomplete.rpartition(",")
        try:
            fitting = [name for name in candidates(ctx) if name.startswith(typed) and name.isprintable()]
        except Exception:  # noqa: BLE001 - whatever it is: the command itself says it, when it is run
            return []
        return [_as_typed(f"{before}{comma}{name}", incomplete) for name in dict.fromkeys(fitting)]

    return complete


def _as_typed(text: str, incomplete: str) -> str:
    line = os.environ.get("COMP_WORDS", "")
    in_quotes = line.endswith((f'"{incomplete}', f"'{incomplete}"))
    if in_quotes or os.environ.get("_HARNESS_COMPLETE") != "complete_bash":
        return text
    return _Quoted(_SPECIAL.sub(r"\\\1", text))


def words(*known: str) -> Completer:
    """Completes one of a few words."""
    return _completer(lambda _: known)


def _workspace(ctx: typer.Context) -> Path:
    return Path(ctx.params.get("workspace") or ".")


@_completer
def systems(ctx: typer.Context) -> list[str]:
    """Names of the system files."""
    return sorted(path.stem for path in (_workspace(ctx) / "systems").glob("*.toml"))


@_completer
def pairs(ctx: typer.Context) -> list[str]:
    """Folders of the references."""
    return [folder.name for folder in _pair_folders(ctx)]


@_completer
def articles(ctx: typer.Context) -> list[str]:
    """Articles of the pairs that were named before, or of all."""
    chosen = {name for value in ctx.params.get("pair") or () for name in value.split(",")}
    return sorted(
        path.name.removesuffix(f".{source}.txt")
        for folder in _pair_folders(ctx)
        if not chosen or folder.name in chosen
        for source in (folder.name.partition("-")[0],)
        for path in folder.glob(f"*.{source}.txt")
    )


def _pair_folders(ctx: typer.Context) -> list[Path]:
    return sorted(folder for folder in (_workspace(ctx) / "references").iterdir() if folder.is_dir())


@_completer
def metrics(ctx: typer.Context) -> Iterator[str]:
    """Metrics of the settings first, then all that are installed."""
    settings = _settings(ctx)
    yield from settings.get("metrics", ())
    yield from settings.get("metric", {})
    yield from _registered("metrics")


@_completer
def tiers(ctx: typer.Context) -> Iterator[str]:
    """Tiers, also those of the settings."""
    yield from ("cheap", "full")
    yield from _settings(ctx).get("gate", {}).get("tiers", {})


@_completer
def report_formats(ctx: typer.Context) -> Iterator[str]:  # noqa: ARG001 - typer calls it so
    """Formats of a run."""
    yield from _registered("reports")


@_completer
def kinds(ctx: typer.Context) -> Iterator[str]:  # noqa: ARG001 - typer calls it so
    """What can be explained."""
    from harness.workspace.registry import GROUPS

    yield from (group.removesuffix("s") for group in GROUPS)
    yield from ("settings", "system", "agreement")


@_completer
def explained(ctx: typer.Context) -> list[str]:
    """Names of the kind before the cursor."""
    if ctx.params.get("kind") == "agreement":
        from harness.analysis import measured_agreement

        return sorted({str(row.pair) for row in measured_agreement()})
    return _registered(f"{ctx.params.get('kind')}s")


@_completer
def pages(ctx: typer.Context) -> Iterator[str]:  # noqa: ARG001 - typer calls it so
    """Pages of the documentation."""
    from harness.workspace.handbook import handbook

    yield from handbook()


@_completer
def flag_limits(ctx: typer.Context) -> Iterator[str]:  # noqa: ARG001 - typer calls it so
    """``KIND=`` for every kind of flag."""
    yield from (f"{name}=" for name in _registered("checks"))


@_completer
def margins(ctx: typer.Context) -> Iterator[str]:
    """``METRIC=`` for every metric."""
    yield from (f"{name}=" for name in (*_settings(ctx).get("metrics", ()), *_registered("metrics")))


@_completer
def import_formats(ctx: typer.Context) -> Iterator[str]:  # noqa: ARG001 - typer calls it so
    """Formats of files to import."""
    yield "auto"
    yield from _registered("importers")


@_completer
def export_formats(ctx: typer.Context) -> Iterator[str]:  # noqa: ARG001 - typer calls it so
    """Formats of other tools."""
    yield from _registered("exporters")


@_completer
def runs(ctx: typer.Context) -> Iterator[str]:
    """``latest``, then names and ids, the newest first."""
    from harness.store.runs.heads import read_heads

    heads = read_heads(_workspace(ctx) / "reports" / "runs")
    yield "latest"
    yield from (head.name for head in reversed(heads) if head.name)
    yield from (head.folder.name for head in reversed(heads))


def _settings(ctx: typer.Context) -> dict[str, Any]:
    from harness.store.files import open_regular

    try:
        with open_regular(_workspace(ctx) / "harness.toml") as stream:
            return tomllib.loads(stream.read().decode("utf-8"))
    except (OSError, ValueError):
        return {}


def _registered(group: str) -> list[str]:
    from harness.workspace.registry import names

    return names(group)
