"""The catalogue of mutations fits the code: every fault still stands somewhere, and its tests are there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.mutations.catalogue import ROOT, Mutation, mutated, read_catalogue

MUTATIONS = read_catalogue()


def test_the_catalogue_covers_its_rooms() -> None:
    counts = Counter(mutation.room for mutation in MUTATIONS)
    assert counts.keys() == {"analysis", "corpus", "store", "translation"}
    assert min(counts.values()) >= 30
    assert sum(bool(mutation.named) for mutation in MUTATIONS) >= 7
    assert len({(item.file, item.function, item.text, item.becomes) for item in MUTATIONS}) == len(MUTATIONS)


@pytest.mark.parametrize("file", sorted({mutation.file for mutation in MUTATIONS}))
def test_every_fault_can_be_put_in(file: str) -> None:
    """Where code has moved or changed: change the entry with it, or write one that is as good; see CONTRIBUTING.md."""
    for mutation in MUTATIONS:
        if mutation.file == file:
            mutated(mutation)
            missing = [test for test in mutation.tests if not (ROOT / test.partition("::")[0]).is_file()]
            assert not missing, (mutation.title, missing)


@pytest.mark.parametrize(
    ("function", "text", "becomes", "why"),
    [
        ("gone", "1", "2", "no such function"),
        ("one", "3", "4", "0 times"),
        ("one", "x", "y", "2 times"),
        ("one", "= 1", "= ", "no longer compiles"),
        ("one", "= 1", "=  1", "changes nothing"),
    ],
)
def test_a_fault_that_is_none_is_refused(tmp_path: Path, function: str, text: str, becomes: str, why: str) -> None:
    (tmp_path / "a.py").write_text("def one():\n    x = 1\n    return x\n\nx = 3\n", encoding="utf-8")
    with pytest.raises(ValueError, match=why):
        mutated(Mutation("room", "a.py", function, text, becomes, (), ""), tmp_path)


def test_a_fault_is_put_into_its_function_only(tmp_path: Path) -> None:
    source = "class A:\n    def one(self):\n        return 1\n\n    def two(self):\n        return 1\n"
    (tmp_path / "a.py").write_text(source, encoding="utf-8")
    found = mutated(Mutation("room", "a.py", "A.two", "return 1", "return 2", (), ""), tmp_path)
    assert found == source[: source.rindex("1")] + "2\n"
