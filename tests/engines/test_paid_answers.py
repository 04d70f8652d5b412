"""A success is paid for: nothing beside the translations costs them, and one that is missing costs itself only."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import BadOutput, Declined, Garbled, Transient
from harness.types import Failed, Translated
from harness.workspace.languages import parse_pair
from tests.cli.conftest import Shell, harness
from tests.engines import remote
from tests.loopback import Handler, Loopback, Response, Seen
from tests.vendors.base import Vendor, all_vendors, shout
from tests.workspace import write_article, write_system

__all__ = ["harness"]

ODD: tuple[object, ...] = (7, -1, 12.5, "x", [], {}, [1], {"a": 1}, None, True, "", 10**400)


def changed(vendor: Vendor, change: Callable[[Any], None]) -> Handler:
    """The documented success, with something changed."""

    def handler(seen: Seen) -> Response:
        whole = vendor.success(seen, shout)
        data = json.loads(whole.body)
        change(data)
        return Response(200, json.dumps(data).encode(), whole.headers)

    return handler


def put(path: str, value: object) -> Callable[[Any], None]:
    """Set, or with ``...`` delete, what stands at a path such as ``choices.0.finish_reason``."""

    def change(data: Any) -> None:
        *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
        for step in steps:
            data = data[step]
        if value is ...:
            data.pop(last, None)
        else:
            data[last] = value

    return change


METADATA = {
    "openai": ("id", "model", "usage", "error", "usage.prompt_tokens", "usage.prompt_tokens_details", "created",
               "choices.0.finish_reason", "choices.0.native_finish_reason"),
    "anthropic": ("id", "model", "usage", "usage.input_tokens", "usage.cache_read_input_tokens", "stop_reason",
                  "stop_details", "role"),
    "gemini": ("responseId", "modelVersion", "usageMetadata", "usageMetadata.promptTokenCount", "promptFeedback",
               "candidates.0.finishReason"),
    "deepl": ("translations.0.billed_characters", "translations.0.detected_source_language",
              "translations.0.model_type_used"),
    "azure": ("value.0.translations.0.sourceCharacters", "value.0.detectedLanguage"),
    "bedrock": ("usage", "usage.inputTokens", "usage.cacheReadInputTokens", "metrics", "metrics.latencyMs",
                "stopReason", "output.message.role"),
    "google": ("translations.0.model", "translations.0.detectedLanguageCode"),
    "modernmt": ("status", "data.0.billedCharacters"),
    "alibaba": ("Code", "Message", "RequestId", "TranslatedList.0.wordCount", "TranslatedList.0.code"),
    "tencent": ("Response.RequestId", "Response.UsedAmount", "Response.Source", "Response.Target", "Response.Error"),
}  # fmt: skip


@pytest.mark.parametrize(("engine", "path"), [(engine, path) for engine, paths in METADATA.items() for path in paths])
def test_unreadable_metadata_voids_nothing(engine: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = remote.with_keys(all_vendors()[engine], monkeypatch)
    # Each path meets other oddities, and all of them are met.
    start = sum(map(ord, engine + path))
    values = [ODD[(start + step) % len(ODD)] for step in (0, 4, 8)]
    for value in (*values, ...):
        reply, _ = remote.exchange(vendor, ("Eins", "Zwei"), handler=changed(vendor, put(path, value)))
        assert remote.texts([reply]) == [shout("Eins"), shout("Zwei")], value
        assert all(isinstance(number, int) and number >= 0 for number in reply.receipt.usage.values())
        assert isinstance(reply.receipt.model, str)
        assert isinstance(reply.receipt.request_id, str)


RAW = ("9" * 5000, "-" + "9" * 5000, "1e999", "NaN", "-Infinity", '"\\ud800"', "[" * 150 + "]" * 150)
"""What a JSON number or string can be, and strict readers refuse."""

VENDORS = [name for name, vendor in all_vendors().items() if not vendor.missing()]


@pytest.mark.parametrize("engine", VENDORS)
def test_no_reader_is_too_strict_for_what_is_paid(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fields that nobody asked for may hold what they like, in the answer of every service."""
    vendor = remote.with_keys(all_vendors()[engine], monkeypatch)
    fields = {f"field_{number}": f"?{number}?" for number in range(len(RAW))}

    def handler(seen: Seen) -> Response:
        whole = vendor.success(seen, shout)
        data = json.loads(whole.body)
        if not vendor.sources(seen) or not isinstance(data, dict):
            return whole
        text = json.dumps({**fields, **data})
        for number, raw in enumerate(RAW):
            text = text.replace(f'"?{number}?"', raw)
        return Response(200, text.encode(), whole.headers)

    with Loopback(handler) as server:
        replies = remote.translate(remote.make(vendor, server.url), parse_pair(vendor.pair), ("Eins",))
    assert remote.texts(replies) == [shout("Eins")]


