"""XLIFF for post-editing, and with references as targets."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from harness.errors import UsageError
from harness.reports.words.reasons import noted
from harness.store.runs.result import Run
from harness.types import Segment
from tests.export.conftest import OUTPUTS, build_run, exported

V1 = "{urn:oasis:names:tc:xliff:document:1.2}"
V2 = "{urn:oasis:names:tc:xliff:document:2.0}"
MTC = "{urn:oasis:names:tc:xliff:matches:2.0}"


def tree(run: Run, name: str, best: str = "good") -> ET.Element:
    return ET.fromstring(exported(name, run, best=best).files[""])


def renamed(run: Run, ids: dict[str, str]) -> Run:
    """The same with ids of the segments as an importer keeps them."""
    (result,) = run.pairs

    def named(segment: Segment) -> Segment:
        return replace(segment, meta={"id": ids[str(segment.id)]} if str(segment.id) in ids else {})

    articles = tuple(
        replace(article, segments=tuple(map(named, article.segments))) for article in result.corpus.articles
    )
    return replace(run, pairs=(replace(result, corpus=replace(result.corpus, articles=articles)),))


def test_the_best_is_the_target_and_the_others_stand_beside_it(run: Run) -> None:
    root = tree(run, "xliff")
    assert [file.get("original") for file in root.iter(f"{V1}file")] == ["news-1", "blog-2"]
    units = list(root.iter(f"{V1}trans-unit"))
    assert [unit.get("id") for unit in units] == ["news-1:1", "news-1:2", "news-1:3", "blog-2:1", "blog-2:2"]
    for row, unit in enumerate(units):
        target = unit.find(f"{V1}target")
        assert target is not None
        assert target.text == OUTPUTS["good"][row]
        assert (target.get("state"), target.get("state-qualifier")) == ("needs-review-translation", "mt-suggestion")
        beside = {alt.get("origin"): alt.findtext(f"{V1}target") for alt in unit.iter(f"{V1}alt-trans")}
        assert beside == {name: OUTPUTS[name][row] for name in ("fair", "bad") if OUTPUTS[name][row] is not None}
    assert units[1].findtext(f"{V1}source") == "Er ist <b>voll</b> & laut."
    assert "The train arrives at 8." in exported("xliff", run).files[""].decode(), "it is an output"
    assert "=1+1 makes two." not in exported("xliff", run).files[""].decode(), "the reference is not handed over"


def test_xliff_2(run: Run) -> None:
    root = tree(run, "xliff2")
    assert (root.get("version"), root.get("srcLang"), root.get("trgLang")) == ("2.1", "de", "en")
    units = list(root.iter(f"{V2}unit"))
    for row, unit in enumerate(units):
        (segment,) = unit.iter(f"{V2}segment")
        assert segment.get("state") == "initial"
        assert segment.get("subState") == "harness:mt-suggestion"
        assert segment.findtext(f"{V2}target") == OUTPUTS["good"][row]
        for match in unit.iter(f"{MTC}match"):
            assert (match.get("ref"), match.get("type")) == (f"#{segment.get('id')}", "mt")
            assert match.findtext(f"{V2}source") == segment.findtext(f"{V2}source")
            assert match.findtext(f"{V2}target") == OUTPUTS[str(match.get("origin"))][row]
    assert len(list(root.iter(f"{MTC}match"))) == 9
    assert len({file.get("id") for file in root.iter(f"{V2}file")}) == 2


def test_a_system_without_an_output_leaves_the_unit_without_target(run: Run) -> None:
    for name, space in (("xliff", V1), ("xliff2", V2)):
        root = tree(run, name, best="bad")
        found = [unit.find(f".//{space}segment/{space}target" if space == V2 else f"{space}target") is not None
                 for unit in root.iter(f"{space}{'unit' if space == V2 else 'trans-unit'}")]  # fmt: skip
        assert found == [True, True, False, True, True]
        assert "units without target: 1" in noted(exported(name, run, best="bad").notes[0])


@pytest.mark.parametrize(("name", "space"), [("xliff-references", V1), ("xliff2-references", V2)])
def test_references_as_final_targets(run: Run, name: str, space: str) -> None:
    root = tree(run, name)
    units = list(root.iter(f"{space}{'unit' if space == V2 else 'trans-unit'}"))
    inner = [unit.find(f"{V2}segment") if space == V2 else unit for unit in units]
    targets = [unit.findtext(f"{space}target") for unit in inner if unit is not None]
    assert targets == ["The train arrives at 8.", "It is <b>full</b> & loud.", None, "=1+1 is two.", "That was it."]
    states = [element.get("state") for unit in inner if unit is not None for element in unit.iter()]
    assert states.count("final") == 4
    origins = [item.get("origin") for item in units[3].iter() if item.get("origin")]
    assert origins == ["reference 2", "good", "fair", "bad"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("xliff", ["tu 7/x", "b", "news-1:3", "blog-2:1", "blog-2:2"]),
        ("xliff2", ["news-1:1", "b", "news-1:3", "blog-2:1", "blog-2:2"]),
    ],
)
def test_ids_are_those_of_the_import_where_they_can_be(run: Run, name: str, expected: list[str]) -> None:
    ids = {"news-1:1": "tu 7/x", "news-1:2": "b", "blog-2:1": "twice", "blog-2:2": "twice"}
    root = tree(renamed(run, ids), name)
    assert [unit.get("id") for unit in root.iter() if unit.tag.endswith(("}trans-unit", "}unit"))] == expected


def test_texts_that_xml_cannot_hold_and_spaces_it_would_lose() -> None:
    texts = [" two  spaces ", "a\x1bb", "]]>", "c\rd", 'e"f']
    for name in ("xliff", "xliff2"):
        done = exported(name, build_run({"odd": texts}), best="odd")
        root = ET.fromstring(done.files[""])
        found = [element.text for element in root.iter() if element.tag.endswith("}target")]
        assert found == [" two  spaces ", "a\ufffdb", "]]>", "c\rd", 'e"f']
        assert "texts changed: 1" in noted(done.notes[-1])


def test_where_no_system_leads_the_first_is_taken_and_named(run: Run) -> None:
    done = exported("xliff", run, best="")
    assert "no system leads, so the targets are those of good, the first" in noted(done.notes[0])
    with pytest.raises(UsageError, match="no system"):
        exported("xliff", replace(run, pairs=(replace(run.pairs[0], systems=()),)))
