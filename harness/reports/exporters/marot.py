"""``marot``: a table for Marot (Google's MQM viewer, a page that opens files): texts and scores of all segments.

Ten columns with a header, a row for each system and segment: ``system doc docSegId globalSegId rater source target
category severity metadata``. Rater, category and severity are empty, because nobody marked an error; ``metadata`` has
the segment scores and the references. A metric of which lower is better is negated and called ``-NAME``, because Marot
takes higher for better.

A missing output has no row. A segment without a reference has none in its metadata; a score that is missing is left out
of it. Tabs and line ends within a text are spaces; ``<v>``, which marks an error there, is ``<v >``.
"""

from __future__ import annotations

import json

from harness.reports.exporters.interface import Exported, Handoff
from harness.reports.exporters.texts import Cleaner, one_field, unicode_text
from harness.store.runs.frame import segment_scores
from harness.store.runs.result import MetricScores, SystemResult
from harness.types import JsonValue, Note, Score, Segment

COLUMNS = ("system", "doc", "docSegId", "globalSegId", "rater", "source", "target", "category", "severity", "metadata")


class MarotExporter:
    """A table for Marot, Google's MQM viewer: texts and scores of all segments."""

    extension = "tsv"

    def export(self, handoff: Handoff) -> Exported:
        """The file."""
        clean = Cleaner(_unmarked)
        segments = handoff.result.corpus.segments
        lines, lost = ["\t".join(COLUMNS)], 0
        for system in handoff.result.systems:
            scores = _scores(handoff, system)
            for row, segment in enumerate(segments):
                text = handoff.text(system, row)
                if text is None:
                    lost += 1
                    continue
                about = {"segment": {"metrics": scores[row], **_references(segment)}}
                fields = (
                    one_field(system.name), one_field(segment.id.article), str(segment.id.number), str(row + 1), "",
                    clean(segment.source), clean(text), "", "", json.dumps(about, ensure_ascii=False, allow_nan=False),
                )  # fmt: skip
                lines.append("\t".join(fields))
        notes = (Note("marot", f"missing outputs, without a row: {lost}"),) if lost else ()
        changed = clean.notes("marot", "tabs and line ends are spaces, and <v> is <v >")
        return Exported({"": unicode_text("\n".join([*lines, ""])).encode()}, (*notes, *changed))


def _unmarked(text: str) -> str:
    return one_field(text).replace("<v>", "<v >").replace("</v>", "</v >")


def _references(segment: Segment) -> dict[str, JsonValue]:
    if not segment.references:
        return {}
    named: dict[str, JsonValue] = {f"ref{number}": text for number, text in enumerate(segment.references, start=1)}
    return {"references": named, "primary_reference": "ref1"}


def _scores(handoff: Handoff, system: SystemResult) -> list[dict[str, JsonValue]]:
    """By row: metric to score."""
    found: list[dict[str, JsonValue]] = [{} for _ in handoff.result.corpus.segments]
    for metric, scores in system.scores.items():
        if not isinstance(scores, MetricScores):
            continue
        up = scores.identity.higher_is_better
        values = segment_scores(handoff.result.corpus.segments, system, scores)
        for row, value in zip(found, values, strict=True):
            if isinstance(value, Score):
                row[metric if up else f"-{metric}"] = value.value if up else -value.value
    return found
