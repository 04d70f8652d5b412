"""Several runs as one, so that systems of different runs can be compared: only what is comparable is joined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from harness.analysis.eligible import of_one_measure, scores_with_corpus
from harness.analysis.several.corpora import CorpusDifference, corpus_difference
from harness.errors import IncomparableError, UsageError
from harness.store.runs.result import MetricScores, PairResult, Run
from harness.store.runs.units import declare_unit, declared_unit
from harness.types import LangPair, Missing, Note, Reason, SystemName, UnitChoice
from harness.workspace.registry import suggestion

MOST_NAMED = 5
"""Articles named in an error."""


def join_runs(
    runs: Sequence[Run],
    *,
    pairs: Collection[str] = (),
    systems: Collection[str] = (),
    metrics: Collection[str] = (),
) -> Run:
    """One run with the systems of all, each called ``system@run``; a single run comes back as it is.

    ``run`` is the run's name, or its id where it has none or not one of its own.

    Args:
        runs: in the order in which their systems are listed.
        pairs: only these, such as ``de-en``; empty means all.
        systems: only these, by the names they have in their runs; empty means all.
        metrics: only these; empty means those that all runs have, and the notes name the others.

    Raises:
        UsageError: a run is there twice, or no run has a system or pair of that name.
        IncomparableError: pairs, texts, signatures or declared units of the runs differ, or a metric is not in all.
    """
    known = {system.name for run in runs for pair in run.pairs for system in pair.systems}
    for name in sorted(set(systems) - known):
        raise UsageError(f"no run has a system '{name}'", hint=suggestion(name, sorted(known)))
    columns = {name for run in runs for pair in run.pairs for name in pair.metrics}
    for name in sorted(set(metrics) - columns):
        raise UsageError(f"no run has a metric '{name}'", hint=suggestion(name, sorted(columns)))
    known_pairs = {str(pair.pair) for run in runs for pair in run.pairs}
    for name in sorted(set(pairs) - known_pairs):
        raise UsageError(f"no run has a pair '{name}'", hint=suggestion(name, sorted(known_pairs)))
    ids = [run.id for run in runs]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        raise UsageError(f"the run {name} is given twice", hint="name different runs")
    selected = [
        replace(run, pairs=tuple(pair for pair in run.pairs if not pairs or str(pair.pair) in pairs)) for run in runs
    ]
    selected = [declare_unit(run, _unit_of_all(selected)) for run in selected]
    first = selected[0]
    if len(selected) == 1:
        return replace(first, pairs=tuple(_only(pair, systems, metrics) for pair in first.pairs))
    for run in selected[1:]:
        for pair in run.pairs:
            if pair.pair not in {other.pair for other in first.pairs}:
                raise _only_in(pair.pair, run, first)
    joined = tuple(_join_pair(pair.pair, selected, systems, metrics) for pair in first.pairs)
    # The signatures are alike, so the formulas of one run are those of all.
    return replace(first, id="+".join(ids), pairs=joined)


def _unit_of_all(runs: Sequence[Run]) -> UnitChoice:
    """The unit that the runs declare, those that declare one."""
    declared = {run.id: unit for run in runs if (unit := declared_unit(run.settings)) != "undeclared"}
    if len(set(declared.values())) > 1:
        listing = ", ".join(f"{unit} in {name}" for name, unit in declared.items())
        raise IncomparableError(
            f"the runs declare different units: {listing}", hint="--unit article, or --unit segment"
        )
    return next(iter(declared.values()), "undeclared")


def _only(pair: PairResult, systems: Collection[str], metrics: Collection[str]) -> PairResult:
    return replace(
        pair,
        systems=tuple(system for system in pair.systems if not systems or system.name in systems),
        metrics=tuple(name for name in pair.metrics if not metrics or name in metrics),
    )


def _join_pair(pair: LangPair, runs: Sequence[Run], systems: Collection[str], metrics: Collection[str]) -> PairResult:
    found = []
    for run in runs:
        results = [result for result in run.pairs if result.pair == pair]
        if not results:
            raise _only_in(pair, runs[0], run)
        found.append(results[0])
    first = found[0]
    for run, result in zip(runs[1:], found[1:], strict=True):
        difference = corpus_difference(result.corpus, first.corpus)
        if difference is not None:
            raise IncomparableError(
                f"{pair}: {run.id} has different texts from {runs[0].id}: {_listed(difference)}",
                hint="score both on the same articles: harness run --article NAME",
            )
    everything = list(dict.fromkeys(name for result in found for name in result.metrics))
    columns = [name for name in everything if all(name in result.metrics for result in found)]
    wanted = tuple(metrics or columns)
    lacking = [name for name in (wanted or everything) if name not in columns]
    if lacking:
        raise IncomparableError(
            f"{pair}: not in every run: {', '.join(lacking)}",
            hint=f"in every run: {', '.join(columns) or 'none'}",
        )
    left = [name for name in everything if name not in columns]
    notes = (Note(str(pair), Reason("noted.not_in_every_run", {"metrics": ", ".join(left)})),) if left else ()
    for column in wanted:
        _check_alike(pair, column, runs, found)
    joined = tuple(
        replace(system, name=SystemName(f"{system.name}@{called}"))
        for called, result in zip(_called(runs), found, strict=True)
        for system in result.systems
        if not systems or system.name in systems
    )
    return PairResult(first.corpus, wanted, joined, {}, notes, first.unit)


def _called(runs: Sequence[Run]) -> list[str]:
    """What tells the runs apart for a reader."""
    given = Counter([run.name for run in runs] + [run.id for run in runs])
    return [run.name if run.name and given[run.name] == 1 else run.id for run in runs]


def _listed(difference: CorpusDifference) -> str:
    """The articles by which the texts of two runs differ, the first of each kind by name."""
    kinds = {"added": difference.added, "removed": difference.removed, "changed": difference.changed}
    listing = [f"{kind}: {_first(names)}" for kind, names in kinds.items() if names]
    return f"articles {'; '.join(listing)}" if listing else "the articles are in a different order"


def _first(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _check_alike(pair: LangPair, column: str, runs: Sequence[Run], results: Sequence[PairResult]) -> None:
    """Scores of another signature are other numbers."""
    seen: list[tuple[Run, MetricScores]] = []
    for run, result in zip(runs, results, strict=True):
        for system in result.systems:
            scores = scores_with_corpus(system, column)
            if not isinstance(scores, Missing):
                seen.append((run, scores))
    for run, scores in seen[1:]:
        before, original = seen[0]
        if not of_one_measure([original, scores]):
            differ = f"{scores.identity.signature} in {run.id}, {original.identity.signature} in {before.id}"
            raise IncomparableError(
                f"{pair}: {column} was computed differently: {differ}",
                hint="use the same settings for both, or compare other metrics: --metric NAME",
            )


def _only_in(pair: LangPair, run: Run, other: Run) -> IncomparableError:
    return IncomparableError(
        f"{pair} is in {run.id} and not in {other.id}", hint="compare only the pairs that all runs have: --pair NAME"
    )
