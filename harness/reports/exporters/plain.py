"""``plain``: bare text files line for line, as sacrebleu, comet-score and ``harness score`` read them.

``src.txt``, ``ref.txt`` (``ref2.txt`` …), ``hyp.NAME.txt`` for each system, ``docs.txt`` with the article of each line
(``domain<TAB>article`` where every article has a domain) and ``segments.txt`` with ``article:number``. Lines are in the
order of the imported file where that is known for every segment, else article by article.

A segment without a reference, or an output that is missing, is an empty line. Line ends within a text are spaces.
"""

from __future__ import annotations

from harness.reports.exporters.interface import Exported, Handoff
from harness.reports.exporters.order import file_stem, original_order
from harness.reports.exporters.texts import Cleaner, one_line
from harness.types import Note


class PlainExporter:
    """Text files with one segment per line, as sacrebleu, comet-score and ``harness score`` read them."""

    extension = ""

    def export(self, handoff: Handoff) -> Exported:
        """All files.

        Raises:
            UsageError: the name of a system is no name for a file.
        """
        clean = Cleaner(one_line)
        rows, notes = original_order(handoff, "plain")
        segments = handoff.result.corpus.segments
        domains = [
            article.meta.get("domain", "") for article in handoff.result.corpus.articles for _ in article.segments
        ]
        named = all(domain and not domain.isspace() for domain in domains)
        lines: dict[str, list[str]] = {
            "src.txt": [clean(segments[row].source) for row in rows],
            "docs.txt": [
                f"{one_line(domains[row])}\t{segments[row].id.article}" if named else str(segments[row].id.article)
                for row in rows
            ],
            "segments.txt": [str(segments[row].id) for row in rows],
        }
        for number in range(max((len(segment.references) for segment in segments), default=0)):
            name = "ref.txt" if number == 0 else f"ref{number + 1}.txt"
            lines[name] = [clean(text) for row in rows for text in [*segments[row].references[number:], ""][:1]]
        lost = 0
        for system in handoff.result.systems:
            texts = [handoff.text(system, row) for row in rows]
            lost += texts.count(None)
            lines[f"hyp.{file_stem(system.name)}.txt"] = [clean(text or "") for text in texts]
        if lost:
            notes.append(Note("plain", f"missing outputs, left as empty lines: {lost}"))
        files = {name: "".join(f"{line}\n" for line in column).encode() for name, column in lines.items()}
        return Exported(files, (*notes, *clean.notes("plain", "line ends within them are spaces")))
