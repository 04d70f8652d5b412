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
from harness.workspace.registry import suggestion
from harness.workspace.toml_lines import line_of

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

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Count = Annotated[int, Field(ge=1)]
Rate = Annotated[float, Field(gt=0)]


class LimitsFile(StrictModel):
    """``[limits]`` of a system file; anything left out keeps the engine's own default."""

    max_segments: Count | None = None
    """Most segments in one batch."""
    max_characters: Count | None = None
    """Most characters of source text in one batch."""
    max_bytes: Count | None = None
    """Most UTF-8 bytes of source text in one batch."""
    max_tokens: Count | None = None
    """Most tokens of source text in one batch, estimated as a third of the UTF-8 bytes."""
    concurrency: Annotated[int, Field(ge=1, le=256)] | None = None
    """Most batches under way at once."""
    requests_per_second: Rate | None = None
    """Most requests in a second."""
    characters_per_second: Rate | None = None
    """Most characters of source text in a second."""
    timeout: Rate | None = None
    """Seconds that one attempt may take."""
    attempts: Count | None = None
    """Most attempts for one batch, the first included."""


class PriceFile(StrictModel):
    """``[price]`` of a system file. What is not given is unknown, never 0."""

    per_million_characters: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Price of a million source characters."""
    per_million_input_tokens: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Price of a million input tokens; needs ``per_million_output_tokens``, too."""
    per_million_output_tokens: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Price of a million output tokens."""
    batch_factor: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] | None = None
    """What a request through a batch API costs, as a share of these prices; the vendor's published one if not given."""
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
    """Who translates; ``harness list engines`` has them all."""
    label: str = ""
    """What reports call the system. Empty: the name of the file."""
    pairs: tuple[str, ...] = Field(default=(), strict=False)
    """Pairs this system is asked for; empty means all that the engine serves."""
    api_key_env: Annotated[str, Field(pattern="^([A-Za-z_][A-Za-z0-9_]*)?$")] = ""
    """Name of the variable that holds the key; empty means the engine's usual one. Never the key itself."""
    account: Annotated[str, Field(max_length=100)] = ""
    """Systems that name the same account share its limits and pauses; empty: those with the same address and key do."""
    tuned_on: tuple[str, ...] = Field(default=(), strict=False)
    """Metrics, or families such as ``comet``, that it was tuned on or chooses its output by; a warning where they judge
    it."""
    fallback: Literal["", "recorded"] = ""
    """``recorded``: where the engine cannot run, outputs recorded in ``systems/<name>/`` stand in, and it is said."""
    options: dict[str, Any] = {}
    """``[options]``: what the engine is told; every engine has its own."""
    limits: LimitsFile = LimitsFile()
    """``[limits]``: how fast and in which portions the engine is asked. What is not set is as the engine knows it."""
    price: PriceFile | None = None
    """``[price]``: what it costs. Without it the list price counts, where one is known."""


class GateFile(StrictModel):
    """``[gate]`` of ``harness.toml``."""

    margin: dict[str, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = {}
    """Metric to the loss that is still accepted, in points of the metric; a usual one where none is given."""
    metrics: tuple[str, ...] = Field(default=(), strict=False)
    """Metrics that decide; empty: comet where the baseline has it, else chrf. The others only warn."""
    slices: tuple[str, ...] = Field(default=(), strict=False)
    """Keys of the articles' metadata; every value with enough articles is judged by itself as well."""
    max_age_days: Count = 90
    """Days after which the age of a baseline is mentioned."""
    max_flagged: dict[str, Annotated[int, Field(ge=0)]] = {}
    """Kind of flag to the most segments of a system that may have it."""
    accept: tuple[str, ...] = Field(default=(), strict=False)
    """Verdicts beside pass that let a run through: inconclusive, incomplete, incomparable."""
    tiers: dict[str, Annotated[tuple[str, ...], Field(strict=False)]] = {}
    """Name of a tier to its metrics. ``cheap`` and ``full`` are there without being named."""


class DecisionFile(StrictModel):
    """``[decision]`` of ``harness.toml``."""

    metric: str = ""
    """The metric that decides; empty: comet, else chrf, else bleu, else the first that can be compared."""
    weights: dict[Criterion, Annotated[float, Field(ge=0, allow_inf_nan=False)]] = {}
    """Weights of the criteria among systems tied on quality; empty: flags, then cost, then latency."""
    max_cost_per_million: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Most that a million source characters may cost."""
    max_p95: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """Most seconds that 95 % of requests may take."""
    no_flags: tuple[str, ...] = Field(default=(), strict=False)
    """Kinds of flag that no segment may have."""
    currency: Annotated[str, Field(pattern="^([A-Z]{3})?$")] = ""
    """Currency in which costs are compared. Empty: that of the systems, where there is only one."""


class ChecksFile(StrictModel):
    """``[checks]`` of ``harness.toml``."""

    glossary: dict[str, str] = {}
    """Pair, such as de-en, to a file beside ``harness.toml``: term, tab, translation."""


class StatisticsFile(StrictModel):
    """``[statistics]`` of ``harness.toml``."""

    unit: UnitChoice = "undeclared"
    """``article`` or ``segment``: what the statistics take as independent. Without it articles are, where there are
    articles; a list of independent sentences needs ``segment``."""

    @field_validator("unit", mode="before")
    @classmethod
    def _declares(cls, value: object) -> object:
        if value not in get_args(Unit):
            raise ValueError(f"expected {' or '.join(map(repr, get_args(Unit)))}")
        return value


class WorkspaceFile(StrictModel):
    """``harness.toml``."""

    metrics: tuple[str, ...] = Field(default=("bleu", "chrf", "comet"), strict=False)
    """Metrics of every run; ``--metric`` names others."""
    seed: int = 12345
    """Seed of everything that is drawn at random."""
    metric: dict[str, dict[str, Any]] = {}
    """``[metric.<name>]``: options of a metric."""
    gate: GateFile = GateFile()
    """``[gate]``: when ``harness gate`` lets a run pass."""
    checks: ChecksFile = ChecksFile()
    """``[checks]``: what the checks on outputs must know."""
    decision: DecisionFile = DecisionFile()
    """``[decision]``: what ``harness decide`` asks of a system."""
    statistics: StatisticsFile = StatisticsFile()
    """``[statistics]``: what counts as independent."""


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
        what = "nested too deeply" if isinstance(error, RecursionError) else "a number with too many digits"
        raise ConfigError(f"{path}: {what}", hint="write it more simply") from None


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


def at_line(where: str, keys: Sequence[int | str]) -> str:
    """`` (line 3)`` after a message about a key; empty where the line is not known."""
    line = line_of(where, keys)
    return f" (line {line})" if line else ""


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
