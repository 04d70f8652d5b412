"""Scores from files: what is read, and what every mistake in a file says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from harness.errors import ConfigError, DataError, UsageError
from harness.metrics.interface import ScoringItem
from harness.metrics.load import load_metric
from harness.metrics.scores.metric import Scores, ScoresOptions
from harness.reports.words.reasons import noted
from tests.metrics.build import context

ITEMS = [ScoringItem(system, line, "s", "h", ()) for system in ("alpha", "beta") for line in (1, 2, 3)]


def table(path: Path, *rows: str, header: str = "system\tline\tscore") -> Path:
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def test_table(tmp_path: Path) -> None:
    path = table(tmp_path / "mqm.tsv", "beta\t3\t-1.5", "alpha\t1\t-2", "human\t1\t0", "alpha\t2\t")
    metric = Scores.from_tsv("mqm", path)
    found = metric.statistics(ITEMS, context())
    assert found.scored.tolist() == [True, False, False, False, False, True]
    assert found.rows.tolist() == [[-2, 1], [0, 0], [0, 0], [0, 0], [0, 0], [-1.5, 1]]
    assert found.identity.name == "mqm"
    assert found.identity.higher_is_better
    assert not found.identity.needs_reference
    assert float(metric.score(found.rows.sum(axis=0))) == -1.75
    kind, digest, number = found.identity.signature.split("|")
    assert (kind, number) == ("scores", "n:3")
    assert len(digest.removeprefix("file:")) == 12
    assert np.isnan(metric.score(np.zeros(2)))
    assert metric.segment_scores(found.rows[found.scored]).tolist() == [-2.0, -1.5]


def test_a_system_nobody_rated_is_unscored(tmp_path: Path) -> None:
    found = Scores.from_tsv("da", table(tmp_path / "da.tsv", "alpha\t1\t70")).statistics(ITEMS, context())
    assert found.scored.tolist() == [True] + [False] * 5


def test_chosen_column_and_direction(tmp_path: Path) -> None:
    path = table(tmp_path / "m.tsv", "alpha\t1\t.5\t7", header="system\tline\tCOMET\terrors")
    metric = Scores.from_tsv("errors", path, column="errors", higher_is_better=False)
    found = metric.statistics(ITEMS, context())
    assert found.rows[0].tolist() == [7, 1]
    assert not found.identity.higher_is_better
    assert found.identity.signature.endswith("|column:errors")


@pytest.mark.parametrize(
    ("header", "row", "score"),
    [
        ("system\tline\tscore\tdomain\tother", "alpha\t1\t5\tnews\t7", 5),
        ("system\tline\tmqm", "alpha\t1\t6", 6),
        ("annotator\tdomain\tmqm\tsystem\tline", "x\tnews\t7\talpha\t1", 7),
    ],
)
def test_the_column_that_must_be_meant(tmp_path: Path, header: str, row: str, score: float) -> None:
    found = Scores.from_tsv("x", table(tmp_path / "x.tsv", row, header=header)).statistics(ITEMS, context())
    assert found.rows[0].tolist() == [score, 1]
    assert ("column:mqm" in found.identity.signature) == ("mqm" in header)


def test_which_of_several_columns_is_not_guessed(tmp_path: Path) -> None:
    path = table(tmp_path / "x.tsv", "alpha\t1\t5\t1\tme", header="system\tline\tesa\tspans\twho")
    with pytest.raises(DataError, match=r":1: no column 'score', and several columns have numbers: esa, spans; found"):
        Scores.from_tsv("x", path)
    with pytest.raises(DataError, match="expected one column 'eas', found 0"):
        Scores.from_tsv("x", path, column="eas")


def test_several_ratings_of_a_segment_are_averaged(tmp_path: Path) -> None:
    rows = ["alpha\t1\t0.1\tx", "alpha\t1\t0.2\ty", "alpha\t1\t0.3\tz", "alpha\t1\t\tw", "alpha\t2\t1\tx"]
    header = "system\tline\tscore\tannotator"
    means = []
    for order in (rows, rows[::-1]):
        metric = Scores.from_tsv("da", table(tmp_path / "x.tsv", *order, header=header))
        found = metric.statistics(ITEMS, context())
        means.append(found.rows[0, 0])
        assert found.rows[1:3].tolist() == [[1, 1], [0, 0]]
        assert found.identity.signature.endswith("|n:2|averaged:1")
        rated, agreement = map(noted, metric.notes)
        assert rated == "da: 1 segment was rated more than once; its score is the mean of the ratings"
        assert agreement.startswith("da: 1 translation has several ratings: Krippendorff's alpha 0.00")
    assert means[0] == means[1] == pytest.approx(0.2)
    assert not Scores.from_tsv("da", table(tmp_path / "x.tsv", rows[-1], header=header)).notes


def test_other_systems_may_be_anything(tmp_path: Path) -> None:
    path = table(tmp_path / "x.tsv", "alpha\t1\t5", "refA\t1\t1", "refA\t1\t1", "refB\t99\t1")
    assert Scores.from_tsv("x", path).statistics(ITEMS, context()).scored.tolist() == [True] + [False] * 5


def test_the_published_tables_are_read_as_they_are(wmt_data: Path) -> None:
    read = 0
    for path in (path for kind in ("human_*", "llm_gemba", "metrics") for path in wmt_data.glob(f"*/{kind}_seg.tsv")):
        lines = (path.parent / "source.txt").read_bytes().count(b"\n")
        with path.open(encoding="utf-8") as stream:
            header, first = stream.readline().rstrip("\n").split("\t"), stream.readline().split("\t")
        columns = [name for name in header[2:] if name != "annotator"]
        here = [ScoringItem(first[0], line, "s", "h", ()) for line in range(1, lines + 1)]
        for column in {columns[0], columns[-1]} if len(columns) > 1 else [""]:
            found = Scores.from_tsv("human", path, column=column).statistics(here, context())
            assert found.scored.any(), (path, column)
            read += 1
        if len(columns) > 1:
            with pytest.raises(DataError, match="several columns have numbers"):
                Scores.from_tsv("human", path)
    assert read > 14


def test_signature_follows_the_content(tmp_path: Path) -> None:
    signatures = {
        Scores.from_tsv("x", table(tmp_path / "x.tsv", f"alpha\t1\t{score}"))
        .statistics(ITEMS, context())
        .identity.signature
        for score in (1, 2)
    }
    assert len(signatures) == 2


def test_lines(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"0.5\r\n\r\n1e-1\r\n")
    (tmp_path / "b.txt").write_bytes(b"\xef\xbb\xbf1\n2\n")
    files = {"alpha": tmp_path / "a.txt", "beta": tmp_path / "b.txt"}
    with pytest.raises(DataError, match=r"b\.txt: 2 lines for system 'beta', but 3 segments"):
        Scores.from_lines("x", files).statistics(ITEMS, context())
    (tmp_path / "b.txt").write_bytes(b"\xef\xbb\xbf1\n2\n\n")
    found = Scores.from_lines("x", files).statistics(ITEMS, context())
    assert found.rows[:, 0].tolist() == [0.5, 0, 0.1, 1, 2, 0]
    assert found.scored.tolist() == [True, False, True, True, True, False]
    assert found.identity.signature.endswith("|n:4")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["alpha\t1\tgood"], ":2: field 'score': 'good' is not a finite number"),
        (["alpha\t1\tnan"], ":2: field 'score': 'nan' is not a finite number"),
        (["alpha\t1\t1", "alpha\t2\t-inf"], ":3: field 'score': '-inf' is not a finite number"),
        (["alpha\t1\t1_0"], ":2: field 'score': '1_0' is not a finite number"),
        (["alpha\t0\t1"], ":2: field 'line': '0' is not a line number"),
        (["alpha\t1.0\t1"], ":2: field 'line': '1.0' is not a line number"),
        (["alpha\t4\t1"], ":2: field 'line': system 'alpha' has no line 4; the last is 3"),
        (["alpha\t1\t1", "beta\t1\t1", "alpha\t1\t2"], ":4: system 'alpha', line 1 was already rated at .*:2"),
        (["alpha\t1"], ":2: 2 fields, but the header has 3"),
        (["\t1\t1"], ":2: field 'system' is empty"),
        (["Alpha\t1\t1"], "none of the systems .alpha, beta. is rated; rated systems: Alpha"),
    ],
)
def test_mistakes_in_a_table(tmp_path: Path, rows: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        Scores.from_tsv("x", table(tmp_path / "x.tsv", *rows)).statistics(ITEMS, context())


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            "system\tline\tesa\tspans\twho",
            ":1: no column 'score', and no other column has only numbers; found: system, line, esa",
        ),
        ("system\tscore", ":1: expected one column 'line', found 0; columns: system, score"),
        ("system\tline\tscore\tscore", ":1: expected one column 'score', found 2"),
        ("system\tline", ":1: expected one column 'score', found 0"),
    ],
)
def test_mistakes_in_a_header(tmp_path: Path, header: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        Scores.from_tsv("x", table(tmp_path / "x.tsv", header=header))


def test_mistakes_in_lines(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("1\n2\n3\n4\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.txt:4: field 'line': system 'alpha' has no line 4; the last is 3"):
        Scores.from_lines("x", {"alpha": tmp_path / "a.txt"}).statistics(ITEMS, context())
    with pytest.raises(DataError, match="scores for 'alfa', which is not among the systems") as caught:
        Scores.from_lines("x", {"alfa": tmp_path / "a.txt"}).statistics(ITEMS, context())
    assert "did you mean 'alpha'?" in caught.value.hint
    (tmp_path / "a.txt").write_text("1\nx\n3\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.txt:2: field 'score': 'x'"):
        Scores.from_lines("x", {"alpha": tmp_path / "a.txt"})


def test_unreadable(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere\.tsv: No such file"):
        Scores.from_tsv("x", tmp_path / "nowhere.tsv")
    (tmp_path / "latin.tsv").write_bytes(b"system\tline\tscore\nM\xfcnchen\t1\t2\n")
    with pytest.raises(DataError, match=r"latin\.tsv: not UTF-8 \(byte 19\)"):
        Scores.from_tsv("x", tmp_path / "latin.tsv")


def test_options() -> None:
    with pytest.raises(UsageError, match="set either 'file'"):
        Scores(ScoresOptions())
    with pytest.raises(UsageError, match="set either 'file'"):
        Scores(ScoresOptions(file="a.tsv", files={"alpha": "a.txt"}))


def test_load_metric(tmp_path: Path) -> None:
    path = table(tmp_path / "mqm.tsv", "alpha\t1\t-2")
    metric = load_metric("mqm", {"metric": "scores", "file": str(path), "higher_is_better": False}, "harness.toml")
    assert (metric.name, metric.higher_is_better) == ("mqm", False)
    assert load_metric("chrf++", {}, "harness.toml").name == "chrf++"
    with pytest.raises(UsageError, match="unknown metric 'blue'") as caught:
        load_metric("blue", {}, "harness.toml")
    assert "did you mean 'bleu'?" in caught.value.hint
    with pytest.raises(ConfigError, match=r"harness.toml \[metric.bleu\]: unknown key 'tokenise'") as wrong:
        load_metric("bleu", {"tokenise": "13a"}, "harness.toml [metric.bleu]")
    assert "did you mean 'tokenize'?" in wrong.value.hint
    with pytest.raises(ConfigError, match="'chrf' is the name of a metric, so 'scores' cannot be shown under it"):
        load_metric("chrf", {"metric": "scores", "file": str(path)}, "harness.toml [metric.chrf]")
    with pytest.raises(ConfigError, match="key 'beta'"):
        load_metric("chrf", {"beta": "2"}, "harness.toml")
