"""The outputs of a system, in files of any format, for articles already in the workspace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from harness.api.import_checks import check_recording
from harness.api.importing import system_names
from harness.api.output_matching import WMT_DOCUMENTS, Matcher, names_of, outputs_by_document
from harness.corpus.docids import read_docids
from harness.corpus.importers.foreign import refuse_foreign
from harness.corpus.importers.head import read_head
from harness.corpus.importers.model import Request
from harness.corpus.importers.pairing import article_of
from harness.corpus.importers.reading import AUTO, PLAIN_TEXT, detect, read_files
from harness.corpus.importers.wmt_jsonl import is_outputs
from harness.corpus.metadata import read_article_file, read_original
from harness.corpus.names import list_articles
from harness.corpus.native import read_article
from harness.corpus.original import Original, sources_digest
from harness.corpus.recut import recut_lines
from harness.corpus.text import read_lines
from harness.engines.load import NAME
from harness.engines.recorded.files import write_recording
from harness.errors import DataError, UsageError, so_many
from harness.store.files import write_atomically
from harness.types import Article, ArticleId, EngineIdentity, Note, SystemName

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class OutputsResult:
    """What lies in the workspace now."""

    folder: Path
    articles: tuple[ArticleId, ...]
    """Those that have an output now."""
    segments: int
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """An article of the workspace."""

    article: Article
    original: tuple[Original, ...]
    """Where it stood in the imported file; empty where that is not known, or its source was edited."""


def import_outputs(
    workspace: Path,
    system: str,
    request: Request,
    file_format: str = AUTO,
    *,
    force: bool = False,
    recut: bool = False,
) -> OutputsResult:
    """Write recorded outputs of a system along the articles of a pair.

    Text files go line for line: with the imported file whose lines the articles kept, by ``docids``, or, if they are
    called by articles, each with its article. Segments of other formats are matched by article and id, otherwise by
    their source text.

    Args:
        workspace: Its root folder.
        system: Name of the system, which becomes the name of its file.
        request: The files; a reference in them is taken as the output.
        file_format: A registered importer, or ``auto``.
        force: Replace outputs that exist.
        recut: Cut a text of one article along the references where its lines do not fit; the recording says so.

    Raises:
        DataError: lines or segments that fit no article; nothing was written.
        UsageError: the name is no name, not among several of the file, or outputs exist and ``force`` is false.
    """
    if not NAME.fullmatch(system):
        raise UsageError(f"--system {system}: not a name", hint="letters, digits, '_' and '-'")
    known = [
        _Known(read_article(files, request.pair), tuple(_original(files.metadata)))
        for files in list_articles(workspace / "references" / str(request.pair), request.pair)
    ]
    chosen = detect(request.files, request.pair) if file_format == AUTO else file_format
    articles = {entry.article.id: entry.article for entry in known}
    if chosen in PLAIN_TEXT:
        texts = _from_lines(request, known, recut=recut)
    elif chosen == WMT_DOCUMENTS and all(map(is_outputs, request.files)):
        texts = outputs_by_document(request.files, list(articles.values()), recut=recut)
    else:
        texts = _from_segments(request, chosen, system, known)
    whole = {
        name: _lines(articles[name], found)
        for name, found in texts.items()
        if len(found) == len(articles[name].segments)
    }
    if not whole:
        raise _incomplete(request.files[0], articles, texts)
    check_recording(workspace / "systems", SystemName(system), request.pair, list(whole), force=force)
    folder = workspace / "systems" / system
    today = datetime.now(UTC).date().isoformat()
    write_recording(folder, request.pair, whole, EngineIdentity(system, "", {"recut": True} if recut else {}), today)
    if not (path := workspace / "systems" / f"{system}.toml").is_file():
        write_atomically(path, b'engine = "recorded"\n')
    notes = tuple(_left_out(articles, texts, system))
    count = sum(len(articles[name].segments) for name in whole)
    return OutputsResult(folder / str(request.pair), tuple(whole), count, notes)


def _original(metadata: Sequence[Path]) -> Iterator[Original]:
    for path in metadata:
        kept = read_article_file(path).original
        if kept is not None:
            yield read_original(kept, str(path))


def _from_lines(request: Request, known: Sequence[_Known], *, recut: bool) -> dict[ArticleId, dict[int, str]]:
    """By article, then by number of the segment."""
    by_name = {str(entry.article.id): entry for entry in known}
    texts: dict[ArticleId, dict[int, str]] = {}
    for path in request.files:
        refuse_foreign(read_head(path))
        lines = read_lines(path, bom="drop", crlf="convert", controls="keep").lines
        named = by_name.get(article_of(path, request.pair)) or by_name.get(path.name.partition(".")[0])
        if request.docids:
            articles = _by_docids(path, lines, request.docids[0], known)
        elif named is not None:
            articles = {named.article.id: _whole_article(path, lines, named.article, recut=recut)}
        else:
            articles = _by_original(path, lines, known)
        if not articles:
            counts = sorted({original.count for entry in known for original in entry.original})
            kept = f"; the files that articles were imported from have {', '.join(map(str, counts))}" if counts else ""
            raise DataError(
                f"{path}: {so_many(len(lines), 'line')}, which fit no article{kept}",
                hint="give --docids with the article of every line, or call each file by its article",
            )
        for name, segments in articles.items():
            if name in texts:
                raise DataError(f"{path}: the output of '{name}' is there twice", hint="import one of them")
            texts[name] = segments
    return texts


def _by_original(path: Path, lines: Sequence[str], known: Sequence[_Known]) -> dict[ArticleId, dict[int, str]]:
    """Cut a file along the articles that were imported from a file with as many lines."""
    files: dict[str, list[tuple[Article, Original]]] = {}
    for entry in known:
        for original in entry.original:
            if original.count == len(lines):
                files.setdefault(original.file, []).append((entry.article, original))
    if len(files) > 1:
        raise UsageError(
            f"{path}: articles were imported from several files of {so_many(len(lines), 'line')}: {', '.join(files)}",
            hint="give --docids with the article of every line",
        )
    texts: dict[ArticleId, dict[int, str]] = {}
    for article, original in next(iter(files.values()), []):
        if sources_digest([segment.source for segment in article.segments]) != original.sources:
            raise DataError(
                f"{path}: the source of '{article.id}' was edited after its import, so its lines are not known",
                hint="import the article again, or give --docids",
            )
        texts[article.id] = {number: lines[line - 1] for number, line in enumerate(original.lines, start=1)}
    return texts


def _by_docids(
    path: Path, lines: Sequence[str], docids: Path, known: Sequence[_Known]
) -> dict[ArticleId, dict[int, str]]:
    names = {name: entry.article for entry in known for name in names_of(entry.article)}
    texts: dict[ArticleId, dict[int, str]] = {}
    for run in read_docids(docids, path, len(lines)):
        article = names.get(run.docid)
        if article is None:
            if run.docid.casefold() == "canary":
                continue
            raise DataError(f"{docids}:{run.lines[0] + 1}: no article '{run.docid}'", hint="import its source first")
        if len(run.lines) != len(article.segments):
            raise DataError(
                f"{docids}:{run.lines[0] + 1}: {so_many(len(run.lines), 'line')} of '{run.docid}', but the article has "
                f"{so_many(len(article.segments), 'segment')}",
                hint="the docids must be those of this output",
            )
        texts[article.id] = {number: lines[index] for number, index in enumerate(run.lines, start=1)}
    return texts


def _whole_article(path: Path, lines: Sequence[str], article: Article, *, recut: bool) -> dict[int, str]:
    last = article.segments[-1].line
    if len(lines) == len(article.segments):
        return dict(enumerate(lines, start=1))
    if len(lines) == last:
        return {segment.id.number: lines[segment.line - 1] for segment in article.segments}
    if recut:
        return dict(enumerate(recut_lines(lines, article.segments), start=1))
    raise DataError(
        f"{path}: {so_many(len(lines), 'line')}, but '{article.id}' has "
        f"{so_many(len(article.segments), 'segment')} in {so_many(last, 'line')}",
        hint="an output has one line for every segment, or for every line of the source file; if it merged or split "
        "sentences, add --recut",
    )


def _from_segments(
    request: Request, file_format: str, system: str, known: Sequence[_Known]
) -> dict[ArticleId, dict[int, str]]:
    imported = read_files(request, file_format)
    matcher = Matcher([entry.article for entry in known])
    texts: dict[ArticleId, dict[int, str]] = {}
    strangers: list[str] = []
    given = _name_in_the_file(system, system_names(imported), request.files[0])
    for article in imported.articles:
        for segment in (segment for paragraph in article.paragraphs for segment in paragraph):
            output = segment.outputs.get(given, "") if given else segment.references.get(1, "")
            if not output:
                continue
            match = matcher.find(article, segment)
            if match is None:
                strangers.append(segment.where)
                continue
            texts.setdefault(match.id.article, {})[match.id.number] = output
    if strangers:
        shown = ", ".join(strangers[:_SHOWN]) + (", ..." if len(strangers) > _SHOWN else "")
        raise DataError(
            f"outputs that fit no segment of {request.pair}: {len(strangers)}; at {shown}",
            hint="their source text, or article and id, must be those of the articles",
        )
    return texts


def _name_in_the_file(system: str, names: Mapping[str, SystemName], path: Path) -> str:
    """What the file calls the system; empty where it names none, so that its reference is the output.

    Raises:
        UsageError: the file has outputs of several systems, and none of this one.
    """
    for given, name in names.items():
        if system in (given, name):
            return given
    if len(names) > 1:
        listing = ", ".join(list(names.values())[:_SHOWN]) + (", ..." if len(names) > _SHOWN else "")
        raise UsageError(f"{path}: no outputs of '{system}', but of {listing}", hint="name one of them with --system")
    return next(iter(names), "")


def _lines(article: Article, texts: Mapping[int, str]) -> list[str]:
    """Line for line with the source file."""
    lines = [""] * article.segments[-1].line
    for segment in article.segments:
        lines[segment.line - 1] = texts[segment.id.number]
    return lines


def _incomplete(
    path: Path, articles: Mapping[ArticleId, Article], texts: Mapping[ArticleId, Mapping[int, str]]
) -> DataError:
    """What is missing of the article that misses least."""
    if not texts:
        return DataError(
            f"{path}: no output for any segment",
            hint="of a table, name the column of the outputs: --columns source=HEADING,system:NAME=HEADING",
        )
    lacking = {
        name: [segment.id.number for segment in articles[name].segments if segment.id.number not in outputs]
        for name, outputs in texts.items()
    }
    name = min(lacking, key=lambda article: len(lacking[article]))
    numbers = lacking[name]
    shown = ", ".join(map(str, numbers[:_SHOWN])) + (", ..." if len(numbers) > _SHOWN else "")
    return DataError(
        f"{path}: no article has an output for all of its segments; '{name}' lacks {len(numbers)} of "
        f"{len(articles[name].segments)}: {shown}",
        hint="add an output for each of these segments",
    )


def _left_out(
    articles: Mapping[ArticleId, Article], texts: Mapping[ArticleId, Mapping[int, str]], system: str
) -> Iterator[Note]:
    """Articles without an output, or without one for some segments."""
    for name, outputs in texts.items():
        count = len(articles[name].segments)
        if len(outputs) < count:
            of = so_many(count, "segment")
            text = f"no output for {count - len(outputs)} of {of} of '{name}': the article is left out"
            yield Note(system, text)
    missing = [str(name) for name in articles if name not in texts]
    if missing:
        shown = ", ".join(missing[:_SHOWN]) + (", ..." if len(missing) > _SHOWN else "")
        yield Note(system, f"articles without an output: {len(missing)} ({shown})")
