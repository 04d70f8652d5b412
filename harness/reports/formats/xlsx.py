"""The run as a workbook for people who review translations: filters, frozen headings, numbers with 16 digits.

Sheets: ``Leaderboard``, ``Comparisons``, ``Articles``, one ``Segments`` for each pair, ``Notes``; ``Agreement`` and
``Slices`` where they were asked for. Numbers show the
decimals that every format shows, and the cell holds 16 digits. Segment scores of other metrics than the primary one
are folded away: the group above the columns opens them.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from harness.analysis import Analysis
from harness.analysis.comparison import Comparison
from harness.analysis.pair import PairAnalysis
from harness.analysis.standing import Standing
from harness.reports.formats.optional import need
from harness.reports.formats.xlsx_asked import asked_sheets
from harness.reports.formats.xlsx_sheet import (
    NO_VALUE,
    Book,
    Heading,
    P,
    Shown,
    Value,
    bounds,
    difference_shown,
    headings_of,
    score_shown,
)
from harness.reports.formats.xlsx_texts import flags_text, reasons_text, system_text
from harness.reports.model.counted import counts_text
from harness.reports.model.leaderboard import checked, flag_text, flags
from harness.reports.model.page import article_title, build_view
from harness.reports.model.said import explains
from harness.reports.model.shown import display_names
from harness.reports.words.messages import say
from harness.reports.words.numbers import metric_title
from harness.reports.words.reasons import sentence
from harness.store.runs.frame import corpus_score, finite, scores_of, segment_scores
from harness.store.runs.result import MetricScores, PairResult, Run, SystemResult, Traffic
from harness.types import (
    Decimals,
    MetricIdentity,
    Missing,
    Money,
    Reason,
    Score,
    SystemName,
    Translated,
    Unknown,
)
from harness.workspace.languages import direction

NO_INTERVAL = Missing(Reason("workbook.not_compared"))


class XlsxReport:
    """A workbook with everything a reviewer filters and sorts."""

    extension = "xlsx"
    binary = True
    spoken = True

    def check_packages(self) -> None:
        """XlsxWriter is there; else UsageError."""
        _writer()

    def render(self, analysis: Analysis) -> bytes:
        """The whole workbook.

        Raises:
            UsageError: XlsxWriter is not installed, or the run has more rows than a sheet can hold.
        """
        run, pairs = analysis.run, analysis.pairs
        buffer = io.BytesIO()
        workbook = _writer().Workbook(
            buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        workbook.set_properties({"title": say("page.run", id=run.called)[:255], "created": _created(run)})
        book = Book(workbook)
        metrics = tuple(dict.fromkeys(metric for result in run.pairs for metric in result.metrics))
        _leaderboard(book, pairs, metrics)
        _comparisons(book, pairs)
        _articles(book, pairs, metrics)
        asked_sheets(book, pairs)
        for pair in pairs:
            _segments(book, pair.result, pair.standing)
        _notes(book, analysis)
        workbook.close()
        return buffer.getvalue()


Pairs = Sequence[PairAnalysis]


def _writer() -> Any:
    return need("xlsxwriter", "xlsx", "XlsxWriter", "xlsx")


def _created(run: Run) -> datetime:
    """When the run was made, so that the same run gives the same bytes."""
    try:
        made = datetime.fromisoformat(run.created)
    except ValueError:
        return datetime(2000, 1, 1)  # noqa: DTZ001 - the file format knows no time zones
    return made.astimezone(UTC).replace(tzinfo=None)


def _score(decimals: Decimals, score: Score | Missing) -> Value:
    """A number, or the words for why there is none."""
    return (
        f"{say('leaderboard.not_scored')}: {sentence(score.why)}"
        if isinstance(score, Missing)
        else score_shown(decimals, score.value)
    )


def _money(cost: Money | Unknown) -> tuple[Value, Value]:
    if isinstance(cost, Unknown):
        return f"{say('number.unknown')}: {sentence(cost.why)}", ""
    return Shown(cost.amount, 2 if cost.amount >= 0.01 or not cost.amount else 6), cost.currency


def _leaderboard(book: Book, pairs: Pairs, metrics: Sequence[str]) -> None:
    headings = headings_of(pair=9, system=32, name=22, translated=11)
    for metric in metrics:
        title = metric_title(metric)
        headings.append(Heading(title, 11))
        ends = (("low", 10), ("high", 10), ("group", 8))
        headings += [Heading(say(f"workbook.metric.{name}", metric=title), width) for name, width in ends]
    headings += headings_of(flags=45, counted=30, spent=10, saved=10, currency=9, p50=9, p95=9)
    rows = []
    for pair in pairs:
        result = pair.result
        names = display_names(result)
        for system in pair.standing.systems:
            done = sum(isinstance(outcome, Translated) for outcome in system.outcomes)
            row: list[Value] = [
                str(result.pair),
                names[system.name],
                system.name,
                say("leaderboard.of", n=done, segments=len(system.outcomes)),
            ]
            for metric in metrics:
                row += _weighed(system, metric, pair)
            counted = counts_text(pair.health.counted.get(system.name, {}))
            row += [flag_text(flags(system), checked=checked(system)), counted, *_effort(system)]
            rows.append(row)
    book.sheet(say("workbook.leaderboard"), headings, rows, frozen=2)


def _weighed(system: SystemResult, metric: str, pair: PairAnalysis) -> list[Value]:
    evidence = pair.metric(metric) if metric in pair.standing.comparable else None
    interval = evidence.intervals.get(system.name, NO_INTERVAL) if evidence else NO_INTERVAL
    letters = pair.letters(metric).get(system.name, "") if evidence else ""
    decimals = pair.standing.decimals(metric)
    return [_score(decimals, corpus_score(system, metric)), *bounds(decimals, interval), letters]


def _effort(system: SystemResult) -> list[Value]:
    traffic = system.traffic
    if not isinstance(traffic, Traffic):
        return ["", "", "", "", ""]
    (spent, currency), (saved, other) = _money(traffic.spent), _money(traffic.saved)
    return [spent, saved, currency or other, _seconds(traffic.p50), _seconds(traffic.p95)]


def _seconds(value: float | Unknown) -> Value:
    return NO_VALUE if isinstance(value, Unknown) else Shown(value, 3)


def _comparisons(book: Book, pairs: Pairs) -> None:
    headings = headings_of(pair=9, metric=10, a=32, b=32, difference=11, low=10, high=10, p=9, adjusted=9, segment_p=9)
    headings += headings_of(agreement=11, unit=9, units=8, says=40)
    rows = [
        [
            str(pair.result.pair),
            metric_title(metric),
            *_comparison(evidence.metric, item, display_names(pair.result), pair),
        ]
        for pair in pairs
        for metric, evidence in pair.evidence.compared.items()
        for item in evidence.comparisons
    ]
    book.sheet(say("workbook.comparisons"), headings, rows, frozen=4)


def _comparison(
    metric: MetricIdentity, comparison: Comparison, names: Mapping[SystemName, str], pair: PairAnalysis
) -> list[Value]:
    decimals = metric.decimals
    if isinstance(comparison.p_adjusted, Missing):
        says = sentence(comparison.p_adjusted.why)
    else:
        better = names[comparison.a if comparison.delta > 0 else comparison.b]
        says = say("workbook.tied") if comparison.tied else say("workbook.better", system=better)
    return [
        names[comparison.a],
        names[comparison.b],
        difference_shown(decimals, comparison.delta),
        *bounds(decimals, comparison.interval),
        _p(comparison.p),
        _p(comparison.p_adjusted),
        P(comparison.segment_p) if pair.segment_tests else NO_VALUE,
        NO_VALUE if isinstance(comparison.human_agreement, Missing) else Shown(comparison.human_agreement, 0),
        *(say(f"workbook.unit.{comparison.unit}"), comparison.units, says),
    ]


def _p(p: float | Missing) -> Value:
    return NO_VALUE if isinstance(p, Missing) else P(p)


def _articles(book: Book, pairs: Pairs, metrics: Sequence[str]) -> None:
    headings = headings_of(pair=9, article=28, title=36, segments=9, referenced=10, system=32)
    headings += [Heading(metric_title(name), 11) for name in metrics]
    rows: list[list[Value]] = []
    for pair in pairs:
        result, standing = pair.result, pair.standing
        names = display_names(result)
        for index, article in enumerate(result.corpus.articles):
            referenced = sum(bool(segment.references) for segment in article.segments)
            head: list[Value] = [
                str(result.pair),
                article.id,
                article_title(article),
                len(article.segments),
                referenced,
            ]
            for system in standing.systems:
                found = [scores_of(system, metric) for metric in metrics]
                scores = [one if isinstance(one, Missing) else finite(one.articles[index]) for one in found]
                rows.append([*head, names[system.name], *map(_score, map(pair.standing.decimals, metrics), scores)])
    book.sheet(say("workbook.articles"), headings, rows, frozen=2)


def _segments(book: Book, result: PairResult, standing: Standing) -> None:
    names = display_names(result)
    source_right, target_right = (direction(tag) == "rtl" for tag in (result.pair.source, result.pair.target))
    headings = headings_of(article=24, segment=8)
    headings.append(Heading(say("workbook.source"), 50, source_right))
    headings.append(Heading(say("workbook.reference"), 50, target_right))
    columns: list[Callable[[int], Value]] = []
    for system in standing.systems:
        name = names[system.name]
        headings.append(Heading(name, 50, target_right))
        columns.append(partial(system_text, system))
        headings.append(Heading(say("workbook.flags_of", system=name), 24))
        columns.append(partial(flags_text, system))
        for metric in result.metrics:
            scores = scores_of(system, metric)
            if isinstance(scores, MetricScores):
                values = segment_scores(result.corpus.segments, system, scores)
                heading = f"{name}: {metric_title(metric)}"
                heading += f" ({say('segments.cut_again')})" if system.is_cut_again else ""
                headings.append(Heading(heading, 10, folded=metric != standing.primary))
                columns.append(partial(_segment_score, scores.identity.decimals, values))
            if explains(system, metric):
                reasons = say("workbook.reasons_of", system=name, metric=metric_title(metric))
                headings.append(Heading(reasons, 50, folded=metric != standing.primary))
                columns.append(partial(reasons_text, system, metric))
    rows: list[list[Value]] = [
        [segment.id.article, segment.id.number, segment.source, "\n".join(segment.references),
         *(column(row) for column in columns)]
        for row, segment in enumerate(result.corpus.segments)
    ]  # fmt: skip
    book.sheet(say("workbook.segments_of", pair=result.pair), headings, rows, frozen=2)


def _segment_score(decimals: Decimals, scores: Sequence[Score | Missing], row: int) -> Value:
    return _score(decimals, scores[row])


def _notes(book: Book, analysis: Analysis) -> None:
    """Verdicts, reasons, signatures, and what the workbook itself could not hold."""
    rows = list(_note_rows(analysis))
    rows += [("", say("workbook.cut"), place) for place in book.cut]
    book.sheet(say("workbook.notes"), headings_of(pair=9, what=30, text=120), rows)


def _note_rows(analysis: Analysis) -> Iterator[tuple[str, str, str]]:
    view = build_view(analysis)
    for pair in view.pairs:
        yield pair.pair, say("workbook.verdict"), pair.leaderboard.summary
        yield pair.pair, say("workbook.size"), pair.size
        yield from ((pair.pair, say("trust.title"), sign.line) for sign in pair.trust)
        yield from ((pair.pair, say("workbook.note"), note) for note in (*pair.disagreements, *pair.notes))
        for _, subjects, why, fix in pair.missing.entries():
            yield pair.pair, subjects, f"{why}. {say('notes.fix')} {fix}" if fix else why
        yield from ((pair.pair, fact.label, fact.value) for fact in pair.facts)
    yield from (("", fact.label, fact.value) for fact in view.facts)
