"""What a Markdown report folds away: everything but verdict and leaderboard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.analysis.pair import PairAnalysis
from harness.reports.formats.markdown_text import escape, score, table, with_remarks
from harness.reports.model.effort import SmallTable
from harness.reports.model.facts import Fact
from harness.reports.model.page import ArticleTable, PairView, article_title
from harness.reports.model.shown import display_names
from harness.reports.words.messages import say
from harness.reports.words.numbers import counted_as, extreme, format_score, metric_title
from harness.reports.words.text import shorten, visible
from harness.types import Translated

MAX_NOTES = 20

LOWEST = 5

_EXCERPT = 200


@dataclass(frozen=True, slots=True)
class Fold:
    """One folded part."""

    rank: int
    """Parts of a lower one go first."""
    title: str
    body: str


def folded_parts(found: PairAnalysis, pair: PairView, tables: Sequence[SmallTable]) -> Iterator[Fold]:
    """The parts of a pair; ``tables`` had no room in view."""
    notes = _notes(pair)
    if notes:
        yield Fold(3, f"{pair.pair}: {say('notes.title')}", notes)
    yield Fold(4, f"{pair.pair}: {say('trust.title')}", "\n".join(f"- {escape(sign.line)}" for sign in pair.trust))
    for rank, group in enumerate((pair.asked, tables, pair.pairwise), start=5):
        for small in group:
            yield Fold(rank, f"{pair.pair}: {small.title}", with_remarks(small))
    for articles in pair.articles:
        yield Fold(8, say("markdown.by_article", pair=pair.pair, metric=articles.title), _articles(pair, articles))
    for title, body in _lowest(found):
        yield Fold(9, title, body)


def facts_list(facts: Sequence[Fact]) -> str:
    """What it takes to make the run again."""
    return "\n".join(f"- {escape(fact.label)}: {escape(shorten(fact.value, 1_000))}" for fact in facts)


def _notes(pair: PairView) -> str:
    """Reasons by number, then notes; empty where there are none."""
    reasons = [
        f"{number}. {escape(subjects)}: {escape(why)}."
        + (f" {escape(say('notes.fix'))} <code>{escape(fix)}</code>" if fix else "")
        for number, subjects, why, fix in pair.missing.entries()
    ]
    notes = [f"- {escape(shorten(note, 300))}" for note in pair.notes[:MAX_NOTES]]
    if len(pair.notes) > MAX_NOTES:
        notes.append(f"- {escape(counted_as('notes.more', len(pair.notes) - MAX_NOTES))}")
    return "\n\n".join("\n".join(lines) for lines in (reasons, notes) if lines)


def _articles(pair: PairView, found: ArticleTable) -> str:
    header = [say("articles.article"), say("articles.segments"), say("articles.referenced")]
    header = [escape(text) for text in (*header, *pair.systems)]
    rows = [
        [escape(shorten(row.title, _EXCERPT)), f"{row.segments:,}", f"{row.referenced:,}", *map(score, row.cells)]
        for row in found.rows
    ]
    rows.append([escape(say("articles.mean")), "", "", *map(score, found.mean)])
    rows.append([escape(say("articles.corpus", metric=found.title)), "", "", *map(score, found.corpus)])
    return table(header, rows, left={0})


def _lowest(pair: PairAnalysis) -> Iterator[tuple[str, str]]:
    """The segments to look at first: the worst of the system at the top."""
    result, standing, metric = pair.result, pair.standing, pair.primary
    if metric is None:
        return
    system = standing.systems[0]
    worst = pair.worst_segments_by[system.name][:LOWEST]
    if not worst:
        return
    segments = result.corpus.segments
    titles = {article.id: article_title(article) for article in result.corpus.articles}
    rows = []
    for row, value in worst:
        segment, outcome = segments[row], system.outcomes[row]
        text = outcome.text if isinstance(outcome, Translated) else ""
        place = f"{shorten(titles[segment.id.article], 60)}, {segment.id.number}"
        texts = (segment.source, text, segment.references[0] if segment.references else "")
        excerpts = [escape(shorten(visible(part), _EXCERPT)) for part in texts]
        rows.append([escape(place), *excerpts, format_score(standing.decimals(metric), value)])
    column = visible(metric_title(metric))
    header = [say("segments.place"), say("segments.source"), say("segments.translation"), say("segments.reference")]
    title = say(
        "markdown.lowest",
        pair=result.pair,
        extreme=extreme(not standing.identities[metric].higher_is_better),
        metric=column,
        system=display_names(result)[system.name],
    )
    yield title, table([*map(escape, (*header, column))], rows, left={0, 1, 2, 3})
