"""The packer: every limit kept, nothing lost, order kept, batches as large as they may be."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from harness.engines.interface import Limits, Request
from harness.translation.packing import halves, pack
from harness.types import ArticleId, LangPair, SegmentId

PAIR = LangPair("de", "en")


def requests(*sources: str, article: str = "a") -> list[Request]:
    return [Request(SegmentId(ArticleId(article), number), number, text) for number, text in enumerate(sources, 1)]


def packed(items: list[Request], limits: Limits) -> list[list[str]]:
    return [[request.source for request in batch.requests] for batch in pack(items, PAIR, limits)]


def test_by_segments_characters_bytes_and_tokens() -> None:
    items = requests("aa", "bb", "öö", "dd")
    assert packed(items, Limits(max_segments=3)) == [["aa", "bb", "öö"], ["dd"]]
    assert packed(items, Limits(max_characters=5)) == [["aa", "bb"], ["öö", "dd"]]
    assert packed(items, Limits(max_bytes=5)) == [["aa", "bb"], ["öö"], ["dd"]]
    assert packed(items, Limits(max_tokens=2)) == [["aa", "bb"], ["öö"], ["dd"]]


def test_one_segment_over_the_limit_goes_alone() -> None:
    assert packed(requests("a", "x" * 50, "b"), Limits(max_characters=10)) == [["a"], ["x" * 50], ["b"]]


def test_articles_are_not_mixed_where_that_matters() -> None:
    items = requests("a", "b") + requests("c", article="z")
    assert packed(items, Limits(one_article=True)) == [["a", "b"], ["c"]]
    assert packed(items, Limits()) == [["a", "b", "c"]]


@given(
    st.lists(st.text(min_size=1, max_size=12).filter(lambda text: text.isprintable()), max_size=40),
    st.integers(1, 5), st.integers(1, 30), st.integers(1, 30),
)  # fmt: skip
def test_nothing_is_lost_and_no_batch_could_take_the_next(
    texts: list[str], n: int, characters: int, octets: int
) -> None:
    limits = Limits(max_segments=n, max_characters=characters, max_bytes=octets)
    found = packed(requests(*texts), limits)
    assert [text for batch in found for text in batch] == texts

    def fits(batch: list[str]) -> bool:
        joined = "".join(batch)
        return len(batch) <= n and len(joined) <= characters and len(joined.encode()) <= octets

    assert all(fits(batch) or len(batch) == 1 for batch in found)
    assert not any(fits([*batch, following[0]]) for batch, following in pairwise(found))


def test_halves() -> None:
    (batch,) = pack(requests(*"abc"), PAIR, Limits())
    assert [[request.source for request in half.requests] for half in halves(batch)] == [["a"], ["b", "c"]]
