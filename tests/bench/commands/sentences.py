"""``python -m tests.bench sentences``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.errors import UsageError


def sentences(
    *,
    source: Annotated[Path, typer.Option("--source", "-s", metavar="FILE", help="One segment per line.")],
    hypothesis: Annotated[Path, typer.Option("--hypothesis", "-t", metavar="FILE", help="The translations.")],
    pair: Annotated[str, typer.Option("--pair", metavar="PAIR", help="Of the files, e.g. en-cs.")],
    reference: Annotated[
        Path | None, typer.Option("--reference", "-r", metavar="FILE", help="What the checks see beside them.")
    ] = None,
    docids: Annotated[
        Path | None,
        typer.Option("--docids", metavar="FILE", help="Join two to five neighbours of a document to one segment."),
    ] = None,
) -> None:
    """Leave sentences out, put sentences in, and count what the checks find."""
    from harness.workspace.languages import parse_pair
    from tests.bench.sentences import joined, measure, to_markdown
    from tests.bench.text import read_segments

    languages = parse_pair(pair)
    sources, texts = read_segments(source), read_segments(hypothesis)
    references = read_segments(reference) if reference else None
    documents = [line.rpartition("\t")[2] for line in read_segments(docids)] if docids else None
    if len({len(lines) for lines in (sources, texts, references, documents) if lines is not None}) > 1:
        raise UsageError("the files do not have the same number of lines")
    if documents:
        ends = sources  # the lines, before they are joined
        texts = [*joined(texts, documents, languages.target, ends)]
        references = [*joined(references, documents, languages.target, ends)] if references else None
        sources = [*joined(sources, documents, languages.source, ends)]
    typer.echo(to_markdown(hypothesis.stem, measure(languages, sources, texts, references)), nl=False)
