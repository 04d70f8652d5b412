"""From outcomes to what the reader is told about them."""

from __future__ import annotations

from harness.metrics.scoring import failure_notes, missing_answers
from harness.reports.words.reasons import noted, sentence
from harness.types import Failed, Missing, Note, Reason, Refused, SystemName, Translated

ONE = SystemName("one")


def test_reasons_are_counted_and_the_most_frequent_come_first() -> None:
    outcomes = [Failed("time-out"), Refused("filter"), Refused("filter"), Translated("x"), Failed("filter")]
    assert failure_notes(ONE, outcomes) == [
        Note("one", Reason("noted.refused", {"n": 2, "why": "filter"})),
        Note("one", Reason("noted.failed", {"n": 1, "why": "time-out"})),
        Note("one", Reason("noted.failed", {"n": 1, "why": "filter"})),
    ]
    assert failure_notes(ONE, [Translated("")]) == []


def test_a_few_reasons_are_enough() -> None:
    notes = failure_notes(ONE, [Failed(f"error {number}") for number in range(8)])
    assert [noted(note) for note in notes[4:]] == ["one: 1 failed: error 4", "one: and 3 more reasons"]
    assert len(failure_notes(ONE, [Failed(f"error {number}") for number in range(5)])) == 5


def test_what_mends_it_is_no_promise() -> None:
    missing = missing_answers([Failed("article.txt is missing"), Translated("x")])
    assert isinstance(missing, Missing)
    assert sentence(missing.why) == "incomplete: 1 of 2 segments failed"
    assert (
        sentence(missing.fix)
        == "see the reasons in the notes; to translate only what is missing, run the same command again"
    )
    refused, both = (missing_answers([Refused("no"), *others]) for others in ([], [Failed("x"), Translated("y")]))
    assert isinstance(refused, Missing)
    assert sentence(refused.why) == "incomplete: 1 of 1 segments were refused"
    assert sentence(refused.fix) == "leave these segments out for every system"
    assert isinstance(both, Missing)
    assert sentence(both.why) == "incomplete: of 3 segments, 1 failed and 1 were refused"
