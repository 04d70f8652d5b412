"""One rule for the answers of every engine."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.engines.interface import Answer, Batch, Limits
from harness.engines.wire import bounded
from harness.errors import BadOutput
from harness.store.cache.answers import Cache
from harness.store.runs.directory import list_runs, load_run
from harness.translation.answers import FLOOR, settle
from harness.translation.job import Job
from harness.translation.pricing import tariff_of
from harness.translation.runner import translate
from harness.types import Failed, SystemName, Translated
from harness.workspace.progress import Silent
from tests.cli.conftest import Shell, harness
from tests.loopback import Loopback, Response, Seen
from tests.translation.engines import Upper
from tests.translation.test_attempts import go
from tests.translation.test_runner import PAIR, corpus, texts
from tests.workspace import write_article, write_system

__all__ = ["harness"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("One", "One"),
        (" One ", " One "),
        ("One\n", "One"),
        ("One\r", "One"),
        ("\r\nOne\r\n", "One"),
        ("\ufeffOne", "One"),
        ("One</s>", "One"),
        ("One<|im_end|>\n", "One"),
        ("One </s></s>", "One"),
        ("", ""),
        ("One\tTwo", "One\tTwo"),
        ("<b>One</b>", "<b>One</b>"),
    ],
)
def test_what_is_kept(text: str, kept: str) -> None:
    settled = settle(Translated(text), "Eins")
    assert isinstance(settled, Translated)
    assert settled.text == kept
    assert settled.notes == ({"dropped_marks": 1} if "</s>" in text or "<|" in text else {})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("One\nmore", "line break (U+000A)"),
        ("One\rmore", "line break (U+000D)"),
        ("One\0", "U+0000, NUL"),
        ("One\ud83d", "U+D83D, half of a character"),
        ("x" * (FLOOR + 1), f"{FLOOR + 1} characters for 4 of the source"),
    ],
)
def test_what_fails_its_segment(text: str, why: str) -> None:
    settled = settle(Translated(text), "Eins")
    assert isinstance(settled, Failed)
    assert why in settled.error
    longest = Translated("x" * FLOOR)
    assert settle(longest, "Eins") == longest


@pytest.mark.parametrize("source", ["a</s>", "a\u2028b", "a\x0cb", "\ufeffa"])
def test_what_the_source_holds_may_be_copied(source: str) -> None:
    assert settle(Translated(source), source) == Translated(source)


@pytest.mark.parametrize("text", ["One\u2028more", "One\x0bmore", "One\x85more"])
def test_what_only_some_programs_take_for_a_line_break_is_paid_for_and_stays(text: str) -> None:
    assert settle(Translated(text), "Eins") == Translated(text)


def test_what_cannot_be_kept_is_asked_for_once_more_by_itself(tmp_path: Path) -> None:
    class Breaking(Upper):
        def answers(self, batch: Batch) -> Sequence[Answer]:
            alone = len(batch.requests) == 1
            return [
                Translated(request.source.upper() if alone and request.source != "d" else f"{request.source}\nx")
                if request.source in "bd"
                else Translated(request.source.upper())
                for request in batch.requests
            ]

    engine = Breaking()
    done = go(tmp_path, engine, *"abcde", limits=Limits(max_segments=5))
    assert texts(done.outcomes) == ["A", "B", "C", "Failed", "E"]
    assert engine.asked == [*"abcde", "b", "d"]


def test_a_segment_that_is_asked_for_once_more_counts_once(tmp_path: Path) -> None:
    class Counting(Silent):
        def __init__(self) -> None:
            self.seen: list[tuple[int, int]] = []

        def update(self, task: str, done: int, total: int) -> None:
            self.seen.append((done, total))

    class Breaking(Upper):
        def answers(self, batch: Batch) -> Sequence[Answer]:
            torn = len(batch.requests) > 1
            return [Translated("B\nx" if torn and request.source == "b" else "X") for request in batch.requests]

    engine, progress = Breaking(), Counting()
    five = Limits(max_segments=5)
    job = Job(SystemName("s"), corpus(*"abc"), engine, engine.identity(PAIR), five, tariff_of(engine, None))
    with Cache.open(tmp_path / "cache.sqlite3") as cache:
        translate([job], cache, progress)
    assert progress.seen == [(0, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "identity"])
def test_bodies_are_bounded_after_they_are_unpacked(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    pack = {"gzip": gzip.compress, "deflate": zlib.compress, "identity": bytes}[encoding]
    small, large = b"x" * 1000, b"x" * 100_000
    assert bounded.read_bounded([pack(small)], encoding) == small
    monkeypatch.setattr(bounded, "MOST_BYTES", 50_000)
    with pytest.raises(BadOutput, match="MiB"):
        bounded.read_bounded([pack(large)], encoding)


def test_deflate_without_its_header_is_read_too() -> None:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    assert bounded.read_bounded([packer.compress(b"x" * 99) + packer.flush()], "deflate") == b"x" * 99


@pytest.mark.parametrize(("data", "encoding"), [(b"x", "br"), (b"no gzip", "gzip"), (b"\xff\xff\xff", "deflate")])
def test_what_cannot_be_unpacked_is_said(data: bytes, encoding: str) -> None:
    with pytest.raises(BadOutput, match="compress"):
        bounded.read_bounded([data], encoding)


def _answer(seen: Seen, body: bytes) -> Response:
    assert "br" not in seen.headers.get("Accept-Encoding", "")
    return Response(200, gzip.compress(body), {"Content-Type": "application/json", "Content-Encoding": "gzip"})


def _deepl(seen: Seen, filler: str) -> bytes:
    found = [
        {"detected_source_language": "DE", "text": f"EN {text}", "billed_characters": 1} for text in seen.json["text"]
    ]
    return json.dumps({"translations": found, "filler": filler}).encode()


def _openai(seen: Seen, filler: str) -> bytes:
    segments = json.loads(seen.json["messages"][-1]["content"])["segments"]
    found = [{"id": one["id"], "text": f"EN {one['text']}"} for one in segments if "id" in one]
    message = {"role": "assistant", "content": json.dumps({"translations": found})}
    return json.dumps(
        {"id": "x", "model": "m", "choices": [{"message": message, "finish_reason": "stop"}], "filler": filler}
    ).encode()


def _libre(seen: Seen, filler: str) -> bytes:
    return json.dumps({"translatedText": [f"EN {text}" for text in seen.json["q"]], "filler": filler}).encode()


SERVICES = {
    "deepl": ('engine = "deepl"\n[options]\nendpoint = "{url}"\n', _deepl),
    "openai": ('engine = "openai"\n[options]\nmodel = "m"\nendpoint = "{url}/v1"\n', _openai),
    "libretranslate": ('engine = "libretranslate"\n[options]\nendpoint = "{url}"\n', _libre),
}


def test_a_client_of_boto3_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    boto3 = pytest.importorskip("boto3")
    monkeypatch.setattr(bounded, "MOST_BYTES", 100_000)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    sizes = iter([10, 10_000_000])

    def answer(seen: Seen) -> Response:
        return Response.of(
            {"TranslatedText": "x" * next(sizes), "SourceLanguageCode": "de", "TargetLanguageCode": "en"}
        )

    with Loopback(answer) as server:
        client = bounded.bound_client(boto3.client("translate", region_name="us-east-1", endpoint_url=server.url))
        asked = {"Text": "x", "SourceLanguageCode": "de", "TargetLanguageCode": "en"}
        assert client.translate_text(**asked)["TranslatedText"] == "x" * 10
        with pytest.raises(BadOutput, match="more than"):
            client.translate_text(**asked)
        client.close()


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("bomb", [False, True])
def test_a_packed_answer_through_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harness: Shell, name: str, bomb: bool
) -> None:
    monkeypatch.setattr(bounded, "MOST_BYTES", 100_000)
    monkeypatch.setenv("DEEPL_AUTH_KEY", "deepl-key-0123456789")
    toml, body = SERVICES[name]
    write_article(tmp_path, "one", [("Eins.", "One.")])
    with Loopback(lambda seen: _answer(seen, body(seen, "x" * 10_000_000 if bomb else ""))) as server:
        write_system(tmp_path, "service", toml.replace("{url}", server.url) + "[limits]\nattempts = 1\n")
        harness("run", "-C", tmp_path, "--metric", "chrf")
    (outcome,) = load_run(list_runs(tmp_path / "reports" / "runs")[-1]).pairs[0].systems[0].outcomes
    if bomb:
        assert isinstance(outcome, Failed)
        assert "more than" in outcome.error
    else:
        assert outcome == Translated("EN Eins.")


def test_the_hook_reads_no_further_than_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "MOST_BYTES", 1000)
    read = 0

    class Endless:
        def __init__(self) -> None:
            self.headers = {"content-encoding": ""}

        async def aiter_raw(self):  # type: ignore[no-untyped-def]
            nonlocal read
            while True:
                read += 1
                yield b"x" * 100

    with pytest.raises(BadOutput):
        asyncio.run(bounded.bound_answer(Endless()))
    assert read == 11
