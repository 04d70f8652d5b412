"""Charts of articles and segments: every article, the sorted differences, and the profile of quality."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence

import numpy as np

from harness.analysis.pair import PairAnalysis
from harness.analysis.profile import Curve
from harness.analysis.standing import Standing
from harness.reports.charts.base import (
    FILE,
    HEAT,
    INK,
    LINE,
    NARROW,
    PAGE,
    SERIES,
    Chart,
    Frame,
    Spec,
    in_lines,
    on_pages,
    shorten_name,
    sized,
)
from harness.reports.model.centred import deviations_of
from harness.reports.model.page import article_title
from harness.reports.model.segment_profile import BandsView
from harness.reports.words.messages import say
from harness.types import SystemName

MOST_ARTICLES = 200
"""Of the strip: with more a cell is hardly a pixel wide, and the page grows for nothing."""

NAMED_ARTICLES = 30
"""With more of them, their names have no room."""

NAMED_ON_PHONES = 10

ROOMY = 10
"""Systems whose rows are high on a page."""


def articles(pair: PairAnalysis, names: Mapping[SystemName, str], title: str) -> Chart | None:
    """Every article under every system but floors, as differences from the mean of the article, the worst first."""
    result, standing = pair.result, pair.standing
    metric = standing.primary
    systems = [system for system in standing.ranked if system.name not in pair.evidence.floors]
    if metric is None or not systems or len(result.corpus.articles) < 2:
        return None
    higher = standing.identities[metric].higher_is_better
    order = pair.worst_articles[:MOST_ARTICLES]
    _, deviations = deviations_of(pair, metric)
    columns = {system.name: place for place, system in enumerate(standing.systems)}
    values, every = [], []
    for number, index in enumerate(order):
        label = shorten_name(article_title(result.corpus.articles[index]))
        for system in systems:
            value = deviations[index][columns[system.name]]
            if math.isfinite(value):
                every.append(value)
                values.append({"place": number, "label": label, "system": names[system.name], "difference": value})
    if len(set(every)) < 2:
        return None
    cuts = _cuts(every)
    colours = list(HEAT if higher else HEAT[::-1])
    labels = {
        str(number): shorten_name(article_title(result.corpus.articles[index])) for number, index in enumerate(order)
    }
    long = len(order) > NAMED_ARTICLES

    def draw(frame: Frame) -> Spec:
        wide = frame is not NARROW
        spec: Spec = {
            "data": {"values": values},
            "mark": {"type": "rect", **({} if long else {"stroke": PAGE, "strokeWidth": 2})},
            "encoding": {
                "x": {
                    "field": "place",
                    "type": "ordinal",
                    "title": None,
                    "axis": {
                        "labelExpr": f"({json.dumps(labels)})[datum.value]",
                        "labelAngle": -40,
                        "labelAlign": "right",
                        "labels": len(order) <= (NAMED_ARTICLES if wide else NAMED_ON_PHONES),
                        "ticks": False,
                        "domain": False,
                        "labelLimit": 150 if wide else 100,
                    },
                },
                "y": {
                    "field": "system",
                    "type": "nominal",
                    "sort": None,
                    "title": None,
                    "axis": {"domain": False, "ticks": False},
                },
                "color": {
                    "field": "difference",
                    "type": "quantitative",
                    "title": in_lines(say("chart.articles_scale", metric=title), frame),
                    "scale": {"type": "threshold", "domain": cuts, "range": colours},
                    "legend": {
                        "orient": "top",
                        "gradientLength": 400 if wide else 220,
                        "format": "+.0f" if cuts[-1] > 10 else "+.2~g",
                    },
                },
            },
        }
        return sized(spec, frame, (30 if len(systems) <= ROOMY or frame is FILE else 22) * len(systems), 700)

    worst = ", ".join(labels[str(number)] for number in range(min(3, len(order))))
    shown = (
        " " + say("chart.articles_some", n=len(order), all=f"{len(result.corpus.articles):,}")
        if len(order) < len(result.corpus.articles)
        else ""
    )
    summary = say("chart.articles_summary", metric=title, worst=worst) + shown
    return Chart("", say("chart.articles", metric=title), summary, on_pages(draw))


def _cuts(values: Sequence[float]) -> list[float]:
    """Six cut points around 0, evenly spaced, so that one difference in twenty has an outermost colour at most.

    By the largest difference, one failed article would leave all others without a colour.
    """
    far = float(np.quantile(np.abs(values), 0.95)) or max(map(abs, values))
    return [far * step / (len(HEAT) - 2) for step in range(2 - len(HEAT), len(HEAT), 2)]


def curve(curves: Sequence[Curve], standing: Standing, names: Mapping[SystemName, str], title: str) -> Chart | None:
    """Segment differences in falling order: a few large ones, or many small?"""
    if not any(delta for curve in curves for _, delta in curve.points):
        return None
    leader = names[standing.ranked[0].name]
    values = [
        {"share": share, "delta": delta, "system": say("chart.against", system=names[curve.system])}
        for curve in curves
        for share, delta in curve.points
    ]
    domain = [say("chart.against", system=names[curve.system]) for curve in curves]

    def draw(frame: Frame) -> Spec:
        spec: Spec = {
            "layer": [
                {
                    "data": {"values": [{"zero": 0}]},
                    "mark": {"type": "rule", "color": INK, "strokeWidth": 1.5},
                    "encoding": {"y": {"field": "zero", "type": "quantitative"}},
                },
                {
                    "data": {"values": values},
                    "mark": {"type": "line", "strokeWidth": 2.25},
                    "encoding": {
                        "x": {
                            "field": "share",
                            "type": "quantitative",
                            "title": in_lines(say("chart.curve_share", system=leader), frame),
                            "scale": {"domain": [0, 100]},
                        },
                        "y": {
                            "field": "delta",
                            "type": "quantitative",
                            "title": say("chart.curve_difference", metric=title),
                        },
                        "color": {
                            "field": "system",
                            "type": "nominal",
                            "title": None,
                            "scale": {"domain": domain, "range": list(SERIES[: len(domain)])},
                            "legend": {"orient": "top", "columns": 1 if frame is NARROW else 2, "symbolSize": 300},
                        },
                        "strokeDash": {
                            "field": "system",
                            "type": "nominal",
                            "title": None,
                            "scale": {"domain": domain, "range": [[1, 0], [7, 3], [3, 3], [9, 3, 2, 3]][: len(domain)]},
                        },
                    },
                },
            ]
        }
        return sized(spec, frame, 240, 640)

    said = [
        say(
            "chart.curve_counts",
            better=f"{c.better:,}",
            equal=f"{c.equal:,}",
            worse=f"{c.worse:,}",
            system=names[c.system],
        )
        for c in curves
    ]
    summary = say("chart.curve_summary", system=leader, metric=title, counts="; ".join(said))
    return Chart("", say("chart.curve", system=leader), summary, on_pages(draw))


def profile(bands: BandsView | None, names: Sequence[str], title: str) -> Chart | None:
    """Shares of segments in each band of quality; ``names`` are short ones, in the order of its rows."""
    if bands is None:
        return None
    colours = [HEAT[0], HEAT[2], HEAT[3], HEAT[4], HEAT[6]]
    values = [
        {"system": short, "band": name, "order": place, "n": n}
        for short, (_, counts) in zip(names, bands.rows, strict=True)
        for place, (name, n) in enumerate(zip(bands.names, counts, strict=True))
    ]
    spec = {
        "data": {"values": values},
        "mark": {"type": "bar", "stroke": LINE, "strokeWidth": 0.5},
        "encoding": {
            "y": {
                "field": "system",
                "type": "nominal",
                "sort": None,
                "title": None,
                "axis": {"domain": False, "ticks": False},
            },
            "x": {
                "field": "n",
                "type": "quantitative",
                "stack": "normalize",
                "title": say("chart.profile_share"),
                "axis": {"format": ".0%"},
            },
            "order": {"field": "order", "type": "quantitative"},
            "color": {
                "field": "band",
                "type": "ordinal",
                "title": say("chart.profile_metric", metric=title),
                "sort": None,
                "scale": {"domain": list(bands.names), "range": colours},
                "legend": {"orient": "top", "symbolType": "square"},
            },
        },
    }
    said = "; ".join(
        say("chart.profile_system", system=label, worst=_share(counts, 0), best=_share(counts, -1))
        for label, counts in bands.rows
    )
    return Chart("", say("chart.profile"), f"{said}.", {FILE: sized(spec, FILE, 26 * len(bands.rows))})


def _share(counts: Sequence[int], band: int) -> str:
    return f"{counts[band] / max(1, sum(counts)):.0%}"
