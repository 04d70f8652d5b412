"""How much of the test set is in training data: counted once, kept in the run, said in every format."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness import api
from harness.analysis import analyse
from harness.corpus.lint import kept_overlap
from harness.corpus.lint.kept_overlap import overlaps_of
from harness.errors import ConfigError
from harness.reports.load import load_report
from harness.reports.model.summary import build_summary
from harness.reports.words.messages import english
from harness.reports.words.reasons import sentence
from harness.store.cache.answers import Cache
from harness.store.runs.directory import load_run
from harness.store.runs.result import OVERLAP_NOT_KEPT, Run
from harness.types import Missing, Overlap, Overlaps
from harness.workspace.registry import names
from tests.cli.conftest import Shell, harness
from tests.references.articles import make_corpus
from tests.reports.build import DE_EN, corpus, pair_analysis, pair_result, run, system
from tests.workspace import small_workspace, write_system

__all__ = ["harness"]

KNOWN = "Sentence 0 of article 0."
TMX = f"""<tmx version="1.4"><header srclang="de"/><body>
<tu><tuv xml:lang="de"><seg>Ein Satz.</seg></tuv><tuv xml:lang="en"><seg>{KNOWN}</seg></tuv></tu></body></tmx>"""

OLD_RUNS = sorted((Path(__file__).parent / "data" / "old_runs").glob("*/*"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """A run of a workspace that names a translation memory, clean training data and a file that is neither."""
    folder = tmp_path_factory.mktemp("workspace")
    small_workspace(folder, articles=2, segments=5)
    (folder / "tm.tmx").write_text(TMX, encoding="utf-8")
    (folder / "train.txt").write_text("Etwas ganz anderes.\tSomething else entirely.\n", encoding="utf-8")
    (folder / "table.txt").write_bytes(b"\xff\xfe\0")
    settings = 'metrics = ["chrf"]\n[checks]\noverlap = ["train.txt", "table.txt"]\n'
    (folder / "harness.toml").write_text(settings, encoding="utf-8")
    write_system(folder, "memory", 'engine = "memory"\n[options]\nfiles = ["tm.tmx"]\n')
    write_system(folder, "copy", 'engine = "copy"\n')
    return folder, api.run(folder)


def overlaps(made: Run) -> Overlaps:
    found = made.pairs[0].overlaps
    assert not isinstance(found, Missing)
    return found


def test_a_run_searches_what_is_named_and_what_memories_answer_from(made: tuple[Path, Run]) -> None:
    folder, result = made
    found = overlaps(result)
    assert list(found) == ["train.txt", "table.txt", "tm.tmx"]
    assert found["train.txt"] == Overlap(0, 10, 0, 10)
    assert found["tm.tmx"] == Overlap(0, 10, 1, 10)
    unread = found["table.txt"]
    assert isinstance(unread, Missing)
    assert "table.txt:1: not UTF-8" in sentence(unread.why)
    kept = overlaps(load_run(folder / "reports" / "runs" / result.id))
    assert {**kept} == {**found}


EVERYWHERE = {"html", "json", "junit", "md", "parquet", "terminal", "xlsx"}
"""Formats with all that was found; CSV has scores alone, and a table for a paper only what speaks against them."""


@pytest.mark.parametrize("name", sorted(EVERYWHERE | {"latex"}))
def test_every_format_says_it(made: tuple[Path, Run], name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"csv", "latex"} | EVERYWHERE >= set(names("reports")) - {"overlap"}
    monkeypatch.setenv("COLUMNS", "1000")
    said = _text(load_report(name).render(analyse(made[1])), name)
    assert "1 of 10 references and 0 of 10 sources of at least 4 words are also in tm.tmx" in said
    if name in EVERYWHERE:
        assert "No source or reference of at least 4 words is also in train.txt" in said
        assert "Nobody knows how much of the text is in table.txt" in said


def _text(data: bytes, name: str) -> str:
    if name == "xlsx":
        import io

        import openpyxl

        book = openpyxl.load_workbook(io.BytesIO(data))
        return "\n".join(str(cell.value) for sheet in book for row in sheet for cell in row)
    if name == "parquet":
        import io

        import pyarrow.parquet as parquet

        return str(parquet.read_schema(io.BytesIO(data)).metadata[b"harness.trust"].decode())
    return data.decode().replace(r"\allowbreak{}", "").replace("<wbr>", "")


def test_programs_are_given_the_numbers(made: tuple[Path, Run]) -> None:
    (pair,) = json.loads(load_report("json").render(analyse(made[1])))["pairs"]
    assert pair["overlaps"]["tm.tmx"] == {"sources": 0, "of_sources": 10, "references": 1, "of_references": 10}
    assert pair["overlaps"]["table.txt"]["fix"].startswith("convert it")
    assert {sign["level"] for sign in pair["trust"] if sign["topic"] == "overlap"} == {"doubt", "caution", "good"}


@pytest.mark.parametrize(("known", "level", "warned"), [(0, "good", 0), (4, "caution", 0), (5, "doubt", 1)])
def test_one_text_in_twenty_can_turn_the_order_round(known: int, level: str, warned: int) -> None:
    texts = corpus(DE_EN, articles=30, unreferenced=())
    result = pair_result(texts, [system(texts, "a", 0.8, ("chrf",), seed=1)], ("chrf",))
    pair = pair_analysis(replace(result, overlaps={"train.txt": Overlap(known, 100, 0, 0)}))
    (sign,) = [sign for sign in pair.trust if sign.topic == "overlap"]
    assert sign.level == level
    assert sum("train.txt" in line for line in build_summary(pair).warnings) == warned


def test_nothing_is_said_where_nobody_looked(made: tuple[Path, Run]) -> None:
    assert len(OLD_RUNS) > 3
    for folder in OLD_RUNS:
        for pair in load_run(folder).pairs:
            assert pair.overlaps == OVERLAP_NOT_KEPT
    assert OVERLAP_NOT_KEPT.why.key in english().texts
    texts = corpus(DE_EN, articles=6, unreferenced=())
    pair = pair_analysis(pair_result(texts, [system(texts, "a", 0.8, ("chrf",), seed=1)], ("chrf",)))
    assert [sign for sign in pair.trust if sign.topic == "overlap"] == []
    (entry,) = json.loads(load_report("json").render(analyse(run(pair.result))))["pairs"]
    assert entry["overlaps"]["missing"] == "the version that made this run did not look for its text in training data"


def test_a_file_is_searched_again_only_where_it_or_the_texts_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "train.txt"
    path.write_text("Der Hafen bleibt geschlossen.\n", encoding="utf-8")
    texts = make_corpus({"news": [("Der Hafen bleibt geschlossen.", "The harbour remains closed.")]})
    searched: list[Path] = []
    count = kept_overlap.count_overlap
    monkeypatch.setattr(kept_overlap, "count_overlap", lambda *args: searched.append(args[1]) or count(*args))
    steps: list[tuple[int, int]] = []
    with Cache.open(tmp_path / "cache") as cache:
        for _ in range(2):
            found = overlaps_of([texts], {"t": path}, cache, lambda done, total: steps.append((done, total)))
            assert found == {texts.pair: {"t": Overlap(1, 41, 0, 41)}}
        assert (len(searched), steps) == (1, [(0, 1), (1, 1)] * 2)
        path.write_text("The harbour remains closed.\n", encoding="utf-8")
        assert overlaps_of([texts], {"t": path}, cache) == {texts.pair: {"t": Overlap(0, 41, 1, 41)}}
        assert len(searched) == 2


def test_training_data_that_is_not_there_is_known_before_anything_is_sent(made: tuple[Path, Run]) -> None:
    folder = made[0].with_name("other")
    small_workspace(folder, articles=1, segments=2)
    write_system(folder, "copy", 'engine = "copy"\n')
    (folder / "harness.toml").write_text('[checks]\noverlap = ["train.tmx"]\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"harness\.toml \[checks\] overlap: no such file: train\.tmx"):
        api.run(folder)


def test_score_searches_what_it_is_given(tmp_path: Path, harness: Shell) -> None:
    for name, text in {"src": "Ein Satz mit fünf Wörtern.", "ref": "A sentence of five words.", "out": "Five."}.items():
        (tmp_path / name).write_text(f"{text}\n", encoding="utf-8")
    files = ["-s", str(tmp_path / "src"), "-r", str(tmp_path / "ref"), "-t", f"a={tmp_path / 'out'}"]
    command = ["score", *files, "--pair", "de-en", "--metric", "chrf", "--no-checks", "--format", "json"]
    named = str(tmp_path / "ref")
    said = json.loads(harness(*command, "--overlap", named).out)
    assert said["overlaps"][named] == {"sources": 0, "of_sources": 1, "references": 1, "of_references": 1}
    assert [sign["level"] for sign in said["trust"] if sign["topic"] == "overlap"] == ["doubt"]
    unasked = json.loads(harness(*command).out)["overlaps"]
    assert unasked["fix"] == "name it: --overlap train.tmx"
