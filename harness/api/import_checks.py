"""Is each text that was imported in its language? A file of the other side is refused, one of a third is noted."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from harness.checks.identify import identifier_for, same_language
from harness.corpus.importers.model import ImportedArticle, ImportedSegment
from harness.errors import DataError
from harness.types import LangPair, Note
from harness.workspace.languages import display_name, primary

_FEWEST_LETTERS = 60
_ENOUGH_LETTERS = 200
_LONGEST_SAMPLE = 20_000
_UNLIKELY = 0.02


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
        what = "told apart by function words only; pip install 'translation-harness[langid]' knows more languages"
        notes.append(Note("languages", what))
    return tuple(notes)


def _check_article(article: ImportedArticle, pair: LangPair) -> Iterator[Note]:
    segments = [segment for paragraph in article.paragraphs for segment in paragraph]
    count = max((number for segment in segments for number in segment.references), default=0)
    sides = [("source", _sample(segments, 0), LangPair(pair.target, pair.source))]
    sides += [
        ("reference" if number == 1 else f"reference {number}", _sample(segments, number), pair)
        for number in range(1, count + 1)
    ]
    for name, text, towards in sides:
        letters = sum(map(str.isalpha, text))
        if letters < _FEWEST_LETTERS:
            continue
        language, likely = identifier_for(towards)(text)
        if likely > _UNLIKELY or same_language(language, primary(towards.target)):
            continue
        what = f"the {name} of '{article.id}' reads like {display_name(language)}, not {display_name(towards.target)}"
        if same_language(language, primary(towards.source)) and letters >= _ENOUGH_LETTERS:
            raise DataError(f"{article.where}: {what}", hint="exchange the files, or correct --pair")
        yield Note(article.where, what)


def _sample(segments: list[ImportedSegment], number: int) -> str:
    """The beginning of the source (0) or of a reference."""
    texts = (segment.references.get(number, "") if number else segment.source for segment in segments)
    return "\n".join(text for text in texts if text)[:_LONGEST_SAMPLE]
