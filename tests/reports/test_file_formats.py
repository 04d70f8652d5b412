"""LaTeX, Parquet, XLSX and JUnit: harmless whatever the text in them does, and missed in one sentence."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from xlsxwriter.worksheet import Worksheet

from harness.analysis import analyse
from harness.checks.interface import WHOLE, Flag
from harness.checks.run import NOT_CHECKED
from harness.errors import UsageError
from harness.reports.formats import xlsx_sheet
from harness.reports.formats.junit import BROKEN, MOST_PLACES, JunitReport
from harness.reports.formats.latex import LatexReport, escape
from harness.reports.formats.parquet import ParquetReport
from harness.reports.formats.xlsx import XlsxReport
from harness.reports.words.reasons import sentence
from harness.store.runs.result import Run
from harness.types import EngineIdentity, Failed, Outcome, Refused, Translated
from harness.workspace.registry import load

from .build import DE_EN, HOSTILE, NO_COMET, corpus, hostile_run, measured_run, normal_run, pair_result, run, system
from .read_files import junit, latex_tables, plain, records, workbook

FORMATS = ("latex", "parquet", "xlsx", "junit")


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("make", [normal_run, hostile_run, measured_run], ids=lambda make: make.__name__)
def test_the_same_run_gives_the_same_bytes(name: str, make) -> None:
    assert load("reports", name)().render(analyse(make())) == load("reports", name)().render(analyse(make()))


@pytest.mark.parametrize(("name", "package"), [("parquet", "pyarrow"), ("xlsx", "xlsxwriter")])
def test_a_missing_package_is_a_sentence_with_the_line_that_installs_it(
    name: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib

    real = importlib.import_module

    def without(module: str, *rest: str) -> object:
        if module.split(".")[0] == package:
            raise ModuleNotFoundError(f"No module named {package!r}", name=package)
        return real(module, *rest)

    monkeypatch.setattr(importlib, "import_module", without)
    with pytest.raises(UsageError, match=f"the format '{name}' needs (?i:{package}), which is not installed") as caught:
        load("reports", name)().render(analyse(normal_run()))
    assert caught.value.hint == f'pip install "translation-harness[{name}]"'


# --- LaTeX


@pytest.mark.parametrize("text", [*HOSTILE, r"\input{/etc/passwd} % & # _ ^ ~ $x$ {} ^^5c -- --- ,, << ``"])
def test_latex_shows_text_as_text(text: str) -> None:
    from harness.reports.words.text import visible

    escaped = escape(visible(text))
    assert plain(escaped) == visible(text)
    commands = set(re.findall(r"\\[A-Za-z]+", escaped))
    assert commands <= {
        *(r"\textbackslash", r"\textasciicircum", r"\textasciitilde", r"\textless", r"\textgreater", r"\textbar"),
        *(r"\textquotedbl", r"\textasciigrave", r"\ensuremath", r"\langle", r"\rangle"),
    }
    assert not re.search(r"(?<!\\)[$&#%_]|\^|~", escaped)


def test_latex_marks_what_is_significant_and_gives_every_signature() -> None:
    made = run(pair_result(texts := corpus(DE_EN, articles=12), [system(texts, "a", 0.8), system(texts, "b", 0.4)]))
    source = LatexReport().render(analyse(made)).decode("utf-8")
    for signature in ("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0", "model:wmt22-comet-da"):
        assert signature in plain(source)
    differences = source.split(r"\label{tab:differences-de-en}")[1]
    assert r"0.4000\textsuperscript{***}" in differences
    assert r"\textsuperscript{a}" in source
    assert r"\textsuperscript{b}" in source
    same = run(pair_result(texts, [system(texts, "a", 0.8), system(texts, "b", 0.8)]))
    assert "***}" not in LatexReport().render(analyse(same)).decode("utf-8").replace("*** ", "")


@pytest.mark.parametrize("make", [normal_run, hostile_run], ids=lambda make: make.__name__)
def test_latex_is_balanced(make) -> None:
    """Braces match, and every row of a table has as many cells as the table has columns."""
    source = LatexReport().render(analyse(make())).decode("utf-8")
    bare = re.sub(r"\\[{}\\]", "", re.sub(r"^%.*$", "", source, flags=re.MULTILINE))
    depth = 0
    for character in bare:
        depth += (character == "{") - (character == "}")
        assert depth >= 0
    assert depth == 0
    checked = 0
    for columns, body in re.findall(
        r"\\begin\{(?:tabular|longtable)\}\{@\{\}((?:p\{[\d.]+\\linewidth\}|r)+)@\{\}\}\n(.*?)\\end\{",
        source,
        re.DOTALL,
    ):
        rows = [line for line in body.split("\n") if line.endswith(r"\\")]
        wanted = len(re.findall(r"p\{|r", re.sub("linewidth", "", columns)))
        assert {len(re.split(r"(?<!\\)&", row)) for row in rows} == {wanted}
        checked += 1
    assert checked


def many_systems_run() -> Run:
    """Twenty-four systems whose names are long, with and without places to break them."""
    texts = corpus(DE_EN, articles=8)
    names = [f"Laboratory-of-Translation_Transformer-Ensemble {number} (beam 12, fine-tuned)" for number in range(20)]
    names += ["x" * 90, "OnlineTranslationServiceOfTheNorthWithContext", "a" * 30 + " b", "MWMWMWMWMWMWMWMWMWMW"]
    return run(pair_result(texts, [system(texts, name, 0.2 + 0.03 * rank) for rank, name in enumerate(names)]))


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("pdflatex"), reason="pdflatex is not installed")
@pytest.mark.parametrize(
    "make", [normal_run, hostile_run, measured_run, many_systems_run], ids=lambda make: make.__name__
)
def test_latex_compiles_and_fits_the_page(make, tmp_path: Path) -> None:
    (tmp_path / "run.tex").write_bytes(LatexReport().render(analyse(make())))
    (tmp_path / "paper.tex").write_text(
        "\\documentclass{article}\\usepackage[T1]{fontenc}\\usepackage{lmodern}\\usepackage{booktabs,longtable}\n"
        "\\begin{document}\\listoftables\\input{run}\\end{document}\n"
    )
    for _ in range(4):  # captions come back from the list of tables, and long tables settle their columns
        done = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"],
            cwd=tmp_path, capture_output=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout.decode("latin-1")[-1500:]
    log = (tmp_path / "paper.log").read_text(encoding="latin-1")
    assert "Output written" in log
    assert "Float too large" not in log
    too_wide = [float(points) for points in re.findall(r"Overfull \\[hv]box \(([\d.]+)pt too", log)]
    assert not [points for points in too_wide if points > 1], log


def test_latex_of_many_systems_compares_them_with_the_best() -> None:
    """Every other one with the first; where all pairs are few, all of them."""
    many = many_systems_run()
    (rows,) = latex_tables(many, "differences")
    (leaderboard,) = latex_tables(many, "scores")
    best = leaderboard[0][0]
    assert len(rows) == 23
    assert {row[0] for row in rows} == {row[0] for row in leaderboard[1:]}
    source = LatexReport().render(analyse(many)).decode("utf-8")
    assert f"Only the comparisons with {best}" in plain(source)
    (few,) = latex_tables(normal_run(), "differences")
    assert len(few) == 3


# --- Parquet


def test_parquet_is_typed_and_names_the_run() -> None:
    table = pq.read_table(io.BytesIO(ParquetReport().render(analyse(normal_run()))))
    assert {name: str(kind) for name, kind in zip(table.schema.names, table.schema.types, strict=True)} == {
        **dict.fromkeys(
            ("pair", "level", "article", "system", "metric", "missing", "signature", "kind", "part"), "string"
        ),
        **dict.fromkeys(("segment", "n"), "int32"),
        **dict.fromkeys(("score", "low", "high"), "double"),
    }
    assert table.schema.metadata[b"harness.run"] == normal_run().id.encode()
    assert table.to_pandas().query("level == 'corpus' and metric == 'comet'")["n"].dropna().unique().tolist() == [9]


# --- XLSX


def test_no_cell_is_a_formula_or_a_link() -> None:
    made = hostile_run()
    book = workbook(made)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not any(cell.hyperlink for cell in cells)
    formulas = [cell for cell in cells if isinstance(cell.value, str) and cell.value.startswith("=")]
    assert formulas
    assert all(cell.quotePrefix for cell in formulas)
    with zipfile.ZipFile(io.BytesIO(XlsxReport().render(analyse(made)))) as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist())
        assert not any("external" in name.lower() or "vba" in name.lower() for name in archive.namelist())


def test_texts_are_all_there_and_a_text_too_long_says_so() -> None:
    book = workbook(hostile_run())
    rows = records(book["Segments en-ar"])
    assert len(rows) == 4 * len(HOSTILE)
    wild = [
        str(value) for value in (row[next(key for key in row if "@x" in key or "alert" in key)].value for row in rows)
    ]
    assert wild[0].startswith("ZZZ")
    assert wild[0].endswith("… (cut: 100,000 characters in total, a cell holds 32,767)")
    assert len(wild[0]) == xlsx_sheet.MOST_UNITS
    assert wild[12].startswith("-- > --!> ]]> &amp;")
    notes = [row for row in records(book["Notes"]) if row["What"].value == "Cut to fit its cell"]
    assert [note["Text"].value for note in notes] == ["Segments en-ar, row 2, column 10: 100,000 characters"]


def test_a_text_of_astral_characters_fits_its_cell() -> None:
    """Excel counts UTF-16 units, two for an emoji."""
    texts = corpus(DE_EN)
    outcomes: list[Outcome] = [Translated("😀" * 20_000), *(Translated("x") for _ in texts.segments[1:])]
    row = records(workbook(run(pair_result(texts, [system(texts, "a", 0.5, outcomes=outcomes)])))["Segments de-en"])[0]
    text = str(row["a"].value)
    assert len(text.encode("utf-16-le")) // 2 <= xlsx_sheet.MOST_UNITS
    assert text.endswith("… (cut: 20,000 characters in total, a cell holds 32,767)")


def test_sheets_can_be_filtered_and_keep_their_headings() -> None:
    book = workbook(normal_run())
    assert book.sheetnames == ["Leaderboard", "Comparisons", "Articles", "Segments de-en", "Notes"]
    for sheet in book:
        assert sheet.auto_filter.ref == sheet.dimensions
        assert sheet.freeze_panes is not None
    segments = book["Segments de-en"]
    assert segments["C2"].alignment.wrap_text
    assert workbook(hostile_run())["Segments en-ar"]["D2"].alignment.readingOrder == 2
    assert segments["C2"].alignment.readingOrder == 0
    folded = {cell.value for cell in segments[1] if segments.column_dimensions[cell.column_letter].hidden}
    assert folded >= {"Alpha MT: BLEU"}
    assert "Alpha MT: COMET" not in folded


def test_flags_and_missing_translations_stand_beside_their_segment() -> None:
    made = flagged_run()
    rows = records(workbook(made)["Segments de-en"])
    assert rows[0]["s"].value == "[failed: timed out]"
    assert rows[1]["s"].value == "[refused: filter]"
    assert rows[2]["s: flags"].value == "wrong language: it is Danish"


def test_more_rows_than_a_sheet_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_sheet, "MOST_ROWS", 12)
    with pytest.raises(UsageError, match="would have 12 rows") as caught:
        XlsxReport().render(analyse(normal_run()))
    assert caught.value.hint == "--format parquet or csv"


def test_every_text_is_written_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """``write`` guesses what a text is; only the methods that say it are used."""
    monkeypatch.setattr(Worksheet, "write", lambda *_: pytest.fail("guessed the type of a cell"))
    XlsxReport().render(analyse(normal_run()))


# --- JUnit


def flagged_run(engine: str = "command") -> Run:
    """One article with nothing, one with a broken segment, one with a doubtful one, one that is fine."""
    texts = corpus(DE_EN, articles=4, segments=2, unreferenced=())
    outcomes: list[Outcome] = [Failed("timed out"), Refused("filter"), *(Translated("text") for _ in range(6))]
    flags: list[tuple[Flag, ...]] = [() for _ in range(8)]
    flags[2] = (Flag("wrong_language", WHOLE, "it is Danish", 0.9),)
    flags[4] = (Flag("number", WHOLE, "340 is missing ]]> <b>\ufffe", 0.5),)
    broken = system(
        texts, "s", 0.5, outcomes=outcomes, missing={"comet": NO_COMET}, flags=tuple(flags),
        engine=EngineIdentity(engine, "1", {}),
    )  # fmt: skip
    return run(pair_result(texts, [broken], absent={"gone": "no key"}), status="incomplete")


def test_junit_fails_what_is_broken_and_lists_the_rest() -> None:
    (suite,) = junit(flagged_run())
    assert {name: suite.get(name) for name in ("name", "tests", "errors", "failures", "skipped")} == {
        "name": "de-en", "tests": str(1 + len(BROKEN) + 3 + 1), "errors": "1", "failures": "1", "skipped": "2",
    }  # fmt: skip
    cases = {(case.get("classname"), case.get("name")): case for case in suite}
    translations = cases["de-en.s", "translations"]
    error = translations.find("error")
    assert error is not None
    assert error.get("message") == "2 segments without a translation"
    assert error.text == "article-1:1: failed: timed out\narticle-1:2: refused: filter"
    assert translations.findtext("system-out") == "number: 1 segment"
    failure = cases["de-en.s", "wrong_language"].find("failure")
    assert failure is not None
    assert failure.text == "article-2:1: it is Danish"
    assert len(cases["de-en.s", "empty"]) == 0
    skipped = cases["de-en.s", "COMET"].find("skipped")
    assert skipped is not None
    assert skipped.get("message") == f"not scored: {sentence(NO_COMET.why)}; fix: {sentence(NO_COMET.fix)}"
    assert cases["de-en.gone", "asked"][0].get("message") == "not asked: no key"


@pytest.mark.parametrize("engine", ["copy", "memory"])
def test_junit_lets_floors_hand_out_what_is_there(engine: str) -> None:
    (suite,) = junit(flagged_run(engine))
    assert suite.get("failures") == "0"


def test_junit_of_hostile_text_is_well_formed() -> None:
    text = JunitReport().render(analyse(hostile_run())).decode("utf-8")
    assert "\x1b" not in text
    assert len(junit(hostile_run()).findall(".//testcase")) > 8


def test_junit_passes_nothing_that_was_not_checked() -> None:
    texts = corpus(DE_EN, articles=2, segments=2, unreferenced=())
    flags = tuple(
        (Flag(NOT_CHECKED, WHOLE, "it failed", 0.0, kind),) if kind else () for kind in ("tag", "", "number", "")
    )
    outcomes = [Translated("text")] * 4
    (suite,) = junit(run(pair_result(texts, [system(texts, "s", 0.5, ("chrf",), outcomes=outcomes, flags=flags)])))
    cases = {case.get("name"): case.find("skipped") for case in suite if case.get("name") in BROKEN}
    messages = {name: skipped.get("message") for name, skipped in cases.items() if skipped is not None}
    assert messages == {"tag": "the check failed on 1 segment, so they may be broken"}
    (suite,) = junit(run(pair_result(texts, [system(texts, "s", 0.5, ("chrf",), outcomes=outcomes, flags=())])))
    skipped = [case.find("skipped") for case in suite if case.get("name") in BROKEN]
    assert [one.get("message") for one in skipped if one is not None] == ["no checks were made"] * len(BROKEN)


def test_junit_does_not_grow_with_the_text() -> None:
    texts = corpus(DE_EN, articles=100, segments=2, unreferenced=())
    flags = ((Flag("empty", WHOLE, "nothing", 0.9),),) * 200
    systems = [system(texts, f"s{n}", 0.5, ("bleu", "chrf", "comet"), flags=flags) for n in range(24)]
    (suite,) = junit(run(pair_result(texts, systems, ("bleu", "chrf", "comet"))))
    assert len(suite.findall("testcase")) == int(suite.get("tests", "")) == 24 * (1 + len(BROKEN) + 3)
    failure = suite.find("testcase[@name='empty']/failure")
    assert failure is not None
    assert failure.get("message", "").startswith("200 flags")
    assert str(failure.text).split("\n")[MOST_PLACES:] == ["and 180 more"]
