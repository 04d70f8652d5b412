"""Dates as people write them."""

from __future__ import annotations

from datetime import datetime

from harness.reports.words.messages import say
from harness.reports.words.text import visible


def format_day(moment: str) -> str:
    """``26 Nov 2026`` of an ISO 8601 date and time, in its own zone; any other text as it is."""
    try:
        day = datetime.fromisoformat(moment)
    except ValueError:
        return visible(moment)
    return say("date.day", day=day.day, month=say(f"date.month.{day.month}"), year=day.year)
