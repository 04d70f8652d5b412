"""Marked errors as Google's MQM files have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import DataError
from harness.metrics.scores.foreign.mqm import weight_of
from harness.metrics.scores.metric import Scores
from harness.metrics.scores.rows import MarkedError
from harness.reports.words.reasons import noted
from harness.store.runs.result import Run
from tests.export.conftest import ratings_of

OLD = "system\tdoc\tdoc_id\tseg_id\trater\tsource\ttarget\tcategory\tseverity\tcomment"
MAROT = "system\tdoc\tdocSegId\tglobalSegId\trater\tsource\ttarget\tcategory\tseverity\tmetadata"


def write(path: Path, *rows: str, header: str = OLD) -> Path:
    path.write_text("\n".join((header, *rows, "")), encoding="utf-8")
    return path


def row(system: str, number: int, rater: str, target: str, category: str, severity: str, doc: str = "news-1") -> str:
    return "\t".join((system, doc, str(number), "7", rater, "Quelle", target, category, severity, ""))


ROWS = (
    row("good", 1, "ann", "The <v>train</v> arrives", "Accuracy/Mistranslation", "Major"),
    row("good", 1, "ann", "The train <v>arrives </v>", "Fluency/Punctuation", "Minor"),
    row("good", 1, "ben", "The train arrives", "No-error", "No-error"),
    row("fair", 2, "ann", "<v>rubbish</v>", "Non-translation!", "Major"),
    row("fair", 3, "ann", "text", "Style/Awkward", "Neutral"),
)


@pytest.mark.parametrize("header", [OLD, MAROT])
def test_weights_are_summed_by_rater_and_averaged(header: str, run: Run, tmp_path: Path) -> None:
    metric = Scores.from_tsv("mqm", write(tmp_path / "x.tsv", *ROWS, header=header))
    assert not metric.higher_is_better
    assert ratings_of(metric, run) == pytest.approx({
        ("good", "news-1:1"): 5.1 / 2, ("fair", "news-1:2"): 25, ("fair", "news-1:3"): 0
    })  # fmt: skip
    spans = {(spot.system, spot.number): found for spot, found in metric.ratings.spans.items()}
    assert spans["good", 1] == (
        MarkedError((4, 9), "major", "Accuracy/Mistranslation"), MarkedError((10, 18), "minor", "Fluency/Punctuation")
    )  # fmt: skip
    assert spans["fair", 3] == (MarkedError("missing", "neutral", "Style/Awkward"),)


def test_an_error_in_the_source(tmp_path: Path) -> None:
    line = "good\tnews-1\t1\t1\tann\tDas <v>ist</v> so\tThat is so\tSource error\tMinor\t"
    metric = Scores.from_tsv("mqm", write(tmp_path / "x.tsv", line))
    assert [*metric.ratings.spans.values()] == [(MarkedError((4, 7), "minor", "Source error", in_source=True),)]


def test_rows_that_are_no_ratings_are_left_out(run: Run, tmp_path: Path) -> None:
    rows = (row("good", 1, "", "t", "", ""), row("good", 2, "ann", "t", "Missed", "HOTW-test"), *ROWS[:1])
    metric = Scores.from_tsv("mqm", write(tmp_path / "x.tsv", *rows, header=MAROT))
    assert ratings_of(metric, run) == {("good", "news-1:1"): 5}
    assert "rows without a rater, or that check one, left out: 2" in noted(metric.notes[0])


@pytest.mark.parametrize(
    ("severity", "category", "weight"),
    [
        ("Major", "Accuracy/Omission", 5), ("minor", "Style", 1), ("Neutral", "Style", 0), ("Grave", "Accuracy", None),
        ("Minor", "Fluency/Punctuation", 0.1), ("Major", "Fluency/Punctuation", 5), ("no-error", "no-error", 0),
        ("Minor", "Non-translation!", 1), ("Major", "Non-translation!", 25), ("Critical", "Accuracy", 25),
    ],
)  # fmt: skip
def test_the_published_weights(severity: str, category: str, weight: float | None) -> None:
    assert weight_of(severity, category) == weight


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (row("good", 1, "ann", "t", "Accuracy", "Grave"), "x.tsv:2: field 'severity': no weight for 'Grave'"),
        (row("good", 0, "ann", "t", "Accuracy", "Major"), "x.tsv:2: field 'doc_id': '0' is not the number"),
        ("good\tnews-1\t1", "x.tsv:2: 3 fields, but the header has 10"),
        (
            row("good", 9, "ann", "t", "Accuracy", "Major"),
            "x.tsv:2: field 'segment': article 'news-1' has no segment 9",
        ),
        (
            row("good", 1, "ann", "t", "Accuracy", "Major", "olds"),
            "x.tsv:2: field 'article': de-en has no article 'olds'",
        ),
    ],
)
def test_rows_that_are_wrong_or_fit_nothing_are_named(line: str, said: str, run: Run, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=said):
        ratings_of(Scores.from_tsv("mqm", write(tmp_path / "x.tsv", line)), run)
