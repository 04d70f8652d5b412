"""Which flags may decide: severe kinds, where their false alarms are known and few."""

from __future__ import annotations

from pathlib import Path

from harness.analysis.decision.decide import DecisionPolicy, decide
from harness.analysis.decision.severe_flags import (
    FALSE_ALARMS,
    MOST,
    SEVERE,
    deciding_kinds,
    severe_segments,
)
from harness.checks.interface import WHOLE, Flag
from harness.checks.load import kinds
from harness.reports.words.decision import spoken
from harness.reports.words.reasons import sentence
from harness.types import Unknown
from tests.decision_cases import case, made, refusal

DOCS = Path(__file__).resolve().parents[1] / "docs" / "checks.md"


def flag(kind: str) -> Flag:
    return Flag(kind, WHOLE, "for a test", 1.0)


def test_what_decides_depends_on_kind_and_language() -> None:
    assert set(SEVERE) <= set(kinds())
    assert deciding_kinds("de") == set(SEVERE)
    assert deciding_kinds("zh-Hant") == set(SEVERE) - {"truncated"}
    assert deciding_kinds("sw") == frozenset()


def test_segments_count_once_and_what_only_informs_is_not_zero() -> None:
    flags = [[flag("empty"), flag("refusal")], [flag("number")], [], [flag("truncated")]]
    assert severe_segments(flags, "de") == 2
    assert severe_segments(flags, "zh") == 1
    assert severe_segments([[flag("number")], [flag("date")]], "sw") == 0
    unknown = severe_segments([[flag("truncated")]], "zh")
    assert isinstance(unknown, Unknown)
    assert "truncated" in sentence(unknown.why)
    assert severe_segments([[flag("empty")]] * 3 + [[flag("number")]] * 9, "cs") == 3
    assert isinstance(severe_segments([[flag("empty")]] * 3, "sw"), Unknown)


def test_numbers_and_lengths_separate_nobody() -> None:
    for kind in set(kinds()) - set(SEVERE):
        evidence, result = case(made("A", 0.85, flagged=9, kind=kind), made("B", 0.84))
        assert refusal(decide(evidence, result, DecisionPolicy())).among == ("A", "B")
    evidence, result = case(made("A", 0.85, flagged=9, kind="refusal"), made("B", 0.84))
    assert decide(evidence, result, DecisionPolicy()).recommendation == "B"


def test_where_strings_decide_flags_inform() -> None:
    systems = made("A", 60.0, flagged=9, metric="chrf"), made("B", 59.0, metric="chrf")
    decision = decide(*case(*systems, metric="chrf"), DecisionPolicy())
    assert refusal(decision).among == ("A", "B")
    assert spoken(decision).reasons[-1] == (
        "Severe flags do not decide when only string metrics do: "
        "0 segments with a severe flag (B), 9 segments with a severe flag (A)."
    )
    weighed = decide(*case(*systems, metric="chrf"), DecisionPolicy(weights={"flags": 1.0}))
    assert weighed.recommendation == "B"


def test_the_table_is_the_one_in_the_docs() -> None:
    text = DOCS.read_text(encoding="utf-8")
    section = text.split("## Which flags may decide")[1].split("## ")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in section.splitlines() if line.startswith("|")]
    assert rows[0][1:] == list(SEVERE)
    assert [language for language, *_ in rows[2:]] == list(FALSE_ALARMS)
    for language, *cells in rows[2:]:
        for rate, cell in zip(FALSE_ALARMS[language], cells, strict=True):
            assert cell == (f"**{rate}**" if rate > MOST else f"{rate}")
