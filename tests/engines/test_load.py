from __future__ import annotations

from pathlib import Path

import pytest

from harness.engines.interface import Limits
from harness.engines.load import load_system, load_systems
from harness.engines.recorded.engine import RecordedEngine
from harness.errors import ConfigError, EngineUnavailable, Unsupported, UsageError
from harness.types import LangPair

PAIR = LangPair("en", "es")


@pytest.fixture
def systems(tmp_path: Path) -> Path:
    folder = tmp_path / "systems"
    folder.mkdir()
    return folder


def put(systems: Path, name: str, text: str) -> Path:
    path = systems / f"{name}.toml"
    path.write_text(text)
    return path


FULL = """
engine = "command"
label = "My engine"
pairs = ["en-es", "en-pt_BR"]
fallback = "recorded"
[options]
argv = ["no-such-program", "{target}"]
[limits]
timeout = 5.0
concurrency = 3
[price]
per_million_characters = 20.0
currency = "EUR"
"""


def test_everything_a_file_can_say(systems: Path) -> None:
    system = load_system(put(systems, "mine", FULL))
    assert (system.name, system.label, system.engine_name) == ("mine", "My engine", "command")
    assert system.pairs == (PAIR, LangPair("en", "pt-BR"))
    assert system.fallback
    assert system.limits == Limits(max_segments=1000, concurrency=3, timeout=5.0)
    assert system.price is not None
    assert (system.price.per_million_characters, system.price.currency) == (20.0, "EUR")
    assert system.folder == systems / "mine"


