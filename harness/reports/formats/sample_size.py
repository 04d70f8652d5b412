"""A plan of how many articles a comparison needs, as text and as JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence

from harness.analysis import SampleSize
from harness.analysis.stats.power import FEWEST_UNITS, MOST_ARTICLES
from harness.reports.words.messages import say
from harness.reports.words.numbers import counted, format_money, listed, metric_title, rounded_up
from harness.reports.words.text import visible
from harness.types import JsonValue, Unknown

SHORTER = "harness run --segments-per-article N"


def size_text(plan: SampleSize) -> str:
    """A paragraph and a table for one pair."""
    units = counted(plan.units, plan.unit)
    size = counted(plan.segments, "segment")
    compared = counted(plan.systems, "system")
    metric = metric_title(plan.metric)
    lines = [say("size.head", pair=str(plan.pair), metric=metric, units=units, segments=size, systems=compared), ""]
    if isinstance(plan.finds, Unknown) or math.isinf(plan.finds):
        lines.append(f"  {say('size.finds_nothing', units=units, least=FEWEST_UNITS)}")
    else:
        lines.append(f"  {say(f'size.finds.{plan.unit}', units=units, points=rounded_up(plan.finds))}")
    if not isinstance(plan.correlation, Unknown):
        lines.append(f"  {say('size.correlation', value=f'{plan.correlation:.2f}')}")
    lines += [f"  {say('size.wanted', points=f'{plan.difference:g}')}", "", *_table(plan)]
    whole, *shorter = plan.sizings
    if any(sizing.characters < 0.9 * whole.characters and sizing.units < MOST_ARTICLES for sizing in shorter):
        lines += ["", f"  {say('size.shorter', command=SHORTER)}"]
    if plan.unpriced:
        lines.append(f"  {say('size.unpriced', systems=listed([visible(name) for name in plan.unpriced]))}")
    return "\n".join(lines) + "\n"


def _table(plan: SampleSize) -> list[str]:
    units = "articles" if plan.unit == "article" else "independent"
    columns = ["length", units, *(["segments"] if plan.unit == "article" else []), "characters"]
    priced = any(sizing.costs for sizing in plan.sizings)
    rows = [[say(f"size.column.{column}") for column in (*columns, *(["cost"] if priced else []))]]
    for sizing in plan.sizings:
        beyond = sizing.units >= MOST_ARTICLES
        row = [
            f"{sizing.segments_per_article}" if sizing.segments_per_article else say("size.whole"),
            say("size.beyond", most=f"{MOST_ARTICLES:,}") if beyond else f"{sizing.units:,}",
            *(["–" if beyond else f"{sizing.segments:,}"] if plan.unit == "article" else []),
            "–" if beyond else f"{sizing.characters:,}",
        ]
        if priced:
            row.append("–" if beyond else " + ".join(map(format_money, sizing.costs)))
        rows.append(row)
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    return ["  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]


def size_json(plans: Sequence[SampleSize]) -> JsonValue:
    """A list with one object for each pair; null is what is not known."""
    return [
        {
            "pair": str(plan.pair),
            "metric": plan.metric,
            "unit": plan.unit,
            "units": plan.units,
            "segments": plan.segments,
            "systems": plan.systems,
            "level": plan.level,
            "correlation": None if isinstance(plan.correlation, Unknown) else plan.correlation,
            "finds": None if isinstance(plan.finds, Unknown) or math.isinf(plan.finds) else plan.finds,
            "difference": plan.difference,
            "needed": [
                {
                    "segments_per_article": sizing.segments_per_article or None,
                    "units": sizing.units,
                    "more": sizing.units >= MOST_ARTICLES,
                    "segments": sizing.segments,
                    "characters": sizing.characters,
                    "costs": [{"amount": cost.amount, "currency": cost.currency} for cost in sizing.costs],
                }
                for sizing in plan.sizings
            ],
            "unpriced": list(plan.unpriced),
        }
        for plan in plans
    ]
