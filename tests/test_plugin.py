"""The plug-ins of docs/extend.md: the page shows their very code, and they work as the page says."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from harness import errors
from harness.analysis import PairAnalysis
from harness.engines.interface import EngineContext, RemoteEngine, Reply
from harness.errors import (
    AuthFailed,
    ConfigError,
    Declined,
    EngineError,
    EngineUnavailable,
    Garbled,
    Transient,
    Unsupported,
)
from harness.store.runs.directory import list_runs, load_run
from harness.store.runs.result import SystemResult, Traffic
from harness.testing import ask, batch_of
from harness.types import Failed, LangPair, Money, SystemName, Translated
from harness.workspace.config import parse_model
from tests.loopback import Loopback, Response, Seen
from tests.workspace import small_workspace, write_system

PLUGIN = Path(__file__).parent / "plugin"
MODULE = "harness_example_engine"
PAGE = (Path(__file__).resolve().parents[1] / "docs" / "extend.md").read_text(encoding="utf-8")
KEY = "key-of-the-house-0123"
TEST_KEY = "a key for the test"
"""The one in the test of the page."""
PAIR = LangPair("de", "en")

pytestmark = pytest.mark.xdist_group("plugin")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def service(seen: Seen) -> Response:
    """The service of the page: turns every text round."""
    if seen.headers["Authorization"] not in (f"Bearer {KEY}", f"Bearer {TEST_KEY}"):
        return Response.of({"error": "unknown key"}, status=401)
    asked = seen.json
    assert (asked["from"], asked["to"], asked["tone"]) == ("de", "en", "formal")
    characters = sum(map(len, asked["texts"]))
    texts = [text[::-1] for text in asked["texts"]]
    return Response.of({"texts": texts, "model": "house-7", "id": "r-42", "characters": characters})


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The module, imported from its folder without installing it."""
    monkeypatch.syspath_prepend(str(PLUGIN))
    monkeypatch.setenv("EXAMPLE_API_KEY", KEY)
    yield importlib.import_module(MODULE)
    del sys.modules[MODULE]


def engine(plugin: ModuleType, url: str, api_key_env: str = "") -> Any:
    context = EngineContext(SystemName("house"), Path("systems/house"), api_key_env)
    return plugin.ExampleEngine(plugin.ExampleOptions(endpoint=url), context)


def test_the_parts_of_an_analysis_that_the_page_names_are_there() -> None:
    rows = re.findall(r"^\| (`pair\..*?) \|", PAGE, re.MULTILINE)
    parts = {part for row in rows for part in re.findall(r"pair\.(\w+)", row)}
    assert {"result", "standing", "evidence", "decision"} <= parts
    assert parts <= set(dir(PairAnalysis)) | {field.name for field in fields(PairAnalysis)}


def test_the_page_shows_the_files_of_the_plugin() -> None:
    files = sorted(PLUGIN.glob("*.py"))
    assert [path.stem.rpartition("_")[2] for path in files] == [
        "check",
        "engine",
        "exporter",
        "importer",
        "metric",
        "report",
    ]
    for path in files:
        code = path.read_text(encoding="utf-8")
        assert blocks("python").count(code) == 1, path.name
        assert f"`{path.name}`:\n\n```python\n{code}" in PAGE
        assert len(code.splitlines()) < 120
    assert blocks("toml")[0] == (PLUGIN / "pyproject.toml").read_text(encoding="utf-8")


def contract_test(module: str) -> dict[str, Any]:
    """The contract test of the page for a module, defined."""
    (code,) = (block for block in blocks("python") if f"from {module} import" in block)
    namespace: dict[str, Any] = {}
    exec(compile(code, "docs/extend.md", "exec"), namespace)
    return namespace


@pytest.mark.parametrize("kind", ["metric", "check", "report", "importer", "exporter"])
def test_the_contract_tests_of_the_page_pass(kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(str(PLUGIN))
    test = contract_test(f"harness_example_{kind}")["test_contract"]
    test(tmp_path) if kind == "importer" else test()


def test_the_page_names_every_error_an_engine_may_raise() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, EngineError)]
    listed = re.findall(r"^\| `([A-Z]\w+)` \|", PAGE, re.MULTILINE)
    assert sorted(listed) == sorted(kind.__name__ for kind in kinds if kind not in (EngineError, errors.Fatal))


