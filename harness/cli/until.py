"""``--until-decided``: its options, what cannot be meant beside it, and the looks that a dry run shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.translation.planning import Plan

UntilOption = Annotated[
    bool,
    typer.Option("--until-decided", help="Take articles in looks, and stop when it is known which system is best."),
]
LookEveryOption = Annotated[
    int | None,
    typer.Option(
        "--look-every", metavar="N", min=6, help="With --until-decided: articles between two looks. Default: an eighth."
    ),
]
MarginOption = Annotated[
    float | None,
    typer.Option(
        "--equal-within",
        metavar="POINTS",
        min=0,
        help="With --until-decided: systems that are shown to be closer are equally good.",
    ),
]


class LookSettings(TypedDict):
    """Fields of a request."""

    until_decided: bool
    look_every: int
    margin: float


def check_lonely(every: int | None, margin: float | None, *, asked: bool) -> None:
    """Return unless an option says something of looks that nobody asked for.

    Raises:
        UsageError: one does.
    """
    lonely = [flag for flag, value in (("--look-every", every), ("--equal-within", margin)) if value is not None]
    if lonely and not asked:
        raise UsageError(f"{lonely[0]} needs --until-decided", hint="give both, or neither")


def look_settings(
    *, asked: bool, limit: int | None, record: bool, every: int | None, margin: float | None
) -> LookSettings:
    """What the options say.

    Raises:
        UsageError: they cannot be meant together; with what to leave out.
    """
    check_lonely(every, margin, asked=asked)
    if asked and limit:
        raise UsageError("--until-decided and --limit both say how much is bought", hint="remove one of them")
    if asked and record:
        raise UsageError(
            "--record needs whole systems, and --until-decided does not buy all of them",
            hint="remove one of them",
        )
    return {"until_decided": asked, "look_every": every or 0, "margin": margin or 0.0}


def look_lines(plan: Plan) -> Iterator[str]:
    """When each pair would be looked at, and why it is looked at anew; none where all articles come at once."""
    from harness.api.begun import begun, notes_of
    from harness.api.until_decided import check_looks, plan_of_looks
    from harness.reports.words.messages import say
    from harness.reports.words.numbers import counted, listed
    from harness.reports.words.reasons import noted

    if plan.request.until_decided:
        check_looks(plan)
    for pair in plan.pairs if plan.request.until_decided else ():
        *counts, articles = plan_of_looks(plan, pair).counts
        name, every = str(pair.corpus.pair), counted(articles, "article")
        if counts:
            yield say("until.dry_run", pair=name, counts=listed([f"{count:,}" for count in counts]), articles=every)
        else:
            yield say("until.dry_run_one", pair=name)
        yield from map(noted, notes_of(pair, begun(plan, pair)))


def looks_document(plan: Plan) -> list[dict[str, object]]:
    """The same for programs."""
    from harness.api.until_decided import plan_of_looks

    looks = {str(pair.corpus.pair): plan_of_looks(plan, pair) for pair in plan.pairs if plan.request.until_decided}
    return [{"pair": pair, "articles": list(item.counts), "levels": list(item.levels)} for pair, item in looks.items()]
