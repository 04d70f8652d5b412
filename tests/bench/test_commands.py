"""``python -m tests.bench``: it runs, and its own check of equality holds. No figure of time is tested."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import paired, rows
from tests.bench.measure import Cost
from tests.bench.text import write_texts
from tests.cli.conftest import Shell


def test_paired_tests_give_sacrebleu_s_numbers(bench: Shell) -> None:
    done = bench("paired", "--small")
    assert done.code == 0
    header, *rows = [line.split("\t") for line in done.out.splitlines()]
    assert [row[0] for row in rows] == ["paired-bs 100", "paired-ar 200"]
    assert [dict(zip(header, row, strict=True))["equal"] for row in rows] == ["yes", "yes"]


def test_a_difference_is_an_error(bench: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    costs = iter(Cost(1.0, 1.0, 1.0, {"bleu": [[1.0, number]]}) for number in range(4))
    monkeypatch.setattr(paired, "in_process", lambda *_: next(costs))
    done = bench("paired", "--small")
    assert done.code == 1
    assert "\tNO\n" in done.out


def test_files_belong_together(bench: Shell, tmp_path: Path) -> None:
    reference, _ = write_texts(tmp_path, 1, 10)
    assert bench("paired", "--reference", reference).code == 2
    assert bench("paired", "--reference", reference, "--hypothesis", reference).code == 2


def test_made_up_text_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_texts(tmp_path / name, 2, 20)
    texts = [[path.read_text() for path in sorted((tmp_path / name).iterdir())] for name in ("a", "b")]
    assert texts[0] == texts[1]
    assert len(set(texts[0])) == 3


def test_resampling_and_start_up_are_measured(bench: Shell) -> None:
    done = bench("resampling", "--small")
    assert done.code == 0
    assert done.out.splitlines()[0] == "cpu s\twall s\tpeak MiB"
    done = bench("start-up")
    assert [line.split("\t")[0] for line in done.out.splitlines()] == ["python", "harness --help"]


def test_rows_are_counted_by_all_sides_and_are_equal(bench: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    done = bench("rows", "--small")
    assert done.code == 0
    header, *lines = [line.split("\t") for line in done.out.splitlines()]
    assert [line[0] for line in lines] == ["bleu", "chrf", "chrf++", "ter"]
    assert {line[header.index("equal")] for line in lines} == {"yes"}
    numbers = iter(range(99))
    monkeypatch.setattr(
        rows, "in_process", lambda *_: Cost(1.0, 1.0, 1.0, {"seconds": 1.0, "rows": f"{next(numbers)}"})
    )
    assert bench("rows", "--small").code == 1


def test_whole_commands_are_measured_beside_sacrebleu(bench: Shell) -> None:
    done = bench("whole", "--small", "--systems", 1, "--systems", 2, "--metric", "bleu,ter")
    assert done.code == 0
    header, *lines = [line.split("\t") for line in done.out.splitlines()]
    commands = [line[header.index("command")] for line in lines]
    ours = "score, no checks, JSON", "score, no checks", "score", "score, again", "run, first", "run, again"
    assert commands == ["sacrebleu", *ours] * 2
    assert [line[0] for line in lines] == ["1"] * 7 + ["2"] * 7
    assert bench("whole", "--pair", "en-cs", "--source", "nowhere.txt").code == 2
    assert bench("whole", "--small", "--metric", "comet").code == 2


def test_a_second_run_and_a_large_corpus_are_measured(bench: Shell) -> None:
    done = bench("rerun", "--small")
    assert done.code == 0
    assert [line.split("\t")[0] for line in done.out.splitlines()] == ["run", "first", "second"]
    assert done.out.splitlines()[-1].endswith("\tnone")
    for options in ([], ["--html", "--checks"]):
        done = bench("large", "--small", *options)
        assert done.code == 0
        assert len(done.out.splitlines()) == 2


def test_large_imports_are_measured(bench: Shell) -> None:
    done = bench("imports", "--small")
    assert done.code == 0
    header, *lines = [line.split("\t") for line in done.out.splitlines()]
    assert [line[0] for line in lines] == ["tmx", "xlf"]
    assert all(int(line[header.index("units")]) > 1000 for line in lines)
