"""Which option of a system file is behind a parameter that a service does not take, and what to write instead."""

from __future__ import annotations

import re

OPTIONS = {
    "max_completion_tokens": 'write output_limit = "max_tokens" in [options]',
    "max_tokens": 'write output_limit = "max_completion_tokens" in [options]',
    "response_format": 'write structured = "json_object", or "none", in [options]',
    "json_schema": 'write structured = "json_object", or "none", in [options]',
    "output_config": 'write structured = "none" in [options]',
    "response_json_schema": 'write structured = "json_object", or "none", in [options]',
    "responseJsonSchema": 'write structured = "json_object", or "none", in [options]',
    "reasoning_effort": "remove reasoning_effort from [options], or choose another level",
    "temperature": "remove temperature from [options]; reasoning models do not accept it",
    "seed": "remove seed from [options]",
}
"""The name that is sent to what to do."""

NAMED = re.compile(rf"\b({'|'.join(OPTIONS)})\b")


def option_hint(said: str) -> str:
    """What to change for the parameter that a service names first; without one, what to do in general."""
    match = NAMED.search(said)
    return OPTIONS[match[1]] if match else "remove the option from [options], or choose another model"
