"""The whole run as JSON: every text, every score in full precision, and the reason for each missing score.

``docs/json.md`` says what every key holds; a test holds it against what is written. Keys come in one order, always. The
file is ASCII: nothing in it can steer a terminal, and any text survives it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.analysis import Analysis


class JsonReport:
    """Everything, for programs."""

    extension = "json"
    binary = False
    spoken = False

    def render(self, analysis: Analysis) -> bytes:
        """The whole document; ValueError instead of NaN."""
        from harness.reports.formats.run_json import run_to_json

        return (json.dumps(run_to_json(analysis), indent=1, allow_nan=False) + "\n").encode("ascii")
