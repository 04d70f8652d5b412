"""``harness explain`` and ``harness docs``: the reference on the machine, plug-ins included."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from harness.cli import complete
from harness.errors import UsageError
from harness.workspace.screen import screen_of

if TYPE_CHECKING:
    from harness.workspace.reference import Table
    from harness.workspace.registry import Group

WIDTH = 100
"""Columns of text at most, where the screen is not narrower."""


def explain(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="engine, metric, check, importer, exporter, report, settings, system or agreement.",
            autocompletion=complete.kinds,
        ),
    ],
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="Name, or a language pair for agreement. Default: list all.",
            autocompletion=complete.explained,
        ),
    ] = None,
) -> None:
    """Explain an engine, metric, check, importer, exporter or report. For example: harness explain engine deepl."""
    from harness.workspace import reference, registry

    groups: dict[str, Group] = {group[:-1]: group for group in registry.GROUPS}
    if kind in ("settings", "system"):
        if name:
            raise UsageError(f"harness explain {kind} takes no name", hint=f"harness explain {kind}")
        tables = reference.settings_tables() if kind == "settings" else reference.system_tables()
        lines = [line for table in tables for line in _table(table)]
    elif kind == "agreement":
        lines = list(_agreement(name))
    elif kind not in groups:
        known = [*groups, "settings", "system", "agreement"]
        raise UsageError(f"unknown kind '{kind}'", hint=registry.suggestion(kind, known))
    elif name:
        lines = list(_thing(groups[kind], name))
    else:
        group = groups[kind]
        lines = [f"{each}\t{_plain(reference.summary(group, each))}" for each in registry.names(group)]
    typer.echo("\n".join(lines).rstrip())


def _thing(group: Group, name: str) -> Iterator[str]:
    from harness.workspace import reference, registry

    thing = registry.load(group, name)
    yield from _wrapped(f"{name}: {_plain(reference.summary(group, name))}", "")
    yield f"From {registry.provider(group, name)}."
    yield ""
    if group == "reports":
        yield f"File: .{thing.extension}, {'binary' if thing.binary else 'text'}"
        yield f"Use it: harness report --format {name}"
    elif group == "exporters":
        yield f"Writes: {f'.{thing.extension}' if thing.extension else 'a folder'}"
        yield f"Use it: harness export RUN --to {name}"
    elif group == "importers":
        yield f"Use it: harness import FILE --pair de-en --format {name}"
    elif group == "checks":
        yield f'Make it a limit: no_flags = ["{name}"] in [decision], or max_flagged = {{ {name} = 0 }} in [gate]'
    elif group == "engines":
        yield f'Use it: a file systems/NAME.toml with the line engine = "{name}"'
        yield ""
        yield from _table(reference.options_table(thing, "[options]"))
        yield "Keys of every system file, [limits] and [price] included: harness explain system"
    else:
        yield f"Use it: harness run --metric {name}"
        yield ""
        yield from _table(reference.options_table(thing, f"[metric.{name}]"))


def _agreement(pair: str | None) -> Iterator[str]:
    from harness.analysis import measured_agreement, measured_for
    from harness.workspace.languages import parse_pair

    rows = measured_for(parse_pair(pair)) if pair else measured_agreement()
    if not rows:
        known = sorted({str(row.pair) for row in measured_agreement()})
        yield f"Nothing was measured for {pair} or for its target language. Measured pairs: {', '.join(known)}."
        return
    yield "set            people   metric                         soft accuracy          same order   within"
    for row in rows:
        soft = f"{row.soft:.3f} ({row.low:.3f} to {row.high:.3f})"
        yield f"{row.set:<14} {row.people:<8} {row.metric:<28} {soft:>23} {row.accuracy:>12.3f} {row.within:>8.3f}"
    yield ""
    yield from _wrapped(
        "soft accuracy: of pairs of systems, with its 95 % interval. same order: pairs of systems that metric and "
        "people order alike. within: tie-calibrated accuracy on single segments. More: harness docs wmt.",
        "",
    )


def _table(table: Table) -> Iterator[str]:
    if table.name or table.meaning:
        yield f"{table.name}  {_plain(table.meaning)}".rstrip()
        yield ""
    if not table.keys:
        yield "  No options."
    for key in table.keys:
        default = key.default if key.default in ("required", "not set") else f"default {key.default}"
        yield from _wrapped(f"{key.name}: {key.kind}; {default}", "  ")
        yield from _wrapped(_plain(key.meaning) or "Not described.", "      ")
        if key.example:
            yield f"      {key.example}"
    yield ""


def _wrapped(text: str, indent: str) -> list[str]:
    width = min(WIDTH, screen_of(sys.stdout).width)
    return textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=f"{indent}    ", break_long_words=False)


def _plain(text: str) -> str:
    return text.replace("``", "")


def docs(
    page: Annotated[
        str | None,
        typer.Argument(metavar="PAGE", help="Name of the page. Default: list all.", autocompletion=complete.pages),
    ] = None,
) -> None:
    """Print a page of the documentation. For example: harness docs statistics."""
    from harness.workspace.handbook import handbook, read_page, title_of

    if page:
        typer.echo(read_page(page.removesuffix(".md").removeprefix("docs/")), nl=False)
        return
    for name, path in handbook().items():
        typer.echo(f"{name}\t{title_of(path)}")


COMMANDS: dict[str, Any] = {"explain": explain, "docs": docs}
