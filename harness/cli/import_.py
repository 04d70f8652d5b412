"""``harness import``: other people's formats into reference articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli import complete
from harness.cli.options import CurrencyOption, DocidsOption, MaxCostOption, MessagesOption, WorkspaceOption
from harness.cli.shared import given_text, in_sight, money_cap
from harness.cli.streams import say_line

if TYPE_CHECKING:
    from harness.types import Note


def import_references(
    *,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE",
            help="What to import. Texts are paired by their names: a.de.txt, a.en.txt.",
        ),
    ],
    pair: Annotated[
        str,
        typer.Option(
            "--pair", metavar="PAIR", help="Language pair, e.g. de-en or en-pt_BR.", autocompletion=complete.pairs
        ),
    ],
    system: Annotated[
        str | None,
        typer.Option(
            "--system",
            metavar="NAME",
            help="Import this system's outputs for articles already in the workspace.",
        ),
    ] = None,
    file_format: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="auto, or one of `harness list importers`.",
            autocompletion=complete.import_formats,
        ),
    ] = "auto",
    article: Annotated[
        str | None,
        typer.Option(
            "--article", metavar="NAME", help="Id of the article. Default: taken from the data or the file name."
        ),
    ] = None,
    docids: DocidsOption = None,
    drop_chrome: Annotated[
        bool, typer.Option("--drop-chrome", help="For bilingual articles: leave out web chrome such as share bars.")
    ] = False,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            metavar="ROLE=NAME,...",
            help="Columns of a table: source=Deutsch,reference=Englisch,article=Text.",
        ),
    ] = None,
    no_header: Annotated[
        bool, typer.Option("--no-header", help="The first row of a table is data: --columns source=1,reference=2.")
    ] = False,
    sheet: Annotated[str | None, typer.Option("--sheet", metavar="NAME", help="Sheet of a workbook.")] = None,
    article_from: Annotated[
        str | None,
        typer.Option(
            "--article-from",
            metavar="RULE",
            help="What makes an article of a memory: tuid-prefix, prop:NAME or docids.",
        ),
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out units that break a rule, and say how many.")
    ] = False,
    alternatives: Annotated[
        bool, typer.Option("--alternatives", help="Keep proposed translations of XLIFF as recorded systems.")
    ] = False,
    documents: Annotated[
        bool,
        typer.Option("--documents", help="Align two whole documents by their sentences: a text and its translation."),
    ] = False,
    align_with: Annotated[
        str | None,
        typer.Option(
            "--align-with",
            metavar="SYSTEM",
            help="Align with the help of a rough translation by this system.",
            autocompletion=complete.systems,
        ),
    ] = None,
    max_cost: MaxCostOption = None,
    currency: CurrencyOption = "USD",
    preview: Annotated[bool, typer.Option("--preview", help="Show what would be imported, and write nothing.")] = False,
    recut: Annotated[
        bool,
        typer.Option("--recut", help="Cut outputs that merged or split sentences along the references."),
    ] = False,
    workspace: WorkspaceOption = Path(),
    force: Annotated[bool, typer.Option("--force", help="Replace existing articles.")] = False,
    messages: MessagesOption = None,
) -> None:
    """Import articles, or the outputs of a system.

    Articles go into references/<pair>/, outputs into systems/. Writes nothing if anything is wrong.
    """
    from harness.api.importing import import_files
    from harness.api.outputs import import_outputs
    from harness.api.rough import rough_translator
    from harness.corpus.importers.model import Request
    from harness.errors import UsageError
    from harness.reports.words.messages import english, read_catalogue, say, speaking
    from harness.reports.words.numbers import counted
    from harness.workspace.languages import parse_pair
    from harness.workspace.progress import progress_on_stderr

    catalogue = english() if messages is None else read_catalogue(messages)
    request = Request(
        tuple(files),
        parse_pair(pair),
        given_text(article, "--article"),
        docids=(docids,) if docids else (),
        drop_chrome=drop_chrome,
        columns=_column_roles(given_text(columns, "--columns")),
        header=not no_header,
        sheet=given_text(sheet, "--sheet"),
        article_from=given_text(article_from, "--article-from"),
        skip_bad=skip_bad,
        alternatives=alternatives,
    )
    if system is not None:
        if preview or documents or align_with is not None:
            raise UsageError("--documents, --align-with and --preview apply to references, not to --system")
        with in_sight("import"):
            outputs = import_outputs(workspace, system, request, file_format, force=force, recut=recut)
        with speaking(catalogue):
            _tell_notes(outputs.notes)
            typer.echo(str(outputs.folder))
            articles, segments = counted(len(outputs.articles), "article"), counted(outputs.segments, "segment")
            say_line(say("moved.outputs", articles=articles, segments=segments, system=system))
        return
    if recut:
        raise UsageError("--recut applies to outputs", hint="--system NAME says whose they are")
    if documents:
        if file_format not in ("auto", "documents"):
            raise UsageError("--documents and --format exclude each other", hint="leave out --format")
        file_format = "documents"
    if helper := given_text(align_with, "--align-with"):
        with progress_on_stderr(quiet=False) as progress:
            translate = rough_translator(workspace, helper, request.pair, progress, money_cap(max_cost, currency))
            result = import_files(
                workspace, replace(request, translate=translate), file_format, force=force, preview=preview
            )
    else:
        with in_sight("import"):
            result = import_files(workspace, request, file_format, force=force, preview=preview)
    with speaking(catalogue):
        _tell_notes(result.notes)
        for path in result.paths:
            typer.echo(str(path))
        articles, segments = counted(len(result.imported.articles), "article"), counted(result.segments, "segment")
        read, referenced = counted(len(files), "file"), f"{result.with_reference:,}"
        say_line(say("moved.imported", articles=articles, files=read, segments=segments, n=referenced))


def _tell_notes(notes: Sequence[Note]) -> None:
    from harness.reports.words.messages import say
    from harness.reports.words.reasons import noted

    for note in notes:
        say_line(say("moved.note", what=noted(note)))


def _column_roles(text: str) -> dict[str, str]:
    """``source=Deutsch,reference=Englisch`` as a mapping."""
    from harness.errors import UsageError

    roles: dict[str, str] = {}
    for part in filter(None, text.split(",")):
        role, equals, name = part.partition("=")
        if not (role.strip() and equals and name.strip()) or role.strip() in roles:
            raise UsageError(
                f"--columns: '{part}' is not ROLE=NAME, or the role is there twice",
                hint="write source=Deutsch,reference=Englisch,article=Text",
            )
        roles[role.strip()] = name.strip()
    return roles
