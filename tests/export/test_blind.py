"""A blind workbook goes to a linguist, and its scores come back with the key."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from harness.errors import DataError, UsageError
from harness.metrics.scores.metric import Scores
from harness.reports.words.reasons import noted
from harness.store.runs.result import Run
from tests.export.conftest import OUTPUTS, build_run, exported, ratings_of

NAME = "blind-xlsx"

Fill = Callable[[Any], None]


@pytest.fixture
def workbook(run: Run, tmp_path: Path) -> Callable[..., Path]:
    """Writes the workbook as somebody left it, and its key."""

    def filled(fill: Fill, name: str = "review") -> Path:
        files = exported(NAME, run).files
        book = openpyxl.load_workbook(io.BytesIO(files[""]))
        fill(book["Rating"])
        path = tmp_path / f"{name}.xlsx"
        book.save(path)
        path.with_suffix(".key.json").write_bytes(files[".key.json"])
        return path

    return filled


def columns(sheet: Any) -> dict[str, int]:
    return {cell.value: cell.column for cell in sheet[1]}


def key_of(run: Run, seed: int = 1) -> Any:
    return json.loads(exported(NAME, run, seed=seed).files[".key.json"])["rows"]


def test_the_sheet(run: Run) -> None:
    files = exported(NAME, run).files
    sheet = openpyxl.load_workbook(io.BytesIO(files[""]))["Rating"]
    assert [cell.value for cell in sheet[1]] == [
        "id", "article", "source", "reference", "A", "score A", "B", "score B", "C", "score C", "best", "comment"
    ]  # fmt: skip
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == [
        "news-1:1",
        "news-1:2",
        "news-1:3",
        "blog-2:1",
        "blog-2:2",
    ]
    assert sheet["C5"].value == "=1+1 ist zwei."
    assert sheet["C5"].data_type == "s", "text stays text"
    assert sheet["C5"].quotePrefix
    assert sheet["D5"].value == "=1+1 is two.\n=1+1 makes two."
    assert sheet["D4"].value is None
    rules = {
        str(rule.sqref): (rule.type, rule.formula1, rule.formula2) for rule in sheet.data_validations.dataValidation
    }
    assert rules == {
        "F2:F6": ("decimal", "0", "100"), "H2:H6": ("decimal", "0", "100"), "J2:J6": ("decimal", "0", "100"),
        "K2:K6": ("list", '"A,B,C,equal"', None),
    }  # fmt: skip
    assert "missing outputs, left as empty cells: 1" in noted(exported(NAME, run).notes[0])


def test_nothing_in_the_workbook_names_a_system(run: Run) -> None:
    with zipfile.ZipFile(io.BytesIO(exported(NAME, run).files[""])) as book:
        content = b"".join(book.read(name) for name in book.namelist())
    assert not [name for name in OUTPUTS if f">{name}<".encode() in content]


def test_the_key_says_which_text_is_whose(run: Run) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(exported(NAME, run).files[""]))["Rating"]
    at, key = columns(sheet), key_of(run)
    for row, cells in enumerate(sheet.iter_rows(min_row=2, values_only=True)):
        for letter, system in key[cells[0]].items():
            assert cells[at[letter] - 1] == OUTPUTS[system][row]


def test_systems_are_shuffled_by_row_and_seed(run: Run) -> None:
    assert key_of(run) == key_of(run)
    orders = {tuple(letters.values()) for seed in range(12) for letters in key_of(run, seed).values()}
    assert len(orders) == 6


def test_scores_come_back_on_the_same_segments(run: Run, workbook: Callable[..., Path]) -> None:
    key, draw, expected = key_of(run), random.Random(5), {}

    def fill(sheet: Any) -> None:
        at = columns(sheet)
        for row in range(2, sheet.max_row + 1):
            named = sheet.cell(row, 1).value
            for letter, system in key[named].items():
                if sheet.cell(row, at[letter]).value is not None:
                    expected[system, named] = float(draw.randint(0, 100))
                    sheet.cell(row, at[f"score {letter}"]).value = expected[system, named]
        sheet.cell(2, at["comment"]).value = "nice"

    metric = Scores.from_tsv("review", workbook(fill))
    assert ratings_of(metric, run) == expected
    assert len(expected) == 14
    assert metric.statistics([], context_of(run)).identity.traits.kind == "people"


def context_of(run: Run) -> Any:
    from harness.metrics.interface import MetricContext
    from harness.store.cache.nothing import NoCache
    from tests.export.conftest import PAIR, layout_of

    return MetricContext(PAIR, NoCache(), offline=True, layout=layout_of(run))


def test_rows_may_be_sorted_or_gone_and_numbers_are_as_people_type_them(
    run: Run, workbook: Callable[..., Path]
) -> None:
    key = key_of(run)

    def fill(sheet: Any) -> None:
        at = columns(sheet)
        sheet.delete_rows(2, 3)
        sheet.move_range("A2:L2", rows=2)
        sheet.cell(4, at["score A"]).value = "87,5"
        sheet.cell(3, at["score B"]).value = " "

    assert ratings_of(Scores.from_tsv("review", workbook(fill)), run) == {(key["blog-2:1"]["A"], "blog-2:1"): 87.5}


def test_the_best_of_a_row(run: Run, workbook: Callable[..., Path]) -> None:
    key = key_of(run)

    def fill(sheet: Any) -> None:
        at = columns(sheet)
        sheet.cell(2, at["best"]).value = "B"
        sheet.cell(3, at["best"]).value = "equal"

    found = ratings_of(Scores.from_tsv("review", workbook(fill), column="best"), run)
    assert found == {(system, "news-1:1"): float(letter == "B") for letter, system in key["news-1:1"].items()} | {
        (system, "news-1:2"): 0.5 for system in OUTPUTS
    }


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("score A", 101, r"review.xlsx:2: field 'score A': '101' is not a number from 0 to 100"),
        ("score A", "good", "'good' is not a number from 0 to 100"),
        ("id", "news-1:9", "field 'id': the key has no 'news-1:9'"),
    ],
)
def test_what_was_filled_in_wrongly_is_named(
    column: str, value: object, said: str, workbook: Callable[..., Path]
) -> None:
    def fill(sheet: Any) -> None:
        sheet.cell(2, columns(sheet)[column]).value = value

    with pytest.raises(DataError, match=said):
        Scores.from_tsv("review", workbook(fill))


def test_a_best_that_is_no_letter(workbook: Callable[..., Path]) -> None:
    def fill(sheet: Any) -> None:
        sheet.cell(2, columns(sheet)["best"]).value = "D"

    with pytest.raises(DataError, match="'D' is none of A, B, C and equal"):
        Scores.from_tsv("review", workbook(fill), column="best")
    with pytest.raises(DataError, match="has no scores 'worst'"):
        Scores.from_tsv("review", workbook(fill), column="worst")


def test_without_its_key_nothing_is_read(run: Run, workbook: Callable[..., Path]) -> None:
    path = workbook(lambda sheet: None)
    key = path.with_suffix(".key.json")
    key.write_bytes(exported(NAME, run, seed=2).files[".key.json"])
    with pytest.raises(DataError, match=r"not the key of review\.xlsx"):
        Scores.from_tsv("x", path)
    key.write_text("{}", encoding="utf-8")
    with pytest.raises(DataError, match="not a key of a blind workbook"):
        Scores.from_tsv("x", path)
    key.unlink()
    with pytest.raises(DataError, match=r"review\.key\.json: No such file"):
        Scores.from_tsv("x", path)


def test_workbooks_that_would_fill_memory_or_declare_entities(
    workbook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workbook(lambda sheet: None)
    with zipfile.ZipFile(path, "a") as book:
        book.writestr("xl/evil.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    with pytest.raises(DataError, match="declares entities"):
        Scores.from_tsv("x", path)
    monkeypatch.setattr("harness.metrics.scores.foreign.blind.LARGEST", 100)
    with pytest.raises(DataError, match="unpacks to more than"):
        Scores.from_tsv("x", path)
    path.write_bytes(b"PK\x03\x04nothing")
    with pytest.raises(DataError, match="not a workbook"):
        Scores.from_tsv("x", path)


def test_texts_that_no_cell_holds() -> None:
    texts = ["x" * 40_000, "a\x00b", "=1", "+1", "🫖" * 20_000]
    done = exported(NAME, build_run({"long": texts}))
    sheet = openpyxl.load_workbook(io.BytesIO(done.files[""]))["Rating"]
    found = [row[4].value for row in sheet.iter_rows(min_row=2)]
    assert found[0] == f"{'x' * (32_767 - 27)} [cut: too long for a cell]"
    assert found[1:4] == ["a\ufffdb", "=1", "+1"]
    assert found[4].endswith("🫖 [cut: too long for a cell]")
    assert "texts changed: 3" in noted(done.notes[-1])
    with pytest.raises(UsageError, match="27 systems"):
        exported(NAME, build_run({f"s{number}": ["a"] * 5 for number in range(27)}))
