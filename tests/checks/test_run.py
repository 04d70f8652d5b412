"""All checks on one system: which segments, in which order, how they are counted."""

from __future__ import annotations

import time

from harness.checks.counts import count_flags
from harness.checks.interface import ArticleCheck, CheckContext
from harness.checks.load import kinds, load_checks
from harness.checks.run import check_outputs, check_system, lengths_of
from harness.types import Failed, LangPair, Refused, Translated
from tests.checks.material import corpus_of, example, outputs, translated

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SOURCES = tuple(
    f"Der {word} wird im kommenden Jahr wahrscheinlich geschlossen." for word in "abcdefghijklmnopqrstuvwxyz"
)
TEXTS = tuple(f"The {word} will probably be closed in the coming year." for word in LETTERS)


def test_only_translations_are_checked() -> None:
    corpus = corpus_of(LangPair("de", "en"), ("Eins ist da.",) * 3, ("a",) * 3, ((),) * 3)
    flags = check_system(corpus, (Failed("time-out"), Refused("too long"), Translated("")))
    assert [[flag.kind for flag in segment] for segment in flags] == [[], [], ["empty"]]
    assert count_flags(flags) == {kind: int(kind == "empty") for kind in kinds()}


def test_a_segment_counts_once_for_each_kind() -> None:
    corpus = corpus_of(LangPair("de", "en"), ("Von 10 bis 20 Uhr und 30 Euro",), ("a",), ((),))
    flags = check_system(corpus, translated(["From 61 to 62 and 63 euros"]))
    assert [flag.kind for flag in flags[0]] == ["number"] * 3
    assert count_flags(flags)["number"] == 1


def test_merged_and_split_segments_within_an_article_only() -> None:
    for documents in (("a",) * 26, tuple("a" if row < 5 else "b" for row in range(26))):
        corpus = corpus_of(LangPair("de", "en"), SOURCES, documents, ((),) * 26)
        texts = list(TEXTS)
        texts[4] += " " + texts[5]
        texts[5] = ""
        flags = check_system(corpus, translated(texts))
        rows = [row for row, found in enumerate(flags) if any(flag.kind == "merged_or_split" for flag in found)]
        assert rows == ([4, 5] if documents[4] == documents[5] else [])


def test_systems_side_by_side_get_the_flags_that_each_gets_alone() -> None:
    corpus = corpus_of(LangPair("de", "en"), SOURCES, ("a",) * 26, tuple((text,) for text in TEXTS))
    lost = (*TEXTS[:5], "", *TEXTS[6:])
    merged = (*lost[:4], f"{TEXTS[4]} {TEXTS[5]}", *lost[5:])
    systems = [translated(lost), translated(merged), (*translated(TEXTS[:-1]), Failed("time-out"))]
    context = CheckContext(corpus.pair, {}, lengths_of(corpus, systems))
    flags = check_outputs(corpus, systems, context)
    assert flags == [check_system(corpus, outcomes) for outcomes in systems]
    assert [sorted({flag.kind for flag in of_system[5]}) for of_system in flags] == [
        ["empty"],
        ["empty", "merged_or_split"],
        [],
    ]


def test_lengths_come_from_references_and_otherwise_from_all_systems() -> None:
    pair = LangPair("de", "en")
    with_references = corpus_of(pair, SOURCES, ("a",) * 26, tuple((text,) for text in TEXTS))
    without = corpus_of(pair, SOURCES, ("a",) * 26, ((),) * 26)
    short = translated(["Closed."] * 26)
    assert lengths_of(with_references, [short]).ratio > -0.3
    assert lengths_of(without, [short]).ratio < -1.5
    assert lengths_of(without, [short, translated(TEXTS), translated(TEXTS)]).ratio > -0.3
    assert not lengths_of(corpus_of(pair, SOURCES[:3], ("a",) * 3, ((),) * 3), [short[:3]]).known


def test_other_systems_show_that_one_is_too_short() -> None:
    corpus = corpus_of(LangPair("de", "en"), SOURCES, ("a",) * 26, ((),) * 26)
    short = translated([f"{text.split()[1]} is closed." for text in TEXTS])
    alone = count_flags(check_system(corpus, short))["length"]
    beside = count_flags(check_system(corpus, short, others=[translated(TEXTS), translated(TEXTS)]))["length"]
    assert (alone, beside) == (0, 26)


def test_two_thousand_segments_a_second_without_identification() -> None:
    corpus = example("de-en")
    outcomes = outputs("example-careful", corpus)
    from harness.checks.interface import CheckContext, Item

    context = CheckContext(corpus.pair, {}, lengths_of(corpus, [outcomes]))
    checks = [
        check
        for kind, check in load_checks().items()
        if kind != "wrong_language" and not isinstance(check, ArticleCheck)
    ]
    items = [Item(s.source, o.text, s.references) for s, o in zip(corpus.segments, outcomes, strict=True)]  # type: ignore[union-attr]
    start = time.process_time()
    for item in items:
        for check in checks:
            list(check(item, context))
    # A quarter of the goal: machines that run tests are slow and busy.
    assert len(items) / (time.process_time() - start) > 500
