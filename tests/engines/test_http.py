from __future__ import annotations

from pathlib import Path

import pytest

from harness.engines.interface import RemoteEngine
from harness.engines.services.http import HttpEngine
from harness.errors import BadOutput, ConfigError, Garbled, RateLimited
from harness.pipeline import execute
from harness.store.cache.answers import Cache
from harness.testing import batch_of
from harness.translation.planning import plan_run
from harness.translation.request import RunRequest
from harness.types import Failed, LangPair, Translated
from harness.workspace.folder import open_workspace
from harness.workspace.progress import Silent
from tests.engines import remote
from tests.engines.every_service import *  # noqa: F403 - what every service has to pass
from tests.loopback import Loopback, Response, Seen
from tests.vendors.base import KEY
from tests.vendors.http import VENDOR
from tests.workspace import write_article, write_system

PAIR = LangPair("de", "en")
pytestmark = pytest.mark.usefixtures("vendor")


def engine_of(**options: object) -> HttpEngine:
    engine: HttpEngine = remote.build(VENDOR, {"url": remote.NOWHERE, "response": "text", **options})
    return engine


@pytest.mark.parametrize("fault", VENDOR.faults)
def test_faults(fault: str) -> None:
    remote.check_fault(VENDOR, fault)


def test_a_batch_as_objects() -> None:
    _, seen = remote.exchange(VENDOR, ["Eins", "Zwei"], pair=LangPair("de", "pt-BR"))
    assert seen.method == "POST"
    assert seen.path == "/de/pt-BR"
    assert seen.headers["Authorization"] == f"Bearer {KEY}"
    assert seen.json == {"items": [{"text": "Eins"}, {"text": "Zwei"}], "to": "pt-BR"}


def test_a_batch_as_a_list() -> None:
    with Loopback(lambda seen: Response.of([*seen.json["q"]])) as server:
        engine = engine_of(
            url=server.url, body={"q": "{texts}", "deep": [{"to": "{target}"}, 3]}, response="@", batch=True
        )
        replies = remote.translate(engine, PAIR, remote.NASTY)
        (seen,) = server.ledger
    assert remote.texts(replies) == list(remote.NASTY)
    assert seen.json == {"q": list(remote.NASTY), "deep": [{"to": "en"}, 3]}


def test_one_text_at_a_time_in_the_query() -> None:
    """The text is quoted, what the address already asks for stays, and no body is sent."""
    with Loopback(lambda seen: Response.of({"text": seen.path})) as server:
        engine = engine_of(
            url=f"{server.url}/get?v=2", method="GET", query={"q": "{text}", "pair": "{source}|{target}"}
        )
        replies = remote.translate(engine, PAIR, ["a&b=ü"])
        (seen,) = server.ledger
    assert seen.method == "GET"
    assert seen.body == b""
    assert remote.texts(replies) == ["/get?v=2&q=a%26b%3D%C3%BC&pair=de%7Cen"]


def test_one_text_at_a_time_in_the_path() -> None:
    with Loopback(lambda seen: Response.of({"text": seen.path})) as server:
        replies = remote.translate(engine_of(url=server.url + "/{target}/{text}"), PAIR, ["a/b?c#d", "x"])
    assert remote.texts(replies) == ["/en/a%2Fb%3Fc%23d", "/en/x"]


def test_languages_may_have_other_names() -> None:
    with Loopback(lambda seen: Response.of({"text": seen.json["to"]})) as server:
        engine = engine_of(url=server.url, body={"q": "{text}", "to": "{target}"}, languages={"zh-Hant": "zh-TW"})
        assert remote.texts(remote.translate(engine, LangPair("en", "zh-Hant"), ["x"])) == ["zh-TW"]


def test_what_was_filled_in_is_not_filled_again() -> None:
    source = '{target} ${env:EXAMPLE_MT_KEY} {texts} " \\ }'
    with Loopback(lambda seen: Response.of({"text": seen.json["q"]})) as server:
        engine = engine_of(url=server.url, body={"q": "<{text}>"}, headers={"X-Key": "${env:EXAMPLE_MT_KEY}"})
        assert remote.texts(remote.translate(engine, PAIR, [source])) == [f"<{source}>"]


