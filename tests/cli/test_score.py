"""``harness score``: its JSON is an interface, and its numbers are sacrebleu's and the published ones."""

from __future__ import annotations

import csv
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import sacrebleu
from rich.cells import cell_len

from harness.api import score
from harness.errors import UsageError
from harness.metrics.load import load_metric
from harness.store.runs.result import MetricScores
from tests.cli.conftest import Shell
from tests.cli.screens import on_terminal, steady

SOURCE = ["Das ist ein kleines Haus.", "Guten Morgen, Frau Klein.", "Es regnet seit drei Tagen.", "Ende."]
REFERENCE = ["This is a small house.", "Good morning, Mrs Klein.", "It has been raining for three days.", "The end."]
GOOD = ["This is a small house.", "Good morning, Ms Klein.", "It has rained for three days.", "End."]
BAD = ["That is one little building.", "", "It rains since three days.", "The end of it."]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, lines in (("src", SOURCE), ("ref", REFERENCE), ("good", GOOD), ("bad", BAD)):
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return tmp_path


def arguments(files: Path, *more: object) -> list[object]:
    return [
        "score", "--source", files / "src", "--reference", files / "ref", "--hypothesis", f"good={files / 'good'}",
        "--hypothesis", f"bad={files / 'bad'}", "--pair", "de-en", "--format", "json", *more,
    ]  # fmt: skip


def test_json_has_the_documented_shape_and_sacrebleu_s_numbers(files: Path, harness: Shell) -> None:
    done = harness(*arguments(files, "--metric", "bleu,chrf,ter"))
    assert done.code == 0
    document = json.loads(done.out)
    assert {key: document[key] for key in ("schema", "pair", "segments")} == {
        "schema": 1,
        "pair": "de-en",
        "segments": 4,
    }
    bleu = sacrebleu.metrics.BLEU()
    assert document["systems"]["bad"]["bleu"] == {
        "score": bleu.corpus_score(BAD, [REFERENCE]).score,
        "signature": str(bleu.get_signature()),
        "higher_is_better": True,
        "n": 4,
        "ci": None,  # one text without document ids: four segments are too few for an interval
    }
    assert (
        document["systems"]["good"]["chrf"]["score"] == sacrebleu.metrics.CHRF().corpus_score(GOOD, [REFERENCE]).score
    )
    ter = document["systems"]["good"]["ter"]
    assert (ter["score"], ter["higher_is_better"]) == (
        sacrebleu.metrics.TER().corpus_score(GOOD, [REFERENCE]).score,
        False,
    )


def test_segments(files: Path, harness: Shell) -> None:
    (files / "ref").write_text("".join(f"{line}\n" for line in [*REFERENCE[:3], ""]), encoding="utf-8")
    document = json.loads(harness(*arguments(files, "--metric", "chrf", "--segments")).out)
    entry = document["systems"]["good"]["chrf"]
    chrf = sacrebleu.metrics.CHRF()
    expected = [chrf.sentence_score(text, [ref]).score for text, ref in zip(GOOD[:3], REFERENCE[:3], strict=True)]
    assert entry["segments"][:3] == pytest.approx(expected, abs=1e-12)
    assert entry["segments"][3] is None
    assert entry["n"] == 3
    assert any("no reference" in note for note in document["notes"])


def test_two_references(files: Path, harness: Shell) -> None:
    second = ["It is a small house.", "Good morning Ms Klein.", "It has been raining three days.", "End."]
    (files / "ref2").write_text("".join(f"{line}\n" for line in second), encoding="utf-8")
    expected = sacrebleu.metrics.BLEU().corpus_score(GOOD, [REFERENCE, second]).score
    for flag in ("--reference", "--reference2"):
        document = json.loads(harness(*arguments(files, flag, files / "ref2", "--metric", "bleu")).out)
        assert document["systems"]["good"]["bleu"]["score"] == expected
        assert document["systems"]["good"]["bleu"]["signature"].startswith("nrefs:2|")


