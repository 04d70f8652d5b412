"""``harness lint``: look at the reference articles before money is spent on them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.options import (
    ArticleOption,
    EveryOption,
    ListingFormat,
    OverlapOption,
    PairOption,
    WorkspaceOption,
    chosen_format,
)
from harness.cli.shared import in_sight, split_commas
from harness.cli.streams import emit, show

if TYPE_CHECKING:
    from rich.console import RenderableType

    from harness.corpus.lint import LintFinding
    from harness.types import Corpus

MOST_ALIKE = 3
"""Findings of one kind that are listed where there are more."""


def lint(
    *,
    workspace: WorkspaceOption = Path(),
    pair: PairOption = [],
    article: ArticleOption = [],
    format: ListingFormat = "terminal",  # noqa: A002 - the flag's name
    overlap: OverlapOption = [],
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 2 on warnings too.")] = False,
    every: EveryOption = False,
) -> None:
    """Check reference articles for mistakes.

    Exit code 2 on errors, 0 when there are only warnings.
    """
    import json
    from dataclasses import asdict

    from harness.analysis import size_line, typical_lines, usual_sizes
    from harness.corpus.lint import lint as lint_corpus
    from harness.corpus.lint.encoder import INSTALL, encoder_installed
    from harness.corpus.native import read_workspace
    from harness.reports.words.messages import say
    from harness.reports.words.numbers import counted
    from harness.reports.words.reasons import sentence
    from harness.workspace.folder import load_settings
    from harness.workspace.languages import parse_pair

    shown_as = chosen_format(format, ("terminal", "json"))
    settings = load_settings(workspace)
    with in_sight("lint"):
        corpora = read_workspace(
            workspace / "references",
            pairs=[parse_pair(text) for text in split_commas(pair, "--pair")],
            articles=split_commas(article, "--article"),
        )
        findings = [finding for corpus in corpora for finding in lint_corpus(corpus, settings.statistics.unit)]
    searched = dict.fromkeys([*overlap, *(workspace / file for file in settings.checks.overlap)])
    findings += _overlaps(corpora, list(searched))
    if shown_as == "json":
        emit(
            f"{json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2)}\n".encode(), "json"
        )
    else:
        show(lambda _: _finding_lines(findings, every=every))
    errors = sum(finding.severity == "error" for finding in findings)
    counts = say(
        "lint.counts",
        articles=counted(sum(len(corpus.articles) for corpus in corpora), "article"),
        segments=counted(sum(len(corpus.segments) for corpus in corpora), "segment"),
        errors=counted(errors, "error"),
        warnings=counted(len(findings) - errors, "warning"),
    )
    absent = _not_on_this_machine(workspace)
    reach = [sentence(line) for line in typical_lines(corpora, settings, absent)]
    reach += [sentence(size_line(plan)) for plan in usual_sizes(corpora, settings, absent=absent)]
    missing = [] if encoder_installed() else [say("lint.misplaced_not_run", fix=INSTALL)]
    show(lambda _: _plain([counts, *missing, *reach]), sys.stderr)
    if errors or (strict and findings):
        raise typer.Exit(2)


def _overlaps(corpora: Sequence[Corpus], files: Sequence[Path]) -> list[LintFinding]:
    """What of the articles is in other data; large files take a while, which is seen."""
    from harness.corpus.lint.overlap import check_overlap
    from harness.workspace.progress import progress_on_stderr

    findings: list[LintFinding] = []
    with progress_on_stderr(quiet=not files) as progress:
        for number, path in enumerate(files):
            progress.update("overlap", number, len(files))
            findings += check_overlap(corpora, path)
        progress.update("overlap", len(files), len(files))
    return findings


def _plain(lines: Sequence[str]) -> Iterator[RenderableType]:
    from harness.reports.formats.blocks import Line
    from harness.reports.words.text import visible

    for line in lines:
        yield Line(visible(line))


def _finding_lines(findings: Sequence[LintFinding], *, every: bool) -> Iterator[RenderableType]:
    """Errors first; of many findings of one kind the first few, and how many more there are."""
    from harness.reports.formats.blocks import Line
    from harness.reports.words.messages import say
    from harness.reports.words.numbers import counted_as
    from harness.reports.words.text import visible

    groups: dict[tuple[bool, str], list[LintFinding]] = {}
    for finding in findings:
        groups.setdefault((finding.severity != "error", finding.check), []).append(finding)
    for (warns, check), items in sorted(groups.items(), key=lambda entry: entry[0][0]):
        few = items if every or len(items) <= MOST_ALIKE + 1 else items[:MOST_ALIKE]
        for item in few:
            severity, what = say(f"lint.severity.{item.severity}"), item.what
            line = say("lint.finding", where=item.where, severity=severity, what=what, check=check)
            yield Line(visible(line), style="" if warns else "red", hang=2)
        if len(few) < len(items):
            more = counted_as("lint.more", len(items) - len(few))
            yield Line(say("lint.more_of", more=more, check=check), indent=2, style="" if warns else "red")


def _not_on_this_machine(workspace: Path) -> frozenset[str]:
    """Metrics whose model would have to be fetched first."""
    from harness.errors import HarnessError, MetricUnavailable
    from harness.metrics.comet import checkpoint
    from harness.metrics.comet.metric import Comet
    from harness.translation.planning import load_metrics
    from harness.translation.request import RunRequest
    from harness.workspace.folder import open_workspace

    try:
        metrics = load_metrics(open_workspace(workspace), RunRequest())
    except HarnessError:  # `harness run` says what is wrong with them
        return frozenset()
    missing = set()
    for name, metric in metrics.items():
        if isinstance(metric, Comet):
            try:
                checkpoint.find(metric.options.model, offline=True)
            except MetricUnavailable:
                missing.add(name)
    return frozenset(missing)
