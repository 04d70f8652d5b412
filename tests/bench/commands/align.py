"""Whole documents aligned, and outputs cut along their references, beside the lines of public test sets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from harness.cli.options import QuietOption


def align(
    *,
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="The folder with ntrex128 and wmt24 sets.")],
    language: Annotated[
        list[str], typer.Option("--language", metavar="TAG", help="Only English with this one. Repeatable.")
    ] = [],
    apertium: Annotated[
        list[str],
        typer.Option("--apertium", metavar="PAIR=MODE", help="An installed mode, as in en-es=eng-spa. Repeatable."),
    ] = [],
    cut: Annotated[bool, typer.Option("--recut/--no-recut", help="Also cut outputs of WMT24 systems again.")] = True,
    fit: Annotated[
        bool, typer.Option("--fit", help="Fit the weights anew on English with each --language, and print them only.")
    ] = False,
    quiet: QuietOption = False,
) -> None:
    """Measure alignment on NTREX-128 and cutting on WMT24."""
    from tests.bench.alignment import (
        FILES,
        FITTED_LANGUAGES,
        WMT_PAIRS,
        WMT_SYSTEMS,
        Aligned,
        Mode,
        measure,
        measure_recut,
        recut_markdown,
        to_markdown,
    )

    if fit:
        from harness.corpus.documents.weights import WEIGHTS
        from tests.bench.fit_alignment import fit as fit_weights

        for name, weight in fit_weights(data, language or FITTED_LANGUAGES, WEIGHTS).items():
            typer.echo(f'"{name}": {weight},')
        return
    modes = dict(pair.split("=", 1) for pair in apertium)
    jobs: list[tuple[str, str, Mode, str]] = [
        ("en", tag, mode, "") for tag in language or FILES for mode in ("alone", "together")
    ]
    jobs += [(*_languages(pair), "engine", mode) for pair, mode in modes.items()]
    aligned: list[Aligned] = []
    for source, target, mode, translator in jobs:
        aligned += [measure(data, source, target, gaps=g, mode=mode, apertium=translator) for g in (False, True)]
        if not quiet:
            typer.echo(f"{source}-{target}, {mode}: done", err=True)
    typer.echo(to_markdown(aligned))
    if cut:
        typer.echo()
        typer.echo(recut_markdown([measure_recut(data, pair, name) for pair in WMT_PAIRS for name in WMT_SYSTEMS]))


def _languages(pair: str) -> tuple[str, str]:
    source, _, target = pair.partition("-")
    return source, target
