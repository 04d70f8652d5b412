"""Documents of test sets: a source, references by translator and outputs by system, matched by the ids of segments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from harness.corpus.importers.model import Imported, Place, Request
from harness.corpus.importers.rows import Row, articles_from_rows
from harness.corpus.importers.varieties import fits, is_tag, tag_of
from harness.corpus.language_names import side_named
from harness.errors import DataError, UsageError
from harness.types import LangPair, Note
from harness.workspace.languages import parse_pair

Segments = dict[str, str]
"""Text by the id of the segment."""


@dataclass(slots=True)
class TestSetDocument:
    """One document, as one or several files have it."""

    __test__ = False

    id: str
    where: str
    meta: Mapping[str, str] = field(default_factory=dict)
    source: list[tuple[int, str, str]] = field(default_factory=list)
    """Paragraph, id of the segment, text; empty where no file has the source."""
    references: dict[str, Segments] = field(default_factory=dict)
    """By translator; an empty name where the file names none."""
    outputs: dict[str, Segments] = field(default_factory=dict)
    """By system."""


def import_documents(
    request: Request, documents: Sequence[TestSetDocument], counts: Counter[str], file: Path
) -> Imported:
    """Make articles of documents.

    A reference or an output that lacks a segment has none there; what stands beside no source is an error.

    Args:
        request: For the pair.
        documents: In the order of the test set, none twice.
        counts: What was left out so far, for a note.
        file: The file of the source, whose segments are numbered from 1.

    Raises:
        DataError: no document has a source, or ids that no source has.
    """
    if not any(document.source for document in documents):
        raise DataError(
            f"{file}: no source text in {request.pair.source}", hint="import the file of the source with it"
        )
    translators = list(dict.fromkeys(name for document in documents for name in document.references))
    canary = [document for document in documents if document.id.casefold() == "canary"]
    counts.update(
        {"segments of the canary left out": sum(len(document.source) for document in canary)} if canary else {}
    )
    notes = [Note(str(file), f"{what}: {count}") for what, count in counts.items()]
    if len(translators) > 1 or translators[:1] not in ([], [""]):
        named = ", ".join(f"{number} is {name or 'unnamed'}" for number, name in enumerate(translators, start=1))
        notes.append(Note(str(file), f"references: {named}"))
    total = sum(len(document.source) for document in documents)
    rows: list[Row] = []
    before = 0
    for document in documents:
        if document not in canary:
            rows += _rows(document, translators, file, before, total)
        before += len(document.source)
    articles, renamed = articles_from_rows(rows)
    return Imported(articles, (*notes, *renamed))


def _rows(document: TestSetDocument, translators: Sequence[str], file: Path, before: int, total: int) -> Iterator[Row]:
    known = {identifier for _, identifier, _ in document.source}
    for kind, texts in (("reference", document.references), ("output", document.outputs)):
        for name, segments in texts.items():
            strange = [identifier for identifier, text in segments.items() if text and identifier not in known]
            if strange:
                raise DataError(
                    f"{document.where}: '{document.id}' has a segment {strange[0]} in the {kind} '{name}', "
                    "but not in the source",
                    hint="the files do not belong together, or the ids differ",
                )
    paragraph = 0
    for number, (part, identifier, text) in enumerate(document.source, start=before + 1):
        if part != paragraph and paragraph:
            yield Row(document.where, document.id, "", ())
        paragraph = part
        yield Row(
            where=f"{document.where}: segment {identifier}",
            article=document.id,
            source=text,
            references=tuple(document.references.get(name, {}).get(identifier, "") for name in translators),
            meta=document.meta,
            place=Place(file.name, number, total),
            segment={"id": identifier},
            outputs={
                system: segments[identifier]
                for system, segments in document.outputs.items()
                if segments.get(identifier)
            },
        )


def on_side(written: str, side: Literal["source", "target"], pair: LangPair) -> bool:
    """Whether a language that a file names is that side of the pair, whatever the region, but in the same script.

    A file that names none, or "any", may be.
    """
    if written.casefold() in ("", "any"):
        return True
    wanted = pair.source if side == "source" else pair.target
    return side_named(written, pair) == side and (not is_tag(written) or fits(wanted, tag_of(written, "")))


def same_languages(name: str, pair: LangPair) -> bool:
    """Whether a name such as ``en-es_MX`` is that of a pair, whatever the regions, but in the same scripts."""
    try:
        other = parse_pair(name)
    except UsageError:
        return False
    return fits(pair.source, other.source) and fits(pair.target, other.target)
