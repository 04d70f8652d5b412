"""What is checked before an import writes: the language of each text, and what it would replace.

A file of the other side is refused, one of a third language is noted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from harness.checks.identify import identifier_for, same_language
from harness.corpus.importers.model import ImportedArticle
from harness.errors import DataError, UsageError
from harness.types import ArticleId, LangPair, Note, SystemName
from harness.workspace.config import load_toml
from harness.workspace.languages import display_name, primary

_FEWEST_LETTERS = 60
_ENOUGH_LETTERS = 200
_LONGEST_SAMPLE = 20_000
_UNLIKELY = 0.02
_SHOWN = 5


def check_recording(
    systems: Path, name: SystemName, pair: LangPair, articles: Sequence[ArticleId], *, force: bool
) -> None:
    """Whether outputs can be recorded for a system.

    Args:
        systems: The folder of the systems.
        name: The system.
        pair: The pair of the outputs.
        articles: Those whose outputs will be written, and no others.
        force: Replace outputs that exist.

    Raises:
        UsageError: the system has an engine of its own, or outputs exist and ``force`` is false.
    """
    path = systems / f"{name}.toml"
    engine = load_toml(path).get("engine") if path.is_file() else "recorded"
    if engine != "recorded":
        raise UsageError(
            f"{path}: the engine is '{engine}', so no outputs can be imported for {name}",
            hint="rename the system in the file, or choose another name with --system",
        )
    folder = systems / name / str(pair)
    present = [str(article) for article in articles if (folder / f"{article}.txt").exists()]
    if present and not force:
        shown = ", ".join(present[:_SHOWN]) + (", ..." if len(present) > _SHOWN else "")
        raise UsageError(f"{folder} already has: {shown}", hint="--force replaces them")


def check_languages(articles: tuple[ImportedArticle, ...], pair: LangPair) -> tuple[Note, ...]:
    """Look at every side of every article.

    Returns:
        Texts that read like a third language, and what the answer rests on where the library is missing.

    Raises:
        DataError: a source or a reference is in the language of the other side.
    """
    if same_language(primary(pair.source), primary(pair.target)):
        return ()
    notes = [note for article in articles for note in _check_article(article, pair)]
    if find_spec("eldc") is None:
        text = "told apart by function words only; pip install 'translation-harness[langid]' knows more languages"
        notes.append(Note("languages", text))
    return tuple(notes)


def _check_article(article: ImportedArticle, pair: LangPair) -> Iterator[Note]:
    count = max((number for segment in article.segments() for number in segment.references), default=0)
    sides = [("source", _sample(article, 0), LangPair(pair.target, pair.source))]
    sides += [
        ("reference" if number == 1 else f"reference {number}", _sample(article, number), pair)
        for number in range(1, count + 1)
    ]
    for name, text, towards in sides:
        letters = sum(map(str.isalpha, text))
        if letters < _FEWEST_LETTERS:
            continue
        language, likely = identifier_for(towards)(text)
        if likely > _UNLIKELY or same_language(language, primary(towards.target)):
            continue
        problem = (
            f"the {name} of '{article.id}' reads like {display_name(language)}, not {display_name(towards.target)}"
        )
        if same_language(language, primary(towards.source)) and letters >= _ENOUGH_LETTERS:
            raise DataError(f"{article.where}: {problem}", hint="exchange the files, or correct --pair")
        yield Note(article.where, problem)


def _sample(article: ImportedArticle, number: int) -> str:
    """The beginning of the source (0) or of a reference."""
    texts: list[str] = []
    room = _LONGEST_SAMPLE
    for segment in article.segments():
        if text := segment.references.get(number, "") if number else segment.source:
            texts.append(text)
            room -= len(text) + 1
        if room < 0:
            break
    return "\n".join(texts)[:_LONGEST_SAMPLE]
