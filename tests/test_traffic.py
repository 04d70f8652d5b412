"""What a system's requests add up to: money that is never denied, and latencies that say what they can."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import pytest

from harness.analysis.decision.facts import cost_per_million
from harness.analysis.decision.order import more_for_sure
from harness.reports.words.numbers import counted
from harness.reports.words.reasons import sentence
from harness.store.cache.records import RequestRecord
from harness.store.runs.latency import FEWEST_FOR_MEDIAN, FEWEST_FOR_P95, MOST_TIMINGS, TooFew
from harness.store.runs.result import Traffic
from harness.translation.traffic import Asked, measure
from harness.types import Missing, Money, Reason, Unknown, told
from tests.cli.conftest import Shell, harness
from tests.decision_cases import CHARACTERS, made, traffic
from tests.loopback import Loopback, Response, Seen
from tests.workspace import write_article, write_system

__all__ = ["harness"]


def record(number: int, seconds: float = 1.0, *, outcome: str = "ok", setup: bool = False) -> RequestRecord:
    sent = f"2026-11-26T10:{number // 60:02}:{number % 60:02}.000+00:00"
    return RequestRecord(
        "s", "de-en", sent, seconds, 1, 2, 100, outcome, {}, Money(0.5, "EUR"), "m-1", "", setup
    )  # fmt: skip


def measured(records: list[RequestRecord], *, answers: int = 0) -> Traffic:
    found = measure(
        [item for item in records if item.outcome == "ok"], records, Asked(1, answers, answers * 50, 0), "a price"
    )
    assert isinstance(found, Traffic)
    return found


def test_money_is_said_when_every_request_failed() -> None:
    found = measured([record(number, outcome="BadOutput") for number in range(3)])
    assert found.spent == Money(1.5, "EUR")
    assert (found.requests, found.wasted, found.answers) == (0, 3, 0)
    for figure in (found.p50, found.p95, found.characters_per_second, found.pace):
        assert figure == Unknown(Reason("latency.nothing_answered"))
    assert isinstance(measure([], [], Asked(1, 0, 0, 0), ""), Missing)


@pytest.mark.parametrize("count", [0, 2, FEWEST_FOR_MEDIAN - 1, FEWEST_FOR_MEDIAN, FEWEST_FOR_P95 - 1, FEWEST_FOR_P95])
def test_a_quantile_is_quoted_from_enough_requests_only(count: int) -> None:
    found = measured([record(0, 9.0, setup=True), *(record(number, float(number)) for number in range(1, count + 1))])
    assert isinstance(found.p50, TooFew) == isinstance(found.pace, TooFew) == (count < FEWEST_FOR_MEDIAN)
    assert isinstance(found.p95, TooFew) == (count < FEWEST_FOR_P95)
    if isinstance(found.p95, TooFew):
        assert f"1 of {counted(count + 1, 'request')} may include start-up" in sentence(found.p95.why)
        assert "is not timed; a p95 needs 20 others" in sentence(found.p95.why)
    else:
        assert (found.p50, found.p95) == (10.0, 19.0)


def test_first_requests_are_paid_for_and_counted_and_not_timed() -> None:
    found = measured([record(0, 60.0, setup=True), *(record(number) for number in range(1, 30))])
    assert (found.requests, found.p95, len(found.timings)) == (30, 1.0, 29)
    assert found.spent == Money(15.0, "EUR")


def test_requests_that_are_not_timed_are_not_denied() -> None:
    start = [record(number, setup=True) for number in range(2)]
    found = measured(start)
    assert isinstance(found.p50, TooFew)
    assert found.pace == found.p50
    assert sentence(found.p50.why).startswith(
        "2 of 2 requests may include start-up or time in a queue and are not timed; a median needs 6 others."
    )
    few = measured([*start, record(2)]).pace
    assert isinstance(few, TooFew)
    assert sentence(few.why).startswith("2 of 3 requests may include")
    assert isinstance(alone := measured([record(2)]).p50, TooFew)
    assert sentence(alone.why).startswith("1 request is too few for a median, which needs 6.")


def test_batches_of_different_sizes_are_compared_by_the_character() -> None:
    small = [replace(record(number, 0.2), characters=100) for number in range(30)]
    large = [replace(record(number, 2.0), characters=1000) for number in range(30)]
    assert measured(small).pace == measured(large).pace == pytest.approx(2.0)


def test_a_run_keeps_the_times_of_a_bounded_number_of_requests() -> None:
    found = measured([record(number % 3600, float(number)) for number in range(2 * MOST_TIMINGS + 5)])
    assert len(found.timings) <= MOST_TIMINGS
    assert found.p50 == MOST_TIMINGS + 2
    assert found.pace == pytest.approx(MOST_TIMINGS * 10, rel=0.01)


def test_cost_per_million_counts_what_was_answered() -> None:
    spent = Money(CHARACTERS * 30 / 1e6, "EUR")
    three = replace(traffic(), spent=spent, saved=Money(0.0, ""), characters=3 * CHARACTERS, repetitions=3)
    whole = made("A", 0.8, traffic=three)
    assert whole.repeats == {}
    assert cost_per_million(whole, CHARACTERS) == Money(pytest.approx(10.0), "EUR")
    nothing = made("A", 0.8, traffic=replace(three, characters=0))
    assert cost_per_million(nothing, CHARACTERS) == Unknown(Reason("latency.nothing_answered"))


def choices(n: int, most: int) -> Iterator[int]:
    """How many ways there are to choose 0, 1 ... up to ``most`` of ``n``: each from the one before, which is fast."""
    return accumulate(range(most), lambda ways, count: ways * (n - count) // (count + 1), initial=1)


@pytest.mark.parametrize("fewer", [0, 3, 500, 1000, 3000])
def test_counts_of_any_size_are_compared_as_exactly_as_small_ones(fewer: int) -> None:
    for more in range(fewer, fewer + 300, 7):
        assert more_for_sure(more, fewer) is (2 * 20 * sum(choices(more + fewer, fewer)) <= 2 ** (more + fewer))
    assert more_for_sure(10**8, 0)
    assert not more_for_sure(10**8, 10**8)


def test_a_failed_repetition_does_not_change_the_price(tmp_path: Path, harness: Shell) -> None:
    asked: list[str] = []

    def answer(seen: Seen) -> Response:
        texts = seen.json["q"]
        asked.extend(texts)
        if len(asked) > 24:  # in the third repetition
            return Response.of({"error": "no"}, 400)
        return Response.of({"t": [text.upper() for text in texts]})

    write_article(tmp_path, "a", [(f"Satz Nummer {number}.", f"Sentence {number}.") for number in range(12)])
    with Loopback(answer) as server:
        write_system(
            tmp_path,
            "paid",
            f'engine = "http"\n[options]\nurl = "{server.url}"\nbody = {{ q = "{{texts}}" }}\nresponse = "t"\n'
            "batch = true\n[limits]\nmax_segments = 1\nconcurrency = 1\nrequests_per_second = 1000.0\nattempts = 1\n"
            '[price]\nper_million_characters = 10.0\ncurrency = "EUR"\n',
        )
        write_system(tmp_path, "copy", 'engine = "copy"\n')
        harness("run", "-C", tmp_path, "--repeat", "3", "--metric", "chrf", "--quiet")
        done = harness("report", "-C", tmp_path, "--format", "json")
    (pair,) = json.loads(done.out)["pairs"]
    paid = next(one for one in pair["systems"] if one["name"] == "paid")
    characters = sum(len(f"Satz Nummer {number}.") for number in range(12))
    assert paid["traffic"]["repetitions"] == 3
    assert paid["traffic"]["answered_characters"] == 2 * characters
    assert paid["traffic"]["spent"]["amount"] == pytest.approx(2 * characters * 10 / 1e6)


def rate(*spans: tuple[float, float]) -> float:
    """Characters per second of requests of 100 characters, each given by its begin and its seconds."""
    sent = [replace(record(0, seconds), sent=f"2026-11-26T10:00:{begin:06.3f}+00:00") for begin, seconds in spans]
    found = measured(sent).characters_per_second
    assert isinstance(found, float)
    return found


def test_time_in_which_several_requests_are_under_way_counts_once() -> None:
    assert rate((0.0, 2.0)) == pytest.approx(50)
    assert rate((0.0, 2.0), (0.0, 2.0), (0.0, 2.0)) == pytest.approx(150)
    assert rate((0.0, 2.0), (1.0, 2.0)) == pytest.approx(200 / 3)
    assert rate((0.0, 10.0), (1.0, 1.0), (5.0, 1.0)) == pytest.approx(30)  # short ones inside a long one
    assert rate((0.0, 2.0), (30.0, 2.0)) == pytest.approx(50)  # a pause in between is nobody's time
    assert rate((1.0, 2.0), (0.0, 2.0)) == pytest.approx(200 / 3)  # in whatever order they are recorded


def test_what_earlier_runs_paid_was_saved_and_what_this_one_paid_was_spent() -> None:
    old, new, vain = record(1), replace(record(2), cost=Money(0.25, "EUR")), record(3, outcome="Transient")
    found = measure([old, new], [new, vain], Asked(1, 4, 200, 2), "a price")
    assert isinstance(found, Traffic)
    assert (found.spent, found.saved) == (Money(0.75, "EUR"), Money(0.5, "EUR"))
    assert (found.requests, found.wasted) == (2, 1)


def test_money_in_two_currencies_is_not_added_up() -> None:
    both = [record(1), replace(record(2), cost=Money(0.5, "USD"))]
    assert measured(both).spent == Unknown(Reason("unknown.currencies", {"currencies": "EUR, USD"}))
    free = [record(1), replace(record(2), cost=Money(0.0, ""))]
    assert measured(free).spent == Money(0.5, "EUR")
    unknown = [record(1), replace(record(2), cost=Unknown(told("no price")))]
    assert measured(unknown).spent == Unknown(told("no price"))
