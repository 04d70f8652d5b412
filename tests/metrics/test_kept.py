"""Statistics from earlier runs: by system, to the last bit, and never for other texts or settings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from harness.metrics.interface import ErrorSpan, Metric, ScoringItem
from harness.metrics.stored import Kept, Part, decode, encode
from harness.metrics.strings import sacrebleu_stats
from harness.metrics.strings.bleu import Bleu, BleuOptions
from harness.metrics.strings.chrf import Chrf, ChrfOptions
from harness.metrics.strings.ter import Ter, TerOptions
from tests.metrics.build import SENTENCES, MemoryCache, context, items

METRICS: dict[str, Metric] = {
    "bleu": Bleu(BleuOptions()),
    "chrf": Chrf(ChrfOptions()),
    "ter": Ter(TerOptions()),
}


@pytest.fixture
def extracted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pairs were counted, by call."""
    counts: list[int] = []
    original = sacrebleu_stats.extract

    def counted(oracle: object, pairs: list[object], width: int, compiled: object) -> object:
        counts.append(len(pairs))
        return original(oracle, pairs, width, compiled)  # type: ignore[arg-type]

    monkeypatch.setattr(sacrebleu_stats, "extract", counted)
    return counts


def two_systems(second: str = "two") -> list[ScoringItem]:
    return items(SENTENCES, system="one") + items(SENTENCES[:5], system=second)


@pytest.mark.parametrize("name", METRICS)
def test_a_second_run_counts_nothing_and_has_the_same_bits(name: str, extracted: list[int]) -> None:
    metric = METRICS[name]
    kept = replace(context(cache=MemoryCache()), texts={"one": "t1", "two": "t2"})
    first = metric.statistics(two_systems(), kept)
    assert sum(extracted) > 0
    extracted.clear()
    again = metric.statistics(two_systems(), kept)
    assert sum(extracted) == 0
    assert again.rows.tobytes() == first.rows.tobytes()
    assert (again.scored == first.scored).all()
    assert again.identity == first.identity


@pytest.mark.parametrize("name", METRICS)
def test_rows_of_another_way_of_counting_are_counted_again(
    name: str, extracted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = replace(context(cache=MemoryCache()), texts={"one": "t1", "two": "t2"})
    METRICS[name].statistics(two_systems(), kept)
    before = sum(extracted)
    monkeypatch.setattr(sacrebleu_stats, "COUNTING", sacrebleu_stats.COUNTING + 1)
    METRICS[name].statistics(two_systems(), kept)
    assert sum(extracted) == 2 * before > 0


def test_only_the_system_whose_texts_changed_is_counted(extracted: list[int]) -> None:
    cache = MemoryCache()
    bleu = METRICS["bleu"]
    before = bleu.statistics(two_systems(), replace(context(cache=cache), texts={"one": "t1", "two": "t2"}))
    extracted.clear()
    changed = [replace(item, hypothesis="something else") if item.system == "two" else item for item in two_systems()]
    after = bleu.statistics(changed, replace(context(cache=cache), texts={"one": "t1", "two": "t3"}))
    assert 0 < sum(extracted) <= 5
    assert (after.rows[: len(SENTENCES)] == before.rows[: len(SENTENCES)]).all()
    assert (after.rows[len(SENTENCES) :] != before.rows[len(SENTENCES) :]).any()


def test_other_settings_are_other_statistics(extracted: list[int]) -> None:
    cache = MemoryCache()
    kept = replace(context(cache=cache), texts={"one": "t1"})
    texts = items(SENTENCES, system="one")
    tables = [
        metric.statistics(texts, kept)
        for metric in (
            Chrf(ChrfOptions()),
            Chrf(ChrfOptions(char_order=3)),
            Chrf(ChrfOptions(beta=3)),
            Chrf(ChrfOptions(lowercase=True)),
            Bleu(BleuOptions(lowercase=True)),
            Bleu(BleuOptions(tokenize="char")),
            Ter(TerOptions(case_sensitive=True)),
        )
    ]
    assert len(extracted) == len(tables) == len(cache.derived)


def test_the_number_of_references_in_the_signature_is_that_of_all_systems() -> None:
    cache = MemoryCache()
    one = [ScoringItem("one", 1, "s", "a b", ("a b",)), ScoringItem("one", 2, "s", "a c", ("a b", "a c"))]
    two = [ScoringItem("two", 1, "s", "a b", ("a b",))]
    kept = replace(context(cache=cache), texts={"one": "t1", "two": "t2"})
    bleu = METRICS["bleu"]
    alone = bleu.statistics(two, kept).identity.signature
    both = [bleu.statistics(one + two, kept).identity.signature for _ in range(2)]
    assert alone.startswith("nrefs:1|")
    assert both[0] == both[1] == alone.replace("nrefs:1", "nrefs:var")


def test_without_digests_of_the_texts_nothing_is_kept() -> None:
    cache = MemoryCache()
    METRICS["bleu"].statistics(two_systems(), context(cache=cache))
    assert not cache.derived


@pytest.mark.parametrize(
    "rows",
    [
        np.zeros((3, 2)),
        np.array([[0.0, 255.0], [256.0, 65536.0], [1.0, 2.0]]),
        np.array([[0.1, 1.0], [-3.5, 1.0], [1e300, 1.0]]),
        np.array([[2.0**40, 1.0], [-1.0, 1.0], [0.0, 0.0]]),
    ],
)
def test_parts_come_back_to_the_last_bit(rows: np.typing.NDArray[np.float64]) -> None:
    scored = np.array([True, False, True])
    marks = {"empty": np.array([False, True, False]), "truncated": np.array([False, False, True])}
    part = Part(rows, scored, marks, {2: (ErrorSpan(0, 3, "major", 0.7),)})
    back = decode(encode(part))
    assert back.rows.tobytes() == rows.tobytes()
    assert back.scored.tolist() == scored.tolist()
    assert {name: mask.tolist() for name, mask in back.marks.items()} == {
        name: mask.tolist() for name, mask in marks.items()
    }
    assert back.spans == part.spans


def test_marks_and_spans_stay_with_their_rows() -> None:
    cache = MemoryCache()
    texts = [ScoringItem(system, line, "s", "h", ("r",)) for system in ("a", "b", "c") for line in (1, 2)]

    def part(systems: list[ScoringItem]) -> Part:
        numbers = np.array([[ord(item.system), item.line] for item in systems], dtype=np.float64)
        marks = {"empty": np.array([item.line == 2 for item in systems])} if len(systems) < 6 else {}
        spans = {row: (ErrorSpan(0, 1, item.system, 0.5),) for row, item in enumerate(systems) if item.line == 2}
        return Part(numbers, np.ones(len(systems), dtype=bool), marks, spans)

    kept = replace(context(cache=cache), texts={"b": "t"})
    only_b = Kept({"k": "1"}, texts[2:4], kept)
    only_b.join(part(only_b.todo))
    everything = Kept({"k": "1"}, texts, kept)
    assert [item.system for item in everything.todo] == ["a", "a", "c", "c"]
    joined = everything.join(part(everything.todo))
    assert joined.rows.tolist() == [[ord(item.system), item.line] for item in texts]
    assert joined.marks["empty"].tolist() == [False, True] * 3
    assert {row: spans[0].severity for row, spans in joined.spans.items()} == {1: "a", 3: "b", 5: "c"}
