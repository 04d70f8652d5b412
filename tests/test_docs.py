"""Documentation that cannot rot: its commands run, its links lead somewhere, its examples are real."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from glob import glob
from importlib.util import find_spec
from pathlib import Path

import pytest

from harness.workspace.registry import names
from tests.cli.conftest import Shell, harness

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")),
         ROOT / "references" / "README.md", ROOT / "systems" / "README.md"]  # fmt: skip

__all__ = ["harness"]


def _blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_every_command_in_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harness: Shell) -> None:
    """The blocks on one's own articles and on existing outputs, in order, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    for name, lines in {
        "inbox/a.de.txt": "Der Zug kommt.\n\nEr ist pünktlich.\n",
        "inbox/a.en.txt": "The train is coming.\n\nIt is on time.\n",
        "a.de.txt": "Der Zug kommt. Er ist pünktlich.\n", "a.en.txt": "The train is coming.\nIt is on time.\n",
        "strings.csv": "source,target\nAbfahrt,Departure\n",
        "src.txt": "One.\nTwo.\n", "ref.txt": "Jedna.\nDvě.\n", "a.txt": "Jedna.\nDva.\n", "b.txt": "Jeden.\nDvě.\n",
        "docs.txt": "news\tx\nnews\ty\n",
    }.items():  # fmt: skip
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(lines, encoding="utf-8")
    ran = []
    for block in _blocks(ROOT / "README.md", "sh"):
        if "harness init" not in block and "harness score" not in block:
            continue
        for line in block.replace("\\\n", " ").splitlines():
            for command in line.split("#")[0].split("&&"):
                words = [name for word in shlex.split(command) for name in (glob(word) or [word])]
                if words[0] == "cd":
                    monkeypatch.chdir(words[1])
                    shutil.copytree(tmp_path / "inbox", "inbox")
                    for name in ("strings.csv", "a.de.txt", "a.en.txt"):
                        shutil.copy(tmp_path / name, name)
                    continue
                if words[1] == "score":
                    monkeypatch.chdir(tmp_path)
                done = harness(*words[1:], *(["--offline"] if words[1] in ("run", "score") else []))
                assert done.code == 0, (command, done.err)
                ran.append(words[1])
    assert ran == ["score", "init", "import", "import", "import", "plan", "lint", "run", "run"]


def test_python_of_the_readme_runs(tmp_path: Path) -> None:
    for name in ("references", "systems"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (code,) = _blocks(ROOT / "README.md", "python")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "example-careful" in done.stdout
    assert "Reason(" not in done.stdout


def test_every_engine_is_in_the_readme_and_in_the_contract() -> None:
    for page in (ROOT / "README.md", ROOT / "systems" / "README.md"):
        text = page.read_text(encoding="utf-8")
        for name in names("engines"):
            assert f"`{name}`" in text, (page, name)


def test_the_excerpt_in_the_readme_is_a_real_one(tmp_path: Path, harness: Shell) -> None:
    """The scores of the recorded outputs, and the verdict on them, are those the README shows."""
    for name in ("references", "systems"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("apertium-en-es", "apertium-en-ca-es", "bergamot-en-pt-es"):
        text = (tmp_path / "systems" / f"{name}.toml").read_text(encoding="utf-8")
        label = next(line for line in text.splitlines() if line.startswith("label"))
        (tmp_path / "systems" / f"{name}.toml").write_text(f'engine = "recorded"\n{label}\n', encoding="utf-8")
    done = harness("run", "-C", tmp_path, "--pair", "en-es", "--metric", "bleu,chrf", "-q")
    excerpt = _blocks(ROOT / "README.md", "text")[0]
    # Where there is no wheel of the language identifier, fewer outputs are flagged.
    flags = r" +\d+$" if find_spec("eldc") else ""
    shown = re.findall(rf"^[*=-] .*?\d+\.\d +\d+\.\d to \d+\.\d +\d+\.\d{flags}", excerpt, re.MULTILINE)
    assert len(shown) == 4
    for row in shown:
        assert " ".join(row.split()) in " ".join(done.out.split())
    german = harness("run", "-C", tmp_path, "--pair", "de-en", "--metric", "bleu,chrf", "-q")
    assert " ".join(_blocks(ROOT / "README.md", "text")[1].split()) in " ".join(german.out.split())
    for paragraph in excerpt.split("\n\n")[:2]:
        assert " ".join(paragraph.split()) in " ".join(done.out.split())  # lines are as long as the terminal is wide
