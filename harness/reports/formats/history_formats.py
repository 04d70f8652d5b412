"""Several runs as Markdown, JSON, CSV and HTML, with the same numbers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.analysis.several.history import Track, Value
from harness.analysis.several.scores import Apart, ScoreChange
from harness.reports.charts.base import charts_missing
from harness.reports.charts.inline import inline_svg
from harness.reports.charts.trend import trend_charts
from harness.reports.formats.csv import safe_field
from harness.reports.formats.markdown_text import BUDGET, escape
from harness.reports.html import render_template
from harness.reports.model.history import HistoryView
from harness.reports.words.messages import say
from harness.reports.words.numbers import (
    arrow,
    counted_as,
    format_difference,
    format_p,
    format_range,
    format_score,
    metric_title,
)
from harness.reports.words.reasons import sentence
from harness.reports.words.text import shorten, visible
from harness.types import Missing, Score

MOST_RUNS = 8
"""Columns of a table; the first run and the latest of the others."""

LABEL = 60

COLUMNS = ("pair", "system", "metric", "kind", "run", "against", "score", "low", "high", "p", "p_adjusted", "missing")


@dataclass(frozen=True, slots=True)
class Table:
    """One metric of one pair, as shown."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    remarks: tuple[str, ...]


def tables(history: HistoryView) -> list[Table]:
    """The tables of the formats that people read; every text is visible and none is escaped."""
    count = len(history.runs)
    shown = list(range(count)) if count <= MOST_RUNS else [0, *range(count - MOST_RUNS + 1, count)]
    made = []
    for (pair, metric), tracks in history.groups().items():
        rows, remarks = [], []
        for track in tracks:
            delta, interval, p, why = _change(track)
            name = shorten(track.label, LABEL)
            rows.append((name, *(_value(track, index) for index in shown), delta, interval, p))
            if why:
                remarks.append(say("history.no_difference", system=name, why=why))
            remarks += [
                f"{name}, {history.titles[index]}: {shorten(visible(sentence(apart.why)), 300)}."
                for index in shown
                if (apart := track.values[index].apart) and not (why and count == len(("first", "last")))
            ]
        if len(shown) < count:
            remarks.append(counted_as("history.more_runs", count - len(shown)))
        title = f"{visible(pair)}: {visible(metric_title(metric))} {arrow(tracks[0].higher_is_better)}"
        names = (history.titles[index] for index in shown)
        header = (
            say("leaderboard.system"),
            *names,
            "Δ",
            say("comparisons.heading.interval_alone"),
            say("comparisons.heading.p_adjusted"),
        )
        made.append(Table(title, header, tuple(rows), tuple(remarks)))
    return made


def _value(track: Track, index: int) -> str:
    value = track.values[index]
    if isinstance(value.score, Missing):
        return "–"
    return format_score(track.decimals, value.score.value) + (" ≠" if value.apart else "")


def _change(track: Track) -> tuple[str, str, str, str]:
    """Difference, interval, p, and why there is no difference."""
    row = track.change
    found = row if isinstance(row, Apart) else row.change
    if isinstance(found, Apart) or isinstance(row, Apart):
        why = sentence(found.why) if isinstance(found, Apart) else ""
        return "–", "–", "–", shorten(visible(why).removesuffix("."), 300)
    interval = found.interval
    shown = "–" if isinstance(interval, Missing) else format_range(track.decimals, interval.low, interval.high)
    p = "–" if isinstance(row.p_adjusted, Missing) else format_p(row.p_adjusted)
    return format_difference(track.decimals, found.delta), shown, p, ""


def render_markdown(history: HistoryView) -> bytes:
    """Fits a comment on GitHub; tables that do not are left out, and that is said."""
    title = say("history.span", n=f"{len(history.runs):,}", first=history.titles[0], last=history.titles[-1])
    parts = [f"## {escape(title)}", escape(say("history.legend"))]
    parts += [f"- {escape(shorten(note, 300))}" for note in history.notes[:MOST_RUNS]]
    size, left = sum(map(len, parts)), 0
    for table in tables(history):
        rule = [":--", *["--:"] * (len(table.header) - 1)]
        lines = [map(escape, table.header), rule, *(map(escape, row) for row in table.rows)]
        block = f"### {escape(table.title)}\n\n" + "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
        block += "".join(f"\n\n{escape(remark)}" for remark in table.remarks)
        if size + len(block) > BUDGET:
            left += 1
            continue
        parts.append(block)
        size += len(block) + 2
    if left:
        parts.append(escape(counted_as("history.left_out", left)))
    return ("\n\n".join(parts) + "\n").encode("utf-8")


