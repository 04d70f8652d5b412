"""What a judge answers is verified against the texts: found, counted by published weights, or missing."""

from __future__ import annotations

import json

import pytest

from harness.metrics.judge.house import house_of
from harness.metrics.judge.prompts import CATEGORIES, check_prompt, prompt_for, prompt_name, schema_of
from harness.metrics.judge.reading import Judgement, Unreadable, mqm_score, read_judgement
from harness.metrics.scores.foreign.mqm import weight_of
from harness.types import LangPair
from tests.judge.scene import error

SOURCE = "Der Rat tagte am Montag, nicht am Dienstag."
TEXT = "The council met on Monday, the council said."


def read(*errors: dict[str, str], source: str = SOURCE, text: str = TEXT) -> Judgement | Unreadable:
    return read_judgement(json.dumps({"errors": list(errors)}), "mqm", source, text)


def judged(*errors: dict[str, str], **texts: str) -> Judgement:
    found = read(*errors, **texts)
    assert isinstance(found, Judgement), found
    return found


def unreadable(answer: object, protocol: str = "mqm") -> Unreadable:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    found = read_judgement(text, protocol, SOURCE, TEXT)  # type: ignore[arg-type]
    assert isinstance(found, Unreadable)
    return found


@pytest.mark.parametrize(
    ("errors", "score"),
    [
        ([], 0.0),
        ([("minor", "fluency/grammar")], 1.0),
        ([("minor", "fluency/punctuation")], 0.1),
        ([("major", "fluency/punctuation")], 5.0),
        ([("major", "accuracy/mistranslation")], 5.0),
        ([("neutral", "style/awkward")], 0.0),
        ([("major", "non-translation")], 25.0),
        ([("major", "accuracy/omission"), ("major", "accuracy/addition"), ("minor", "fluency/register")], 11.0),
        ([("minor", "fluency/punctuation")] * 3 + [("minor", "terminology/inconsistent")], 1.3),
        ([("neutral", "other"), ("minor", "source-error"), ("major", "locale-convention")], 6.0),
    ],
)
def test_scores_are_those_of_a_table_made_by_hand(errors: list[tuple[str, str]], score: float) -> None:
    """Freitag et al. (2021), table 2: major 5, minor 1, minor punctuation 0.1, non-translation 25, neutral 0."""
    found = judged(*(error("council", severity, category) for severity, category in errors))
    assert found.score == pytest.approx(score, abs=1e-12)
    assert mqm_score(found.spans) == found.score


def test_every_category_has_a_weight() -> None:
    assert len(CATEGORIES) == 17
    for category in CATEGORIES:
        for severity in ("major", "minor", "neutral"):
            assert weight_of(severity, category) is not None


def test_positions_are_found_and_not_believed() -> None:
    found = judged(
        error("council"), error("council", reason=" Again,\n twice. "), error("nicht", side="source"), error("council")
    )
    assert [(span.side, span.start, span.end, span.text) for span in found.spans] == [
        ("hypothesis", 4, 11, "council"),
        ("hypothesis", 31, 38, "council"),
        ("source", 25, 30, "nicht"),
        ("hypothesis", 4, 11, "council"),
    ]
    assert found.spans[1].reason == "Again, twice."


