"""How articles came until it was decided: who was bought how far, what that saved, and how to read the intervals."""

from __future__ import annotations

from collections.abc import Mapping

from harness.analysis.pair import PairAnalysis
from harness.reports.model.effort import EMPTY, SmallTable
from harness.reports.model.leaderboard import Cell
from harness.reports.model.shown import display_names
from harness.reports.words.messages import say
from harness.reports.words.numbers import counted, format_money, listed
from harness.reports.words.text import visible
from harness.store.runs.looks import Look, Looks, NotSpent
from harness.store.runs.result import PairResult
from harness.types import JsonValue, Money, SystemName, Unknown

_COLUMNS = ("articles", "not_bought", "saved", "result")


def looks_table(pair: PairAnalysis) -> tuple[SmallTable, ...]:
    """Every system and how far it was bought; none where all articles came at once."""
    looks = pair.result.looks
    if looks is None:
        return ()
    names = display_names(pair.result)
    rows = [
        (names[system.name], tuple(map(Cell, _cells(looks, system.name, names))))
        for system in pair.standing.systems
        if system.name not in pair.evidence.floors
    ]
    systems = {system.name for system in pair.result.systems}
    rows += [
        (visible(name), tuple(map(Cell, _asked_cells(looks, name)))) for name in looks.not_spent if name not in systems
    ]
    headings = tuple(say(f"until.heading.{name}") for name in _COLUMNS)
    remarks = _remarks(pair.result, looks)
    return (SmallTable(say("until.title"), headings, frozenset({len(headings) - 1}), tuple(rows), remarks),)


def looks_sentence(result: PairResult, looks: Looks) -> str:
    """How it ended, and what was not bought."""
    articles = say("until.of", n=f"{looks.made[-1].articles:,}", articles=counted(looks.counts[-1], "article"))
    if looks.end == "all":
        articles = counted(looks.counts[-1], "article")
    if looks.end == "all" and len(looks.counts) == 1:
        ended = say("until.one_look", articles=articles)
    else:
        ended = say(f"until.ended.{looks.end}", n=len(looks.made), all=len(looks.counts), articles=articles)
    return f"{ended} {_saved(result, looks)}".strip()


def left_early(looks: Looks) -> tuple[SystemName, ...]:
    """The systems that were out before all articles had come, and did not come back, in the order they went."""
    return tuple(
        name
        for number, look in enumerate(looks.made)
        if look.articles < looks.counts[-1]
        for name in look.out
        if not any(name in later.systems for later in looks.made[number + 1 :])
    )


def looks_json(looks: Looks | None) -> JsonValue:
    """The same for programs; null where all articles came at once."""
    if looks is None:
        return None
    return {
        "planned": [
            {"articles": count, "level": level} for count, level in zip(looks.counts, looks.levels, strict=True)
        ],
        "made": [_look_json(look) for look in looks.made],
        "end": looks.end,
        "margin": looks.margin,
        "not_bought": {
            name: {"segments": item.segments, "characters": item.characters, "cost": _cost_json(item.cost)}
            for name, item in looks.not_spent.items()
        },
    }


def _look_json(look: Look) -> JsonValue:
    return {
        "articles": look.articles,
        "segments": look.segments,
        "level": look.level,
        "systems": list(look.systems),
        "out": {str(worse): better for worse, better in look.out.items()},
    }


def _cost_json(cost: Money | Unknown) -> JsonValue:
    if isinstance(cost, Unknown):
        return {"unknown": str(cost.why.fields.get("text", cost.why.key))}
    return {"amount": cost.amount, "currency": cost.currency} if cost.currency else {"amount": cost.amount}


def _asked_cells(looks: Looks, name: str) -> tuple[str, str, str, str]:
    """Of what asks a model about translations."""
    left = looks.not_spent[name]
    return f"{looks.made[-1].articles:,}", f"{left.segments:,}", _cost(left), say("until.row.asked")


def _cost(left: NotSpent | None) -> str:
    return EMPTY if left is None or isinstance(left.cost, Unknown) else visible(format_money(left.cost))


def _cells(looks: Looks, system: SystemName, names: Mapping[SystemName, str]) -> tuple[str, str, str, str]:
    left = looks.not_spent.get(system)
    out = next((number for number, look in enumerate(looks.made, 1) if system in look.out), 0)
    last = looks.made[out - 1]
    if out:
        result = say("until.row.out", better=names[last.out[system]], look=out)
    elif system not in last.systems:
        result = say("until.row.other")
    else:
        result = say("until.row.best" if len(last.systems) == len(last.out) + 1 else "until.row.left")
    return f"{last.articles:,}", EMPTY if left is None else f"{left.segments:,}", _cost(left), result


def _remarks(result: PairResult, looks: Looks) -> tuple[str, ...]:
    levels = [f"{level:.2g}" for level in looks.levels]
    remarks = [looks_sentence(result, looks), say("until.levels", levels=", ".join(levels))]
    remarks.append(say("until.intervals", level=f"{looks.alpha:.2g}"))
    if looks.margin:
        remarks.append(say("until.margin", margin=f"{looks.margin:g}"))
    return tuple(remarks)


def _saved(result: PairResult, looks: Looks) -> str:
    """In all; nothing where all was bought."""
    if not looks.not_spent:
        return ""
    what = listed([counted(number, noun) for noun, number in _not_bought(result, looks).items()])
    costs = [item.cost for item in looks.not_spent.values()]
    known = [cost for cost in costs if isinstance(cost, Money)]
    currencies = {cost.currency for cost in known if cost.currency}
    if len(known) < len(costs) or len(currencies) != 1:
        return say("until.saved", what=what)
    total = Money(sum(cost.amount for cost in known), currencies.pop())
    return say("until.saved_cost", what=what, cost=visible(format_money(total)))


def _not_bought(result: PairResult, looks: Looks) -> dict[str, int]:
    """Noun to how many."""
    systems = {system.name for system in result.systems}
    numbers: dict[str, int] = {}
    for name, item in looks.not_spent.items():
        noun = "segment" if name in systems else "judgement" if name.startswith("judge:") else "question"
        numbers[noun] = numbers.get(noun, 0) + item.segments
    return numbers