def test_what_is_left_out_is_the_engines_default_or_unknown(systems: Path) -> None:
    system = load_system(put(systems, "plain", 'engine = "copy"'))
    assert system.label == "plain"
    assert system.limits == system.engine.limits
    assert (system.pairs, system.fallback, system.price) == ((), False, None)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('engine = "aprtium"', "x.toml: key 'engine': unknown engine 'aprtium'", "did you mean 'apertium'"),
        ('engin = "copy"', "x.toml: unknown key 'engin'", "did you mean 'engine'"),
        (
            'engine = "apertium"\n[options]\nmodle = "eng-spa"',
            "x.toml [options]: unknown key 'modle'",
            "did you mean 'mode'",
        ),
        ('engine = "apertium"\n[options]\nmode = "eng-spa; ls"', "x.toml [options]: key 'mode'", ""),
        ('engine = "apertium"\n[options]\npivot = ["ca", "?"]', "'?' is not a language tag", ""),
        ('engine = "apertium"\n[options]\npivot = "ca"\nmode = "eng-spa"', "cannot be combined", ""),
        ('engine = "command"', "x.toml [options]: key 'argv' is required", ""),
        ('engine = "command"\n[options]\nargv = []', "x.toml [options]: key 'argv'", ""),
        ('engine = "copy"\npairs = ["en"]', "x.toml: key 'pairs': 'en' is not a language pair", "SOURCE-TARGET"),
        ('engine = "copy"\n[limits]\nconcurrency = 0', "x.toml: key 'limits.concurrency'", ""),
        ('engine = "copy"\n[price]\nper_million_characters = -1.0', "key 'price.per_million_characters'", ""),
        ('engine = "copy', "x.toml", "must be TOML"),
    ],
)
def test_every_error_names_file_and_key(systems: Path, text: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_system(put(systems, "x", text))
    assert message in str(caught.value)
    assert str(systems / "x.toml") in str(caught.value)
    assert hint in caught.value.hint


@pytest.mark.parametrize("name", ["-x", "_x", "a b", "ä", "a.b", "x\n"])
def test_names_that_could_not_be_typed_or_stored_are_refused(systems: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="is not a valid system name"):
        load_system(put(systems, name, 'engine = "copy"'))


def test_a_folder_gives_its_systems_by_name(systems: Path) -> None:
    for name in ("b", "a", "c-1_X"):
        put(systems, name, 'engine = "copy"')
    (systems / "README.md").write_text("not a system")
    assert [system.name for system in load_systems(systems)] == ["a", "b", "c-1_X"]


def test_only_opens_nothing_else(systems: Path) -> None:
    put(systems, "a", 'engine = "copy"')
    put(systems, "broken", "engine = ")
    assert [system.name for system in load_systems(systems, ["a", "a"])] == ["a"]
    with pytest.raises(ConfigError):
        load_systems(systems)
    with pytest.raises(UsageError, match="unknown system 'brokn'") as caught:
        load_systems(systems, ["a", "brokn"])
    assert "did you mean 'broken'" in caught.value.hint


def test_names_that_differ_in_case_only(systems: Path) -> None:
    put(systems, "MT", 'engine = "copy"')
    put(systems, "mt", 'engine = "copy"')
    if len(list(systems.iterdir())) < 2:
        pytest.skip("this file system does not tell them apart")
    with pytest.raises(ConfigError, match="differ in more than case"):
        load_systems(systems, ["mt"])


def test_no_folder_and_no_system(systems: Path) -> None:
    with pytest.raises(UsageError, match="is not a folder"):
        load_systems(systems / "none")
    with pytest.raises(UsageError, match="no system in"):
        load_systems(systems)


def test_a_live_engine_answers_live(systems: Path) -> None:
    system = load_system(put(systems, "copy", 'engine = "copy"\npairs = ["en-es"]'))
    resolved = system.resolve(PAIR)
    assert (resolved.engine, resolved.origin, resolved.reason) == (system.engine, "live", "")
    with pytest.raises(Unsupported, match="copy only translates en-es"):
        system.resolve(LangPair("de", "en"))


def test_recorded_outputs_stand_in_for_an_engine_that_is_not_here(systems: Path) -> None:
    system = load_system(put(systems, "mine", FULL))
    with pytest.raises(EngineUnavailable, match="no program 'no-such-program' on PATH"):
        system.resolve(PAIR)
    recorded = systems / "mine" / "en-es"
    recorded.mkdir(parents=True)
    (recorded / "recorded.toml").write_text('engine = "mt"\nversion = "7"\ndate = 2026-11-23\n')
    resolved = system.resolve(PAIR)
    assert isinstance(resolved.engine, RecordedEngine)
    assert resolved.limits == resolved.engine.limits
    assert resolved.origin == "recorded 2026-11-23, mt 7"
    assert resolved.reason == "no program 'no-such-program' on PATH"


def test_without_fallback_recorded_outputs_do_not_stand_in(systems: Path) -> None:
    system = load_system(put(systems, "mine", FULL.replace('fallback = "recorded"', "")))
    (systems / "mine" / "en-es").mkdir(parents=True)
    with pytest.raises(EngineUnavailable):
        system.resolve(PAIR)


def test_the_recorded_engine_tells_where_its_files_come_from(systems: Path) -> None:
    system = load_system(put(systems, "vendor", 'engine = "recorded"'))
    (systems / "vendor" / "en-es").mkdir(parents=True)
    assert system.resolve(PAIR).origin == "recorded"
    (systems / "vendor" / "en-es" / "recorded.toml").write_text('engine = "agency"\ndate = 2026-01-02\n')
    assert system.resolve(PAIR).origin == "recorded 2026-01-02, agency"
    with pytest.raises(Unsupported):
        system.resolve(LangPair("de", "en"))


def test_the_worked_example_loads() -> None:
    folder = Path(__file__).resolve().parents[2] / "systems"
    found = {system.name: system for system in load_systems(folder)}
    assert {"copy", "apertium-en-es", "apertium-en-ca-es", "example-careful"} <= found.keys()
    for name, system in found.items():
        if name.startswith("example-"):
            assert "example" in system.label
            assert system.resolve(LangPair("de", "en")).origin.startswith("recorded")
