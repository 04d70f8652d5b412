"""Start-up: help and import load nothing heavy, and every command says what it does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import harness.analysis
from tests.workspace import small_workspace, write_system

HEAVY = ("torch", "comet", "transformers", "pandas", "numpy", "sacrebleu", "httpx", "pydantic", "rich", "jinja2")

COMMANDS = (
    "run",
    "score",
    "report",
    "import",
    "lint",
    "init",
    "list",
    "cache",
    "doctor",
    "decide",
    "gate",
    "baseline",
    "view",
)


def _python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60).stdout


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom harness.cli.app import main\nassert main(['--help']) == 0\n"
        f"print('LOADED', [name for name in {HEAVY} if name in sys.modules])"
    )
    assert _python(code).endswith("LOADED []\n")


@pytest.mark.parametrize("arguments", [["list", "engines"], ["list", "checks", "--format", "json"], ["--version"]])
def test_a_listing_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        f"import sys\nfrom harness.cli.app import main\nassert main({arguments}) == 0\n"
        f"print('LOADED', [name for name in {HEAVY} if name in sys.modules])"
    )
    assert _python(code).endswith("LOADED []\n")


def test_importing_the_functions_loads_nothing_heavy() -> None:
    code = f"import sys, harness.api\nprint([name for name in {HEAVY} if name in sys.modules])"
    assert _python(code) == "[]\n"


def test_help_reads_no_words_of_reports() -> None:
    code = (
        "import sys\nfrom harness.cli.app import main\nassert main(['report', '--help']) == 0\n"
        "messages = sys.modules.get('harness.reports.words.messages')\n"
        "print('READ', messages is not None and messages.english.cache_info().currsize)"
    )
    assert _python(code).endswith(("READ False\n", "READ 0\n"))


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = f"import sys, harness\nharness.__version__\nprint([name for name in {HEAVY} if name in sys.modules])"
    assert _python(code) == "[]\n"


UNASKED = (
    *(
        "harness.analysis.gate",
        "harness.checks.memorisation",
        "harness.engines.chat.engine",
        "harness.engines.wire.errors",
    ),
    *(
        "harness.corpus.lint.overlap",
        "harness.metrics.scores.metric",
        "regex",
        "jinja2",
        "vl_convert",
        "pandas",
        "httpx",
    ),
)
"""What neither scores of files nor a run of recorded outputs have a use for, the page aside."""

UNASKED_BY_SCORES = (
    *UNASKED,
    "harness.analysis.effort",
    "harness.analysis.human",
    "harness.checks.run",
    "harness.corpus.native",
    "harness.reports.model.leaderboard",
    "harness.workspace.file_models",
)
"""What scores of files without checks, as JSON, have no use for either."""


def test_commands_load_only_what_they_need(tmp_path: Path) -> None:
    small_workspace(tmp_path, articles=2, segments=2)
    write_system(tmp_path, "copy", 'engine = "copy"\n')
    (tmp_path / "harness.toml").write_text('metrics = ["chrf"]\n', encoding="utf-8")
    (tmp_path / "lines.txt").write_text("Ein Satz.\nNoch ein Satz.\n", encoding="utf-8")
    lines = str(tmp_path / "lines.txt")
    score = ["score", "-s", lines, "-r", lines, "-t", f"a={lines}", "--pair", "de-en", "--metric", "chrf", "--quiet"]
    code = f"""
import contextlib, io, sys
from harness.cli import run
from harness.cli.app import main
def loaded(unasked, *arguments):
    with contextlib.redirect_stdout(io.StringIO()):
        assert main(arguments) == 0
    return [name for name in ("harness.store.cache.database", *unasked) if name in sys.modules]
run.REPORTS_OF_A_RUN = ()
print(loaded({UNASKED_BY_SCORES}, *{score}, "--format", "json", "--no-checks"))
print(loaded({UNASKED}, "run", "--workspace", {str(tmp_path)!r}, "--quiet"))
"""
    assert _python(code) == "[]\n['harness.store.cache.database']\n"


def test_all_names_of_the_analysis_are_there() -> None:
    assert len(harness.analysis.__all__) > 20
    assert set(harness.analysis.MODULES) < set(harness.analysis.__all__) <= set(dir(harness.analysis))
    for name in harness.analysis.__all__:
        assert getattr(harness.analysis, name) is not None


def test_the_functions_are_reachable() -> None:
    assert _python("import harness\nprint(callable(harness.run), callable(harness.score))") == "True True\n"
    assert _python("import harness\nprint({'run', 'score', '__version__'} <= set(dir(harness)))") == "True\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "harness", command, "--help"], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.startswith(f"Usage: harness {command}")
    assert done.stdout.split("\n")[2].strip()


def test_a_command_ends_at_once_after_threads_and_what_was_registered() -> None:
    code = """
import atexit, sys, threading, time
from harness.__main__ import main
class Kept:
    def __del__(self):
        print("taken apart")
kept = Kept()
threading.Thread(target=lambda: (time.sleep(0.05), atexit.register(print, "tidied"))).start()
sys.argv = ["harness", "nonsense"]
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "tidied\n")
    assert "No such command 'nonsense'" in done.stderr


def test_version() -> None:
    done = subprocess.run([sys.executable, "-m", "harness", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("harness 0.")
