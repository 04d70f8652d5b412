"""The run chart of a baseline: as a screen, Markdown, an HTML page and JSON, with the same numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from harness.analysis import BuildChart
from harness.analysis.gate.builds import BuildLine
from harness.analysis.gate.chart import ChartedBuild
from harness.reports.formats.blocks import Grid, Line, rendered
from harness.reports.formats.markdown_text import escape
from harness.reports.html import render_template
from harness.reports.words.messages import plural, say
from harness.reports.words.numbers import counted_as, format_difference, metric_title
from harness.reports.words.text import visible
from harness.types import SIGNIFICANT, Missing
from harness.workspace.screen import MIN_WIDTH, PIPE_WIDTH, Screen, columns_chosen

if TYPE_CHECKING:
    from rich.console import RenderableType

Tested = Sequence[tuple[ChartedBuild, BuildLine]]

PLOT = 21
"""Columns of the plot beside a row; the margin and the baseline have a mark."""

WIDTH, HEIGHT, EDGE = 640, 160, 12
"""Of the picture, in pixels."""

STYLES = {"regressed": "bold red", "inconclusive": "yellow"}

COLUMNS = ("build", "run", "checked", "difference", "p", "level", "verdict")


def about(chart: BuildChart) -> list[str]:
    """What the chart is of, and what its builds risk together."""
    lines = [
        say("builds.baseline", run=chart.baseline, accepted=_minute(chart.accepted)),
        plural("builds.count", len(chart.builds), n=f"{len(chart.builds):,}", numbered=f"{chart.numbered:,}"),
    ]
    most = f"{chart.false_alarm:.0%}".replace("%", " %")
    if isinstance(chart.planned, Missing):
        lines.append(say("builds.alone", most=most))
    else:
        lines.append(say("builds.planned", planned=f"{chart.planned:,}", rule=say("builds.halves"), most=most))
    return [*lines, counted_as("gate.lost_records", chart.lost)] if chart.lost else lines


def title_of(key: tuple[str, str, str, str], margin: float) -> str:
    """``de-en DeepL chrF domain=news, margin 1``."""
    pair, system, metric, part = key
    subject = " ".join(filter(None, (pair, system, metric_title(metric), part)))
    return say("builds.check", subject=subject, margin=f"{margin:g}")


def cells(build: ChartedBuild, check: BuildLine) -> tuple[str, ...]:
    """One row, by :data:`COLUMNS`."""
    number = f"{build.number}" if build.number else say("builds.as_baseline")
    return (
        say("builds.again", n=number) if build.same_as else number,
        visible(build.run),
        _minute(build.checked),
        _signed(check.delta),
        say("number.unknown") if isinstance(check.p_loss, Missing) else f"{check.p_loss:.2g}",
        f"{build.level:.2g}",
        say(f"status.{check.status}"),
    )


def chart_blocks(chart: BuildChart) -> Iterator[RenderableType]:
    """The screen."""
    for line in about(chart):
        yield Line(visible(line))
    for key, tested in chart.series().items():
        yield Line("")
        yield Line(visible(title_of(key, tested[-1][1].margin)), style="bold")
        low, high = _ends(tested)
        rows = [(*cells(build, check), _plot(check, low, high)) for build, check in tested]
        styles = {place: STYLES[check.status] for place, (_, check) in enumerate(tested) if check.status in STYLES}
        header = tuple(say(f"builds.heading.{name}") for name in COLUMNS)
        yield Grid(
            ((*header, say("builds.plot")), *rows),
            right=frozenset({3, 4, 5}),
            indent=2,
            optional=(2, 5, 7, 4),
            styles={0: "dim", **{place + 1: style for place, style in styles.items()}},
            headings=(*header, say("builds.plot")),
        )
    if not chart.series():
        yield Line(say("builds.none"))


def to_terminal(chart: BuildChart) -> str:
    """The screen as plain text."""
    return rendered(chart_blocks(chart), Screen(max(MIN_WIDTH, columns_chosen() or PIPE_WIDTH), wraps=True))


def to_markdown(chart: BuildChart) -> str:
    """A table for each check."""
    parts = [f"## {escape(say('builds.title'))}", "  \n".join(escape(visible(line)) for line in about(chart))]
    for key, tested in chart.series().items():
        names = [escape(say(f"builds.heading.{name}")) for name in COLUMNS]
        rows = [f"| {' | '.join(names)} |", "| --- | --- | --- | ---: | ---: | ---: | --- |"]
        rows += [f"| {' | '.join(map(escape, cells(*row)))} |" for row in tested]
        parts += [f"### {escape(visible(title_of(key, tested[-1][1].margin)))}", "\n".join(rows)]
    if not chart.series():
        parts.append(escape(say("builds.none")))
    return "\n\n".join(parts) + "\n"


def to_html(chart: BuildChart) -> str:
    """A page that needs nothing else."""
    sections = []
    for key, tested in chart.series().items():
        title = title_of(key, tested[-1][1].margin)
        sections.append((title, _picture(tested), _described(tested), [cells(*row) for row in tested]))
    header = [say(f"builds.heading.{name}") for name in COLUMNS]
    return render_template("builds.html.j2", about=about(chart), sections=sections, header=header).decode("utf-8")


def to_json(chart: BuildChart) -> str:
    """Everything, in full precision; what is not known is null."""
    data = {
        "baseline": {"id": chart.baseline, "accepted": chart.accepted},
        "planned": None if isinstance(chart.planned, Missing) else chart.planned,
        "rule": None if isinstance(chart.planned, Missing) else chart.rule,
        "alpha": chart.alpha,
        "false_alarm_at_most": chart.false_alarm,
        "with_new_outputs": chart.numbered,
        "records_lost": chart.lost,
        "builds": [_record(build) for build in chart.builds],
    }
    return json.dumps(data, ensure_ascii=True, indent=1, allow_nan=False) + "\n"


FORMATS: Mapping[str, Callable[[BuildChart], str]] = {
    "terminal": to_terminal,
    "md": to_markdown,
    "html": to_html,
    "json": to_json,
}


def _record(build: ChartedBuild) -> dict[str, Any]:
    return {
        "number": build.number,
        "run": build.run,
        "checked": build.checked,
        "verdict": build.verdict or None,
        "level": build.level,
        "same_as": build.same_as or None,
        "checks": [
            {
                "pair": check.pair,
                "system": check.system,
                "metric": check.metric,
                "slice": f"{check.slice.key}={check.slice.value}" if check.slice else None,
                "delta": None if isinstance(check.delta, Missing) else check.delta,
                "margin": check.margin,
                "p_loss": None if isinstance(check.p_loss, Missing) else check.p_loss,
                "status": check.status,
            }
            for check in build.checks
        ],
    }


def _signed(delta: float | Missing) -> str:
    if isinstance(delta, Missing):
        return say("number.unknown")
    text = format_difference(SIGNIFICANT, delta)
    return f"+{text}" if delta > 0 else text


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")


def _ends(tested: Tested) -> tuple[float, float]:
    """The lowest and the highest of what is drawn: differences, 0 and the margin."""
    drawn = [check.delta for _, check in tested if isinstance(check.delta, float)]
    drawn += [0.0, -max(check.margin for _, check in tested)]
    low, high = min(drawn), max(drawn)
    return (low, high) if high > low else (low - 1.0, high + 1.0)


def _plot(check: BuildLine, low: float, high: float) -> str:
    line = [" "] * PLOT
    for value, mark in ((0.0, "│"), (-check.margin, "┊"), (check.delta, "●")):
        if isinstance(value, float):
            line[round((value - low) / (high - low) * (PLOT - 1))] = mark
    return "".join(line)


def _picture(tested: Tested) -> str:
    """The differences as points in the order of the builds, with lines at the baseline and at the margin."""
    low, high = _ends(tested)

    def height(value: float) -> str:
        return f"{EDGE + (high - value) / (high - low) * (HEIGHT - 2 * EDGE):.1f}"

    step = (WIDTH - 2 * EDGE) / max(1, len(tested) - 1)
    margin = -tested[-1][1].margin
    parts = [
        f'<line x1="0" x2="{WIDTH}" y1="{height(value)}" y2="{height(value)}" stroke="{colour}"{dashes}/>'
        for value, colour, dashes in ((0.0, "currentColor", ""), (margin, "currentColor", ' stroke-dasharray="4 4"'))
    ]
    for place, (_, check) in enumerate(tested):
        if isinstance(check.delta, float):
            size, fill = (6, "#c22") if check.status == "regressed" else (4, "currentColor")
            parts.append(
                f'<circle cx="{EDGE + place * step:.1f}" cy="{height(check.delta)}" r="{size}" fill="{fill}"/>'
            )
    head = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" aria-hidden="true" focusable="false"'
    return f"<svg {head}>{''.join(parts)}</svg>"


def _described(tested: Tested) -> str:
    regressed = sum(check.status == "regressed" for _, check in tested)
    return say("builds.picture", builds=counted_as("builds.drawn", len(tested)), regressed=f"{regressed:,}")
