"""The reports read back, for tests that compare them."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re

import lxml.html
from markdown_it import MarkdownIt

from harness.analysis import Analysis, analyse
from harness.reports.formats.csv import CsvReport
from harness.reports.formats.json import JsonReport
from harness.reports.formats.markdown import MarkdownReport
from harness.reports.html import HtmlReport
from harness.reports.words.numbers import format_score
from harness.store.runs.result import Run

from .build import decimals_of


def whole(made: Run | Analysis) -> Analysis:
    """An analysis as it is, or that of a run."""
    return made if isinstance(made, Analysis) else analyse(made)


def parsed(made: Run | Analysis) -> dict:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(JsonReport().render(whole(made)), parse_constant=refuse)


def csv_rows(made: Run | Analysis) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(CsvReport().render(whole(made)).decode("utf-8"), newline="")))


def tree(made: Run | Analysis) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(HtmlReport().render(whole(made)).decode("utf-8"))


def _rows(table: lxml.html.HtmlElement) -> list[list[str]]:
    return [[cell.text_content() for cell in row] for row in table.iter("tr")]


def html_tables(made: Run | Analysis, label: str) -> list[list[list[str]]]:
    """The cells of the tables in regions whose label contains ``label``."""
    return [_rows(table) for table in tree(made).xpath(f"//div[contains(@aria-label, {label!r})]/table")]


def html_boards(made: Run | Analysis) -> list[list[list[str]]]:
    """The cells of the tables of engines, from the name of the system on."""
    return [[row[1:] if len(row) > 1 else row for row in table] for table in html_tables(made, "Leaderboard, ")]


def markdown_tables(made: Run | Analysis, heading: str) -> list[list[list[str]]]:
    """The cells of the tables whose first column has this heading."""
    html = MarkdownIt("commonmark").enable("table").render(MarkdownReport().render(whole(made)).decode("utf-8"))
    tables = map(_rows, lxml.html.fragment_fromstring(html, create_parent="div").iter("table"))
    return [rows for rows in tables if rows[0][0] == heading]


def number(cell: str) -> str:
    """The number of a cell as shown, without marks; ``not scored`` as it is."""
    found = re.search(r"−?\d+(?:\.\d+)?", cell)
    return "not scored" if "not scored" in cell else found[0] if found else cell


def shown(metric: str, entry: dict) -> str:
    return "not scored" if "missing" in entry else format_score(decimals_of(metric), entry["score"])


def entries(pair: dict, name: str, metric: str) -> dict[str, str]:
    """What each readable format must show for one system and metric, by row."""
    scores = next(system for system in pair["systems"] if system["name"] == name)["scores"][metric]
    rows = {"corpus": shown(metric, scores.get("corpus", scores))}
    if "corpus" in scores:
        rows["mean"] = shown(metric, scores["mean_over_articles"])
        for entry in pair["articles"]:
            rows[entry["title"]] = shown(metric, entry["scores"][name][metric])
    return rows


def all_scores(made: Run | Analysis) -> dict[tuple[str, ...], dict]:
    """Every score and reason of the JSON report, by pair, system, metric, article and segment."""
    found = {}
    for pair in parsed(made)["pairs"]:
        for one in pair["systems"]:
            for metric, scores in one["scores"].items():
                found[pair["pair"], one["name"], metric, "", ""] = scores.get("corpus", scores)
        for gone, metric in itertools.product(pair["absent"], pair["metrics"]):
            found[pair["pair"], gone["system"], metric, "", ""] = {"missing": gone["reason"]}
        for entry in pair["articles"]:
            for name, own in entry["scores"].items():
                found |= {(pair["pair"], name, metric, entry["id"], ""): score for metric, score in own.items()}
            for segment in entry["segments"]:
                for name, output in segment["outputs"].items():
                    for metric, score in output["scores"].items():
                        key = (pair["pair"], name, metric, entry["id"], str(segment["number"]))
                        found[key] = score if isinstance(score, dict) else {"score": score}
    return found
