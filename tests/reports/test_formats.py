"""Every format over every kind of run: the same numbers, all of them harmless."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from harness.analysis import analyse
from harness.reports.formats.csv import CsvReport, safe_field
from harness.reports.formats.json import JsonReport
from harness.reports.formats.markdown import MarkdownReport
from harness.reports.formats.markdown_text import escape
from harness.reports.formats.terminal import TerminalReport
from harness.reports.html import HtmlReport
from harness.reports.interface import Report
from harness.reports.words.numbers import format_score
from harness.reports.words.reasons import sentence
from harness.reports.words.text import visible
from harness.store.runs.result import Run
from harness.types import Corpus, Failed, LangPair, Missing, Outcome, Refused, Translated, told

from .build import (
    DE_EN,
    EN_AR,
    NO_COMET,
    article,
    corpus,
    decimals_of,
    hostile_run,
    measured_run,
    normal_run,
    pair_result,
    run,
    system,
)
from .read import all_scores, csv_rows, entries, html_boards, html_tables, markdown_tables, number, parsed, tree

REPORTS: tuple[Report, ...] = (TerminalReport(), MarkdownReport(), JsonReport(), CsvReport(), HtmlReport())


def two_pairs() -> Run:
    other = corpus(EN_AR, articles=2, segments=3)
    return run(normal_run().pairs[0], pair_result(other, [system(other, "one", 0.7), system(other, "two", 0.5)]))


def one_metric_missing() -> Run:
    texts = corpus(DE_EN)
    gone = {"comet": NO_COMET}
    return run(pair_result(texts, [system(texts, "a", 0.7, missing=gone), system(texts, "b", 0.5, missing=gone)]))


def all_metrics_missing() -> Run:
    texts = corpus(DE_EN)
    gone = dict.fromkeys(("bleu", "chrf", "comet"), Missing(told("cannot run here"), told("install it")))
    return run(pair_result(texts, [system(texts, "a", 0.7, missing=gone)]), status="incomplete")


def incomplete() -> Run:
    texts = corpus(DE_EN)
    outcomes: list[Outcome] = [Translated("fine") for _ in texts.segments]
    outcomes[0], outcomes[5] = Failed("timed out after 60 s"), Refused("content filter")
    systems = [system(texts, "half", 0.9, outcomes=outcomes), system(texts, "whole", 0.5)]
    return run(pair_result(texts, systems), status="incomplete")


def without_references() -> Run:
    texts = corpus(DE_EN, articles=2, segments=2, unreferenced=(1, 2))
    metrics = ("bleu", "rating")
    return run(pair_result(texts, [system(texts, "a", -0.7, metrics), system(texts, "b", -0.5, metrics)], metrics))


def nothing() -> Run:
    return run(pair_result(Corpus(DE_EN, ()), [], absent={"gone": "no program"}))


RUNS: tuple[Callable[[], Run], ...] = (
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


@each_run
def test_every_format_renders_the_same_bytes_twice(make: Callable[[], Run]) -> None:
    for report in REPORTS:
        assert report.render(analyse(make())) == report.render(analyse(make()))


@each_run
def test_csv_and_frame_hold_the_numbers_of_the_json(make: Callable[[], Run]) -> None:
    made = make()
    entries = all_scores(made)
    expected = {key: entry["score"] for key, entry in entries.items() if "score" in entry}
    assert bool(expected) == (make not in (all_metrics_missing, nothing))

    rows = {
        tuple(row[name] for name in ("pair", "system", "metric", "article", "segment")): row for row in csv_rows(made)
    }
    assert len(rows) == len(csv_rows(made)) == len(entries)
    for key, entry in entries.items():
        row = rows[tuple(map(safe_field, key))]
        assert row["score"] == ("" if "missing" in entry else repr(entry["score"]))
        assert row["missing"] == safe_field(entry.get("missing", ""))
        assert row["level"] == ("segment" if key[4] else "article" if key[3] else "corpus")
        assert row["n"] == ("" if "missing" in entry else str(entry.get("n", 1)))

    frame = made.to_frame()
    assert list(frame.columns) == ["pair", "level", "article", "segment", "system", "metric", "score"]
    filled = frame.assign(segment=frame["segment"].astype("string")).fillna("")
    keys = zip(*(filled[name] for name in ("pair", "system", "metric", "article", "segment")), strict=True)
    assert dict(zip(keys, frame["score"], strict=True)) == expected


@each_run
def test_markdown_shows_the_rounded_numbers_of_the_json(make: Callable[[], Run]) -> None:
    made = make()
    check_tables(made, markdown_tables(made, "System"), markdown_tables(made, "Article"))


@each_run
def test_html_shows_the_rounded_numbers_of_the_json(make: Callable[[], Run]) -> None:
    made = make()
    check_tables(made, html_boards(made), in_corpus_order(made, html_tables(made, " by article, ")))


def in_corpus_order(made: Run, tables: list[list[list[str]]]) -> list[list[list[str]]]:
    """The article tables of the page, which list the worst article first, as the other formats have them."""
    places = {
        visible(entry["title"]): place for pair in parsed(made)["pairs"] for place, entry in enumerate(pair["articles"])
    }
    ordered = [[table[0], *sorted(table[1:-2], key=lambda row: places[row[0]]), *table[-2:]] for table in tables]
    # The page has the mean of the article before the systems, and how many references there are only where some lack.
    return [[[row[0], "", "", *row[table[0].index("Mean") + 1 :]] for row in table] for table in ordered]


def test_html_lists_the_worst_article_first() -> None:
    (made, tables) = (normal_run(), html_tables(normal_run(), " by article, "))
    means = [sum(float(number(cell)) for cell in row[-3:]) / 3 for row in tables[0][1:-2]]
    assert means == sorted(means)
    assert len(means) == len(made.pairs[0].corpus.articles)


@each_run
def test_html_shows_every_segment_score_of_the_json(make: Callable[[], Run]) -> None:
    made = make()
    found = [
        [[number(cell.text_content()) for cell in row.findall("td")[1:]] for row in body if not row.get("class")]
        for body in tree(made).xpath("//details[@class='segments']//tbody")
    ]
    expected = []
    for pair in parsed(made)["pairs"]:
        for segment in (segment for entry in pair["articles"] for segment in entry["segments"]):
            scores = [segment["outputs"][name]["scores"] for name in pair["leaderboard"]]
            expected.append(
                [
                    [
                        format_score(decimals_of(metric), own[metric])
                        if isinstance(own.get(metric), float)
                        else "not scored"
                        for metric in pair["metrics"]
                    ]
                    for own in scores
                ]
            )
    assert found == expected


def check_tables(made: Run, boards: list[list[list[str]]], per_article: list[list[list[str]]]) -> None:
    """Leaderboards and article tables, as rows of cell texts, against the JSON report."""
    expected_articles = 0
    remaining = iter(per_article)
    for pair, board in zip(parsed(made)["pairs"], boards, strict=True):
        ordered = pair["leaderboard"]
        rows = [row for row in board[1:] if len(row) > 1]
        assert len(rows) == len(ordered)
        for name, row in zip(ordered, rows, strict=True):
            expected = [entries(pair, name, metric)["corpus"] for metric in pair["metrics"]]
            assert [number(cell) for cell in row[1 : 1 + len(expected)]] == expected
        scored = [m for m in pair["metrics"] if any("corpus" in one["scores"][m] for one in pair["systems"])]
        for metric in sorted(scored, key=lambda metric: metric != pair["primary"]):
            expected_articles += 1
            table = next(remaining)
            body = table[1:]
            assert len(body) == len(pair["articles"]) + 2
            for column, name in enumerate(ordered, start=3):
                want = entries(pair, name, metric)
                values = [number(row[column]) for row in body]
                by_article = [want.get(entry["title"], "not scored") for entry in pair["articles"]]
                assert values == [*by_article, want.get("mean", "not scored"), want["corpus"]]
    assert len(per_article) == expected_articles


@each_run
def test_terminal_shows_the_numbers_of_the_json(make: Callable[[], Run], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "240")
    made = make()
    lines = TerminalReport().render(analyse(made)).decode("utf-8").split("\n")
    means = []
    for pair in parsed(made)["pairs"]:
        for one in pair["systems"]:
            expected = [entries(pair, one["name"], metric)["corpus"] for metric in pair["metrics"]]
            start = (visible(one["label"]) or one["name"])[:18]
            found = [re.findall(r"not scored|−?\d+\.\d+", line) for line in lines if line.startswith(start)]
            assert expected in [numbers[: len(expected)] for numbers in found]
        scored = [m for m in pair["metrics"] if any("corpus" in one["scores"][m] for one in pair["systems"])]
        means += [
            [entries(pair, name, metric).get("mean", "not scored") for name in pair["leaderboard"]]
            for metric in sorted(scored, key=lambda metric: metric != pair["primary"])[:1]
        ]
    rows = [line for line in lines if line.startswith("Mean over articles")]
    assert [re.findall(r"not scored|−?\d+\.\d+", row) for row in rows] == means


def test_incomplete_runs_say_so_everywhere() -> None:
    made = incomplete()
    for report in (TerminalReport(), MarkdownReport(), HtmlReport()):
        text = " ".join(report.render(analyse(made)).decode("utf-8").split())
        assert "10 of 12 segments translated" in text
        assert "Excluded: half lacks 2 of 12 segments" in text
        counts = ("1 failed", "1 refused") if report.extension == "html" else ("1 failed, 1 refused",)
        assert all(count in text for count in counts)
    segments = parsed(made)["pairs"][0]["articles"][0]["segments"]
    assert segments[0]["outputs"]["half"]["failed"] == "timed out after 60 s"
    assert segments[0]["outputs"]["half"]["scores"]["bleu"] == {"missing": "the translation failed", "fix": ""}
    assert "failed: timed out after 60 s" in tree(made).text_content()


def test_a_missing_metric_is_explained_with_its_fix() -> None:
    made = one_metric_missing()
    assert parsed(made)["pairs"][0]["systems"][0]["scores"]["comet"] == {
        "missing": sentence(NO_COMET.why),
        "fix": sentence(NO_COMET.fix),
    }
    told = f"(1) COMET: {sentence(NO_COMET.why)}. Fix: {sentence(NO_COMET.fix)}"
    assert told in TerminalReport().render(analyse(made)).decode()
    assert f"COMET: {sentence(NO_COMET.why)}. Fix: {sentence(NO_COMET.fix)}" in tree(made).text_content()
    assert (
        f"1. COMET: {sentence(NO_COMET.why)}. Fix: <code>{escape(sentence(NO_COMET.fix))}</code>"
        in MarkdownReport().render(analyse(made)).decode()
    )


@each_run
def test_html_is_well_built(make: Callable[[], Run]) -> None:
    page = tree(make())
    levels = [int(element.tag[1]) for element in page.iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert all(cell.get("scope") in {"row", "col"} for cell in page.iter("th"))
    assert all(table.find("caption") is not None for table in page.iter("table"))
    for table in page.iter("table"):
        spans = {sum(int(cell.get("colspan", 1)) for cell in row) for row in table.iter("tr")}
        assert len(spans) == 1
    assert page.get("lang") == "en-GB"
    assert len(page.xpath("//main")) == 1


def test_anchors_name_article_and_segment_and_stay_apart() -> None:
    pair = LangPair("de", "en")
    names = ["news", "news?", "新聞", "a b", "a-b", "news-1"]
    texts = Corpus(pair, tuple(article(pair, name, [("eins", ()), ("zwei", ())]) for name in names))
    page = tree(run(pair_result(texts, [system(texts, "a", 0.5, ("rating",))], ("rating",))))
    ids = page.xpath("//tbody/@id")
    assert len(set(ids)) == 12
    assert ids[:2] == ["de-en.news.1", "de-en.news.2"]


def test_importing_a_report_imports_nothing_heavy() -> None:
    modules = ", ".join(
        f"harness.reports.{name}"
        for name in ("formats.json", "formats.csv", "formats.markdown", "formats.terminal", "html")
    )
    heavy = {"pandas", "jinja2", "rich", "torch"}
    code = f"import sys, {modules}, harness.store.runs.frame; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_readable_formats_say_how_to_repeat_the_run_and_who_is_absent() -> None:
    for report, escaped in ((TerminalReport(), str), (MarkdownReport(), escape), (HtmlReport(), str)):
        text = " ".join(report.render(analyse(normal_run())).decode("utf-8").replace("&#39;", "'").split())
        for fact in (
            "20261123T0437-ab12cd",
            "harness run --metric bleu,chrf,comet",
            "12345",
            "translation-harness 0.1.0, sacrebleu 2.6.0, python 3.11.7",
            "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0",
            "outputs recorded 2026-11-23, beta 3.1; price unknown",
            "price 20.00 EUR per million source characters",
            "gamma was not run: the program 'gamma' is not installed",
        ):
            assert escaped(fact) in text


def test_markdown_lists_the_lowest_segments_of_the_system_at_the_top() -> None:
    text = MarkdownReport().render(analyse(normal_run())).decode("utf-8")
    listed = text.split("lowest COMET by segment, Alpha MT</summary>")[1].split("</details>")[0]
    found = [line.split(" | ")[-1].removesuffix(" |") for line in listed.strip().split("\n")[2:]]
    outputs = [
        segment["outputs"]["alpha"]["scores"]["comet"]
        for entry in parsed(normal_run())["pairs"][0]["articles"]
        for segment in entry["segments"]
    ]
    scores = sorted(score for score in outputs if isinstance(score, float))
    assert found == [format_score(decimals_of("comet"), score) for score in scores[:5]]
