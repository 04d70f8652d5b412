"""A run until decided: the articles of each pair come in looks, until it is known which system is best.

Every look is the ordinary run on the articles so far, from the cache but for what is new; its order, its levels and who
is out follow from the plan, the seed and the answers. So the same command goes on where it was interrupted, whatever
interrupted it, and buys nothing twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from harness.analysis import PairAnalysis, analyse, unasked_metrics
from harness.analysis.sequential import LookPlan, breaking_limits, look_at
from harness.api.begun import after_looks, begun, notes_of, planned_looks
from harness.corpus.drawing import drawn_order, only_articles
from harness.errors import UsageError
from harness.pipeline import execute
from harness.reports.words.looks import look_line, look_result
from harness.reports.words.messages import say
from harness.reports.words.numbers import listed
from harness.reports.words.reasons import noted, sentence
from harness.reports.words.text import visible
from harness.store.cache.answers import Cache
from harness.store.runs.looks import SETTING, End, Look, Looks, NotSpent, looks_setting
from harness.store.runs.looks_begun import BegunLooks, note_looks
from harness.store.runs.result import PairResult, Run
from harness.translation.budget import Purse
from harness.translation.estimates import estimate
from harness.translation.parts import Ended, PairPart, part_of
from harness.translation.planning import Plan, PlannedPair
from harness.translation.session import Session
from harness.types import ArticleId, Corpus, Failed, LangPair, Missing, NotBought, SystemName
from harness.workspace.progress import Progress


def plan_of_looks(plan: Plan, pair: PlannedPair) -> LookPlan:
    """When one pair of a plan is looked at; see :mod:`harness.api.begun`."""
    return planned_looks(plan, pair, begun(plan, pair))


def check_looks(plan: Plan) -> None:
    """Return if the articles of a plan can come in looks.

    Raises:
        UsageError: segments were declared independent, or there is nothing to compare.
    """
    if plan.unit == "segment":
        raise UsageError(
            "--until-decided draws whole articles, and the segments are declared independent",
            hint="leave out --unit segment, and unit in harness.toml",
        )
    if all(plan_of_looks(plan, pair).systems < 2 for pair in plan.pairs):
        raise UsageError("--until-decided needs two systems to compare", hint="leave it out, or add a system")


def run_until_decided(plan: Plan, cache: Cache, progress: Progress) -> Run:
    """Buy, look, and stop.

    Args:
        plan: of all articles, whose request says how far the looks lie apart.
        cache: where answers are looked up and kept.
        progress: told how far everything is, and what each look shows.

    Raises:
        UsageError: the articles cannot come in looks; nothing has been sent.
        StoreError: see :func:`harness.pipeline.execute`.
        BatchesUnderWay: batch jobs of a look have not ended; the same call goes on from there.
    """
    check_looks(plan)
    session = Session(Purse(plan.request.max_cost))
    courses = {pair.corpus.pair: Course.begin(plan, pair) for pair in plan.pairs}
    for course in courses.values():
        for note in notes_of(course.pair, course.begun):
            progress.say(noted(note))
    while True:
        part = part_of(plan, {pair: course.part() for pair, course in courses.items()})
        run = execute(part, cache, progress, session)
        run = replace(run, pairs=tuple(courses[result.pair].at_level(result) for result in run.pairs))
        for analysed in analyse(run).pairs:
            course = courses[analysed.result.pair]
            if course.end is None:
                said = course.follow(analysed)
                note_looks(plan.workspace.runs, course.pair.corpus.pair, course.noted())
                progress.say(said)
        if all(course.end is not None for course in courses.values()):
            return _with_looks(plan, cache, run, courses)


@dataclass(slots=True)
class Course:
    """One pair on its way through the looks."""

    pair: PlannedPair
    order: Sequence[ArticleId]
    plan: LookPlan
    margin: float
    begun: BegunLooks
    out: dict[SystemName, NotBought] = field(default_factory=dict)
    made: list[Look] = field(default_factory=list)
    end: End | None = None
    metrics: tuple[str, ...] = ()
    """What decided at the first look: what decides is not chosen by what it shows."""

    @classmethod
    def begin(cls, plan: Plan, pair: PlannedPair) -> Course:
        """Before anything is asked for."""
        order = drawn_order(pair.corpus, plan.seed)
        known = begun(plan, pair)
        return cls(pair, order, planned_looks(plan, pair, known), plan.request.margin, known)

    @property
    def number(self) -> int:
        """Of the look under way, or of the last one; from 0."""
        return len(self.made) - (self.end is not None)

    def part(self) -> PairPart:
        """What the look under way asks for."""
        ended = {name: Ended(self._first(why.articles), why) for name, why in self.out.items()}
        return PairPart(self._first(self.plan.counts[self.number]), ended)

    def at_level(self, result: PairResult) -> PairResult:
        """The result, to be tested at the level of the look under way, or of the last one."""
        made = (*self.made, self._look(result)) if self.end is None else tuple(self.made)
        return replace(result, looks=self.looks(made), notes=(*result.notes, *notes_of(self.pair, self.begun)))

    def noted(self) -> BegunLooks:
        """What is kept of the looks so far, for a run that begins again."""
        answered = self.end in ("known", "tied", "all")
        return after_looks(self.begun, self.plan, len(self.made), ended=answered)

    def follow(self, analysed: PairAnalysis) -> str:
        """See what the look under way shows, and what is asked for next; in words."""
        result = analysed.result
        look = self._look(result)
        in_vain = bool(unasked_metrics(result)) or any(
            isinstance(answer, Failed) for system in result.systems for answer in system.outcomes
        )
        shown = look_at(analysed, self.plan.fraction(self.number), self.margin)
        if in_vain or isinstance(shown, Missing):
            self.made.append(look)
            self.end = "incomplete" if in_vain else "untested"
            return self._said(sentence(shown.why) if isinstance(shown, Missing) else say("until.missing"))
        decides = analysed.decision.metrics
        if self.metrics not in ((), decides):
            self.made.append(look)
            self.end = "untested"
            return self._said(say("until.changed", metrics=visible(listed(list(self.metrics)))))
        self.metrics = decides
        limits = breaking_limits(analysed)
        out = {name: why for name, why in self.out.items() if why.better not in limits}
        out |= {worse: NotBought(better, look.articles) for worse, better in shown.out.items()}
        new = {name: why.better for name, why in out.items() if name not in self.out}
        self.out = out
        if look.articles == self.plan.counts[-1]:
            self.end = "all"
        elif shown.answered:
            self.end = "known" if len(shown.left) == 1 else "tied"
        self.made.append(replace(look, systems=(*shown.left, *shown.out), out=new))
        return self._said(look_result(shown.left, tuple(new), self.end))

    def looks(self, made: Sequence[Look], not_spent: Mapping[str, NotSpent] | None = None) -> Looks:
        """As the run keeps them."""
        return Looks(
            self.plan.counts, self.plan.levels, tuple(made), self.end or "incomplete", self.margin, not_spent or {}
        )

    def _look(self, result: PairResult) -> Look:
        number = self.number
        return Look(self.plan.counts[number], len(result.corpus.segments), self.plan.levels[number], (), {})

    def _first(self, count: int) -> Corpus:
        return only_articles(self.pair.corpus, frozenset(self.order[:count]))

    def _said(self, what: str) -> str:
        return look_line(self.pair.corpus.pair, self.looks(self.made), what)


def _with_looks(plan: Plan, cache: Cache, run: Run, courses: Mapping[LangPair, Course]) -> Run:
    """The run with its looks, and what was not spent."""
    left: dict[LangPair, dict[str, NotSpent]] = {pair: {} for pair in courses}
    for item in estimate(plan, cache):
        if item.requests and courses[item.pair].end != "incomplete":
            left[item.pair][item.system] = NotSpent(item.requests, item.characters, item.expected)
    looks = {pair: course.looks(course.made, left[pair]) for pair, course in courses.items()}
    return replace(
        run,
        pairs=tuple(replace(result, looks=looks[result.pair]) for result in run.pairs),
        settings={**run.settings, SETTING: looks_setting(looks)},
    )
