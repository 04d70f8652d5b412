"""A folder in the form of mt-metrics-eval v2: sources, documents, references and outputs of systems, line for line."""

from __future__ import annotations

from pathlib import Path

from harness.corpus.importers.model import Imported, Importer, Place, Request
from harness.corpus.importers.rows import Row, articles_from_rows
from harness.corpus.importers.test_set import same_languages
from harness.corpus.text import read_lines
from harness.errors import DataError, UsageError, so_many
from harness.types import LangPair, Note


def is_test_set_folder(path: Path) -> bool:
    """Whether a folder looks like one test set of mt-metrics-eval."""
    return (path / "sources").is_dir() and (path / "documents").is_dir()


def read_mt_metrics_eval(request: Request) -> Imported:
    """Read one pair of one test set. Every output becomes a recorded system; ratings of people are named in a note.

    Raises:
        UsageError: not one folder, or it does not have the pair.
        DataError: files of different length, or a documents file that is malformed.
    """
    if len(request.files) != 1 or not request.files[0].is_dir():
        raise UsageError("mt-metrics-eval is one folder", hint="name the folder of one test set, e.g. wmt24")
    folder = request.files[0]
    name = _pair_name(folder, request.pair)
    source = read_lines(folder / "sources" / f"{name}.txt", bom="drop", crlf="convert", controls="refuse")
    documents = read_lines(folder / "documents" / f"{name}.docs", bom="drop", crlf="convert").lines
    count = len(source.lines)
    if len(documents) != count:
        raise DataError(f"{folder}: {count} source lines, but {len(documents)} in {name}.docs", hint="use one edition")
    references = {path: _texts(path, count) for path in sorted((folder / "references").glob(f"{name}.*.txt"))}
    labels = {path.name.removeprefix(f"{name}.").removesuffix(".txt") for path in references}
    outputs = {
        path.stem: _texts(path, count)
        for path in sorted((folder / "system-outputs" / name).glob("*.txt"))
        if path.stem not in labels
    }
    rows: list[Row] = []
    for index, (text, line) in enumerate(zip(source.lines, documents, strict=True)):
        domain, tab_or_space, document = line.replace("\t", " ").partition(" ")
        where = f"{folder}/documents/{name}.docs:{index + 1}"
        if not tab_or_space or not document.strip():
            raise DataError(f"{where}: expected 'DOMAIN DOCUMENT'", hint="every line names both")
        if not text or document.strip() == "canary":
            continue
        rows.append(
            Row(
                where=source.at(index + 1),
                article=document.strip(),
                source=text,
                references=tuple(lines[index] for lines in references.values()),
                meta={"domain": domain},
                place=Place(source.path.name, index + 1, count),
                outputs={system: lines[index] for system, lines in outputs.items() if lines[index]},
            )
        )
    articles, renamed = articles_from_rows(rows)
    notes = (
        [Note(str(folder), f"lines left out, empty or of the canary: {count - len(rows)}")] if count > len(rows) else []
    )
    if len(labels) > 1:
        named = ", ".join(path.name.split(".")[1] for path in references)
        notes.append(Note(str(folder), f"the references in their order: {named}"))
    ratings = sorted(path.name for path in (folder / "human-scores").glob(f"{name}.*.score"))
    if ratings:
        what = f"ratings of people are read by --scores: {', '.join(ratings[:6])}{', ...' if len(ratings) > 6 else ''}"
        notes.append(Note(str(folder / "human-scores"), what))
    return Imported(articles, (*source.notes, *notes, *renamed))


def _pair_name(folder: Path, pair: LangPair) -> str:
    """What the folder calls the pair: ``en-es`` also for ``en-es_MX``."""
    names = sorted(path.stem for path in (folder / "sources").glob("*.txt"))
    if str(pair) in names:
        return str(pair)
    related = [name for name in names if same_languages(name, pair)]
    if len(related) != 1:
        listing = ", ".join(related or names) or "none"
        raise UsageError(f"{folder}: no sources for {pair}; there are: {listing}", hint="name one of them with --pair")
    return related[0]


def _texts(path: Path, count: int) -> tuple[str, ...]:
    lines = read_lines(path, bom="drop", crlf="convert").lines
    if len(lines) != count:
        raise DataError(
            f"{path}: {so_many(len(lines), 'line')}, but the source has {count}", hint="use one edition of the files"
        )
    return lines


MT_METRICS_EVAL = Importer(read_mt_metrics_eval)
