"""What engines answer and report, as it is kept and said: whole, without keys, as UTF-8 can hold it."""

from __future__ import annotations

import re

from harness.engines.interface import Answer, Batch, Engine, Reply
from harness.errors import (
    BadOutput,
    EngineError,
    so_many,
)
from harness.translation.answers import settle
from harness.types import Failed, Refused, Response, SystemName, Translated
from harness.workspace.redaction import REDACTOR

LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""JSON can spell it, and a model cut off in the middle of an emoji does; UTF-8 cannot."""


def checked(result: Reply | EngineError, batch: Batch, system: SystemName) -> Reply | EngineError:
    """The result, where it has an answer for each segment."""
    if isinstance(result, EngineError) or len(result.answers) == len(batch.requests):
        return result
    return BadOutput(
        f"{system} returned {so_many(len(result.answers), 'answer')} for {so_many(len(batch.requests), 'segment')}",
        usage=result.receipt.usage,
    )


def cleaned(answer: Answer, source: str) -> Response:
    """An answer as it is kept."""
    match answer:
        case Refused():
            return Refused(cut(answer.reason))
        case Failed():
            return Failed(cut(answer.error))
    settled = settle(answer, source)
    if isinstance(settled, Failed):
        return settled
    text, keys = REDACTOR.answer(settled.text, source)
    # Paid for, so it is kept; but a translation with a hole in it must say so.
    return Translated(text, notes={**settled.notes, "redacted_keys": keys}) if keys else settled


def cut(message: str) -> str:
    """A message from outside without keys, as UTF-8 can hold it."""
    return LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", REDACTOR(message))


def told(error: EngineError) -> str:
    """What an engine's error says, and what to do about it."""
    return cut(f"{error} (hint: {error.hint})" if error.hint else str(error))


def bug(engine: Engine, error: BaseException) -> str:
    """What to say of an exception that the contract of engines does not have."""
    return cut(f"bug in {type(engine).__name__}: {type(error).__name__}: {error}")
