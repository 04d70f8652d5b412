"""Content addresses: a documented contract, so the tests pin it."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.store.cache.keys import (
    answers_digest,
    canonical_json,
    corpus_digest,
    digest,
    score_request,
    translation_request,
)
from harness.store.cache.seals import seal
from harness.types import Article, ArticleId, Corpus, EngineIdentity, LangPair, Segment, SegmentId

PAIR = LangPair("de", "en")


def test_canonical_json_sorts_keys_and_keeps_text_readable() -> None:
    assert canonical_json({"b": 1, "a": ["ä", None]}) == '{"a":["ä",null],"b":1}'


def test_canonical_json_refuses_what_json_does_not_have() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"x": float("nan")})


def test_digest_is_pinned() -> None:
    # BLAKE2b-160 of '{"a":1}', computed with coreutils: printf '{"a":1}' | b2sum -l 160
    assert digest({"a": 1}) == "h1:1edfdb0d6b41b26a399cabe18b2fb709da5848b3"


@given(st.lists(st.text(max_size=8), min_size=2, max_size=2), st.lists(st.text(max_size=8), min_size=2, max_size=2))
def test_different_texts_never_share_a_key(left: list[str], right: list[str]) -> None:
    same = digest(score_request({"m": "x"}, left)) == digest(score_request({"m": "x"}, right))
    assert same == (left == right)


@pytest.mark.parametrize(
    "other",
    [
        (EngineIdentity("e", "2", {"x": 1}), PAIR, "Haus"),
        (EngineIdentity("e", "1", {"x": 2}), PAIR, "Haus"),
        (EngineIdentity("f", "1", {"x": 1}), PAIR, "Haus"),
        (EngineIdentity("e", "1", {"x": 1}), LangPair("de", "fr"), "Haus"),
        (EngineIdentity("e", "1", {"x": 1}), PAIR, "Haus "),
    ],
)
def test_everything_that_can_change_the_answer_changes_the_key(other: tuple[EngineIdentity, LangPair, str]) -> None:
    base = digest(translation_request(EngineIdentity("e", "1", {"x": 1}), PAIR, "Haus"))
    assert digest(translation_request(*other)) != base


def test_order_of_options_does_not_matter() -> None:
    one = translation_request(EngineIdentity("e", "1", {"a": 1, "b": 2}), PAIR, "x")
    two = translation_request(EngineIdentity("e", "1", {"b": 2, "a": 1}), PAIR, "x")
    assert digest(one) == digest(two)


def _corpus(reference: str, title: str = "t") -> Corpus:
    segment = Segment(SegmentId(ArticleId("a"), 1), 1, 1, "Haus", (reference,))
    return Corpus(PAIR, (Article(ArticleId("a"), PAIR, (segment,), {"title": title}),))


def test_corpus_digest_follows_texts_and_not_metadata() -> None:
    assert corpus_digest(_corpus("house")) == corpus_digest(_corpus("house", title="other"))
    assert corpus_digest(_corpus("house")) != corpus_digest(_corpus("home"))


def test_a_seal_is_pinned() -> None:
    """Over the name of the table and every column; bytes by their digest. Another form would break every cache."""
    row = ("h1:k", "{}", '{"score":0.5}', "2026-01-01", "0.1")
    text = '["scores","h1:k","{}","{\\"score\\":0.5}","2026-01-01","0.1"]'
    assert seal("scores", row) == "h2:" + hashlib.blake2b(text.encode(), digest_size=20).hexdigest()
    assert seal("derived", row) != seal("scores", row)
    rows = "h1:" + hashlib.blake2b(b"rows", digest_size=20).hexdigest()
    assert seal("derived", ("k", b"rows")) == seal("derived", ("k", rows))


def test_context_before_and_context_after_are_not_the_same() -> None:
    identity = EngineIdentity("e", "1", {})
    contexts = [((), ()), (("a",), ()), ((), ("a",)), (("a", "b"), ()), (("a",), ("b",)), (("ab",), ())]
    keys = {digest(translation_request(identity, PAIR, "x", before=one, after=other)) for one, other in contexts}
    assert len(keys) == len(contexts)


def test_each_repetition_has_a_key_of_its_own_and_the_first_that_of_an_only_one() -> None:
    identity = EngineIdentity("e", "1", {})
    keys = [digest(translation_request(identity, PAIR, "x", sample=sample)) for sample in range(4)]
    assert len(set(keys)) == 4
    assert keys[0] == digest(translation_request(identity, PAIR, "x"))


def test_no_translation_is_not_an_empty_one() -> None:
    answers = [["a", None], ["a", ""], [None, "a"], ["a"]]
    assert len({answers_digest("c", texts) for texts in answers}) == len(answers)
    assert answers_digest("c", ["a"]) != answers_digest("d", ["a"])