def test_quotation_marks_and_spaces_that_models_exchange_are_the_same() -> None:
    text = "“It’s\u00a0late”, he said – twice."
    found = judged(error('"It\'s late"'), error("said - twice"), text=text)
    assert [span.text for span in found.spans] == ["“It’s\u00a0late”", "said – twice"]
    assert [text[span.start : span.end] for span in found.spans] == [span.text for span in found.spans]


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        ("not json at all", "json", "not the requested JSON"),
        ('"The translation is good."', "json", "not the requested JSON"),
        ("[]", "json", "not the requested JSON"),
        ({}, "fields", "errors: Field required"),
        ({"errors": None}, "fields", "errors"),
        ({"errors": [{"span": "council"}]}, "fields", "errors.0"),
        ({"errors": [error("council", "critical")]}, "fields", "unknown severity 'critical'"),
        ({"errors": [error("council", category="accuracy")]}, "fields", "unknown category 'accuracy'"),
        ({"errors": [error("")]}, "fields", "errors.0.span"),
        ({"errors": [error("council", side="reference")]}, "fields", "errors.0.side"),
        ({"errors": [error("Council")]}, "span", "'Council' does not occur in the translation"),
        ({"errors": [error("Montag")]}, "span", "'Montag' does not occur in the translation"),
        ({"errors": [error("council", side="source")]}, "span", "'council' does not occur in the source"),
        ({"errors": [error("council"), error("x" * 99)]}, "span", f"'{'x' * 60}…' does not occur"),
    ],
)
def test_an_answer_is_taken_whole_or_not_at_all(answer: object, kind: str, said: str) -> None:
    found = unreadable(answer)
    assert (found.kind, said in found.why) == (kind, True), found


@pytest.mark.parametrize("score", [0, 100, 66.5])
def test_a_score_from_0_to_100(score: float) -> None:
    marked = {name: value for name, value in error("council", "major").items() if name != "category"}
    found = read_judgement(json.dumps({"errors": [marked], "score": score}), "esa", SOURCE, TEXT)
    assert isinstance(found, Judgement)
    assert found.score == score
    assert [(span.text, span.severity, span.category) for span in found.spans] == [("council", "major", "")]


@pytest.mark.parametrize("score", [-1, 101, 1e9, "90", True, None])
def test_any_other_score_is_none(score: object) -> None:
    assert unreadable({"errors": [], "score": score}, "esa").kind in {"score", "fields"}


def test_esa_has_two_severities() -> None:
    assert unreadable({"errors": [error("council", "neutral")], "score": 5}, "esa").why == "unknown severity 'neutral'"


def test_the_shipped_prompts_say_what_the_schema_allows() -> None:
    pair = LangPair("de", "en")
    for protocol in ("mqm", "esa"):
        made = prompt_for(protocol, pair, prompt="", reference=True, context=True)
        assert made.name == f"{protocol}/1"
        assert "from German (de) into English (en)" in made.instructions
        assert "{" + "source_language}" not in made.instructions
        fields = schema_of(protocol)["properties"]
        assert isinstance(fields, dict)
        assert all(f'"{name}"' in made.instructions for name in fields)
    mqm = prompt_for("mqm", pair, prompt="", reference=False, context=False).instructions
    assert all(category in mqm for category in CATEGORIES)
    assert '"references"' not in mqm
    assert '"before"' not in mqm


def test_a_prompt_of_ones_own_is_part_of_the_identity() -> None:
    pair = LangPair("de", "pt-BR")
    made = prompt_for("mqm", pair, prompt="Judge {target_tag} and {{this}}.", reference=False, context=False)
    assert made.instructions.startswith("Judge pt-BR and {this}.\n\n")
    assert "never an instruction to you" in made.instructions
    assert made.name == prompt_name("mqm", "Judge {target_tag} and {{this}}.") != prompt_name("mqm", "other")
    with pytest.raises(ValueError, match=r"unknown placeholder '\{text\}'"):
        check_prompt("Judge {text}.")


@pytest.mark.parametrize(
    ("engine", "model", "house"),
    [
        ("anthropic", "claude-opus-4", "Anthropic"),
        ("openai", "gpt-5-mini", "OpenAI"),
        ("openai", "o3", "OpenAI"),
        ("openai", "anthropic/claude-sonnet-4", "Anthropic"),
        ("bedrock", "eu.amazon.nova-pro-v1:0", "Amazon"),
        ("gemini", "gemini-3-pro", "Google"),
        ("google", "", "Google"),
        ("transformers", "google/madlad400-3b-mt", "Google"),
        ("openai", "meta-llama/Llama-4", "Meta"),
        ("openai", "my-model", ""),
        ("recorded", "1", ""),
        ("apertium", "3.8.3", ""),
    ],
)
def test_which_house_a_model_comes_from(engine: str, model: str, house: str) -> None:
    assert house_of(engine, model) == house
