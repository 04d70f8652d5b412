"""Charts of scores through several runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from harness.analysis.several.history import Track
from harness.reports.charts.base import NARROW, QUIET, SERIES, Chart, Frame, Spec, on_pages, sized
from harness.reports.model.history import HistoryView
from harness.reports.words.messages import plural, say
from harness.reports.words.numbers import counted_as, format_score, metric_title
from harness.reports.words.text import shorten, visible
from harness.types import Missing

MOST_LINES = 8
"""Systems in a chart: so many colours can be told apart."""


def trend_charts(history: HistoryView) -> list[Chart]:
    """The scores through the runs, for each pair and metric; none for two runs, which a table shows better."""
    if len(history.runs) <= len(("before", "after")):
        return []
    return [
        _trend(history, tracks, f"trend-{number}") for number, tracks in enumerate(history.groups().values(), start=1)
    ]


def _trend(history: HistoryView, tracks: Sequence[Track], name: str) -> Chart:
    title = f"{visible(tracks[0].pair)}: {visible(metric_title(tracks[0].metric))}"
    shown = tracks[:MOST_LINES]
    names = [f"{number}. {shorten(track.label, 32)}" for number, track in enumerate(shown, start=1)]
    values: list[Mapping[str, Any]] = []
    said = []
    for label, track in zip(names, shown, strict=True):
        part, scores = 0, []
        for (_, created), value, number in zip(
            history.runs, track.values, range(1, len(track.values) + 1), strict=True
        ):
            if isinstance(value.score, Missing):
                continue
            part += bool(value.apart)
            scores.append(value.score.value)
            at = f"{number}: {created[:16].replace('T', ' ')}"
            values.append({"run": at, "order": number, "score": value.score.value, "system": label,
                           "line": f"{label} {part}"})  # fmt: skip
        if scores:
            ends = [format_score(track.decimals, score) for score in (scores[0], scores[-1])]
            said.append(say("history.trend", system=label, first=ends[0], last=ends[1]))
            if part:
                said[-1] = plural("history.trend_broken", part, trend=said[-1], n=part)

    def draw(frame: Frame) -> Spec:
        spec: Spec = {
            "data": {"values": values},
            "mark": {"type": "line", "point": {"size": 40}},
            "encoding": {
                "x": {
                    "field": "run",
                    "type": "ordinal",
                    "sort": {"field": "order"},
                    "title": say("history.run"),
                    "axis": {"labelAngle": -35, "labelOverlap": "greedy", "tickColor": QUIET},
                },
                "y": {
                    "field": "score",
                    "type": "quantitative",
                    "title": say("history.score"),
                    "scale": {"zero": False},
                },
                "detail": {"field": "line", "type": "nominal"},
                "color": {
                    "field": "system",
                    "type": "nominal",
                    "title": None,
                    "scale": {"domain": names, "range": list(SERIES[: len(names)])},
                    "legend": {"orient": "top", "columns": 1 if frame is NARROW else 3, "columnPadding": 36},
                },
            },
        }
        return sized(spec, frame, 240, 640)

    more = f" {counted_as('history.more_systems', len(tracks) - len(shown))}" if len(tracks) > len(shown) else ""
    summary = f"{'; '.join(said) or say('history.no_scores')}.{more}"
    return Chart(name, say("history.trend_title", pair_and_metric=title), summary, on_pages(draw))
