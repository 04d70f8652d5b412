"""``appraise``: a campaign in which people mark errors and score each translation (ESA; ``appraise-mqm``: MQM).

``manifest.json`` and ``batches.json`` are for ``StartNewCampaign``. A document is an article by one system, and stays
whole within a task where it has at most 100 segments; which come together is drawn by the seed. Appraise silently skips
a task that has not exactly 100 items, so each is filled up with items of its own again, as type ``CHK``, which are not
read back. ``_item`` of an item is ``article:number``, by which ``--scores`` finds the segments again.

A missing output is left out. References are not shown. Appraise runs a source that begins with ``<video`` in the
browser of the rater; such a text gets a zero-width space before it.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from typing import ClassVar

from harness.errors import UsageError
from harness.reports.exporters.interface import Exported, Handoff
from harness.reports.exporters.texts import Cleaner, one_line
from harness.store.runs.result import article_rows
from harness.types import JsonValue, Note

FORMAT = "appraise"

ITEMS = 100
"""In a task, no more and no less."""

CODES = {"pol": "plk", "tur": "trk", "nor": "nob"}
"""Languages that Appraise calls otherwise than ISO 639-3."""

Item = dict[str, JsonValue]


class AppraiseExporter:
    """A campaign of Appraise in which people mark errors and score each translation (ESA)."""

    extension = ""
    protocol: ClassVar[str] = "ESA"

    def export(self, handoff: Handoff) -> Exported:
        """Both files.

        Raises:
            UsageError: no segment was translated, a system has ``#`` in its name, or a language has no code.
        """
        for system in handoff.result.systems:
            if "#" in system.name:
                raise UsageError(f"the system '{system.name}' has a # in its name", hint="rename it, or choose others")
        clean = Cleaner(_not_run)
        draw = random.Random(handoff.seed)  # noqa: S311 - an order, no secret
        documents = list(_documents(handoff, clean))
        lost = sum(
            handoff.text(system, row) is None
            for system in handoff.result.systems
            for row in range(len(handoff.result.corpus.segments))
        )
        if not documents:
            raise UsageError("no segment was translated, so there is nothing to rate", hint="choose another run")
        draw.shuffle(documents)
        tasks, filled = _tasks(documents)
        source, target = (_code(tag) for tag in (handoff.result.pair.source, handoff.result.pair.target))
        batches = [
            {
                "items": [{"itemID": number, **item} for number, item in enumerate(items, start=1)],
                "task": {
                    "batchNo": batch,
                    "randomSeed": handoff.seed,
                    "requiredAnnotations": 1,
                    "sourceLanguage": source,
                    "targetLanguage": target,
                },
            }
            for batch, items in enumerate(tasks, start=1)
        ]
        name = re.sub(r"[^A-Za-z0-9]", "", f"{handoff.run}{source}{target}{self.protocol}")
        manifest = {
            "CAMPAIGN_URL": "http://127.0.0.1:8000/dashboard/sso/",
            "CAMPAIGN_NAME": name,
            "CAMPAIGN_KEY": name,
            "CAMPAIGN_NO": 1,
            "REDUNDANCY": 1,
            "TASKS_TO_ANNOTATORS": [[source, target, "uniform", len(tasks), len(tasks)]],
            "TASK_TYPE": "Document",
            "TASK_OPTIONS": self.protocol,
        }
        files = {"manifest.json": manifest, "batches.json": batches}
        notes = [Note(FORMAT, f"missing outputs, left out: {lost}")] if lost else []
        if filled:
            notes.append(Note(FORMAT, f"items shown again, so that each task has {ITEMS}: {filled}"))
        changed = clean.notes(FORMAT, "line ends are spaces, and nothing that the rater's browser would run begins one")
        data = {
            file: f"{json.dumps(content, ensure_ascii=False, indent=1)}\n".encode() for file, content in files.items()
        }
        return Exported(data, (*notes, *changed))


class AppraiseMqmExporter(AppraiseExporter):
    """A campaign of Appraise in which people mark errors by category (MQM)."""

    protocol: ClassVar[str] = "MQM"


def _not_run(text: str) -> str:
    plain = one_line(text)
    return f"\u200b{plain}" if plain.lstrip().startswith("<video") else plain


def _documents(handoff: Handoff, clean: Cleaner) -> Iterator[list[Item]]:
    """Articles by system, in parts of at most 100 items."""
    pair = str(handoff.result.pair)
    for system in handoff.result.systems:
        for article, rows in article_rows(handoff.result.corpus).items():
            items: list[Item] = []
            for row in range(rows.start, rows.stop):
                segment, text = handoff.result.corpus.segments[row], handoff.text(system, row)
                if text is None:
                    continue
                items.append({
                    "_item": str(segment.id),
                    "itemType": "TGT",
                    "documentID": f"{article}#{system.name}",
                    "sourceID": pair,
                    "sourceText": clean(segment.source),
                    "targetID": str(system.name),
                    "targetText": clean(text),
                    "isCompleteDocument": False,
                    "mqm": [],
                })  # fmt: skip
            for first in range(0, len(items), ITEMS):
                yield items[first : first + ITEMS]


def _tasks(documents: list[list[Item]]) -> tuple[list[list[Item]], int]:
    """Documents into tasks, each into the first with room, and how many items fill them up."""
    tasks: list[list[Item]] = []
    for document in documents:
        room = next((task for task in tasks if len(task) + len(document) <= ITEMS), None)
        if room is None:
            tasks.append(list(document))
        else:
            room += document
    filled = 0
    for task in tasks:
        size = len(task)
        for position in range(ITEMS - size):
            item, again = task[position % size], position // size + 1
            task.append({**item, "itemType": "CHK", "documentID": f"{item['documentID']}#again{again}"})
            filled += 1
    return tasks, filled


def _code(tag: str) -> str:
    import langcodes

    try:
        code = str(langcodes.Language.get(tag).to_alpha3())
    except LookupError as error:
        raise UsageError(f"Appraise has no code for the language '{tag}'", hint="choose another format") from error
    return CODES.get(code, code)
