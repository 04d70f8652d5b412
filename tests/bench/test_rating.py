"""The benchmark of rating campaigns, on a made-up set."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.rating import DRAWS, measure_rating, to_markdown
from tests.bench.test_wmt import ARTICLES, write_set


def test_half_of_the_articles_confirm_what_all_do(tmp_path: Path) -> None:
    write_set(tmp_path / "made.de-en", kiwi=True)
    (campaign,) = measure_rating(tmp_path, share=0.5)
    assert (campaign.name, campaign.people, campaign.articles, campaign.confirmed) == ("made.de-en", "MQM", ARTICLES, 3)
    assert len(campaign.random) == DRAWS
    for part in (campaign.chosen, *campaign.random):
        assert (part.share, part.reversed, part.articles) == (1.0, 0, ARTICLES // 2)
        assert part.inflation == pytest.approx(1)  # every article has the same differences
    row = "| made.de-en, MQM | 12 | 3 | 100% (100% to 100%) | 6 | 100% | 6 | × 1.00 | × 1.00 |"
    assert row in to_markdown([campaign])
