"""What a language model answered: read, checked against the question, or turned into the right error.

Nothing is repaired. An answer that does not fit is :class:`~harness.errors.BadOutput`, so that the runner asks again
in smaller batches; only what is certain to be a refusal counts as one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.engines.chat.openings import PREAMBLE, REFUSAL
from harness.engines.interface import Answer, Receipt, Request
from harness.engines.wire.errors import TOO_MANY, Body, classify, garbled, message_of, short
from harness.engines.wire.option_hints import option_hint
from harness.engines.wire.wordings import words
from harness.errors import BadOutput, BadRequest, Declined, EngineError, TooLarge, Transient, Unsupported
from harness.types import Refused, Translated
from harness.workspace.languages import primary

FENCED = re.compile(r"```[a-zA-Z]*\n(?P<inside>.*)\n```", re.DOTALL)
OPENS_THINKING = re.compile(
    r"\s*(<(think|thinking|thought|reasoning|seed:think)>|\[THINK\]|◁think▷|<\|channel\|?>(analysis|thought))",
    re.IGNORECASE,
)
ENDS_THINKING = re.compile(
    r"</(think|thinking|thought|reasoning|seed:think)>|\[/THINK\]|◁/think▷|<\|channel\|>final<\|message\|>|<channel\|>",
    re.IGNORECASE,
)
"""Servers that do not separate a local model's thinking leave it in front of the answer, often without the mark that
opens it, because that belongs to the model's chat template."""

OLLAMA_PORT = ":11434"
NO_MODEL = re.compile(
    r"model_not_found|model_not_available|does not have access to model"
    r"|model identifier is invalid|on-demand throughput isn.t supported|access to the model with the specified",
    re.IGNORECASE,
)
NOT_SERVED = re.compile(
    r"unsupported_(value|parameter)|location is not supported"
    r"|\b(temperature|seed|reasoning_effort|effort|thinking\w*|response_format|output_config|max_(completion_)?tokens)\b"
    r".{0,80}(not supported|unsupported|deprecated|not permitted|unrecognized|unknown (name|parameter|field))"
    r"|(unsupported|unrecognized|unknown) (parameter|argument|field|request argument)",
    re.IGNORECASE | re.DOTALL,
)
HINTS = (
    (
        re.compile(
            r"system (role|message|prompt|instruction)s?\b.{0,40}(not|n't|un)\s?(be )?(supported|allowed|enabled)"
            r"|do(es)?(n.t| not) support (the )?(system|developer)|(developer|system) instruction is not"
            r"|\broles? must\b"
            r"|only (the )?user and assistant roles",
            re.IGNORECASE,
        ),
        'mode = "plain" in [options] sends one message and no system message: harness docs llm-engines',
    ),
    (
        re.compile(r"thinking\.type\.enabled|budget_tokens|thinking budget", re.IGNORECASE),
        'in [options], replace thinking_budget with thinking = "adaptive"',
    ),
    (
        re.compile(r"adaptive", re.IGNORECASE),
        "in [options], replace thinking with thinking_budget",
    ),
    (
        re.compile(r"thinking\.type\.disabled|thinking.{0,40}disabled", re.IGNORECASE),
        "thinking cannot be turned off on this model: remove thinking, or thinking_budget = 0, from [options]",
    ),
)
"""What a service does not take, and what to write instead; the first that fits."""

TOO_MUCH = re.compile(
    r"maximum context length|context_length_exceeded|exceeds? (the )?(available |model['’]?s )?context"
    r"|exceeds the maximum number of tokens|exceed context limit|request_too_large|Request too large for"
    r"|prompt is too long|max(_completion)?_tokens.{0,60}(too large|maximum allowed|at most)",
    re.IGNORECASE | re.DOTALL,
)

BROKEN_OFF = re.compile(
    r"error|insufficient_system_resource|time_?out|overload|unavailable|cancel|abort|interrupt|disconnect",
    re.IGNORECASE,
)
"""Reasons for which an answer ended that are failures of the service, and may pass."""

