"""Cost, speed and repetitions: the same in every format, as the run measured them, and never 0 for unknown."""

from __future__ import annotations

import dataclasses
import re
import statistics
from collections.abc import Callable

import pytest

from harness.analysis import analyse
from harness.reports.formats.csv import CsvReport
from harness.reports.formats.markdown import MarkdownReport
from harness.reports.formats.terminal import TerminalReport
from harness.reports.html import HtmlReport
from harness.reports.model.effort import SmallTable, about_cost, about_latency
from harness.reports.model.leaderboard import Notebook
from harness.reports.words.numbers import format_money, format_rate, format_score, format_seconds, format_spread
from harness.reports.words.reasons import sentence
from harness.store.runs.result import NOT_KEPT, Run, Traffic
from harness.types import Failed, Missing, Money, Translated, Unknown, told

from .build import (
    DE_EN,
    NOTHING_SENT,
    SENT,
    corpus,
    decimals_of,
    hostile_run,
    measured_run,
    normal_run,
    pair_result,
    run,
    system,
    view,
)
from .read import html_tables, markdown_tables, parsed

TEXTS = corpus(DE_EN)


def tables(*systems: object) -> dict[str, SmallTable]:
    return {table.title: table for table in view(pair_result(TEXTS, systems)).effort}  # type: ignore[arg-type]


def costs(traffic: Traffic) -> tuple[str, str]:
    (_, cells), *_ = tables(system(TEXTS, "a", 0.5, traffic=traffic))["Cost and speed"].rows
    return cells[0].text, cells[1].text


def terminal_rows(made: Run, title: str) -> list[list[str]]:
    """The rows below a heading, cut where columns part."""
    lines = TerminalReport().render(analyse(made)).decode("utf-8").split("\n")
    start = next(number for number, line in enumerate(lines) if line.startswith(title))
    rows = []
    for line in lines[start + 2 :]:
        if not line:
            break
        rows.append(re.split(r" {3,}", line.strip()))
    return rows


def in_terminal(made: Run, title: str) -> list[list[str]]:
    return terminal_rows(made, title)


def in_markdown(made: Run, title: str) -> list[list[str]]:
    (table,) = markdown_tables(made, title)
    return table[1:]


def in_html(made: Run, title: str) -> list[list[str]]:
    (table,) = html_tables(made, f"{title}, ")
    return table[1:]


each_format = pytest.mark.parametrize("read", [in_terminal, in_markdown, in_html], ids=lambda read: read.__name__)
Read = Callable[[Run, str], list[list[str]]]


def _cost(entry: dict, free: bool) -> str:
    if "unknown" in entry:
        return "unknown"
    return "none" if free else format_money(Money(entry["amount"], "")).split(" ")[0]


@each_format
def test_cost_and_speed_are_those_of_the_json(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "240")
    made = measured_run()
    (pair,) = parsed(made)["pairs"]
    by_name = {one["name"]: one for one in pair["systems"]}
    rows = read(made, "Cost and speed")
    assert [row[0] for row in rows] == [by_name[name]["label"] or name for name in pair["leaderboard"]]
    for name, (_, cost, saved, seconds, pace, rate, *rest) in zip(pair["leaderboard"], rows, strict=True):
        traffic = by_name[name]["traffic"]
        if "missing" in traffic:
            assert cost.startswith("not measured")
            assert {saved, seconds, pace, rate, *rest} == {"–"}
            continue
        free = traffic["price_source"] == "runs on this machine"
        mark = "" if traffic["measured_now"] else " †"
        assert re.sub(r" [A-Z]{3}$| ?\(?(note )?\d\)?$", "", cost) == _cost(traffic["spent"], free)
        assert re.sub(r" [A-Z]{3}$", "", saved) == _cost(traffic["saved"], free)
        assert seconds == f"{format_seconds(traffic['p50'])} / {format_seconds(traffic['p95'])} s{mark}"
        assert pace == f"{format_seconds(traffic['seconds_per_1000_characters'])} s{mark}"
        assert rate == f"{format_rate(traffic['characters_per_second'])}{mark}"
        assert rest == [
            *(str(traffic[count]) for count in ("requests", "wasted", "cached")),
            ", ".join(traffic["models"]) or "–",
            traffic["price_source"],
        ]


