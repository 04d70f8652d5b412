"""What the readable formats show, as plain strings and numbers: built once here, laid out by each format.

Every string in a view has been through :func:`~harness.reports.words.text.visible`; none has been escaped, because
escaping belongs to the format.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.analysis import Analysis
from harness.analysis.pair import PairAnalysis
from harness.analysis.standing import Standing
from harness.reports.model.advice import advice, advise
from harness.reports.model.asked import asked_tables
from harness.reports.model.counted import counted_notes
from harness.reports.model.effort import SmallTable, repeats_table, traffic_table
from harness.reports.model.facts import Fact, pair_facts, run_facts
from harness.reports.model.leaderboard import Cell, Leaderboard, Notebook, build_leaderboard, make_cells
from harness.reports.model.looks import looks_table
from harness.reports.model.metric_costs import metric_costs_table
from harness.reports.model.pairwise import disagreement_notes, pairwise_table
from harness.reports.model.shared_table import shared_table
from harness.reports.model.shown import display_names, shown_names
from harness.reports.model.trust import TrustLine, trust_lines
from harness.reports.words.dates import format_day
from harness.reports.words.messages import say
from harness.reports.words.numbers import counted, counted_as, listed, metric_title
from harness.reports.words.reasons import noted, sentence
from harness.reports.words.text import visible
from harness.store.runs.frame import finite, scores_of
from harness.store.runs.result import PairResult, Run, SystemResult
from harness.types import Article, Missing, Score, SystemName
from harness.workspace.languages import display_name


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """One article and its score by one metric for each system, in leaderboard order."""

    id: str
    title: str
    segments: int
    referenced: int
    cells: tuple[Cell, ...]

    @property
    def partly_referenced(self) -> bool:
        """Whether segments lack a reference."""
        return self.referenced != self.segments


@dataclass(frozen=True, slots=True)
class ArticleTable:
    """One metric over all articles."""

    metric: str
    title: str
    arrow: str
    rows: tuple[ArticleRow, ...]
    mean: tuple[Cell, ...]
    """The unweighted mean over articles."""
    corpus: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class PairView:
    """One pair, without its segments."""

    pair: str
    heading: str
    """``German to English (de-en)``."""
    size: str
    """``3 articles, 20 segments, 18 with a reference``."""
    leaderboard: Leaderboard
    disagreements: tuple[str, ...]
    """Where the order of two systems depends on the metric, a sentence each."""
    pairwise: tuple[SmallTable, ...]
    """Every two systems by the primary metric; none where nothing is compared."""
    shared: tuple[SmallTable, ...]
    """All systems on the segments that all of them have; none where no system lost a segment."""
    effort: tuple[SmallTable, ...]
    """Cost and speed, repetitions, and looks; each only where there are any."""
    systems: tuple[str, ...]
    """Names as shown, in leaderboard order: the columns of the article tables."""
    articles: tuple[ArticleTable, ...]
    """The primary metric first; metrics that scored no article are left out, the leaderboard says why."""
    worst: tuple[int, ...]
    """Articles with a score by the primary metric, worst first, as indices of rows."""
    missing: Notebook
    """The numbered notes that cells refer to."""
    notes: tuple[str, ...]
    """Absent systems, columns that do not compare, and what the run noted."""
    facts: tuple[Fact, ...]
    """Signatures and engines."""
    trust: tuple[TrustLine, ...]
    """How far the numbers can be trusted, the gravest first."""
    asked: tuple[SmallTable, ...]
    """What was asked for beside the usual: agreement with ratings, slices."""
    advice: tuple[str, ...] = ()
    """The recommendation with its reasons, one sentence, then remarks on it; none for one system alone."""


@dataclass(frozen=True, slots=True)
class RunView:
    """The whole run, without its segments."""

    title: str
    """What the run is called."""
    heading: str
    """The project and what the run is called, each only where it is known."""
    subtitle: str
    pairs: tuple[PairView, ...]
    facts: tuple[Fact, ...]
    """What it takes to make the run again."""
    incomplete: bool


def article_title(article: Article) -> str:
    """The title of an article, else its name."""
    return visible(article.meta.get("title", "").strip() or article.id)


def build_view(analysis: Analysis) -> RunView:
    """Everything but the segments."""
    run = analysis.run
    return RunView(
        title=visible(run.name) or say("page.title"),
        heading=_heading(run),
        subtitle=", ".join(_extent(run)),
        pairs=tuple(map(build_pair, analysis.pairs)),
        facts=tuple(run_facts(run)),
        incomplete=run.status != "complete",
    )


def _heading(run: Run) -> str:
    if isinstance(run.project, Missing):
        return visible(run.name) or say("page.title")
    return visible(say("page.named", project=run.project, run=run.name) if run.name else run.project)


def _extent(run: Run) -> list[str]:
    """``26 Nov 2026``, ``12 articles``, ``4 engines``, ``chrF and BLEU``."""
    metrics = dict.fromkeys(metric for result in run.pairs for metric in result.metrics)
    engines = {system.name for result in run.pairs for system in result.systems}
    parts = [format_day(run.created)]
    if len(run.pairs) > 1:
        parts.append(counted_as("page.pairs", len(run.pairs)))
    parts.append(counted(sum(len(result.corpus.articles) for result in run.pairs), "article"))
    parts.append(counted_as("page.engines", len(engines)))
    if metrics:
        parts.append(visible(listed([metric_title(metric) for metric in metrics])))
    return [*parts, *([] if run.status == "complete" else [say(f"status.{run.status}")])]


def build_pair(pair: PairAnalysis) -> PairView:
    """One pair."""
    notes = Notebook()
    result, standing = pair.result, pair.standing
    board = build_leaderboard(pair, notes)
    segments = result.corpus.segments
    referenced = sum(bool(segment.references) for segment in segments)
    source, target = display_name(result.pair.source), display_name(result.pair.target)
    return PairView(
        pair=str(result.pair),
        heading=say("page.heading", source=source, target=target, pair=result.pair),
        size=say(
            "page.size",
            articles=counted(len(result.corpus.articles), "article"),
            segments=counted(len(segments), "segment"),
            n=f"{referenced:,}",
        ),
        leaderboard=board,
        disagreements=disagreement_notes(pair),
        pairwise=pairwise_table(pair),
        shared=shared_table(pair, notes),
        effort=(traffic_table(pair, notes) + metric_costs_table(pair, notes) + repeats_table(pair) + looks_table(pair)),
        systems=tuple(row.label for row in board.rows),
        articles=tuple(_article_tables(result, standing, board, notes)),
        worst=tuple(pair.worst_articles),
        missing=notes,
        notes=tuple(_notes(pair, board)),
        facts=tuple(pair_facts(pair)),
        trust=trust_lines(pair),
        asked=asked_tables(pair, notes),
        advice=advice(advise(pair), shown_names(result), board.summary),
    )


def _article_tables(result: PairResult, standing: Standing, board: Leaderboard, notes: Notebook) -> list[ArticleTable]:
    tables = []
    for index, column in enumerate(board.columns):
        if column.metric not in standing.identities:
            continue
        means = {system.name: _mean(system, column.metric) for system in standing.systems}
        tables.append(
            ArticleTable(
                metric=column.metric,
                title=column.title,
                arrow=column.arrow,
                rows=tuple(
                    _article_row(article, number, standing, column.metric, notes)
                    for number, article in enumerate(result.corpus.articles)
                ),
                mean=make_cells(standing, column.metric, means, notes, "article", starred=False),
                corpus=tuple(row.cells[index] for row in board.rows),
            )
        )
    return sorted(tables, key=lambda table: table.metric != board.primary)


def _mean(system: SystemResult, metric: str) -> Score | Missing:
    scores = scores_of(system, metric)
    return scores if isinstance(scores, Missing) else finite(scores.macro)


def _article_row(article: Article, index: int, standing: Standing, metric: str, notes: Notebook) -> ArticleRow:
    found: dict[SystemName, Score | Missing] = {}
    for system in standing.systems:
        scores = scores_of(system, metric)
        found[system.name] = scores if isinstance(scores, Missing) else finite(scores.articles[index])
    return ArticleRow(
        id=visible(article.id),
        title=article_title(article),
        segments=len(article.segments),
        referenced=sum(bool(segment.references) for segment in article.segments),
        cells=make_cells(standing, metric, found, notes, "segment", starred=False),
    )


def _notes(pair: PairAnalysis, board: Leaderboard) -> list[str]:
    result, evidence = pair.result, pair.evidence
    notes = [visible(say("notes.not_asked", system=name, why=reason)) for name, reason in result.absent.items()]
    names = display_names(result)
    same = [listed([names[name] for name in group]) for group in pair.identical]
    notes += [say("notes.identical", systems=systems) for systems in same]
    notes += [say("notes.apart", metric=column.title) for column in board.columns if not column.comparable]
    notes += [say("notes.unweighed", metric=visible(metric_title(metric))) for metric in evidence.unsound]
    notes += [not_compared(name, why, partly=name in evidence.partly) for name, why in evidence.unweighed.items()]
    notes += counted_notes(pair)
    return notes + [visible(noted(note)) for note in result.notes]


def not_compared(metric: str, why: Missing, *, partly: bool) -> str:
    """Why no two systems are compared by a metric that has scores of them; ``partly``: only some are, in pairs."""
    title, reason, fix = metric_title(metric), sentence(why.why), sentence(why.fix)
    if partly:
        return visible(say("notes.compared_partly", metric=title, why=reason, help=fix))
    return visible(say("notes.not_compared", metric=title, why=reason, help=fix))
