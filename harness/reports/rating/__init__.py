"""The page on which people rate: its files, and its words in the language in use. It names no system."""

from __future__ import annotations

from importlib.resources import files

from harness.reports.words.messages import say
from harness.types import JsonValue, LangPair
from harness.workspace.languages import display_name

FILES = {"": "page.html", "page.css": "page.css", "page.js": "page.js"}
"""Address after the token to file."""

KINDS = {"html": "text/html", "css": "text/css", "js": "text/javascript"}


def page_file(address: str) -> tuple[bytes, str] | None:
    """A file of the page and its type; None where there is none at the address."""
    name = FILES.get(address)
    if name is None:
        return None
    content = files(__package__).joinpath("assets", name).read_bytes()
    return content, KINDS[name.rpartition(".")[2]]


def page_words(pair: LangPair) -> dict[str, JsonValue]:
    """What the page says."""
    return {
        "heading": say("rating.heading", source=display_name(pair.source), target=display_name(pair.target)),
        "how": say("rating.how"),
        "scale": [say(f"rating.scale.{name}") for name in ("scores", "anchors", "context", "letters", "saved")],
        "segment": "{title} · {number} / {total}",
        "progress": "{done} / {total}",
        "slider": say("rating.slider", letter="{letter}"),
        "number": say("rating.number", letter="{letter}"),
        "empty": say("rating.empty"),
        "back": say("rating.back"),
        "skip": say("rating.skip"),
        "next": say("rating.next"),
        "saved": say("rating.saved"),
        "not_saved": say("rating.not_saved"),
        "more": say("rating.more"),
        "done": say("rating.done"),
    }
