"""One run, every format: each number is the stored one, and the formats agree with each other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from harness.analysis import analyse
from harness.reports.formats.terminal import TerminalReport
from harness.reports.words.numbers import format_difference, format_p, format_score, metric_title
from harness.reports.words.text import visible
from harness.store.runs.result import MetricScores, Run
from harness.types import Score
from harness.workspace.registry import names

from .build import decimals_of, hostile_run, measured_run, normal_run
from .read import all_scores, csv_rows, html_boards, html_tables, markdown_tables, number, parsed, shown, tree
from .read_files import as_shown, junit, latex_tables, parquet_rows, records, workbook
from .test_formats import all_metrics_missing, incomplete, nothing, one_metric_missing, two_pairs, without_references

RUNS = (
    normal_run,
    two_pairs,
    one_metric_missing,
    all_metrics_missing,
    incomplete,
    without_references,
    nothing,
    hostile_run,
    measured_run,
)

each_run = pytest.mark.parametrize("make", RUNS, ids=lambda make: make.__name__)

Boards = list[list[list[str]]]
"""By pair and system, in leaderboard order: the corpus score of each metric as shown."""


def stored(made: Run) -> Boards:
    """From the run itself, rounded as documented; the order is the leaderboard's."""
    boards = []
    for result, pair in zip(made.pairs, parsed(made)["pairs"], strict=True):
        systems = {system.name: system for system in result.systems}
        rows = []
        for name in pair["leaderboard"]:
            row = []
            for metric in result.metrics:
                scores = systems[name].scores[metric]
                corpus = scores.corpus if isinstance(scores, MetricScores) else scores
                known = isinstance(corpus, Score)
                row.append(format_score(decimals_of(metric), corpus.value) if known else "not scored")
            rows.append(row)
        boards.append(rows)
    return boards


def _from_tables(made: Run, tables: list[list[list[str]]]) -> Boards:
    return [
        [[number(cell) for cell in row[1 : 1 + len(result.metrics)]] for row in table if len(row) > 1]
        for result, table in zip(made.pairs, tables, strict=True)
    ]


def from_markdown(made: Run) -> Boards:
    return _from_tables(made, [table[1:] for table in markdown_tables(made, "System")])


def from_html(made: Run) -> Boards:
    return _from_tables(made, [table[1:] for table in html_boards(made)])


def from_latex(made: Run) -> Boards:
    return _from_tables(made, latex_tables(made, "scores"))


def from_json(made: Run) -> Boards:
    return [
        [
            [shown(metric, one["scores"][metric].get("corpus", one["scores"][metric])) for metric in pair["metrics"]]
            for name in pair["leaderboard"]
            for one in pair["systems"]
            if one["name"] == name
        ]
        for pair in parsed(made)["pairs"]
    ]


def from_xlsx(made: Run) -> Boards:
    rows = records(workbook(made)["Leaderboard"])
    return [
        [
            [as_shown(row[metric_title(metric)]) for metric in result.metrics]
            for row in rows
            if row["Pair"].value == str(result.pair)
        ]
        for result in made.pairs
    ]


@pytest.mark.parametrize("make", [normal_run, two_pairs], ids=lambda make: make.__name__)
def test_csv_says_how_each_score_was_computed(make: Callable[[], Run]) -> None:
    made = make()
    signatures = {
        (pair["pair"], system["name"], metric): scores["signature"]
        for pair in parsed(made)["pairs"]
        for system in pair["systems"]
        for metric, scores in system["scores"].items()
        if "signature" in scores
    }
    assert signatures
    for row in csv_rows(made):
        assert row["signature"] == signatures.get((row["pair"], row["system"], row["metric"]), "")


