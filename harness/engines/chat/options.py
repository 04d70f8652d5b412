"""The options of every engine for language models, and the limits that follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from harness.engines.chat import plain as chat_plain
from harness.engines.chat.prompt import DEFAULT_PROMPT, Mode, check_template
from harness.engines.interface import NO_LIMIT, Limits
from harness.engines.wire.endpoints import ADDRESS
from harness.workspace.config import Count, StrictModel

ARTICLE_SEGMENTS = 1000
ARTICLE_TOKENS = 6000
"""Most source tokens translated at once in article mode: about 3000 English words, and an answer that fits into the
output limit of current models. A longer article goes in parts, each with the rest as context."""

CONCURRENCY = 8


class ChatOptions(StrictModel):
    """``[options]`` of every engine for language models."""

    model: Annotated[str, Field(min_length=1)]
    """The service's name of the model."""
    endpoint: Annotated[str, Field(pattern=ADDRESS)] = ""
    """Base address of another server, without user, password or query, because it is part of the identity."""
    mode: Mode = "sentence"
    """What one request translates: several segments, one with its neighbours, a whole article, or one as a plain
    message."""
    window: Count = 3
    """Segments of context before and after, in window mode."""
    batch: Annotated[int, Field(ge=1, le=1000)] = 10
    """Maximum number of segments in one request, in sentence mode."""
    prompt: Annotated[str, Field(min_length=1)] = DEFAULT_PROMPT
    """The system prompt, with placeholders in braces."""
    instructions: str = ""
    """Instructions to add to the prompt."""
    glossary: dict[str, str] = Field(default_factory=dict, examples=[{"Stadtrat": "city council"}])
    """Source terms and their translations, added to the prompt."""
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] | None = None
    """Sent only if set, because reasoning models reject it."""
    max_output_tokens: Count | None = None
    """Maximum number of tokens of an answer, including thinking, if the computed limit is higher."""
    reasoning_tokens: Annotated[int, Field(ge=0)] = 4096
    """Room for thinking in the token limit of the answer."""
    reasoning_effort: Annotated[str, Field(pattern="^[a-z]*$")] = ""
    """How much the model thinks, such as ``low``; the values depend on the service. Empty: not sent."""
    structured: Literal["json_schema", "json_object", "none"] = "json_schema"
    """How the answer is forced into its format; ``none`` for servers and models without structured output."""
    template: str = ""
    """In plain mode: the name of a prompt that ships with the harness."""
    languages: dict[str, str] = Field(default_factory=dict, examples=[{"pt-BR": "Brazilian Portuguese"}])
    """In plain mode: the model's names of language tags, if they are not the English names."""

    @model_validator(mode="after")
    def _prompt_fits(self) -> ChatOptions:
        needed = {"instructions": bool(self.instructions.strip()), "glossary": bool(self.glossary)}
        if self.mode == "plain":
            self._check_plain(needed)
            return self
        for name in ("template", "languages"):
            if getattr(self, name):
                raise ValueError(f"'{name}' needs mode = \"plain\"")
        check_template(self.prompt, needed=needed)
        return self

    def _check_plain(self, needed: Mapping[str, bool]) -> None:
        has_prompt = "prompt" in self.model_fields_set
        if has_prompt == bool(self.template):
            known = ", ".join(chat_plain.shipped())
            raise ValueError(f"mode 'plain' needs either a 'prompt' with '{{text}}', or a 'template': {known}")
        if self.structured != "none" and "structured" in self.model_fields_set:
            raise ValueError("mode 'plain' has no structured output: remove 'structured'")
        chat_plain.check(self.plain, needed=needed)

    @property
    def plain(self) -> chat_plain.Template:
        """The prompt of plain mode."""
        return chat_plain.find(self.template) if self.template else chat_plain.Template(prompt=self.prompt)

    @property
    def form(self) -> str:
        """What is asked for through the API's structured output."""
        return "none" if self.mode == "plain" else self.structured

    @property
    def room(self) -> int:
        """Tokens of thinking to leave room for. Models for translation do not think, and their context is small."""
        return 0 if self.mode == "plain" and "reasoning_tokens" not in self.model_fields_set else self.reasoning_tokens

    def limits(self) -> Limits:
        """The limits that follow from the mode."""
        if self.mode == "plain":
            return Limits(max_segments=1, concurrency=CONCURRENCY)
        if self.mode == "sentence":
            return Limits(max_segments=self.batch, concurrency=CONCURRENCY)
        if self.mode == "window":
            # One segment with its own context: the answer depends on nothing that is not in its cache key.
            return Limits(max_segments=1, concurrency=CONCURRENCY, context=self.window, one_article=True)
        return Limits(
            max_segments=ARTICLE_SEGMENTS,
            max_tokens=ARTICLE_TOKENS,
            concurrency=CONCURRENCY,
            context=NO_LIMIT,
            one_article=True,
        )
