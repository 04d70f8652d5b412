"""``parquet``: a data set in the style of Hugging Face, with texts: a Parquet file and its card, in a folder.

One row for each segment of ``data/test-00000-of-00001.parquet``:

==============  ==========================  ==========================================================================
column          type                        what it holds
==============  ==========================  ==========================================================================
``pair``        string                      ``de-en``
``article``     string
``segment``     int32                       1-based, within its article
``id``          string                      the one it was imported with; null where it had none
``paragraph``   int32                       1-based, within its article
``source``      string
``references``  list of strings             empty where there is none
``outputs``     map of string to string     system to text; a missing output has no entry
``scores``      map of string to map        metric to system to score; a missing score has no entry
``flags``       map of string to list       system to the kinds of its flags; only systems that have any
``meta``        map of string to string     what the article's file says of it
==============  ==========================  ==========================================================================

``README.md`` is the card: how it was made, and the licences that the articles name.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping

from harness import __version__
from harness.errors import so_many
from harness.reports.exporters.interface import Exported, Handoff
from harness.reports.exporters.texts import Cleaner, one_line, unicode_text
from harness.reports.formats.optional import need
from harness.store.runs.frame import segment_scores
from harness.store.runs.result import MetricScores
from harness.types import Note, Score

FORMAT = "parquet"

DATA = "data/test-00000-of-00001.parquet"


class DatasetExporter:
    """A data set in the style of Hugging Face, with texts: a Parquet file and its card."""

    extension = ""

    def export(self, handoff: Handoff) -> Exported:
        """Both files.

        Raises:
            UsageError: pyarrow is not installed.
        """
        arrow = need("pyarrow", FORMAT, "pyarrow", "parquet")
        parquet = need("pyarrow.parquet", FORMAT, "pyarrow", "parquet")
        clean = Cleaner(unicode_text)
        result = handoff.result
        metas = [
            {clean(key): clean(value) for key, value in sorted(article.meta.items())}
            for article in result.corpus.articles
            for _ in article.segments
        ]
        scores = _scores(handoff)
        rows = [
            {
                "pair": str(result.pair),
                "article": unicode_text(segment.id.article),
                "segment": segment.id.number,
                "id": segment.meta.get("id"),
                "paragraph": segment.paragraph,
                "source": clean(segment.source),
                "references": [clean(text) for text in segment.references],
                "outputs": [
                    (unicode_text(system.name), clean(text))
                    for system in result.systems
                    if (text := handoff.text(system, row)) is not None
                ],
                "scores": [(metric, list(by_system.items())) for metric, by_system in scores[row].items()],
                "flags": [
                    (unicode_text(system.name), [flag.kind for flag in system.flags[row]])
                    for system in result.systems
                    if system.flags and system.flags[row]
                ],
                "meta": list(metas[row].items()),
            }
            for row, segment in enumerate(result.corpus.segments)
        ]
        text = arrow.string()
        schema = arrow.schema([
            ("pair", text), ("article", text), ("segment", arrow.int32()), ("id", text), ("paragraph", arrow.int32()),
            ("source", text), ("references", arrow.list_(text)), ("outputs", arrow.map_(text, text)),
            ("scores", arrow.map_(text, arrow.map_(text, arrow.float64()))),
            ("flags", arrow.map_(text, arrow.list_(text))), ("meta", arrow.map_(text, text)),
        ])  # fmt: skip
        table = arrow.Table.from_pylist(rows, schema=schema)
        buffer = io.BytesIO()
        parquet.write_table(table, buffer, compression="zstd")
        lost = sum(handoff.text(system, row) is None for system in result.systems for row in range(len(rows)))
        notes = (Note(FORMAT, f"missing outputs, without an entry: {lost}"),) if lost else ()
        changed = clean.notes(FORMAT, "U+FFFD for what UTF-8 cannot hold")
        return Exported({DATA: buffer.getvalue(), "README.md": _card(handoff).encode()}, (*notes, *changed))


def _scores(handoff: Handoff) -> list[dict[str, dict[str, float]]]:
    """By row: metric to system to score."""
    segments = handoff.result.corpus.segments
    found: list[dict[str, dict[str, float]]] = [{} for _ in segments]
    for system in handoff.result.systems:
        for metric, scores in system.scores.items():
            if isinstance(scores, MetricScores):
                for row, value in zip(found, segment_scores(segments, system, scores), strict=True):
                    if isinstance(value, Score):
                        row.setdefault(metric, {})[unicode_text(system.name)] = value.value
    return found


def _card(handoff: Handoff) -> str:
    """The data card, whose head is YAML; strings in it are JSON, which is YAML, too."""
    result = handoff.result
    licences = sorted({article.meta.get("licence", "").strip() for article in result.corpus.articles})
    named = [licence for licence in licences if licence]
    languages = list(dict.fromkeys((result.pair.source, result.pair.target)))
    head = {
        "language": languages,
        "license": named[0].lower() if len(licences) == 1 and named else "other",
        "task_categories": ["translation"],
        "configs": [{"config_name": "default", "data_files": [{"split": "test", "path": "data/test-*"}]}],
    }
    lines = ["---", *(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()), "---", ""]
    lines += [
        f"# Translations {result.pair}",
        "",
        f"{so_many(len(result.corpus.segments), 'segment')} of {so_many(len(result.corpus.articles), 'article')}.",
        f"Run {_plain(handoff.run)} of {_plain(handoff.created)}.",
        f"Segments: {_plain(handoff.choice)}. Written by translation-harness {__version__}.",
        "",
        "## Licences",
        "",
        *[f"- {_plain(licence) or 'not named'}" for licence in licences],
        "",
        "## Systems",
        "",
        *[f"- {_plain(system.name)}: {_plain(system.origin)}" for system in result.systems],
        "",
        "## Metrics",
        "",
        *[f"- {_plain(name)}: {_plain(identity.signature)}" for name, identity in result.identities.items()],
        "",
    ]
    return "\n".join(lines)


_MARKDOWN: Mapping[int, str] = {ord(character): f"\\{character}" for character in "\\`*_{}[]<>#|!"}


def _plain(text: str) -> str:
    """Text that is neither Markdown nor HTML."""
    return one_line(text).translate(_MARKDOWN)