def _from_rows(made: Run, rows: list[dict[str, object]]) -> Boards:
    found = {
        (row["pair"], str(row["system"]).removeprefix("'"), row["metric"]): row["score"]
        for row in rows
        if row["level"] == "corpus"
    }

    def cell(pair: str, name: str, metric: str) -> str:
        value = found[pair, visible(name), metric]
        return "not scored" if value in (None, "") else format_score(decimals_of(metric), float(str(value)))

    return [
        [[cell(pair["pair"], name, metric) for metric in pair["metrics"]] for name in pair["leaderboard"]]
        for pair in parsed(made)["pairs"]
    ]


def from_csv(made: Run) -> Boards:
    return _from_rows(made, [dict(row) for row in csv_rows(made)])


def from_parquet(made: Run) -> Boards:
    return _from_rows(made, parquet_rows(made))


def from_junit(made: Run) -> Boards:
    cases = {(case.get("classname"), case.get("name")): case for case in junit(made).iter("testcase")}

    def cell(pair: str, name: str, metric: str) -> str:
        case = cases[visible(f"{pair}.{name}"), metric_title(metric)]
        return "not scored" if case.find("skipped") is not None else (case.findtext("system-out") or "").split(" ")[0]

    return [
        [[cell(pair["pair"], name, metric) for metric in pair["metrics"]] for name in pair["leaderboard"]]
        for pair in parsed(made)["pairs"]
    ]


def from_terminal(made: Run) -> Boards:
    """The numbers of the lines that begin with a system's name, as many as there are metrics."""
    lines = TerminalReport().render(analyse(made)).decode("utf-8").split("\n")
    boards = []
    for pair, expected in zip(parsed(made)["pairs"], stored(made), strict=True):
        rows = []
        for name, wanted in zip(pair["leaderboard"], expected, strict=True):
            label = next(one["label"] for one in pair["systems"] if one["name"] == name)
            start = (visible(label) or name)[:18]
            found = [
                re.findall(r"not scored|−?\d+\.\d+", line)[: len(wanted)] for line in lines if line.startswith(start)
            ]
            rows.append(wanted if wanted in found else found[0])
        boards.append(rows)
    return boards


READERS: dict[str, Callable[[Run], Boards]] = {
    "terminal": from_terminal,
    "md": from_markdown,
    "json": from_json,
    "csv": from_csv,
    "html": from_html,
    "latex": from_latex,
    "xlsx": from_xlsx,
    "parquet": from_parquet,
    "junit": from_junit,
}


def test_every_format_there_is_has_a_reader() -> None:
    assert set(READERS) == set(names("reports"))


@each_run
@pytest.mark.parametrize("name", READERS)
def test_corpus_scores_are_the_stored_ones(make: Callable[[], Run], name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "240")
    made = make()
    expected = stored(made)
    assert any(expected) == (make is not nothing)
    assert READERS[name](made) == expected


@each_run
def test_parquet_has_every_score_and_reason_of_the_json(make: Callable[[], Run]) -> None:
    made = make()
    rows = {
        tuple(str(row[key] or "") for key in ("pair", "system", "metric", "article", "segment")): row
        for row in parquet_rows(made)
    }
    entries = all_scores(made)
    assert len(rows) == len(entries)
    for key, entry in entries.items():
        assert rows[key]["score"] == entry.get("score")
        assert rows[key]["missing"] == entry.get("missing")
        assert rows[key]["level"] == ("segment" if key[4] else "article" if key[3] else "corpus")
        assert "n" not in entry or rows[key]["n"] == entry["n"]


@each_run
def test_xlsx_has_every_score_of_the_json_in_full(make: Callable[[], Run]) -> None:
    made = make()
    book = workbook(made)
    found = {}
    for result, pair in zip(made.pairs, parsed(made)["pairs"], strict=True):
        names_shown = dict(_shown_names(made, pair))
        articles = [row for row in records(book["Articles"]) if row["Pair"].value == str(result.pair)]
        segments = records(book[f"Segments {result.pair}"])
        for name in pair["leaderboard"]:
            for metric in pair["metrics"]:
                title = metric_title(metric)
                own = [row for row in articles if row["System"].value == names_shown[name]]
                found |= {(pair["pair"], name, metric, article["id"], ""): row[title].value
                          for article, row in zip(pair["articles"], own, strict=True)}  # fmt: skip
                column = f"{names_shown[name]}: {title}"
                found |= {
                    (pair["pair"], name, metric, article["id"], str(segment["number"])): row[column].value
                    for (article, segment), row in zip(_segments(pair), segments, strict=True)
                    if column in row
                }
    below = {key: entry for key, entry in all_scores(made).items() if key[3]}
    assert bool(below) == (make not in (nothing, all_metrics_missing))
    for key, entry in below.items():
        if "score" in entry:
            assert found[key] == written(entry["score"]), key
        else:
            assert str(found[key]).startswith("not scored: "), key


