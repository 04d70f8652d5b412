"""What commands print in another language has no English in it, but for names and what others say."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.analysis import analyse
from harness.cli.dry_run import _notes, _rest, _screen
from harness.cli.lint import _finding_lines
from harness.corpus.lint import LintFinding
from harness.reports.formats.blocks import rendered
from harness.reports.formats.compare_screen import compare_blocks
from harness.reports.formats.summary import summary_blocks
from harness.reports.words.messages import Catalogue, speaking
from harness.store.cache.answers import Cache
from harness.store.runs.result import Run
from harness.translation.estimates import estimate
from harness.translation.obstacles import obstacles
from harness.translation.planning import plan_run
from harness.translation.request import RunRequest
from harness.workspace.folder import open_workspace
from harness.workspace.screen import Screen
from tests.cli.conftest import Shell, harness
from tests.reports.greek import RUNS, latin
from tests.reports.test_translated import accented, strangers
from tests.workspace import write_article, write_system

__all__ = ["accented", "harness"]

WIDE = Screen(width=4000, wraps=True)


@pytest.mark.parametrize("make", RUNS)
@pytest.mark.parametrize("screen", ["run", "compare"])
def test_screens_of_a_run(screen: str, make: Callable[[], Run], accented: Catalogue) -> None:
    analysis = analyse(make())
    with speaking(accented):
        blocks = (
            summary_blocks(analysis, WIDE.width)
            if screen == "run"
            else (block for pair in analysis.pairs for block in compare_blocks(pair, WIDE.width, every=True))
        )
        text = rendered(blocks, WIDE)
    assert "⟦" in text or (screen, make.__name__) in {("compare", "lone_run"), ("compare", "empty_run")}
    assert {word: line for line in text.split("\n") for word in strangers(line, analysis.run)} == {}


def test_what_would_be_sent(tmp_path: Path, accented: Catalogue) -> None:
    for number in range(3):
        write_article(tmp_path, f"a{number}", [("Ένα.", "Δύο."), ("Τρία.", "Τέσσερα.")])
    options = '[options]\nmodel = "m"\nendpoint = "http://127.0.0.1:1"\n'
    price = "[price]\nper_million_input_tokens = 1.0\nper_million_output_tokens = 10.0\n"
    for name in ("x", "y"):
        write_system(tmp_path, name, f'engine = "openai"\nlabel = "άλφα"\n{options}{price if name == "x" else ""}')
    write_system(tmp_path, "copy", 'engine = "copy"\nlabel = "πηγή"\n')
    (tmp_path / "harness.toml").write_text('metrics = ["chrf"]\n', encoding="utf-8")
    with Cache.open(tmp_path / "cache") as cache, speaking(accented):
        plan = plan_run(open_workspace(tmp_path), RunRequest(), cache, sending=False)
        estimates = estimate(plan, cache)
        missing = [item for item in obstacles(plan, cache) if not item.why]
        blocks = [*_screen(plan, estimates, WIDE.width), *_notes(estimates), *_rest(plan, estimates, missing)]
        text = rendered(blocks, WIDE)
    assert text.count("⟦") > 10
    words = {word: line for line in text.split("\n") for word in latin(line)}
    assert words.keys() <= {"de-en", "USD", "x", "y", "max-cost", "harness", "toml"}, words


def test_findings_of_lint(accented: Catalogue) -> None:
    findings = [LintFinding("warning", "long", f"ά:{number}", "κάτι") for number in range(9)]
    with speaking(accented):
        text = rendered(_finding_lines([LintFinding("error", "copy", "ά:1", "λάθος"), *findings], every=False), WIDE)
    assert text.count("⟦") > 4
    assert set(latin(text)) <= {"long", "copy"}


def test_import_and_export_obey_the_messages(tmp_path: Path, harness: Shell, accented: Catalogue) -> None:
    lines = [f'"{key}" = {_toml(text)}' for key, text in accented.texts.items() if key.startswith("moved.")]
    counts = [f"{key} = {_toml(text)}" for key, text in accented.texts.items() if key.startswith("count.")]
    moved = [line.replace('"', "", 2) for line in lines]
    file = tmp_path / "messages.toml"
    file.write_text("\n".join(['language = "el"', *moved, *counts]), encoding="utf-8")
    for name, text in (("α.de.txt", "Ένα.\n"), ("α.en.txt", "Δύο.\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "systems").mkdir()
    files = [tmp_path / "α.de.txt", tmp_path / "α.en.txt"]
    command = ("import", *files, "--pair", "de-en", "--article", "a", "-C", tmp_path, "--messages", file)
    brought = harness(*command)
    assert brought.code == 0, brought.err
    assert latin(brought.err.replace(str(tmp_path), "")) == []
    assert "⟦" in brought.err
    output = tmp_path / "ω.txt"
    output.write_text("Δύο.\n", encoding="utf-8")
    taken = harness("import", output, "--pair", "de-en", "--system", "x", "--article", "a", *command[-4:])
    assert taken.code == 0, taken.err
    assert set(latin(taken.err.replace(str(tmp_path), ""))) <= {"x"}
    assert harness("run", "-C", tmp_path, "--metric", "chrf", "-q").code == 0
    sent = harness("export", "--to", "plain", "-o", tmp_path / "out", *command[-4:])
    assert sent.code == 0, sent.err
    assert latin(sent.err) == []
    assert "⟦" in sent.err
    shutil.rmtree(tmp_path / "out")


def _toml(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)
