"""The keys under which answers of services have been stored: an engine that is rewritten must still find them.

``python -m tests.engines.stored_keys`` adds the keys of new options to ``tests/data/engine_keys.json``. It never
changes a key that is there: whoever means to change one takes it out by hand, and tells users that answers are bought
again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from harness.store.cache.keys import digest, translation_request
from harness.types import LangPair
from tests.engines import remote
from tests.engines.option_walk import VALUES
from tests.vendors.base import all_vendors

FILE = Path(__file__).parents[1] / "data" / "engine_keys.json"
PAIRS = (("de", "en"), ("en", "pt-BR"), ("zh-Hant", "de"), ("en-GB", "zh-CN"), ("nb", "fil"))
"""Languages that services spell in several ways."""

SOURCE = "Guten Tag."
ENVIRONMENT = (
    "AZURE_TEXT_TRANSLATION_REGION", "GOOGLE_CLOUD_PROJECT", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE",
)  # fmt: skip
"""Variables that take the place of an option."""

MORE: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("openai", "anthropic", "gemini"), ("batch = 5", "batch_api = true")),
    "bedrock": ("batch = 5",),
    "anthropic": ("batch = 5", "batch_api = true", 'platform = "bedrock"\nregion = "eu-west-1"'),
    "azure": ('deployment_name = "d"\nregion = "eastus"',),
    "google": ('model = "projects/p/locations/l/models/m"\nlocation = "l"',),
    "amazon": ('region = "us-east-1"\nterminology = "t"',),
}
"""Options that the walk leaves out, and some that count only together."""


def option_lines(engine: str) -> Iterator[str]:
    """Every set of options that has a stored key."""
    yield from dict.fromkeys(
        ("", *(lines for values in VALUES[engine].values() for lines in values), *MORE.get(engine, ()))
    )


def keys_of(engine: str, lines: str) -> dict[str, str]:
    """Pair to key, at the service's usual address where it has one."""
    vendor = all_vendors()[engine]
    usual = "\n".join(line for line in vendor.options(remote.NOWHERE).splitlines() if "endpoint" not in line)
    if engine != "libretranslate":
        vendor = replace(vendor, options=lambda url: usual)
    made = remote.make(vendor, remote.NOWHERE, lines)
    pairs = [LangPair(*tags) for tags in PAIRS]
    requests = [translation_request(made.identity(pair), pair, SOURCE, before=("Hallo.",), sample=1) for pair in pairs]
    return {" to ".join(tags): digest(request) for tags, request in zip(PAIRS, requests, strict=True)}


def main() -> None:
    """Add what is missing."""
    for variable in ENVIRONMENT:
        os.environ.pop(variable, None)
    stored = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    for engine in VALUES:
        keys = stored.setdefault(engine, {})
        for lines in option_lines(engine):
            if lines not in keys:
                keys[lines] = keys_of(engine, lines)
    FILE.write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
