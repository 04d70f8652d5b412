"""The sentence at the top: which system is better, or that this cannot be said.

It never claims more than :attr:`harness.evidence.Comparison.tied` allows: a difference that is not confirmed is not
called one, and what is missing for a verdict is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.evidence import FEWEST_UNITS, Comparison, MetricEvidence
from harness.reports.findings import Findings, between, tied_with_leader
from harness.reports.format import counted, format_difference, format_p, format_range, format_score, metric_title
from harness.reports.order import Standing
from harness.reports.text import visible
from harness.stats.compare import Interval
from harness.stats.power import MOST_ARTICLES
from harness.types import Missing, SystemName

Names = Mapping[SystemName, str]


WORTH_NAMING = 1000
"""Beyond so many articles the number says only that the difference is too small to matter."""


def verdict(standing: Standing, findings: Findings, names: Names) -> str:
    """What the primary metric shows about the complete systems of a pair."""
    metric = standing.primary
    if metric is None:
        return "No complete system has a score that can be compared."
    values = standing.values[metric]
    title = visible(metric_title(metric))
    if len(values) == 1:
        ((only, value),) = values.items()
        return f"{names[only]} is the only complete system with a corpus {title}: {format_score(metric, value)}."
    found = findings.metric(metric)
    if found is None:
        return f"No verdict: the statistics kept with the run do not give its {title} scores."
    first = found.comparisons[0]
    if isinstance(first.p_holm, Missing):
        return f"Too few {first.unit}s for a verdict: {first.units:,}, at least {FEWEST_UNITS} are needed."
    top, alike = tied_with_leader(found)
    if len(top) == 1:
        return _winner(metric, found, values, names)
    return _tie(metric, found, top, alike, names)


def _winner(metric: str, found: MetricEvidence, values: Mapping[SystemName, float], names: Names) -> str:
    leader, second = found.ranking[:2]
    item = between(found, leader, second)
    beaten = f"than {names[second]}" if len(found.ranking) == 2 else "than every other system"
    return (
        f"{names[leader]} is better {beaten}: {visible(metric_title(metric))} {format_score(metric, values[leader])}, "
        f"ahead of {names[second]} by {format_difference(metric, item.delta)} (95 % interval "
        f"{interval_text(metric, item)}, p {_p(item.p_holm)}{_corrected(found)}, {_extent(item)})."
    )


def _tie(metric: str, found: MetricEvidence, top: Sequence[SystemName], alike: bool, names: Names) -> str:
    title = visible(metric_title(metric))
    item = between(found, top[0], top[1])
    if alike:
        who = f"{joined([names[name] for name in top])} cannot be told apart on {title}"
    else:
        others = joined([names[name] for name in top[1:]], "or")
        who = f"{names[top[0]]} cannot be told apart from {others} on {title}"
    subject = "" if len(top) == 2 else f"{names[top[0]]} ahead of {names[top[1]]}: "
    if item.delta == 0:
        size = "no difference"
    else:
        size = f"difference {format_difference(metric, item.delta)}, 95 % interval {interval_text(metric, item)}"
    text = f"{who} ({subject}{size}, {_extent(item)})"
    # Where Holm's correction or the test itself, not the number of articles, is in the way, there is no such number.
    if item.units < item.articles_for_this < MOST_ARTICLES:
        many = item.articles_for_this > WORTH_NAMING
        number = (
            f"more than {WORTH_NAMING:,} {item.unit}s"
            if many
            else f"about {counted(item.articles_for_this, item.unit)}"
        )
        more = f"{number} like these would be needed"
        text += f"; {more} to confirm a difference of this size"
    rest = [name for name in found.ranking if name not in top]
    if rest and not any(between(found, one, other).tied for one in top for other in rest):
        text += f". {'Both' if len(top) == 2 else 'All of them'} are better than every other system"
    return f"{text}."


def interval_text(metric: str, item: Comparison) -> str:
    """``0.0022 to 0.0101``; a dash where there are too few units."""
    return format_range(metric, item.interval.low, item.interval.high) if isinstance(item.interval, Interval) else "–"


def _p(p: float | Missing) -> str:
    text = "unknown" if isinstance(p, Missing) else format_p(p)
    return text if text.startswith("<") else f"= {text}"


def _corrected(found: MetricEvidence) -> str:
    return " after Holm's correction" if len(found.comparisons) > 1 else ""


def _extent(item: Comparison) -> str:
    if item.unit == "article":
        return counted(item.units, "article")
    return (
        f"over {counted(item.units, 'segment')}, because the text has no article ids; segments of one article are not "
        "independent, so this p is too small"
    )


def joined(names: Sequence[str], word: str = "and") -> str:
    """``A, B and C``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"
