"""What may stand in ``harness.toml`` and in ``systems/<name>.toml``: a model for each table."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, field_validator, model_validator

from harness.types import Criterion, Unit, UnitChoice
from harness.workspace.config import Count, Seed, StrictModel
from harness.workspace.executor_table import ExecutorFile

Rate = Annotated[float, Field(ge=1e-6)]
"""Of a second; one in eleven days is the least, and what is far below it cannot be divided by."""


class LimitsFile(StrictModel):
    """``[limits]`` of a system file; anything left out keeps the engine's own default."""

    max_segments: Count | None = None
    """Maximum number of segments in one batch."""
    max_characters: Count | None = None
    """Maximum number of source characters in one batch."""
    max_bytes: Count | None = None
    """Maximum number of UTF-8 bytes of source text in one batch."""
    max_tokens: Count | None = None
    """Maximum number of source tokens in one batch, estimated as a third of the UTF-8 bytes."""
    concurrency: Annotated[int, Field(ge=1, le=256)] | None = None
    """Maximum number of batches in progress at once."""
    requests_per_second: Rate | None = None
    """Maximum number of requests per second."""
    characters_per_second: Rate | None = None
    """Maximum number of source characters per second."""
    timeout: Annotated[float, Field(gt=0)] | None = None
    """Time-out of one attempt, in seconds."""
    attempts: Count | None = None
    """Maximum number of attempts for one batch, including the first."""


class PriceFile(StrictModel):
    """``[price]`` of a system file. What is not given is unknown, never 0."""

    per_million_characters: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Price of a million source characters."""
    per_million_input_tokens: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Price of a million input tokens; needs ``per_million_output_tokens``, too."""
    per_million_output_tokens: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Price of a million output tokens."""
    batch_factor: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = None
    """Price of a request through a batch API, as a share of these prices. Not set: the share that the vendor publishes.
    """
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = "USD"
    """Code of the currency, ISO 4217."""

    @model_validator(mode="after")
    def _one_unit(self) -> PriceFile:
        tokens = (self.per_million_input_tokens, self.per_million_output_tokens)
        by_tokens = None not in tokens
        if (self.per_million_characters is not None) == by_tokens or (not by_tokens and tokens != (None, None)):
            raise ValueError(
                "give per_million_characters, or both per_million_input_tokens and per_million_output_tokens"
            )
        return self


class SystemFile(StrictModel):
    """``systems/<name>.toml``."""

    engine: str
    """The engine; to list all: ``harness list engines``."""
    label: str = ""
    """The name in reports. Empty: the name of the file."""
    pairs: tuple[str, ...] = Field(default=(), strict=False)
    """Pairs to translate with this system. Empty: all that the engine supports."""
    api_key_env: Annotated[str, Field(pattern="^([A-Za-z_][A-Za-z0-9_]*)?$")] = ""
    """Name of the variable that holds the key, never the key itself. Empty: the engine's usual variable."""
    account: Annotated[str, Field(max_length=100)] = ""
    """Systems that name the same account share its limits and pauses. Empty: systems with the same address and key
    share them."""
    tuned_on: tuple[str, ...] = Field(default=(), strict=False)
    """Metrics, or families such as ``comet``, that the system was tuned on or selects its output by. Reports warn if
    these metrics decide."""
    fallback: Literal["", "recorded"] = ""
    """``recorded``: if the engine cannot run, use the outputs recorded in ``systems/<name>/``. The report says so."""
    options: dict[str, Any] = Field(default={})
    """``[options]``: options of the engine; every engine has its own."""
    limits: LimitsFile = Field(default_factory=LimitsFile)
    """``[limits]``: batch sizes, speed and time-outs. Keys that are not set have the engine's default."""
    price: PriceFile | None = None
    """``[price]``: what translations cost. Without it, the list price is used if it is known."""


