"""Checks that look at all articles of a pair: duplicates, coverage, size."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations

from harness.corpus.lint.finding import LintFinding, source_at
from harness.errors import so_many
from harness.types import Article, ArticleId, Corpus, UnitChoice
from harness.workspace.languages import NO_SPACES, primary

FEWEST_ARTICLES = 6
"""With fewer, no permutation of articles can reach p < 0.05, so there is no verdict."""

NEAR_DUPLICATE = 0.5
"""Jaccard similarity of shingles from which two articles count as versions of one text."""

_WORDS_PER_SHINGLE = 4
_CHARACTERS_PER_SHINGLE = 8
# A shingle in so many articles is boilerplate and would only make the comparison quadratic.
_BOILERPLATE = 50


def check_duplicates(corpus: Corpus) -> Iterator[LintFinding]:
    """Articles that are nearly the same, and source texts that occur more than once elsewhere."""
    near = dict(near_duplicates(corpus))
    for (one, other), similarity in near.items():
        problem = f"{similarity:.0%} of its text is also in '{one}': two versions of one article count twice"
        yield LintFinding("warning", "near-duplicate", f"{corpus.pair}/{other}", problem)
    places: defaultdict[str, list[tuple[ArticleId, str]]] = defaultdict(list)
    for article in corpus.articles:
        for segment in article.segments:
            places[segment.source.strip()].append((article.id, source_at(article, segment)))
    for text, segments in places.items():
        (first_id, first), *others = segments
        # What near-duplicate articles share was said once already.
        others = [place for place in others if (first_id, place[0]) not in near]
        if text and others:
            more = f" ({len(others) + 1} times in all)" if len(others) > 1 else ""
            yield LintFinding("warning", "duplicate", others[0][1], f"the same source text as {first}{more}")


def near_duplicates(corpus: Corpus) -> Iterator[tuple[tuple[ArticleId, ArticleId], float]]:
    """Pairs of articles with their similarity (over :data:`NEAR_DUPLICATE`, at most 1), in the order of the corpus."""
    shingles = {article.id: _shingles(article) for article in corpus.articles}
    holders: defaultdict[str, list[ArticleId]] = defaultdict(list)
    for article_id, own_shingles in shingles.items():
        for shingle in own_shingles:
            holders[shingle].append(article_id)
    shared: Counter[tuple[ArticleId, ArticleId]] = Counter()
    for ids in holders.values():
        if len(ids) <= _BOILERPLATE:
            shared.update(combinations(ids, 2))
    for (one, other), common in shared.items():
        similarity = common / (len(shingles[one]) + len(shingles[other]) - common)
        if similarity >= NEAR_DUPLICATE:
            yield (one, other), similarity


def _shingles(article: Article) -> frozenset[str]:
    text = " ".join(segment.source.casefold() for segment in article.segments)
    if primary(article.pair.source) in NO_SPACES:
        size, units, glue = _CHARACTERS_PER_SHINGLE, re.findall(r"\w", text), ""
    else:
        size, units, glue = _WORDS_PER_SHINGLE, re.findall(r"\w+", text), " "
    return frozenset(glue.join(units[start : start + size]) for start in range(max(1, len(units) - size + 1)))


def check_coverage(corpus: Corpus, unit: UnitChoice) -> Iterator[LintFinding]:
    """Too few articles for a verdict, and segments without a reference.

    Args:
        corpus: articles of one pair.
        unit: what the statistics take as independent; declared segments need no articles.
    """
    where = str(corpus.pair)
    referenced = [article for article in corpus.articles if any(segment.references for segment in article.segments)]
    if unit == "segment":
        pass
    elif len(corpus.articles) == 1:
        problem = (
            "no verdict: one article. If its sentences are independent, say so: "
            '[statistics] unit = "segment" in harness.toml; if not, add articles'
        )
        yield LintFinding("warning", "few-articles", where, problem)
    elif len(corpus.articles) < FEWEST_ARTICLES:
        problem = (
            f"no verdict: {len(corpus.articles)} articles are too few to compare any two systems; "
            f"at least {FEWEST_ARTICLES} are needed"
        )
        yield LintFinding("warning", "few-articles", where, problem)
    elif len(referenced) < FEWEST_ARTICLES:
        problem = (
            f"no verdict from metrics that need a reference: {len(referenced)} of {len(corpus.articles)} "
            f"articles have one, and {FEWEST_ARTICLES} are needed"
        )
        yield LintFinding("warning", "few-articles", where, problem)
    missing = {article.id: sum(not segment.references for segment in article.segments) for article in corpus.articles}
    total = sum(missing.values())
    if total:
        names = [article_id for article_id, count in missing.items() if count]
        listing = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
        extent = f"{total} of {so_many(len(corpus.segments), 'segment')}"
        articles = so_many(len(names), "article")
        problem = f"{extent} {'has' if total == 1 else 'have'} no reference, in {articles}: {listing}"
        yield LintFinding("warning", "no-reference", where, problem)