@pytest.mark.parametrize("engine", ["openai", "anthropic", "gemini"])
def test_half_a_character_costs_its_own_text(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = remote.with_keys(all_vendors()[engine], monkeypatch)

    def broken(data: Any) -> None:
        *steps, last = TEXTS[engine].split(".")
        for step in steps:
            data = data[int(step) if step.isdigit() else step]
        data[last] = data[last].replace("Zwei", "\\ud83d")

    reply, _ = remote.exchange(vendor, ("Eins", "Zwei"), handler=changed(vendor, broken))
    assert remote.texts([reply]) == [shout("Eins"), shout("\ud83d")], "the runner fails the one that cannot be kept"


REASONS = {
    "openai": ("choices.0.finish_reason", {"length": BadOutput, "content_filter": Declined, "error": Transient,
                                           "insufficient_system_resource": Transient, "tool_calls": BadOutput}),
    "anthropic": ("stop_reason", {"max_tokens": BadOutput, "refusal": Declined, "pause_turn": BadOutput}),
    "gemini": ("candidates.0.finishReason", {"MAX_TOKENS": BadOutput, "SAFETY": Declined, "OTHER": BadOutput}),
}  # fmt: skip
TEXTS = {
    "openai": "choices.0.message.content",
    "anthropic": "content.0.text",
    "gemini": "candidates.0.content.parts.0.text",
}


@pytest.mark.parametrize(
    ("engine", "reason", "expected"),
    [(engine, reason, kind) for engine, (_, kinds) in REASONS.items() for reason, kind in kinds.items()],
)
def test_a_reason_to_stop_counts_only_where_something_is_missing(
    engine: str, reason: str, expected: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = remote.with_keys(all_vendors()[engine], monkeypatch)
    stop = put(REASONS[engine][0], reason)
    reply, _ = remote.exchange(vendor, ("Eins", "Zwei"), handler=changed(vendor, stop))
    assert remote.texts([reply]) == [shout("Eins"), shout("Zwei")]

    def cut_off(data: Any) -> None:
        stop(data)
        put(TEXTS[engine], '{"translations": [{"id": 1, "te')(data)

    assert type(remote.error_from(vendor, changed(vendor, cut_off))) is expected


MISSING = {
    "http": "data.translations.1.text",
    "libretranslate": "translatedText.1",
    "deepl": "translations.1.text",
    "azure": "value.1.translations.0.text",
    "yandex": "translations.1.text",
    "modernmt": "data.1.translation",
    "alibaba": "TranslatedList.1.translated",  # they come in the opposite order
    "tencent": "Response.TargetTextList.1",
}


@pytest.mark.parametrize("engine", MISSING)
def test_one_text_that_is_missing_costs_itself(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = remote.with_keys(all_vendors()[engine], monkeypatch)
    for value in (None, 3) if engine != "azure" else (None,):
        handler = changed(vendor, put(MISSING[engine], value))
        reply, _ = remote.exchange(vendor, ("Eins", "Zwei", "Drei"), handler=handler)
        first, second, third = reply.answers
        assert (first, third) == (Translated(shout("Eins")), Translated(shout("Drei")))
        assert isinstance(second, Failed)


def workspace(root: Path, url: str, extra: str = "", count: int = 8) -> None:
    write_article(root, "a", [(f"Satz Nummer {number}.", f"Reference {number}.") for number in range(count)])
    limits = "[limits]\nrequests_per_second = 1000.0\nconcurrency = 1\n"
    text = (
        f'engine = "http"\n[options]\nurl = "{url}"\nbody = {{ q = ["{{text}}"] }}\nresponse = "t"\n{extra}\n{limits}'
    )
    write_system(root, "x", text)


def test_a_fixed_wrong_shape_is_not_bought_again_and_again(tmp_path: Path, harness: Shell) -> None:
    with Loopback(lambda seen: Response.of({"answer": seen.json["q"]})) as server:
        workspace(tmp_path, server.url, count=40)
        done = harness("run", "-C", tmp_path, "--ignore-lint", "--metric", "chrf", "-q")
        assert done.code == 3
        assert "cannot be read" in done.err + done.out
    assert 2 <= len(server.ledger) <= 6, "at most three batches, twice each"


def test_one_unreadable_answer_is_asked_again(tmp_path: Path, harness: Shell) -> None:
    def handler(seen: Seen) -> Response:
        broken = len(server.ledger) == 3
        return Response.of({"t": None if broken else [text.upper() for text in seen.json["q"]]})

    with Loopback(handler) as server:
        workspace(tmp_path, server.url)
        assert harness("run", "-C", tmp_path, "--ignore-lint", "--metric", "chrf", "-q").code == 0
    assert len(server.ledger) == 9


def test_texts_that_go_one_by_one_are_kept_one_by_one(tmp_path: Path, harness: Shell) -> None:
    def handler(seen: Seen) -> Response:
        (text,) = seen.json["q"]
        return Response.of({"message": "no"}, 400) if "7" in text else Response.of({"t": [text.upper()]})

    with Loopback(handler) as server:
        workspace(tmp_path, server.url)
        path = tmp_path / "systems" / "x.toml"
        path.write_text(path.read_text(encoding="utf-8") + "max_segments = 50\n", encoding="utf-8")
        assert harness("run", "-C", tmp_path, "--ignore-lint", "--metric", "chrf", "-q").code == 3
        assert len(server.ledger) == 8
        assert harness("run", "-C", tmp_path, "--ignore-lint", "--metric", "chrf", "-q").code == 3
        assert len(server.ledger) == 9, "only the one that failed"


def test_billed_refusals_are_remembered_until_they_are_forgotten(tmp_path: Path, harness: Shell) -> None:
    def handler(seen: Seen) -> Response:
        sent = json.loads(seen.json["messages"][-1]["content"])["segments"]
        message = (
            {"refusal": "I will not."}
            if "3" in sent[0]["text"]
            else {"content": json.dumps({"translations": [{"id": 1, "text": sent[0]["text"].upper()}]})}
        )
        usage = {"prompt_tokens": 300, "completion_tokens": 5}
        return Response.of({"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage})

    with Loopback(handler) as server:
        write_article(tmp_path, "a", [(f"Satz Nummer {number}.", f"Reference {number}.") for number in range(6)])
        options = f'model = "m"\nendpoint = "{server.url}/v1"\nbatch = 1\n'
        write_system(tmp_path, "x", f'engine = "openai"\n[options]\n{options}')
        run = ("run", "-C", tmp_path, "--ignore-lint", "--metric", "chrf", "-q")
        first = harness(*run)
        assert len(server.ledger) == 6
        again = harness(*run, "--format", "json")
        assert len(server.ledger) == 6
        assert first.code == again.code
        assert "prune --refusals" in again.out
        assert "paid refusals\t1" in harness("cache", "stats", "-C", tmp_path).out
        assert "\t6\t6\t0\t" in harness("run", "-C", tmp_path, "--ignore-lint", "--metric", "chrf", "--dry-run").out
        assert harness("cache", "prune", "-C", tmp_path, "--refusals").code == 0
        harness(*run)
        assert len(server.ledger) == 7


def test_a_shape_that_is_none_is_garbled(monkeypatch: pytest.MonkeyPatch) -> None:
    for engine in ("http", "libretranslate", "deepl"):
        vendor = remote.with_keys(all_vendors()[engine], monkeypatch)
        error = remote.error_from(vendor, lambda seen: Response.of({"something": "else"}))
        assert type(error) is Garbled
        assert error.charged
