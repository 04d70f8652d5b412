"""The charts of one pair, as Vega-Lite: the same on the page and as files."""

from __future__ import annotations

import re

from harness.analysis import Analysis
from harness.analysis.pair import PairAnalysis
from harness.reports.charts import systems, texts, tradeoff
from harness.reports.charts.base import Chart, short_names
from harness.reports.model.recommend import Box, build_box
from harness.reports.model.segment_profile import show_bands
from harness.reports.model.shown import shown_names
from harness.reports.words.numbers import metric_title
from harness.reports.words.text import visible


def run_charts(analysis: Analysis) -> list[Chart]:
    """All charts of a run, as its page shows them."""
    made: list[Chart] = []
    for pair in analysis.pairs:
        made += pair_charts(pair, build_box(pair)).values()
    return made


def pair_charts(pair: PairAnalysis, box: Box) -> dict[str, Chart]:
    """The charts that have something to show, by kind: ``lead tradeoff articles curve profile``."""
    result, standing, metric = pair.result, pair.standing, pair.primary
    if metric is None:
        return {}
    shown = shown_names(result)
    names = short_names(shown)
    title = visible(metric_title(metric))
    weighed = box.decision.metric
    made = {
        "lead": systems.lead(pair, names, title),
        "tradeoff": tradeoff.tradeoff(pair, box, weighed, shown) if isinstance(weighed, str) else None,
        "articles": texts.articles(pair, names, title),
        "curve": texts.curve(pair.curves, standing, names, title),
        "profile": texts.profile(show_bands(pair), [names[system.name] for system in standing.ranked], title),
    }
    stem = re.sub(r"[^A-Za-z0-9]+", "-", str(result.pair))
    return {
        kind: Chart(f"{stem}-{kind}", chart.title, chart.summary, chart.specs) for kind, chart in made.items() if chart
    }
