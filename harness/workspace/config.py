"""TOML files people write, read into models that refuse unknown keys; every error names file and key."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from harness.errors import ConfigError
from harness.store.files import open_regular
from harness.types import Criterion, Unit, UnitChoice
from harness.workspace.executor_table import ExecutorFile
from harness.workspace.registry import suggestion
from harness.workspace.toml_lines import at_line

Model = TypeVar("Model", bound=BaseModel)


MOST_BYTES = 16 * 2**20
"""Of a TOML file."""

KINDS = {
    "tuple_type": "expected a list",
    "list_type": "expected a list",
    "dict_type": "expected a table",
    "model_type": "expected a table",
}
"""Kinds of mistakes that the library words for programmers."""


class StrictModel(BaseModel):
    """Base of everything read from a file: unknown keys are errors, values are not coerced, instances are frozen."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


Count = Annotated[int, Field(ge=1)]
Rate = Annotated[float, Field(gt=0)]


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
    timeout: Rate | None = None
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
    options: dict[str, Any] = {}
    """``[options]``: options of the engine; every engine has its own."""
    limits: LimitsFile = Field(default_factory=LimitsFile)
    """``[limits]``: batch sizes, speed and time-outs. Keys that are not set have the engine's default."""
    price: PriceFile | None = None
    """``[price]``: what translations cost. Without it, the list price is used if it is known."""


class GateFile(StrictModel):
    """``[gate]`` of ``harness.toml``."""

    margin: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = {}
    """Metrics and the accepted loss, in points of the metric. Metrics that are not listed have their default margin."""
    metrics: tuple[str, ...] = Field(default=(), strict=False)
    """Metrics that decide; the others only warn. Empty: comet if the baseline has it, otherwise chrf."""
    slices: tuple[str, ...] = Field(default=(), strict=False)
    """Keys of the articles' metadata. Each value with enough articles is checked separately, too."""
    builds: Annotated[int, Field(ge=1)] | None = None
    """Builds planned against one baseline: all together raise false alarms in at most 5 % of cases."""
    max_age_days: Count = 90
    """Age in days from which an old baseline is mentioned."""
    max_flagged: dict[str, Annotated[int, Field(ge=0)]] = {}
    """Kinds of flag and how many segments of a system may have them."""
    accept: tuple[str, ...] = Field(default=(), strict=False)
    """Verdicts that also exit with 0: inconclusive, incomplete, incomparable."""
    tiers: dict[str, Annotated[tuple[str, ...], Field(strict=False)]] = {}
    """Names of tiers and their metrics. ``cheap`` and ``full`` always exist."""


class DecisionFile(StrictModel):
    """``[decision]`` of ``harness.toml``."""

    metric: str = ""
    """The metric that decides alone. Empty: the best evidence in the run decides."""
    weights: dict[Criterion, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = {}
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

    glossary: dict[str, str] = {}
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
    seed: int = 12345
    """Random seed."""
    metric: dict[str, dict[str, Any]] = {}
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


def toml_string(text: str) -> str:
    """A text as a TOML basic string: a JSON string, but for DEL, which TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def load_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        ConfigError: it cannot be read or is not TOML; the message carries the parser's line and column.
    """
    try:
        with open_regular(path) as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise ConfigError(
                f"{path}: more than {MOST_BYTES // 2**20} MiB", hint="check the file: none should be that large"
            )
        return tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}", hint='the file must be TOML: key = "value"') from error
    except (ValueError, RecursionError) as error:  # what the parser does not say in its own words
        problem = "nested too deeply" if isinstance(error, RecursionError) else "a number with too many digits"
        raise ConfigError(f"{path}: {problem}", hint="write it more simply") from None


def parse_model(model: type[Model], data: dict[str, Any], where: str) -> Model:
    """Validate ``data``; ``where`` (a file, or ``file [table]``) heads every message.

    Raises:
        ConfigError: with every problem on a line of its own, its line in the file, and a suggestion for misspelt keys
            and for misspelt words where only some are allowed.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        lines = []
        hints = []
        for problem in error.errors(include_url=False):
            loc = problem["loc"][:-1] if problem["loc"][-1:] == ("[key]",) else problem["loc"]
            unknown = problem["type"] == "extra_forbidden" or loc != problem["loc"]
            complaint = _complaint(".".join(map(str, loc)), problem, unknown=unknown)
            lines.append(f"{where}: {complaint}{at_line(where, loc)}")
            known = _keys_of(model, loc[:-1]) if problem["type"] == "extra_forbidden" else _words_of(problem)
            if known and isinstance(given := loc[-1] if unknown else problem["input"], str):
                hints.append(suggestion(given, known))
        raise ConfigError("\n".join(lines), hint="; ".join(dict.fromkeys(hints))) from None


def _complaint(key: str, problem: ErrorDetails, *, unknown: bool) -> str:
    if unknown:
        return f"unknown key '{key}'"
    if problem["type"] == "missing":
        return f"key '{key}' is required"
    return f"key '{key}': {KINDS.get(problem['type'], problem['msg'].removeprefix('Value error, '))}"


def _words_of(problem: ErrorDetails) -> list[str]:
    """The only words allowed where another was given; empty where other words are."""
    if problem["type"] == "literal_error" or problem["msg"].startswith("Value error, expected '"):
        return [word for word in re.findall(r"'([^']*)'", problem["msg"]) if word]
    return []


def _keys_of(model: type[BaseModel], tables: Sequence[int | str]) -> list[str]:
    """The keys of a table within a file; none where a table is not itself described by a model."""
    for table in tables:
        field = model.model_fields.get(str(table))
        kinds = (field.annotation, *get_args(field.annotation)) if field else ()
        models = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if not models:
            return []
        model = models[0]
    return list(model.model_fields)


def load_model(model: type[Model], path: Path) -> Model:
    """Read and validate one TOML file."""
    return parse_model(model, load_toml(path), str(path))