def test_a_metric_that_cannot_run_is_missing_with_the_fix(files: Path, harness: Shell) -> None:
    done = harness(*arguments(files, "--metric", "bleu,comet", "--offline"))
    assert done.code == 0
    entry = json.loads(done.out)["systems"]["good"]["comet"]
    assert set(entry) == {"missing", "fix"}
    assert entry["fix"]


def test_user_scores_as_a_table_and_as_columns(files: Path, harness: Shell) -> None:
    (files / "table.tsv").write_text("system\tline\tscore\ngood\t1\t90\ngood\t3\t70\nbad\t1\t10\n", encoding="utf-8")
    (files / "column").write_text("1.5\n\n2.5\n\n", encoding="utf-8")
    more = (
        "--scores", f"human={files / 'table.tsv'}", "--scores", f"errors:good={files / 'column'}",
        "--lower-is-better", "errors", "--metric", "chrf", "--segments",
    )  # fmt: skip
    systems = json.loads(harness(*arguments(files, *more)).out)["systems"]
    assert (systems["good"]["human"]["score"], systems["good"]["human"]["n"]) == (80.0, 2)
    assert systems["good"]["human"]["segments"] == [90.0, None, 70.0, None]
    assert systems["bad"]["human"]["score"] == 10.0
    assert (systems["good"]["errors"]["score"], systems["good"]["errors"]["higher_is_better"]) == (2.0, False)
    assert "missing" in systems["bad"]["errors"]


def test_scores_may_take_the_name_of_a_metric_only_where_it_is_not_computed(files: Path, harness: Shell) -> None:
    (files / "table.tsv").write_text("system\tline\tscore\ngood\t1\t90\n", encoding="utf-8")
    for name in ("chrf", "chrf:good"):
        done = harness(*arguments(files, "--metric", "bleu,chrf", "--scores", f"{name}={files / 'table.tsv'}"))
        assert (done.code, done.out) == (2, "")
        assert "'chrf' is the name of a built-in metric" in done.err
    done = harness(*arguments(files, "--metric", "bleu", "--scores", f"comet={files / 'table.tsv'}"))
    given = json.loads(done.out)["systems"]["good"]["comet"]
    assert given["score"] == 90.0
    assert "model:" not in given["signature"]


def test_the_list_of_metrics_may_name_the_scores_that_are_brought(files: Path, harness: Shell) -> None:
    (files / "table.tsv").write_text("system\tline\tscore\ngood\t1\t90\n", encoding="utf-8")
    for listed, columns in (("sim", ["sim"]), ("sim,chrf", ["chrf", "sim"]), ("chrf", ["chrf", "sim"])):
        done = harness(*arguments(files, "--metric", listed, "--scores", f"sim={files / 'table.tsv'}"))
        assert done.code == 0, done.err
        assert list(json.loads(done.out)["systems"]["good"]) == columns
    done = harness(*arguments(files, "--metric", "simm", "--scores", f"sim={files / 'table.tsv'}"))
    assert done.code == 2
    assert "unknown metric 'simm'" in done.err


def test_scores_by_article_and_segment(files: Path, harness: Shell) -> None:
    (files / "docids").write_text("b\nb\na10\na2\n", encoding="utf-8")
    rows = "good\ta2\t1\t4\ngood\tb\t2\t2\ngood\tb\t1\t1\n"
    (files / "table.tsv").write_text(f"system\tarticle\tsegment\tscore\n{rows}", encoding="utf-8")
    given = ["--docids", files / "docids", "--metric", "sim", "--segments", "--scores", f"sim={files / 'table.tsv'}"]
    done = harness(*arguments(files, *given))
    assert done.code == 0, done.err
    assert json.loads(done.out)["systems"]["good"]["sim"]["segments"] == [1.0, 2.0, None, 4.0]
    (files / "table.tsv").write_text(f"system\tarticle\tsegment\tscore\n{rows}good\tB\t1\t5\n", encoding="utf-8")
    done = harness(*arguments(files, *given))
    assert done.code == 2
    assert "table.tsv:5: field 'article': de-en has no article 'B'" in done.err


