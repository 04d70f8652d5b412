"""``mode = "plain"``: one segment, one message, and the whole answer is the translation.

For models made for translation, which refuse a system message, know no JSON and were trained with one prompt. The
prompt is the user's, or one of those that the models' authors publish (``chat_templates.toml``).
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import Field

from harness.engines.chat.prompt import ChatRequest, filled_glossary, filled_instructions, placeholders
from harness.types import JsonValue, LangPair
from harness.workspace.config import StrictModel
from harness.workspace.languages import display_name, primary

PLACEHOLDERS = (
    "text",
    "source_language",
    "target_language",
    "source_tag",
    "target_tag",
    "source_code",
    "target_code",
    "target_language_zh",
    "instructions",
    "glossary",
)

Api = Literal["chat", "completions"]


class Template(StrictModel):
    """A prompt with what belongs to it; the fields are described in ``chat_templates.toml``."""

    prompt: str
    chinese: str = ""
    version: int = 0
    checked: object = None
    source: str = ""
    api: Api = "chat"
    body: dict[str, dict[str, str]] = Field(default_factory=dict)
    names: dict[str, str] = Field(default_factory=dict)


@cache
def shipped() -> Mapping[str, Template]:
    """The templates that come with the harness, by name."""
    text = files("harness.engines.chat").joinpath("templates.toml").read_text(encoding="utf-8")
    return {name: Template.model_validate(table) for name, table in tomllib.loads(text).items()}


def find(name: str) -> Template:
    """A template by its name.

    Raises:
        ValueError: there is none.
    """
    template = shipped().get(name)
    if template is None:
        raise ValueError(f"unknown template '{name}'; available: {', '.join(shipped())}")
    return template


def refuse_chat_completions_only(template: Template, name: str) -> None:
    """For engines that cannot send more than a message.

    Raises:
        ValueError: the template needs more.
    """
    if template.body or template.api != "chat":
        raise ValueError(f"template '{name}' needs engine = \"openai\"")


def check(template: Template, *, needed: Mapping[str, bool]) -> None:
    """Check the placeholders of a prompt; ``needed`` says of each whether it has something to stand for.

    Raises:
        ValueError: one is unknown, or missing although it is needed.
    """
    inside = {value for table in template.body.values() for value in table.values()}
    for prompt in filter(None, (template.prompt, template.chinese)):
        names = placeholders(prompt, PLACEHOLDERS)
        if "text" not in names:
            raise ValueError("mode 'plain' needs '{text}' in the prompt")
        for name, used in needed.items():
            elsewhere = "{terms}" if name == "glossary" else f"{{{name}}}"
            if used and name not in names and elsewhere not in inside:
                raise ValueError(f"'{name}' is set, but the prompt has no '{{{name}}}'")


def fill(
    template: Template,
    pair: LangPair,
    text: str,
    *,
    instructions: str,
    glossary: Mapping[str, str],
    languages: Mapping[str, str],
) -> tuple[str, dict[str, JsonValue]]:
    """The message for one segment, and the fields of the request besides.

    Args:
        template: the prompt.
        pair: from what into what.
        text: the segment.
        instructions: the option.
        glossary: the option.
        languages: tags to the names that the model knows, where they are not the English ones.
    """
    names = {**template.names, **languages}
    chinese = template.chinese and "zh" in {primary(pair.source), primary(pair.target)}
    values = {
        "text": text,
        "source_language": names.get(pair.source) or display_name(pair.source),
        "target_language": names.get(pair.target) or display_name(pair.target),
        "target_language_zh": languages.get(pair.target) or _in_chinese(pair.target),
        "source_tag": pair.source,
        "target_tag": pair.target,
        "source_code": primary(pair.source),
        "target_code": primary(pair.target),
        "instructions": filled_instructions(instructions),
        "glossary": filled_glossary(glossary),
    }
    alone: dict[str, JsonValue] = {
        "{instructions}": instructions.strip(),
        "{terms}": [{"source": source, "target": target} for source, target in glossary.items()],
    }
    body: dict[str, JsonValue] = {}
    for field, table in template.body.items():
        given = {name: alone[value] if value in alone else value.format(**values) for name, value in table.items()}
        body[field] = {name: value for name, value in given.items() if value}
    return (template.chinese if chinese else template.prompt).format(**values), body


def request(message: str, body: Mapping[str, JsonValue], bound: int, sample: int, api: Api) -> ChatRequest:
    """One message without a system message."""
    return ChatRequest("", message, bound, sample, plain=True, completion=api == "completions", body=dict(body))


def described(message: str, body: Mapping[str, JsonValue]) -> str:
    """What is sent, as one text, to be hashed."""
    return json.dumps([message, body], ensure_ascii=False, sort_keys=True)


def _in_chinese(tag: str) -> str:
    import langcodes

    return str(langcodes.Language.get(tag).display_name("zh"))
