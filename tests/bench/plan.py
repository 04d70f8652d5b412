"""Whether a plan keeps its promise: of corpora of the recommended size, how many confirm the difference.

Systems of a test set are chosen by a seed; each pair of them is planned for its own difference, corpora of the
recommended size are drawn from the real articles, and the joint test of all systems, as reports make it, is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

import harness as package
from harness.analysis import plan_from_run
from harness.analysis.stats.compare import compare_roughly, make_profiles
from harness.analysis.stats.design import make_design, unit_sums
from harness.analysis.stats.family import judge_together
from harness.analysis.units import units_of
from harness.metrics.load import formulas
from harness.types import SystemName

SIZES = (14, 150)
"""Recommended articles of the pairs that are looked at."""

SHUFFLES = 2000


@dataclass(frozen=True, slots=True)
class Promise:
    """One pair of systems."""

    name: str
    metric: str
    systems: int
    a: str
    b: str
    difference: float
    """In points."""
    articles: int
    """Recommended."""
    confirmed: float
    """Share of the corpora."""


def measure(
    folder: Path, metric: str, systems: Sequence[str], *, pairs: int, corpora: int = 200, seed: int = 3
) -> Iterator[Promise]:
    """Check the promise on one test set.

    Args:
        folder: of the set, laid out as ``docs/wmt.md`` says.
        metric: ``chrf`` or ``bleu``.
        systems: those that are compared.
        pairs: how many pairs are checked, spread over their differences.
        corpora: drawn for each pair.
        seed: of the draws.
    """
    run = package.score(
        source=folder / "source.txt", references=[min(folder.glob("reference.*.txt"))],
        hypotheses={system: folder / "systems" / f"{system}.txt" for system in systems},
        pair=folder.name.partition(".")[2], docids=folder / "docids.txt", metrics=(metric,), checks=False,
    )  # fmt: skip
    (result,) = run.pairs
    formula = formulas(run.settings)
    _, units = units_of(result.corpus, result.unit)
    sizes = units.sizes(np.ones(len(result.corpus.segments), dtype=np.bool_))
    tables = {system.name: unit_sums(system.tables[metric].rows, units.starts) for system in result.systems}
    scores = {system: float(formula(metric)(rows.sum(axis=0))) for system, rows in tables.items()}
    families = list(combinations(tables, 2))
    rng = np.random.default_rng(seed)
    far_first = sorted(families, key=lambda pair: -abs(scores[pair[0]] - scores[pair[1]]))
    checked = 0
    for a, b in far_first[:: max(1, len(far_first) // (3 * pairs))]:
        difference = abs(scores[a] - scores[b])
        plan = plan_from_run(result, metric, formula, difference, between=(SystemName(a), SystemName(b)))
        size = plan.sizings[0].units
        if not SIZES[0] <= size <= SIZES[1] or checked == pairs:
            continue
        checked += 1
        design = make_design(size, 1, shuffles=SHUFFLES)
        confirmed = 0
        for _ in range(corpora):
            drawn = rng.integers(len(sizes), size=size)
            profiles = make_profiles([rows[drawn] for rows in tables.values()], sizes[drawn], formula(metric), design)
            by_name = dict(zip(tables, profiles, strict=True))
            differences = [compare_roughly(by_name[x], by_name[y], design, higher_is_better=True) for x, y in families]
            confirmed += judge_together(differences, design).adjusted[families.index((a, b))] <= 0.05
        yield Promise(folder.name, metric, len(tables), a, b, difference, size, confirmed / corpora)


def chosen_systems(folder: Path, count: int, seed: int) -> tuple[str, ...]:
    """So many systems of a set, drawn; all where there are no more."""
    names = sorted(path.stem for path in (folder / "systems").glob("*.txt"))
    return tuple(np.random.default_rng(seed).permutation(names)[:count].tolist())


def to_markdown(promises: Sequence[Promise]) -> str:
    """A line for each set and number of systems: mean, lowest and highest share in per cent."""
    lines = ["| set | systems | pairs | confirmed | lowest | highest |", "|---|---|---|---|---|---|"]
    groups: dict[tuple[str, int], list[float]] = {}
    for item in promises:
        groups.setdefault((f"{item.name}, {item.metric}", item.systems), []).append(100 * item.confirmed)
    for (name, systems), shares in groups.items():
        cells = f"{np.mean(shares):.0f} | {min(shares):.0f} | {max(shares):.0f}"
        lines.append(f"| {name} | {systems} | {len(shares)} | {cells} |")
    return "\n".join(lines) + "\n"
