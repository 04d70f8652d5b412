"""What a run through the services and models of the tests imports; a fork of it starts at once."""

from __future__ import annotations

import contextlib
from importlib import import_module

for module in (
    "harness.cli.app",
    "harness.cli.run",
    "harness.pipeline",
    "harness.reports.html.page",
    "harness.reports.formats.terminal",
    "sacrebleu",
    "jinja2",
    "rich.table",
    "langcodes",
    "language_data.name_data",
    "httpx",
    "openai",
    "anthropic",
    "deepl",
    "google.genai",
):
    with contextlib.suppress(ImportError):
        import_module(module)
