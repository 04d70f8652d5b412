"""What a look shows, in a line: as it is said while articles are bought or rated."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from harness.reports.words.messages import say
from harness.reports.words.numbers import counted, listed
from harness.reports.words.text import visible
from harness.store.runs.looks import End, Looks
from harness.types import LangPair, SystemName


def look_line(pair: LangPair, looks: Looks, what: str) -> str:
    """The last look that was made, and what it showed."""
    articles = say("until.of", n=f"{looks.made[-1].articles:,}", articles=counted(looks.counts[-1], "article"))
    head = say("until.head", pair=str(pair), n=len(looks.made), all=len(looks.counts), articles=articles)
    return f"{head}: {what}" if what else head


def look_result(left: Sequence[SystemName], out: Collection[SystemName], end: End | None) -> str:
    """Who is out since the last look, and what is still in question.

    Args:
        left: the systems that are not out, best first.
        out: those that this look put out.
        end: why it was the last one; None or ``open`` where it was not.
    """
    parts = [say("until.out", systems=visible(listed(list(out))))] if out else []
    if len(left) == 1:
        parts.append(say("until.best", system=visible(left[0])))
    elif end == "tied":
        parts.append(say("until.will_tie", systems=visible(listed(list(left)))))
    elif end in (None, "open"):
        parts.append(say("until.open", systems=counted(len(left), "system")))
    return "; ".join(parts)
