"""Where outputs and prices come from is said in the language of the messages; English stays what it was."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from harness.engines.recorded.files import RecordedFile
from harness.reports.words.messages import read_catalogue, speaking
from harness.reports.words.origins import origin_in_words, price_source_in_words
from harness.translation.pricing import LIST_PRICES, Tariff
from harness.workspace.file_models import PriceFile

RECORDED = RecordedFile(engine="apertium", version="3.8.3", date=date(2026, 11, 23))
RECUT = RecordedFile(engine="apertium", version="3.8.3", date=date(2026, 11, 23), options={"recut": True})
ORIGINS = ["live", "recorded", str(RECORDED), str(RECUT), "file a b.txt", "file a.txt, cut along the references"]


def sources() -> list[str]:
    (vendor, model), *_ = LIST_PRICES
    tariffs = [
        Tariff("", "", PriceFile(per_million_characters=1.0), free=False),
        Tariff(vendor, model, None, free=False),
        Tariff("openai", "gpt-5", None, free=False),
        Tariff("", "", None, free=False),
        Tariff("", "", None, free=True),
        Tariff("openai", "gpt-5", None, free=False, batch=True),
    ]
    return [tariff.source for tariff in tariffs]


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    """A language whose words are numbers."""
    path = tmp_path / "messages.toml"
    path.write_text(
        """language = "xx"
[origin]
live = "1"
recorded = "2"
recorded_as = "3 {what}"
file = "4 {file}"
recut = "{origin} 5"
[price_source]
own = "6"
free = "7"
listed = "8 {what}"
unknown = "9"
batch = "{source} 10"
"""
    )
    return path


def test_english_is_what_the_run_keeps() -> None:
    assert [origin_in_words(text) for text in ORIGINS] == ORIGINS
    assert [price_source_in_words(text) for text in sources()] == sources()


def test_another_language_says_all_but_names(digits: Path) -> None:
    with speaking(read_catalogue(digits)):
        said = [origin_in_words(text) for text in ORIGINS]
        prices = [price_source_in_words(text) for text in sources()]
    recorded = "3 2026-11-23, apertium 3.8.3"
    assert said == ["1", "2", recorded, f"{recorded} 5", "4 a b.txt", "4 a.txt 5"]
    assert [prices[0], *prices[2:]] == ["6", "genai-prices", "9", "7", "genai-prices 10"]
    assert re.fullmatch(r"8 \S.*", prices[1])


def test_an_origin_of_another_tool_stays_as_it_is() -> None:
    assert origin_in_words("imported by hand") == "imported by hand"
    assert price_source_in_words("a contract: 7") == "a contract: 7"
