"""The run as JUnit XML: missing results and plain errors, for the test view of a CI server. It judges no scores.

A suite is a language pair, a test case one article of one system, and one more case for each system and metric.

=========  ==================================================================================================
result     when
=========  ==================================================================================================
error      a segment of the article was not translated: refused or failed
failure    a segment has a flag of :data:`BROKEN`; the engines ``copy`` and ``memory`` are let off: such
           answers are what they are for
skipped    the metric has no score for the system, the system could not be asked, or a check for :data:`BROKEN` failed
passed     otherwise; other flags are listed in ``system-out``
=========  ==================================================================================================

Whether scores got worse is a question for ``harness gate``, whose own JUnit output answers it.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from harness.analysis import Analysis
from harness.analysis.floors import FLOOR_ENGINES
from harness.checks.run import unchecked
from harness.reports.words.numbers import counted, format_score, metric_title
from harness.reports.words.reasons import sentence
from harness.reports.words.text import shorten, visible
from harness.store.runs.frame import corpus_score
from harness.store.runs.result import PairResult, Run, SystemResult, article_rows
from harness.types import Article, Failed, Missing, Refused

BROKEN = frozenset(
    {"empty", "refusal", "copied_source", "wrong_language", "truncated", "preamble", "placeholder", "tag"}
)
"""Flags that no published translation may have; numbers, dates and lengths need a person to look at them first."""

NOT_XML = re.compile("[\ufffe\uffff]")
"""What XML cannot hold and :func:`~harness.reports.words.text.visible` leaves as it is."""

EXCERPT = 300


class JunitReport:
    """Missing translations, broken ones, and metrics without a score."""

    extension = "xml"
    binary = False
    spoken = False

    def render(self, analysis: Analysis) -> bytes:
        """The whole file as UTF-8."""
        run = analysis.run
        suites = ET.Element("testsuites", {"name": _clean(f"harness run {run.called}")})
        for result in run.pairs:
            _suite(suites, run, result)
        ET.indent(suites, " ")
        text = ET.tostring(suites, encoding="unicode")
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _clean(text: str) -> str:
    return NOT_XML.sub("\ufffd", visible(text))


def _suite(suites: ET.Element, run: Run, result: PairResult) -> None:
    suite = ET.SubElement(suites, "testsuite", {"name": _clean(str(result.pair)), "timestamp": _clean(run.created)})
    for system in result.systems:
        for article, rows in zip(result.corpus.articles, article_rows(result.corpus).values(), strict=True):
            _article_case(suite, result, system, article, rows)
        for metric in result.metrics:
            _metric_case(suite, result, system, metric)
    for name, reason in result.absent.items():
        case = _case(suite, f"{result.pair}.{name}", "asked")
        ET.SubElement(case, "skipped", {"message": _clean(f"not asked: {reason}")})
    for tag, attribute in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.find(tag) is not None for case in suite)))
    suite.set("tests", str(len(suite)))


def _case(suite: ET.Element, class_name: str, name: str) -> ET.Element:
    return ET.SubElement(suite, "testcase", {"classname": _clean(class_name), "name": _clean(name), "time": "0"})


def _article_case(suite: ET.Element, result: PairResult, system: SystemResult, article: Article, rows: slice) -> None:
    case = _case(suite, f"{result.pair}.{system.name}", article.id)
    gone: list[str] = []
    broken: list[str] = []
    other: list[str] = []
    missed: list[str] = []
    outcomes = system.outcomes[rows]
    flags = system.flags[rows] if system.flags else ((),) * len(outcomes)
    for segment, outcome, flags_of_segment in zip(article.segments, outcomes, flags, strict=True):
        match outcome:
            case Refused(reason=why):
                gone.append(f"{segment.id}: refused: {why}")
            case Failed(error=why):
                gone.append(f"{segment.id}: failed: {why}")
            case _:
                for flag in flags_of_segment:
                    fails = flag.kind in BROKEN and system.engine.engine not in FLOOR_ENGINES
                    (broken if fails else other).append(f"{segment.id}: {flag.kind}: {sentence(flag.why)}")
                missed += [str(segment.id) for kind in BROKEN if unchecked(flags_of_segment, kind)][:1]
    if gone:
        failure = f"{counted(len(gone), 'segment')} without a translation"
        ET.SubElement(case, "error", {"type": "missing", "message": failure}).text = _lines([*gone, *broken])
    elif broken:
        failure = f"{counted(len(broken), 'flag')} that no published translation may have"
        ET.SubElement(case, "failure", {"type": "flags", "message": failure}).text = _lines(broken)
    elif missed:
        failure = f"a check failed on {counted(len(missed), 'segment')}, so they may be broken"
        ET.SubElement(case, "skipped", {"type": "unchecked", "message": failure})
    if other:
        ET.SubElement(case, "system-out").text = _lines(other)


def _metric_case(suite: ET.Element, result: PairResult, system: SystemResult, metric: str) -> None:
    case = _case(suite, f"{result.pair}.{system.name}", metric_title(metric))
    score = corpus_score(system, metric)
    if isinstance(score, Missing):
        fix = sentence(score.fix)
        message = f"not scored: {sentence(score.why)}" + (f"; fix: {fix}" if fix else "")
        ET.SubElement(case, "skipped", {"message": _clean(message)})
    else:
        shown = format_score(result.identities[metric].decimals, score.value)
        ET.SubElement(case, "system-out").text = f"{shown} over {score.n:,} segments"


def _lines(texts: list[str]) -> str:
    return "\n".join(_clean(shorten(text, EXCERPT)) for text in texts)
