"""What a judge is told: the shipped prompts, a user's own, and the schema of the answer."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Literal

from harness.metrics.interface import Prompt
from harness.types import JsonValue, LangPair
from harness.workspace.languages import display_name

Protocol = Literal["mqm", "esa"]

PLACEHOLDERS = ("source_language", "source_tag", "target_language", "target_tag")

SIDES = ("translation", "source")

SEVERITIES: Mapping[Protocol, tuple[str, ...]] = {"mqm": ("major", "minor", "neutral"), "esa": ("major", "minor")}

CATEGORIES = (
    *("accuracy/addition", "accuracy/mistranslation", "accuracy/omission", "accuracy/untranslated"),
    *("fluency/character-encoding", "fluency/grammar", "fluency/inconsistency", "fluency/punctuation"),
    *("fluency/register", "fluency/spelling", "locale-convention", "non-translation", "other", "source-error"),
    *("style/awkward", "terminology/inappropriate", "terminology/inconsistent"),
)
"""Those of Freitag et al. (2021), Experts, Errors, and Context, with one for all conventions of a locale."""

ANSWER_TOKENS = 2000
"""Most tokens of an answer, thinking apart: about 25 errors with their reasons."""


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    text = files("harness.metrics.judge").joinpath("prompts.toml").read_text(encoding="utf-8")
    return {
        name: {key: str(value).strip() for key, value in table.items()} for name, table in tomllib.loads(text).items()
    }


def check_prompt(prompt: str) -> None:
    """Check the placeholders of a user's prompt.

    Raises:
        ValueError: one is unknown.
    """
    for _, name, spec, conversion in Formatter().parse(prompt):
        if name is not None and (name not in PLACEHOLDERS or spec or conversion):
            known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            raise ValueError(f"unknown placeholder '{{{name}}}'; available: {known}; write '{{{{' for a literal '{{'")


def prompt_name(protocol: Protocol, prompt: str) -> str:
    """What the signature calls the prompt: ``mqm/1``, or the digest of a user's own with the version of the rest."""
    version = f"{protocol}/{_texts()[protocol]['version']}"
    return (
        f"{version}+{hashlib.sha256(prompt.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}" if prompt else version
    )


def prompt_for(protocol: Protocol, pair: LangPair, *, prompt: str, reference: bool, context: bool) -> Prompt:
    """The prompt for a pair.

    Args:
        protocol: how translations are judged.
        pair: of the texts.
        prompt: the user's own task; empty: the shipped one.
        reference: whether the judge sees references.
        context: whether it sees neighbours.
    """
    texts, shared = _texts()[protocol], _texts()["shared"]
    task = (prompt or texts["task"]).format(
        source_language=display_name(pair.source),
        source_tag=pair.source,
        target_language=display_name(pair.target),
        target_tag=pair.target,
    )
    parts = [
        task,
        *([shared["reference"]] if reference else []),
        *([shared["context"]] if context else []),
        shared["data"],
        texts["answer"],
    ]
    return Prompt(prompt_name(protocol, prompt), "\n\n".join(parts), schema_of(protocol), ANSWER_TOKENS)


def schema_of(protocol: Protocol) -> dict[str, JsonValue]:
    """The answer, within the part of JSON Schema that the services accept."""
    fields: dict[str, JsonValue] = {
        "side": {"type": "string", "enum": list(SIDES)},
        "span": {"type": "string"},
        **({"category": {"type": "string", "enum": list(CATEGORIES)}} if protocol == "mqm" else {}),
        "severity": {"type": "string", "enum": list(SEVERITIES[protocol])},
        "reason": {"type": "string"},
    }
    answer: dict[str, JsonValue] = {
        "errors": {"type": "array", "items": _object(fields)},
        **({"score": {"type": "integer"}} if protocol == "esa" else {}),
    }
    return _object(answer)


def _object(fields: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
