"""What a metric may know and say: its place in an article, errors on both sides, reasons, cost, and other systems."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.errors import MetricUnavailable
from harness.metrics.interface import (
    ALONE,
    Enquiry,
    ErrorSpan,
    MetricContext,
    Replies,
    Rows,
    ScoringItem,
    StatTable,
)
from harness.metrics.pairwise import Duel, PairwiseMetric
from harness.metrics.scoring import score_systems, scoring_items
from harness.metrics.segment import SegmentMean
from harness.store.cache.nothing import NoCache
from harness.testing import ContractError, metric_contract
from harness.types import (
    Article,
    ArticleId,
    Corpus,
    Failed,
    LangPair,
    MetricIdentity,
    Missing,
    Money,
    Reason,
    Segment,
    SegmentId,
    SystemName,
    Translated,
    Unknown,
)
from harness.workspace.progress import Silent

PAIR = LangPair("de", "en")
EXTEND = Path(__file__).resolve().parents[2] / "docs" / "extend.md"


def corpus() -> Corpus:
    """Two articles, of three segments and of two."""

    def article(name: str, *sources: str) -> Article:
        segments = (
            Segment(SegmentId(ArticleId(name), number), number, 1, source, (source.upper(),))
            for number, source in enumerate(sources, start=1)
        )
        return Article(ArticleId(name), PAIR, tuple(segments))

    return Corpus(PAIR, (article("first", "a", "b", "c"), article("second", "d", "e")))


OUTCOMES = {
    SystemName("one"): (Translated("1a"), Failed("time-out"), Translated("1c"), Translated("1d"), Translated("1e")),
    SystemName("two"): tuple(Translated(f"2{letter}") for letter in "abcde"),
}


def test_an_item_knows_its_article_and_its_neighbours() -> None:
    items, parts = scoring_items(corpus(), OUTCOMES)
    third = items[1]
    assert (third.system, third.line, third.source, third.references) == ("one", 3, "c", ("C",))
    assert (third.place.document.article, third.place.index) == ("first", 2)
    before = third.place.before(5)
    assert [(beside.source, beside.references, beside.outcome) for beside in before] == [
        ("a", ("A",), Translated("1a")),
        ("b", ("B",), Failed("time-out")),
    ]
    assert third.place.before(1) == before[1:]
    assert third.place.after(1) == ()
    assert [beside.source for beside in items[2].place.after(3)] == ["e"]
    assert items[2].place.document is items[3].place.document
    assert parts[SystemName("one")].rows == [0, 2, 3, 4]
    assert ALONE.before(3) == ALONE.after(3) == ()


class Marker(SegmentMean):
    """Marks the first character of the source as left out, and says why; broken in the way a test asks for."""

    name, higher_is_better, needs_reference = "marker", True, False

    def __init__(self, fault: str = "") -> None:
        self.fault = fault

    def statistics(self, items: Sequence[ScoringItem], context: MetricContext) -> StatTable:
        del context
        rows = np.ones((len(items), 2))
        rows[:, 0] = [float(item.hypothesis in item.references) for item in items]
        spans = {row: (self._span(item),) for row, item in enumerate(items) if item.source}
        whys = {row: f"{item.system}: {item.source}" for row, item in enumerate(items)}
        if self.fault == "empty" and items:
            whys[0] = " "
        if self.fault == "nowhere":
            whys[len(items)] = "of nobody"
        identity = MetricIdentity(self.name, "v1", self.higher_is_better, self.needs_reference)
        return StatTable(identity, rows, np.ones(len(items), dtype=np.bool_), spans=spans, justifications=whys)

    def _span(self, item: ScoringItem) -> ErrorSpan:
        span = ErrorSpan(0, 1, "major", side="source", category="accuracy/omission", text=item.source[:1], reason="x")
        match self.fault:
            case "outside":
                return replace(span, end=len(item.source) + 1)
            case "text":
                return replace(span, text="something else")
            case "side":
                return replace(span, side="reference")  # type: ignore[arg-type]
            case "confidence":
                return replace(span, confidence=0.0)
        return span

    @property
    def cost(self) -> Money | Unknown:
        return Money(-1.0, "USD") if self.fault == "cost" else Unknown(Reason("unknown.no_tariff"))


def test_a_metric_that_marks_sources_justifies_and_says_what_it_cost_keeps_the_contract() -> None:
    metric_contract(Marker)


@pytest.mark.parametrize(
    ("fault", "said"),
    {
        "outside": "lies outside the source",
        "text": "has the text 'something else'",
        "side": "is on the side 'reference'",
        "confidence": "has a confidence of 0",
        "empty": "the justification of item 0 is empty",
        "nowhere": "a justification of item",
        "cost": "is not an amount of money",
    }.items(),
)
def test_what_a_metric_says_beside_its_scores_is_checked(fault: str, said: str) -> None:
    with pytest.raises(ContractError, match=said):
        metric_contract(lambda: Marker(fault))


def test_errors_and_reasons_stay_with_their_segments() -> None:
    context = MetricContext(PAIR, NoCache())
    scored = score_systems(corpus(), OUTCOMES, {"marker": Marker()}, context, Silent(), add_reference="add one")
    table = scored[SystemName("one")].tables["marker"]
    assert table.justifications == {row: f"one: {letter}" for row, letter in ((0, "a"), (2, "c"), (3, "d"), (4, "e"))}
    assert {row: span.text for row, (span,) in table.spans.items()} == {0: "a", 2: "c", 3: "d", 4: "e"}
    cut = table.take(np.array([4, 1, 0]))
    assert cut.justifications == {0: "one: e", 2: "one: a"}
    assert {row: span.text for row, (span,) in cut.spans.items()} == {0: "e", 2: "a"}
    assert cut.scored.tolist() == [True, False, True]


class Longer(PairwiseMetric):
    """Prefers the longer text, and whichever stands first."""

    name = "longer"

    def __init__(self) -> None:
        self.duels: list[Duel] = []

    def depends_on(self, context: MetricContext) -> str:
        return f"v1|pair:{context.pair}"

    def preferences(self, duels: Sequence[Duel], context: MetricContext) -> Rows:
        del context
        self.duels += duels
        return np.array([len(duel.first.hypothesis) - len(duel.second.hypothesis) + 0.5 for duel in duels])


def test_a_metric_that_compares_systems_keeps_the_contract() -> None:
    metric_contract(Longer)


def _items(**texts: str) -> list[ScoringItem]:
    return [ScoringItem(system, 1, "s", text, ()) for system, text in texts.items()]


def test_a_score_is_the_mean_preference_over_all_opponents_in_both_orders() -> None:
    metric = Longer()
    table = metric.statistics(_items(b="xx", a="x", c="xxxx", d="xx"), MetricContext(PAIR, NoCache()))
    assert table.rows[:, 0] == pytest.approx([-1 / 3, -5 / 3, 7 / 3, -1 / 3])
    assert table.identity.signature == "v1|pair:de-en|orders:both|systems:a,b,c,d"
    shown = [(duel.first.hypothesis, duel.second.hypothesis) for duel in metric.duels]
    assert len(shown) == len(set(shown)) == 6, "equal texts have equal preferences and are compared once"
    assert {(second, first) for first, second in shown} == set(shown)


def test_segments_that_a_system_did_not_translate_are_compared_for_nobody() -> None:
    items = [*_items(a="x", b="xx"), ScoringItem("a", 2, "s", "xxx", ())]
    table = Longer().statistics(items, MetricContext(PAIR, NoCache()))
    assert table.scored.tolist() == [True, True, False]
    with pytest.raises(MetricUnavailable, match="a is the only one"):
        Longer().statistics(_items(a="x"), MetricContext(PAIR, NoCache()))


class Scripted:
    """An enquirer that knows the answers."""

    def __init__(self, answer: Callable[[Any], object]) -> None:
        self.answer = answer

    def ask(self, enquiry: Enquiry, pair: LangPair) -> Replies:
        assert pair == PAIR
        texts = (Translated(json.dumps(self.answer(json.loads(question)))) for question in enquiry.questions)
        return Replies(tuple(texts), len(enquiry.questions), Money(0.0, ""))


def _of_the_page() -> Any:
    (code,) = (
        block
        for block in re.findall(r"```python\n(.*?)```", EXTEND.read_text(encoding="utf-8"), re.DOTALL)
        if "class Fluency" in block
    )
    namespace: dict[str, Any] = {}
    exec(compile(code, "docs/extend.md", "exec"), namespace)
    return namespace["Fluency"]


def test_the_asking_metric_of_the_page_keeps_the_contract() -> None:
    made = _of_the_page()
    metric_contract(made, enquirer=Scripted(lambda asked: {"score": 0 if "xyzzy" in asked["text"] else 90}))


def test_a_metric_must_announce_what_it_asks() -> None:
    class Evasive(_of_the_page()):  # type: ignore[misc]
        def statistics(self, items: Sequence[ScoringItem], context: MetricContext) -> StatTable:
            others = [replace(item, hypothesis=f"{item.hypothesis}!") for item in items]
            table: StatTable = super().statistics(others, context)
            return table

    with pytest.raises(ContractError, match="something else than 'enquiries' announces"):
        metric_contract(Evasive, enquirer=Scripted(lambda asked: {"score": len(asked["text"])}))


def test_where_paid_answers_cannot_be_kept_nothing_is_asked() -> None:
    metric = _of_the_page()()
    context = MetricContext(PAIR, NoCache())
    scored = score_systems(corpus(), OUTCOMES, {"fluency": metric}, context, Silent(), add_reference="add one")
    missing = scored[SystemName("two")].scores["fluency"]
    assert isinstance(missing, Missing)
    assert "needs a workspace" in str(missing.why.fields["text"])
