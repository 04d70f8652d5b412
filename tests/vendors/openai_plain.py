"""A model for translation behind OpenAI's chat completions: one message with the prompt, and the answer is the text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.loopback import Response, Seen
from tests.vendors.openai import REFUSAL, completion, error
from tests.vendors.openai import VENDOR as CHAT

PROMPT = "Translate the following segment into English, without additional explanation.\n\n"


def sources(seen: Seen) -> Sequence[str]:
    (message,) = seen.json["messages"]
    assert message["role"] == "user"
    assert message["content"].startswith(PROMPT)
    return [message["content"].removeprefix(PROMPT)]


def success(seen: Seen, translate: Callable[[str], str]) -> Response:
    return completion(seen, f"{translate(sources(seen)[0])}\n")


NO_SYSTEM = "System role not supported"

VENDOR = replace(
    CHAT,
    options=lambda url: f'{CHAT.options(url)}\nmode = "plain"\ntemplate = "hunyuan-mt"',
    sources=sources,
    success=success,
    faults={
        **{name: CHAT.faults[name] for name in CHAT.faults if name not in {"wrong count", "wrong order"}},
        "unsupported pair": lambda _: error(400, NO_SYSTEM, "BadRequestError", None),
        "refusal": lambda seen: completion(seen, None, refusal=REFUSAL),
        "truncated": lambda seen: completion(seen, "The beginn", finish="length"),
    },
)