class GateFile(StrictModel):
    """``[gate]`` of ``harness.toml``."""

    margin: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(default={})
    """Metrics and the accepted loss, in points of the metric. Metrics that are not listed have their default margin."""
    metrics: tuple[str, ...] = Field(default=(), strict=False)
    """Metrics that decide; the others only warn. Empty: comet if the baseline has it, otherwise chrf."""
    slices: tuple[str, ...] = Field(default=(), strict=False)
    """Keys of the articles' metadata. Each value with enough articles is checked separately, too."""
    builds: Annotated[int, Field(ge=1)] | None = None
    """Builds planned against one baseline: all together raise false alarms in at most 5 % of cases."""
    max_age_days: Count = 90
    """Age in days from which an old baseline is mentioned."""
    max_flagged: dict[str, Annotated[int, Field(ge=0)]] = Field(default={})
    """Kinds of flag and how many segments of a system may have them."""
    accept: tuple[str, ...] = Field(default=(), strict=False)
    """Verdicts that also exit with 0: inconclusive, incomplete, incomparable."""
    tiers: dict[str, Annotated[tuple[str, ...], Field(strict=False)]] = Field(default={})
    """Names of tiers and their metrics. ``cheap`` and ``full`` always exist."""


class DecisionFile(StrictModel):
    """``[decision]`` of ``harness.toml``."""

    metric: str = ""
    """The metric that decides alone. Empty: the best evidence in the run decides."""
    weights: dict[Criterion, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = Field(default={})
    """Weights of the criteria among systems tied on quality. Empty: flags, then cost, then latency."""
    max_cost_per_million: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Maximum cost per million source characters."""
    max_p95: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Maximum p95 latency of requests, in seconds."""
    no_flags: tuple[str, ...] = Field(default=(), strict=False)
    """Kinds of flag that no segment may have."""
    currency: Annotated[str, Field(pattern="^([A-Z]{3})?$")] = ""
    """Currency in which costs are compared. Empty: that of the systems, if they have only one."""


class ChecksFile(StrictModel):
    """``[checks]`` of ``harness.toml``."""

    glossary: dict[str, str] = Field(default={})
    """Pairs, such as de-en, and their glossary files next to ``harness.toml``: term, tab, translation."""
    overlap: tuple[str, ...] = Field(default=(), strict=False)
    """Training data and translation memories of the systems, next to ``harness.toml``: UTF-8 text or TMX. Runs search
    them for the test set, and reports say how much of it the systems may know. Files of ``memory`` systems are
    searched without being named here."""
    memorisation: tuple[str, ...] = Field(default=(), strict=False)
    """Systems with a language model that runs ask whether it knows the references by heart. This costs requests."""
    memorisation_sentences: Count = 40
    """Maximum number of references, and of sources, that each of them is asked about for each pair."""


class StatisticsFile(StrictModel):
    """``[statistics]`` of ``harness.toml``."""

    unit: UnitChoice = "undeclared"
    """What the statistics treat as independent: ``article`` or ``segment``. Not set: articles, if there are any. For a
    list of independent sentences, set ``segment``."""

    @field_validator("unit", mode="before")
    @classmethod
    def _declares(cls, value: object) -> object:
        if value not in get_args(Unit):
            raise ValueError(f"expected {' or '.join(map(repr, get_args(Unit)))}")
        return value


class WorkspaceFile(StrictModel):
    """``harness.toml``."""

    project: Annotated[str, Field(max_length=100)] = ""
    """What reports are headed with. Empty: the name of the folder."""
    metrics: tuple[str, ...] = Field(default=("bleu", "chrf", "comet"), strict=False)
    """Metrics of every run; ``--metric`` overrides them. Without this key, ``cometkiwi`` joins the default if its model
    is on this machine."""
    seed: Seed = 12345
    """Random seed."""
    metric: dict[str, dict[str, Any]] = Field(default={})
    """``[metric.<name>]``: options of a metric."""
    gate: GateFile = Field(default_factory=GateFile)
    """``[gate]``: when ``harness gate`` passes."""
    checks: ChecksFile = Field(default_factory=ChecksFile)
    """``[checks]``: settings of the checks on outputs."""
    decision: DecisionFile = Field(default_factory=DecisionFile)
    """``[decision]``: limits and weights of ``harness decide``."""
    statistics: StatisticsFile = Field(default_factory=StatisticsFile)
    """``[statistics]``: what counts as independent."""
    executor: ExecutorFile = Field(default_factory=ExecutorFile)
    """``[executor]``: what ``--executor ray`` asks of a cluster."""
