"""The run as JUnit XML: missing results and plain errors, for the test view of a CI server. It judges no scores.

A suite is a language pair. Each system has one test case for its translations, one for each kind of :data:`BROKEN`, and
one for each metric: their number does not grow with the text.

=========  ==================================================================================================
result     when
=========  ==================================================================================================
error      segments were not translated: refused or failed
failure    segments have a flag of the kind; the engines ``copy`` and ``memory`` are let off: such answers are what
           they are for
skipped    the metric has no score for the system, the system could not be asked, or nobody knows whether segments
           have a flag of the kind, because there were no checks or this one failed
passed     otherwise; how many other flags there are is in ``system-out`` of the case of the translations
=========  ==================================================================================================

How far the numbers can be trusted stands in properties of each suite, all called ``trust``.

The first :data:`MOST_PLACES` segments are listed; JSON has them all.

Whether scores got worse is a question for ``harness gate``, whose own JUnit output answers it.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from harness.analysis import Analysis
from harness.analysis.floors import FLOOR_ENGINES
from harness.analysis.pair import PairAnalysis
from harness.analysis.stats.compare import Interval
from harness.checks.counts import count_flags, unchecked
from harness.errors import so_many
from harness.reports.model.asked import COEFFICIENT_DECIMALS, AskedRow, asked_rows
from harness.reports.model.leaderboard import checked
from harness.reports.model.trust import trust_lines
from harness.reports.words.numbers import counted, format_difference, format_range, format_score, metric_title
from harness.reports.words.reasons import sentence
from harness.reports.words.text import shorten, visible
from harness.store.runs.frame import corpus_score
from harness.store.runs.result import PairResult, Run, SystemResult
from harness.types import Failed, Missing, Refused

BROKEN = frozenset(
    {"empty", "refusal", "copied_source", "wrong_language", "truncated", "preamble", "placeholder", "tag"}
)
"""Flags that no published translation may have; numbers, dates and lengths need a person to look at them first."""

NOT_XML = re.compile("[\ufffe\uffff]")
"""What XML cannot hold and :func:`~harness.reports.words.text.visible` leaves as it is."""

EXCERPT = 300

MOST_PLACES = 20


class JunitReport:
    """Missing translations, broken ones, and metrics without a score."""

    extension = "xml"
    binary = False
    spoken = False

    def render(self, analysis: Analysis) -> bytes:
        """The whole file as UTF-8."""
        run = analysis.run
        suites = ET.Element("testsuites", {"name": _clean(f"harness run {run.called}")})
        for pair in analysis.pairs:
            _suite(suites, run, pair)
        ET.indent(suites, " ")
        text = ET.tostring(suites, encoding="unicode")
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _clean(text: str) -> str:
    return NOT_XML.sub("\ufffd", visible(text))


def _suite(suites: ET.Element, run: Run, pair: PairAnalysis) -> None:
    result = pair.result
    suite = ET.SubElement(suites, "testsuite", {"name": _clean(str(result.pair)), "timestamp": _clean(run.created)})
    known = [("trust", line.line) for line in trust_lines(pair)]
    known += [_requested(pair, row) for row in asked_rows(pair)]
    if known:
        properties = ET.SubElement(suite, "properties")
        for name, value in known:
            ET.SubElement(properties, "property", {"name": _clean(name), "value": _clean(value)})
    for system in result.systems:
        _translations_case(suite, result, system)
        for kind in sorted(BROKEN):
            _flags_case(suite, result, system, kind)
        for metric in result.metrics:
            _metric_case(suite, result, system, metric)
    for name, reason in result.absent.items():
        case = _case(suite, f"{result.pair}.{name}", "asked")
        ET.SubElement(case, "skipped", {"message": _clean(f"not asked: {reason}")})
    for tag, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(tag) is not None for case in suite)))
    suite.set("tests", str(len(suite.findall("testcase"))))


def _case(suite: ET.Element, class_name: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", {"classname": _clean(class_name), "name": _clean(name), "time": "0"})


def _translations_case(suite: ET.Element, result: PairResult, system: SystemResult) -> None:
    case = _case(suite, f"{result.pair}.{system.name}", "translations")
    gone: list[str] = []
    for segment, outcome in zip(result.corpus.segments, system.outcomes, strict=True):
        match outcome:
            case Refused(reason=why):
                gone.append(f"{segment.id}: refused: {why}")
            case Failed(error=why):
                gone.append(f"{segment.id}: failed: {why}")
    if gone:
        message = f"{counted(len(gone), 'segment')} without a translation"
        ET.SubElement(case, "error", {"type": "missing", "message": message}).text = _lines(gone)
    let_off = _is_floor(system)
    other = {kind: n for kind, n in count_flags(system.flags).items() if n and (kind not in BROKEN or let_off)}
    if other:
        ET.SubElement(case, "system-out").text = "\n".join(
            _clean(f"{kind}: {counted(n, 'segment')}") for kind, n in other.items()
        )


def _flags_case(suite: ET.Element, result: PairResult, system: SystemResult, kind: str) -> None:
    case = _case(suite, f"{result.pair}.{system.name}", kind)
    if _is_floor(system):
        return
    if not checked(system):
        ET.SubElement(case, "skipped", {"type": "unchecked", "message": "no checks were made"})
        return
    segments = result.corpus.segments
    broken = [
        f"{segment.id}: {sentence(flag.why)}"
        for segment, flags in zip(segments, system.flags, strict=True)
        for flag in flags
        if flag.kind == kind
    ]
    missed = sum(unchecked(flags, kind) for flags in system.flags)
    if broken:
        message = f"{counted(len(broken), 'flag')} that no published translation may have"
        ET.SubElement(case, "failure", {"type": "flags", "message": message}).text = _lines(broken)
    elif missed:
        message = f"the check failed on {counted(missed, 'segment')}, so they may be broken"
        ET.SubElement(case, "skipped", {"type": "unchecked", "message": message})


def _requested(pair: PairAnalysis, row: AskedRow) -> tuple[str, str]:
    """``slice domain: news, A, chrF`` and its score with interval and size, or why there is none."""
    sides = (row.part, row.system, metric_title(row.metric) if row.metric else "")
    name = f"{row.level} {row.kind}: {', '.join(filter(None, sides))}".removesuffix(": ")
    if isinstance(row.value, Missing):
        return name, f"missing: {sentence(row.value.why)}"
    decimals = pair.standing.decimals(row.metric) if row.level == "slice" else COEFFICIENT_DECIMALS
    shown = format_difference(decimals, row.value)
    if isinstance(row.interval, Interval):
        shown += f" ({format_range(decimals, row.interval.low, row.interval.high)})"
    return name, f"{shown}, n {row.n:,}"


def _is_floor(system: SystemResult) -> bool:
    return system.engine.engine in FLOOR_ENGINES


def _metric_case(suite: ET.Element, result: PairResult, system: SystemResult, metric: str) -> None:
    case = _case(suite, f"{result.pair}.{system.name}", metric_title(metric))
    score = corpus_score(system, metric)
    if isinstance(score, Missing):
        fix = sentence(score.fix)
        message = f"not scored: {sentence(score.why)}" + (f"; fix: {fix}" if fix else "")
        ET.SubElement(case, "skipped", {"message": _clean(message)})
    else:
        shown = format_score(result.identities[metric].decimals, score.value)
        ET.SubElement(case, "system-out").text = f"{shown} over {so_many(score.n, 'segment')}"


def _lines(texts: list[str]) -> str:
    lines = [_clean(shorten(text, EXCERPT)) for text in texts[:MOST_PLACES]]
    if len(texts) > MOST_PLACES:
        lines.append(f"and {len(texts) - MOST_PLACES:,} more")
    return "\n".join(lines)
