from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.engines.interface import Batch
from harness.engines.local.transformers import TransformersEngine, TransformersOptions
from harness.engines.local.transformers_library import quiet
from harness.errors import ConfigError, Unsupported
from harness.testing import ask, batch_of, engine_contract, texts_of
from harness.types import EngineIdentity, Failed, LangPair, Translated
from harness.workspace.config import parse_model
from tests.engines.local import BOUND, PAIR, after_ctrl_c, answers_of, finished
from tests.engines.tiny_models import POSITIONS, SOURCES

pytestmark = pytest.mark.xdist_group("models")

Tiny = Callable[[str], str]


Make = Callable[..., TransformersEngine]


@pytest.mark.parametrize("kind", ["marian", "nllb", "m2m100", "madlad", "chat"])
def test_contract(make_transformers: Make, kind: str) -> None:
    sources = finished(lambda: make_transformers(kind))[:6]
    engine_contract(lambda: make_transformers(kind), PAIR, sources)


@pytest.mark.parametrize("beam_size", [1, 4])
@pytest.mark.parametrize("kind", ["marian", "nllb"])
def test_writes_what_the_library_writes(
    make_transformers: Make, tiny: Tiny, workspace_of_models: Path, kind: str, beam_size: int
) -> None:
    import torch
    from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

    sources = finished(lambda: make_transformers(kind, beam_size=beam_size))[:10]
    folder = workspace_of_models / tiny(kind)
    with quiet():
        tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModelForSeq2SeqLM.from_pretrained(folder)
    forced = {"forced_eos_token_id": None}
    if kind == "nllb":
        tokenizer.src_lang = "eng_Latn"
        forced["forced_bos_token_id"] = tokenizer.convert_tokens_to_ids("spa_Latn")
    expected = []
    for source in sources:
        with torch.inference_mode():
            output = model.generate(
                **tokenizer([source], return_tensors="pt"), num_beams=beam_size, max_new_tokens=BOUND, **forced
            )
        expected += tokenizer.batch_decode(output, skip_special_tokens=True)
    assert texts_of(answers_of(make_transformers(kind, beam_size=beam_size), sources)) == expected
    assert len(set(expected)) > 3


def test_small_groups_give_the_same(make_transformers: Make) -> None:
    assert answers_of(make_transformers("marian", batch_tokens=20)) == answers_of(
        make_transformers("marian", batch_tokens=2000)
    )


def test_a_source_that_is_too_long_fails_alone(make_transformers: Make) -> None:
    sources = finished(lambda: make_transformers("marian"))[:2]
    first, long, last = answers_of(make_transformers("marian"), [sources[0], "dog " * 100, sources[1]])
    assert isinstance(first, Translated)
    assert isinstance(last, Translated)
    assert isinstance(long, Failed)
    assert f"101 tokens, at most {POSITIONS}" in long.error


def test_a_chat_model_needs_room_for_the_answer(make_transformers: Make) -> None:
    engine = make_transformers("chat", max_length=POSITIONS)
    (answer,) = answers_of(engine, ["dog " * 200])
    assert isinstance(answer, Failed)
    assert f"at most {3 * POSITIONS} plus {POSITIONS} of the answer" in answer.error


def test_an_output_that_was_cut_is_a_failure(make_transformers: Make, tiny: Tiny, workspace_of_models: Path) -> None:
    settings = json.loads((workspace_of_models / tiny("marian") / "generation_config.json").read_text())
    assert settings["forced_eos_token_id"] == 0, "the model must be one that disguises a cut output"
    answers = answers_of(make_transformers("marian", max_length=4))
    failed = [answer for answer in answers if isinstance(answer, Failed)]
    assert failed
    assert "not finished after 4 tokens" in failed[0].error


def test_a_mark_of_the_model_in_a_source_is_text_or_a_failure(make_transformers: Make) -> None:
    # SentencePiece cannot be brought to read "</s>" as text by every tokenizer.
    (answer,) = answers_of(make_transformers("nllb"), ["a </s> b"])
    assert isinstance(answer, Failed)
    assert "</s>" in answer.error
    plain, marked = answers_of(make_transformers("marian"), ["a", "a </s> b"])
    assert plain != marked
    assert not isinstance(marked, Failed) or "max_length" in marked.error


def test_angle_brackets_do_not_hide_text_from_marian(make_transformers: Make) -> None:
    one, other = answers_of(make_transformers("marian"), [">> old dog << the light", ">> new cat << the light"])
    assert one != other


def test_marian_with_several_targets_is_told_which(make_transformers: Make) -> None:
    spanish = answers_of(make_transformers("multilingual"))
    portuguese = answers_of(make_transformers("multilingual"), pair=LangPair("en", "pt"))
    assert spanish != portuguese
    wire = make_transformers("multilingual").wire(LangPair("en", "zh"))
    assert wire.target == ">>zho_Hans<<"
    with pytest.raises(Unsupported, match="no language for fr"):
        make_transformers("multilingual").supports(LangPair("en", "fr"))


