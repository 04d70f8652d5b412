"""The run as one self-contained HTML file: no network, no script, light and dark, phone and paper.

:mod:`harness.reports.view` and :mod:`harness.reports.html.segments` say what is shown, ``templates/`` lay it out and
``assets/report.css`` gives it its look. Everything a template prints is escaped; text from outside goes through the
filter ``show``, which also makes hidden characters visible and marks them.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from harness.reports.html.segments import LONG, build_segments
from harness.reports.leaderboard import LEGEND
from harness.reports.text import direction_of, pieces
from harness.reports.view import build_view
from harness.runs.result import Run

if TYPE_CHECKING:
    import jinja2
    from markupsafe import Markup


class HtmlReport:
    """Everything a person can read about a run, on one page."""

    extension = "html"

    def render(self, run: Run) -> bytes:
        """The whole page as UTF-8."""
        view = build_view(run)
        page = _environment().get_template("report.html.j2")
        pairs = [(pair, build_segments(result, pair)) for result, pair in zip(run.pairs, view.pairs, strict=True)]
        css = files(__name__).joinpath("assets", "report.css").read_text(encoding="utf-8")
        return page.render(view=view, pairs=pairs, css=css, legend=LEGEND, long=LONG).encode("utf-8")


@cache
def _environment() -> jinja2.Environment:
    """Templates with escaping always on: ``select_autoescape`` goes by extension and would leave ``.j2`` bare."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__name__),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["show"] = show
    environment.filters["direction"] = direction_of
    return environment


def show(text: str) -> Markup:
    """``text`` escaped, with stand-ins for control and hidden characters marked as such."""
    from markupsafe import Markup, escape

    parts = [
        Markup('<span class="hidden-char" title="{}">{}</span>').format(_character_name(piece), piece)
        if is_stand_in
        else escape(piece)
        for is_stand_in, piece in pieces(text)
    ]
    return Markup("").join(parts)


def _character_name(stand_in: str) -> str:
    code = stand_in.strip("⟨⟩")
    if not code.startswith("U+"):
        return "control character"
    return unicodedata.name(chr(int(code.removeprefix("U+"), 16)), "hidden character").lower()