def test_secrets_in_address_and_query() -> None:
    with Loopback(lambda seen: Response.of({"text": seen.path})) as server:
        query = {"q": "{text}", "r": "${env:EXAMPLE_MT_KEY}"}
        engine = engine_of(url=server.url + "/a?k=${env:EXAMPLE_MT_KEY}", query=query)
        assert remote.texts(remote.translate(engine, PAIR, ["${env:EXAMPLE_MT_KEY}"])) == [
            f"/a?k={KEY}&q=%24%7Benv%3AEXAMPLE_MT_KEY%7D&r={KEY}"
        ]
    assert KEY not in f"{vars(engine)}{engine.identity(PAIR)}"
    assert engine.identity(PAIR).options["query"] == {"q": "{text}", "r": ""}


def test_secrets_in_body_and_headers_stay_out_of_the_identity() -> None:
    with Loopback(lambda seen: Response.of({"text": f"{len(seen.json['auth']['key'])} {seen.json['q']}"})) as server:
        body = {"q": "{text}", "auth": {"key": "${env:EXAMPLE_MT_KEY}"}}
        engine = engine_of(url=server.url, body=body)
        source = "${env:EXAMPLE_MT_KEY}"
        assert remote.texts(remote.translate(engine, PAIR, [source])) == [f"{len(KEY)} {source}"]
    assert engine.key_variables == ("EXAMPLE_MT_KEY",)
    assert engine.identity(PAIR).options["body"] == {"q": "{text}", "auth": {"key": ""}}
    assert KEY not in f"{vars(engine)}{engine.identity(PAIR)}"
    engine = engine_of(body={"q": "{text}"}, headers={"X-Key": "k ${env:EXAMPLE_MT_KEY}", "X-Model": "big"})
    assert isinstance(engine, RemoteEngine)
    assert engine.key_variables == ("EXAMPLE_MT_KEY",)
    assert engine.identity(PAIR).options["headers"] == {"X-Model": "big"}
    assert KEY not in f"{vars(engine)}{engine.identity(PAIR)}"


@pytest.mark.parametrize(
    "options",
    [
        {"url": f"{remote.NOWHERE}/?v=1&api_key=sk-live-1234567890abcdef"},
        {"query": {"token": "abcdefgh12345678"}},
        {"query": {"X-Amz-Signature": "abcdefgh12345678"}},
        {"body": {"q": "{text}", "auth": [{"app_secret": "abcdefgh12345678"}]}},
    ],
)
def test_a_key_that_is_written_out_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="looks like a key") as caught:
        engine_of(**{"body": {"q": "{text}"}, **options})
    assert "12345678" not in str(caught.value)


def test_what_is_no_key_may_be_written_out() -> None:
    body = {"q": "{text}", "max_tokens": 512, "key": "translations", "token": "${env:EXAMPLE_MT_KEY}-suffix-123456"}
    assert engine_of(body=body, query={"keyboard": "qwertyuiop123456789"}, url=f"{remote.NOWHERE}/?key={{source}}")


def test_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EXAMPLE_MT_KEY")
    remote.check_no_key(remote.make(VENDOR), PAIR, "EXAMPLE_MT_KEY")


def test_everything_that_is_sent_is_part_of_the_identity() -> None:
    def identity(**options: object) -> str:
        return str(engine_of(**{"body": {"q": "{text}"}, **options}).identity(PAIR))

    same = identity(errors={"418": "quota"})
    assert same == identity()
    different = {
        identity(url="http://127.0.0.1:2"),
        identity(body={"q": "{text}", "formal": True}),
        identity(query={"v": "2"}),
        identity(headers={"X-Model": "big"}),
        identity(response="other"),
        identity(languages={"en": "eng"}),
        identity(version="2"),
    }
    assert len(different | {same}) == 8


@pytest.mark.parametrize("answer", [{"other": "x"}, {"text": None}, {"text": 3}, {"text": {"a": "b"}}, [], "x", None])
def test_a_path_that_finds_no_text(answer: object) -> None:
    with Loopback(lambda seen: Response.of(answer)) as server:
        error = remote.error_of(engine_of(url=server.url, body={"q": "{text}"}), PAIR, ["x"])
    assert type(error) is Garbled
    assert "'text'" in str(error)


