"""``--human`` and ``--slice``: the numbers of the analysis in every format, and reasons where there are none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import lxml.html
import pytest

from harness.analysis import Analysis, Asked, analyse
from harness.analysis.slices import SliceScore
from harness.analysis.stats.compare import Interval
from harness.errors import UsageError
from harness.reports.formats.markdown import MarkdownReport
from harness.reports.formats.score_json import score_json
from harness.reports.formats.terminal import TerminalReport
from harness.reports.model.breakdown import COEFFICIENTS
from harness.reports.words.numbers import format_difference, format_range, format_score
from harness.types import Missing
from harness.workspace.registry import names

from .build import decimals_of, normal_run
from .read import csv_rows, markdown_tables, parsed, tree
from .read_files import as_shown, junit, latex_tables, parquet_rows, records, workbook
from .rich import METRICS, rich_run

PARTS, SYSTEMS = ("news", "speech"), ("a", "b", "c", "d")

AGREED = ("chrf", "comet", "bleu")

Numbers = Mapping[tuple[str, ...], tuple[float | None, float | None, float | None, int | None]]
"""``(slice, system, metric)`` or ``(metric, coefficient)`` to value, ends of the interval and n."""


@cache
def requested() -> Analysis:
    return analyse(rich_run(), asked=Asked("mqm", ("domain", "position")))


@cache
def page() -> lxml.html.HtmlElement:
    return tree(requested())


def page_rows(title: str) -> list[list[str]]:
    """The rows of a table, without the numbers of notes behind dashes."""
    (table,) = page().xpath(f"//div[starts-with(@aria-label, {title + ', '!r})]/table")
    rows = [[cell.text_content() for cell in row] for row in table.iter("tr")][1:]
    return [["–" if cell.startswith("– ") else cell for cell in row[:4]] for row in rows]


@cache
def expected() -> Numbers:
    """From the analysis, asked by itself."""
    (pair,) = analyse(rich_run()).pairs
    found: dict[tuple[str, ...], tuple[float | None, float | None, float | None, int | None]] = {}
    parts = pair.slices("domain")
    assert not isinstance(parts, Missing)
    for label, part in zip(PARTS, parts, strict=True):
        for system, scores in part.scores.items():
            for metric, score in scores.items():
                known = isinstance(score, SliceScore) and isinstance(score.interval, Interval)
                found[label, system, metric] = (
                    (score.score, score.interval.low, score.interval.high, score.n) if known else (None,) * 4  # type: ignore[union-attr]
                )
    for metric, agreement in pair.human("mqm").metrics.items():
        for field in COEFFICIENTS:
            item = getattr(agreement, field)
            if isinstance(item, Missing):
                found[metric, field] = (None,) * 4
                continue
            ends = (item.interval.low, item.interval.high) if isinstance(item.interval, Interval) else (None, None)
            found[metric, field] = (item.value, *ends, item.n)
    return found


def from_json() -> Numbers:
    return from_document(parsed(requested())["pairs"][0])


def from_score_json() -> Numbers:
    import json

    return from_document(json.loads(score_json(requested().pairs[0], segments=False)))


def from_document(pair: dict) -> Numbers:
    def numbers(item: dict, value: str) -> tuple[float | None, float | None, float | None, int | None]:
        return (None,) * 4 if "missing" in item else (item[value], *(item["ci"] or (None, None)), item["n"])

    return {
        (part["slice"], system, metric): numbers(item, "score")
        for part in pair["slices"]["domain"]
        for system, scores in part["systems"].items()
        for metric, item in scores.items()
    } | {
        (metric, field): numbers(item, "value")
        for metric, coefficients in pair["human"]["mqm"].items()
        for field, item in coefficients.items()
    }


def from_table(rows: list[dict[str, object]]) -> Numbers:
    def number(value: object) -> float | None:
        return None if value in ("", None) else float(str(value))

    found = {}
    for row in rows:
        key = {"slice": (row["part"], row["system"], row["metric"]), "agreement": (row["metric"], row["part"])}
        if row["level"] in key and row["kind"] in ("domain", "mqm"):
            n = number(row["n"])
            values = (*(number(row[name]) for name in ("score", "low", "high")), None if n is None else int(n))
            assert (values[0] is None) == bool(row["missing"])
            found[tuple(map(str, key[str(row["level"])]))] = values
    return found  # type: ignore[return-value]


def from_csv() -> Numbers:
    return from_table([dict(row) for row in csv_rows(requested())])


def from_parquet() -> Numbers:
    return from_table(parquet_rows(requested()))


WHOLE: Mapping[str, Callable[[], Numbers]] = {
    "json": from_json, "score json": from_score_json, "csv": from_csv, "parquet": from_parquet,
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
def test_formats_for_programs_have_the_numbers_in_full(name: str) -> None:
    assert len(expected()) == len(PARTS) * len(SYSTEMS) * 4 + len(AGREED) * len(COEFFICIENTS)
    assert sum(numbers[0] is not None for numbers in expected().values()) > 40
    assert WHOLE[name]() == expected()


def rounded(key: tuple[str, ...]) -> list[str]:
    """Value, interval and n as people see them."""
    value, low, high, n = expected()[key]
    decimals = 3 if len(key) == 2 else decimals_of(key[2]) if key[2] != "mqm" else "significant"
    if value is None:
        return ["–", "–", "–"]
    shown = format_difference(decimals, value) if len(key) == 2 else format_score(decimals, value)
    return [shown, "–" if low is None or high is None else format_range(decimals, low, high), f"{n:,}"]


def slice_rows(metric: str) -> list[list[str]]:
    return [[f"{part}: {name}", *rounded((part, name, metric))] for part in PARTS for name in SYSTEMS]


def plain_cells(table: list[list[str]]) -> list[list[str]]:
    """The first cells of each row, notes left out."""
    return [[cell.split(" (note")[0].split(" (")[0].strip() for cell in row[:4]] for row in table]


TITLES = {"chrf": "chrF by domain", "comet": "COMET by domain", "bleu": "BLEU by domain", "mqm": "mqm by domain"}


@pytest.mark.parametrize("metric", [*METRICS, "mqm"])
def test_tables_for_people_have_the_same_numbers(metric: str) -> None:
    title, rows = TITLES[metric], slice_rows(metric)
    (markdown,) = markdown_tables(requested(), title)
    assert plain_cells(markdown[1:]) == rows
    assert page_rows(title) == rows
    (latex,) = latex_tables(requested(), f"asked-{2 + list(TITLES).index(metric)}")
    assert plain_cells(latex) == rows
    text = TerminalReport().render(requested()).decode("utf-8")
    lines = [line.split() for line in text.partition(f"\n{title} ")[2].split("\n")[2 : 2 + len(rows)]]
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        words = " ".join(row).split()
        assert [word for word in line if not word.startswith("(")][: len(words)] == words


def test_agreement_is_the_same_in_tables_for_people() -> None:
    rows = [rounded((metric, field)) for metric in AGREED for field in COEFFICIENTS]
    (markdown,) = markdown_tables(requested(), "Agreement with mqm")
    (latex,) = latex_tables(requested(), "asked-1")
    assert [row[1:] for row in plain_cells(markdown[1:])] == rows
    assert [row[1:] for row in plain_cells(latex)] == rows
    assert [row[1:] for row in page_rows("Agreement with mqm")] == rows
    assert markdown[1][0] == "chrF: all outputs, Pearson"


def test_the_workbook_has_sheets_for_them_with_the_differences() -> None:
    book = workbook(requested())
    slices = [row for row in records(book["Slices"]) if row["By"].value == "domain"]
    titles = {name: title.split(" by ")[0] for name, title in TITLES.items()}
    assert [[row[name].value for name in ("Slice", "System", "Metric")] for row in slices] == [
        [part, system, titles[metric]] for part in PARTS for system in SYSTEMS for metric in titles
    ]
    keys = [(part, system, metric) for part in PARTS for system in SYSTEMS for metric in titles]
    for row, key in zip(slices, keys, strict=True):
        value, low, high, n = expected()[key]
        kept = [row[name].value for name in ("Score", "Low", "High", "n")]
        if value is None:
            assert isinstance(kept[0], str)
        else:
            assert kept == pytest.approx([value, low, high, n], rel=1e-14)
            assert [as_shown(row["Score"]), f"{as_shown(row['Low'])} to {as_shown(row['High'])}"] == rounded(key)[:2]
    (pair,) = parsed(requested())["pairs"]
    item = pair["slices"]["domain"][1]["systems"]["c"]["chrf"]["difference"]
    (row,) = (row for row, key in zip(slices, keys, strict=True) if key == ("speech", "c", "chrf"))
    assert row["Best"].value == item["best"] == "a"
    ends = [row[name].value for name in ("Difference", "Low (unadjusted)", "High (unadjusted)", "p (adjusted)")]
    assert ends == pytest.approx([-item["value"], -item["ci"][1], -item["ci"][0], item["p_adjusted"]], rel=1e-14)
    agreement = records(book["Agreement"])
    assert len(agreement) == len(AGREED) * len(COEFFICIENTS)
    for row, key in zip(agreement, [(metric, field) for metric in AGREED for field in COEFFICIENTS], strict=True):
        assert expected()[key][0] is None or row["Value"].value == pytest.approx(expected()[key][0], rel=1e-14)


def test_junit_has_them_as_properties_of_the_suite() -> None:
    values = {item.get("name"): str(item.get("value")) for item in junit(requested()).iter("property")}
    for key in expected():
        shown = rounded(key)
        name = f"slice domain: {key[0]}, {key[1]}, {TITLES[key[2]].split(' by ')[0]}" if len(key) == 3 else None
        name = name or f"agreement mqm: {key[1]}, {TITLES[key[0]].split(' by ')[0]}"
        if shown[0] == "–":
            assert values[name].startswith("missing: ")
        else:
            between = f" ({shown[1]})" if shown[1] != "–" else ""
            assert values[name].replace("−", "-") == f"{shown[0]}{between}, n {shown[2]}".replace("−", "-")


def test_what_cannot_be_cut_says_why_everywhere() -> None:
    why = "no article has a second paragraph"
    from harness.reports.load import load_report

    for name in names("reports"):
        report = load_report(name)
        if not report.binary and name != "html":
            text = " ".join(report.render(requested()).decode("utf-8").split())
            assert why in text.replace(r"\allowbreak{}", ""), name
    assert why in " ".join(page().text_content().split())
    assert why in {row["missing"] for row in parquet_rows(requested())}
    assert why in {row["Slice"].value for row in records(workbook(requested())["Slices"])}


def test_ratings_of_one_pair_are_missing_in_the_other_and_unknown_ones_are_refused() -> None:
    made = rich_run()
    other = normal_run().pairs[0]
    two = replace(made, pairs=(*made.pairs, replace(other, corpus=other.corpus)))
    _, second = analyse(two, asked=Asked("mqm")).pairs
    assert isinstance(second.breakdown.humans["mqm"], Missing)
    with pytest.raises(UsageError, match="no scores called 'mqn'") as caught:
        analyse(made, asked=Asked("mqn"))
    assert caught.value.hint.startswith("did you mean 'mqm'?")


def markdown_text(made: Analysis) -> str:
    return " ".join(MarkdownReport().render(made).decode("utf-8").split())


def test_nothing_is_there_that_nobody_asked_for() -> None:
    made = rich_run()
    assert {"Slices", "Agreement"}.isdisjoint(workbook(made).sheetnames)
    assert {row["level"] for row in csv_rows(made)} == {"corpus", "article", "segment"}
    assert markdown_tables(made, "chrF by domain") == []


def test_slices_that_are_all_too_small_are_named_in_one_line() -> None:
    small = analyse(normal_run(), asked=Asked(None, ("length",)))
    (table,) = markdown_tables(small, "chrF by length")
    assert table[1:] == [["chrF by length", *["–"] * 5]]
    assert "Hidden (fewer than 30 scored segments): 10-10 characters (12)." in markdown_text(small)
