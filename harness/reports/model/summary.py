"""What `harness run` ends with, for one pair: what to take, the best systems, who is not judged, what would help.

A report has everything else. All texts are visible, none is escaped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from harness.analysis.comparison import Comparison
from harness.analysis.decision.lead import Lead
from harness.analysis.decision.recommendation import Facts, NoDecision
from harness.analysis.pair import PairAnalysis
from harness.analysis.stats.compare import Interval
from harness.corpus.skipping import SKIPPED
from harness.reports.model.leaderboard import checked, flags
from harness.reports.model.looks import left_early, looks_sentence
from harness.reports.model.metric_costs import metric_costs_sentences
from harness.reports.model.not_judged import EXCERPT, not_judged
from harness.reports.model.shown import shown_names
from harness.reports.model.summary_verdict import top_of, verdict
from harness.reports.model.trust import KNOWN, trust_lines
from harness.reports.words.decision import spoken
from harness.reports.words.messages import say
from harness.reports.words.numbers import (
    counted,
    counted_as,
    format_money,
    format_range,
    format_score,
    format_units,
    listed,
    metric_title,
)
from harness.reports.words.reasons import capitalised, sentence
from harness.reports.words.text import shorten, visible
from harness.store.runs.frame import scores_of
from harness.store.runs.result import MetricScores, SystemResult
from harness.types import Missing, Money, Reason, SystemName
from harness.workspace.languages import display_name

MOST_SYSTEMS = 5
"""Rows beside floors and the recommended system."""

MOST_TIES = 3
"""Systems of which is said what would tell them from the recommended one."""

Mark = Literal["*", "~", "=", "-", ""]

MARKS: Mapping[Mark, str] = {"*": "best", "~": "close", "=": "equal", "-": "worse"}
"""What the legend has, in its order."""


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One system."""

    mark: Mark
    """``*`` best, ``=`` no significant difference from it, ``~`` significantly worse, but too close for string metrics
    to decide, ``-`` significantly worse; empty where nothing is tested."""
    name: str
    cells: tuple[str, ...]
    """One for each heading behind the name."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One pair."""

    heading: str
    warnings: tuple[str, ...]
    verdict: str
    headings: tuple[str, ...]
    """Of the system, then of the cells: metric and interval of what decides, other metrics, cost, flags."""
    rows: tuple[SummaryRow, ...]
    legend: tuple[str, ...]
    """What each mark of the rows means; empty where there are none."""
    more: str
    """How many systems have no row; empty where all have one."""
    remarks: tuple[tuple[str, str], ...]
    """What is missing or would help, each with what to do about it, or with nothing."""
    optional: range
    """Places of ``headings`` that a narrow screen leaves out, the last first: scores that do not decide."""


def build_summary(pair: PairAnalysis) -> Summary:
    """The summary of one pair."""
    names, standing = shown_names(pair.result), pair.standing
    lead = None if isinstance(pair.lead, Missing) or pair.lead.metric != standing.primary else pair.lead
    marks = _marks(pair, lead)
    metrics = [name for name in pair.result.metrics if standing.values.get(name) and name in standing.comparable]
    metrics.sort(key=lambda name: name != standing.primary)
    shown = _shown(pair)
    intervals = lead is not None and any(isinstance(lead.primary.intervals.get(s.name), Interval) for s in shown)
    costs = {item.system: item for item in pair.decision.facts if isinstance(item.cost, Money)}
    headings = [say("leaderboard.system"), *(visible(metric_title(name)) for name in metrics[:1])]
    headings += [say("summary.interval")] if intervals else []
    first = len(headings)
    headings += [visible(metric_title(name)) for name in metrics[1:]]
    optional = range(first, len(headings))
    headings += [_cost_heading(costs)] if costs else []
    headings.append(say("leaderboard.flags"))
    rows = tuple(
        SummaryRow(
            marks.get(system.name, ""),
            names[system.name],
            tuple(_cells(pair, lead if intervals else None, system, metrics, costs)),
        )
        for system in shown
    )
    left = len(standing.ranked) - len(shown)
    return Summary(
        heading=_heading(pair),
        warnings=(*map(visible, spoken(pair.decision, names).warnings), *_known_by_heart(pair)),
        verdict=verdict(pair, lead, names),
        headings=tuple(headings),
        rows=rows,
        legend=_legend({row.mark for row in rows}),
        more=counted_as("summary.more", left) if left else "",
        remarks=(
            *_only_a_part(pair),
            *_until_decided(pair),
            *((sentence, "") for sentence in metric_costs_sentences(pair)),
            *not_judged(pair, names),
            *_to_tell_apart(pair, lead, names),
            *_not_scored(pair),
        ),
        optional=optional,
    )


def _heading(pair: PairAnalysis) -> str:
    corpus, metrics = pair.result.corpus, pair.decision.metrics
    source, target = (display_name(tag) for tag in (corpus.pair.source, corpus.pair.target))
    heading = say("page.heading", source=source, target=target, pair=str(corpus.pair))
    articles, segments = counted(len(corpus.articles), "article"), counted(len(corpus.segments), "segment")
    text = say("summary.heading", heading=heading, articles=articles, segments=segments)
    if not metrics:
        return text
    return say("summary.decided", heading=text, metrics=visible(listed([metric_title(name) for name in metrics])))


def _known_by_heart(pair: PairAnalysis) -> Iterator[str]:
    """Where so much of the text is known already that the order may be wrong."""
    yield from (line.text for line in trust_lines(pair) if line.topic in KNOWN and line.level == "doubt")


