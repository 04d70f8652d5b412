"""Evidence and systems made by hand, for tests of the decision."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from harness.analysis.comparison import Comparison, Evidence, MetricEvidence
from harness.analysis.decision.decide import Decision, DecisionPolicy, NoDecision
from harness.analysis.stats.compare import Interval
from harness.analysis.units import too_few
from harness.checks.interface import WHOLE, Flag
from harness.reports.words.decision import spoken
from harness.store.runs.latency import FEWEST_FOR_P95, Timing
from harness.store.runs.latency import too_few as too_few_requests
from harness.store.runs.result import PairResult, SystemResult, Traffic
from harness.types import Missing, Money, Score, SystemName, Unit, Unknown, told
from tests.reports.build import DE_EN, IDENTITIES, SENT, corpus, pair_result, system

TEXTS = corpus(DE_EN, articles=2, segments=5, unreferenced=())
CHARACTERS = sum(len(segment.source) for segment in TEXTS.segments)

NO_WISHES = DecisionPolicy()

Apart = Collection[tuple[str, str]]


def traffic(
    per_million: float | Unknown = 10.0, p95: float = 1.0, currency: str = "EUR", *, requests: int = 40
) -> Traffic:
    """Half of the money spent in this run, half of it in earlier ones; all requests take about as long."""
    timings = tuple(Timing(p95 * (0.9 + 0.2 * number / requests), 1000) for number in range(1, requests + 1))
    few = too_few_requests(requests, 0.95, FEWEST_FOR_P95)
    sent = replace(SENT, p95=p95 if requests >= FEWEST_FOR_P95 else few, timings=timings, characters=CHARACTERS)
    if isinstance(per_million, Unknown):
        return replace(sent, spent=per_million, saved=Money(0.0, ""))
    half = Money(per_million * CHARACTERS / 2e6, currency)
    return replace(sent, spent=half, saved=half)


def made(
    name: str,
    score: float,
    *,
    flagged: int | None = 0,
    kind: str = "empty",
    failed: str = "",
    metric: str = "comet",
    **fields: object,
) -> SystemResult:
    """A system with a corpus score and flags on its first segments; None: the checks did not run."""
    flag = Flag(kind, WHOLE, "for a test", 1.0, failed)
    flags = () if flagged is None else tuple((flag,) if row < flagged else () for row in range(len(TEXTS.segments)))
    built = system(TEXTS, name, 0.5, [metric], flags=flags, **{"traffic": traffic(), **fields})
    scores = built.scores[metric]
    assert not isinstance(scores, Missing)
    return replace(built, scores={metric: replace(scores, corpus=Score(score, len(TEXTS.segments)))})


def shown(
    systems: Mapping[str, float], apart: Apart, metric: str, units: int, deviation: float, unit: Unit = "article"
) -> MetricEvidence:
    identity = IDENTITIES[metric]
    sign = 1 if identity.higher_is_better else -1
    ranking = sorted((SystemName(name) for name in systems), key=lambda name: -sign * systems[name])
    comparisons = []
    for a, b in combinations(ranking, 2):
        p = 0.004 if (a, b) in apart or (b, a) in apart else 0.31
        few = too_few(units, unit)
        comparisons.append(
            Comparison(
                metric=identity, a=a, b=b, delta=sign * (systems[a] - systems[b]), interval=Interval(-1, 1),
                p=few if units < 6 else p / 2, p_adjusted=few if units < 6 else p, segment_p=p, unit=unit,
                units=units, segments=10, standard_error=deviation, human_agreement=Missing(told("")),
            )
        )  # fmt: skip
    return MetricEvidence(identity, {}, tuple(comparisons), (), tuple(ranking))


def case(
    *systems: SystemResult, apart: Apart = (), metric: str = "comet", units: int = 12, unit: Unit = "article"
) -> tuple[Evidence, PairResult]:
    scores = {item.name: item.scores[metric].corpus.value for item in systems}  # type: ignore[union-attr]
    found = shown(scores, apart, metric, units, 0.001, unit)
    return Evidence("de-en", {metric: found}, unit, units, 1), pair_result(TEXTS, systems, [metric])


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no recommendation, in words."""

    reason: str
    what_would_help: tuple[str, ...]
    among: tuple[SystemName, ...]


def refusal(decision: Decision) -> Refusal:
    assert isinstance(decision.recommendation, NoDecision)
    assert isinstance(decision.runner_up, Missing)
    said = spoken(decision)
    return Refusal(said.reason, said.what_would_help, decision.recommendation.among)
