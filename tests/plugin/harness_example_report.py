"""``tsv``: one line for each system and metric, for a spreadsheet."""

from __future__ import annotations

from harness.analysis import Analysis
from harness.reports.formats.csv import safe_field
from harness.reports.words.reasons import sentence
from harness.store.runs.result import MetricScores
from harness.types import Missing


class TsvReport:
    """Corpus scores in full precision, or the reason why there is none."""

    extension = "tsv"
    binary = False  # text: UTF-8
    spoken = False  # for programs: always in English

    def render(self, analysis: Analysis) -> bytes:
        """The whole table. Names and reasons come from others: none may end a field or start a formula."""
        lines = ["pair\tsystem\tmetric\tscore\tmissing"]
        for pair in analysis.run.pairs:
            for system in pair.systems:
                for metric, scores in system.scores.items():
                    score = scores.corpus if isinstance(scores, MetricScores) else scores
                    value, why = ("", sentence(score.why)) if isinstance(score, Missing) else (repr(score.value), "")
                    fields = [str(pair.pair), system.name, metric, value, why]
                    lines.append("\t".join(field if field == value else safe_field(field) for field in fields))
        return ("\n".join(lines) + "\n").encode("utf-8")
