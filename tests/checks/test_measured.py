"""Rates of the checks on planted faults and on what people wrote; docs/checks.md shows the measured figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.checks.counts import count_flags
from harness.checks.run import check_system
from harness.workspace.languages import parse_pair
from tests.checks.material import corpus_of, example, ntrex, outputs, planted
from tests.checks.measure import merge_recall, per_thousand, recall, recall_in_outputs, sentence_rates

FITTING = {
    "empty": {"empty"},
    "untranslated": {"copied_source"},
    "wrong_language": {"wrong_language"},
    "wrong_number": {"number", "date"},
    "omission": {"length", "truncated", "number"},
    "repetition": {"repetition"},
    "placeholder": {"placeholder", "tag"},
    "preamble": {"preamble"},
    "refusal": {"refusal"},
}

LOWEST_RECALL = {
    ("empty", "no text"): 1.0,
    ("copied_source", "the source"): 0.97,
    ("wrong_language", "a related language"): 0.93,
    ("truncated", "second half cut off"): 0.85,
    ("refusal", "a refusal"): 1.0,
    ("preamble", "an introduction"): 1.0,
    ("repetition", "four words said twice"): 0.93,
    ("repetition", "two words said six times"): 0.97,
    ("number", "a number left out"): 0.88,
    ("number", "a digit changed"): 0.88,
    ("date", "another month"): 1.0,
    ("url", "an address changed"): 1.0,
    ("email", "an address lost"): 1.0,
    ("placeholder", "a name translated"): 1.0,
    ("tag", "a tag not closed"): 0.98,
    ("length", "as much again"): 0.85,
    ("addition", "another sentence at the end"): 0.78,
    ("artefact", "a letter lost"): 1.0,
    ("artefact", "an end token"): 1.0,
    ("artefact", "an escape"): 0.99,
    ("artefact", "NFD"): 1.0,
    ("artefact", "UTF-8 as Windows-1252"): 0.95,
}


@pytest.mark.parametrize(("references", "at_least"), [(True, 38), (False, 36)])
def test_planted_faults_are_found(references: bool, at_least: int) -> None:
    pytest.importorskip("eldc")
    corpus = example("de-en")
    outcomes = outputs("example-faulty", corpus)
    faults = planted(corpus)
    assert len(faults) == 39
    if not references:
        sources = [segment.source for segment in corpus.segments]
        corpus = corpus_of(corpus.pair, sources, [s.id.article for s in corpus.segments], [()] * len(sources))
    flags = check_system(corpus, outcomes)
    caught = [row for row, kind in faults.items() if FITTING[kind] & {flag.kind for flag in flags[row]}]
    assert len(caught) >= at_least
    others = [row for row, found in enumerate(flags) if found and row not in faults]
    assert len(others) <= 4


@pytest.mark.parametrize("system", ["example-careful", "example-literal"])
def test_clean_outputs_have_hardly_a_flag(system: str) -> None:
    corpus = example("de-en")
    flags = check_system(corpus, outputs(system, corpus))
    assert sum(map(bool, flags)) <= 2


@pytest.mark.parametrize("pair", ["de-en", "en-es"])
def test_references_of_the_example_as_a_system(pair: str) -> None:
    corpus = example(pair)
    rows = [segment for segment in corpus.segments if segment.references]
    bare = corpus_of(corpus.pair, [s.source for s in rows], [s.id.article for s in rows], [()] * len(rows))
    assert per_thousand(bare, [s.references[0] for s in rows])["any"] <= 10
    both = [segment for segment in rows if len(segment.references) > 1]
    second = [segment.references[1:] for segment in both]
    beside = corpus_of(corpus.pair, [s.source for s in both], [s.id.article for s in both], second)
    assert sum(count_flags(check_system(beside, _first(both))).values()) <= 2


def _first(segments):  # type: ignore[no-untyped-def]
    from tests.checks.material import translated

    return translated([segment.references[0] for segment in segments])


@pytest.mark.slow
@pytest.mark.parametrize("target", ["de", "es", "fr", "ca", "pt", "cs", "uk", "da", "zh", "ja", "ar"])
def test_false_alarms_on_what_people_wrote(wmt_data: Path, target: str) -> None:
    rates = per_thousand(*ntrex(wmt_data, target))
    everything = rates.pop("any")
    assert max(rates.values()) <= 8, rates
    assert everything <= 18


@pytest.mark.slow
def test_faults_put_into_what_people_wrote_are_found(wmt_data: Path) -> None:
    pytest.importorskip("eldc")
    rates = {fault: caught / planted for fault, (caught, planted) in recall(wmt_data, "es", 10).items()}
    assert rates.keys() == LOWEST_RECALL.keys()
    assert {fault: rate for fault, rate in rates.items() if rate < LOWEST_RECALL[fault]} == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pair", "system", "other"), [("de-en", "Online-A", "da"), ("en-es", "ONLINE-B", "ca"), ("en-cs", "ONLINE-B", "sk")]
)
def test_faults_put_into_real_outputs_are_found(wmt_data: Path, pair: str, system: str, other: str) -> None:
    pytest.importorskip("eldc")
    found = recall_in_outputs(wmt_data, parse_pair(pair), system, other, references=True, every=4)
    assert sum(by_any for _, by_any, _ in found.values()) >= 0.98 * sum(total for *_, total in found.values())
    kinds: dict[str, list[int]] = {}
    for (kind, _), (_, by_any, total) in found.items():
        caught, among = kinds.setdefault(kind, [0, 0])
        kinds[kind] = [caught + by_any, among + total]
    rates = {kind: caught / among for kind, (caught, among) in kinds.items()}
    assert len(rates) >= 12
    # Numbers that stand in a source twice, or beside a unit that readers do not know, are let pass.
    assert rates.pop("number") >= 0.85
    assert min(rates.values()) >= 0.95, rates


@pytest.mark.slow
@pytest.mark.parametrize(("split", "at_least"), [(False, 0.8), (True, 0.5)])
def test_merged_and_split_segments_are_found(wmt_data: Path, split: bool, at_least: float) -> None:
    caught, among = merge_recall(wmt_data, "de", split=split)
    assert caught >= at_least * among


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "omission", "addition"),
    [
        ("de", 0.87, 0.74),
        ("es", 0.9, 0.8),
        ("ar", 0.9, 0.8),
        ("ja", 0.75, 0.5),
        ("zh", 0.87, 0.55),
        ("uk", 0.86, 0.75),
    ],
)
def test_sentences_left_out_or_added_are_found(wmt_data: Path, target: str, omission: float, addition: float) -> None:
    rates = sentence_rates(wmt_data, target)
    assert rates.omission >= omission
    assert rates.addition >= addition
    assert rates.false_alarms <= 0.03
