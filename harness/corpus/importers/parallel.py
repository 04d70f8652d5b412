"""Parallel text files: the source, then its references, line for line."""

from __future__ import annotations

from harness.corpus.align import check_alignment
from harness.corpus.docids import DocumentRun, read_docids
from harness.corpus.importers.model import Imported, Importer, Place, Request
from harness.corpus.importers.rows import Row, articles_from_rows, default_name, given_name
from harness.corpus.importers.same_text import check_same_text
from harness.corpus.text import read_lines
from harness.errors import DataError


def read_parallel(request: Request) -> Imported:
    """Read source and references; with docids, one article per docid, otherwise a single one.

    An empty line in all files is a paragraph break, an empty reference line means no reference.
    """
    source, *references = (read_lines(path, bom="drop", crlf="convert") for path in request.files)
    for reference in references:
        try:
            check_alignment(source, reference)
        except DataError as error:
            documents = f"{source.path} {reference.path} --pair {request.pair}"
            raise DataError(
                str(error), hint=f"{error.hint}. Two whole texts are aligned by: harness import --documents {documents}"
            ) from None
    checked = [
        note
        for reference in references[1:]
        for note in check_same_text(
            references[0].lines, reference.lines, (str(references[0].path), str(reference.path))
        )
    ]
    name = given_name(request.article) or default_name(source.path, request.pair)
    runs: tuple[DocumentRun, ...] = (DocumentRun(name, {}, range(len(source.lines))),)
    for path in request.docids:
        runs = read_docids(path, source.path, len(source.lines))
    rows = (
        Row(
            where=source.at(index + 1),
            article=run.docid,
            source=source.lines[index],
            references=tuple(file.lines[index] for file in references),
            meta=run.meta,
            place=Place(source.path.name, index + 1, len(source.lines)),
        )
        for run in runs
        for index in run.lines
    )
    articles, notes = articles_from_rows(rows)
    return Imported(articles, (*(note for file in (source, *references) for note in file.notes), *checked, *notes))


PARALLEL = Importer(read_parallel, suffixes=("txt",), takes=frozenset({"docids"}), separate=True)
