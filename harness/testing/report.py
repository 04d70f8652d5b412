"""The contract suite for a report format: what :class:`harness.reports.interface.Report` promises.

::

    def test_contract():
        report_contract(MyReport)
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

from harness.analysis import analyse
from harness.checks.interface import Flag
from harness.metrics.interface import Metric, MetricContext
from harness.metrics.scoring import score_systems
from harness.metrics.strings.chrf import Chrf
from harness.reports.interface import Report
from harness.reports.words.reasons import sentence
from harness.store.cache.nothing import NoCache
from harness.store.runs.codec import encode_run
from harness.store.runs.result import PairResult, Run, SystemResult
from harness.testing.contract import ContractError, check_xml, require
from harness.types import (
    Article,
    ArticleId,
    Corpus,
    EngineIdentity,
    Failed,
    LangPair,
    Outcome,
    Refused,
    Segment,
    SegmentId,
    SystemName,
    Translated,
)
from harness.workspace.progress import Silent

SCRIPT = "<script>alert('harness')</script>"

HOSTILE = (
    SCRIPT,
    '</td></table><img src=x onerror="alert(1)"> &amp; ]]> -->',
    '=HYPERLINK("http://evil.example","x")',
    "\x1b[31mred\x1b[0m\x07 \x00",
    "left \u202eright\u202c \u200bzero",
    r"\input{x} $ % # _ { } ~ ^ | ` * [l](javascript:alert(1))",
    "first\ttab \u2028 line separator",
    "مرحبا 猫 🫖 \ud800",
)
"""Texts that want out of their place; each is source, translation and label somewhere in :func:`sample_run`."""

HIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]")
"""What a terminal or an editor would obey and nobody would see."""

FORMULA = ("=", "+", "-", "@")

FEWEST_ARTICLES = 6


def sample_run(articles: int = 8, *, best: str = "careful") -> Run:
    """A run with everything that makes reports stumble: hostile texts, refusals, failures, segments without reference.

    Args:
        articles: how many; each has the texts of :data:`HOSTILE` and a plain sentence.
        best: the system that has the references for outputs: ``careful`` or ``hasty``.
    """
    pair = LangPair("de", "en")
    made = tuple(_article(pair, number) for number in range(articles))
    corpus = Corpus(pair, made)
    chrf: Metric = Chrf(Chrf.Options())
    outcomes: dict[SystemName, tuple[Outcome, ...]] = {}
    for name in ("careful", "hasty", "broken"):
        outcomes[SystemName(name)] = tuple(
            _outcome(name, best, row, segment) for row, segment in enumerate(corpus.segments)
        )
    context = MetricContext(pair, NoCache(), offline=True)
    scored = score_systems(corpus, outcomes, {"chrf": chrf}, context, Silent(), add_reference="add one")
    systems = tuple(
        SystemResult(
            name=name,
            label=f"{name} {HOSTILE[number]}",
            engine=EngineIdentity("file", HOSTILE[number + 1], {"note": SCRIPT}),
            origin=f"file {SCRIPT}",
            outcomes=outcomes[name],
            tables=scored[name].tables,
            scores=scored[name].scores,
            flags=tuple((Flag("number", "whole", SCRIPT, 0.9),) if row % 5 == 0 else () for row in range(len(given))),
        )
        for number, (name, given) in enumerate(outcomes.items())
    )
    result = PairResult(corpus, ("chrf",), systems, {SystemName("absent"): f"no key {SCRIPT}"})
    return Run(
        id="20260101T000000-abcdef",
        created="2026-01-01T00:00:00+00:00",
        status="incomplete",
        pairs=(result,) if articles else (),
        environment={"sacrebleu": "2"},
        command=f"harness run --note '{SCRIPT}'",
        seed=1,
        settings={"metric_options": {"chrf": {}}},
    )


def _article(pair: LangPair, number: int) -> Article:
    name = ArticleId(f"article-{number}")
    plain = f"Ein ganz gewöhnlicher Satz mit der Nummer {number}."
    segments = tuple(
        Segment(SegmentId(name, line), line, 1, source, (f"{source} in English",) if line != 2 else ())
        for line, source in enumerate((*HOSTILE, plain), start=1)
    )
    return Article(name, pair, segments, {"title": f"{HOSTILE[number % len(HOSTILE)]} {number}", "domain": SCRIPT})


def _outcome(name: str, best: str, row: int, segment: Segment) -> Outcome:
    if name == "broken" and row % 4 == 1:
        return Failed(f"time-out {SCRIPT}")
    if name == "broken" and row % 4 == 3:
        return Refused(f"no {SCRIPT}")
    return Translated(segment.references[0] if name == best and segment.references else segment.source[::-1])


def report_contract(make: Callable[[], Report], run: Run | None = None) -> None:
    """Check that a format is a pure function that lets nothing out of its place.

    Args:
        make: makes the format; usually the class.
        run: another run to render besides those of :func:`sample_run`.

    Raises:
        ContractError: names what is broken.
    """
    report = make()
    for name, kind in (("extension", str), ("binary", bool), ("spoken", bool)):
        require(isinstance(getattr(report, name, None), kind), f"'{name}' is not declared as {kind.__name__}")
    require(bool(re.fullmatch(r"[a-z0-9]+", report.extension)), f"no extension of a file: {report.extension!r}")
    whole, other = sample_run(), sample_run(best="hasty")
    for each in (whole, other, sample_run(FEWEST_ARTICLES - 4), sample_run(1), sample_run(0), *([run] if run else [])):
        _check_pure(make, each)
    require(
        report.render(analyse(whole)) != report.render(analyse(other)),
        "two runs with different scores give the same file",
    )
    if not report.binary:
        for each in (whole, *([run] if run else [])):
            _check_text(report, report.render(analyse(each)))


def _check_pure(make: Callable[[], Report], run: Run) -> None:
    """The same bytes twice, from a run that stays as it is."""
    before = snapshot(run)
    try:
        first, second = make().render(analyse(run)), make().render(analyse(replace(run)))
    except Exception as error:
        subject = f"a run with {sum(len(pair.corpus.articles) for pair in run.pairs)} articles"
        raise ContractError(f"it raised {type(error).__name__} on {subject}: {error}") from error
    require(isinstance(first, bytes), f"it gave {type(first).__name__}, not bytes")
    require(first == second, "the same run gives other bytes the second time")
    require(snapshot(run) == before, "rendering changes the run")


def snapshot(run: Run) -> bytes:
    """All that a run holds, to see whether it changed."""
    coded = encode_run(run, sentence)
    head = json.dumps([coded.manifest.model_dump(mode="json"), coded.segments, coded.outcomes], default=str)
    return head.encode() + b"".join(name.encode() + array.tobytes() for name, array in coded.arrays.items())


def _check_text(report: Report, data: bytes) -> None:
    """Text that hides nothing, and that the readers of its format read as text."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ContractError(f"'binary' is False, and the file is not UTF-8: {error}") from error
    hidden = HIDDEN.search(text)
    require(hidden is None, f"a character that is obeyed and not seen: {hidden[0] if hidden else ''!r}")
    checks = {"html": _check_html, "xml": check_xml, "json": _check_json, "csv": _check_csv, "tsv": _check_csv}
    if report.extension in checks:
        checks[report.extension](text)


