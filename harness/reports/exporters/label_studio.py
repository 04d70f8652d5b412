"""``label-studio``: tasks for Label Studio in which people correct the best translation and rate every system.

The file of the tasks is for "Import", the ``.config.xml`` beside it for "Labeling Interface / Code". The systems of a
task are ``mt_A``, ``mt_B`` …, shuffled for each task by the seed; ``systems`` in its data says who they are, and is not
shown. The text to correct begins as that of the best system, as a prediction.

A missing output is an empty text, and where the best has none there is nothing to begin with. A segment without a
reference has an empty one; of several the first is shown.
"""

from __future__ import annotations

import json
import random
from xml.sax.saxutils import quoteattr

from harness.errors import UsageError
from harness.reports.exporters.interface import Exported, Handoff
from harness.reports.exporters.texts import Cleaner, xml_text
from harness.types import JsonValue, Note

FORMAT = "label-studio"

MOST_SYSTEMS = 26


class LabelStudioExporter:
    """Tasks for Label Studio, in which people correct the best translation and rate every system, and their config."""

    extension = "json"

    def export(self, handoff: Handoff) -> Exported:
        """Both files.

        Raises:
            UsageError: there are more systems than letters, or none.
        """
        systems = handoff.result.systems
        if not 1 <= len(systems) <= MOST_SYSTEMS:
            raise UsageError(
                f"{len(systems)} systems; {FORMAT} has letters for {MOST_SYSTEMS}", hint="choose some with --system"
            )
        letters = [chr(ord("A") + index) for index in range(len(systems))]
        clean = Cleaner(xml_text)
        draw = random.Random(handoff.seed)  # noqa: S311 - an order, no secret
        tasks: list[JsonValue] = []
        lost = 0
        for row, segment in enumerate(handoff.result.corpus.segments):
            order = dict(zip(letters, draw.sample(systems, len(systems)), strict=True))
            texts = {letter: handoff.text(system, row) for letter, system in order.items()}
            lost += sum(text is None for text in texts.values())
            data: dict[str, JsonValue] = {
                "id": str(segment.id),
                "article": str(segment.id.article),
                "source": clean(segment.source),
                "reference": clean(segment.references[0]) if segment.references else "",
                **{f"mt_{letter}": clean(text or "") for letter, text in texts.items()},
                "systems": {letter: str(system.name) for letter, system in order.items()},
            }
            begin = next((texts[letter] for letter, system in order.items() if system.name == handoff.best), None)
            predictions: list[JsonValue] = []
            if begin is not None:
                value: JsonValue = {"text": [clean(begin)]}
                result: JsonValue = {"from_name": "edited", "to_name": "source", "type": "textarea", "value": value}
                predictions = [{"model_version": str(handoff.best), "result": [result]}]
            tasks.append({"data": data, "predictions": predictions})
        notes = (Note(FORMAT, f"missing outputs, left as empty texts: {lost}"),) if lost else ()
        changed = clean.notes(FORMAT, "U+FFFD for what no page can show")
        data_file = f"{json.dumps(tasks, ensure_ascii=False, indent=1)}\n".encode()
        return Exported({"": data_file, ".config.xml": _config(letters)}, (*notes, *changed))


def _config(letters: list[str]) -> bytes:
    lines = [
        "<View>",
        '  <Header value="Source"/>',
        '  <Text name="source" value="$source"/>',
        '  <Header value="Reference"/>',
        '  <Text name="reference" value="$reference"/>',
    ]
    for letter in letters:
        lines += [
            f"  <Header value={quoteattr(f'Translation {letter}')}/>",
            f'  <Text name="mt_{letter}" value="$mt_{letter}"/>',
            f'  <Number name="score_{letter}" toName="mt_{letter}" min="0" max="100"/>',
        ]
    lines += [
        '  <Header value="Corrected translation"/>',
        '  <TextArea name="edited" toName="source" rows="3" editable="true" maxSubmissions="1"/>',
        "</View>",
        "",
    ]
    return "\n".join(lines).encode()
