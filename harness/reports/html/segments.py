"""The segment tables of the HTML report: every source, reference and output, as it came, with its scores."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, assert_never

from harness.reports.model.counted import counts_text
from harness.reports.model.leaderboard import Cell
from harness.reports.model.page import PairView, article_title
from harness.reports.model.shown import display_names
from harness.reports.words.messages import say
from harness.reports.words.numbers import format_score, metric_title
from harness.reports.words.reasons import sentence
from harness.store.runs.frame import scores_of, segment_scores
from harness.store.runs.result import MetricScores, PairResult, SystemResult, article_rows
from harness.types import (
    Article,
    ArticleId,
    Failed,
    Missing,
    NotBought,
    Refused,
    Score,
    Segment,
    SystemName,
    Translated,
)
from harness.workspace.languages import direction

LONG = 2_000
"""Characters after which a text gets a box of its own to scroll in."""

Kind = Literal["text", "empty", "refused", "failed", "not_bought"]

Values = Mapping[str, list[Score | Missing] | Missing]


@dataclass(frozen=True, slots=True)
class OutputView:
    """What one system made of a segment. ``text`` is as it came: the template shows it through ``show``."""

    system: str
    kind: Kind
    text: str
    """The translation, or why there is none."""
    notes: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class SegmentView:
    """One segment; ``source`` and ``references`` are as they came."""

    anchor: str
    number: int
    source: str
    references: tuple[str, ...]
    outputs: tuple[OutputView, ...]


@dataclass(frozen=True, slots=True)
class ArticleSegments:
    """The segments of one article."""

    anchor: str
    title: str
    count: int
    segments: tuple[SegmentView, ...]


@dataclass(frozen=True, slots=True)
class PairSegments:
    """The segments of one pair and how to set their languages."""

    source_tag: str
    source_direction: str
    target_tag: str
    target_direction: str
    headings: tuple[str, ...]
    """Metric columns with their arrows."""
    articles: tuple[ArticleSegments, ...]


def build_segments(result: PairResult, view: PairView) -> PairSegments:
    """Segment tables of one pair; reasons for missing scores join the notes of ``view``."""
    names = display_names(result)
    by_name = {system.name: system for system in result.systems}
    order = [by_name[row.system] for row in view.leaderboard.rows]
    values: dict[SystemName, Values] = {}
    for system in order:
        scores_by_metric: dict[str, list[Score | Missing] | Missing] = {}
        for metric in result.metrics:
            scores = scores_of(system, metric)
            if isinstance(scores, MetricScores):
                scores_by_metric[metric] = segment_scores(result.corpus.segments, system, scores)
            else:
                scores_by_metric[metric] = scores
        values[system.name] = scores_by_metric

    def segment_view(segment: Segment, row: int, anchor: str) -> SegmentView:
        outputs = tuple(_output(names[s.name], s, row, _cells(values[s.name], row, view)) for s in order)
        number = segment.id.number
        return SegmentView(f"{anchor}.{number}", number, segment.source, segment.references, outputs)

    rows = article_rows(result.corpus)
    anchors = article_anchors(str(result.pair), result.corpus.articles)
    return PairSegments(
        source_tag=result.pair.source,
        source_direction=direction(result.pair.source),
        target_tag=result.pair.target,
        target_direction=direction(result.pair.target),
        headings=tuple(f"{column.title} {column.arrow}".rstrip() for column in view.leaderboard.columns),
        articles=tuple(
            ArticleSegments(
                anchor=anchors[article.id],
                title=article_title(article),
                count=len(article.segments),
                segments=tuple(
                    segment_view(segment, row, anchors[article.id])
                    for row, segment in enumerate(article.segments, start=rows[article.id].start)
                ),
            )
            for article in result.corpus.articles
        ),
    )


RESERVED = re.compile(
    "articles|differences|explore|health|leaderboard|note[0-9]*|notes|option|pairwise|segments|slices|tradeoff|verdict"
)
"""What the page calls its own parts."""


def article_anchors(pair: str, articles: tuple[Article, ...]) -> dict[ArticleId, str]:
    """A link target for every article, readable where its name is ASCII, unique always.

    Names keep no dot, so the segment anchors made by adding ``.3`` cannot meet those of another article; one that is
    called like a section of the page gets a number.
    """
    anchors: dict[ArticleId, str] = {}
    for position, article in enumerate(articles, start=1):
        slug = re.sub(r"[^A-Za-z0-9_-]+", "-", article.id).strip("-")
        anchor = f"{pair}.{slug}"
        free = slug and not RESERVED.fullmatch(slug) and anchor not in anchors.values()
        anchors[article.id] = anchor if free else f"{pair}.{slug}.article{position}"
    return anchors


def _cells(values: Values, row: int, view: PairView) -> tuple[Cell, ...]:
    decimals = {column.metric: column.decimals for column in view.leaderboard.columns}
    cells = []
    for metric, scores in values.items():
        score = scores if isinstance(scores, Missing) else scores[row]
        if isinstance(score, Missing):
            cells.append(Cell(say("leaderboard.not_scored"), note=view.missing.number(score, metric_title(metric))))
        else:
            cells.append(Cell(format_score(decimals[metric], score.value)))
    return tuple(cells)


def _output(name: str, system: SystemResult, row: int, cells: tuple[Cell, ...]) -> OutputView:
    outcome = system.outcomes[row]
    match outcome:
        case Refused():
            return OutputView(name, "refused", outcome.reason, "", cells)
        case Failed():
            return OutputView(name, "failed", outcome.error, "", cells)
        case NotBought():
            return OutputView(name, "not_bought", sentence(outcome.known), "", cells)
        case Translated():
            counted = counts_text(outcome.notes)
            notes = [*([counted] if counted else []), *([say("segments.cut_again")] if system.is_cut_again else [])]
            kind: Kind = "text" if outcome.text.strip() else "empty"
            return OutputView(name, kind, outcome.text, ", ".join(notes), cells)
        case _:
            assert_never(outcome)