class _Scripts(HTMLParser):
    """Collects what would run."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and not any(name == "type" and value != "module" for name, value in attrs)
        self.bad += [f"{tag} {name}={value}" for name, value in attrs if name.startswith("on")]
        self.bad += [f"{tag} {name}={value}" for name, value in attrs if (value or "").startswith("javascript:")]

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._inside and data.strip().startswith("alert("):
            self.bad.append(data.strip())


def _check_html(text: str) -> None:
    parser = _Scripts()
    parser.feed(text)
    require(not parser.bad, f"a text of the run would run in a browser: {parser.bad[:1]}")


def _check_json(text: str) -> None:
    try:
        json.loads(text, parse_constant=lambda name: _refuse(f"{name} is not JSON"))
    except ValueError as error:
        raise ContractError(f"not JSON: {error}") from error


def _refuse(message: str) -> None:
    raise ContractError(message)


def _check_csv(text: str) -> None:
    for row in csv.reader(io.StringIO(text), delimiter="\t" if "\t" in text.partition("\n")[0] else ","):
        for field in row:
            number = re.fullmatch(r"[+-]?[0-9.]+(e[+-]?[0-9]+)?", field)
            require(number is not None or not field.lstrip().startswith(FORMULA), f"a spreadsheet would run {field!r}")
