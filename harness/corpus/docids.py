"""The docids file of bare text files: which line belongs to which article."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.corpus.text import read_lines
from harness.errors import DataError, so_many


@dataclass(frozen=True, slots=True)
class DocumentRun:
    """The lines of one article: a run without gaps."""

    docid: str
    meta: dict[str, str]
    """``domain``, where the file has that column and it is not empty."""
    lines: range
    """0-based."""


def read_docids(path: Path, source: Path, count: int) -> tuple[DocumentRun, ...]:
    """Read ``docid`` or ``domain<TAB>docid`` per line.

    Args:
        path: The docids file.
        source: The file it belongs to, for messages.
        count: Number of lines of that file.

    Returns:
        Runs in the order of the file; together they cover ``range(count)``.

    Raises:
        DataError: another number of lines, a malformed line, a docid that comes back after another one (rows of
            every table follow the lines, so an article must be one run), or two domains in one article.
    """
    file = read_lines(path, bom="drop", crlf="convert")
    if len(file.lines) != count:
        raise DataError(
            f"{path} has {so_many(len(file.lines), 'line')}, but {source} has {count}",
            hint="the docids file has one line for every source line",
        )
    columns = file.lines[0].count("\t") + 1
    runs: list[DocumentRun] = []
    first: dict[str, int] = {}
    for index, line in enumerate(file.lines):
        fields = line.split("\t")
        if len(fields) != columns or columns > 2 or not fields[-1]:
            raise DataError(
                f"{file.at(index + 1)}: expected {'a docid' if columns == 1 else 'domain<TAB>docid'}",
                hint="every line is a docid, or every line is domain, tab, docid",
            )
        docid = fields[-1]
        meta = {"domain": fields[0]} if columns == 2 and fields[0] else {}
        if runs and runs[-1].docid == docid:
            if runs[-1].meta != meta:
                raise DataError(
                    f"{file.at(index + 1)}: domain '{fields[0]}', but the article '{docid}' began as "
                    f"'{runs[-1].meta.get('domain', '')}' in line {first[docid] + 1}",
                    hint="an article has one domain",
                )
            runs[-1] = DocumentRun(docid, meta, range(first[docid], index + 1))
            continue
        if docid in first:
            raise DataError(
                f"{file.at(index + 1)}: the docid '{docid}' occurs again; its lines began at line {first[docid] + 1}",
                hint="keep the lines of an article together, in all files",
            )
        first[docid] = index
        runs.append(DocumentRun(docid, meta, range(index, index + 1)))
    return tuple(runs)
