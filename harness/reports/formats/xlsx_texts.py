"""What the cells of the segments' sheet say."""

from __future__ import annotations

from typing import assert_never

from harness.reports.model.health import kind_name
from harness.reports.model.leaderboard import noticed
from harness.reports.model.said import lines_of
from harness.reports.words.reasons import sentence
from harness.store.runs.result import SystemResult
from harness.types import Failed, NotBought, Outcome, Refused, Translated


def system_text(system: SystemResult, row: int) -> str:
    """What a system made of a segment."""
    return outcome_text(system.outcomes[row])


def outcome_text(outcome: Outcome) -> str:
    """The translation as it came, or in brackets why there is none."""
    match outcome:
        case Translated():
            return outcome.text.replace("\n", "⟨LF⟩")
        case Refused():
            return f"[{noticed('refused')}: {outcome.reason}]"
        case Failed():
            return f"[{noticed('failed')}: {outcome.error}]"
        case NotBought():
            return f"[{sentence(outcome.why)}]"
        case _:
            assert_never(outcome)


def flags_text(system: SystemResult, row: int) -> str:
    """The flags of a segment, one on a line."""
    flags = system.flags[row] if system.flags else ()
    return "\n".join(f"{kind_name(flag)}: {sentence(flag.why)}" for flag in flags)


def reasons_text(system: SystemResult, metric: str, row: int) -> str:
    """What a metric says of a segment beside its score, one error on a line."""
    return "\n".join(lines_of(system, metric, row))
