"""Systems under the names a report shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from harness.reports.words.text import visible
from harness.store.runs.result import PairResult
from harness.types import SystemName


def display_names(result: PairResult) -> dict[SystemName, str]:
    """What to call each system: its label, with the name where two labels are alike."""
    labels = Counter(system.label for system in result.systems)
    return {
        system.name: visible(
            system.name
            if not system.label
            else (system.label if labels[system.label] == 1 else f"{system.label} ({system.name})")
        )
        for system in result.systems
    }


def shown_names(result: PairResult) -> Mapping[SystemName, str]:
    """Names as shown, where they tell the systems apart; else the systems' own."""
    names = display_names(result)
    if len({*names.values(), *result.absent}) < len(names) + len(result.absent):
        return {name: visible(name) for name in names}
    return names