@each_format
def test_repetitions_are_those_of_the_json(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "240")
    made = measured_run()
    (pair,) = parsed(made)["pairs"]
    titles = {"bleu": "BLEU", "comet": "COMET"}
    shown = {metric: decimals_of(metric) for metric in titles}
    expected = [
        [
            one["name"],
            titles[metric],
            format_score(shown[metric], one["scores"][metric]["corpus"]["score"]),
            str(len(values)),
            (
                f"{format_score(shown[metric], statistics.fmean(values))} ± "
                f"{format_spread(shown[metric], statistics.stdev(values))}"
            ),
            format_score(shown[metric], min(values)),
            format_score(shown[metric], max(values)),
        ]
        for one in pair["systems"]
        for metric, values in one["repeats"].items()
        if len(values) > 1
    ]
    assert [row[1] for row in expected] == ["BLEU", "COMET", "BLEU"]
    assert read(made, "Repetitions") == expected


def test_the_json_has_traffic_and_repeats_in_full() -> None:
    live, stored, partly, _, files = parsed(measured_run())["pairs"][0]["systems"]
    assert live["traffic"] == {
        "requests": 42, "wasted": 3, "p50": 0.2149, "p95": 0.4812, "characters_per_second": 1234.5,
        "first": SENT.first, "last": SENT.last, "cached": 0, "answers": 12,
        "answered_characters": 600, "repetitions": 1, "timed_requests": 41, "seconds_per_1000_characters": 0.44,
        "measured_now": True,
        "spent": {"amount": 0.4213, "currency": "EUR"}, "saved": {"amount": 0.0, "currency": ""},
        "models": ["alpha-large-3"], "price_source": "[price] of the system file",
    }  # fmt: skip
    assert live["repeats"] == {"bleu": [90.1234, 90.2, 90.0], "comet": [0.9, 0.91]}
    assert stored["traffic"]["measured_now"] is False
    assert partly["traffic"]["spent"] == {"unknown": "the number of tokens is unknown"}
    assert files["traffic"] == {"missing": sentence(NOTHING_SENT.why), "fix": ""}
    assert stored["repeats"] == {}


def test_csv_has_scores_only() -> None:
    made = measured_run()
    (pair,) = made.pairs
    bare = [dataclasses.replace(one, traffic=NOTHING_SENT, repeats={}) for one in pair.systems]
    assert CsvReport().render(analyse(made)) == CsvReport().render(analyse(run(pair_result(TEXTS, bare))))


def test_without_traffic_and_repetitions_there_is_no_table() -> None:
    assert view(normal_run().pairs[0]).effort == ()
    once = system(TEXTS, "a", 0.5, repeats={"bleu": (50.0,)})
    assert tables(once) == {}
    for report in (TerminalReport(), MarkdownReport(), HtmlReport()):
        text = report.render(analyse(normal_run())).decode("utf-8")
        assert "Cost and speed" not in text
        assert "Repetitions" not in text


def test_what_costs_nothing_is_none_and_what_is_not_known_is_unknown() -> None:
    nothing = Money(0.0, "")
    free = dataclasses.replace(SENT, spent=nothing, saved=nothing)
    assert costs(free) == ("none", "none")
    assert costs(dataclasses.replace(free, spent=Money(0.0, "USD"))) == ("0.00 USD", "0.00 USD")
    assert costs(dataclasses.replace(free, spent=Unknown(told("?")))) == ("unknown", "0.00")
    assert costs(dataclasses.replace(free, saved=Unknown(told("?")))) == ("0.00", "unknown")
    assert costs(dataclasses.replace(free, saved=Money(2.5, "USD"))) == ("0.00 USD", "2.50 USD")


