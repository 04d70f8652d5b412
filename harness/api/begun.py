"""Runs until decided that are begun again: the same question goes on, a changed one pays for the looks made before.

Who looks, changes something, and looks again has two chances to be misled. So what earlier looks used up stays used up:
where systems and articles are partly the same, the looks of the changed run share what is left of the level. Questions
that were answered, and those of other systems or articles, leave the whole level.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.analysis import FLOOR_ENGINES
from harness.analysis.sequential import LookPlan, plan_looks
from harness.analysis.stats.power import FEWEST_UNITS
from harness.analysis.stats.spending import SHARED, spent
from harness.corpus.drawing import drawn_order
from harness.errors import UsageError
from harness.store.cache.keys import digest
from harness.store.runs.looks_begun import BegunLooks, begun_looks
from harness.translation.planning import Plan, PlannedPair
from harness.types import Note, Part, Reason

ARTICLES, SYSTEMS, SETTINGS = "articles", "systems", "settings"

LEAST_SHARED = 0.01
"""Less left of the level than this could confirm next to nothing."""


def begun(plan: Plan, pair: PlannedPair) -> BegunLooks:
    """How far the looks of a pair have come, as what is asked now has it.

    Raises:
        StoreError: the file with the looks is damaged.
        UsageError: earlier looks at other articles, systems or settings have used up the level.
    """
    question = question_of(plan, pair)
    before = begun_looks(plan.workspace.runs).get(str(pair.corpus.pair))
    if before is None:
        return BegunLooks(question=question)
    if before.question == question:
        return before
    if before.ended or not before.looks + before.looks_before or _is_another(question, before.question):
        return BegunLooks(question=question)
    changed = tuple(dict.fromkeys([*before.changed, *_changes(question, before.question)]))
    used = before.used_before + before.used
    if SHARED - used < LEAST_SHARED:
        raise UsageError(
            f"{pair.corpus.pair}: looks before {' and '.join(changed)} changed have used up the level",
            hint="undo the change to go on with them; a run without --until-decided buys all articles",
        )
    return BegunLooks(
        question=question, looks_before=before.looks_before + before.looks, used_before=used, changed=changed
    )


def after_looks(begun: BegunLooks, plan: LookPlan, looks: int, *, ended: bool) -> BegunLooks:
    """The same after so many looks; those that were made before and are repeated use up nothing."""
    if looks <= begun.looks:
        return begun.model_copy(update={"ended": begun.ended or ended})
    used = spent(plan.fraction(looks - 1), SHARED - begun.used_before)
    return begun.model_copy(update={"looks": looks, "used": used, "ended": ended})


def planned_looks(plan: Plan, pair: PlannedPair, begun: BegunLooks) -> LookPlan:
    """When a pair is looked at, and at which levels; the same whatever is in the cache."""
    systems = sum(planned.job.identity.engine not in FLOOR_ENGINES for planned in pair.systems)
    articles = len(drawn_order(pair.corpus, plan.seed))
    every = plan.request.look_every
    return plan_looks(max(1, articles), systems, every=every, shared=SHARED - begun.used_before)


def notes_of(pair: PlannedPair, begun: BegunLooks) -> tuple[Note, ...]:
    """That looks were planned anew, for the report; none where they were not."""
    if not begun.used_before:
        return ()
    why = Reason(
        "noted.looks_anew",
        {
            "changed": Part("list", begun.changed, of="and"),
            "n": begun.looks_before,
            "used": round(100 * begun.used_before, 2),
            "left": round(100 * (SHARED - begun.used_before), 2),
            "all": round(100 * SHARED, 2),
        },
    )
    return (Note(str(pair.corpus.pair), why),)


def question_of(plan: Plan, pair: PlannedPair) -> dict[str, dict[str, str]]:
    """What the looks of a pair depend on.

    Metrics beside one that was named to decide, a cap on costs, an executor and the margin are no part of it.
    """
    named = plan.workspace.settings.decision.metric
    metrics = {name: dict(plan.metric_options.get(name, {})) for name in ([named] if named else plan.metrics)}
    return {
        ARTICLES: {
            str(article.id): digest([[segment.source, list(segment.references)] for segment in article.segments])
            for article in pair.corpus.articles
        },
        SYSTEMS: {
            str(planned.system.name): digest(
                [planned.job.identity.engine, planned.job.identity.version, dict(planned.job.identity.options)]
            )
            for planned in pair.systems
        },
        SETTINGS: {
            "--seed": str(plan.seed),
            "--look-every": str(plan.request.look_every),
            "--repeat": str(plan.request.repeat),
            "metrics": digest([metrics, named]),
        },
    }


def _changes(now: Mapping[str, Mapping[str, str]], before: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """What differs: kinds, and of settings their names."""
    for kind in (ARTICLES, SYSTEMS):
        if now[kind] != before.get(kind):
            yield kind
    settings = before.get(SETTINGS, {})
    yield from (name for name, value in now[SETTINGS].items() if settings.get(name) != value)


def _is_another(now: Mapping[str, Mapping[str, str]], before: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether two questions have too few systems or articles in common for looks at one to mislead about the other."""
    systems, articles = (set(now[kind]) & set(before.get(kind, {})) for kind in (SYSTEMS, ARTICLES))
    return len(systems) < 2 or len(articles) < FEWEST_UNITS
