"""``harness.import_files``: other people's formats into a workspace, references and outputs in one go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from harness.api.import_checks import check_languages, check_recording
from harness.corpus.importers.model import Imported, ImportedArticle, Request
from harness.corpus.importers.reading import AUTO, read_files
from harness.corpus.names import id_of
from harness.corpus.write import write_articles
from harness.engines.recorded.files import write_recording
from harness.errors import DataError, so_many
from harness.store.files import write_atomically
from harness.types import ArticleId, EngineIdentity, Note, SystemName
from harness.workspace.toml_lines import toml_string


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What was read, and what lies in the workspace now."""

    imported: Imported
    paths: tuple[Path, ...]
    """Files of references, then folders of outputs."""
    notes: tuple[Note, ...]

    @property
    def segments(self) -> int:
        """Of all articles."""
        return sum(len(paragraph) for article in self.imported.articles for paragraph in article.paragraphs)

    @property
    def with_reference(self) -> int:
        """Segments that have a reference."""
        paragraphs = (paragraph for article in self.imported.articles for paragraph in article.paragraphs)
        return sum(bool(segment.references) for paragraph in paragraphs for segment in paragraph)


def import_files(
    workspace: Path,
    request: Request,
    file_format: str = AUTO,
    *,
    force: bool = False,
    preview: bool = False,
) -> ImportResult:
    """Read files and write them into ``references/<pair>/``, and the outputs in them into ``systems/``.

    Args:
        workspace: Its root folder.
        request: What to read.
        file_format: A registered importer, or ``auto``.
        force: Replace articles, and outputs of the same articles, that exist.
        preview: Read only, and write nothing.

    Raises:
        DataError: a file breaks a rule; nothing was written.
        UsageError: unknown format, an option that does not suit it, or something exists and ``force`` is false.
    """
    imported = read_files(request, file_format)
    languages = check_languages(imported.articles, request.pair)
    names = system_names(imported)
    incomplete = tuple(_incomplete(imported, names))
    if preview:
        return ImportResult(imported, (), (*imported.notes, *incomplete))
    whole = {given: _whole_articles(imported, given) for given in names}
    kept = {given: name for given, name in names.items() if whole[given]}
    for given, name in kept.items():
        check_recording(workspace / "systems", name, request.pair, whole[given], force=force)
    written = write_articles(workspace / "references", request.pair, imported.articles, force=force)
    folders = [_write_outputs(workspace / "systems", given, name, request, imported) for given, name in kept.items()]
    return ImportResult(
        imported, (*written.paths, *folders), (*imported.notes, *languages, *incomplete, *written.notes)
    )


def system_names(imported: Imported) -> dict[str, SystemName]:
    """The systems whose outputs were read, by their name in the file, in its order.

    Raises:
        DataError: two names that would be one.
    """
    given = dict.fromkeys(
        name
        for article in imported.articles
        for paragraph in article.paragraphs
        for segment in paragraph
        for name in segment.outputs
    )
    names: dict[str, SystemName] = {}
    for name in given:
        made = SystemName(id_of(name, "system"))
        if made.casefold() in {other.casefold() for other in names.values()}:
            raise DataError(f"the systems of the file differ too little: '{name}' is called {made}, like another one")
        names[name] = made
    return names


def _missing(article: ImportedArticle, system: str) -> int:
    return sum(system not in segment.outputs for paragraph in article.paragraphs for segment in paragraph)


def _whole_articles(imported: Imported, system: str) -> list[ArticleId]:
    """The articles for all of whose segments a system has outputs; without one, there is nothing to record."""
    return [ArticleId(article.id) for article in imported.articles if not _missing(article, system)]


def _incomplete(imported: Imported, names: Mapping[str, SystemName]) -> Iterator[Note]:
    """An empty line is an empty translation, so an article of which a system lacks segments cannot be kept."""
    for given, name in names.items():
        for article in imported.articles:
            count = sum(map(len, article.paragraphs))
            missing = _missing(article, given)
            if 0 < missing < count:
                text = (
                    f"no output for {missing} of {so_many(count, 'segment')} of '{article.id}': the article is left out"
                )
                yield Note(str(name), text)


def _write_outputs(systems: Path, given: str, name: SystemName, request: Request, imported: Imported) -> Path:
    texts = {
        ArticleId(article.id): output_lines(article, given)
        for article in imported.articles
        if not _missing(article, given)
    }
    identity = EngineIdentity(given, "", {})
    write_recording(systems / name, request.pair, texts, identity, datetime.now(UTC).date().isoformat())
    path = systems / f"{name}.toml"
    if not path.is_file():
        label = "" if name == given else f"label = {toml_string(given)}\n"
        write_atomically(path, f'engine = "recorded"\n{label}'.encode())
    return systems / name / str(request.pair)


def output_lines(article: ImportedArticle, system: str) -> list[str]:
    """What a system made of an article, line for line with the source file; empty between paragraphs."""
    lines: list[str] = []
    for paragraph in article.paragraphs:
        lines += [""] if lines else []
        lines += [segment.outputs.get(system, "") for segment in paragraph]
    return lines