def test_the_contract_test_of_the_page_passes(plugin: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    namespace = contract_test(MODULE)
    with Loopback(service) as server:
        namespace["SERVER"] = server.url
        namespace["test_contract"](monkeypatch)
        assert {seen.headers["Authorization"] for seen in server.ledger} == {f"Bearer {TEST_KEY}"}


def test_it_is_a_service_with_a_receipt(plugin: ModuleType) -> None:
    with Loopback(service) as server:
        house = engine(plugin, server.url)
        assert isinstance(house, RemoteEngine)
        batch = batch_of(["Guten Tag!", "Ja"], PAIR)
        assert house.worst_usage(batch) == {"characters": 12}
        replies: list[Reply] = []
        translate = house.translate

        async def kept(asked: Any) -> Reply:
            replies.append(await translate(asked))
            return replies[-1]

        house.translate = kept
        assert ask(house, batch) == [[Translated("!gaT netuG"), Translated("aJ")]]
    (reply,) = replies
    assert (reply.receipt.model, reply.receipt.request_id, reply.receipt.usage) == (
        "house-7",
        "r-42",
        {"characters": 12},
    )


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (Response.of({"error": "unknown key"}, status=401), AuthFailed),
        (Response.of({"error": "nothing rude, please"}, status=422), Declined),
        (Response.of({}, status=503), Transient),
        (Response.of({"texts": "not a list"}), Garbled),
        (Response(200, b"<html>"), Garbled),
        (Response(200, b'{"texts": []', drop=True), Transient),
    ],
)
def test_errors(plugin: ModuleType, response: Response, error: type[EngineError]) -> None:
    with Loopback(lambda _: response) as server, pytest.raises(error) as raised:
        ask(engine(plugin, server.url), batch_of(["Ja"], PAIR))
    assert type(raised.value) is error
    assert KEY not in str(raised.value)