def render_json(history: HistoryView) -> bytes:
    """Everything at full precision."""
    data = {
        "runs": [
            {"id": run, "name": name, "created": created}
            for (run, created), name in zip(history.runs, history.names, strict=True)
        ],
        "notes": list(history.notes),
        "tracks": [
            {
                "pair": track.pair,
                "system": track.system,
                "metric": track.metric,
                "higher_is_better": track.higher_is_better,
                "values": [
                    {
                        "score": value.score.value,
                        "n": value.score.n,
                        "signature": value.signature,
                        "apart": _apart(value),
                    }
                    if isinstance(value.score, Score)
                    else {"missing": sentence(value.score.why)}
                    for value in track.values
                ],
                "change": _numbers(track),
            }
            for track in history.tracks
        ],
    }
    return (json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode("utf-8", "replace")


def _apart(value: Value) -> str:
    return sentence(value.apart.why) if value.apart else ""


def _numbers(track: Track) -> dict[str, Any]:
    row = track.change
    if isinstance(row, Apart):
        return {"missing": sentence(row.why)}
    if not isinstance(row.change, ScoreChange):
        return {"missing": sentence(row.change.why)}
    found = row.change
    return {
        "before": found.before,
        "after": found.after,
        "delta": found.delta,
        **(
            {"no_interval": sentence(found.interval.why)}
            if isinstance(found.interval, Missing)
            else {"low": found.interval.low, "high": found.interval.high}
        ),
        **({"p": found.p} if not isinstance(found.p, Missing) else {}),
        **({"p_adjusted": row.p_adjusted} if not isinstance(row.p_adjusted, Missing) else {}),
        "unit": found.unit,
        "unit_declared": found.declared,
        "units": found.units,
        "segments": found.segments,
    }


def render_csv(history: HistoryView) -> bytes:
    """One row for each value, and one of kind ``change`` for each system and metric, at full precision."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    first, last = history.runs[0][0], history.runs[-1][0]
    for track in history.tracks:
        key = [safe_field(track.pair), safe_field(track.system), safe_field(track.metric)]
        for (run, _), value in zip(history.runs, track.values, strict=True):
            score = repr(value.score.value) if isinstance(value.score, Score) else ""
            why = sentence(value.score.why) if isinstance(value.score, Missing) else ""
            writer.writerow([*key, "value", safe_field(run), "", score, "", "", "", "", safe_field(why)])
        numbers = _numbers(track)
        cells = [repr(numbers[name]) if name in numbers else "" for name in ("delta", "low", "high", "p", "p_adjusted")]
        why = numbers.get("missing", numbers.get("no_interval", ""))
        writer.writerow([*key, "change", safe_field(last), safe_field(first), *cells, safe_field(why)])
    return file.getvalue().encode("utf-8", "replace")


def render_html(history: HistoryView) -> bytes:
    """A self-contained page without scripts; from three runs on with a chart for each pair and metric."""
    charts = trend_charts(history)
    missing = charts_missing() if charts else None
    drawn = [] if missing else [(chart, inline_svg(chart)) for chart in charts]
    return render_template(
        "history.html.j2",
        history=history,
        sections=[
            (table, drawn[number] if drawn else None) for number, table in enumerate(tables(history))
        ],
        no_charts=f"{sentence(missing.why)}: {sentence(missing.fix)}" if missing else "",
    )  # fmt: skip


FORMATS: Mapping[str, Callable[[HistoryView], bytes]] = {
    "terminal": render_markdown,
    "md": render_markdown,
    "json": render_json,
    "csv": render_csv,
    "html": render_html,
}
"""By ``--format``; the terminal gets Markdown, which reads well there."""
