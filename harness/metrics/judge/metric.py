"""``judge``: a language model with its own prompt, asked once for every different translation.

One row: ``[w * score, w]``, where w is 1, or with a sample the number of segments that the judged one stands for. An
empty translation is not sent: it counts as one that is no translation, 25 by MQM and 0 by ESA. A judgement that cannot
be had is missing, and then the segment is scored for no system: all are judged on the same segments.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import ClassVar

import numpy as np

from harness.errors import MetricUnavailable
from harness.metrics.interface import Enquiry, ErrorSpan, MetricContext, Respondent, Rows, ScoringItem, StatTable
from harness.metrics.judge.options import JudgeOptions
from harness.metrics.judge.prompts import prompt_for, prompt_name
from harness.metrics.judge.sampling import Weights, draw
from harness.metrics.judge.tally import Tally, same_house
from harness.metrics.scores.foreign.mqm import NON_TRANSLATION
from harness.metrics.segment import WIDTH, SegmentMean
from harness.types import LangPair, MetricIdentity, Money, Note, Reason, Response, Traits, Unknown

FEWEST = 0.5
"""A system with a smaller share of its judgements takes no segments from the others."""

NOTHING_ASKED = Money(0.0, "")

EMPTY = "empty, so it was not sent"


@dataclass(slots=True)
class _Rows:
    """The table in the making."""

    rows: Rows
    spans: dict[int, tuple[ErrorSpan, ...]] = field(default_factory=dict)
    whys: dict[int, str] = field(default_factory=dict)
    empty: set[int] = field(default_factory=set)
    missing: set[int] = field(default_factory=set)
    """Rows whose judgement could not be had."""

    def mask(self, rows: set[int]) -> np.typing.NDArray[np.bool_]:
        """As a mask of the items."""
        mask = np.zeros(len(self.rows), dtype=np.bool_)
        mask[sorted(rows)] = True
        return mask


class Judge(SegmentMean):
    """A language model that judges."""

    Options: ClassVar[type[JudgeOptions]] = JudgeOptions
    traits: ClassVar = Traits("judge", decimals=2)

    def __init__(self, options: JudgeOptions) -> None:
        self.options = options
        self.name = options.name
        self.higher_is_better = options.protocol == "esa"
        self.cost: Money | Unknown = NOTHING_ASKED
        self._notes: list[Note] = []

    @property
    def notes(self) -> Sequence[Note]:
        """What was asked, what is missing and why, and what speaks against believing the judge."""
        return self._notes

    @property
    def respondents(self) -> Sequence[Respondent]:
        """The one model."""
        given = self.options
        return (
            Respondent(
                self.name,
                given.engine,
                {"model": given.model, **given.options},
                given.limits,
                given.price,
                given.api_key_env,
                f"[metric.{self.name}]",
            ),
        )

    def enquiries(self, items: Sequence[ScoringItem], pair: LangPair) -> Sequence[Enquiry]:
        """One question for each different translation, and one enquiry for each repetition."""
        drawn = self._drawn(items)
        asked = [item for item in items if item.line in drawn and item.hypothesis.strip()]
        questions = tuple(dict.fromkeys(map(self._question, asked)))
        if not questions:
            return []
        given = self.options
        prompt = prompt_for(
            given.protocol, pair, prompt=given.prompt, reference=given.reference, context=given.context > 0
        )
        return [Enquiry(self.respondents[0], prompt, questions, sample) for sample in range(given.repeat)]

    def statistics(self, items: Sequence[ScoringItem], context: MetricContext) -> StatTable:
        """Rows, error spans and reasons; marks ``empty``, and ``not judged`` where a judgement is missing.

        Raises:
            MetricUnavailable: the model cannot be asked, or it gave no judgement at all.
        """
        self._notes, self.cost = [], NOTHING_ASKED
        tally, drawn = Tally(), self._drawn(items)
        table = self._judge(items, drawn, self._answers(items, context), tally)
        if table.missing and not tally.judgements:
            raise MetricUnavailable(f"{self.options.model} gave no judgement: {tally.main_reason}", fix="")
        left_out = _even_out(items, table)
        self._take(*tally.reasons(self.options.model, self.cost))
        if left_out:
            self._take(Reason("noted.judge_left_out", {"n": left_out}))
        if drawn and self.options.sample < 1:
            segments = len({item.line for item in items})
            self._take(Reason("noted.judge_sample", {"n": len(drawn), "all": segments}))
        self._take(*same_house(self.options.engine, self.options.model, context.engines))
        marks = {"empty": table.mask(table.empty)}
        if table.missing:
            marks["not judged"] = table.mask(table.missing)
        identity = MetricIdentity(
            self.name, self._signature(), self.higher_is_better, self.options.reference, self.traits
        )
        return StatTable(identity, table.rows, table.rows[:, 1] > 0, marks, table.spans, table.whys)

    def sizes(self, rows: Rows) -> Rows:
        """The segments that rows stand for: more than were judged, where a sample was."""
        return rows[:, 1]

    @property
    def _empty_score(self) -> float:
        return NON_TRANSLATION if self.options.protocol == "mqm" else 0.0

    def _drawn(self, items: Sequence[ScoringItem]) -> Weights:
        able = [item for item in items if item.references or not self.options.reference]
        return draw(able, self.options.sample, self.options.sample_seed)

    def _question(self, item: ScoringItem) -> str:
        """The texts, as data. Neighbours are those of the source, so that equal translations share a judgement."""
        given = self.options
        texts: dict[str, object] = {}
        if given.context:
            texts["before"] = [beside.source for beside in item.place.before(given.context)]
            texts["after"] = [beside.source for beside in item.place.after(given.context)]
        texts["source"] = item.source
        if given.reference:
            texts["references"] = list(item.references)
        texts["translation"] = item.hypothesis
        return json.dumps(texts, ensure_ascii=False)

    def _answers(self, items: Sequence[ScoringItem], context: MetricContext) -> Mapping[str, list[Response]]:
        answers: dict[str, list[Response]] = {}
        costs: list[Money | Unknown] = []
        for enquiry in self.enquiries(items, context.pair):
            replies = context.enquirer.ask(enquiry, context.pair)
            costs.append(replies.cost)
            for question, outcome in zip(enquiry.questions, replies.outcomes, strict=True):
                answers.setdefault(question, []).append(outcome)
        self.cost = _sum(costs)
        return answers

    def _judge(
        self, items: Sequence[ScoringItem], drawn: Weights, answers: Mapping[str, list[Response]], tally: Tally
    ) -> _Rows:
        table = _Rows(np.zeros((len(items), WIDTH)))
        for row, item in enumerate(items):
            if item.line not in drawn:
                continue
            weight = drawn[item.line]
            if not item.hypothesis.strip():
                table.rows[row] = weight * self._empty_score, weight
                table.whys[row] = EMPTY
                table.empty.add(row)
                continue
            question = self._question(item)
            texts = (item.source, item.hypothesis)
            judgements = tally.read(question, answers[question], self.options.protocol, texts)
            if not judgements:
                table.missing.add(row)
                table.whys[row] = tally.why_not(question)
                continue
            table.rows[row] = weight * fmean(one.score for one in judgements), weight
            if judgements[0].spans:
                table.spans[row] = judgements[0].spans
        return table

    def _signature(self) -> str:
        given = self.options
        fields = {
            "judge": prompt_name(given.protocol, given.prompt),
            "model": f"{given.engine}/{given.model}",
            "ref": "yes" if given.reference else "no",
            "context": str(given.context),
            "repeat": str(given.repeat),
            "empty": f"{self._empty_score:g}",
        }
        if given.options:
            text = json.dumps(given.options, sort_keys=True, default=str)
            fields["options"] = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        if given.sample < 1:
            fields["sample"] = f"{given.sample:g}/{given.sample_seed}"
        return "|".join(f"{name}:{value}" for name, value in fields.items())

    def _take(self, *reasons: Reason) -> None:
        self._notes += [Note(self.name, reason) for reason in reasons]


def _even_out(items: Sequence[ScoringItem], table: _Rows) -> int:
    """Leave segments out for all systems where one has no judgement, else their scores were of different segments.

    Returns:
        How many were left out of scores that would have had them.
    """
    judged: dict[str, list[int]] = {}
    for row, item in enumerate(items):
        if table.rows[row, 1] or row in table.missing:
            judged.setdefault(item.system, []).append(row)
    counting = {
        name for name, rows in judged.items() if sum(row not in table.missing for row in rows) >= FEWEST * len(rows)
    }
    lost = {items[row].line: items[row].system for row in sorted(table.missing) if items[row].system in counting}
    lines = set()
    for row, item in enumerate(items):
        if item.line in lost and item.system in counting and table.rows[row, 1]:
            table.rows[row] = 0.0
            table.whys[row] = f"left out, because {lost[item.line]} was not judged here"
            lines.add(item.line)
    return len(lines)


def _sum(costs: Sequence[Money | Unknown]) -> Money | Unknown:
    for cost in costs:
        if isinstance(cost, Unknown):
            return cost
    known = [cost for cost in costs if isinstance(cost, Money)]
    currency = next((cost.currency for cost in known if cost.currency), "")
    return Money(sum(cost.amount for cost in known), currency)
