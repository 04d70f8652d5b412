"""Charts: a Vega-Lite specification in, SVG or PNG out, drawn when the report is written.

A chart drawn so needs no script to be seen, prints, and scales. Its colours are CSS custom properties of the page it is
put in, so that light and dark are the page's business; files on their own get the light colours. Fields of the data are
named by the code that builds the specification, never by text from outside: Vega reads dots and brackets in names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, TypeVar

from harness.types import Missing, Reason, told

VEGA_LITE = "5.21"
"""The version of the language the specifications are written in."""

INK, QUIET, LINE, PAGE = "var(--ink)", "var(--quiet)", "var(--line)", "var(--page)"

SERIES = tuple(f"var(--series-{number})" for number in range(1, 9))
"""Colours that tell lines and points apart; after Okabe and Ito (2008), to be told apart by the colour-blind."""

HEAT = tuple(f"var(--heat-{number})" for number in range(1, 8))
"""From worst to best."""

LIGHT: Mapping[str, str] = {
    "ink": "#1b1d21",
    "quiet": "#565b63",
    "line": "#dcdcd6",
    "page": "#ffffff",
    **dict(
        zip(
            (f"series-{number}" for number in range(1, 9)),
            ("#0a62a8", "#c25700", "#00795a", "#a83e7c", "#6b5200", "#2f86b8", "#6a51a3", "#4d4f53"),
            strict=True,
        )
    ),
    **dict(
        zip(
            (f"heat-{number}" for number in range(1, 8)),
            ("#b35806", "#e08f3a", "#f7cf9b", "#ecebe8", "#b5d3e6", "#6aa5cc", "#24689c"),
            strict=True,
        )
    ),
}
"""The colours of charts on their own, and of the page in light; ``assets/report.css`` holds those of the dark."""

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'

THEME: Mapping[str, Any] = {
    "background": None,
    "aria": False,  # the figure around the chart names it and describes it
    "font": FONT,
    "view": {"stroke": None},
    # The reader's font may be wider than the one measured: an eighth is 30 pixels of the longest name.
    "padding": {"left": 32, "right": 12, "top": 4, "bottom": 20},
    "axisQuantitative": {"tickCount": 6},
    "axis": {
        "labelColor": QUIET,
        "titleColor": QUIET,
        "gridColor": LINE,
        "domainColor": LINE,
        "tickColor": LINE,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": 400,
        "titlePadding": 8,
        "labelLimit": 220,
    },
    "legend": {
        "labelColor": INK,
        "titleColor": QUIET,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": 400,
        "labelLimit": 220,
        "columnPadding": 32,
        "symbolStrokeWidth": 2,
    },
    "header": {"labelColor": INK, "titleColor": QUIET, "labelFontSize": 12},
    "text": {"color": INK, "fontSize": 12},
    "rule": {"color": QUIET},
}

_TAG = re.compile(r"<[^>]*>")
_ID = re.compile(r'(?<=\bid=")[^"]+|(?<=url\(#)[^)]+')
_PLACE = re.compile(r"\d+\.\d{3,}")
_SIZE = re.compile(r'^<svg [^>]*?width="([\d.]+)" height="([\d.]+)"[^>]*>')


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture and what to say to those who do not see it."""

    name: str
    """Unique within a report; the stem of its file."""
    title: str
    summary: str
    """What the picture shows, in a sentence or two, with its numbers: the text alternative."""
    spec: Mapping[str, Any]
    """Vega-Lite, with its data in it and without ``config``."""


Spec = dict[str, Any]
"""A Vega-Lite specification, or a part of one."""

Name = TypeVar("Name")

LABEL = 32
"""Characters of a name on an axis."""


def shorten_name(label: str, room: int = LABEL) -> str:
    """A name that fits beside an axis; it ends in an ellipsis where it was cut."""
    return label if len(label) <= room else f"{label[: room - 1]}…"


def short_names(labels: Mapping[Name, str]) -> dict[Name, str]:
    """:func:`shorten_name` of each; those that would look alike are numbered, because a chart goes by the text."""
    short = {name: shorten_name(label) for name, label in labels.items()}
    often = Counter(short.values())
    return {
        name: text if often[text] == 1 else f"{number}: {shorten_name(labels[name], LABEL - 4)}"
        for number, (name, text) in enumerate(short.items(), start=1)
    }


def sized(spec: Spec, height: int, width: int = 620) -> Spec:
    """A specification with the size of its picture, in pixels."""
    return {**spec, "width": width, "height": height}


def charts_missing() -> Missing | None:
    """Why no chart can be drawn here; None where it can."""
    if find_spec("vl_convert") is not None:
        return None
    return Missing(Reason("chart.missing"), told('pip install "translation-harness[charts]"'))


def inline_svg(chart: Chart) -> str:
    """The chart as an SVG element for an HTML page, in the page's colours; ids are unique to the chart.

    Text in the data must be free of control characters (:func:`harness.reports.words.text.visible`); Vega escapes it.
    """
    drawn = _SIZE.sub(_with_view_box, _draw(_complete(chart.spec)), count=1)
    numbers: dict[str, str] = {}  # Vega numbers its ids from the start of the process: the same run, other bytes

    def renamed(match: re.Match[str]) -> str:
        return numbers.setdefault(match[0], f"{chart.name}-{len(numbers)}")

    # A hundredth of a pixel is not seen, and a chart of two hundred articles becomes half as long.
    return _TAG.sub(lambda tag: _PLACE.sub(_rounded, _ID.sub(renamed, tag[0])), drawn)


def _rounded(match: re.Match[str]) -> str:
    return f"{float(match[0]):.2f}".rstrip("0").rstrip(".")


def _with_view_box(match: re.Match[str]) -> str:
    """The head of the element: it names no namespace, HTML knows it, and nobody is to focus it."""
    width, height = match[1], match[2]
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-hidden="true" focusable="false">'
    )


def svg_file(chart: Chart) -> bytes:
    """The chart as a file of its own, for papers: light colours, white ground."""
    return _draw(_light(_complete(chart.spec))).encode("utf-8")


def png_file(chart: Chart, scale: float = 2.0) -> bytes:
    """The chart as a PNG, for slides; ``scale`` is pixels per point of the SVG."""
    import vl_convert

    png: bytes = vl_convert.vegalite_to_png(_light(_complete(chart.spec)), vl_version=VEGA_LITE, scale=scale)
    return png


def _complete(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", **spec, "config": dict(THEME)}


def _draw(spec: Mapping[str, Any]) -> str:
    import vl_convert

    # Nothing is ever fetched: data stand in the specification, and no address is allowed.
    svg: str = vl_convert.vegalite_to_svg(dict(spec), vl_version=VEGA_LITE, allowed_base_urls=[])
    return svg


def _light(value: Any) -> Any:
    """The same specification with the light colours in place of the custom properties."""
    if isinstance(value, dict):
        made = {key: _light(item) for key, item in value.items()}
        return {**made, "background": LIGHT["page"], "padding": 12} if "$schema" in made else made
    if isinstance(value, list | tuple):
        return [_light(item) for item in value]
    if isinstance(value, str) and value.startswith("var(--"):
        return LIGHT.get(value.removeprefix("var(--").removesuffix(")"), value)
    return value
