"""``harness doctor`` on systems that ask a service: what is missing, the line that mends it, and never a key."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.engines.services.deepl import DeepLEngine
from harness.errors import EngineUnavailable
from harness.workspace.kernels import Absent
from tests.cli.conftest import Shell
from tests.workspace import small_workspace, write_system

SECRET = "not-to-be-shown-0123456789"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with a service, on a machine that has its SDK and no key."""
    small_workspace(tmp_path, articles=1, segments=2)
    write_system(tmp_path, "service", 'engine = "deepl"')
    monkeypatch.delenv("DEEPL_AUTH_KEY", raising=False)
    monkeypatch.setattr("harness.engines.keys.find_spec", lambda _: object())
    return tmp_path


def test_a_missing_key_is_named_with_its_variable(root: Path, harness: Shell) -> None:
    done = harness("doctor", "-C", root)
    assert done.code == 0
    assert "missing system service de-en: DEEPL_AUTH_KEY is not set\n" in done.out
    assert "        fix: put the key in the environment variable DEEPL_AUTH_KEY\n" in done.out


def test_the_variable_of_the_system_file_is_the_one_looked_for(
    root: Path, harness: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPL_AUTH_KEY", SECRET)
    write_system(root, "service", 'engine = "deepl"\napi_key_env = "OTHER_KEY"')
    assert "missing system service de-en: OTHER_KEY is not set\n" in harness("doctor", "-C", root).out


def test_a_missing_sdk_has_its_install_line(root: Path, harness: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.engines.keys.find_spec", lambda _: None)
    done = harness("doctor", "-C", root)
    assert "missing system service de-en: the package 'deepl' is not installed\n" in done.out
    assert "        fix: pip install 'translation-harness[deepl]'\n" in done.out


def test_a_service_that_is_ready_says_which_key_is_set_and_not_the_key(
    root: Path, harness: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPL_AUTH_KEY", SECRET)
    done = harness("doctor", "-C", root)
    assert "ok      system service de-en: live; set: DEEPL_AUTH_KEY\n" in done.out
    assert SECRET not in done.out + done.err


def test_a_key_in_a_message_is_cut_out(root: Path, harness: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def ready(self: DeepLEngine) -> None:
        raise EngineUnavailable(f"the key {SECRET} is malformed", hint=f"look at {SECRET}")

    monkeypatch.setattr(DeepLEngine, "ready", ready)
    monkeypatch.setenv("DEEPL_AUTH_KEY", SECRET)
    done = harness("doctor", "-C", root)
    assert "missing system service de-en: the key *** is malformed\n        fix: look at ***\n" in done.out
    assert SECRET not in done.out + done.err


def test_without_a_key_recorded_outputs_stand_in(root: Path, harness: Shell) -> None:
    write_system(root, "service", 'engine = "deepl"\nfallback = "recorded"')
    (root / "systems" / "service" / "de-en").mkdir(parents=True)
    done = harness("doctor", "-C", root)
    assert "ok      system service de-en: recorded" in done.out
    assert "because DEEPL_AUTH_KEY is not set\n" in done.out


def test_a_system_is_only_looked_at_for_its_own_pairs(root: Path, harness: Shell) -> None:
    write_system(root, "service", 'engine = "deepl"\npairs = ["en-es"]')
    assert "system service" not in harness("doctor", "-C", root).out


def test_whether_the_kernels_are_compiled_is_said(root: Path, harness: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.workspace.kernels.library", lambda: Absent("this is why", "this mends it"))
    done = harness("doctor", "-C", root)
    assert done.code == 0
    assert "missing kernels: this is why; everything gives the same numbers, but slower\n" in done.out
    assert "        fix: this mends it\n" in done.out
    monkeypatch.setattr("harness.workspace.kernels.library", lambda: None)
    assert "ok      kernels: BLEU, chrF, TER and some checks use compiled code\n" in harness("doctor", "-C", root).out
