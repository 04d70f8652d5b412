"""A chat engine that answers questions instead of translating: what metrics ask language models through.

One request holds one question, which is the user message. The answer is kept as one line of JSON, whatever it says: a
text that is no JSON, or only the beginning of one, is kept as a JSON string, because it was paid for, and who asked
decides what it is worth. Only an answer that the service broke off or refused raises an error, as a translation would.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harness.engines.batch_jobs import BatchService
from harness.engines.chat.answer import FENCED, Said, without_thinking
from harness.engines.chat.engine import ChatEngine
from harness.engines.chat.openings import REFUSAL
from harness.engines.chat.prompt import ChatRequest
from harness.engines.interface import Answer, Batch, Limits, Reply
from harness.engines.wire.errors import short
from harness.errors import BadOutput, Declined
from harness.store.cache.keys import canonical_json
from harness.types import EngineIdentity, JsonValue, LangPair, Translated

FOR_TRANSLATION = frozenset({"mode", "window", "batch", "prompt", "instructions", "glossary", "template", "languages"})
"""Options of a chat engine that only say how it translates."""

USUAL_SHARE = 8
"""What part of the most tokens an answer usually has."""


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """What all questions have in common."""

    name: str
    """Of the prompt, with its version."""
    instructions: str
    """The system message."""
    schema: Mapping[str, JsonValue]
    """Of the answer."""
    answer_tokens: int
    """Most tokens of an answer, without thinking."""


class QuestionEngine:
    """Asks the model of a chat engine."""

    caches = True

    def __init__(self, chat: ChatEngine, form: QuestionForm, limits: Limits) -> None:
        """Make it of an engine that nobody else uses.

        Args:
            chat: the engine, with options for its model alone.
            form: of the questions.
            limits: as its ``[limits]`` say.
        """
        self._chat, self._form = chat, form
        self.limits = replace(limits, max_segments=1, context=0, one_article=False)
        self.key_variables = chat.key_variables
        self.vendor = chat.vendor
        self.billed_model = chat.billed_model
        self.wants_batches = chat.wants_batches

    def supports(self, pair: LangPair) -> None:
        """Any pair."""

    def identity(self, pair: LangPair) -> EngineIdentity:
        """The model, every option that shapes the request, and the form of the questions."""
        found = self._chat.identity(pair)
        own = {name: value for name, value in found.options.items() if name not in FOR_TRANSLATION}
        asked = [self._form.instructions, dict(self._form.schema)]
        question: dict[str, JsonValue] = {
            "question": self._form.name,
            "prompt_sha256": hashlib.sha256(canonical_json(asked).encode("utf-8", "surrogatepass")).hexdigest(),
            "output_bound": str(self._form.answer_tokens),
        }
        return replace(found, options={**own, **question})

    def ready(self) -> None:
        """Look for the SDK and the key."""
        self._chat.ready()

    async def prepare(self, pair: LangPair) -> None:
        """Import the SDK and make its client."""
        await self._chat.prepare(pair)

    def worst_usage(self, batch: Batch) -> Mapping[str, int]:
        """A token for each byte sent, and the bound on the answer that goes with the request."""
        request = self._request(batch)
        return {"input_tokens": request.most_input_tokens, "output_tokens": request.max_output_tokens}

    def usual_usage(self, batch: Batch) -> Mapping[str, int]:
        """What a question is billed for as a rule: three to four bytes a token, a short answer, no thinking."""
        request = self._request(batch)
        sent = len(request.system.encode("utf-8", "replace")) + len(request.user.encode("utf-8", "replace"))
        return {"input_tokens": sent * 2 // 7, "output_tokens": self._form.answer_tokens // USUAL_SHARE}

    async def translate(self, batch: Batch) -> Sequence[Answer] | Reply:
        """Ask the one question of the batch."""
        if not batch.requests:
            return []
        return self._reply(batch, await self._chat.ask(self._request(batch)))

    def batch_service(self) -> BatchService | None:
        """That of the chat engine, if it has one."""
        return self._chat.batches(self._request, self._reply)

    def _reply(self, batch: Batch, said: Said) -> Reply:  # noqa: ARG002 - one question has one answer
        return Reply([Translated(self._settled(said))], said.receipt)

    def _settled(self, said: Said) -> str:
        """The answer as one line of JSON."""
        text = without_thinking(said.text, (), said.receipt)
        if self._chat.options.form == "none" and (fenced := FENCED.fullmatch(text)):
            text = fenced["inside"]
        try:
            answer = json.loads(text)
        except (ValueError, RecursionError):
            truncated = isinstance(said.doubt, BadOutput) and not isinstance(said.doubt, Declined)
            if said.doubt and not truncated:
                raise said.doubt from None
            if REFUSAL.match(text):
                raise Declined(f"the model refused: {short(text)}", usage=said.receipt.usage) from None
            answer = text
        # Escaped, because an answer may hold halves of characters, which are no text that can be kept.
        return json.dumps(answer)

    async def close(self) -> None:
        """Close the connections."""
        await self._chat.close()

    def _request(self, batch: Batch) -> ChatRequest:
        options, form = self._chat.options, self._form
        bound = form.answer_tokens + options.room
        if options.max_output_tokens is not None:
            bound = min(bound, options.max_output_tokens)
        (asked,) = batch.requests
        return ChatRequest(
            form.instructions, asked.source, bound, batch.sample, schema=form.schema, schema_name="judgement"
        )
