"""The JSON lines of WMT since 2025: test sets, outputs of systems, judged segments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.api.importing import import_files
from harness.api.outputs import import_outputs
from harness.corpus.importers.model import Imported, Request
from harness.corpus.importers.reading import detect, read_files
from harness.errors import DataError
from harness.types import LangPair
from tests.references.articles import write_lines
from tests.references.test_tables import metas, notes, segments
from tests.references.test_test_sets import REAL, outputs

EN_IS = LangPair("en", "is")
DOCUMENT = "en-is_IS_#_news_#_a"


def document(name: str = DOCUMENT, source: str = "Yes.\n\nNo,\nno.", **fields: Any) -> dict[str, Any]:
    refs = {"refA": {"ref": "Já.\n\nNei.", "translator": "x"}}
    return {
        "doc_id": name, "collection_id": "general", "domain": "news", "src_lang": "en", "tgt_lang": "is_IS",
        "src_text": source, "video": None, "refs": refs, **fields,
    }  # fmt: skip


def write(path: Path, *objects: dict[str, Any]) -> Path:
    return write_lines(path, *(json.dumps(data, ensure_ascii=False) for data in objects))


def load(*files: Path, pair: LangPair = EN_IS) -> Imported:
    return read_files(Request(files, pair))


def test_set_with_the_outputs_of_systems(tmp_path: Path) -> None:
    test_set = write(
        tmp_path / "wmt25.jsonl",
        document("canary", "CANARY", domain="canary", refs={}),
        document(),
        document("b", "One.", refs={"refA": {"ref": "Eitt.\n\nTvö."}, "refB": {"ref": "Einn."}}),
        document("c", "One.", refs={}, tgt_lang="cs_CZ"),
        document("d", "One.", refs={}, collection_id="suite"),
    )
    good = write(
        tmp_path / "AMI.jsonl", {"doc_id": DOCUMENT, "hypothesis": "Jæja.\n\nNei!"}, {"doc_id": "c", "hypothesis": "x"}
    )
    bad = write(tmp_path / "Merged.jsonl", {"doc_id": DOCUMENT, "hypothesis": "Jæja. Nei!"})
    assert {detect((path,), EN_IS) for path in (test_set, good)} == {"wmt-jsonl"}
    imported = load(test_set, good, bad)
    assert segments(imported) == {
        "en-is_IS_-_news_-_a": [[("Yes.", {1: "Já."})], [("No, no.", {1: "Nei."})]],
        "b": [[("One.", {2: "Einn."})]],
    }
    assert outputs(imported) == [{"AMI": "Jæja."}, {"AMI": "Nei!"}, {}]
    assert metas(imported) == [{"id": "1"}, {"id": "2"}, {"id": "1"}]
    assert imported.articles[0].meta == {"domain": "news", "original_id": DOCUMENT}
    for what in (
        "segments of the canary left out: 1",
        "documents in other languages left out: 1",
        "documents of test suites left out: 1",
        "documents whose reference 'refA' has another number of segments, without it: 1",
        "segments with line breaks, each read as a space: 1",
        "documents that are not in the test set of this pair left out: 1",
        f"another number of segments left out: 1; the first, {bad}:1 has 1 segment for 2",
    ):
        assert what in notes(imported)


def test_outputs_go_along_the_articles_by_document(tmp_path: Path) -> None:
    import_files(tmp_path, Request((write(tmp_path / "t.jsonl", document()),), EN_IS))
    stranger = {"doc_id": "other", "hypothesis": "x"}
    path = write(tmp_path / "AMI.jsonl", stranger, {"doc_id": DOCUMENT, "hypothesis": "J"})
    with pytest.raises(DataError, match=r"AMI\.jsonl:2: 1 segment, but 'en-is_IS_-_news_-_a' has 2"):
        import_outputs(tmp_path, "ami", Request((path,), EN_IS))
    write(path, {"doc_id": DOCUMENT, "hypothesis": "Já. Nei."})
    assert import_outputs(tmp_path, "ami", Request((path,), EN_IS), recut=True).segments == 2
    written = (tmp_path / "systems/ami/en-is/en-is_IS_-_news_-_a.txt").read_text(encoding="utf-8")
    assert written == "Já.\n\nNei.\n"
    write(path, stranger)
    with pytest.raises(DataError, match="none of its documents is an article"):
        import_outputs(tmp_path, "ami", Request((path,), EN_IS), force=True)


def test_judged_segments_have_references_and_systems_in_one_field(tmp_path: Path) -> None:
    texts = {"refA": "Já.", "GPT-4.1": "Jæja.", "AMI": None}
    judged = [
        {"doc_id": f"{DOCUMENT}_#_{number}", "src_text": source, "tgt_text": texts, "scores": {"AMI": {"human": 80.0}}}
        for number, source in enumerate(("Yes.", "No."))
    ]
    czech = {"doc_id": "en-cs_CZ_#_news_#_a_#_0", "src_text": "Yes.", "tgt_text": {"refA": "Ano."}}
    imported = load(write(tmp_path / "wmt25-genmt-humeval.jsonl", *judged, czech))
    assert segments(imported) == {"en-is_IS_-_news_-_a": [[("Yes.", {1: "Já."})], [("No.", {1: "Já."})]]}
    assert outputs(imported) == [{"GPT-4.1": "Jæja."}] * 2
    assert metas(imported) == [{"id": "0"}, {"id": "1"}]
    assert "segments of other language pairs left out: 1" in notes(imported)


@pytest.mark.parametrize(
    ("objects", "message"),
    [
        ([{"doc_id": "a", "hypothesis": "x"}], r"outputs without their sources"),
        ([document(), document()], r":2: the document '.*' is there twice; the first is at .*:1"),
        ([document(src_text=["Yes."])], r":1: 'src_text' is not text"),
        ([document(doc_id="")], r":1: 'doc_id' is not text"),
        ([{"doc_id": "en-is_IS_#_a", "src_text": "x", "tgt_text": {}}], "does not end in the number of a segment"),
    ],
)
def test_what_breaks_a_rule(objects: list[dict[str, Any]], message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        load(write(tmp_path / "a.jsonl", *objects))


def test_tables_stay_tables(tmp_path: Path) -> None:
    for number, row in enumerate(
        (
            {"doc_id": "a", "src_text": "Yes.", "ref": "Já."},
            {"doc_id": "a", "source": "Yes.", "hypothesis": "Já."},
            {"doc_id": "a", "src_text": 'a "refs": b', "tgt_text": "Já."},
        )
    ):
        assert detect((write(tmp_path / f"{number}.jsonl", row),), EN_IS) == "jsonl"


def test_a_real_file_of_outputs_is_known() -> None:
    path = REAL / "wmt-conference+wmt25-general-mt" / "AMI.jsonl"
    if not path.is_file():
        pytest.skip("the real files are not here")
    assert detect((path,), EN_IS) == "wmt-jsonl"