def _segments(pair: dict) -> Iterator[tuple[dict, dict]]:
    for article in pair["articles"]:
        for segment in article["segments"]:
            yield article, segment


def _shown_names(made: Run, pair: dict) -> Iterator[tuple[str, str]]:
    rows = [row for row in records(workbook(made)["Leaderboard"]) if row["Pair"].value == pair["pair"]]
    for name, row in zip(pair["leaderboard"], rows, strict=True):
        yield name, row["System"].value


@pytest.mark.parametrize("make", [normal_run, two_pairs, measured_run], ids=lambda make: make.__name__)
def test_differences_are_those_of_the_json(make: Callable[[], Run]) -> None:
    """Difference, interval and both p-values of any two systems under the primary metric, everywhere."""
    made = make()
    sheet = records(workbook(made)["Comparisons"])
    latex = latex_tables(made, "differences")
    for index, pair in enumerate(parsed(made)["pairs"]):
        metric = pair["primary"]
        items = [item for item in pair["evidence"]["comparisons"] if item["metric"] == metric]
        expected = [
            [
                format_difference(decimals_of(metric), item["delta"]),
                " to ".join(format_difference(decimals_of(metric), end) for end in item["ci"]) if item["ci"] else "–",
                *("–" if item[name] is None else format_p(item[name]) for name in ("p", "p_adjusted")),
            ]
            for item in items
        ]
        assert expected
        markdown = markdown_tables(made, f"{metric_title(metric)} by pair of systems")[index]
        assert [row[2:6] for row in markdown[1:]] == expected
        assert [row[2:6] for row in latex[index]] == expected
        (page,) = html_tables(made, f"{metric_title(metric)} by pair of systems, {_heading(made, index)}")
        assert [row[2:6] for row in page[1:]] == expected
        scores = {
            row["system"]: float(row["score"])
            for row in csv_rows(made)
            if (row["pair"], row["level"], row["metric"]) == (pair["pair"], "corpus", metric) and row["score"]
        }
        for item in items:  # every system here is scored on the same segments
            assert item["delta"] == pytest.approx(scores[item["a"]] - scores[item["b"]], abs=1e-9)
        rows = [
            row for row in sheet if (row["Pair"].value, row["Metric"].value) == (pair["pair"], metric_title(metric))
        ]
        assert [as_shown(row["Difference"]) for row in rows] == [texts[0] for texts in expected]
        shown_p = [[as_shown(row[name]) for name in ("p (unadjusted)", "p (adjusted)")] for row in rows]
        assert shown_p == [texts[2:] for texts in expected]
        for row, item in zip(rows, items, strict=True):
            kept = [item["delta"], *(item["ci"] or ["–", "–"]), *(item[name] or "–" for name in ("p", "p_adjusted"))]
            assert [row[heading].value for heading in HEADINGS] == [written(value) for value in kept]


def _heading(made: Run, index: int) -> str:
    """What the page calls a pair."""
    return tree(made).xpath("//section[@class='pair']//h2")[index].text_content()


HEADINGS = ("Difference", "Low (unadjusted)", "High (unadjusted)", "p (unadjusted)", "p (adjusted)")


def written(value: float | str) -> float | str:
    """A number of a workbook has 16 significant digits; this is what is left of ``value``."""
    return value if isinstance(value, str) else float(f"{value:.16G}")
