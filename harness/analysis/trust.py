"""What speaks against trusting the numbers of a pair, and what speaks for it: one line a matter, the gravest first.

A matter that nobody could look at has no line: that nothing was found says nothing there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.analysis.decision.doubt import conflict_reason, overlap_reason
from harness.analysis.decision.lead import metrics_part, systems_part
from harness.analysis.decision.reference_overlap import FEWEST, long_references
from harness.analysis.decision.severe_flags import SEVERE, deciding_kinds
from harness.analysis.floors import floors_of
from harness.analysis.known import memory_signs, overlap_signs
from harness.analysis.placing import placing_signs
from harness.analysis.primary import LEARNED
from harness.analysis.signs import LEVELS, Sign
from harness.analysis.stats.power import FEWEST_UNITS, RARE_FAILURES
from harness.types import Missing, Part, Reason, SystemName, Unknown

if TYPE_CHECKING:
    from harness.analysis.human import Agreement, HumanAgreement
    from harness.analysis.pair import PairAnalysis

_OF_RATERS = frozenset(
    {
        "noted.alpha",
        "noted.alpha_alone",
        "noted.alpha_flat",
        "noted.alpha_none",
        "noted.chosen_articles",
        "noted.rater_excluded",
        "noted.rater_unchecked",
    }
)
"""Notes on ratings that say how far to trust them."""

FEWEST_TIMED = 20
"""Requests behind a p95."""


def signs_of(pair: PairAnalysis) -> tuple[Sign, ...]:
    """Everything known about how far the numbers of a pair can be trusted."""
    looks = (
        placing_signs,
        _reference,
        _references,
        _metrics,
        _people,
        _raters,
        _tuned,
        _articles,
        _identical,
        _checks,
        _latency,
        overlap_signs,
        memory_signs,
    )
    signs = [sign for look in looks for sign in look(pair)]
    return tuple(sorted(signs, key=lambda sign: LEVELS.index(sign.level)))


def _uses_reference(pair: PairAnalysis) -> bool:
    return isinstance(pair.lead, Missing) or pair.lead.needs_reference


def _reference(pair: PairAnalysis) -> Iterator[Sign]:
    overlap = pair.references.overlap
    if overlap is not None:
        yield Sign("doubt" if _uses_reference(pair) else "caution", "reference", overlap_reason(overlap))
        return
    favoured = [warning for warning in pair.one_for_all.warnings if warning.key == "decision.string_lead"]
    for warning in favoured:
        yield Sign("doubt", "reference", warning)
    segments = long_references(pair.result)
    if segments >= FEWEST and len(pair.result.systems) - len(floors_of(pair.result)) > 1 and not favoured:
        yield Sign("good", "reference", Reason("trust.not_edited", {"segments": segments}))


def _references(pair: PairAnalysis) -> Iterator[Sign]:
    number = max((len(segment.references) for segment in pair.result.corpus.segments), default=0)
    if number < 2 or len(pair.standing.complete - floors_of(pair.result)) < 2:
        return
    conflict = pair.references.conflict
    if conflict is not None:
        yield Sign("doubt" if _uses_reference(pair) else "caution", "references", conflict_reason(conflict))
    elif pair.evidence.units >= FEWEST_UNITS:
        yield Sign("good", "references", Reason("trust.references_agree", {"references": number}))


def _metrics(pair: PairAnalysis) -> Iterator[Sign]:
    apart, lead = pair.disagreements, pair.lead
    if apart:
        top = {facts.system for facts in pair.one_for_all.facts[:1]}
        first = next((item for item in apart if top & {item.a, item.b}), apart[0])
        example = Reason(
            "comparisons.disagree",
            {
                "a": Part("system", first.a),
                "b": Part("system", first.b),
                "better": Part("metric", first.better),
                "worse": Part("metric", first.worse),
            },
        )
        yield Sign("caution", "metrics", Reason("trust.metrics_apart", {"n": len(apart), "example": example}))
    if isinstance(lead, Missing) or len(pair.one_for_all.facts) < 2:
        return
    if lead.kinds == {"strings"}:
        yield Sign("caution", "metrics", Reason("trust.strings", {"n": len(lead.metrics), "metric": lead.title}))
        return
    learned = [name for name, found in pair.evidence.metrics.items() if found.metric.traits.kind in LEARNED]
    if lead.kinds <= LEARNED and len({pair.evidence.metrics[name].metric.family for name in learned}) == 1:
        yield Sign("caution", "metrics", Reason("decision.one_metric", {"metric": lead.title}))
    elif not apart and len(learned) > 1:
        yield Sign("good", "metrics", Reason("trust.metrics_agree", {"metrics": metrics_part(learned)}))


def _people(pair: PairAnalysis) -> Iterator[Sign]:
    spoken = [warning for warning in pair.one_for_all.warnings if warning.key == "decision.people"]
    for warning in spoken:
        yield Sign("doubt", "people", warning)
    for column, found in pair.humans.items():
        best = best_metric(found)
        if best is None:
            continue
        name, accuracy = best
        decides = not isinstance(pair.lead, Missing) and {name, column} & set(pair.lead.metrics)
        why = Reason(
            "trust.people",
            {
                "rated": Part("metric", column),
                "metric": Part("metric", name),
                "share": Part("percent", accuracy.value),
                "n": accuracy.n,
            },
        )
        yield Sign("good" if decides else "caution", "people", why)


def _raters(pair: PairAnalysis) -> Iterator[Sign]:
    people = {name for name, metric in pair.result.identities.items() if metric.traits.kind == "people"}
    for note in pair.result.notes:
        if note.where in people and isinstance(note.what, Reason) and note.what.key in _OF_RATERS:
            why = Reason("trust.raters", {"rated": Part("metric", note.where), "what": Part("clause", note.what)})
            low = note.what.fields.get("low")
            yield Sign("good" if isinstance(low, Part) and low.value > 0 else "caution", "people", why)


def best_metric(agreement: HumanAgreement) -> tuple[str, Agreement] | None:
    """The metric that orders most pairs of systems as people do, with that share; None where none is known.

    Of several, the one that ranks systems best within segments.
    """
    best: tuple[str, Agreement] | None = None
    most = (0.0, 0.0)
    for name, item in agreement.metrics.items():
        if isinstance(item, Missing) or isinstance(item.system_accuracy, Missing):
            continue
        within = item.within_segment_kendall
        rank = (item.system_accuracy.value, -1.0 if isinstance(within, Missing) else within.value)
        if best is None or rank > most:
            best, most = (name, item.system_accuracy), rank
    return best


def _tuned(pair: PairAnalysis) -> Iterator[Sign]:
    if isinstance(pair.lead, Missing):
        return
    judges = {
        word for judge in pair.lead.judges for word in (judge.metric.name.lower(), judge.metric.traits.family.lower())
    }
    for system in pair.result.systems:
        named = pair.policy.tuned_on.get(system.name, ())
        if judges & {name.lower() for name in named}:
            winner, metric = Part("system", system.name), Part("list", named)
            yield Sign("doubt", "tuned", Reason("decision.tuned", {"winner": winner, "metric": metric}))


def _number_of_units(pair: PairAnalysis) -> int:
    """Those that what decides has scores of; all of the corpus where nothing is compared."""
    compared = () if isinstance(pair.lead, Missing) else pair.lead.evidence.comparisons
    return compared[0].units if compared else pair.evidence.units


def _articles(pair: PairAnalysis) -> Iterator[Sign]:
    evidence, lead, number = pair.evidence, pair.lead, _number_of_units(pair)
    withheld = evidence.withheld
    if withheld is not None:
        yield Sign("doubt", "articles", Reason("trust.withheld", {"why": withheld.why, "help": withheld.fix}))
    elif number < FEWEST_UNITS:
        units = Part("units", number, evidence.unit)
        yield Sign("doubt", "articles", Reason("trust.few", {"units": units, "least": FEWEST_UNITS}))
    elif evidence.unit == "article" and number < RARE_FAILURES:
        yield Sign("caution", "articles", Reason("comparisons.rare", {"n": number}))
    elif not isinstance(lead, Missing):
        ranked = [name for name in lead.primary.ranking if name not in evidence.floors]
        other = next((name for name in ranked[1:] if not pair.same(ranked[0], name)), None)
        if other is not None:
            best_two = lead.primary.between(ranked[0], other)
            finds = Part("difference", best_two.detectable, decimals=lead.primary.metric.decimals)
            units, metric = Part("units", best_two.units, best_two.unit), Part("metric", lead.metric)
            why = Reason("trust.units", {"units": units, "least": finds, "metric": metric})
            yield Sign("good", "articles", why)


def _identical(pair: PairAnalysis) -> Iterator[Sign]:
    for group in pair.identical:
        yield Sign("caution", "identical", Reason("trust.identical", {"systems": systems_part(group)}))


def _checks(pair: PairAnalysis) -> Iterator[Sign]:
    asked = [system for system in pair.result.systems if system.outcomes]
    unchecked: list[SystemName] = [system.name for system in asked if not system.flags]
    if unchecked:
        yield Sign("caution", "checks", Reason("trust.unchecked", {"systems": systems_part(unchecked)}))
    if len(unchecked) == len(asked):
        return
    target = pair.result.pair.target
    deciding = deciding_kinds(target)
    language = Part("language", target)
    found = {flag.kind for system in asked for flags in system.flags for flag in flags}
    weak = [kind for kind in SEVERE if kind in found and kind not in deciding]
    if not deciding:
        yield Sign("caution", "checks", Reason("trust.checks_unmeasured", {"language": language}))
    elif weak:
        kinds = Part("list", tuple(Part("kind", kind) for kind in weak))
        yield Sign("caution", "checks", Reason("trust.checks_weak", {"kinds": kinds, "language": language}))
    elif not unchecked:
        yield Sign("good", "checks", Reason("trust.checks", {"language": language}))


def _latency(pair: PairAnalysis) -> Iterator[Sign]:
    timed = {
        system.name: len(system.traffic.timings) or system.traffic.requests
        for system in pair.result.systems
        if not isinstance(system.traffic, Missing) and system.traffic.requests
    }
    if not timed:
        return
    least = min(timed, key=lambda name: timed[name])
    known = [item for item in pair.one_for_all.facts if item.system in timed]
    enough = timed[least] >= FEWEST_TIMED and not any(isinstance(item.p95, Unknown) for item in known)
    system, requests = Part("system", least), Part("count", timed[least], "request")
    if enough:
        yield Sign("good", "latency", Reason("trust.latency", {"system": system, "requests": requests}))
    else:
        yield Sign("caution", "latency", Reason("trust.latency_few", {"system": system, "requests": requests}))
