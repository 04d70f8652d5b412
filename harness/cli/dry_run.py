"""``harness run --dry-run``: what would be sent, what it costs, what cannot run, and whether it can decide anything."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import typer

from harness.cli.shared import format_money, money_json, print_json
from harness.cli.streams import show
from harness.cli.until import look_lines, looks_document

if TYPE_CHECKING:
    from rich.console import RenderableType

    from harness.analysis import SampleSize
    from harness.store.cache.answers import Cache
    from harness.translation.estimates import Estimate
    from harness.translation.obstacles import Obstacle
    from harness.translation.planning import Plan, PlannedPair
    from harness.types import LangPair, SystemName

FORMATS = ("terminal", "tsv", "json")
"""No report is made."""

HEAD = (
    *("pair", "system", "segments", "cached", "to send", "characters"),
    *("cost at most", "seconds at least", "cost expected"),
)
"""Columns of the TSV, which is also what a pipe gets."""

FEWEST_COMPARED = 2


def print_dry_run(plan: Plan, cache: Cache, format: str) -> None:  # noqa: A002 - the flag's name
    """Print it as a screen, as a table for programs, or as JSON."""
    from harness.translation.estimates import estimate
    from harness.translation.obstacles import obstacles

    estimates, missing = estimate(plan, cache), obstacles(plan, cache)
    if format == "json":
        print_json(_document(plan, estimates, missing))
    elif format == "tsv" or not sys.stdout.isatty():
        _print_tsv(estimates)
        # On stderr: the table is for programs.
        show(lambda _: [*_notes(estimates), *_rest(plan, estimates, missing)], sys.stderr)
    else:
        show(lambda width: [*_screen(plan, estimates, width), *_notes(estimates), *_rest(plan, estimates, missing)])


def _document(plan: Plan, estimates: Sequence[Estimate], obstacles: Sequence[Obstacle]) -> dict[str, object]:
    from harness.reports.formats.sample_size import size_json
    from harness.translation.traffic import total

    return {
        "schema": 2,
        "systems": [_estimate_json(item) for item in estimates],
        "total": {
            "to_send": sum(item.requests for item in estimates),
            "characters": sum(item.characters for item in estimates),
            "cost_expected": money_json(total([item.expected for item in estimates])),
            "cost_at_most": money_json(total([item.cost for item in estimates])),
        },
        "nothing_to_send": [{"pair": pair, "systems": list(names)} for pair, names in _not_sent(plan).items()],
        "cannot_run": [
            {"pair": str(item.pair), "system": item.system, "why": item.why, "fix": item.fix, "instead": item.stand_in}
            for item in obstacles
        ],
        "verdicts": [
            {"pair": str(pair.corpus.pair), "systems": _compared(pair), "possible": not why, "why_not": why}
            for pair in plan.pairs
            for why in (_why_no_verdict(plan, pair),)
        ],
        "sizes": size_json(_sizes(plan, estimates)),
        "looks": looks_document(plan),
    }


def _estimate_json(item: Estimate) -> dict[str, object]:
    return {
        "pair": str(item.pair),
        "system": item.system,
        "segments": item.segments,
        "cached": item.known,
        "to_send": item.requests,
        "characters": item.characters,
        "cost_at_most": money_json(item.cost),
        "seconds_at_least": item.seconds,
        "cost_expected": money_json(item.expected),
        "batched": item.batched,
        "under_way": item.under_way,
        "assumed": item.assumed,
    }


def _print_tsv(estimates: Sequence[Estimate]) -> None:
    typer.echo("\t".join(HEAD))
    for item in estimates:
        counts = f"{item.segments}\t{item.known}\t{item.requests}\t{item.characters}"
        money = f"{format_money(item.cost)}\t{item.seconds:.0f}\t{format_money(item.expected)}"
        typer.echo(f"{item.pair}\t{item.system}\t{counts}\t{money}")


def _screen(plan: Plan, estimates: Sequence[Estimate], width: int) -> Iterator[RenderableType]:
    """What would be sent and cost, system by system, and the total."""
    from harness.reports.formats.blocks import Grid, Line, fitted_apart
    from harness.reports.words.messages import say
    from harness.reports.words.numbers import format_money as shown_money
    from harness.reports.words.text import visible
    from harness.translation.traffic import total

    yield Line(say("dry_run.title"), style="bold")
    labels = {item.system.name: item.system.label for pair in plan.pairs for item in pair.systems}
    called = [visible(labels.get(item.system) or item.system) for item in estimates]
    rows = [
        (
            str(item.pair),
            name,
            say("dry_run.of", n=f"{item.requests:,}", all=f"{item.segments:,}"),
            *(visible(shown_money(cost)) for cost in (item.expected, item.cost)),
        )
        for item, name in zip(estimates, fitted_apart(called, [max(20, width // 3)] * len(called)), strict=True)
    ]
    if rows:
        heads = ("", "", *(say(f"dry_run.heading.{name}") for name in ("to_send", "expected", "at_most")))
        sums = (total([item.expected for item in estimates]), total([item.cost for item in estimates]))
        requests, segments = (sum(getattr(item, name) for item in estimates) for name in ("requests", "segments"))
        of = say("dry_run.of", n=f"{requests:,}", all=f"{segments:,}")
        whole = (say("dry_run.total"), "", of, *(visible(shown_money(cost)) for cost in sums))
        yield Grid((heads, *rows, whole), right=frozenset({2, 3, 4}))
    for pair, names in _not_sent(plan).items():
        shown = [visible(labels.get(name) or name) for name in names]
        yield Line(say("dry_run.not_sent", pair=pair, systems=", ".join(shown)))


def _notes(estimates: Sequence[Estimate]) -> Iterator[RenderableType]:
    """What is special about how a system is asked, and why costs are not known."""
    from harness.reports.formats.blocks import Line
    from harness.reports.words.messages import say
    from harness.reports.words.numbers import counted
    from harness.reports.words.reasons import sentence
    from harness.reports.words.text import visible
    from harness.types import Unknown

    for item in estimates:
        who = visible(f"{item.pair} {item.system}")
        if item.requests and isinstance(item.cost, Unknown):
            yield Line(say("dry_run.unknown_cost", who=who, why=visible(sentence(item.cost.why))))
        if item.batched and item.requests:
            yield Line(say("dry_run.batched", who=who))
        if item.under_way:
            yield Line(say("dry_run.under_way", who=who, segments=counted(item.under_way, "segment")))
        if item.assumed:
            yield Line(say("dry_run.assumed", who=who, outputs=counted(item.assumed, "output")), hang=2)


def _rest(plan: Plan, estimates: Sequence[Estimate], obstacles: Sequence[Obstacle]) -> Iterator[RenderableType]:
    """Who cannot run, whether a verdict is possible, what it can confirm, and how to bound the money."""
    from harness.analysis import size_line
    from harness.reports.formats.blocks import Line
    from harness.reports.words.messages import say
    from harness.reports.words.numbers import counted, listed
    from harness.reports.words.reasons import sentence
    from harness.reports.words.text import visible
    from harness.types import Money

    alike: dict[tuple[str, str, str, str], list[str]] = {}
    for item in obstacles:
        alike.setdefault((item.system, item.why, item.fix, item.stand_in), []).append(str(item.pair))
    for (system, reason, fix, stand_in), pairs in alike.items():
        who, why = visible(f"{listed(pairs)} {system}"), visible(reason)
        if fix:
            why = say("dry_run.fixed", why=why, fix=visible(fix))
        if stand_in:
            yield Line(say("dry_run.stand_in", who=who, why=why, origin=visible(stand_in)), hang=2)
        else:
            yield Line(say("dry_run.cannot_run", who=who, why=why), style="red", hang=2)
    for pair in plan.pairs:
        systems = _compared(pair)
        if systems < FEWEST_COMPARED:
            continue
        extent = {"pair": str(pair.corpus.pair), "articles": counted(len(pair.corpus.articles), "article")}
        text = say("dry_run.extent", pair=extent["pair"], articles=extent["articles"], n=f"{systems:,}")
        why = _why_no_verdict(plan, pair)
        yield Line(
            say("dry_run.no_verdict", extent=text, why=why) if why else say("dry_run.verdict", extent=text), hang=2
        )
    for size in _sizes(plan, estimates):
        yield Line(visible(sentence(size_line(size))), hang=2)
    for line in look_lines(plan):
        yield Line(line, hang=2)
    most = [item.cost.amount for item in estimates if isinstance(item.cost, Money)]
    if sum(most) > 0 and plan.request.max_cost is None:
        yield Line(say("dry_run.cap"))


def _sizes(plan: Plan, estimates: Sequence[Estimate]) -> list[SampleSize]:
    """What the articles can confirm, and what a wanted difference needs, at the prices of what would be sent."""
    from harness.analysis import usual_sizes
    from harness.types import Money, Reason, Unknown

    prices: dict[LangPair, dict[SystemName, Money | Unknown]] = {}
    for item in estimates:
        known = isinstance(item.expected, Money) and item.characters
        price = Money(item.expected.amount * 1e6 / item.characters, item.expected.currency) if known else None  # type: ignore[union-attr]
        prices.setdefault(item.pair, {})[item.system] = price or Unknown(Reason("size.no_price"))
    compared = {pair.corpus.pair: _compared(pair) for pair in plan.pairs}
    settings = plan.workspace.settings.model_copy(update={"metrics": tuple(plan.metrics)})
    corpora = [pair.corpus for pair in plan.pairs if compared[pair.corpus.pair] >= FEWEST_COMPARED]
    return usual_sizes(corpora, settings, systems=compared, prices=prices)


def _not_sent(plan: Plan) -> dict[str, list[SystemName]]:
    """Systems whose outputs are there already or cost nothing: recorded, or the source itself."""
    found = {
        str(pair.corpus.pair): [item.system.name for item in pair.systems if not item.job.engine.caches]
        for pair in plan.pairs
    }
    return {pair: names for pair, names in found.items() if names}


def _compared(pair: PlannedPair) -> int:
    """How many systems there would be to compare: floors are not among them."""
    from harness.analysis import FLOOR_ENGINES

    return sum(item.job.identity.engine not in FLOOR_ENGINES for item in pair.systems)


def _why_no_verdict(plan: Plan, pair: PlannedPair) -> str:
    """Why these articles cannot decide anything, with what would help; empty where they can."""
    from harness.analysis import why_no_verdict
    from harness.reports.words.messages import say
    from harness.reports.words.reasons import sentence

    missing = why_no_verdict(pair.corpus, plan.unit)
    if missing is None:
        return ""
    return say("dry_run.fixed", why=sentence(missing.why), fix=sentence(missing.fix))