def test_two_metrics_of_one_name(files: Path) -> None:
    given = {"references": [files / "ref"], "hypotheses": {"good": files / "good"}, "pair": "de-en"}
    with pytest.raises(UsageError, match="two metrics are called 'chrf'"):
        score(source=files / "src", metrics=["chrf"], extra_metrics=[load_metric("chrf", {}, "")], **given)


def test_a_file_whose_name_has_the_sign_of_a_column(files: Path, harness: Shell) -> None:
    (files / "table#2").write_text("system\tline\tscore\ngood\t1\t90\n", encoding="utf-8")
    done = harness(*arguments(files, "--metric", "chrf", "--scores", f"human={files / 'table#2'}"))
    assert json.loads(done.out)["systems"]["good"]["human"]["score"] == 90.0


def test_a_column_of_a_published_table(files: Path, harness: Shell) -> None:
    rows = ["system\tline\tesa\tspans\tannotator", "good\t1\t90\t0\tx", "good\t1\t70\t4\ty", "refA\t9\t1\t1\tz"]
    (files / "human.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    entries = []
    for column in ("#esa", "#spans", ""):
        done = harness(*arguments(files, "--metric", "chrf", "--scores", f"human={files / 'human.tsv'}{column}"))
        entries.append(done)
    assert [json.loads(done.out)["systems"]["good"]["human"]["score"] for done in entries[:2]] == [80.0, 2.0]
    document = json.loads(entries[0].out)
    assert document["systems"]["good"]["human"]["signature"].endswith("|n:2|column:esa|averaged:1")
    assert any("1 segment was rated more than once" in note for note in document["notes"])
    assert entries[2].code == 2
    assert "esa, spans" in entries[2].err
    assert "FILE#COLUMN" in entries[2].err


def test_nothing_scored_is_inconclusive(files: Path, harness: Shell) -> None:
    base = arguments(files, "--metric", "chrf")
    without = [item for item in base if item not in ("--reference", files / "ref")]
    done = harness(*without)
    assert done.code == 3
    entry = json.loads(done.out)["systems"]["good"]["chrf"]
    assert entry["missing"] == "no segment of de-en has a reference"
    assert entry["fix"] == "give --reference FILE, or use a metric without references"
    (files / "table.tsv").write_text("system\tline\tscore\ngood\t1\t90\n", encoding="utf-8")
    assert harness(*without, "--scores", f"human={files / 'table.tsv'}").code == 0


def test_names_of_systems_differ_in_more_than_case(files: Path, harness: Shell) -> None:
    done = harness(*arguments(files, "--hypothesis", f"GOOD={files / 'bad'}"))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: systems 'good' and 'GOOD': names of systems must differ in more than case\n")


@pytest.mark.parametrize("given", [True, False])
def test_flags_that_nobody_could_look_for_are_unknown_and_not_0(files: Path, given: bool, harness: Shell) -> None:
    (files / "terms").write_text("Haus\thome\n", encoding="utf-8")
    document = json.loads(harness(*arguments(files, *(["--glossary", files / "terms"] if given else []))).out)
    assert document["flags"]["bad"]["empty"] == 1
    assert document["flags"]["bad"]["url"] == 0
    assert document["flags"]["bad"].get("glossary") == (1 if given else None)
    assert "misplaced" not in document["flags"]["bad"]
    assert document["flags_unknown"].keys() == {"misplaced"} | (set() if given else {"glossary"})
    assert "pip install 'translation-harness[misplaced]'" in document["flags_unknown"]["misplaced"]


def test_fixes_name_flags_that_exist(files: Path, harness: Shell) -> None:
    base = arguments(files, "--metric", "bleu,ter", "--tokenize", "13a")
    base[base.index("de-en")] = "de-ja"
    refused = harness(*base)
    assert refused.code == 2
    assert "--force-tokenizer" in refused.err
    forced = json.loads(harness(*base, "--force-tokenizer").out)["systems"]["good"]
    assert "|tok:13a|" in forced["bleu"]["signature"]
    flags = [word for word in forced["ter"]["fix"].split() if word.startswith("--")]
    fixed = json.loads(harness(*base, "--force-tokenizer", *flags).out)["systems"]["good"]
    assert "|norm:yes|" in fixed["ter"]["signature"]
    assert "|asian:yes|" in fixed["ter"]["signature"]


def test_other_formats(files: Path, harness: Shell) -> None:
    base = arguments(files, "--metric", "chrf")
    base[base.index("json")] = "table"
    assert "chrF ↑" in harness(*base).out
    base[base.index("table")] = "csv"
    rows = list(csv.DictReader(harness(*base).out.splitlines()))
    assert {row["system"] for row in rows} == {"good", "bad"}
    base[base.index("csv")] = "md"
    assert "| System |" in harness(*base).out


@pytest.mark.parametrize(("kind", "begins"), [("latex", "%"), ("junit", "<?xml")])
def test_a_format_of_a_run_that_is_text(files: Path, harness: Shell, kind: str, begins: str) -> None:
    given = arguments(files, "--metric", "chrf", "-q")
    done = harness(*(kind if word == "json" else word for word in given))
    assert done.code == 0, done.err
    assert done.out.startswith(begins)


@pytest.mark.parametrize(("kind", "begins"), [("xlsx", b"PK"), ("parquet", b"PAR1")])
def test_a_format_of_a_run_that_is_none(files: Path, kind: str, begins: bytes) -> None:
    pytest.importorskip({"xlsx": "openpyxl", "parquet": "pyarrow"}[kind])
    given = [str(word) for word in arguments(files, "--metric", "chrf", "-q")]
    words = [sys.executable, "-m", "harness", *(kind if word == "json" else word for word in given)]
    piped = subprocess.run(words, cwd=files, capture_output=True, timeout=120, check=False)
    assert piped.returncode == 0, piped.stderr
    assert piped.stdout.startswith(begins)
    if kind == "xlsx":
        ours, theirs = pty.openpty()
        shown = subprocess.run(words, cwd=files, stdout=theirs, stderr=subprocess.PIPE, timeout=120, check=False)
        os.close(theirs)
        os.close(ours)
        assert shown.returncode == 2
        assert b"harness score ... -o report.xlsx" in shown.stderr


def test_stdout_is_nothing_but_the_json(files: Path, harness: Shell) -> None:
    done = harness(*arguments(files, "--metric", "chrf"))
    json.loads(done.out)
    assert "chrf de-en" in done.err
    assert harness(*arguments(files, "--metric", "chrf", "--quiet")).err == ""


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--hypothesis", "good=elsewhere"], "the name 'good' is given twice"),
        (["--hypothesis", "noname"], "not NAME=FILE"),
        (["--metric", "blue"], "did you mean 'bleu'?"),
        (["--lower-is-better", "human"], "no --scores of that name"),
        (["--docids", "src"], None),
    ],
)
def test_usage_errors(files: Path, harness: Shell, more: list[str], message: str | None) -> None:
    if message is None:
        (files / "short").write_text("news\ta\n", encoding="utf-8")
        more = ["--docids", str(files / "short")]
        message = "1"
    done = harness(*arguments(files, *more))
    assert (done.code, done.out) == (2, "")
    assert message in done.err


