"""Bad input: a clear error that names the place, exit code 2, and nothing lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.store.runs.directory import list_runs
from tests.cli.conftest import Shell
from tests.workspace import asked, counting_system, small_workspace, write_system

GOOD = "Eins.\nZwei.\nDrei.\n"

BAD_TEXTS = {
    "misaligned": (b"One.\nTwo.\n", "2"),
    "invalid UTF-8": (b"One.\nTw\xff.\nThree.\n", ":2"),
    "NUL": (b"One.\nTw\0o.\nThree.\n", ":2"),
    "CRLF": (b"One.\r\nTwo.\r\nThree.\r\n", ":1"),
    "U+2028": ("One.\nTwo.\nThree\u2028more.\n".encode(), ":3"),
    "U+0085": ("One.\nTwo\u0085.\nThree.\n".encode(), ":2"),
    "empty": (b"", "empty"),
    "a 300,000-character line": (b"One.\n" + b"x" * 300_000 + b"\nThree.\n", ":2"),
}


def _place(root: Path) -> Path:
    small_workspace(root, articles=1, segments=2)
    folder = root / "references" / "de-en"
    (folder / "odd.de.txt").write_text(GOOD, encoding="utf-8")
    return folder / "odd.en.txt"


@pytest.mark.parametrize("name", [*BAD_TEXTS, "BOM", "directory"])
def test_reference_articles(tmp_path: Path, harness: Shell, name: str) -> None:
    target = _place(tmp_path)
    ledger = counting_system(tmp_path)
    if name == "directory":
        target.mkdir()
        where = "odd.en.txt"
    elif name == "BOM":
        target.write_bytes(b"\xef\xbb\xbfOne.\nTwo.\nThree.\n")
        where = "harness import"
    else:
        content, where = BAD_TEXTS[name]
        target.write_bytes(content)
    done = harness("run", "-C", tmp_path, "--metric", "bleu")
    assert (done.code, done.out) == (2, ""), done
    assert "odd.en.txt" in done.err
    assert where in done.err
    assert "Traceback" not in done.err
    assert asked(ledger) == []
    assert list_runs(tmp_path / "reports" / "runs") == []


@pytest.mark.parametrize("side", ["source", "reference", "hypothesis"])
@pytest.mark.parametrize("name", [*BAD_TEXTS, "directory", "absent"])
def test_bare_files(tmp_path: Path, harness: Shell, name: str, side: str) -> None:
    paths = {key: tmp_path / f"{key}.txt" for key in ("source", "reference", "hypothesis")}
    for path in paths.values():
        path.write_text(GOOD, encoding="utf-8")
    bad = paths[side]
    if name in ("directory", "absent"):
        bad.unlink()
        if name == "directory":
            bad.mkdir()
    else:
        bad.write_bytes(BAD_TEXTS[name][0])
    done = harness(
        "score", "--source", paths["source"], "--reference", paths["reference"], "--hypothesis",
        f"A={paths['hypothesis']}", "--pair", "de-en", "--metric", "bleu", "--format", "json",
    )  # fmt: skip
    assert (done.code, done.out) == (2, "")
    assert f"{side}.txt" in done.err
    if name == "misaligned":
        assert "2" in done.err
        assert "3" in done.err
    if name == "CRLF":
        assert r"sed -i 's/\r$//' FILE" in done.err


SYSTEM_FILES: dict[str, tuple[str, str]] = {
    "unknown key": ('engine = "copy"\nlable = "x"', "unknown key 'lable'"),
    "unknown option": ('engine = "copy"\n[options]\nmodle = "x"', "[options]: unknown key 'modle'"),
    "unknown engine": ('engine = "apertum"', "did you mean 'apertium'?"),
    "no engine": ('label = "x"', "key 'engine' is required"),
    "wrong type": ('engine = "copy"\n[limits]\nconcurrency = "two"', "limits.concurrency"),
    "not TOML": ("engine copy", "odd.toml"),
    "bad pair": ('engine = "copy"\npairs = ["german"]', "'german' is not a language pair"),
}


@pytest.mark.parametrize("name", SYSTEM_FILES)
def test_system_files(tmp_path: Path, harness: Shell, name: str) -> None:
    small_workspace(tmp_path, articles=1, segments=2)
    text, message = SYSTEM_FILES[name]
    write_system(tmp_path, "odd", text)
    done = harness("run", "-C", tmp_path, "--metric", "bleu")
    assert done.code == 2
    assert "odd.toml" in done.err
    assert message in done.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed = " + "[" * 20_000, "nested too deeply"),
        ("seed = " + "9" * 5000, "too many digits"),
        ("# " + "x" * (16 * 2**20), "more than 16 MiB"),
    ],
)
@pytest.mark.parametrize("file", ["harness.toml", "systems/x.toml", "references/de-en/article-0.toml"])
def test_toml_that_nobody_writes(tmp_path: Path, harness: Shell, file: str, text: str, said: str) -> None:
    small_workspace(tmp_path, articles=1, segments=2)
    write_system(tmp_path, "x", 'engine = "copy"\n')
    (tmp_path / file).write_text(text, encoding="utf-8")
    done = harness("run", "-C", tmp_path, "--metric", "chrf")
    assert (done.code, said in done.err, file in done.err) == (2, True, True), done.err


@pytest.mark.parametrize("text", ["[" * 20_000, "9" * 5000, "[]", "null", "NaN", '{"schema_version": 1, "run": []}'])
def test_a_baseline_that_is_none(tmp_path: Path, harness: Shell, text: str) -> None:
    small_workspace(tmp_path, articles=1, segments=2)
    write_system(tmp_path, "x", 'engine = "copy"\n')
    assert harness("run", "-C", tmp_path, "--metric", "chrf", "-q").code == 0
    (tmp_path / "reports" / "baseline.json").write_text(text, encoding="utf-8")
    done = harness("gate", "-C", tmp_path)
    assert (done.code, "damaged" in done.err) == (2, True), done.err


def test_unknown_key_in_the_settings(tmp_path: Path, harness: Shell) -> None:
    small_workspace(tmp_path, articles=1, segments=2)
    counting_system(tmp_path)
    (tmp_path / "harness.toml").write_text('metric_s = ["bleu"]\n', encoding="utf-8")
    done = harness("run", "-C", tmp_path)
    assert done.code == 2
    assert "harness.toml: unknown key 'metric_s'" in done.err


def test_duplicate_ids_on_import_are_kept_and_said(tmp_path: Path, harness: Shell) -> None:
    file = tmp_path / "x.jsonl"
    rows = [{"id": "1", "source": "Eins.", "reference": "One."}, {"id": "1", "source": "Zwei.", "reference": "Two."}]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    done = harness("import", file, "--pair", "de-en", "-C", tmp_path)
    assert done.code == 0
    assert "x.jsonl: ids that their article has already, kept all the same: 1" in done.err + done.out
    (source,) = (tmp_path / "references" / "de-en").glob("*.de.txt")
    assert source.read_text(encoding="utf-8") == "Eins.\nZwei.\n"


def test_a_corrupted_cache_is_left_alone(tmp_path: Path, harness: Shell) -> None:
    small_workspace(tmp_path, articles=1, segments=2)
    ledger = counting_system(tmp_path)
    cache = tmp_path / "reports" / ".cache" / "harness.sqlite3"
    cache.parent.mkdir(parents=True)
    cache.write_bytes(b"not a database at all, but long enough to look like one" * 100)
    before = cache.read_bytes()
    done = harness("run", "-C", tmp_path, "--metric", "bleu")
    assert done.code == 2
    assert str(cache) in done.err
    assert "nothing was changed" in done.err
    assert cache.read_bytes() == before
    assert asked(ledger) == []


def _future(folder: Path) -> None:
    data = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    (folder / "run.json").write_text(json.dumps(data | {"schema_version": 99}), encoding="utf-8")


def _cut(folder: Path) -> None:
    data = (folder / "run.json").read_bytes()
    (folder / "run.json").write_bytes(data[: len(data) // 2])


def _exchange(folder: Path) -> None:
    text = (folder / "segments.jsonl").read_text(encoding="utf-8")
    (folder / "segments.jsonl").write_text(text.replace("Satz 0", "Satz 7"), encoding="utf-8")


def _lose(folder: Path) -> None:
    (folder / "statistics.npz").unlink()


def _garble(folder: Path) -> None:
    (folder / "statistics.npz").write_bytes(b"PK but not really")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (_future, "newer harness (schema 99"),
        (_cut, "is damaged: run.json"),
        (_exchange, "differ from those of the run"),
        (_lose, "statistics.npz is missing"),
        (_garble, "is damaged"),
    ],
)
def test_damaged_and_future_runs(tmp_path: Path, harness: Shell, damage: Callable[[Path], None], message: str) -> None:
    small_workspace(tmp_path, articles=1, segments=2)
    counting_system(tmp_path)
    assert harness("run", "-C", tmp_path, "--metric", "bleu", "-q").code == 0
    (folder,) = list_runs(tmp_path / "reports" / "runs")
    damage(folder)
    unnamed = harness("report", "-C", tmp_path)
    assert (unnamed.code, unnamed.out) == (2, "")
    assert "has changed since it was made" in unnamed.err or "is missing" in unnamed.err
    done = harness("report", folder.name, "-C", tmp_path)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert "hint: " in done.err


def test_no_workspace(tmp_path: Path, harness: Shell) -> None:
    done = harness("run", "-C", tmp_path)
    assert done.code == 2
    assert "harness init" in done.err