def _shown(pair: PairAnalysis) -> list[SystemResult]:
    """The best systems, the recommended one wherever it stands, and floors last."""
    floors, chosen = pair.evidence.floors, pair.decision.recommendation
    ranked = [system for system in pair.standing.ranked if system.name not in floors]
    best = ranked[:MOST_SYSTEMS]
    best += [system for system in ranked[MOST_SYSTEMS:] if system.name == chosen]
    return [*best, *(system for system in pair.standing.ranked if system.name in floors)]


def _marks(pair: PairAnalysis, lead: Lead | None) -> dict[SystemName, Mark]:
    floors = pair.evidence.floors
    ranking = [] if lead is None else [name for name in lead.evidence.ranking if name not in floors]
    if lead is None or len(ranking) < 2 or pair.evidence.withheld is not None:
        return {}
    best, *others = ranking
    if isinstance(lead.evidence.between(best, others[0]).p_adjusted, Missing):
        return {}
    floors_tested = [name for name in lead.evidence.ranking if name in floors]
    marks: dict[SystemName, Mark] = {name: _mark(lead.evidence.between(best, name)) for name in others}
    marks |= {name: "-" for name in floors_tested if not lead.evidence.between(best, name).tied}
    return {best: "*", **marks}


def _mark(against_best: Comparison) -> Mark:
    if not against_best.significant:
        return "="
    return "~" if against_best.close else "-"


def _legend(used: Collection[Mark]) -> tuple[str, ...]:
    return tuple(f"{mark} {say(f'summary.mark.{key}')}" for mark, key in MARKS.items() if mark in used)


def _cells(
    pair: PairAnalysis,
    lead: Lead | None,
    system: SystemResult,
    metrics: Sequence[str],
    costs: Mapping[SystemName, Facts],
) -> Iterator[str]:
    standing = pair.standing
    for place, metric in enumerate(metrics):
        value = standing.values[metric].get(system.name)
        yield "–" if value is None else format_score(standing.decimals(metric), value)
        if place == 0 and lead is not None:
            match lead.primary.intervals.get(system.name):
                case Interval(low=low, high=high):
                    yield format_range(lead.primary.metric.decimals, low, high)
                case _:
                    yield "–"
    if costs:
        facts = costs.get(system.name)
        yield _cost(facts) if facts is not None else "–"
    total = sum(count for _, count in flags(system))
    yield f"{total:,}" if checked(system) or total else "–"


def _cost_heading(costs: Mapping[SystemName, Facts]) -> str:
    currencies = {item.cost.currency for item in costs.values() if isinstance(item.cost, Money)} - {""}
    return say("summary.cost_in", currency=visible(currencies.pop())) if len(currencies) == 1 else say("summary.cost")


def _cost(facts: Facts) -> str:
    cost = facts.cost
    if not isinstance(cost, Money):
        return "–"
    if cost.amount == 0 and not cost.currency:
        return say("summary.free")
    return format_money(Money(cost.amount, ""))


def _to_tell_apart(pair: PairAnalysis, lead: Lead | None, names: Mapping[SystemName, str]) -> Iterator[tuple[str, str]]:
    """What would tell the systems at the top apart, or else make a recommendation possible."""
    top = top_of(pair, lead)
    if lead is None or len(top) < 2 or isinstance(lead.evidence.between(top[0], top[1]).p_adjusted, Missing):
        for line in spoken(pair.decision, names).what_would_help:
            yield visible(say("advice.help", line=line)), ""
        return
    chosen = pair.decision.recommendation
    best = top[0] if isinstance(chosen, NoDecision) or chosen not in top else chosen
    others = [name for name in top if name != best]
    parts = []
    for name in others[:MOST_TIES]:
        item = lead.evidence.between(best, name)
        if pair.same(best, name):
            needed = say("summary.identical")
        elif item.significant:
            needed = say("summary.learned")
        elif isinstance(item.needed, Missing):
            needed = say("summary.no_difference")
        elif item.needed.sign_open:
            needed = say("summary.sign_open")
        else:
            needed = say("summary.needed", number=format_units(item.needed, item.unit))
        parts.append(say("summary.from", system=names[name], needed=needed))
    yield say("summary.to_tell", best=names[best], others="; ".join(parts)), ""


def _only_a_part(pair: PairAnalysis) -> Iterator[tuple[str, str]]:
    """What was left out of the run for every system."""
    for note in pair.result.notes:
        limited = isinstance(note.what, Reason) and note.what.key == "noted.limited"
        if note.where == SKIPPED or limited:
            yield say("excluded.skipped", what=visible(shorten(capitalised(note.what), EXCERPT))), ""


def _until_decided(pair: PairAnalysis) -> Iterator[tuple[str, str]]:
    """How the looks ended, and what was not bought."""
    if pair.result.looks is not None:
        names = shown_names(pair.result)
        out = [names[name] for name in left_early(pair.result.looks)]
        early = say("until.left_early", systems=visible(listed(out))) if out else ""
        yield f"{looks_sentence(pair.result, pair.result.looks)} {early}".strip(), ""


def _not_scored(pair: PairAnalysis) -> Iterator[tuple[str, str]]:
    """Metrics that have no score of any system, and what to do about it."""
    for metric in pair.result.metrics:
        reasons = [scores_of(system, metric) for system in pair.result.systems]
        if reasons and not any(isinstance(item, MetricScores) for item in reasons):
            (missing, *_) = (item for item in reasons if isinstance(item, Missing))
            why = visible(sentence(missing.why)).removesuffix(".")
            yield (
                say("summary.not_scored", metric=visible(metric_title(metric)), why=why),
                visible(sentence(missing.fix)),
            )
