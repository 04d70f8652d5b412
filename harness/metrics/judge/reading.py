"""What a judge answered: verified against the texts it was shown, or unreadable.

An answer is taken whole or not at all. A judge that quotes what does not stand there may have judged another text, been
talked into something by the translation, or made an error up; leaving only that error out would make a bad translation
look better, so such a judgement is missing. Positions are found here, never believed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.metrics.interface import ErrorSpan, Side
from harness.metrics.judge.prompts import CATEGORIES, SEVERITIES, Protocol
from harness.metrics.scores.foreign.mqm import weight_of

ALIKE = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑–—−", "-"),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f\u3000\t", " "),
    }
)
"""Characters that models exchange when they copy a text; one for one, so that positions stay."""

SHOWN = 60
"""Characters of a quotation in a message."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """One judgement of one translation."""

    score: float
    spans: tuple[ErrorSpan, ...]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why an answer is no judgement."""

    kind: Literal["json", "fields", "span", "score"]
    why: str


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True)


class _Marked(_Strict):
    side: Literal["translation", "source"]
    span: str = Field(min_length=1)
    severity: str
    reason: str


class _Classified(_Marked):
    category: str


class _Mqm(_Strict):
    errors: list[_Classified]


class _Esa(_Strict):
    errors: list[_Marked]
    score: float


def read_judgement(answer: str, protocol: Protocol, source: str, translation: str) -> Judgement | Unreadable:
    """Read an answer.

    Args:
        answer: one line of JSON.
        protocol: that it should follow.
        source: what the judge was shown.
        translation: the same.
    """
    try:
        read = (_Mqm if protocol == "mqm" else _Esa).model_validate_json(answer)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, problem["loc"]))
        if not where and (text := _text(answer)):
            return Unreadable("json", f"not the requested JSON: '{_short(text)}'")
        kind: Literal["json", "fields"] = "fields" if where else "json"
        return Unreadable(kind, f"not the requested JSON: {f'{where}: ' if where else ''}{problem['msg']}")
    marked: Sequence[_Marked] = read.errors
    for one in marked:
        if one.severity not in SEVERITIES[protocol]:
            return Unreadable("fields", f"unknown severity '{_short(one.severity)}'")
        if isinstance(one, _Classified) and one.category not in CATEGORIES:
            return Unreadable("fields", f"unknown category '{_short(one.category)}'")
    if isinstance(read, _Esa) and not 0 <= read.score <= 100:
        return Unreadable("score", f"a score of {read.score:g}, not from 0 to 100")
    spans: list[ErrorSpan] = []
    taken: set[tuple[Side, int, int]] = set()
    for one in marked:
        side: Side = "source" if one.side == "source" else "hypothesis"
        place = _find(one.span, source if side == "source" else translation, side, taken)
        if place is None:
            return Unreadable("span", f"'{_short(one.span)}' does not occur in the {one.side}")
        taken.add((side, *place))
        spans.append(_span(one, side, place, source if side == "source" else translation))
    if isinstance(read, _Esa):
        return Judgement(read.score, tuple(spans))
    return Judgement(mqm_score(spans), tuple(spans))


def mqm_score(spans: Sequence[ErrorSpan]) -> float:
    """The sum of the weights of Freitag et al. (2021): 0 without errors, and higher is worse.

    A major error counts 5, a minor one 1, minor punctuation 0.1, a text that is no translation 25.
    """
    return math.fsum(weight for span in spans if (weight := weight_of(span.severity, span.category)) is not None)


def _span(error: _Marked, side: Side, place: tuple[int, int], text: str) -> ErrorSpan:
    return ErrorSpan(
        *place,
        error.severity,
        side=side,
        category=error.category if isinstance(error, _Classified) else "",
        text=text[slice(*place)],
        reason=" ".join(error.reason.split()),
    )


def _find(span: str, text: str, side: Side, taken: set[tuple[Side, int, int]]) -> tuple[int, int] | None:
    """Where a quotation stands: an exact copy before one with other quotation marks, one not taken before the first."""
    for wanted, within in ((span, text), (span.translate(ALIKE), text.translate(ALIKE))):
        places = []
        start = within.find(wanted)
        while start >= 0:
            places.append((start, start + len(wanted)))
            start = within.find(wanted, start + 1)
        if places:
            return next((place for place in places if (side, *place) not in taken), places[0])
    return None


def _text(answer: str) -> str:
    """What the judge said instead of JSON; empty where it said something else."""
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return ""
    return " ".join(said.split()) if isinstance(said, str) else ""


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
