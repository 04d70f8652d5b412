"""References that fit a neighbouring line better than their own; see :mod:`.neighbours` for the rule."""

from __future__ import annotations

from collections.abc import Iterator

from harness.corpus.lint.encoder import encoder_installed
from harness.corpus.lint.finding import LintFinding, reference_at, reference_count
from harness.corpus.lint.neighbours import TextPair, misplaced
from harness.types import Article, Corpus


def check_misplaced(corpus: Corpus) -> Iterator[LintFinding]:
    """References that may belong to another line; nothing where the extra ``misplaced`` is not installed.

    References that follow each other and are off by the same number of lines are one finding.
    """
    if not encoder_installed():
        return
    for article in corpus.articles:
        for index in range(reference_count(article)):
            yield from _of_file(article, index)


def _of_file(article: Article, index: int) -> Iterator[LintFinding]:
    segments = [segment for segment in article.segments if index < len(segment.references)]
    pairs = [TextPair(segment.id.number, segment.source, segment.references[index]) for segment in segments]
    runs: list[list[tuple[int, int]]] = []
    for moved in misplaced(pairs):
        row, other = moved.index, moved.other
        if runs and runs[-1][-1] == (row - 1, other - 1):
            runs[-1].append((row, other))
        else:
            runs.append([(row, other)])
    for run in runs:
        (first, other), (last, _) = run[0], run[-1]
        line = segments[other].line
        text = f"this reference may belong to line {line}"
        if len(run) > 1:
            text = (
                f"the references from here to line {segments[last].line} may belong to other lines, "
                f"the first of them to line {line}"
            )
        yield LintFinding("warning", "misplaced", reference_at(article, segments[first], index), text)
