"""Lint: looks at a corpus before money is spent on it. Pure: articles in, findings out.

The checks are imported on first use: others use a function of one of them, and need not load all.
"""

from __future__ import annotations

from harness.corpus.lint.finding import LintFinding, Severity
from harness.types import Corpus, UnitChoice

__all__ = ["LintFinding", "Severity", "lint", "lint_errors"]


def lint(corpus: Corpus, unit: UnitChoice = "undeclared") -> tuple[LintFinding, ...]:
    """Run every check.

    Args:
        corpus: Articles of one pair, as read from the native form.
        unit: What the statistics of its runs take as independent.

    Returns:
        Errors first; within each, alignment, language and characters, then pairs of texts, then the collection.
    """
    from harness.corpus.lint.characters import check_characters
    from harness.corpus.lint.collection import check_coverage, check_duplicates
    from harness.corpus.lint.language import check_language
    from harness.corpus.lint.misaligned import check_alignment
    from harness.corpus.lint.misplaced import check_misplaced
    from harness.corpus.lint.pairs import check_copies, check_lengths, check_placeholders

    findings = [
        *check_alignment(corpus),
        *(finding for article in corpus.articles for finding in check_language(article)),
        *(finding for article in corpus.articles for finding in check_characters(article)),
        *check_copies(corpus),
        *check_placeholders(corpus),
        *check_lengths(corpus),
        *check_misplaced(corpus),
        *check_duplicates(corpus),
        *check_coverage(corpus, unit),
    ]
    return tuple(sorted(findings, key=lambda finding: finding.severity != "error"))


def lint_errors(corpus: Corpus) -> tuple[LintFinding, ...]:
    """Only what makes scores wrong: the findings of severity ``error``, without the search for warnings."""
    from harness.corpus.lint.characters import check_characters
    from harness.corpus.lint.language import check_language
    from harness.corpus.lint.misaligned import check_alignment
    from harness.corpus.lint.pairs import check_copies

    findings = [
        *check_alignment(corpus),
        *(finding for article in corpus.articles for finding in check_language(article)),
        *(finding for article in corpus.articles for finding in check_characters(article)),
        *check_copies(corpus),
    ]
    return tuple(finding for finding in findings if finding.severity == "error")
