"""Content addresses: what a cached answer or score is filed under.

Contract: a key is ``"h1:"`` and the hex BLAKE2b-160 of the canonical JSON (sorted keys, no spaces, UTF-8, not escaped)
of an object, never of a joined string, so ``("a|b", "c")`` and ``("a", "b|c")`` cannot meet. Changing the canonical
form or the digest needs a new tag and a line in the changelog, because every stored key would change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

from harness.types import Corpus, EngineIdentity, JsonValue, LangPair

TAG = "h1:"


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical_json(value: object) -> str:
    """The one spelling of a JSON value. Raises ValueError for NaN and infinities, which JSON does not have."""
    return _ENCODER.encode(value)


def digest(value: object) -> str:
    """The tagged hash of a JSON value."""
    # A lone surrogate cannot be encoded as UTF-8; it can stand in a Python string, and must not stop a run.
    return bytes_digest(canonical_json(value).encode("utf-8", "surrogatepass"))


def bytes_digest(data: bytes) -> str:
    """The tagged hash of bytes."""
    return TAG + hashlib.blake2b(data, digest_size=20).hexdigest()


def translation_request(
    identity: EngineIdentity,
    pair: LangPair,
    source: str,
    *,
    before: Sequence[str] = (),
    after: Sequence[str] = (),
    sample: int = 0,
) -> dict[str, JsonValue]:
    """The object behind a translation's key: all that the answer depends on.

    Context goes in as a digest, because it may be the whole article; the first sample has the key of an only one.
    """
    request: dict[str, JsonValue] = {
        "engine": identity.engine,
        "version": identity.version,
        "options": dict(identity.options),
        "pair": [pair.source, pair.target],
        "source": source,
    }
    if before or after:
        request["context"] = digest([list(before), list(after)])
    if sample:
        request["sample"] = sample
    return request


def score_request(metric: Mapping[str, str], texts: Sequence[str]) -> dict[str, JsonValue]:
    """The object behind a score's key. Texts go in as their own digests, so the key can be checked without them."""
    return {"metric": dict(metric), "texts": [digest(text) for text in texts]}


def answers_digest(corpus: str, texts: Sequence[str | None]) -> str:
    """The identity of all that one system said to a corpus.

    Args:
        corpus: :func:`corpus_digest`.
        texts: one for each segment; None where there is no translation.
    """
    return digest([corpus, list(texts)])


def corpus_digest(corpus: Corpus) -> str:
    """The identity of a pair's articles: ids, order, sources and references; metadata may change freely."""
    return digest(
        {
            "pair": [corpus.pair.source, corpus.pair.target],
            "articles": [
                [article.id, [[segment.source, list(segment.references)] for segment in article.segments]]
                for article in corpus.articles
            ],
        }
    )
