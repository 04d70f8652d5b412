"""Agreement with people, and slices: as JSON and as a few lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from harness.analysis.stats.compare import Interval
from harness.reports.formats.evidence_json import JsonObject, interval_json
from harness.reports.words.messages import say
from harness.reports.words.numbers import counted, format_difference, format_range
from harness.reports.words.reasons import sentence
from harness.reports.words.text import visible
from harness.types import SIGNIFICANT, Decimals, JsonValue, MetricIdentity, Missing

if TYPE_CHECKING:
    from harness.analysis.human import Agreement, HumanAgreement, MetricAgreement
    from harness.analysis.slices import SliceScore, Slicing

COEFFICIENTS = (
    *("segment_pearson", "segment_kendall", "within_segment_kendall", "within_segment_accuracy"),
    *("system_pearson", "system_kendall", "system_accuracy", "system_soft_accuracy"),
)
"""Fields of :class:`MetricAgreement`; their names for people are messages, in ``agreement.coefficient``."""


def human_json(agreement: HumanAgreement | Missing) -> JsonObject:
    """Metric to coefficient to value, interval and n; or why nothing is known."""
    if isinstance(agreement, Missing):
        return _missing(agreement)
    return {
        name: _missing(metric)
        if isinstance(metric, Missing)
        else {field: _agreement(item) for field, item in _coefficients(metric)}
        for name, metric in agreement.metrics.items()
    }


def slices_json(slicing: Slicing) -> JsonValue:
    """A list of slices, or why there are none."""
    if isinstance(slicing, Missing):
        return _missing(slicing)
    return [
        {
            "slice": sentence(part.label),
            "segments": part.segments,
            "articles": part.articles,
            "systems": {
                system: {name: _slice_score(item) for name, item in metrics.items()}
                for system, metrics in part.scores.items()
            },
        }
        for part in slicing
    ]


def slices_text(pair: str, kind: str, slicing: Slicing, metrics: Mapping[str, MetricIdentity]) -> str:
    """A line for each slice, and below it one for each system and metric; ``metrics`` are the columns' identities."""
    decimals = {name: metric.decimals for name, metric in metrics.items()}
    head = say("agreement.slices", pair=pair, kind=visible(kind))
    if isinstance(slicing, Missing):
        return f"{head}: {visible(sentence(slicing.why))}\n"
    lines = [f"{head}:"]
    for part in slicing:
        size = f"{counted(part.segments, 'segment')}, {counted(part.articles, 'article')}"
        lines.append(f"  {visible(sentence(part.label))} ({size})")
        lines += [
            f"    {visible(system):<16} {visible(name):<12} {_shown(decimals.get(name, SIGNIFICANT), item)}"
            for system, scores in part.scores.items()
            for name, item in scores.items()
        ]
    return "".join(f"{line}\n" for line in lines)


def coefficient_texts(metric: MetricAgreement) -> Iterator[str]:
    """Every coefficient with its interval and n, or why there is none, in the order of :data:`COEFFICIENTS`."""
    for _, coefficient in _coefficients(metric):
        yield visible(sentence(coefficient.why)) if isinstance(coefficient, Missing) else _coefficient(coefficient)


def _coefficients(metric: MetricAgreement) -> Iterator[tuple[str, Agreement | Missing]]:
    for field in COEFFICIENTS:
        yield field, getattr(metric, field)


def _agreement(agreement: Agreement | Missing) -> JsonObject:
    if isinstance(agreement, Missing):
        return _missing(agreement)
    return {"value": agreement.value, "ci": interval_json(agreement.interval), "n": agreement.n}


def _slice_score(score: SliceScore | Missing) -> JsonObject:
    if isinstance(score, Missing):
        return _missing(score)
    entry: JsonObject = {"score": score.score, "ci": interval_json(score.interval), "n": score.n}
    if score.behind is not None:
        behind = score.behind
        entry["difference"] = {
            "best": behind.best,
            "value": behind.delta,
            "ci": interval_json(behind.interval),
            "p_adjusted": behind.p_adjusted,
        }
    return entry


def _missing(missing: Missing) -> JsonObject:
    return {"missing": sentence(missing.why), "fix": sentence(missing.fix)}


def _coefficient(agreement: Agreement) -> str:
    interval = (
        f" [{agreement.interval.low:.3f}, {agreement.interval.high:.3f}]"
        if isinstance(agreement.interval, Interval)
        else ""
    )
    return f"{agreement.value:.3f}{interval}  n {agreement.n}"


def _shown(decimals: Decimals, score: SliceScore | Missing) -> str:
    if isinstance(score, Missing):
        return visible(sentence(score.why))
    interval = score.interval
    between = f" ({format_range(decimals, interval.low, interval.high)})" if isinstance(interval, Interval) else ""
    return f"{format_difference(decimals, score.score)}{between}  n {score.n}"