PUBLISHED = ("wmt21.de-en", "wmt21.en-de", "wmt21.is-en", "wmt22.de-en", "wmt23.de-en", "wmt23.en-de", "wmt23.zh-en")


def official_scores(folder: Path) -> dict[str, dict[tuple[str, str], float]]:
    """Reference to (system, metric) to the published score, with all digits."""
    scores: dict[str, dict[tuple[str, str], float]] = {}
    with (folder / "official_scores.tsv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream, delimiter="\t"):
            # The other origins round to one decimal.
            whole = row["origin"].endswith("automatic-scores.tsv") and row["metric"] in ("BLEU", "chrF")
            if whole and row["reference"] not in ("all", ""):
                scores.setdefault(row["reference"], {})[row["system"], row["metric"].lower()] = float(row["score"])
    assert sum(map(len, scores.values())) >= 2 * 9
    return scores


def test_published_wmt_scores(wmt_data: Path, harness: Shell) -> None:
    folder = wmt_data / "wmt23.en-de"
    ((reference, everything),) = official_scores(folder).items()
    names = sorted({system for system, _ in everything})[:3]
    published = {key: value for key, value in everything.items() if key[0] in names}
    hypotheses = [f"--hypothesis={system}={folder / 'systems' / f'{system}.txt'}" for system in names]
    done = harness(
        "score", "--source", folder / "source.txt", "--reference", folder / f"reference.{reference}.txt",
        *hypotheses, "--pair", "en-de", "--metric", "bleu,chrf", "--format", "json", "-q",
    )  # fmt: skip
    assert done.code == 0, done.err
    systems = json.loads(done.out)["systems"]
    scores = {(system, metric): systems[system][metric]["score"] for system, metric in published}
    assert scores == pytest.approx(published, abs=1e-9)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_wmt_scores_of_files(wmt_data: Path, name: str) -> None:
    """Every published system, read and scored as by the command, which then spends its time on comparing all pairs."""
    folder = wmt_data / name
    for reference, published in official_scores(folder).items():
        run = score(
            source=folder / "source.txt",
            references=[folder / f"reference.{reference}.txt"],
            hypotheses={system: folder / "systems" / f"{system}.txt" for system, _ in published},
            pair=name.partition(".")[2],
            checks=False,
        )
        scores = {}
        for system in run.pairs[0].systems:
            for metric, kept in system.scores.items():
                assert isinstance(kept, MetricScores)
                scores[str(system.name), metric] = kept.corpus.value
        assert scores == pytest.approx(published, abs=1e-9)


def test_byte_order_mark_is_kept_and_reported(wmt_data: Path, harness: Shell) -> None:
    folder = wmt_data / "wmt23.en-de"
    done = harness(
        "score", "--source", folder / "source.txt", "--reference", folder / "reference.refA.txt",
        "--hypothesis", f"AIRC={folder / 'systems' / 'AIRC.txt'}", "--pair", "en-de", "--metric", "chrf",
        "--format", "json", "-q",
    )  # fmt: skip
    document = json.loads(done.out)
    assert document["systems"]["AIRC"]["chrf"]["score"] == pytest.approx(52.19217212848848, abs=1e-9)
    assert any("AIRC.txt:1: byte order mark kept" in note for note in document["notes"])


def test_a_saved_score_is_a_run_like_any_other(files: Path, harness: Shell) -> None:
    here = ("-C", files)
    again = ("--metric", "bleu,chrf", "--no-checks", "--unit", "segment", *here)
    first = harness(*arguments(files, *again, "--save", "--name", "before", "--format", "terminal"))
    assert first.code == 0
    (folder,) = (path for path in (files / "reports" / "runs").iterdir() if path.is_dir())
    assert f"run: {folder}" in first.err
    assert folder.name in first.out
    assert "before" in harness("report", "before", *here).out
    assert harness("baseline", "accept", "before", *here).code == 0
    (files / "good").write_text((files / "bad").read_text(encoding="utf-8"), encoding="utf-8")
    assert harness(*arguments(files, *again, "--save", "--name", "after")).code == 0
    assert harness("gate", "after", *here).code != 2
    for command in ("compare", "decide", "report"):
        done = harness(command, "after", *here)
        assert done.code in (0, 3), (command, done.err)  # decide: so few segments decide nothing
        assert "good" in done.out
    numbers = json.loads(harness("report", "before", "after", "--format", "json", *here).out)
    assert "before" in json.dumps(numbers)
    assert harness(*arguments(files, "--name", "x")).code == 2
    assert harness(*arguments(files, *again, "--save", "--name", "before")).code == 2


def test_it_is_as_wide_as_the_terminal(files: Path) -> None:
    words = ["score", "--source", "src", "--reference", "ref", "--hypothesis", "good=good", "--hypothesis", "bad=bad"]
    words += ["--pair", "de-en", "--no-checks", "-q"]
    _, narrow = on_terminal(words, 60, 24, cwd=files)
    _, wide = on_terminal(words, 140, 24, cwd=files)
    widths = [max(map(cell_len, steady(text).splitlines())) for text in (narrow, wide)]
    assert 40 < widths[0] <= 60 < 100 < widths[1] <= 140
