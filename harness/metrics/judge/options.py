"""``[metric.<name>]`` of a judge."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, field_validator

from harness.metrics.judge.prompts import Protocol, check_prompt
from harness.workspace.config import Seed, StrictModel


class JudgeOptions(StrictModel):
    """``[metric.<name>]`` with ``metric = "judge"``."""

    engine: Annotated[str, Field(min_length=1)]
    """The engine of the model that judges: ``anthropic``, ``openai``, ``gemini`` or another one for language models."""
    model: Annotated[str, Field(min_length=1)]
    """The service's name of the model."""
    protocol: Protocol = "mqm"
    """``mqm``: errors with category and severity; the score is computed from their weights, and lower is better.
    ``esa``: errors with severity and a score from 0 to 100."""
    reference: bool = False
    """Show the references to the judge. Segments without one are then not judged."""
    context: Annotated[int, Field(ge=0, le=100)] = 0
    """Number of source segments of the article to show before and after each segment."""
    prompt: str = ""
    """Your own task in place of the shipped one. How to answer is added to it. Empty: the shipped prompt."""
    repeat: Annotated[int, Field(ge=1, le=20)] = 1
    """How many times to ask for each judgement; the score is the mean."""
    sample: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Share of the segments of every article to judge; ``--judge-sample`` overrides it."""
    sample_seed: Seed = 12345
    """Which segments are in the sample."""
    options: dict[str, Any] = Field(default_factory=dict)
    """Further options of the engine, such as ``endpoint``, ``temperature`` or ``reasoning_effort``."""
    limits: dict[str, Any] = Field(default_factory=dict)
    """As ``[limits]`` of a system file."""
    price: dict[str, Any] = Field(default_factory=dict)
    """As ``[price]`` of a system file. Not set: the list price, if it is known."""
    api_key_env: Annotated[str, Field(pattern="^([A-Za-z_][A-Za-z0-9_]*)?$")] = ""
    """Name of the variable that holds the key. Empty: the engine's usual variable."""
    name: Annotated[str, Field(min_length=1)] = "judge"
    """Column heading."""

    @field_validator("prompt")
    @classmethod
    def _known_placeholders(cls, prompt: str) -> str:
        check_prompt(prompt)
        return prompt

    @field_validator("options")
    @classmethod
    def _model_apart(cls, options: dict[str, Any]) -> dict[str, Any]:
        if "model" in options:
            raise ValueError("'model' stands beside 'engine', not in the options")
        return options
