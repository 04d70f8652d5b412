"""What a stranger's workspace cannot do: run programs by being looked at, or reach out of itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.workspace import registry
from tests.cli.conftest import Shell, harness
from tests.workspace import small_workspace, write_system

__all__ = ["harness"]

CONTENT = "what nobody outside may read"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    small_workspace(folder, articles=1, segments=2)
    return folder


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    path = tmp_path / "outside"
    path.mkdir()
    (path / "secret.txt").write_text(f"{CONTENT}\n{CONTENT}\n", encoding="utf-8")
    (path / "secret.toml").write_text(f'engine = "copy"\nlabel = "{CONTENT}"\n', encoding="utf-8")
    return path


@pytest.fixture
def restored(monkeypatch: pytest.MonkeyPatch) -> object:
    """Distrusting is for the rest of a process; tests share one."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("HARNESS_PLUGINS", "")
    yield
    registry._entries.cache_clear()


def touching(path: Path) -> str:
    return json.dumps([sys.executable, "-c", f"import pathlib; pathlib.Path({str(path)!r}).touch(); print(1)"])


@pytest.mark.parametrize("option", ["version_argv", "argv"])
@pytest.mark.parametrize(
    "command",
    [
        "lint",
        "list systems",
        "list articles",
        "doctor",
        "run --dry-run",
        "run --offline --metric chrf",
        "drift --dry-run",
    ],
)
def test_looking_runs_nothing(root: Path, harness: Shell, option: str, command: str) -> None:
    mark = root / "RAN"
    options = {"argv": '["cat"]', option: touching(mark)}
    lines = "".join(f"{name} = {value}\n" for name, value in options.items())
    write_system(root, "x", f'engine = "command"\n[options]\n{lines}')
    harness(*command.split(), "-C", root)
    assert not mark.exists()


def test_offline_says_what_was_not_run(root: Path, harness: Shell) -> None:
    write_system(root, "x", f'engine = "command"\n[options]\nargv = {touching(root / "RAN")}\n')
    done = harness("run", "--offline", "--metric", "chrf", "-C", root)
    assert done.code == 3
    assert "--offline does not allow requests" in done.out


LINKS: dict[str, Callable[[Path, Path], None]] = {
    "an article": lambda root, out: _link(root / "references/de-en/b.de.txt", out / "secret.txt"),
    "a folder of articles": lambda root, out: _link(root / "references/en-de", out),
    "a system": lambda root, out: _link(root / "systems/evil.toml", out / "secret.toml"),
    "recorded outputs": lambda root, out: _link(root / "systems/x/de-en/article-0.txt", out / "secret.txt"),
    "a folder of outputs": lambda root, out: _link(root / "systems/x/de-en", out),
    "settings": lambda root, out: _link(root / "harness.toml", out / "secret.toml"),
}


