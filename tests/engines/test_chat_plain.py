"""``mode = "plain"``: what is sent, what is read, and what the identity holds; thinking, and content in parts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from harness.engines.chat import plain as chat_plain
from harness.engines.chat.answer import read_answers, read_plain, service_error
from harness.engines.interface import Receipt
from harness.errors import BadOutput, ConfigError, Declined, Unsupported
from harness.testing import batch_of, texts_of
from harness.types import LangPair, Translated
from tests.engines import remote
from tests.engines.chat_vendors import SDKS, VENDORS, make
from tests.loopback import Response, Seen
from tests.vendors.base import Vendor
from tests.vendors.openai import VENDOR as OPENAI

PAIR = LangPair("de", "en")
PLAIN = 'mode = "plain"\nprompt = "Into {target_language} ({target_tag}): {text}"'
RECEIPT = Receipt("m", "r", {"output_tokens": 7})
RAW = {
    "openai": lambda text: {"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]},
    "anthropic": lambda text: {
        "content": [{"type": "text", "text": text}], "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 2},
    },
    "gemini": lambda text: {
        "candidates": [{"content": {"parts": [{"text": text}]}, "finishReason": "STOP"}], "usageMetadata": {},
    },
}  # fmt: skip


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Vendor:
    pytest.importorskip(SDKS[request.param])
    return remote.with_keys(VENDORS[request.param], monkeypatch)


def identity(vendor: Vendor, extra: str, pair: LangPair = PAIR) -> Any:
    return make(vendor, extra).identity(pair)


class TestEveryEngine:
    def test_one_message_and_the_whole_answer(self, vendor: Vendor) -> None:
        answer = Response.of(RAW[vendor.engine]('\n {"a": 1} “Eins”  \n'))
        reply, seen = remote.exchange(vendor, ["Ei{n}s"], PLAIN, handler=lambda _: answer)
        assert texts_of(reply.answers) == ['{"a": 1} “Eins”']
        assert "Into English (en): Ei{n}s" in json.dumps(seen.json, ensure_ascii=False)
        assert not re.search(r'"system|developer|response_format|output_config|responseMimeType', seen.body.decode())

    def test_one_segment_a_request(self, vendor: Vendor) -> None:
        assert make(vendor, PLAIN).limits.max_segments == 1

    def test_the_bound_leaves_no_room_for_thinking_unless_it_is_asked_for(self, vendor: Vendor) -> None:
        batch = batch_of(["x"], PAIR)
        assert make(vendor, PLAIN).worst_usage(batch)["output_tokens"] == 66
        assert make(vendor, f"{PLAIN}\nreasoning_tokens = 100").worst_usage(batch)["output_tokens"] == 166

    def test_usage_is_kept(self, vendor: Vendor) -> None:
        reply, _ = remote.exchange(vendor, ["Eins"], PLAIN, handler=lambda seen: _usual(vendor, seen))
        assert reply.receipt.usage["output_tokens"] == 20

    def test_identity(self, vendor: Vendor) -> None:
        one = identity(vendor, PLAIN)
        assert one.options["mode"] == "plain"
        assert "structured" not in one.options
        for other in ("Into {target_language}: {text}", "Into {target_language} ({source_tag}): {text}"):
            assert one != identity(vendor, f'mode = "plain"\nprompt = "{other}"')
        assert one != identity(vendor, f"{PLAIN}\nreasoning_tokens = 9")
        assert one != identity(vendor, PLAIN + '\nlanguages = { en = "Anglais" }')
        assert one == identity(vendor, f"{PLAIN}\nbatch = 3\nwindow = 7")

    def test_another_version_of_a_template_is_another_identity(
        self, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        named = 'mode = "plain"\ntemplate = "tower-plus"'
        one = identity(vendor, named)
        assert (one.options["template"], one.options["template_version"]) == ("tower-plus", 1)
        newer = chat_plain.find("tower-plus").model_copy(update={"version": 2})
        monkeypatch.setattr(chat_plain, "find", lambda name: newer)
        assert one != identity(vendor, named)

    @pytest.mark.parametrize(
        ("extra", "message"),
        [
            ('mode = "plain"', "either a 'prompt' with '{text}', or a 'template': hunyuan-mt, "),
            (f'{PLAIN}\ntemplate = "tower-plus"', "either"),
            ('mode = "plain"\nprompt = "Into English"', "needs '{text}' in the prompt"),
            ('mode = "plain"\nprompt = "{txt}"', "unknown placeholder '{txt}'"),
            ('mode = "plain"\ntemplate = "tower"', "unknown template 'tower'; available: hunyuan-mt"),
            (f'{PLAIN}\nstructured = "json_schema"', "remove 'structured'"),
            (f'{PLAIN}\ninstructions = "Briefly."', "no '{instructions}'"),
            ('mode = "plain"\ntemplate = "tower-plus"\nglossary = { a = "b" }', "no '{glossary}'"),
            ('template = "tower-plus"', "needs mode"),
            ('languages = { de = "Deutsch" }', "needs mode"),
        ],
    )
    def test_wrong(self, vendor: Vendor, extra: str, message: str) -> None:
        with pytest.raises(ConfigError, match=re.escape(message)):
            make(vendor, extra)

    @pytest.mark.parametrize("name", ["seed-x", "qwen-mt"])
    def test_templates_that_need_more_than_a_message(self, vendor: Vendor, name: str) -> None:
        named = f'mode = "plain"\ntemplate = "{name}"'
        if vendor.engine == "openai":
            assert make(vendor, named).limits.max_segments == 1
        else:
            with pytest.raises(ConfigError, match='needs engine = "openai"'):
                make(vendor, named)


def _usual(vendor: Vendor, seen: Seen) -> Response:
    from tests.vendors import anthropic, gemini, openai

    made = {
        "openai": lambda: openai.completion(seen, "One"),
        "anthropic": lambda: anthropic.message(seen, "One"),
        "gemini": lambda: gemini.generated(seen, gemini.candidate({"text": "One"})),
    }
    return made[vendor.engine]()


def filled(name: str, source: str, target: str, **more: Any) -> tuple[str, dict[str, Any]]:
    given = {"instructions": "", "glossary": {}, "languages": {}, **more}
    return chat_plain.fill(chat_plain.find(name), LangPair(source, target), "May the force be with you", **given)


class TestTemplates:
    """What the models' own pages show, with the languages of a test."""

    def test_hunyuan(self) -> None:
        assert filled("hunyuan-mt", "de", "fr")[0] == (
            "Translate the following segment into French, without additional explanation.\n\nMay the force be with you"
        )
        for source, target, name in (("en", "zh", "中文"), ("zh-Hant", "en", "英语")):
            assert filled("hunyuan-mt", source, target)[0] == (
                f"把下面的文本翻译成{name}，不要额外解释。\n\nMay the force be with you"
            )

    def test_hunyuan_1_5(self) -> None:
        assert filled("hy-mt1.5", "de", "fr") == filled("hunyuan-mt", "de", "fr")
        assert filled("hy-mt1.5", "zh", "en")[0] == (
            "将以下文本翻译为英语，注意只需要输出翻译后的结果，不要额外解释：\n\nMay the force be with you"
        )

    def test_translategemma(self) -> None:
        assert filled("translategemma", "en", "es")[0] == (
            "You are a professional English (en) to Spanish (es) translator. Your goal is to accurately convey the "
            "meaning and nuances of the original English text while adhering to Spanish grammar, vocabulary, and "
            "cultural sensitivities.\nProduce only the Spanish translation, without any additional explanations or "
            "commentary. Please translate the following English text into Spanish:\n\n\nMay the force be with you"
        )

    def test_tower_and_eurollm(self) -> None:
        for name, end in (("tower-plus", ""), ("eurollm", " ")):
            assert filled(name, "en", "pt-PT")[0] == (
                "Translate the following English source text to Portuguese (Portugal):\n"
                f"English: May the force be with you{end}\nPortuguese (Portugal): "
            )

    def test_seed_x_continues_a_text(self) -> None:
        text = "Translate the following English sentence into Chinese:\nMay the force be with you <zh>"
        assert filled("seed-x", "en", "zh") == (text, {})

        def continued(seen: Seen) -> Response:
            assert seen.path == "/v1/completions"
            usage = {"prompt_tokens": 9, "completion_tokens": 5}
            return Response.of({"model": "s", "choices": [{"text": " 一\n", "finish_reason": "stop"}], "usage": usage})

        extra = 'mode = "plain"\ntemplate = "seed-x"'
        reply, seen = remote.exchange(OPENAI, ["One"], extra, LangPair("en", "zh"), continued)
        assert texts_of(reply.answers) == ["一"]
        assert reply.receipt.usage == {"input_tokens": 9, "output_tokens": 5}
        assert seen.json == {
            "model": "gpt-test", "max_tokens": 70,
            "prompt": "Translate the following English sentence into Chinese:\nOne <zh>",
        }  # fmt: skip

    def test_qwen_has_options_of_its_own(self) -> None:
        assert filled("qwen-mt", "en", "zh-Hant") == (
            "May the force be with you",
            {"translation_options": {"source_lang": "English", "target_lang": "Traditional Chinese"}},
        )
        extra = 'mode = "plain"\ntemplate = "qwen-mt"\ninstructions = "News."\nglossary = { Haus = "home" }'
        answer = Response.of(RAW["openai"]("One"))
        _, seen = remote.exchange(OPENAI, ["Eins"], extra, handler=lambda _: answer)
        assert seen.json["messages"] == [{"role": "user", "content": "Eins"}]
        assert seen.json["translation_options"] == {
            "source_lang": "German", "target_lang": "English", "domains": "News.",
            "terms": [{"source": "Haus", "target": "home"}],
        }  # fmt: skip

    def test_languages_as_the_model_calls_them(self) -> None:
        assert "to Brazilian Portuguese:" in filled(
            "tower-plus", "en", "pt-BR", languages={"pt-BR": "Brazilian Portuguese"}
        )[0]  # fmt: skip

    def test_each_has_a_source_and_is_in_the_docs(self) -> None:
        page = (Path(__file__).parents[2] / "docs" / "llm-engines.md").read_text(encoding="utf-8")
        for name, template in chat_plain.shipped().items():
            chat_plain.check(template, needed={})
            assert template.version >= 1
            assert template.source.startswith("https://")
            assert f"`{name}`" in page
            assert template.source in page

    @pytest.mark.parametrize("known", ["text", "source_code", "target_code", "target_language_zh", "instructions"])
    def test_placeholders_are_in_the_docs(self, known: str) -> None:
        page = (Path(__file__).parents[2] / "docs" / "llm-engines.md").read_text(encoding="utf-8")
        assert f"`{{{known}}}`" in page


