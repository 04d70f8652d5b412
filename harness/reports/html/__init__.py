"""The run as one self-contained HTML file for screen, phone and paper; no network, scripts only for the explorer.

``page`` says what is shown, ``templates/`` lay it out, :mod:`harness.reports.words.messages` has the words and
``assets/`` the look and the script of the segment explorer. Everything a template prints is escaped, messages too; text
from outside goes through the filter ``show``, which also makes hidden characters visible and marks them. The script is
allowed by its hash, puts text into the page as text only, and reads its data from the page: nothing is ever fetched.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import unicodedata
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from harness.analysis import Analysis
from harness.reports.html.folded import MOST_IN_A_MATRIX
from harness.reports.html.links import MOST_IN_ADDRESS, segments_link
from harness.reports.html.page import build_page
from harness.reports.html.segments import LONG
from harness.reports.model.page import build_view
from harness.reports.words.messages import current, plural, say
from harness.reports.words.reasons import sentence
from harness.reports.words.text import direction_of, pieces, visible
from harness.types import Reason
from harness.workspace import registry
from harness.workspace.languages import direction

if TYPE_CHECKING:
    import jinja2
    from markupsafe import Markup

SCRIPTS = (
    *("text.js", "numbers.js", "diff.js", "fit.js", "disagree.js", "pattern.js", "automaton.js", "search.js"),
    *("data.js", "state.js", "selection.js", "notes.js", "files.js"),
    *("blocks.js", "matrix.js", "single.js", "controls.js", "handout.js", "keys.js", "explorer.js"),
    *("bar.js", "landing.js", "address.js", "paged.js", "engines.js", "paper.js", "start.js"),
)

_BREAKS = re.compile(r"(?<=[_/:])(?=[^_./:\s])|(?<=\.)(?=[^\W\d_])")

STYLES = ("report.css", "explorer.css", "paper.css")


class HtmlReport:
    """Everything a person can read about a run, on one page."""

    extension = "html"
    binary = False
    spoken = True

    def render(self, analysis: Analysis) -> bytes:
        """The whole page as UTF-8."""
        view = build_view(analysis)
        pages = [build_page(pair, shown) for pair, shown in zip(analysis.pairs, view.pairs, strict=True)]
        script = _script()
        page = _environment().get_template("report.html.j2")
        return page.render(
            view=view,
            pages=pages,
            **_words(),
            css="\n".join(map(_asset, STYLES)),
            unscripted=_asset("unscripted.css"),
            run=visible(analysis.run.id),
            exporters=[name for name in registry.names("exporters") if registry.is_ours("exporters", name)],
            script=script,
            csp=_policy(script),
            messages=json.dumps(current().tree["explorer"]).replace("<", "\\u003c"),
            long=LONG,
        ).encode("utf-8")


def render_template(name: str, **values: object) -> bytes:
    """A page without scripts in the look of the report, as UTF-8.

    Args:
        name: a template that extends ``plain.html.j2``.
        values: what it shows; everything is escaped.
    """
    return _environment().get_template(name).render(css=_asset("report.css"), **_words(), **values).encode("utf-8")


def _asset(name: str) -> str:
    return files(__name__).joinpath("assets", name).read_text(encoding="utf-8")


def _words() -> dict[str, object]:
    """What every template has of the messages: ``t`` by section, their language's direction, and their plurals."""
    messages = current()
    return {"t": messages.tree, "dir": direction(messages.language), "plural": plural}


@cache
def _script() -> str:
    """The explorer's script, in a function of its own."""
    body = "\n".join(_asset(name) for name in SCRIPTS)
    return f'(() => {{\n"use strict";\n{body}}})();'


def _policy(script: str) -> str:
    """What the page may do: run this one script, style itself, and nothing with the network."""
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )


@cache
def _environment() -> jinja2.Environment:
    """Templates with escaping always on: ``select_autoescape`` goes by extension and would leave ``.j2`` bare."""
    import jinja2

    from harness.reports.html.compiled import CompiledTemplates

    own = Path(__file__)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__name__),
        bytecode_cache=CompiledTemplates(own.parent / "templates", own.read_text(encoding="utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=in_words,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["show"] = show
    environment.filters["show_name"] = show_name
    environment.filters["direction"] = direction_of
    environment.filters["unbroken"] = unbroken
    environment.tests["in_address"] = lambda count: 0 < count <= MOST_IN_ADDRESS
    environment.globals["segments_link"] = segments_link
    environment.globals["most_in_a_matrix"] = MOST_IN_A_MATRIX
    return environment


def in_words(value: object) -> object:
    """What a template prints; a reason as its sentence."""
    return sentence(value) if isinstance(value, Reason) else value


def unbroken(text: str) -> str:
    """``text`` with its percentages and its p kept on one line."""
    return text.replace(" %", "\u00a0%").replace("p = ", "p\u00a0=\u00a0").replace("p < ", "p\u00a0<\u00a0")


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


def show_name(text: str) -> Markup:
    """The same of a name, which may break behind its signs rather than inside its words."""
    from markupsafe import Markup

    return Markup("<wbr>").join(map(show, _BREAKS.split(text)))


def _character_name(stand_in: str) -> str:
    code = stand_in.strip("⟨⟩")
    if not code.startswith("U+"):
        return say("text.control_character")
    return unicodedata.name(chr(int(code.removeprefix("U+"), 16)), say("text.hidden_character")).lower()
