"""What the formats of a verdict call the things it is about."""

from __future__ import annotations

from collections import Counter
from typing import assert_never

from harness.analysis.gate.verdict import GateLine, Slice, Verdict
from harness.reports.words.messages import say
from harness.reports.words.reasons import Names, sentence
from harness.types import Failed, NotBought, Outcome, Refused, SystemName, Translated


def names_of(verdict: Verdict) -> Names:
    """What to call each system: its label, with the name where two labels are alike."""
    often = Counter(verdict.labels.values())
    return {name: label if often[label] == 1 else f"{label} ({name})" for name, label in verdict.labels.items()}


def subject_of(line: GateLine, names: Names) -> str:
    """What a line is about: ``de-en DeepL comet domain=news``."""
    system = names.get(SystemName(line.system), line.system)
    parts = (line.pair, system, line.metric, line.flag, slice_text(line.slice))
    return " ".join(filter(None, parts)) or say("gate.baseline")


def slice_text(part: Slice) -> str:
    """``domain=news``; empty for all articles."""
    return f"{part.key}={part.value or say('gate.no_value')}" if part else ""


def outcome_text(outcome: Outcome) -> str:
    """The translation, or in brackets why there is none."""
    match outcome:
        case Translated():
            return outcome.text
        case Refused():
            return f"({say('kinds.refused')}: {outcome.reason})"
        case Failed():
            return f"({say('kinds.failed')}: {outcome.error})"
        case NotBought():
            return f"({sentence(outcome.why)})"
        case _:
            assert_never(outcome)
