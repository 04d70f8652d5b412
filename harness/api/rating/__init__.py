"""Ratings by people: choose what they should see, put it before them, and take back what they say."""

from __future__ import annotations

from harness.api.rating.campaign import Campaign, Tool, write_campaign
from harness.api.rating.sharing import Budget
from harness.api.rating.taking_back import TakenBack, take_back

__all__ = ["Budget", "Campaign", "TakenBack", "Tool", "take_back", "write_campaign"]