def test_an_unknown_cost_and_nothing_sent_have_their_reason_in_the_notes() -> None:
    entries = view(measured_run().pairs[0]).missing.entries()
    assert entries == [
        (1, "Cost of partly", "the number of tokens is unknown", ""),
        (2, "Cost and speed of files", sentence(NOTHING_SENT.why), ""),
    ]
    for report in (TerminalReport(), MarkdownReport(), HtmlReport()):
        assert "the number of tokens is unknown" in report.render(analyse(measured_run())).decode("utf-8")


def test_one_reason_of_two_systems_is_one_note_that_names_both() -> None:
    notes = Notebook()
    why = Missing(told("too few requests"))
    numbers = [notes.number(why, name, about_latency) for name in ("A", "B", "A")]
    assert numbers == [1, 1, 1]
    assert notes.number(why, "A", about_cost) == 1
    assert notes.entries() == [(1, "Latency of A and B, Cost of A", "too few requests", "")]


def test_old_figures_say_when_they_were_measured() -> None:
    for report in (TerminalReport(), MarkdownReport(), HtmlReport()):
        text = " ".join(report.render(analyse(measured_run())).decode("utf-8").split())
        assert "† measured on 2026-11-20, not in this run: Stored." in text
        assert "† measured from 2026-11-20 to 2026-11-23, partly before this run: partly." in text


def test_a_repetition_asked_for_now_makes_stored_figures_old_in_part() -> None:
    stored = [Translated("text", cached=True) for _ in TEXTS.segments]
    one = dataclasses.replace(SENT, cached=12)
    old = dataclasses.replace(one, answers=NOT_KEPT)
    for traffic, repeats, age in (
        (one, {}, "not in this run"),
        (dataclasses.replace(one, answers=24), {}, "partly before this run"),
        (dataclasses.replace(one, cached=24, answers=24), {}, "not in this run"),
        (old, {"bleu": (50.0, 51.0)}, "partly before this run"),
        (dataclasses.replace(old, cached=24), {"bleu": (50.0, 51.0)}, "not in this run"),
    ):
        found = tables(system(TEXTS, "a", 0.5, outcomes=stored, traffic=traffic, repeats=repeats))
        assert found["Cost and speed"].remarks[1] == f"† measured on 2026-11-23, {age}: a."
    # What failed is not cached, and does not make the rest new.
    failed = [*stored[:11], Failed("time-out")]
    found = tables(system(TEXTS, "a", 0.5, outcomes=failed, traffic=dataclasses.replace(SENT, cached=11, answers=11)))
    assert found["Cost and speed"].remarks[1].endswith("not in this run: a.")


def test_a_repetition_that_is_no_number_is_left_out() -> None:
    one = system(TEXTS, "a", 0.5, repeats={"bleu": (50.0, float("nan"), 52.0), "chrf": (50.0, float("inf"))})
    ((_, cells),) = tables(one)["Repetitions"].rows
    assert [cell.text for cell in cells][2:] == ["2", "51.0 ± 1.41", "50.0", "52.0"]
    assert parsed(run(pair_result(TEXTS, [one])))["pairs"][0]["systems"][0]["repeats"] == {
        "bleu": [50.0, None, 52.0],
        "chrf": [50.0, None],
    }


@pytest.mark.parametrize("width", ["40", "80"])
def test_small_tables_keep_the_width_of_the_terminal(width: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", width)
    for made in (measured_run(), hostile_run()):
        text = TerminalReport().render(analyse(made)).decode("utf-8")
        assert max(map(len, text.split("\n"))) <= int(width)
        assert "Cost and speed" in text
    assert "0.21 / 0.48 s †" in TerminalReport().render(analyse(measured_run())).decode("utf-8")
