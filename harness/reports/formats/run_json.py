"""The document of a whole run, as Python objects; :mod:`harness.reports.formats.json` writes it."""

from __future__ import annotations

from harness import __version__
from harness.analysis import Analysis
from harness.analysis.pair import PairAnalysis
from harness.reports.formats.articles_json import articles_json
from harness.reports.formats.decision_json import pair_json
from harness.reports.formats.evidence_json import evidence_json
from harness.reports.formats.systems_json import cost_json, systems_json
from harness.reports.model.advice import advise
from harness.reports.model.breakdown import human_json, slices_json
from harness.reports.model.excluded import excluded_json
from harness.reports.model.leaderboard import summarise
from harness.reports.model.looks import looks_json
from harness.reports.model.shared_table import shared_json
from harness.reports.model.trust import trust_json
from harness.reports.words.reasons import sentence
from harness.store.runs.result import Run
from harness.types import JsonValue, Missing

SCHEMA = 1

JsonObject = dict[str, JsonValue]


def _project(run: Run) -> JsonValue:
    if isinstance(run.project, Missing):
        return {"missing": sentence(run.project.why), "fix": sentence(run.project.fix)}
    return run.project


def run_to_json(analysis: Analysis) -> JsonObject:
    """The document as Python objects."""
    run = analysis.run
    return {
        "schema": SCHEMA,
        "run": {
            "id": run.id,
            "name": run.name,
            "project": _project(run),
            "created": run.created,
            "status": run.status,
            "command": run.command,
            "seed": run.seed,
            "settings": dict(run.settings),
            "environment": dict(run.environment),
            "written_by": f"translation-harness {__version__}",
        },
        "pairs": [_pair(pair) for pair in analysis.pairs],
    }


def _pair(pair: PairAnalysis) -> JsonObject:
    result, standing, decision = pair.result, pair.standing, advise(pair)
    humans, slices = {**pair.humans, **pair.breakdown.humans}, {**pair.primary_slices, **pair.breakdown.slices}
    return {
        "pair": str(result.pair),
        "source": result.pair.source,
        "target": result.pair.target,
        "metrics": list(result.metrics),
        "primary": standing.primary,
        "summary": summarise(pair),
        "evidence": evidence_json(pair),
        "decision": None if isinstance(decision, Missing) else pair_json(pair),
        "excluded": excluded_json(pair),
        "looks": looks_json(result.looks),
        "shared": shared_json(pair.shared),
        "identical": [list(group) for group in pair.identical],
        "leaderboard": [system.name for system in standing.systems],
        "systems": systems_json(pair),
        "absent": [{"system": name, "reason": reason} for name, reason in result.absent.items()],
        "notes": [{"where": note.where, "what": sentence(note.what)} for note in result.notes],
        "metric_costs": {metric: cost_json(cost) for metric, cost in result.metric_costs.items()},
        "corpus_hash": pair.contents.corpus,
        **trust_json(pair),
        "human": {column: human_json(found) for column, found in humans.items()},
        "slices": {kind: slices_json(parts) for kind, parts in slices.items()},
        "missed_terms": _missed_terms(pair),
        "articles": articles_json(result),
    }


def _missed_terms(pair: PairAnalysis) -> JsonObject:
    missed, systems = pair.missed_terms, [system.name for system in pair.standing.systems]
    return {
        "terms": [
            {
                "term": term.text,
                "wanted": list(term.wanted),
                "systems": {
                    name: None if kept is None else {"used": kept.used, "asked": kept.asked}
                    for name, kept in zip(systems, term.counts, strict=True)
                },
            }
            for term in missed.terms
        ],
        "more": missed.hidden,
    }
