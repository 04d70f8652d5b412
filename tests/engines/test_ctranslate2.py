from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.engines.interface import Reply
from harness.engines.local import local_models
from harness.engines.local.ctranslate2 import CTranslate2Engine, CTranslate2Options
from harness.engines.local.transformers import TransformersEngine, TransformersOptions
from harness.errors import EngineUnavailable, TooLarge, Unsupported
from harness.testing import batch_of, engine_contract
from harness.types import EngineIdentity, Failed, LangPair, Translated
from tests.engines.local import BOUND, PAIR, after_ctrl_c, answers_of, context, finished
from tests.engines.tiny_models import ODD, POSITIONS, SOURCES

pytestmark = pytest.mark.xdist_group("models")

Given = Callable[[str], str]
Make = Callable[..., CTranslate2Engine]


@pytest.fixture
def make(converted: Given, workspace_of_models: Path) -> Make:
    def engine(kind: str, **options: object) -> CTranslate2Engine:
        given = {"model": converted(kind), "max_length": BOUND, "beam_size": 1, "threads": 1, **options}
        return CTranslate2Engine(CTranslate2Options.model_validate(given), context(workspace_of_models))

    return engine


@pytest.fixture
def copied(converted: Given, workspace_of_models: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Gives a model of a kind that a test may spoil, by its absolute path."""

    def copy(kind: str) -> Path:
        return Path(shutil.copytree(workspace_of_models / converted(kind), tmp_path / "copied" / kind))

    return copy


@pytest.mark.parametrize("kind", ["marian", "nllb", "m2m100", "madlad"])
def test_contract(make: Make, kind: str) -> None:
    engine_contract(lambda: make(kind), PAIR, finished(lambda: make(kind))[:6])


@pytest.mark.parametrize("kind", ["marian", "multilingual", "nllb", "m2m100", "madlad"])
def test_writes_what_transformers_writes(make: Make, tiny: Given, workspace_of_models: Path, kind: str) -> None:
    options = TransformersOptions(model=tiny(kind), max_length=BOUND, beam_size=1, threads=1)
    # The tokenizers of transformers differ in what they make of marks such as "</s>" in a text.
    sources = [source for source in SOURCES if "</s>" not in source]
    expected = answers_of(TransformersEngine(options, context(workspace_of_models)), sources)
    assert answers_of(make(kind), sources) == expected
    assert len({answer.text for answer in expected if isinstance(answer, Translated)}) > 3


def test_small_groups_give_the_same(make: Make) -> None:
    assert answers_of(make("marian", batch_tokens=20)) == answers_of(make("marian", batch_tokens=2000))


def test_a_mark_of_the_model_in_a_source_is_text(make: Make) -> None:
    assert "a </s> b" in ODD
    plain, marked = answers_of(make("nllb", max_length=20), ["a", "a </s> b"])
    assert plain != marked


def test_a_source_that_is_too_long_fails_alone(make: Make) -> None:
    one, other = finished(lambda: make("marian"))[:2]
    first, long, last = answers_of(make("marian", positions=POSITIONS), [one, "dog " * 100, other])
    assert isinstance(first, Translated)
    assert isinstance(last, Translated)
    assert long == Failed(f"too long for the model: 101 tokens, at most {POSITIONS}")


def test_positions_the_options_promise_and_the_model_has_not(make: Make) -> None:
    with pytest.raises(TooLarge, match="position"):
        answers_of(make("marian", positions=0), ["dog", "dog " * 100])


def test_an_output_that_was_cut_is_a_failure(make: Make) -> None:
    failed = [answer for answer in answers_of(make("marian", max_length=4)) if isinstance(answer, Failed)]
    assert failed
    assert failed[0].error == "the translation was not finished after 4 tokens ('max_length')"


def test_beams_are_used(make: Make) -> None:
    assert answers_of(make("nllb", beam_size=4)) != answers_of(make("nllb", beam_size=1))


def test_target_changes_the_output(make: Make) -> None:
    assert answers_of(make("nllb")) != answers_of(make("nllb"), pair=LangPair("en", "fr"))
    assert answers_of(make("multilingual")) != answers_of(make("multilingual"), pair=LangPair("en", "pt"))
    with pytest.raises(Unsupported, match="no language for tlh"):
        make("nllb").supports(LangPair("en", "tlh"))


@pytest.mark.parametrize(
    ("kind", "family"), [("marian", "marian"), ("nllb", "nllb"), ("m2m100", "m2m100"), ("madlad", "madlad")]
)
def test_the_vocabulary_tells_the_family(make: Make, kind: str, family: str) -> None:
    assert make(kind).wire(PAIR).family == family


def test_prefix_of_t5(make: Make) -> None:
    assert answers_of(make("madlad", family="t5")) != answers_of(make("madlad", family="t5", prefix=""))
    with pytest.raises(Unsupported, match="option 'prefix' needs family 't5'"):
        make("madlad", prefix="x").supports(PAIR)


def test_the_type_that_was_used_is_in_the_receipt(make: Make) -> None:
    import asyncio

    async def receipt(compute_type: str) -> str:
        engine = make("marian", compute_type=compute_type)
        engine.supports(PAIR)
        try:
            return Reply.of(await engine.translate(batch_of(["dog"], PAIR))).receipt.model
        finally:
            await engine.close()

    assert asyncio.run(receipt("default")) == "marian-ct2 (float32 on cpu)"
    assert asyncio.run(receipt("int8")) == "marian-ct2 (int8_float32 on cpu)"


def test_identity_changes_with_what_changes_the_output(make: Make, copied: Callable[[str], Path]) -> None:
    def identity(**options: object) -> EngineIdentity:
        return make("nllb", **options).identity(PAIR)

    base = identity()
    changes: list[dict[str, object]] = [
        {"beam_size": 2},
        {"compute_type": "int8"},
        {"max_length": 50},
        {"target_code": "fra_Latn"},
        {"source_code": "deu_Latn"},
    ]
    assert len({repr(one) for one in [base, *(identity(**change) for change in changes)]}) == len(changes) + 1
    assert identity(batch_tokens=7, threads=2, positions=3) == base

    folder = copied("nllb")
    assert identity(model=str(folder)) == base
    pieces = folder / "pieces"
    pieces.mkdir()
    (folder / "sentencepiece.bpe.model").rename(pieces / "sentencepiece.bpe.model")
    elsewhere = identity(model=str(folder), tokenizer=str(pieces))
    assert "tokenizer" in elsewhere.options
    (pieces / "sentencepiece.bpe.model").write_bytes(b"other")
    assert identity(model=str(folder), tokenizer=str(pieces)) != elsewhere
    with (folder / "model.bin").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"?")
    changed = identity(model=str(folder), tokenizer=str(pieces))
    assert changed.version != elsewhere.version
    assert replace(changed, version="").options["family"] == "nllb"


def test_a_model_without_its_pieces(make: Make, copied: Callable[[str], Path]) -> None:
    folder = copied("marian")
    (folder / "target.spm").unlink()
    with pytest.raises(EngineUnavailable, match="no SentencePiece model in") as caught:
        make("marian", model=str(folder)).supports(PAIR)
    assert "--copy_files source.spm target.spm" in caught.value.hint


def test_a_model_that_is_not_converted(make: Make, tiny: Given) -> None:
    with pytest.raises(EngineUnavailable, match="cannot be loaded") as caught:
        answers_of(make("madlad", model=tiny("madlad")))
    assert "ct2-transformers-converter" in caught.value.hint


def test_a_model_that_is_not_here(make: Make) -> None:
    with pytest.raises(EngineUnavailable, match="is not on this machine") as caught:
        make("marian", model="nobody/nothing").supports(PAIR)
    assert caught.value.hint == "hf download nobody/nothing"


def test_what_is_not_installed_is_named(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = make("marian")
    monkeypatch.setattr(local_models, "find_spec", lambda name: None if name == "ctranslate2" else object())
    with pytest.raises(EngineUnavailable, match="not installed: ctranslate2") as caught:
        engine.supports(PAIR)
    assert caught.value.hint == "pip install 'translation-harness[local]'"


def test_ctrl_c_does_not_wait_for_the_output(make: Make, converted: Given, workspace_of_models: Path) -> None:
    answers = answers_of(make("madlad"))
    endless = next(source for source, answer in zip(SOURCES, answers, strict=True) if isinstance(answer, Failed))
    options = f"CTranslate2Options(model={converted('madlad')!r}, max_length=30_000, beam_size=1, threads=1)"
    engine = f"CTranslate2Engine({options}, EngineContext('x', Path('systems/x')))"
    seconds, code, stderr = after_ctrl_c(workspace_of_models, engine, endless)
    assert (code, stderr) == (130, "")
    assert seconds < 20  # 2 where nothing else runs; the output itself would take minutes


def test_nothing_heavy_is_imported_before_the_first_batch(converted: Given, workspace_of_models: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from harness.engines.local.ctranslate2 import CTranslate2Engine, CTranslate2Options\n"
        "from harness.engines.interface import EngineContext\n"
        "from harness.testing import ask, batch_of\n"
        "from harness.types import LangPair\n"
        "pair = LangPair('en', 'es')\n"
        f"options = CTranslate2Options(model={converted('madlad')!r}, max_length=20)\n"
        "engine = CTranslate2Engine(options, EngineContext('x', Path('systems/x')))\n"
        "engine.supports(pair)\n"
        "engine.identity(pair)\n"
        "print(sorted({'torch', 'transformers', 'ctranslate2', 'sentencepiece'} & set(sys.modules)))\n"
        "print(len(ask(engine, batch_of(['the dog'], pair))[0]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        cwd=workspace_of_models,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["[]", "1"]
