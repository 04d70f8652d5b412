"""``harness lint``: look at the reference articles before money is spent on them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.options import ArticleOption, ListingFormat, PairOption, WorkspaceOption, chosen_format
from harness.cli.shared import split_commas
from harness.cli.streams import emit


def lint(
    *,
    workspace: WorkspaceOption = Path(),
    pair: PairOption = [],
    article: ArticleOption = [],
    format: ListingFormat = "terminal",  # noqa: A002 - the flag's name
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 2 on warnings too.")] = False,
) -> None:
    """Check reference articles for mistakes.

    Exit code 2 on errors, 0 when there are only warnings.
    """
    import json
    from dataclasses import asdict

    from harness.analysis import typical_lines
    from harness.corpus.lint import lint as lint_corpus
    from harness.corpus.native import read_workspace
    from harness.reports.words.reasons import sentence
    from harness.workspace.folder import load_settings
    from harness.workspace.languages import parse_pair

    shown_as = chosen_format(format, ("terminal", "json"))
    corpora = read_workspace(
        workspace / "references",
        pairs=[parse_pair(text) for text in split_commas(pair, "--pair")],
        articles=split_commas(article, "--article"),
    )
    unit = load_settings(workspace).statistics.unit
    findings = [finding for corpus in corpora for finding in lint_corpus(corpus, unit)]
    if shown_as == "json":
        emit(
            f"{json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=2)}\n".encode(), "json"
        )
    else:
        for finding in findings:
            typer.echo(f"{finding.where}: {finding.severity}: {finding.what} [{finding.check}]")
    errors = sum(finding.severity == "error" for finding in findings)
    articles = sum(len(corpus.articles) for corpus in corpora)
    segments = sum(len(corpus.segments) for corpus in corpora)
    typer.echo(
        f"{articles} article(s), {segments} segments: {errors} error(s), {len(findings) - errors} warning(s)", err=True
    )
    for line in typical_lines(corpora, load_settings(workspace)):
        typer.echo(sentence(line), err=True)
    if errors or (strict and findings):
        raise typer.Exit(2)
