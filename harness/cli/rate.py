"""``harness rate``: people rate what tells the systems of a run apart, and decide."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from harness.cli import complete
from harness.cli.campaigns import serve_campaign
from harness.cli.options import (
    OpenPageOption,
    PortOption,
    RunArgument,
    RunOption,
    SeedOption,
    SystemOption,
    WorkspaceOption,
    chosen_run,
)
from harness.cli.shared import given_text, split_commas, tell
from harness.cli.streams import say_line
from harness.cli.until import LookEveryOption, MarginOption, UntilOption, check_lonely
from harness.errors import UsageError, so_many

if TYPE_CHECKING:
    from harness.api.rating import Campaign
    from harness.api.rating.handout import LookSteps

TOOLS = ("page", "xlsx", "pearmut")

CHOICES = ("disagreement", "random")

USUAL_COLUMN = "human"


def rate(
    *,
    run: RunArgument = None,
    run_option: RunOption = None,
    with_tool: Annotated[
        str,
        typer.Option(
            "--with",
            metavar="TOOL",
            help="page: rate in the browser on this machine. xlsx: a workbook for each rater. pearmut: Pearmut.",
            autocompletion=complete.words(*TOOLS),
        ),
    ] = "page",
    install: Annotated[
        bool, typer.Option("--install", help="Install Pearmut first, in an environment of its own.")
    ] = False,
    raters: Annotated[int | None, typer.Option("--raters", metavar="N", min=1, help="How many people rate.")] = None,
    rater: Annotated[
        list[str], typer.Option("--rater", metavar="NAME", help="Who rates; without it nobody is named. Repeatable.")
    ] = [],
    articles: Annotated[
        int | None,
        typer.Option(
            "--articles",
            metavar="N",
            min=1,
            help="Articles to rate. Default: a quarter of the text, at least 10 articles.",
        ),
    ] = None,
    hours: Annotated[
        float | None, typer.Option("--hours", metavar="H", min=0, help="Instead: the time that each rater has.")
    ] = None,
    articles_per_hour: Annotated[
        float | None,
        typer.Option("--articles-per-hour", metavar="N", min=0, help="How many articles a rater does in an hour."),
    ] = None,
    shared: Annotated[
        float,
        typer.Option(
            "--shared", metavar="SHARE", min=0, max=1, help="Share of the articles that all rate, to see if they agree."
        ),
    ] = 0.25,
    choose: Annotated[
        str | None,
        typer.Option(
            "--choose",
            metavar="HOW",
            help="disagreement (default): the articles on which systems and metrics disagree most. random: any.",
            autocompletion=complete.words(*CHOICES),
        ),
    ] = None,
    until_decided: UntilOption = False,
    look_every: LookEveryOption = None,
    margin: MarginOption = None,
    pair: Annotated[
        str | None,
        typer.Option(
            "--pair",
            metavar="PAIR",
            help="This language pair. Needed if the run has several.",
            autocompletion=complete.pairs,
        ),
    ] = None,
    system: SystemOption = [],
    seed: SeedOption = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="A new folder. Default: below reports/ratings."),
    ] = None,
    go_on: Annotated[
        Path | None, typer.Option("--continue", metavar="DIR", help="Go on with the campaign in this folder.")
    ] = None,
    back: Annotated[
        Path | None,
        typer.Option(
            "--back",
            metavar="PATH",
            help="Take ratings back: the folder of a campaign, or a file that harness score --scores reads.",
        ),
    ] = None,
    column: Annotated[
        str, typer.Option("--as", metavar="NAME", help="With --back: what to call the ratings.")
    ] = USUAL_COLUMN,
    port: PortOption = None,
    open_it: OpenPageOption = False,
    workspace: WorkspaceOption = Path(),
) -> None:
    """Let people rate a part of a run, and take their ratings back.

    Chooses the articles that tell the systems apart, shows them blind and shuffled, and saves every score at once. For
    example: harness rate --raters 2 --articles 12; then: harness rate --back FOLDER
    """
    from harness.api.rating import Budget, write_campaign
    from harness.api.rating.pearmut import find_pearmut, install_pearmut
    from harness.store.runs.directory import load_run
    from harness.store.runs.names import find_run

    if back is not None and go_on is not None:
        raise UsageError("--back and --continue do different things", hint="give one of them")
    named = chosen_run(run, run_option)
    runs = workspace / "reports" / "runs"
    if back is not None:
        _take_back(back, named, runs, column)
        return
    if go_on is not None:
        serve_campaign(go_on, runs, port or 0, open_it=open_it)
        return
    _check_word(with_tool, TOOLS, "--with")
    at_random = _at_random(choose, until_decided=until_decided)
    if install and with_tool != "pearmut":
        raise UsageError("--install is for Pearmut", hint="add --with pearmut, or leave out --install")
    if with_tool == "pearmut":
        if install:
            install_pearmut()
        find_pearmut()
    stored = load_run(find_run(runs, named, tell))
    names = split_commas(rater, "--rater") if rater else tuple(f"rater-{n}" for n in range(1, (raters or 1) + 1))
    if raters is not None and raters != len(names):
        raise UsageError(f"--raters {raters}, but {len(names)} names", hint="leave out --raters")
    tool: Literal["page", "xlsx", "pearmut"] = with_tool  # type: ignore[assignment] # one of them, as was checked
    campaign = write_campaign(
        stored,
        Budget(names, articles, hours, articles_per_hour, shared),
        output or _new_folder(workspace / "reports" / "ratings", stored.id),
        tool=tool,
        pair=given_text(pair, "--pair"),
        systems=split_commas(system, "--system"),
        at_random=at_random,
        looks=_look_steps(look_every, margin, asked=until_decided),
        seed=seed,
    )
    _say_what(campaign)
    serve_campaign(campaign.folder, runs, port or 0, open_it=open_it)


def _check_word(word: str, known: tuple[str, ...], flag: str) -> None:
    from harness.workspace.registry import suggestion

    if word not in known:
        raise UsageError(
            f"{flag} {word}: not {', '.join(known[:-1])} or {known[-1]}", hint=suggestion(word, list(known))
        )


def _at_random(choose: str | None, *, until_decided: bool) -> bool:
    if choose is not None:
        _check_word(choose, CHOICES, "--choose")
    if until_decided and choose == "disagreement":
        raise UsageError("--until-decided draws articles at random", hint="leave out --choose, or --until-decided")
    return until_decided or choose == "random"


def _look_steps(every: int | None, margin: float | None, *, asked: bool) -> LookSteps | None:
    from harness.api.rating.handout import LookSteps

    check_lonely(every, margin, asked=asked)
    return LookSteps(every or 0, margin or 0.0) if asked else None


def _new_folder(ratings: Path, run: str) -> Path:
    folder, number = ratings / run, 1
    while folder.exists():
        number += 1
        folder = ratings / f"{run}-{number}"
    return folder


def _say_what(campaign: Campaign) -> None:
    from harness.metrics.scores.raters import FEWEST_CHECKS
    from harness.reports.words.numbers import listed
    from harness.reports.words.reasons import noted

    for note in campaign.notes:
        tell(noted(note))
    loads = ", ".join(f"{rater} {count:,}" for rater, count in campaign.segments.items())
    articles, systems = so_many(campaign.of, "article"), so_many(campaign.systems, "system")
    say_line(f"{campaign.articles} of {articles}, {systems}; segments: {loads}")
    if campaign.looks:
        counts = listed([f"{count:,}" for count in campaign.looks])
        say_line(f"looks after {counts} articles; more go out when everybody has rated theirs")
    if campaign.incomplete:
        tell(f"not shown, because translations are missing: {', '.join(campaign.incomplete)}")
    if not campaign.enough:
        tell("so few articles cannot have a verdict by people: their ratings will inform, and not decide")
    if few := [rater for rater, count in campaign.checks.items() if count < FEWEST_CHECKS]:
        tell(f"texts too short or too few for attention checks: {', '.join(few)} will not be judged by any")
    if campaign.chosen:
        tell(
            "these are the articles on which systems and metrics disagree most; differences will be larger than overall"
        )


def _take_back(ratings: Path, named: str, runs: Path, column: str) -> None:
    from functools import partial

    from harness.analysis import analyse
    from harness.api.rating import take_back
    from harness.api.rating.campaign import described
    from harness.cli.streams import show
    from harness.reports.formats.terminal import report_blocks
    from harness.store.runs.directory import load_run
    from harness.store.runs.names import find_run

    file, run, pair = described(ratings)
    stored = load_run(find_run(runs, named or run, tell))
    taken = take_back(stored, file, runs, column=column, pair=pair)
    analysis = analyse(taken.run)
    show(partial(report_blocks, analysis))
    say_line(f"run: {taken.folder}")
    say_line(f"to see it: harness report {taken.run.id} --format html -o report.html")
