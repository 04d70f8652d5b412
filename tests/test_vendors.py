"""Every service through the whole command line, against a loopback server with its documented shapes and faults."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from harness.store.runs.directory import list_runs, load_run
from harness.translation import patience
from harness.types import Failed, Outcome, Refused, Translated
from tests.cli.conftest import Finished, Shell, harness
from tests.loopback import Loopback, Response, Seen
from tests.vendors.base import KEY, Vendor, all_vendors, shout
from tests.workspace import write_article, write_system

__all__ = ["harness"]

VENDORS = all_vendors()

NASTY = [
    "Straße, Größe, Fuß & Maß.",
    "Emoji 😀👩‍👩‍👧 und e\u0301 kombiniert.",
    "مرحبا بالعالم",
    "Tom &amp; Jerry <b>fett</b> &lt;kein Tag&gt;",
    "Er sagte: \"Ja\", dann 'nein' und \\n.",
    "Tab\thier und {platz} %d ${x}",
    " Ein Leerzeichen davor",
]

PLAIN = ["Eins.", "Zwei.", "Drei.", "Vier.", "Fünf.", "Sechs."]

ATTEMPTS = 3


@dataclass
class Scene:
    """A workspace with one service, and what came of running it."""

    root: Path
    vendor: Vendor
    shell: Shell
    finished: list[Finished] = field(default_factory=list)
    port: int = 0
    """Every run has the same address: for some engines it is part of the identity."""

    def run(self, handler: Callable[[Seen], Response], sources: Sequence[str] = PLAIN, limits: str = "") -> Loopback:
        write_article(
            self.root,
            "one",
            [(source, f"Reference {number}.") for number, source in enumerate(sources)],
            self.vendor.pair,
        )
        with Loopback(handler, self.port) as server:
            self.port = server.port
            settings = {"concurrency": "1", "attempts": str(ATTEMPTS), "max_segments": "3", "timeout": "5"}
            for line in f"{self.vendor.limits}\n{limits}".splitlines():
                if line.strip():
                    name, _, value = line.partition("=")
                    settings[name.strip()] = value.strip()
            table = "".join(f"{name} = {value}\n" for name, value in settings.items())
            text = (
                f'engine = "{self.vendor.engine}"\n{self.vendor.extra}\n[options]\n{self.vendor.options(server.url)}\n'
            )
            write_system(self.root, "service", f"{text}\n[limits]\n{table}")
            self.finished.append(self.shell("run", "-C", self.root, "--ignore-lint", "--metric", "chrf"))
        return server

    @property
    def code(self) -> int:
        return self.finished[-1].code

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        newest = max(list_runs(self.root / "reports" / "runs"), key=lambda path: (path / "run.json").stat().st_mtime_ns)
        (system,) = load_run(newest).pairs[0].systems
        return system.outcomes

    @property
    def texts(self) -> list[str]:
        return [
            outcome.text if isinstance(outcome, Translated) else type(outcome).__name__ for outcome in self.outcomes
        ]

    def translations(self, server: Loopback) -> list[Seen]:
        return [seen for seen in server.ledger if self.vendor.sources(seen)]

    def assert_no_secret_anywhere(self) -> None:
        for path in self.root.rglob("*"):
            assert not path.is_file() or KEY.encode() not in path.read_bytes(), path
        for finished in self.finished:
            assert KEY not in finished.out + finished.err


@pytest.fixture(params=sorted(VENDORS))
def scene(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harness: Shell) -> Scene:
    vendor = VENDORS[request.param]
    vendor.needs()
    for name, value in vendor.environment.items():
        monkeypatch.setenv(name, value)
    return Scene(tmp_path, vendor, harness)


def fine(scene: Scene) -> Callable[[Seen], Response]:
    return lambda seen: scene.vendor.success(seen, shout)


def first(scene: Scene, fault: Callable[[Seen], Response], times: int = 1) -> Callable[[Seen], Response]:
    """The fault for the first requests for translation, success afterwards."""
    left = [times]

    def handler(seen: Seen) -> Response:
        if scene.vendor.sources(seen) and left[0]:
            left[0] -= 1
            return fault(seen)
        return scene.vendor.success(seen, shout)

    return handler


def fault_of(scene: Scene, name: str) -> Callable[[Seen], Response]:
    if name not in scene.vendor.faults:
        pytest.skip(f"{scene.vendor.engine} cannot have the fault: {name}")
    return scene.vendor.faults[name]


def one_at_a_time(scene: Scene, server: Loopback) -> bool:
    return all(len(scene.vendor.sources(seen)) == 1 for seen in scene.translations(server))


def test_success_and_nothing_is_asked_twice(scene: Scene) -> None:
    server = scene.run(fine(scene), NASTY)
    assert scene.code == 0, scene.finished[-1].err
    assert scene.texts == [shout(source) for source in NASTY]
    seen = [source for request in scene.translations(server) for source in scene.vendor.sources(request)]
    assert sorted(seen) == sorted(NASTY)
    again = scene.run(lambda seen: Response(500), NASTY)
    assert again.ledger == []
    assert scene.code == 0
    scene.assert_no_secret_anywhere()


@pytest.mark.parametrize("name", ["rate limited", "rate limited with retry-after", "server error", "malformed"])
def test_passing_faults_are_asked_again(scene: Scene, name: str) -> None:
    server = scene.run(first(scene, fault_of(scene, name)))
    assert scene.code == 0, scene.finished[-1].err
    assert scene.texts == [shout(source) for source in PLAIN]
    batches = len(PLAIN) if one_at_a_time(scene, server) else 2
    if name != "malformed":
        assert len(scene.translations(server)) == batches + 1
    scene.assert_no_secret_anywhere()


def test_a_dropped_connection_and_a_slow_answer_are_asked_again(scene: Scene) -> None:
    dropped = scene.run(first(scene, lambda seen: replace(scene.vendor.success(seen, shout), drop=True)))
    assert scene.code == 0, scene.finished[-1].err
    assert scene.texts == [shout(source) for source in PLAIN]
    assert len(scene.translations(dropped)) > len(dropped.answered) - len(dropped.ledger) + 1
    slow = [f"{source} Langsam." for source in PLAIN]
    scene.run(first(scene, lambda seen: replace(scene.vendor.success(seen, shout), delay=1.5)), slow, "timeout = 0.7")
    assert scene.code == 0, scene.finished[-1].err
    assert scene.texts == [shout(source) for source in slow]


def test_a_fault_that_stays_ends_after_the_attempts(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 60.0)  # the batch gives up, not the system, however slow the machine
    server = scene.run(first(scene, fault_of(scene, "server error"), times=ATTEMPTS))
    assert scene.code == 3
    failed = [outcome for outcome in scene.outcomes if isinstance(outcome, Failed)]
    assert len(failed) == (1 if one_at_a_time(scene, server) else 3)
    assert all(f"attempt {ATTEMPTS}" in outcome.error for outcome in failed)
    again = scene.run(fine(scene))
    assert scene.code == 0
    asked = [source for seen in scene.translations(again) for source in scene.vendor.sources(seen)]
    assert len(asked) == len(failed)


@pytest.mark.parametrize("name", ["wrong count", "wrong order", "truncated"])
def test_answers_that_do_not_fit_are_asked_for_in_smaller_batches(scene: Scene, name: str) -> None:
    fault = fault_of(scene, name)

    def handler(seen: Seen) -> Response:
        return fault(seen) if len(scene.vendor.sources(seen)) > 1 else scene.vendor.success(seen, shout)

    server = scene.run(handler)
    assert scene.code == 0, scene.finished[-1].err
    assert scene.texts == [shout(source) for source in PLAIN]
    if not one_at_a_time(scene, server):
        assert max(len(scene.vendor.sources(seen)) for seen in scene.translations(server)) == 3


@pytest.mark.parametrize("name", ["quota exhausted", "bad key", "unsupported pair"])
def test_fatal_faults_stop_the_engine_and_keep_what_is_finished(scene: Scene, name: str) -> None:
    fault = fault_of(scene, name)
    before = [0]

    def handler(seen: Seen) -> Response:
        if scene.vendor.sources(seen):
            before[0] += 1
            return scene.vendor.success(seen, shout) if before[0] == 1 else fault(seen)
        return scene.vendor.success(seen, shout)

    server = scene.run(handler)
    assert scene.code == 3
    done = [outcome for outcome in scene.outcomes if isinstance(outcome, Translated)]
    assert len(done) == len(scene.vendor.sources(scene.translations(server)[0]))
    assert len(scene.translations(server)) == 2
    assert "stopped" in scene.finished[-1].err
    scene.assert_no_secret_anywhere()


def test_a_text_that_is_too_long_fails_alone(scene: Scene) -> None:
    fault = fault_of(scene, "too long")

    def handler(seen: Seen) -> Response:
        if any("Drei" in source for source in scene.vendor.sources(seen)):
            return fault(seen)
        return scene.vendor.success(seen, shout)

    scene.run(handler)
    assert scene.code == 3
    assert scene.texts == ["Failed" if source == "Drei." else shout(source) for source in PLAIN]


def test_a_refusal_is_that_segment_s_and_no_translation(scene: Scene) -> None:
    fault = fault_of(scene, "refusal")

    def handler(seen: Seen) -> Response:
        if any("Vier" in source for source in scene.vendor.sources(seen)):
            return fault(seen)
        return scene.vendor.success(seen, shout)

    scene.run(handler)
    assert scene.code == 3
    assert [type(outcome) for outcome in scene.outcomes] == [Translated] * 3 + [Refused] + [Translated] * 2


def test_without_the_key_the_variable_is_named_and_nothing_is_sent(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = [name for name, value in scene.vendor.environment.items() if value == KEY]
    if not secrets:
        pytest.skip(f"{scene.vendor.engine} on loopback needs no key")
    for name in secrets:
        monkeypatch.delenv(name)
    server = scene.run(fine(scene))
    assert scene.code in (0, 3)
    if scene.code == 3:
        assert scene.translations(server) == []
        shown = " ".join((scene.finished[-1].out + scene.finished[-1].err).split())
        assert any(name in shown.replace("\n", "") for name in secrets)


def test_no_vendor_is_forgotten() -> None:
    assert set(VENDORS) == {
        "alibaba", "amazon", "anthropic", "anthropic_bedrock", "anthropic_vertex", "azure", "bedrock", "deepl",
        "gemini", "gemini_vertex", "google", "http", "lara", "libretranslate", "modernmt", "openai", "openai_plain",
        "tencent", "yandex",
    }  # fmt: skip
    assert not [name for name in os.environ if KEY in os.environ[name]]
