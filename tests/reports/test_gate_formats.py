"""A verdict in every format: well-formed, whatever the text in it does, and never too long."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from lxml import etree
from markdown_it import MarkdownIt

from harness.analysis import analyse
from harness.analysis.gate.verdict import GateLine, Verdict
from harness.reports.formats.gate import FORMATS, MARKER
from harness.reports.formats.junit import JunitReport
from harness.types import SystemName, Translated, told
from tests.reports.build import hostile_run, measured_run
from tests.test_gate import numbers_of, only_finding, shifted

HOSTILE = 'a|b <script>x</script> ::error::%0A\n::warning::\x1b[31m \u202e ]]> @all `c` \ufffe \x00 & "q"'


@pytest.fixture
def hostile() -> Verdict:
    """Everything that comes from outside is out to break a format."""
    verdict = shifted(-9)
    finding = only_finding(verdict)
    move = replace(
        finding.moves.segments[0],
        outcome_before=Translated(HOSTILE),
        outcome_after=Translated(HOSTILE),
        article=HOSTILE,
    )
    return Verdict(
        "regressed",
        (
            replace(
                finding,
                system=HOSTILE,
                metric=HOSTILE,
                reason=told(HOSTILE),
                moves=replace(finding.moves, segments=(move,), articles=()),
            ),
            GateLine("note", False, told(HOSTILE)),
        ),
    )


def test_json_has_its_keys_and_full_precision(hostile: Verdict) -> None:
    data = json.loads(FORMATS["json"](hostile))
    assert list(data) == ["verdict", "passed", "run", "baseline", "builds", "findings"]
    assert data["findings"][0]["system"] == HOSTILE
    assert data["findings"][0]["delta"] == numbers_of(hostile.findings[0]).delta
    assert data["findings"][0]["moved"]["segments"][0]["text_after"] == HOSTILE
    assert data["findings"][1]["pair"] is None


def test_junit_is_well_formed_with_one_case_per_finding(hostile: Verdict) -> None:
    root = ET.fromstring(FORMATS["junit"](hostile).encode())
    (suite,) = root
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("2", "1", "1")
    assert [[child.tag for child in case] for case in suite] == [["failure"], ["skipped"]]
    assert "⟨ESC⟩" in (suite[0][0].text or "")


def test_junit_is_valid_by_the_usual_schema(hostile: Verdict) -> None:
    schema = etree.XMLSchema(etree.parse(Path(__file__).parents[1] / "data" / "junit.xsd"))
    for verdict in (hostile, shifted(0), shifted(5)):
        schema.assertValid(etree.fromstring(FORMATS["junit"](verdict).encode()))
    for run in (hostile_run(), measured_run()):
        schema.assertValid(etree.fromstring(JunitReport().render(analyse(run))))
    with pytest.raises(etree.DocumentInvalid):
        schema.assertValid(etree.fromstring("<testsuites><testsuite name='x'/></testsuites>"))


def test_github_text_cannot_start_a_command(hostile: Verdict) -> None:
    lines = FORMATS["github"](hostile).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::error", "::warning", "::notice"]
    assert "%250A" in lines[0]
    title = lines[0].split("title=")[1].split("::")[0]
    assert "%3A" in title
    assert ":" not in title
    assert "," not in title


def test_markdown_shows_text_as_text(hostile: Verdict) -> None:
    text = FORMATS["md"](hostile)
    assert text.startswith(f"{MARKER}\n")
    html = MarkdownIt("gfm-like", {"linkify": False}).render(text)
    assert "<script>" not in html
    assert html.count("<table>") == 2
    assert "@all" not in text
    for line in text.splitlines():
        if line.startswith(("| reg", "| note")):
            assert line.count("|") == 7


def test_terminal_steers_nothing(hostile: Verdict) -> None:
    text = FORMATS["terminal"](hostile)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert text.startswith("REGRESSED\n")
    assert not any(line.startswith("::") for line in text.splitlines())


def test_a_comment_always_fits() -> None:
    finding = replace(only_finding(shifted(-9)), reason=told("m" * 300))
    for count in (100, 2_000):
        text = FORMATS["md"](Verdict("regressed", (finding,) * count))
        assert len(text) < 65_536
        assert text.startswith(MARKER)
    assert "more rows are in the output of" in text


def test_github_stops_at_what_is_shown() -> None:
    finding = only_finding(shifted(-9))
    lines = FORMATS["github"](Verdict("regressed", (finding,) * 14)).splitlines()
    assert sum(line.startswith("::error") for line in lines) == 10
    assert "4 more at level error" in lines


def test_systems_are_called_by_their_labels_and_found_by_their_names() -> None:
    finding = only_finding(shifted(-9))
    lines = (replace(finding, system="online_b"), replace(finding, system="first"), replace(finding, system="second"))
    labels = {SystemName("online_b"): "Online B", SystemName("first"): "Twin", SystemName("second"): "Twin"}
    verdict = Verdict("regressed", lines, labels=labels)
    shown = ["Online B", "Twin (first)", "Twin (second)"]
    assert re.findall(r"^  (\S.*) chrF +\d", FORMATS["terminal"](verdict), re.MULTILINE) == shown
    assert re.findall(r"^\| regressed \| de-en (.*) chrf \|", FORMATS["md"](verdict), re.MULTILINE) == shown
    suite = ET.fromstring(FORMATS["junit"](verdict).encode())[0]
    assert [case.get("name") for case in suite] == [f"de-en {name} chrf" for name in shown]
    assert [item["system"] for item in json.loads(FORMATS["json"](verdict))["findings"]] == [
        "online_b",
        "first",
        "second",
    ]
