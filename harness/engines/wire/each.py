"""The texts of one answer, each by itself: one that is missing costs its segment and not the others, which are paid."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import jmespath

from harness.engines.interface import Answer
from harness.engines.wire.errors import Body, garbled
from harness.errors import BadOutput, so_many
from harness.types import Failed, Translated

ITEMS = re.compile(r"(?P<list>.*\S)\[\*\]\.(?P<text>[^|&]+)")
"""An expression that ends in what it wants of every item of a list."""


def each_text(
    matches: object,
    asked: int,
    service: str,
    *,
    body: Body = b"",
    usage: Mapping[str, int] | None = None,
    why: str = "",
) -> Sequence[Answer]:
    """One answer for each text that was asked.

    Args:
        matches: what stands where the translations should be.
        asked: how many texts there were.
        service: its name, for messages.
        body: the whole answer, for messages.
        usage: what was billed.
        why: what is said where there is no text at all.

    Raises:
        Garbled: no text anywhere: the answer has another shape than it should.
        BadOutput: another number of texts, so that nobody knows which is whose.
    """
    if not isinstance(matches, list) or not any(isinstance(text, str) for text in matches):
        raise garbled(body, why or "no translations in it")
    if len(matches) != asked:
        raise BadOutput(
            f"{service} returned {so_many(len(matches), 'translation')} for {so_many(asked, 'text')}", usage=usage or {}
        )
    missing = Failed(f"{service} returned no text for this segment, but texts for others of the same request")
    return [Translated(text) if isinstance(text, str) else missing for text in matches]


def find_texts(expression: str, answer: object, asked: int) -> list[object]:
    """What a JMESPath expression finds, one for each text where the answer has one item for each.

    A projection (``data[*].text``) leaves out items without a text, and then nobody knows any more which text is whose;
    so it is followed item by item.

    Raises:
        JMESPathError: the expression has a function that cannot be used on this answer.
    """
    if parts := ITEMS.fullmatch(expression.strip()):
        items = jmespath.search(parts["list"], answer)
        if isinstance(items, list) and len(items) == asked:
            return [jmespath.search(parts["text"], item) for item in items]
    matches = jmespath.search(expression, answer)
    return matches if isinstance(matches, list) else [matches]
