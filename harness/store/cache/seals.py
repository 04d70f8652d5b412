"""Seals: what binds every column of a record to its key, its table and each other.

A seal is ``"h2:"`` and the hex BLAKE2b-160 of the canonical JSON of the table's name and all other columns. It is no
signature: whoever can write the file can write seals. It finds what broke by itself: a flipped bit, an index that leads
to another record, records that were exchanged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from harness.store.cache.keys import bytes_digest, canonical_json, digest
from harness.store.cache.shapes import is_shaped

SEAL_TAG = "h2:"

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "translations": ("key", "request", "answer", "system", "created", "harness", "brought_by"),
        "refusals": ("key", "request", "answer", "system", "created", "harness", "brought_by"),
        "scores": ("key", "request", "result", "created", "harness"),
        "derived": ("key", "request", "result", "created", "harness"),
        "requests": (
            "id", "system", "pair", "sent", "seconds", "attempt", "segments", "characters", "outcome", "usage", "cost",
            "currency", "model", "request_id", "harness", "setup",
        ),
        "jobs": ("marker", "claim", "system", "stage", "name", "written", "content", "harness"),
    }
)  # fmt: skip
"""Table to its columns, the first of which names the record; ``seal`` comes last in all of them."""

CONTENT: Mapping[str, str] = MappingProxyType(
    {"translations": "answer", "refusals": "answer", "scores": "result", "derived": "result"}
)
"""Tables whose records are filed under the digest of a request, and the column that holds the answer to it."""

ANSWERS = ("translations", "refusals")
"""What engines said."""


def seal(table: str, row: Sequence[Any]) -> str:
    """The seal of a record.

    Args:
        table: its table.
        row: its columns, in the order of :data:`COLUMNS`.
    """
    plain = [bytes_digest(value) if isinstance(value, bytes) else value for value in row]
    try:
        text = canonical_json([table, *plain])
    except ValueError:  # an infinite number, which nothing here writes
        return ""
    return SEAL_TAG + hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()


def wrong(table: str, row: Sequence[Any], sealed: object) -> str:
    """What is wrong with a record; empty when nothing is.

    Args:
        table: its table.
        row: its columns, in the order of :data:`COLUMNS`.
        sealed: its seal.
    """
    if table in CONTENT and not (isinstance(row[1], str) and request_key(row[1]) == row[0]):
        return "the key does not match the request"
    if sealed != seal(table, row):
        return "the seal does not match the content"
    return "" if is_shaped(table, row) else "the content is not valid for this table"


def request_key(request: str) -> str:
    """The key of a request that is canonical JSON already."""
    return bytes_digest(request.encode("utf-8", "surrogatepass"))


def old_seal(row: Sequence[Any]) -> str:
    """The seal of the first versions, which covered the answer alone; requests had none."""
    content = row[2]
    if isinstance(content, bytes):
        return bytes_digest(content)
    return digest(content) if isinstance(content, str) else ""