def test_a_missing_translation_is_not_skipped() -> None:
    with Loopback(lambda seen: Response.of({"t": [{"text": "a"}, {}, {"text": "c"}]})) as server:
        engine = engine_of(url=server.url, body={"q": "{texts}"}, response="t[*].text", batch=True)
        (reply,) = remote.translate(engine, PAIR, ["1", "2", "3"])
        assert [isinstance(answer, Translated) for answer in reply.answers] == [True, False, True]
        engine = engine_of(url=server.url, body={"q": "{texts}"}, response="t[?text].text", batch=True)
        error = remote.error_of(engine, PAIR, ["1", "2", "3"])
    assert type(error) is BadOutput
    assert "2 translations for 3 texts" in str(error)


def test_statuses_may_mean_something_else_here() -> None:
    answer = Response.of({"message": "come back"}, 503, Retry_After="7")
    with Loopback(lambda seen: answer) as server:
        engine = engine_of(url=server.url, body={"q": "{text}"}, errors={"503": "rate_limited"})
        error = remote.error_of(engine, PAIR, ["x"])
    assert type(error) is RateLimited
    assert error.retry_after == 7.0
    assert "come back" in str(error)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"body": {"q": "{texts}"}}, "batch = true"),
        ({"body": {"q": "x {texts}"}, "batch": True}, "whole value"),
        ({"body": {"q": "{text}"}, "batch": True}, "list of one item"),
        ({"body": {"q": ["{text}"], "first": "{text}"}, "batch": True}, "list of one item"),
        ({"body": {"to": "{target}"}}, "{text}"),
        ({"body": {"to": "{target}"}, "batch": True}, "{texts}"),
        ({"query": {"q": "{texts}"}, "batch": True}, "body"),
        ({"body": {"q": "{text}"}, "response": "a["}, "JMESPath"),
        ({"body": {"q": "{text}"}, "method": "GET"}, "query"),
        ({"body": {"q": "{text}"}, "method": "DELETE"}, "method"),
        ({"body": {"q": "{text}"}, "errors": {"400": "oops"}}, "errors.400"),
        ({"body": {"q": "{text}", "at": object()}}, "JSON"),
        ({"body": {"q": "{text}"}, "url": "file:///etc/passwd"}, "url"),
        ({"body": {"q": "{text}"}, "url": "http://x:port"}, "url"),
        ({"body": {"q": "{text}"}, "url": "http://${env:HOST}/"}, "the host must not be a variable"),
        ({"body": {"q": "{text}"}, "url": "http://mt.example:${env:PORT}/"}, "the host must not be a variable"),
    ],
)
def test_templates_that_cannot_work(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        engine_of(**options)
    assert message in str(caught.value)


def test_the_key_has_its_own_place() -> None:
    options = {"url": remote.NOWHERE, "body": {"q": "{text}"}, "response": "text"}
    with pytest.raises(ConfigError, match="api_key_env"):
        remote.build(VENDOR, options, "MY_KEY")


def test_the_worst_is_the_source() -> None:
    assert engine_of(body={"q": "{text}"}).worst_usage(batch_of(["Straße"], PAIR)) == {"characters": 6}


def test_an_expression_that_fails_on_one_answer_fails_one_segment(tmp_path: Path) -> None:
    """A function that one answer has no argument for."""

    def answer(seen: Seen) -> Response:
        return Response.of({"t": None if "zwei" in seen.json["q"] else f"EN {seen.json['q']}"})

    write_article(tmp_path, "one", [("eins", "one"), ("zwei", "two"), ("drei", "three")])
    with Loopback(answer) as server:
        options = f'url = "{server.url}"\nresponse = "join(\'\', [t])"\nbody = {{ q = "{{text}}" }}\n'
        write_system(tmp_path, "x", f'engine = "http"\n[options]\n{options}')
        place = open_workspace(tmp_path)
        with Cache.open(place.cache) as cache:
            run = execute(plan_run(place, RunRequest(metrics=("chrf",)), cache), cache, Silent())
    first, second, third = run.pairs[0].systems[0].outcomes
    assert (first, third) == (Translated("EN eins"), Translated("EN drei"))
    assert isinstance(second, Failed)
    assert "join" in second.error
