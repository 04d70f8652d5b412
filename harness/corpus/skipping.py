"""Articles that are left out for every system, because somebody asked for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from harness.errors import UsageError
from harness.types import ArticleId, Corpus, Note, Reason
from harness.workspace.registry import suggestion

SKIPPED = "--skip-article"
"""Where the notes of a run say which articles were left out."""


def check_skipped(names: Sequence[str], known: Sequence[str]) -> None:
    """Refuse to leave out what is not there.

    Raises:
        UsageError: with the nearest name.
    """
    for name in names:
        if name not in known:
            raise UsageError(
                f"--skip-article {name}: no such article", hint=suggestion(name, list(dict.fromkeys(known)))
            )


def without_articles(corpora: Sequence[Corpus], names: Sequence[str]) -> list[tuple[Corpus, tuple[ArticleId, ...]]]:
    """Every corpus of which something is left, without the articles, and which it had of them.

    Raises:
        UsageError: no pair has an article of that name, or nothing is left.
    """
    check_skipped(names, [article.id for corpus in corpora for article in corpus.articles])
    found = []
    for corpus in corpora:
        kept = tuple(article for article in corpus.articles if article.id not in names)
        if kept:
            gone = tuple(article.id for article in corpus.articles if article.id in names)
            found.append((replace(corpus, articles=kept), gone))
    if not found:
        raise UsageError("--skip-article leaves no articles", hint="skip fewer articles")
    return found


def skipped_notes(names: Sequence[str]) -> Iterator[Note]:
    """One note that names the articles; none where none was left out."""
    if names:
        yield Note(SKIPPED, Reason("noted.skipped", {"articles": ", ".join(names)}))