Shape = TypeVar("Shape", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Said:
    """What a service answered."""

    text: str
    """What the model wrote."""
    receipt: Receipt
    doubt: EngineError | None = None
    """What is wrong if the text turns out to be incomplete; None where the service says that it is whole."""


class _Entry(BaseModel):
    model_config = ConfigDict(strict=True)

    id: int
    text: str


class _Answers(BaseModel):
    model_config = ConfigDict(strict=True)

    translations: list[_Entry]


def read_answers(
    text: str, requests: Sequence[Request], receipt: Receipt, *, target: str, structured: bool
) -> list[Answer]:
    """The answers to ``requests``, which were numbered from 1.

    Args:
        text: what the model wrote.
        requests: what was asked, in the order of the ids.
        receipt: what the service said; its usage goes into errors.
        target: tag of the target language.
        structured: False where the service was not held to JSON: one code fence around it is then tolerated. Thinking
            before it is taken off either way.

    Raises:
        BadOutput: not the JSON that was asked for; ids missing, unknown, twice or out of order.
        Declined: a refusal in place of the JSON.
    """
    text = without_thinking(text, [request.source for request in requests], receipt)
    if not structured:
        fenced = FENCED.fullmatch(text)
        text = fenced["inside"] if fenced else text
    try:
        entries = _validated(_Answers, text).translations
    except ValidationError as error:
        if REFUSAL.match(text.strip()):
            raise Declined(f"the model refused: {short(text)}", usage=receipt.usage) from None
        why = error.errors(include_url=False, include_input=False)[0]["msg"]
        raise BadOutput(f"the answer is not the requested JSON ({why}): {short(text)}", usage=receipt.usage) from None
    ids = [entry.id for entry in entries]
    if ids != list(range(1, len(requests) + 1)):
        raise BadOutput(f"expected ids {_ids(range(1, len(requests) + 1))}, got {_ids(ids)}", usage=receipt.usage)
    return [_answer(entry.text, request, receipt, target) for entry, request in zip(entries, requests, strict=True)]


def read_plain(text: str, request: Request, receipt: Receipt, *, target: str) -> Answer:
    """The whole answer as the translation of one segment; thinking before it and white space around it are dropped.

    Raises:
        BadOutput: it is still thinking.
    """
    return _answer(without_thinking(text, [request.source], receipt), request, receipt, target)


def without_thinking(text: str, sources: Sequence[str], receipt: Receipt) -> str:
    """The answer after its thinking, without white space around it.

    A source may hold such a mark itself: as many of them as the sources have belong to the translation.

    Raises:
        BadOutput: thinking was begun and has not ended.
    """
    in_sources = sum(len(ENDS_THINKING.findall(source)) for source in sources)
    ends = [mark.end() for mark in ENDS_THINKING.finditer(text)]
    if len(ends) > in_sources:
        return text[ends[len(ends) - in_sources - 1] :].strip()
    if OPENS_THINKING.match(text) and not any(OPENS_THINKING.match(source) for source in sources):
        raise BadOutput(
            f"the model had not finished thinking: {short(text)}",
            hint="raise 'reasoning_tokens' in [options]",
            usage=receipt.usage,
        )
    return text.strip()


def _answer(text: str, request: Request, receipt: Receipt, target: str) -> Answer:
    where = f"segment {request.segment}"
    # Into English, each of these sentences can be the translation of a source that says so.
    if primary(target) != "en":
        if REFUSAL.match(text) and not REFUSAL.match(request.source.strip()):
            return Refused(f"the model refused: {short(text)}")
        if PREAMBLE.match(text) and not PREAMBLE.match(request.source.strip()):
            raise BadOutput(f"{where}: a preamble instead of a translation: {short(text)}", usage=receipt.usage)
    return Translated(text)


def _ids(ids: Sequence[int]) -> str:
    shown = ", ".join(map(str, ids[:20])) or "none"
    return f"{shown} ... ({len(ids)} in all)" if len(ids) > 20 else shown


def read_response(shape: type[Shape], body: str) -> Shape:
    """The part of a success that is looked at.

    Raises:
        Transient: it is not what the service documents.
    """
    try:
        return _validated(shape, body)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, problem["loc"]))
        raise garbled(body, f"{where}: {problem['msg']}" if where else problem["msg"]) from None


def _validated(shape: type[Shape], text: str) -> Shape:
    """JSON as a model, also where half a character or depth somewhere in it is too much for the strict parser.

    Raises:
        ValidationError: it is not JSON, or not of this shape.
    """
    text = text.removeprefix("\ufeff")
    try:
        return shape.model_validate_json(text)
    except ValidationError as error:
        if error.errors(include_url=False, include_input=False)[0]["type"] != "json_invalid":
            raise
        try:
            parsed = json.loads(text)
        except (ValueError, RecursionError):
            raise error from None
        return shape.model_validate(parsed)


def stopped_early(stop: str, usage: Mapping[str, int]) -> BadOutput | None:
    """What is wrong if an answer that ended for this reason, in Claude's words, turns out to be incomplete."""
    if stop in {"max_tokens", "model_context_window_exceeded"}:
        return BadOutput(f"the answer was truncated ({stop})", usage=usage)
    # Compatible servers leave the reason out; the check of the answer finds what is incomplete.
    usual = {"end_turn", "stop_sequence", ""}
    return None if stop in usual else BadOutput(f"the model stopped with reason '{stop}'", usage=usage)


def service_error(
    status: int, body: Body, headers: Mapping[str, str], model: str, service: str = "the model's service"
) -> EngineError:
    """The error for a response that is not a success: first what only language models say, then what all say."""
    usual = classify(status, body, headers, service)
    text, message = words(body), message_of(BadRequest, status, body, service)
    if status == TOO_MANY or isinstance(usual, Declined):
        return usual  # "too many tokens per minute" is no text that is too long
    if status == 404 or NO_MODEL.search(text):
        hint = f"ollama pull {model}" if service.endswith(OLLAMA_PORT) else "check 'model' and 'endpoint' in [options]"
        return Unsupported(f"model '{model}': {message}", hint=hint)
    if TOO_MUCH.search(text):
        message = message_of(TooLarge, status, body, service)
        return TooLarge(message, hint="lower the limit that is sent with 'max_output_tokens' in [options]")
    if status in {400, 422, 500} and HINTS[0][0].search(text):
        return Unsupported(message, hint=HINTS[0][1])
    if status in {400, 422} and NOT_SERVED.search(text):
        return Unsupported(message, hint=next((hint for what, hint in HINTS if what.search(text)), option_hint(text)))
    if status == 409:
        return Transient(message, charged=False)
    return usual