def test_marian_for_one_pair_refuses_others(make_transformers: Make) -> None:
    with pytest.raises(Unsupported, match="the model is for 'es', not fr") as caught:
        make_transformers("marian").supports(LangPair("en", "fr"))
    assert caught.value.hint == 'to use it for fr, set target_code = "es" in [options]'
    make_transformers("marian", target_code="es").supports(LangPair("en", "fr"))
    with pytest.raises(Unsupported, match="the model is for 'en', not de"):
        make_transformers("marian").supports(LangPair("de", "es"))


def test_target_of_nllb_changes_the_output(make_transformers: Make) -> None:
    assert answers_of(make_transformers("nllb")) != answers_of(make_transformers("nllb"), pair=LangPair("en", "fr"))
    assert answers_of(make_transformers("nllb")) != answers_of(make_transformers("nllb"), pair=LangPair("de", "es"))


def test_options_of_other_families_are_refused(make_transformers: Make) -> None:
    with pytest.raises(Unsupported, match="option 'prompt' needs family 'chat'"):
        make_transformers("marian", prompt="{text}").supports(PAIR)
    with pytest.raises(Unsupported, match="option 'prefix' needs family 't5'"):
        make_transformers("madlad", prefix="x").supports(PAIR)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"prompt": "no place"}, "'prompt' must contain {text}"),
        ({"temperature": 0.5, "beam_size": 4}, "needs beam_size = 1"),
        ({"modle": "x"}, "unknown key 'modle'"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_model(TransformersOptions, {"model": "m", **options}, "here")


def test_prefix_of_t5(make_transformers: Make) -> None:
    wire = make_transformers("madlad", family="t5").wire(PAIR)
    assert wire.message("dog") == "translate English to Spanish: dog"
    wire = make_transformers("madlad", family="t5", prefix="{source}>{target} ").wire(PAIR)
    assert wire.message("{target}") == "en>es {target}"


def test_prompt_reaches_the_model(make_transformers: Make) -> None:
    assert make_transformers("chat").wire(PAIR).message("a {source_name}").endswith("\n\na {source_name}")
    assert answers_of(make_transformers("chat")) != answers_of(make_transformers("chat", prompt="{text}"))


def test_sampling_repeats_itself_and_knows_the_repetition(make_transformers: Make) -> None:
    def sample(number: int, sources: tuple[str, ...] = SOURCES, seed: int = 0) -> list[object]:
        engine = make_transformers("marian", temperature=1.0, seed=seed)
        engine.supports(PAIR)
        return list(ask(engine, Batch(PAIR, batch_of(sources, PAIR).requests, sample=number))[0])

    first = sample(0)
    assert sample(0) == first
    assert sample(0, SOURCES[::-1])[::-1] == first
    assert sample(1) != first
    assert sample(1) == sample(0, seed=1)
    assert answers_of(make_transformers("marian")) != first


def test_identity_changes_with_what_changes_the_output(
    make_transformers: Make, copied_model: Callable[[str], Path]
) -> None:
    def identity(**options: object) -> EngineIdentity:
        return make_transformers("nllb", **options).identity(PAIR)

    base = identity()
    changes: list[dict[str, object]] = [
        {"beam_size": 2},
        {"dtype": "bfloat16"},
        {"max_length": 50},
        {"target_code": "fra_Latn"},
        {"source_code": "deu_Latn"},
        {"temperature": 0.5},
    ]
    identities = [identity(**change) for change in changes]
    assert len({repr(one) for one in [base, *identities]}) == len(changes) + 1
    assert identity(batch_tokens=7, threads=2) == base
    assert identity(temperature=0.5, seed=1) != identity(temperature=0.5)

    folder = copied_model("nllb")
    assert identity(model=str(folder)) == base
    (folder / "README.md").write_text("notes")
    assert identity(model=str(folder)) == base
    weights = folder / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    changed = identity(model=str(folder))
    assert changed.version != base.version
    assert replace(changed, version="") == replace(base, version="")


def test_ctrl_c_does_not_wait_for_the_output(make_transformers: Make, tiny: Tiny, workspace_of_models: Path) -> None:
    answers = answers_of(make_transformers("madlad"))
    endless = next(source for source, answer in zip(SOURCES, answers, strict=True) if isinstance(answer, Failed))
    options = f"TransformersOptions(model={tiny('madlad')!r}, max_length=100_000, beam_size=1, threads=1)"
    engine = f"TransformersEngine({options}, EngineContext('x', Path('systems/x')))"
    seconds, code, stderr = after_ctrl_c(workspace_of_models, engine, endless)
    assert (code, stderr) == (130, "")
    assert seconds < 20  # 2 where nothing else runs; the output itself would take minutes
