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
    """Model to ask, as the service names it."""
    endpoint: Annotated[str, Field(pattern=ADDRESS)] = ""
    """Base address of another server; without user, password or query, because it is part of the identity."""
    mode: Mode = "sentence"
    """How a request is made: some segments at once, one with its neighbours, whole articles, or one message per
    segment."""
    window: Count = 3
    """Segments of context before and after, in window mode."""
    batch: Annotated[int, Field(ge=1, le=1000)] = 10
    """Most segments in one request, in sentence mode."""
    prompt: Annotated[str, Field(min_length=1)] = DEFAULT_PROMPT
    """The system prompt, with placeholders in braces."""
    instructions: str = ""
    """More instructions, added to the prompt."""
    glossary: dict[str, str] = Field(default_factory=dict)
    """Term to its translation, added to the prompt."""
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] | None = None
    """Not sent when it is not given: models that reason refuse it."""
    max_output_tokens: Count | None = None
    """Most tokens an answer may have, thinking included, where the derived bound is higher."""
    reasoning_tokens: Annotated[int, Field(ge=0)] = 4096
    """Room for thinking in the bound on the answer."""
    reasoning_effort: Annotated[str, Field(pattern="^[a-z]*$")] = ""
    """How much the model thinks, in the words of the service, such as ``low``. Empty: not sent."""
    structured: Literal["json_schema", "json_object", "none"] = "json_schema"
    """How the answer is held to its form; ``none`` for servers and models without structured output."""
    template: str = ""
    """In plain mode: a prompt of ``chat_templates.toml``."""
    languages: dict[str, str] = Field(default_factory=dict)
    """In plain mode: tags to the names that the model knows, where they are not the English ones."""

    @model_validator(mode="after")
    def _prompt_fits(self) -> ChatOptions:
        needed = {"instructions": bool(self.instructions.strip()), "glossary": bool(self.glossary)}
        if self.mode == "plain":
            self._check_plain(needed)
            return self
        for name in ("template", "languages"):
            if getattr(self, name):
                raise ValueError(f"'{name}' belongs to mode = \"plain\"")
        check_template(self.prompt, needed=needed)
        return self

    def _check_plain(self, needed: Mapping[str, bool]) -> None:
        own = "prompt" in self.model_fields_set
        if own == bool(self.template):
            known = ", ".join(chat_plain.shipped())
            raise ValueError(f"mode 'plain' needs either a 'prompt' with '{{text}}', or a 'template': {known}")
        if self.structured != "none" and "structured" in self.model_fields_set:
            raise ValueError("mode 'plain' asks for no form, so 'structured' has nothing to say")
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
