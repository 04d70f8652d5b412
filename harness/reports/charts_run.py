"""The charts of one pair, as Vega-Lite: the same on the page and as files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from harness.decision_policy import policy_of
from harness.recommendation import Facts
from harness.reports.charts import HEAT, INK, LINE, PAGE, QUIET, SERIES, Chart
from harness.reports.findings import Findings, between, find
from harness.reports.format import (
    format_difference,
    format_money,
    format_range,
    format_score,
    format_seconds,
    metric_title,
)
from harness.reports.leaderboard import display_names
from harness.reports.order import Standing, stand
from harness.reports.recommend import Box, build_box
from harness.reports.segment_profile import Bands, Curve, bands, curves, ranked
from harness.reports.text import visible
from harness.reports.view import article_title
from harness.runs.frame import finite, scores_of
from harness.runs.result import MetricScores, PairResult, Run
from harness.stats.compare import Interval
from harness.types import Money, Score, SystemName

MOST_ARTICLES = 60

LABEL = 32
"""Characters of a name on an axis."""

Spec = dict[str, Any]


def run_charts(run: Run) -> list[Chart]:
    """All charts of a run, as its page shows them."""
    made: list[Chart] = []
    for result, findings in zip(run.pairs, find(run), strict=True):
        standing = stand(result)
        box = build_box(result, standing, findings, policy_of(run.settings))
        made += pair_charts(result, standing, findings, box).values()
    return made


def pair_charts(result: PairResult, standing: Standing, findings: Findings, box: Box) -> dict[str, Chart]:
    """The charts that have something to show, by kind: ``lead tradeoff articles curve profile``."""
    metric = standing.primary
    if metric is None:
        return {}
    names = {name: shorten_name(label) for name, label in display_names(result).items()}
    title = visible(metric_title(metric))
    made = {
        "lead": _lead(standing, findings, names, title),
        "tradeoff": _tradeoff(box, standing, metric, title),
        "articles": _articles(result, standing, names, title),
        "curve": _curve(curves(result, standing), standing, names, title),
        "profile": _profile(bands(result, standing), title),
    }
    stem = re.sub(r"[^A-Za-z0-9]+", "-", str(result.pair))
    return {
        kind: Chart(f"{stem}-{kind}", chart.title, chart.summary, chart.spec) for kind, chart in made.items() if chart
    }


def shorten_name(label: str) -> str:
    """A name that fits beside an axis; it ends in an ellipsis where it was cut."""
    return label if len(label) <= LABEL else f"{label[: LABEL - 1]}…"


def _lead(standing: Standing, findings: Findings, names: Mapping[SystemName, str], title: str) -> Chart | None:
    """Differences to the system at the top with their intervals: what the verdict rests on."""
    found = findings.metric(standing.primary)
    if found is None or not found.comparisons:
        return None
    metric, leader = found.metric.name, found.ranking[0]
    values, said = [], []
    for place, name in enumerate(found.ranking[1:], start=2):
        item = between(found, leader, name)
        if not isinstance(item.interval, Interval):
            return None
        low, high = -item.interval.high, -item.interval.low
        values.append(
            {
                "system": f"{place}. {names[name]}",
                "delta": -item.delta,
                "low": low,
                "high": high,
                "state": "not told apart" if item.tied else "worse",
                "text": format_difference(metric, -item.delta),
            }
        )
        said.append(
            f"{names[name]} {format_difference(metric, -item.delta)} ({format_range(metric, low, high)}"
            f"{', not told apart' if item.tied else ''})"
        )
    y = {"field": "system", "type": "nominal", "sort": None, "title": None, "axis": {"domain": False, "ticks": False}}
    colour = {
        "field": "state",
        "type": "nominal",
        "title": None,
        "scale": {"domain": ["worse", "not told apart"], "range": [SERIES[0], SERIES[1]]},
        "legend": {"orient": "top", "symbolType": "circle"},
    }
    x = {"type": "quantitative", "title": f"difference to {names[leader]}, {title} points, with 95 % interval"}
    zero = {
        "data": {"values": [{"zero": 0}]},
        "mark": {"type": "rule", "strokeWidth": 1.5, "color": INK},
        "encoding": {"x": {"field": "zero", "type": "quantitative"}},
    }
    line = {
        "mark": {"type": "rule", "strokeWidth": 3, "strokeCap": "round", "opacity": 0.55},
        "encoding": {"y": y, "x": {"field": "low", **x}, "x2": {"field": "high"}, "color": colour},
    }
    dot = {
        "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
        "encoding": {"y": y, "x": {"field": "delta", **x}, "color": colour, "shape": _shape(colour)},
    }
    spec = _sized({"data": {"values": values}, "layer": [zero, line, dot]}, 26 * len(values))
    summary = f"{names[leader]} has the best {title}. Differences to it, with 95 % intervals: {'; '.join(said)}."
    return Chart("", f"Difference to {names[leader]}", summary, spec)


def _shape(colour: Spec) -> Spec:
    shapes = {"domain": colour["scale"]["domain"], "range": ["circle", "diamond"]}
    return {"field": colour["field"], "type": "nominal", "title": None, "scale": shapes, "legend": colour["legend"]}


def _sized(spec: Spec, height: int, width: int = 620) -> Spec:
    return {**spec, "width": width, "height": height}


def _tradeoff(box: Box, standing: Standing, metric: str, title: str) -> Chart | None:
    """Quality against cost and against latency; filled points are not beaten on all three together."""
    if box.decision.metric != metric:
        return None
    sign = 1 if standing.identities[metric].higher_is_better else -1
    facts = box.decision.facts
    front = set(box.decision.pareto)
    panels, said = [], []
    currency = next((item.cost.currency for item in facts if isinstance(item.cost, Money) and item.cost.currency), "")
    costs = {item.system: item.cost.amount for item in facts if isinstance(item.cost, Money)}
    waits = {item.system: item.p95 for item in facts if isinstance(item.p95, float | int)}
    for values, axis in (
        (costs, f"cost, {currency or 'money'} per million characters"),
        (waits, "latency p95, seconds"),
    ):
        if len(values) > 1 and len(set(values.values())) > 1:
            panels.append(_panel(facts, values, sign, front, axis=axis, title=title))
    if not panels:
        return None
    for item in facts:
        cost = format_money(item.cost) if isinstance(item.cost, Money) else "cost unknown"
        wait = f"{format_seconds(item.p95)} s" if isinstance(item.p95, float | int) else "latency unknown"
        best = "; on the Pareto front" if item.system in front else ""
        said.append(f"{item.system}: {format_score(metric, sign * item.quality)}, {cost}, {wait}{best}")
    spec = {"hconcat": panels, "spacing": 40} if len(panels) > 1 else panels[0]
    return Chart("", f"{title}, cost and latency", visible(". ".join(said)) + ".", spec)


def _panel(
    facts: Sequence[Facts],
    amounts: Mapping[SystemName, float],
    sign: int,
    front: set[SystemName],
    *,
    axis: str,
    title: str,
) -> Spec:
    values = [
        {
            "system": shorten_name(item.system),
            "quality": sign * item.quality,
            "amount": amounts[item.system],
            "front": "not beaten" if item.system in front else "beaten",
        }
        for item in facts
        if item.system in amounts
    ]
    # The front of this panel alone: going right it only ever gets better.
    steps, best = [], float("-inf")
    for item in sorted((item for item in facts if item.system in amounts), key=lambda item: amounts[item.system]):
        if item.quality > best:
            best = item.quality
            steps.append({"quality": sign * item.quality, "amount": amounts[item.system]})
    x = {"field": "amount", "type": "quantitative", "title": axis, "scale": {"zero": True, "nice": True}}
    y_scale = {"zero": False, "nice": True, "padding": 12, "reverse": sign < 0}
    y = {"field": "quality", "type": "quantitative", "title": title, "scale": y_scale}
    domain = ["not beaten", "beaten"]
    line = {
        "data": {"values": steps},
        "mark": {"type": "line", "interpolate": "step-after", "strokeDash": [4, 3], "color": QUIET},
        "encoding": {"x": x, "y": y, "order": {"field": "amount", "type": "quantitative"}},
    }
    dots = {
        "mark": {"type": "point", "size": 110, "filled": True, "opacity": 1, "strokeWidth": 2},
        "encoding": {
            "x": x,
            "y": y,
            "color": {
                "field": "front",
                "type": "nominal",
                "title": None,
                "scale": {"domain": domain, "range": [SERIES[0], SERIES[1]]},
                "legend": {"orient": "top"},
            },
            "shape": {
                "field": "front",
                "type": "nominal",
                "title": None,
                "scale": {"domain": domain, "range": ["circle", "diamond"]},
            },
        },
    }
    words = {
        "mark": {"type": "text", "align": "center", "dy": -13, "fontSize": 11, "color": INK},
        "encoding": {"x": x, "y": y, "text": {"field": "system"}},
    }
    return _sized({"data": {"values": values}, "layer": [line, dots, words]}, 260, 330)


def _articles(result: PairResult, standing: Standing, names: Mapping[SystemName, str], title: str) -> Chart | None:
    """Every article under every system, the worst articles first."""
    metric = standing.primary
    systems = ranked(standing)
    if metric is None or not systems or len(result.corpus.articles) < 2:
        return None
    higher = standing.identities[metric].higher_is_better
    order = worst_articles(result, standing)[:MOST_ARTICLES]
    values, every = [], []
    for place, index in enumerate(order):
        for system in systems:
            scores = scores_of(system, metric)
            score = finite(scores.articles[index]) if isinstance(scores, MetricScores) else scores
            if isinstance(score, Score):
                every.append(score.value)
                label = shorten_name(article_title(result.corpus.articles[index]))
                values.append({"place": place, "label": label, "system": names[system.name], "score": score.value})
    if len(set(every)) < 2:
        return None
    cuts = _cuts(every)
    colours = list(HEAT if higher else HEAT[::-1])
    labels = {
        str(place): shorten_name(article_title(result.corpus.articles[index])) for place, index in enumerate(order)
    }
    long = len(order) > 30
    spec = {
        "data": {"values": values},
        "mark": {"type": "rect", "stroke": PAGE, "strokeWidth": 2 if not long else 1, "cornerRadius": 2},
        "encoding": {
            "x": {
                "field": "place",
                "type": "ordinal",
                "title": None,
                "axis": {
                    "labelExpr": f"({json.dumps(labels)})[datum.value]",
                    "labelAngle": -40,
                    "labelAlign": "right",
                    "labels": not long,
                    "ticks": False,
                    "domain": False,
                    "labelLimit": 150,
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
                "field": "score",
                "type": "quantitative",
                "title": title,
                "scale": {"type": "threshold", "domain": cuts, "range": colours},
                "legend": {"orient": "top", "gradientLength": 280, "format": ".3~f" if max(every) <= 1 else ".0f"},
            },
        },
    }
    worst = ", ".join(labels[str(place)] for place in range(min(3, len(order))))
    some = (
        f" The worst {len(order)} of {len(result.corpus.articles):,} articles."
        if len(order) < len(result.corpus.articles)
        else ""
    )
    summary = f"{title} of every article and system; the table below has the numbers. Worst articles: {worst}.{some}"
    return Chart("", f"{title} by article, worst first", summary, _sized(spec, 30 * len(systems), 700))


def _cuts(values: Sequence[float]) -> list[float]:
    """Six cut points, evenly spaced between the lowest and the highest: equal steps of colour are equal steps."""
    low, high = min(values), max(values)
    return [low + (high - low) * step / len(HEAT) for step in range(1, len(HEAT))]


def worst_articles(result: PairResult, standing: Standing) -> list[int]:
    """Articles by their mean over the ranked systems, worst first; those without a score are left out."""
    metric = standing.primary
    if metric is None:
        return []
    sign = 1 if standing.identities[metric].higher_is_better else -1
    means: dict[int, float] = {}
    for index in range(len(result.corpus.articles)):
        found = []
        for system in ranked(standing):
            scores = scores_of(system, metric)
            score = finite(scores.articles[index]) if isinstance(scores, MetricScores) else scores
            if isinstance(score, Score):
                found.append(sign * score.value)
        if found:
            means[index] = sum(found) / len(found)
    return sorted(means, key=lambda index: (means[index], index))


def _curve(found: Sequence[Curve], standing: Standing, names: Mapping[SystemName, str], title: str) -> Chart | None:
    """Segment differences in falling order: a few large ones, or many small?"""
    if not found:
        return None
    leader = names[ranked(standing)[0].name]
    values = [
        {"share": share, "delta": delta, "system": f"against {names[curve.system]}"}
        for curve in found
        for share, delta in curve.points
    ]
    domain = [f"against {names[curve.system]}" for curve in found]
    spec = {
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
                        "title": f"segments, from {leader}'s best to its worst, %",
                        "scale": {"domain": [0, 100]},
                    },
                    "y": {"field": "delta", "type": "quantitative", "title": f"difference of segment {title}"},
                    "color": {
                        "field": "system",
                        "type": "nominal",
                        "title": None,
                        "scale": {"domain": domain, "range": list(SERIES[: len(domain)])},
                        "legend": {"orient": "top", "columns": 2, "symbolSize": 300},
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
    said = [f"{c.better:,} better, {c.equal:,} equal, {c.worse:,} worse than {names[c.system]}" for c in found]
    summary = f"Segments of {leader} by {title}: {'; '.join(said)}."
    return Chart("", f"{leader} segment by segment", summary, _sized(spec, 240, 640))


def _profile(found: Bands | None, title: str) -> Chart | None:
    """Shares of segments in each band of quality."""
    if found is None:
        return None
    colours = [HEAT[0], HEAT[2], HEAT[3], HEAT[4], HEAT[6]]
    values = [
        {"system": shorten_name(label), "band": name, "order": place, "n": n}
        for label, counts in found.rows
        for place, (name, n) in enumerate(zip(found.names, counts, strict=True))
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
                "title": "share of segments",
                "axis": {"format": ".0%"},
            },
            "order": {"field": "order", "type": "quantitative"},
            "color": {
                "field": "band",
                "type": "ordinal",
                "title": f"segment {title}",
                "sort": None,
                "scale": {"domain": list(found.names), "range": colours},
                "legend": {"orient": "top", "symbolType": "square"},
            },
        },
    }
    said = "; ".join(
        f"{label}: {_share(counts, 0)} in the worst band, {_share(counts, -1)} in the best"
        for label, counts in found.rows
    )
    return Chart("", "Share of good and bad segments", f"{said}.", _sized(spec, 26 * len(found.rows)))


def _share(counts: Sequence[int], band: int) -> str:
    return f"{counts[band] / max(1, sum(counts)):.0%}"
