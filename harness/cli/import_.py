"""``harness import``: other people's formats into reference articles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli import complete
from harness.cli.options import DocidsOption, WorkspaceOption
from harness.cli.shared import given_text


def import_references(
    *,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="What to import. Parallel text: the source, then its references."),
    ],
    pair: Annotated[
        str,
        typer.Option(
            "--pair", metavar="PAIR", help="Language pair, e.g. de-en or en-pt_BR.", autocompletion=complete.pairs
        ),
    ],
    file_format: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="auto, parallel, tsv, csv, jsonl, tmx or bilingual (target, <--, source).",
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
    workspace: WorkspaceOption = Path(),
    force: Annotated[bool, typer.Option("--force", help="Replace existing articles.")] = False,
) -> None:
    """Import articles into references/<pair>/.

    Writes nothing if anything is wrong.
    """
    from harness.corpus.importers import read_files
    from harness.corpus.importers.model import Request
    from harness.corpus.write import write_articles
    from harness.workspace.languages import parse_pair

    request = Request(
        tuple(files), parse_pair(pair), given_text(article, "--article"), (docids,) if docids else (), drop_chrome
    )
    imported = read_files(request, file_format)
    written = write_articles(workspace / "references", request.pair, imported.articles, force=force)
    for note in (*imported.notes, *written.notes):
        typer.echo(f"note: {note}", err=True)
    for path in written.paths:
        typer.echo(str(path))
    segments = [segment for item in imported.articles for paragraph in item.paragraphs for segment in paragraph]
    with_reference = sum(bool(segment.references) for segment in segments)
    typer.echo(
        f"{len(imported.articles)} article(s), {len(segments)} segments, {with_reference} with a reference", err=True
    )
