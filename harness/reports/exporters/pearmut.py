"""``pearmut``: a campaign in which people mark errors and score each translation (ESA; ``pearmut-mqm``: MQM).

``pearmut add FILE`` takes it. There is one document for each article, so that raters see the context. In every document
the systems stand in an order drawn by the seed, and Pearmut is told not to draw another: it could not where a system
lacks an output. ``item_id`` is ``article:number``, by which ``--scores`` finds the segments again.

A system without an output for a segment is left out of it, and a segment that nobody translated is left out. A segment
without a reference has no ``ref``; of several references the first is shown. Pearmut runs a text that begins with a tag
such as ``<img`` in the browser of the rater; such a text gets a space before it.
"""

from __future__ import annotations

import json
import random
from typing import ClassVar

from harness.errors import UsageError
from harness.reports.exporters.interface import Exported, Handoff
from harness.reports.exporters.texts import Cleaner, unicode_text
from harness.store.runs.result import article_rows
from harness.types import JsonValue, Note, SystemName

MEDIA = ("<audio ", "<video ", "<img ", "<iframe ")
"""Beginnings of texts that Pearmut puts into its page as they are."""

CHECK = "check:"
"""Before the name of a system: an attention check, a damaged copy of its translation."""

MARKUP = frozenset("\"'<>&")
"""Characters that would end the attribute in which Pearmut keeps the name of a system."""


class PearmutExporter:
    """A campaign of Pearmut in which people mark errors and score each translation (ESA).

    Documents are in one pool for one rater; raise ``users`` for more.
    """

    extension = "json"
    protocol: ClassVar[str] = "ESA"

    def export(self, handoff: Handoff) -> Exported:
        """The campaign.

        Raises:
            UsageError: a system has a name that Pearmut cannot have, or no segment was translated.
        """
        _check_names([system.name for system in handoff.result.systems])
        clean = Cleaner(_not_run)
        draw = random.Random(handoff.seed)  # noqa: S311 - an order, no secret
        documents: list[JsonValue] = []
        lost, untranslated = 0, 0
        for rows in article_rows(handoff.result.corpus).values():
            order = list(handoff.result.systems)
            draw.shuffle(order)
            items: list[JsonValue] = []
            for row in range(rows.start, rows.stop):
                segment = handoff.result.corpus.segments[row]
                texts = {system.name: handoff.text(system, row) for system in order}
                outputs: dict[str, JsonValue] = {name: clean(text) for name, text in texts.items() if text is not None}
                if not outputs:
                    untranslated += 1
                    continue
                lost += len(texts) - len(outputs)
                if check := handoff.checks.get(segment.id):
                    outputs = _among(outputs, f"{CHECK}{check.of}", clean(check.text), draw)
                item: dict[str, JsonValue] = {"item_id": str(segment.id), "src": clean(segment.source)}
                if segment.references:
                    item["ref"] = clean(segment.references[0])
                items.append({**item, "tgt": outputs})
            if items:
                documents.append(items)
        if not documents:
            raise UsageError("no segment was translated, so there is nothing to rate", hint="choose another run")
        campaign = {
            "campaign_id": f"{handoff.run}-{handoff.result.pair}-{self.protocol}",
            "info": {"assignment": "single-stream", "protocol": self.protocol, "users": 1, "shuffle": False},
            "data": documents,
        }
        notes = [Note("pearmut", f"missing outputs, left out of their segments: {lost}")] if lost else []
        if untranslated:
            notes.append(Note("pearmut", f"segments that no system translated, left out: {untranslated}"))
        changed = clean.notes("pearmut", "a space before a tag that the rater's browser would run, or U+FFFD")
        data = f"{json.dumps(campaign, ensure_ascii=False, indent=1)}\n".encode()
        return Exported({"": data}, (*notes, *changed))


class PearmutMqmExporter(PearmutExporter):
    """A campaign of Pearmut in which people mark errors by category and score each translation (MQM)."""

    protocol: ClassVar[str] = "MQM"


def _among(outputs: dict[str, JsonValue], name: str, text: str, draw: random.Random) -> dict[str, JsonValue]:
    """The same with one more, at a place that is drawn."""
    items = list(outputs.items())
    items.insert(draw.randrange(len(items) + 1), (name, text))
    return dict(items)


def _not_run(text: str) -> str:
    plain = unicode_text(text)
    return f" {plain}" if plain.startswith(MEDIA) else plain


def _check_names(names: list[SystemName]) -> None:
    for name in names:
        if name.isdigit() or MARKUP.intersection(name):
            why = "of digits alone, which Pearmut would sort" if name.isdigit() else "with markup in its name"
            raise UsageError(f"the system '{name}' is {why}", hint="rename it, or choose others with --system")
