"""How a metric asks a language model: through the runner that translates, with its cache, pace, budget and records.

A metric says whom it asks, with which prompt, and what; it is handed an :class:`Enquirer` in its context. Questions
that were answered before are answered from the cache, a kill loses at most those in flight, and ``--max-cost`` counts
what they cost together with the translations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from harness.errors import MetricUnavailable
from harness.metrics.interface.items import ScoringItem
from harness.types import JsonValue, LangPair, Money, Response, Unknown


@dataclass(frozen=True, slots=True)
class Respondent:
    """A language model that answers, described as a system file describes it."""

    column: str
    """Of the metric that asks; its requests are recorded as those of ``<asker>:<column>``."""
    engine: str
    """``anthropic``, ``openai``, ``gemini`` or another chat engine."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """``[options]`` of the engine, such as ``model`` and ``endpoint``."""
    limits: Mapping[str, Any] = field(default_factory=dict)
    """``[limits]``."""
    price: Mapping[str, Any] = field(default_factory=dict)
    """``[price]``; empty: the list price, if there is one."""
    api_key_env: str = ""
    """The variable that holds the key; empty: the engine's usual one."""
    where: str = ""
    """File and table, for messages."""
    asker: str = "judge"

    @property
    def batches(self) -> bool:
        """Whether ``--batch`` is for its questions, too: not for a few that a run waits for."""
        return self.asker == "judge"

    @property
    def recorded_as(self) -> str:
        """Whose requests they are, in records and in the cache."""
        return f"{self.asker}:{self.column}"


@dataclass(frozen=True, slots=True)
class Prompt:
    """What all questions of an enquiry have in common; part of every cache key."""

    name: str
    """Of the prompt and its version, such as ``mqm/1``."""
    instructions: str
    """The system message. Questions are data: no text to be judged belongs here."""
    schema: Mapping[str, JsonValue] = field(hash=False)
    """JSON Schema of the answer, within what the services' structured outputs accept."""
    answer_tokens: int
    """Most tokens of an answer, without thinking."""


@dataclass(frozen=True, slots=True)
class Enquiry:
    """Questions to one model."""

    respondent: Respondent
    prompt: Prompt
    questions: tuple[str, ...]
    """One line of JSON each, which becomes the user message; equal ones are asked once."""
    sample: int = 0
    """0 for the first time they are asked, 1 and up for repetitions."""


@dataclass(frozen=True, slots=True)
class Replies:
    """What came of an enquiry."""

    outcomes: tuple[Response, ...]
    """One for each question, in order: the answer as one line of JSON, or why there is none."""
    requests: int
    """Attempts made in this run."""
    cost: Money | Unknown
    """What they cost."""
    stopped: str = ""
    """Why questions were left out, such as a budget that is spent; the same run again asks them. Empty: none were."""


class Enquirer(Protocol):
    """Asks language models on behalf of metrics."""

    def ask(self, enquiry: Enquiry, pair: LangPair) -> Replies:
        """Ask what the cache does not know, and wait for the answers.

        Raises:
            MetricUnavailable: the model cannot be asked here; nothing has been sent.
            StoreError: the cache cannot be used.
        """


class NobodyToAsk:
    """The enquirer where answers that were paid for could not be kept."""

    def ask(self, enquiry: Enquiry, pair: LangPair) -> Replies:
        """Raise MetricUnavailable."""
        del pair
        raise MetricUnavailable(
            f"{enquiry.respondent.column} asks a language model, which needs a workspace to keep paid answers in",
            fix="create a workspace and use it there: harness init, harness run",
        )


@runtime_checkable
class AskingMetric(Protocol):
    """What a metric has besides when it asks a language model."""

    @property
    def respondents(self) -> Sequence[Respondent]:
        """Whom it asks; checked before anything is sent."""

    def enquiries(self, items: Sequence[ScoringItem], pair: LangPair) -> Sequence[Enquiry]:
        """What ``statistics`` would ask for these items, whatever the cache holds: the estimate prices it."""


@runtime_checkable
class BilledMetric(Protocol):
    """What a metric has besides when it can say what it cost."""

    @property
    def cost(self) -> Money | Unknown:
        """What the last call of ``statistics`` cost."""
