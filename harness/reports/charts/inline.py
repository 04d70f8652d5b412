"""Charts as SVG elements of a page, in its colours and its font: one drawing for screens and one for phones."""

from __future__ import annotations

import re

from harness.reports.charts.base import FILE, Chart, Frame, complete, draw_svg
from harness.reports.charts.kept import kept_or_drawn

_TAG = re.compile(r"<[^>]*>")
_ID = re.compile(r'(?<=\bid=")[^"]+|(?<=url\(#)[^)]+')
_PLACE = re.compile(r"\d+\.\d+e-\d+|\d+\.\d{3,}")
_SIZE = re.compile(r'^<svg [^>]*?width="([\d.]+)" height="([\d.]+)"[^>]*>')

_UNSEEN = re.compile(
    r' (?:role|aria-[a-z]+|font-family|pointer-events)="[^"]*"| class="(?![^"]*role-legend)[^"]*"| opacity="1"'
)
"""Attributes that change nothing on the page: all of the picture is hidden from screen readers, and it has one font."""

_EMPTY = re.compile(r'<path class="foreground"[^>]*/>|<path class="background"[^>]*/>(?=<g>)')
"""Frames that Vega draws without a colour."""

_CELLS = re.compile(r'(?<=<g class="mark-rect role-mark marks")([^>]*>)(.*?)(?=</g>)')
_CELL = re.compile(r'<path d="([^"]*)"([^>]*)/>')


def inline_svg(chart: Chart) -> str:
    """The drawings of a chart as SVG elements for an HTML page, one after another; their class is the frame's name.

    Text in the data must be free of control characters (:func:`harness.reports.words.text.visible`); Vega escapes it.
    """
    pages = {frame: spec for frame, spec in chart.specs.items() if frame is not FILE} or chart.specs
    return "".join(
        _drawing(chart.name, frame, kept_or_drawn(complete(spec, frame), draw_svg)) for frame, spec in pages.items()
    )


def _drawing(name: str, frame: Frame, drawn: str) -> str:
    numbers: dict[str, str] = {}  # Vega numbers its ids from the start of the process: the same run, other bytes

    def renamed(match: re.Match[str]) -> str:
        return numbers.setdefault(match[0], f"{name}-{frame.name}-{len(numbers)}")

    def shorter(match: re.Match[str]) -> str:
        # A hundredth of a pixel is not seen, and a chart of two hundred articles becomes half as long.
        return _PLACE.sub(_rounded, _ID.sub(renamed, _UNSEEN.sub("", match[0])))

    size = _SIZE.match(drawn)
    if size is None:
        raise ValueError(f"Vega drew {name} without a size: {drawn[:200]!r}")
    body = _TAG.sub(shorter, _CELLS.sub(_merged, _EMPTY.sub("", drawn[size.end() :])))
    width, height = size[1], size[2]
    # It names no namespace, HTML knows it, and nobody is to focus it.
    head = f'class="{frame.name}" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'<svg {head} aria-hidden="true" focusable="false">{body}'


def _merged(match: re.Match[str]) -> str:
    """The cells of a heat map, which do not overlap, as one path for each look."""
    paths: dict[str, list[str]] = {}
    for path, look in _CELL.findall(match[2]):
        paths.setdefault(look, []).append(path)
    return match[1] + "".join(f'<path d="{"".join(parts)}"{look}/>' for look, parts in paths.items())


def _rounded(match: re.Match[str]) -> str:
    return f"{float(match[0]):.2f}".rstrip("0").rstrip(".")