class TestThinking:
    MARKS = (
        "<think>\nhm\n</think>",
        "hm </think>",
        "<think>a</think> b </think>",
        "[THINK]x[/THINK]",
        "◁think▷x◁/think▷",
        "<thinking>x</thinking>",
        "<seed:think>x</seed:think>",
        "<|channel|>analysis<|message|>x<|end|><|start|>assistant<|channel|>final<|message|>",
        "<|channel>thought\nx<channel|>",
        "Okay.\n</THINK>",
    )

    @pytest.mark.parametrize("thinking", MARKS)
    def test_is_taken_off_before_any_answer(self, thinking: str) -> None:
        (request,) = batch_of(["Eins"], PAIR).requests
        assert read_plain(f"{thinking}\n\nOne", request, RECEIPT, target="en") == Translated("One")
        whole = f'{thinking}\n{{"translations": [{{"id": 1, "text": "One"}}]}}'
        for structured in (True, False):
            assert read_answers(whole, [request], RECEIPT, target="en", structured=structured) == [Translated("One")]

    @pytest.mark.parametrize("source", ["Ende </think> hier", "<think>x</think>"])
    def test_what_the_source_has_is_text(self, source: str) -> None:
        (request,) = batch_of([source], PAIR).requests
        for thinking in ("", "<think>\nabout </think> and\n</think>\n", "hm </think>"):
            assert read_plain(thinking + source, request, RECEIPT, target="en") == Translated(source)

    @pytest.mark.parametrize(
        "text", ["<think>\nI was just", " <think>", "[THINK] so", "◁think▷", "<|channel|>analysis x"]
    )
    def test_that_has_not_ended_is_no_answer(self, text: str) -> None:
        (request,) = batch_of(["Eins"], PAIR).requests
        with pytest.raises(BadOutput, match="not finished thinking") as caught:
            read_plain(text, request, RECEIPT, target="en")
        assert caught.value.usage == RECEIPT.usage
        assert "reasoning_tokens" in caught.value.hint


