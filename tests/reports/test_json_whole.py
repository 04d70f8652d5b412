"""The JSON report is everything: what other formats leave out is there, and its page names every key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from harness.analysis import analyse
from harness.store.cache.keys import corpus_digest
from harness.store.runs.looks import Look, Looks, NotSpent
from harness.store.runs.result import Run
from harness.types import Money, NotBought, Translated

from .build import hostile_run, measured_run, normal_run
from .read import parsed
from .rich import ARTICLES, LINES, PLACED, rich_run
from .test_formats import incomplete, without_references

PAGE = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")


@cache
def rich() -> dict:
    return parsed(rich_run())


def looked_run() -> Run:
    """Articles that came in looks, after the first of which the last system was out."""
    run = measured_run()
    (result, *_) = run.pairs
    best, *_, last = result.systems
    count = len(result.corpus.articles)
    look = Look(count, len(result.corpus.segments), 0.003, (best.name, last.name), {last.name: best.name})
    looks = Looks(
        (count, 2 * count), (0.003, 0.049), (look,), "known", 0.0, {last.name: NotSpent(3, 90, Money(1, "USD"))}
    )
    outcomes = (*last.outcomes[:-1], NotBought(best.name, count))
    systems = (*result.systems[:-1], replace(last, outcomes=outcomes))
    return replace(run, pairs=(replace(result, looks=looks, systems=systems),))


NAME = r"[^.]+"

BY_NAME = re.compile(
    r"run\.(settings|environment)|pairs\.("
    rf"evidence\.(intervals|groups|letters|not_compared)(\.{NAME})?|metric_costs|human(\.{NAME}){{0,2}}"
    rf"|looks\.(made\.out|not_bought)"
    rf"|slices(\.{NAME}\.systems(\.{NAME})?)?|overlaps|memorised|missed_terms\.terms\.systems|shared\.(others\.)?scores(\.{NAME})?"
    r"|systems\.(engine\.options|repeats|flags|counted|scores)"
    rf"|articles\.(meta|scores(\.{NAME})?|segments\.outputs(\.{NAME}\.(notes|scores|errors|reasons|marks))?))"
)
"""Objects whose keys are names: of systems, metrics, packages."""


VALUES = {
    *("complete", "incomplete", "article", "segment", "live", "hypothesis", "doubt", "caution", "good"),
    *("de", "en", "ab", "news", "USD", "whole", "truncated", "kept", "reverted", "neither"),
}
"""What stands on the page as the value of a key."""


RARE = {"a_better", "b_better", "others"}
"""Keys that need metrics of opposite verdicts, or systems that share no segment."""


def keys_of(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Where each key stands that is no name, and the key; decision and settings are described elsewhere."""
    if isinstance(value, list):
        for item in value:
            yield from keys_of(item, path)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if not BY_NAME.fullmatch(path):
                yield path, key
            if key not in {"decision", "settings"}:
                yield from keys_of(inner, f"{path}.{key}".strip("."))


def test_the_page_names_every_key_and_no_other() -> None:
    makers = (looked_run, rich_run, normal_run, measured_run, hostile_run, incomplete, without_references)
    written = {key for make in makers for _, key in keys_of(parsed(make()))}
    blocks = "".join(re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL))
    named = set(re.findall(r'"(\w+)"', blocks))
    assert len(written) > 100
    assert sorted(written - named) == []
    assert sorted(named - written - VALUES - RARE) == []


def test_flags_have_their_reason_their_place_and_the_text_there() -> None:
    made = rich_run()
    (pair,) = rich()["pairs"]
    assert [one["checked"] for one in pair["systems"]] == [True, False, False, False]
    segments = pair["articles"][0]["segments"]
    output = segments[1]["outputs"]["a"]
    start, end = PLACED
    text = made.pairs[0].systems[0].outcomes[1]
    assert isinstance(text, Translated)
    assert output["flags"] == [
        {"kind": "number", "where": {"start": start, "end": end}, "text": text.text[start:end],
         "reason": "340 is missing", "confidence": 0.5},
        {"kind": "wrong_language", "where": "whole", "reason": "it is Danish", "confidence": 0.9},
    ]  # fmt: skip
    assert segments[2]["outputs"]["a"]["flags"] == [
        {"kind": "not_checked", "where": "whole", "reason": "the check failed", "confidence": 0.0, "check": "tag"}
    ]
    assert output["marks"] == {"comet": ["truncated"]}
    assert output["errors"]["comet"][0]["side"] == "source"
    assert "flags" not in segments[0]["outputs"]["a"]
    count = sum("flags" in segment["outputs"]["a"] for part in pair["articles"] for segment in part["segments"])
    assert count == sum(map(bool, made.pairs[0].systems[0].flags)) == 3


def test_swaps_and_resamples_are_those_of_the_statistics() -> None:
    evidence = rich()["pairs"][0]["evidence"]
    assert evidence["swaps"] > 1000
    assert f"|swaps:{evidence['swaps']}|" in evidence["statistics"]
    assert evidence["resamples"] == 500


def test_hashes_tell_texts_apart_whatever_the_names() -> None:
    made = rich_run()
    (result,) = made.pairs
    (pair,) = rich()["pairs"]
    assert pair["corpus_hash"] == corpus_digest(result.corpus)
    first, *others = [one["outputs_hash"] for one in pair["systems"]]
    assert first not in others
    renamed = replace(result.systems[0], name="other", label="other")  # type: ignore[arg-type]
    changed = replace(result.systems[0], outcomes=(Translated("b"), *result.systems[0].outcomes[1:]))
    for system, same in ((renamed, True), (changed, False)):
        again = replace(made, pairs=(replace(result, systems=(system, *result.systems[1:])),))
        assert (parsed(again)["pairs"][0]["systems"][0]["outputs_hash"] == first) == same


def test_what_the_page_says_of_trust_people_slices_and_terms_is_there() -> None:
    made = rich_run()
    (shown,), (pair,) = analyse(made).pairs, rich()["pairs"]
    assert [(line["level"], line["topic"]) for line in pair["trust"]] == [(s.level, s.topic) for s in shown.trust]
    assert pair["trust"]
    agreement = shown.humans["mqm"].metrics["chrf"]
    assert pair["human"]["mqm"]["chrf"]["segment_pearson"]["value"] == agreement.segment_pearson.value  # type: ignore[union-attr]
    assert [part["slice"] for part in pair["slices"]["domain"]] == ["news", "speech"]
    assert pair["slices"]["domain"][0]["segments"] == ARTICLES * LINES // 2
    assert pair["missed_terms"]["terms"][0]["systems"]["a"] == {"used": 63, "asked": 64}
    assert pair["missed_terms"]["terms"][0]["systems"]["b"] is None
