"""Charts: a Vega-Lite specification in, SVG or PNG out, drawn when the report is written.

A chart drawn so needs no script to be seen, prints, and scales. Its colours are CSS custom properties of the page it is
put in, so that light and dark are the page's business; files on their own get the light colours. Fields of the data are
named by the code that builds the specification, never by text from outside: Vega reads dots and brackets in names.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Mapping
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


@dataclass(frozen=True, slots=True)
class Frame:
    """What a chart is drawn for; lengths are pixels."""

    name: str
    width: int
    """Of the whole picture; 0 where each chart has a width of its own."""
    names: int
    """Longest name on an axis; the rest of it is cut."""
    margins: tuple[int, int]
    """Left and right. The reader's font may be wider than the one measured: an eighth of the longest name is enough."""


FILE = Frame("file", 0, 220, (32, 12))

WIDE = Frame("wide", 1_100, 220, (32, 12))
"""A page on a screen; the drawing is scaled to its width."""

NARROW = Frame("narrow", 358, 104, (14, 8))
"""A page on a phone."""

Spec = Mapping[str, Any]
"""A Vega-Lite specification, or a part of one."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture and what to say to those who do not see it."""

    name: str
    """Unique within a report; the stem of its file."""
    title: str
    summary: str
    """What the picture shows, in a sentence or two, with its numbers: the text alternative."""
    specs: Mapping[Frame, Spec]
    """Vega-Lite, with its data and without ``config``: for :data:`FILE`, and for pages where it is drawn on any."""

    @property
    def spec(self) -> Spec:
        """What is drawn in a file."""
        return self.specs[FILE]


Name = TypeVar("Name")

LABEL = 32
"""Characters of a name on an axis."""

CHARACTER = 6.5
"""Mean width of a character of the titles of axes, in pixels."""


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


def sized(spec: Spec, frame: Frame, height: int, width: int = 620) -> Spec:
    """A specification with the size of its picture, in pixels: of the plot in a file, of all of it on a page."""
    if not frame.width:
        return {**spec, "width": width, "height": height}
    return {**spec, "width": frame.width, "height": height, "autosize": {"type": "fit-x", "contains": "padding"}}


def on_pages(draw: Callable[[Frame], Spec]) -> dict[Frame, Spec]:
    """The specifications of a chart that is drawn on pages too."""
    return {frame: draw(frame) for frame in (FILE, WIDE, NARROW)}


def in_lines(title: str, frame: Frame) -> list[str]:
    """The title of the horizontal axis, in lines that fit into the picture as far as its words allow."""
    room = (frame.width or 620) - frame.names
    return textwrap.wrap(title, int(room / CHARACTER), break_long_words=False) or [title]


def charts_missing() -> Missing | None:
    """Why no chart can be drawn here; None where it can."""
    if find_spec("vl_convert") is not None:
        return None
    return Missing(Reason("chart.missing"), told('pip install "translation-harness[charts]"'))


def svg_file(chart: Chart) -> bytes:
    """The chart as a file of its own, for papers: light colours, white ground."""
    return draw_svg(_light(complete(chart.spec, FILE))).encode("utf-8")


def png_file(chart: Chart, scale: float = 2.0) -> bytes:
    """The chart as a PNG, for slides; ``scale`` is pixels per point of the SVG."""
    import vl_convert

    png: bytes = vl_convert.vegalite_to_png(_light(complete(chart.spec, FILE)), vl_version=VEGA_LITE, scale=scale)
    return png


def complete(spec: Spec, frame: Frame) -> dict[str, Any]:
    """A specification with the look of the frame it was made for."""
    left, right = frame.margins
    config = {
        **THEME,
        "padding": {"left": left, "right": right, "top": 4, "bottom": 20},
        "axisQuantitative": {"tickCount": 4 if frame is NARROW else 6},
        "axis": {**THEME["axis"], "labelLimit": frame.names},
    }
    return {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", **spec, "config": config}


def draw_svg(spec: Mapping[str, Any]) -> str:
    """A complete specification as SVG."""
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