def test_what_it_needs_and_what_it_serves(plugin: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    house = engine(plugin, "http://127.0.0.1:9")
    with pytest.raises(Unsupported, match="does not support 'fr', only de, en, es"):
        house.supports(LangPair("de", "fr"))
    house.ready()
    with pytest.raises(EngineUnavailable, match="OTHER is not set"):
        engine(plugin, "http://127.0.0.1:9", "OTHER").ready()
    monkeypatch.delenv("EXAMPLE_API_KEY")
    with pytest.raises(EngineUnavailable, match="EXAMPLE_API_KEY is not set"):
        house.ready()
    for wrong in (
        {"endpoint": "ftp://x"},
        {"endpoint": "http://x", "tone": "rude"},
        {"endpoint": "http://x", "ton": 1},
    ):
        with pytest.raises(ConfigError, match=r"^house\.toml: "):
            parse_model(plugin.ExampleOptions, wrong, "house.toml")


def install(source: Path, target: Path) -> Path:
    """Install a distribution into a folder, from this machine alone."""
    options = ("--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", target, source],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return target


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plugin")
    # A copy, so that building leaves nothing in the tree.
    return install(Path(shutil.copytree(PLUGIN, folder / "source")), folder / "site")


@pytest.fixture(scope="module")
def rival(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another distribution, which claims the name of an engine of ours."""
    folder = tmp_path_factory.mktemp("rival")
    source = Path(shutil.copytree(PLUGIN, folder / "source"))
    text = (source / "pyproject.toml").read_text(encoding="utf-8")
    text = text.replace('name = "harness-example"', 'name = "rival-engine"').replace("example = ", "copy = ")
    assert tomllib.loads(text)["project"]["entry-points"]["harness.engines"] == {"copy": f"{MODULE}:ExampleEngine"}
    (source / "pyproject.toml").write_text(text, encoding="utf-8")
    return install(source, folder / "site")


def harness(site: Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "harness", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(site), **environment},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_once_installed_it_is_listed_until_plugins_are_narrowed(installed: Path) -> None:
    def listed(**environment: str) -> list[str]:
        done = harness(installed, "list", "engines", **environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    assert "example" in listed()
    assert "example" in listed(HARNESS_PLUGINS="something-else,harness-example")
    assert "example" not in listed(HARNESS_PLUGINS="")
    assert "copy" in listed(HARNESS_PLUGINS="")


EXAMPLES = {
    "engines": "example",
    "metrics": "overlap",
    "checks": "exclamation",
    "reports": "tsv",
    "importers": "bitext",
    "exporters": "review",
}


@pytest.mark.slow
@pytest.mark.parametrize("group", EXAMPLES)
def test_every_kind_is_listed_until_plugins_are_narrowed(installed: Path, group: str) -> None:
    name = EXAMPLES[group]
    done = harness(installed, "list", group)
    assert done.returncode == 0, done.stderr
    assert name in done.stdout.split()
    assert name not in harness(installed, "list", group, HARNESS_PLUGINS="").stdout.split()


@pytest.mark.slow
def test_a_plugin_is_explained_as_ours_are(installed: Path) -> None:
    done = harness(installed, "explain", "metric", "overlap")
    assert done.returncode == 0, done.stderr
    for part in (
        "overlap: F1 of the words that a translation shares with its reference.",
        "From harness-example 1.0.0.",
        "lowercase: true or false; default true",
        "Treat The and the as the same word.",
        "lowercase = false",
    ):
        assert part in done.stdout


@pytest.mark.slow
def test_metric_check_report_and_importer_work_together(installed: Path, tmp_path: Path) -> None:
    """Import a file, score it with the metric, flag it, print it; and nothing of that in a stranger's workspace."""
    (tmp_path / "harness.toml").write_text('metrics = ["chrf", "overlap"]\n[decision]\nno_flags = ["exclamation"]\n')
    (tmp_path / "news.bitext").write_text("Halt! ||| Stop!\nJa. ||| Yes.\n", encoding="utf-8")
    done = harness(installed, "import", tmp_path / "news.bitext", "--pair", "de-en", "-C", tmp_path)
    assert done.returncode == 0, done.stderr
    outputs = tmp_path / "systems" / "mt" / "de-en"
    outputs.mkdir(parents=True)
    (outputs / "news.txt").write_text("Stop.\nyes.\n", encoding="utf-8")
    write_system(tmp_path, "mt", 'engine = "recorded"\n')
    done = harness(installed, "run", "-C", tmp_path, "--format", "tsv", "-q")
    assert done.returncode == 0, done.stderr
    header, *rows = (line.split("\t") for line in done.stdout.splitlines())
    assert header == ["pair", "system", "metric", "score", "missing"]
    assert [row[:3] for row in rows] == [["de-en", "mt", "chrf"], ["de-en", "mt", "overlap"]]
    assert float(rows[1][3]) == 50.0  # of the words Stop! and Yes., the second is right but for its case
    run = load_run(list_runs(tmp_path / "reports" / "runs")[0])
    assert [[flag.kind for flag in flags] for flags in run.pairs[0].systems[0].flags] == [["exclamation"], []]
    again = harness(installed, "report", "-C", tmp_path, "--format", "csv", HARNESS_PLUGINS="")
    assert "overlap" in again.stdout, again.stderr

    for option in ("tsv", "terminal"):
        untrusted = harness(installed, "run", "-C", tmp_path, "--untrusted", "--format", option, "-q")
        assert untrusted.returncode == 2
        assert f"unknown {'format' if option == 'tsv' else 'metric'} " in untrusted.stderr
    (tmp_path / "harness.toml").unlink()
    done = harness(installed, "run", "-C", tmp_path, "--untrusted", "--metric", "chrf", "-q")
    assert done.returncode == 0, done.stderr
    newest = max(list_runs(tmp_path / "reports" / "runs"), key=lambda folder: folder.stat().st_mtime_ns)
    assert not any(load_run(newest).pairs[0].systems[0].flags)


@pytest.mark.slow
def test_a_plugin_that_fails_is_named(installed: Path, tmp_path: Path) -> None:
    site = Path(shutil.copytree(installed, tmp_path / "site"))
    small_workspace(tmp_path / "texts", articles=1, segments=2)
    write_system(tmp_path / "texts", "copy", 'engine = "copy"\n')
    for module, old, new in (
        ("report", "lines = [", "1 / 0\n        lines = ["),
        ("importer", "files = [", "1 / 0\n    files = ["),
        ("check", "    if not _shouts", "    1 / 0\n    if not _shouts"),
    ):
        path = site / f"harness_example_{module}.py"
        code = path.read_text(encoding="utf-8")
        assert code.count(old) == 1
        path.write_text(code.replace(old, new), encoding="utf-8")
    (tmp_path / "news.bitext").write_text("Ja. ||| Yes.\n", encoding="utf-8")
    for kind, name, command in (
        ("importer", "bitext", ("import", tmp_path / "news.bitext", "--pair", "de-en", "-C", tmp_path)),
        ("report", "tsv", ("run", "-C", tmp_path / "texts", "--metric", "chrf", "--format", "tsv", "-q")),
    ):
        done = harness(site, *command)
        assert done.returncode == 2
        assert f"the {kind} '{name}' failed: ZeroDivisionError: division by zero" in done.stderr
        assert "a fault of the package harness-example 1.0.0" in done.stderr
    (folder,) = list_runs(tmp_path / "texts" / "reports" / "runs")
    (flags, _) = load_run(folder).pairs[0].systems[0].flags
    assert ("not_checked", "exclamation") in {(flag.kind, flag.failed) for flag in flags}


@pytest.mark.slow
def test_a_check_that_cannot_be_imported_is_known_before_anybody_is_asked(installed: Path, tmp_path: Path) -> None:
    site = Path(shutil.copytree(installed, tmp_path / "site"))
    (site / "harness_example_check.py").write_text("import a_package_that_is_not_here\n", encoding="utf-8")
    root = tmp_path / "texts"
    small_workspace(root, articles=1, segments=2)
    asked = [sys.executable, "-c", f"import pathlib; pathlib.Path({str(tmp_path / 'ASKED')!r}).touch()"]
    write_system(root, "mt", f'engine = "command"\n[options]\nargv = {json.dumps(asked)}\n')
    done = harness(site, "run", "-C", root, "--metric", "chrf", "-q")
    assert done.returncode == 2
    assert "the check 'exclamation' of the package harness-example cannot be imported" in done.stderr
    assert not (tmp_path / "ASKED").exists()


@pytest.mark.slow
def test_the_system_of_the_page_runs_once_and_is_then_known(installed: Path, tmp_path: Path) -> None:
    small_workspace(tmp_path, articles=1, segments=3)
    (system_file,) = [block for block in blocks("toml") if block.startswith("engine")]
    with Loopback(service) as server:
        write_system(tmp_path, "house", system_file.replace("http://127.0.0.1:8080", server.url))
        command = ("run", "-C", tmp_path, "--metric", "chrf", "-q")
        without = harness(installed, *command)
        assert without.returncode == 3
        assert "HOUSE_KEY is not set" in " ".join(without.stdout.split())
        assert not server.ledger
        first = harness(installed, *command, HOUSE_KEY=KEY)
        assert first.returncode == 0, first.stderr
        sent = len(server.ledger)
        assert sent == 1
        assert harness(installed, *command).returncode == 0
        assert len(server.ledger) == sent
    runs = [load_run(folder).pairs[0].systems for folder in list_runs(tmp_path / "reports" / "runs")]
    bought, known = sorted((one for (one,) in filter(None, runs)), key=lambda one: bool(cached(one)))
    texts = [segment[::-1] for segment in (f"Satz {number} von Artikel 0." for number in range(3))]
    assert [getattr(outcome, "text", "") for outcome in bought.outcomes] == texts
    assert (cached(bought), cached(known)) == (0, 3)
    price = Money(sum(map(len, texts)) * 5.0 / 1e6, "EUR")
    assert isinstance(bought.traffic, Traffic)
    assert isinstance(known.traffic, Traffic)
    assert (bought.traffic.spent, bought.traffic.models) == (price, ("house-7",))
    assert (known.traffic.spent, known.traffic.saved) == (Money(0.0, ""), price)
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or KEY.encode() not in file.read_bytes()


def cached(system: SystemResult) -> int:
    assert not [outcome for outcome in system.outcomes if isinstance(outcome, Failed)]
    return sum(isinstance(outcome, Translated) and outcome.cached for outcome in system.outcomes)


@pytest.mark.slow
def test_two_packages_with_one_name_are_an_error_that_names_both(rival: Path) -> None:
    done = harness(rival, "list", "engines")
    assert done.returncode == 2
    for claim in ("'copy'", "rival-engine (harness_example_engine:ExampleEngine)",
                  "translation-harness (harness.engines.copy:CopyEngine)", "HARNESS_PLUGINS"):  # fmt: skip
        assert claim in done.stderr
    assert harness(rival, "list", "engines", HARNESS_PLUGINS="").returncode == 0
