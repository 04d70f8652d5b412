"""What a language model answered: read, checked against the question, or turned into the right error.

Nothing is repaired. An answer that does not fit is :class:`~harness.errors.BadOutput`, so that the runner asks again
in smaller batches; only what is certain to be a refusal counts as one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.engines.http_errors import Body, classify, garbled, short
from harness.engines.interface import Answer, Receipt, Request
from harness.errors import BadOutput, Declined, EngineError, TooLarge, Transient, Unsupported
from harness.languages import primary
from harness.types import Refused, Translated

FENCED = re.compile(r"```[a-zA-Z]*\n(?P<inside>.*)\n```", re.DOTALL)
THINKING = re.compile(r"<think>.*?</think>", re.DOTALL)
"""Servers that do not separate a local model's thinking leave it in front of the answer."""

REFUSAL = re.compile(
    r"(I['’]m (really )?sorry|I am sorry|Sorry|I apologi[sz]e),? but (I|as an AI)\b"
    r"|(I['’]m sorry[,.]? )?(I can['’]?t|I cannot|I can not|I['’]m unable to|I am unable to|I won['’]t) "
    r"(help|assist|comply|translate|provide|fulfil)"
    r"|As an AI( language model| assistant)?,",
    re.IGNORECASE,
)
PREAMBLE = re.compile(
    r"((Sure|Certainly|Of course|Absolutely)\b[!,.]?\s*)?(Here['’]s|Here is|Below is|This is) (the|your|my|a) "
    r"((\w+ )?translat(ion|ed)|(\w+ )?translated text)\b",
    re.IGNORECASE,
)
LINE_BREAKS = re.compile(r"[\n\r\0]")

NO_MODEL = re.compile(r"model_not_found|model_not_available|does not have access to model", re.IGNORECASE)
NOT_SERVED = re.compile(
    r"unsupported_(value|parameter)|location is not supported"
    r"|\b(temperature|seed|reasoning_effort|effort|thinking\w*|response_format|output_config)\b.{0,80}"
    r"(not supported|unsupported|deprecated)",
    re.IGNORECASE | re.DOTALL,
)
FILTERED = re.compile(r"content_filter|content_policy|ResponsibleAIPolicyViolation", re.IGNORECASE)
TOO_MUCH = re.compile(
    r"maximum context length|context_length_exceeded|exceeds? (the )?(available |model['’]?s )?context"
    r"|exceeds the maximum number of tokens|exceed context limit|request_too_large|Request too large for"
    r"|prompt is too long|max(_completion)?_tokens.{0,60}(too large|maximum allowed|at most)",
    re.IGNORECASE | re.DOTALL,
)

Shape = TypeVar("Shape", bound=BaseModel)


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
        structured: False where the service was not held to JSON: one code fence around it is then tolerated.

    Raises:
        BadOutput: not the JSON that was asked for; ids missing, unknown, twice or out of order; a line break.
        Declined: a refusal in place of the JSON.
    """
    if not structured:
        text = THINKING.sub("", text, count=1).strip()
        fenced = FENCED.fullmatch(text)
        text = fenced["inside"] if fenced else text
    try:
        entries = _Answers.model_validate_json(text).translations
    except ValidationError as error:
        if REFUSAL.match(text.strip()):
            raise Declined(f"the model refuses: {short(text)}", usage=receipt.usage) from None
        why = error.errors(include_url=False, include_input=False)[0]["msg"]
        raise BadOutput(
            f"the answer is not the JSON that was asked for ({why}): {short(text)}", usage=receipt.usage
        ) from None
    ids = [entry.id for entry in entries]
    if ids != list(range(1, len(requests) + 1)):
        raise BadOutput(f"asked for ids {_ids(range(1, len(requests) + 1))}, got {_ids(ids)}", usage=receipt.usage)
    return [_answer(entry.text, request, receipt, target) for entry, request in zip(entries, requests, strict=True)]


def _answer(text: str, request: Request, receipt: Receipt, target: str) -> Answer:
    where = f"segment {request.segment}"
    if LINE_BREAKS.search(text):
        raise BadOutput(f"{where}: a line break in the translation of one line", usage=receipt.usage)
    # Into English, each of these sentences can be the translation of a source that says so.
    if primary(target) != "en":
        if REFUSAL.match(text) and not REFUSAL.match(request.source.strip()):
            return Refused(f"the model refuses: {short(text)}")
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
        return shape.model_validate_json(body)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, problem["loc"]))
        raise garbled(body, f"{where}: {problem['msg']}" if where else problem["msg"]) from None


def service_error(status: int, body: Body, headers: Mapping[str, str], model: str) -> EngineError:
    """The error for a response that is not a success: first what only language models say, then what all say."""
    text = body if isinstance(body, str) else str(body)
    message = f"HTTP {status}: {short(body)}"
    if status == 404 or NO_MODEL.search(text):
        return Unsupported(f"model '{model}': {message}", hint="check 'model' and 'endpoint' in [options]")
    if TOO_MUCH.search(text):
        return TooLarge(message, hint="'max_output_tokens' in [options] lowers the bound that is sent")
    if status == 400 and FILTERED.search(text):
        return Declined(message)
    if status == 400 and NOT_SERVED.search(text):
        return Unsupported(message, hint="take the option out of [options], or choose another model")
    if status == 409:
        return Transient(message, charged=False)
    return classify(status, body, headers)
