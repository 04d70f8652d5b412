"""The messages the engines for language models exchange, as a server sees and answers them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Entries = list[dict[str, Any]]


def texts(user: str) -> list[str]:
    """The source texts to translate, in order."""
    return [entry["text"] for entry in json.loads(user)["segments"] if "id" in entry]


def answer(
    user: str, translate: Callable[[str], str] = lambda text: text, alter: Callable[[Entries], Entries] = lambda e: e
) -> str:
    """What a model that does as it is told writes; ``alter`` spoils the list of translations."""
    entries = [entry for entry in json.loads(user)["segments"] if "id" in entry]
    translated = [{"id": entry["id"], "text": translate(entry["text"])} for entry in entries]
    return json.dumps({"translations": alter(translated)}, ensure_ascii=False)


def one_less(entries: Entries) -> Entries:
    """One answer too few, where there are several."""
    return entries[:-1] if len(entries) > 1 else entries


def backwards(entries: Entries) -> Entries:
    """The wrong order."""
    return entries[::-1]
