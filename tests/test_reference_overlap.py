"""References that were edited from a system's output: found, said first, and no recommendation built on them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from harness.analysis.decision.decide import decide
from harness.analysis.decision.doubt import ReferenceDoubts, edited_elsewhere
from harness.analysis.decision.recommendation import DecisionPolicy, NoDecision
from harness.analysis.decision.reference_overlap import _BEGINNING, _equal, _normalised, edited_reference
from harness.analysis.evidence import weigh
from harness.api import score
from harness.metrics.load import formulas
from harness.reports.words.decision import spoken
from harness.reports.words.reasons import sentence as in_words
from harness.store.runs.result import PairResult
from harness.types import Article, ArticleId, Corpus, LangPair, Segment, SegmentId, SystemName, Translated
from tests.bench.wmt_sets import find_sets
from tests.decision_cases import refusal
from tests.reports.build import pair_result, system

PAIR = LangPair("de", "en")

WORDS = [f"word{number}" for number in range(400)]


def sentence(seed: str, length: int = 16) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=length))


def made(share: Mapping[str, float], *, lines: int = 200, length: int = 16, references: int = 1) -> PairResult:
    """Systems whose output is the first reference's text in a share of the segments, and their own elsewhere."""
    segments = tuple(
        Segment(
            SegmentId(ArticleId(f"a{n // 10}"), n % 10 + 1), n + 1, 1, f"Satz {n}",
            tuple(sentence(f"ref{index} {n}", length) for index in range(references)),
        )
        for n in range(lines)
    )  # fmt: skip
    articles = tuple(Article(ArticleId(f"a{n}"), PAIR, segments[10 * n : 10 * n + 10], {}) for n in range(lines // 10))
    texts = Corpus(PAIR, articles)
    systems = [
        system(
            texts,
            name,
            0.5 + part / 2,
            ["bleu"],
            outcomes=[
                Translated(f"{item.references[0].upper()}." if n < part * lines else sentence(f"{name} {n}", length))
                for n, item in enumerate(segments)
            ],
        )
        for name, part in share.items()
    ]
    return pair_result(texts, systems, ["bleu"])


def test_verbatim_sentences_of_one_system_show_who_was_edited() -> None:
    found = edited_reference(made({"A": 0.3, "B": 0.05, "C": 0.02}))
    assert found is not None
    assert (found.systems, found.share, found.others, found.segments) == (("A",), 0.3, (0.02, 0.05), 200)
    assert found.strong
    # Among many systems a few per cent are enough, and a system close to the edited one has its words too.
    many = edited_reference(made({"A": 0.06, "near": 0.05, **{f"S{n}": 0.0 for n in range(4)}}))
    assert many is not None
    assert (many.systems, many.strong) == (("A", "near"), False)


@pytest.mark.parametrize(
    "result",
    [
        made({"A": 0.3, "B": 0.2}),  # an easy text: both come close
        made({"A": 0.05, "B": 0.0}),  # a good system beside a bad one
        made({"A": 0.3, "B": 0.05}, length=6),  # short sentences have few translations
        made({"A": 0.3, "B": 0.0}, lines=20),  # nothing can be told from so few
        made({"A": 1.0}),
        made({"A": 0.0, "B": 0.0}),
    ],
)
def test_what_is_no_sign_of_it(result: PairResult) -> None:
    assert edited_reference(result) is None


def test_nothing_is_recommended_on_such_a_reference_alone() -> None:
    result = made({"A": 0.3, "B": 0.05, "C": 0.02})
    evidence = weigh(result, formulas({"metric_options": {"bleu": {"metric": "scores"}}}), seed=1)
    decision = decide(evidence, result, DecisionPolicy())
    assert isinstance(decision.recommendation, NoDecision)
    assert decision.strength == "open"
    (warning,) = spoken(decision).warnings
    assert warning.startswith(
        "The reference looks edited from the output of A: 30.0 % of its 200 long segments are identical to it"
    )
    assert warning.endswith("but only 2.0 to 5.0 % to the output of other systems.")
    assert refusal(decision).reason == (
        "with this reference, BLEU cannot tell whether A is better or only closer to its own text"
    )
    assert "a metric without references" in refusal(decision).what_would_help[0]


def test_a_tie_on_such_a_reference_says_so_first() -> None:
    result = made({"A": 0.3, "B": 0.05, "C": 0.02})
    evidence = weigh(result, formulas({"metric_options": {"bleu": {"metric": "scores"}}}), seed=1)
    found = evidence.metrics["bleu"]
    tied = tuple(replace(item, p_adjusted=0.4 if item.b != "C" else item.p_adjusted) for item in found.comparisons)
    evidence = replace(evidence, metrics={"bleu": replace(found, comparisons=tied)})
    (warning,) = spoken(decide(evidence, result, DecisionPolicy())).warnings
    assert warning.startswith("The reference looks edited from the output of A: 30.0 % of its 200 long segments")
    assert warning.endswith("other systems. With such a reference, BLEU favours A.")
    # It is a caveat where the tie is between others.
    known = ReferenceDoubts(edited_reference(result), None)
    (said,) = edited_elsewhere(known, [SystemName("B"), SystemName("C")])
    assert in_words(said).startswith("The reference looks edited from the output of A")
    assert edited_elsewhere(known, [SystemName("A"), SystemName("B")]) == ()


@pytest.mark.parametrize(("name", "winner"), [("biomqm.en-es", "mtcarousel"), ("biomqm.de-en", "mtcarousel")])
def test_a_real_reference_that_was_edited_from_the_winner(
    wmt_data: Path, tmp_path: Path, name: str, winner: str
) -> None:
    (given,) = find_sets(wmt_data, tmp_path, [name])
    run = score(
        source=given.source, references=list(given.references.values()), hypotheses=given.systems, pair=given.pair,
        docids=given.docids, checks=False, offline=True,
    )  # fmt: skip
    (result,) = run.pairs
    found = edited_reference(result)
    assert found is not None
    assert (found.systems, found.strong) == ((winner,), True)
    decision = decide(weigh(result, formulas(run.settings), seed=1, segment_tests=False), result, DecisionPolicy())
    assert isinstance(decision.recommendation, NoDecision)
    assert winner in spoken(decision).warnings[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "reference", "systems"),
    [
        ("wmt23.zh-en", "refA", ("HW-TSC", "Yishu", "ONLINE-B")),
        ("wmt23.de-en", "refA", ("ONLINE-W",)),
        *((name, reference, ()) for name, references in {
            "wmt21.de-en": "AB", "wmt21.en-de": "ACD", "wmt21.is-en": "A", "wmt22.de-en": "AB",
        }.items() for reference in references),
        *((f"wmt{year}", "refA", ()) for year in ("23.en-de", "24.en-cs", "24.en-de", "24.en-es", "24.en-is")),
        ("wmt24.en-de", "refB", ()),
    ],
)  # fmt: skip
def test_references_of_five_years(wmt_data: Path, name: str, reference: str, systems: Sequence[str]) -> None:
    folder = wmt_data / name
    run = score(
        source=folder / "source.txt", references=[folder / f"reference.{reference}.txt"],
        hypotheses={path.stem: path for path in sorted((folder / "systems").glob("*.txt"))},
        pair=name.rpartition(".")[2], metrics=(), checks=False, offline=True,
    )  # fmt: skip
    found = edited_reference(run.pairs[0])
    assert (found.systems if found else ()) == systems


def test_systems_that_hand_back_the_source_are_no_measure() -> None:
    result = made({"A": 0.3, "B": 0.25})
    floor = replace(
        result.systems[1],
        outcomes=tuple(Translated(segment.source) for segment in result.corpus.segments),
    )
    assert edited_reference(replace(result, systems=(result.systems[0], floor))) is None


def test_looking_at_the_beginning_first_changes_no_answer() -> None:
    """Texts that end, or whose last letter is cut from its accent, anywhere about where the beginning ends."""
    found = set()
    for length in range(_BEGINNING - 3, _BEGINNING + 4):
        text = ("ab, cd. " * 10)[: length - 1] + "e\u0301 Ω/\u0338 xyz, \uac00\u11a8, 12"
        for other in (
            text,
            text.upper(),
            text.replace(",", ""),
            f"{text} more",
            text.replace("e\u0301", "e"),
            text[1:],
        ):
            words = _normalised(other)
            found.add(_equal(text, other, words))
            assert _equal(text, other, words) == (_normalised(text) == words)
    assert found == {True, False}
