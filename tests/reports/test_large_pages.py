"""The HTML report of a run that is too large for a page."""

from __future__ import annotations

import base64
import gzip
import json
import re
import struct
from typing import Any

import numpy as np
import pytest

from harness.analysis import analyse
from harness.reports.html import page
from harness.reports.html.explorer import as_json
from harness.reports.model.leading import leading_rows
from harness.store.runs.result import Run
from harness.types import Translated
from tests.reports.build import DE_EN, corpus, pair_result, run, system
from tests.reports.read import tree
from tests.reports.rich import rich_run


def packed(made: Run) -> tuple[dict[str, Any], np.ndarray]:
    """What the explorer of the first pair is given: its data, and scores (metrics, systems, segments)."""
    script = tree(made).xpath("//script[starts-with(@id, 'packed-')]")[0]
    raw = gzip.decompress(base64.b64decode(script.text))
    (length,) = struct.unpack_from("<I", raw)
    head = json.loads(raw[4 : 4 + length])
    return head, np.frombuffer(raw[4 + length :], "<f8").reshape(len(head["metrics"]), len(head["systems"]), -1)


def test_packed_text_is_short_and_survives_half_a_surrogate_pair() -> None:
    assert as_json({"text": "česky 漢字"}) == '{"text":"česky 漢字"}'.encode()
    halved = {"text": "č\ud83d"}
    assert json.loads(as_json(halved)) == halved


def named(noticed: dict[str, Any], names: list[str] | None) -> dict[str, Any]:
    """Row to what was noticed there, with names instead of numbers, which are given as they come."""
    if names is None:
        return noticed
    return {
        row: [[*number[:-1], names[number[-1]]] if isinstance(number, list) else names[number] for number in numbers]
        for row, numbers in noticed.items()
    }


def test_leading_rows_are_spread_over_the_articles() -> None:
    result = pair_result(corpus(DE_EN, articles=3, segments=4), [])
    assert leading_rows(result, 12).tolist() == list(range(12))
    assert leading_rows(result, 8).tolist() == [0, 1, 4, 5, 8, 9]
    assert leading_rows(result, 2).tolist() == [0, 4]


def test_a_large_page_has_the_first_segments_of_every_article(monkeypatch: pytest.MonkeyPatch) -> None:
    made = rich_run()
    (pair,) = made.pairs
    whole, all_scores = packed(made)
    assert not tree(made).xpath("//p[contains(text(), 'This page has')]")
    systems, segments = len(pair.systems), len(pair.corpus.segments)
    rows = leading_rows(pair, segments // 2)
    assert 0 < len(rows) < segments
    monkeypatch.setattr(page, "MOST_OUTPUTS", systems * (segments // 2))
    part, scores = packed(made)
    (note,) = tree(made).xpath("//p[contains(text(), 'This page has')]")
    assert re.match(rf"This page has {len(rows)} of {segments} segments: ", note.text)
    assert part["texts"] == [whole["texts"][row] for row in rows]
    np.testing.assert_array_equal(scores, all_scores[:, :, rows])
    assert [one["of"] for one in part["slices"]] == [[one["of"][row] for row in rows] for one in whole["slices"]]
    places = {str(row): str(place) for place, row in enumerate(rows)}
    for name, names in (("marks", "kinds"), ("flags", "whys"), ("spans", ""), ("states", ""), ("said", "")):
        for kept, every in zip(part[name], whole[name], strict=True):
            expected = {places[row]: value for row, value in every.items() if row in places}
            assert named(kept, part.get(names)) == named(expected, whole.get(names)), name
    assert any(part["flags"])
    assert [one["anchor"] for one in part["articles"]] == [one["anchor"] for one in whole["articles"]]
    assert sum(one["count"] for one in part["articles"]) == len(rows)


def test_the_numbers_are_those_of_all_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = corpus(DE_EN)
    outcomes = [Translated(f"text {number}") for number in range(len(texts.segments))]
    made = run(pair_result(texts, [system(texts, name, 0.5, outcomes=outcomes) for name in "ab"]))
    scores = analyse(made).pairs[0].result.systems[0].scores
    before = tree(made).xpath("//table")[0].text_content()
    monkeypatch.setattr(page, "MOST_OUTPUTS", 2)
    assert tree(made).xpath("//table")[0].text_content() == before
    assert analyse(made).pairs[0].result.systems[0].scores == scores