def _link(path: Path, to: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(to)


@pytest.mark.parametrize("kind", LINKS)
@pytest.mark.parametrize("flags", [[], ["--untrusted"]])
def test_no_link_leads_out(
    root: Path, outside: Path, harness: Shell, restored: object, kind: str, flags: list[str]
) -> None:
    write_system(root, "x", 'engine = "recorded"\n')
    LINKS[kind](root, outside)
    done = harness("run", "--metric", "chrf", "-C", root, *flags)
    assert done.code == 2
    assert "leads out of the workspace" in done.err
    assert CONTENT not in done.out + done.err


def test_no_hard_link_leads_out(root: Path, outside: Path, harness: Shell, restored: object) -> None:
    write_system(root, "x", 'engine = "copy"\n')
    (root / "references" / "de-en" / "b.de.txt").hardlink_to(outside / "secret.txt")
    done = harness("run", "--untrusted", "--metric", "chrf", "-C", root)
    assert (done.code, "another name outside" in done.err, CONTENT in done.out + done.err) == (2, True, False)
    (outside / "secret.txt").rename(root / "references" / "de-en" / "b.en.txt")  # both names are in the workspace
    assert harness("run", "--untrusted", "--metric", "chrf", "-C", root, "-q").code == 0


def test_links_inside_are_followed(root: Path, harness: Shell) -> None:
    write_system(root, "x", 'engine = "copy"\n')
    kept = root / "texts"
    kept.mkdir()
    article = root / "references" / "de-en" / "article-0.de.txt"
    article.rename(kept / article.name)
    article.symlink_to(Path("..") / ".." / "texts" / article.name)
    assert harness("run", "--metric", "chrf", "-C", root, "-q").code == 0


@pytest.mark.parametrize(
    "text",
    [
        f'engine = "command"\n[options]\nargv = {touching(Path("RAN"))}\n',
        'engine = "openai"\n[options]\nmodel = "m"\nendpoint = "http://127.0.0.1:1"\n',
        'engine = "deepl"\napi_key_env = "PATH"\n',
        'engine = "no-such-engine-here"\n[options]\nx = 1\n',
    ],
)
def test_whatever_the_engine_only_recorded_outputs(root: Path, harness: Shell, restored: object, text: str) -> None:
    if "no-such" not in text:
        write_system(root, "live", text)
        write_system(root, "copy", 'engine = "copy"\n')
        done = harness("run", "--untrusted", "--metric", "chrf", "--system", "live", "-C", root)
        assert (done.code, "no outputs are recorded" in done.err) == (2, True)
        outputs = root / "systems" / "live" / "de-en"
        outputs.mkdir(parents=True)
        (outputs / "article-0.txt").write_text("Sentence one.\nSentence two.\n", encoding="utf-8")
        done = harness("run", "--untrusted", "--metric", "chrf", "-C", root)
        assert done.code == 0, done.err
    else:
        write_system(root, "live", text)
        assert harness("run", "--untrusted", "--metric", "chrf", "-C", root).code == 2
    assert not (root / "RAN").exists()
    assert not list((root / "reports" / ".cache").glob("harness.sqlite3*"))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('[metric.comet]\nmodel = "someone/else"', "--untrusted loads no model"),
        ('[metric.metricx]\ntokenizer = "mt5"', "[metric.metricx] tokenizer: --untrusted loads no model"),
        ('[metric.mine]\nmetric = "scores"\nfile = "/etc/hostname"', "leads out of the workspace"),
        ('[metric.mine]\nmetric = "scores"\nfiles = { x = "../outside/secret.txt" }', "leads out of the workspace"),
        ('[checks.glossary]\nde-en = "../outside/secret.txt"', "leads out of the workspace"),
    ],
)
def test_settings_that_reach_out(
    root: Path, outside: Path, harness: Shell, restored: object, settings: str, said: str
) -> None:
    write_system(root, "x", 'engine = "copy"\n')
    (root / "harness.toml").write_text(settings, encoding="utf-8")
    done = harness("run", "--untrusted", "--metric", "chrf", "-C", root)
    assert done.code == 2
    assert said in done.err
    assert CONTENT not in done.out + done.err


def test_a_folder_called_like_a_model(
    root: Path, harness: Shell, restored: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_system(root, "x", 'engine = "copy"\n')
    (root / "Unbabel" / "wmt22-comet-da").mkdir(parents=True)
    monkeypatch.chdir(root)
    done = harness("run", "--untrusted", "--metric", "comet")
    assert done.code == 2
    assert "lies in the workspace" in done.err


def test_modules_in_the_workspace_are_not_imported(root: Path) -> None:
    write_system(root, "x", 'engine = "copy"\n')
    for name in ("json", "sacrebleu", "typer"):
        (root / f"{name}.py").write_text("import pathlib; pathlib.Path('RAN').touch()\n", encoding="utf-8")
    command = [sys.executable, "-I", "-m", "harness", "run", "--untrusted", "--metric", "chrf", "-q"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert not (root / "RAN").exists()
