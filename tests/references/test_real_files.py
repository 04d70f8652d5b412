"""Real public files: each is read, or refused for the right reason; none is taken for text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.corpus.importers.reading import detect
from harness.errors import HarnessError
from harness.types import LangPair

ROOT = Path(__file__).resolve().parents[2]
REAL = ROOT.parent / "shared" / "data" / "formats"
TEXTS = frozenset({"newstest2019-ref.spa.txt", "newstest2019-src.eng.txt"})


def test_no_real_file_is_taken_for_text() -> None:
    files = sorted(path for path in REAL.glob("*/*") if path.is_file())
    if not files:
        pytest.skip("the files are not beside the repository")
    assert len(files) > 50
    formats: dict[str, str] = {}
    for path in files:
        try:
            formats[path.name] = detect((path,), LangPair("en", "es"))
        except HarnessError as error:
            formats[path.name] = str(error)
    assert {name for name, found in formats.items() if found in ("parallel", "bilingual")} == TEXTS
    refusals = {name: found for name, found in formats.items() if " " in found}
    assert all(re.search(r"this is |no importer reads", found) for found in refusals.values()), refusals


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CSVTesting01.csv", "csv"),
        ("test2cols.csv", "csv"),
        ("ru-en.tsv", "tsv"),
        ("train.jsonl", "jsonl"),
        ("AMI.jsonl", "wmt-jsonl"),
        ("batches.json", "jsonl"),
        ("columns.xlsx", "xlsx"),
        ("hidden_cells.xlsx", "xlsx"),
        ("AutoRank.xlsx", "xlsx"),
        ("wmttest2022.liv-en.all.xml", "wmt-xml"),
        ("sample-hyp.xml", "wmt-xml"),
        ("newstest2019-ende-src.en.sgm", "sgm"),
        ("sample14b.tmx", "tmx"),
    ],
)
def test_real_files_are_known_by_their_content(name: str, expected: str) -> None:
    paths = list(REAL.glob(f"*/{name}"))
    if not paths:
        pytest.skip("the files are not beside the repository")
    assert detect((paths[0],), LangPair("en", "es")) == expected
