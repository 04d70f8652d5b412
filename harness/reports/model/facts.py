"""The small print of a run and of its pairs: what it takes to make them again."""

from __future__ import annotations

import json
from dataclasses import dataclass

from harness import __version__
from harness.analysis.pair import PairAnalysis
from harness.reports.model.shown import display_names
from harness.reports.words.messages import say
from harness.reports.words.numbers import format_money, metric_title
from harness.reports.words.origins import origin_in_words, price_source_in_words
from harness.reports.words.text import visible
from harness.store.runs.frame import scores_of
from harness.store.runs.result import MetricScores, Run, SystemResult
from harness.types import Missing, Money


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of small print."""

    label: str
    value: str


def pair_facts(pair: PairAnalysis) -> list[Fact]:
    """Signatures of metrics and statistics, and the engines of a pair."""
    result, standing = pair.result, pair.standing
    names = display_names(result)
    facts = []
    for metric in result.metrics:
        users: dict[str, list[str]] = {}
        for system in standing.systems:
            scores = scores_of(system, metric)
            if isinstance(scores, MetricScores):
                users.setdefault(scores.identity.signature, []).append(names[system.name])
        for signature, systems in users.items():
            # One signature for all is the rule; only where it differs is it worth saying whose it is.
            whose = f" ({', '.join(systems)})" if len(users) > 1 else ""
            facts.append(Fact(say("facts.signature", metric=visible(metric_title(metric))) + whose, visible(signature)))
    facts.append(Fact(say("facts.statistics"), pair.evidence.signature))
    facts += [Fact(names[system.name], _engine_line(system)) for system in standing.systems]
    return facts


def _engine_line(system: SystemResult) -> str:
    engine = system.engine
    options = (
        json.dumps(dict(engine.options), ensure_ascii=False, sort_keys=True) if engine.options else say("facts.none")
    )
    name = f"{engine.engine} {engine.version}"
    return visible(
        say("facts.engine", engine=name, options=options, origin=origin_in_words(system.origin), price=_price(system))
    )


def _price(system: SystemResult) -> str:
    """The system file's own price by characters, else what its requests were priced by."""
    if system.price_per_million is not None:
        price = Money(system.price_per_million, system.currency)
        return say("facts.price", price=format_money(price))
    if isinstance(system.traffic, Missing):
        return say("facts.price_unknown")
    return say("facts.price_source", source=price_source_in_words(system.traffic.price_source))


def run_facts(run: Run) -> list[Fact]:
    """What it takes to make a run again."""
    packages = ", ".join(f"{name} {version}" for name, version in run.environment.items())
    settings = json.dumps(dict(run.settings), ensure_ascii=False, sort_keys=True) if run.settings else say("facts.none")
    facts = {
        "run": run.id,
        "created": run.created,
        "status": say(f"status.{run.status}"),
        "command": run.command,
        "seed": str(run.seed),
        "settings": settings,
        "packages": packages or say("facts.not_recorded"),
        "written_by": f"translation-harness {__version__}",
    }
    return [Fact(say(f"facts.label.{name}"), visible(value)) for name, value in facts.items()]