class TestContent:
    def read(self, message: dict[str, Any]) -> Any:
        body = {"choices": [{"message": message, "finish_reason": "stop"}]}
        with_usage = {**body, "usage": {"prompt_tokens": 3, "completion_tokens": 4}}
        return remote.exchange(OPENAI, ["Eins"], PLAIN, handler=lambda _: Response.of(with_usage))[0]

    def error(self, message: dict[str, Any]) -> Any:
        with pytest.raises((BadOutput, Declined)) as caught:
            self.read(message)
        assert caught.value.usage == {"input_tokens": 3, "output_tokens": 4}
        return caught.value

    @pytest.mark.parametrize(
        "message",
        [
            {"content": "One"},
            {"content": "One", "reasoning_content": "Two?", "reasoning": "Three?"},
            {"content": [{"type": "text", "text": "On"}, {"type": "text", "text": "e"}]},
            {"content": ["On", {"text": "e"}]},
            {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Two?"}]},
                         {"type": "text", "text": "One"}]},
            {"content": [{"type": "reasoning", "text": "Two?"}, {"type": "text", "text": "One", "annotations": []}]},
        ],
    )  # fmt: skip
    def test_in_one_piece_or_in_parts(self, message: dict[str, Any]) -> None:
        assert texts_of(self.read(message).answers) == ["One"]

    def test_empty_is_an_answer(self) -> None:
        assert self.read({"content": ""}).answers == [Translated("")]

    @pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
    @pytest.mark.parametrize("content", ["", None, []])
    def test_thinking_alone_is_none(self, field: str, content: object) -> None:
        assert "without an answer" in str(self.error({"content": content, field: "Hm."}))

    def test_nothing_at_all_is_none(self) -> None:
        assert "without content" in str(self.error({"content": None}))

    def test_a_refusal_among_the_parts(self) -> None:
        error = self.error({"content": [{"type": "refusal", "refusal": "I would rather not."}]})
        assert type(error) is Declined
        assert "I would rather not." in str(error)


@pytest.mark.parametrize(
    "text",
    [
        "System role not supported",
        "Developer instruction is not enabled for models/gemma-3-27b-it",
        "Conversation roles must alternate user/assistant/user/assistant/...",
        "Role must be in [user, assistant]",
        "TranslateGemma supports only User and Assistant roles",
        "this model does not support system messages: messages with role 'system' are unsupported",
    ],
)
@pytest.mark.parametrize("status", [400, 422, 500])
def test_a_model_without_system_message_is_told_apart(text: str, status: int) -> None:
    error = service_error(status, json.dumps({"error": {"message": text}}), {}, "m")
    assert type(error) is Unsupported
    assert 'mode = "plain"' in error.hint
