"""Which tokenizer BLEU takes, and what happens when it is not there."""

from __future__ import annotations

import io
import typing
import warnings
from pathlib import Path
from urllib.error import URLError

import pytest
from sacrebleu.metrics import BLEU, TER

from harness.errors import MetricUnavailable, UsageError
from harness.metrics.strings import tokenizers
from harness.metrics.strings.bleu import Bleu, BleuOptions
from harness.metrics.strings.ter import Ter, TerOptions
from tests.metrics.build import context, items

JAPANESE = [("私は学生です。", ("私は学生である。",)), ("猫が好き", ("猫が好きだ",))]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("de", "13a"),
        ("pt-BR", "13a"),
        ("zh", "zh"),
        ("zh-Hant-TW", "zh"),
        ("yue", "zh"),
        ("ja", "ja-mecab"),
        ("ko", "ko-mecab"),
        *((tag, "flores200") for tag in ("th", "km", "lo", "my", "bo", "dz")),
    ],
)
def test_by_target_language(target: str, expected: str) -> None:
    assert tokenizers.choose("", target, force=False) == expected


def test_13a_without_spaces_is_refused_unless_forced() -> None:
    asked = Bleu(BleuOptions(tokenize="13a"))
    with pytest.raises(UsageError, match="'13a' is meaningless for Japanese") as caught:
        asked.statistics(items(JAPANESE), context("en-ja"))
    assert "force = true" in caught.value.hint
    forced = Bleu(BleuOptions(tokenize="13a", force=True)).statistics(items(JAPANESE), context("en-ja"))
    assert "|tok:13a|" in forced.identity.signature
    assert tokenizers.choose("char", "ja", force=False) == "char"


@pytest.mark.parametrize("target", ["zh-Hant", "ja", "th"])
@pytest.mark.parametrize("options", [{}, {"normalized": True}, {"asian_support": True}])
def test_ter_without_words_is_refused(target: str, options: dict[str, bool]) -> None:
    with pytest.raises(MetricUnavailable, match="TER counts words") as caught:
        Ter(TerOptions(**options)).statistics(items(JAPANESE), context(f"en-{target.replace('-', '_')}"))
    assert ("normalized = true, asian_support = true" in caught.value.hint) == (target != "th")


def test_ter_that_takes_characters_for_words() -> None:
    options = {"normalized": True, "asian_support": True}
    found = Ter(TerOptions(**options)).statistics(items(JAPANESE), context("en-ja"))
    expected = TER(**options).corpus_score([h for h, _ in JAPANESE], [[r[0] for _, r in JAPANESE]])
    assert float(Ter(TerOptions(**options)).score(found.rows.sum(axis=0))) == expected.score
    with pytest.raises(MetricUnavailable, match="Thai"):
        Ter(TerOptions(**options)).statistics(items(JAPANESE), context("en-th"))
    assert Ter(TerOptions()).statistics(items(JAPANESE), context("en-ko")).scored.all()


def test_every_name_is_sacrebleus() -> None:
    assert set(typing.get_args(tokenizers.TokenizerName)) - {""} == set(BLEU.TOKENIZERS) - {"spm"}


@pytest.mark.parametrize(
    ("pair", "tokenizer", "module"), [("en-ja", "ja-mecab", "MeCab"), ("en-ko", "ko-mecab", "mecab_ko")]
)
def test_mecab(pair: str, tokenizer: str, module: str) -> None:
    pytest.importorskip(module)
    table = Bleu(BleuOptions()).statistics(items(JAPANESE), context(pair))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        oracle = BLEU(tokenize=tokenizer)
    expected = oracle.corpus_score([h for h, _ in JAPANESE], [[r[0] for _, r in JAPANESE]])
    assert float(Bleu(BleuOptions()).score(table.rows.sum(axis=0))) == expected.score
    assert table.identity.signature == str(oracle.get_signature())
    assert f"|tok:{tokenizer}" in table.identity.signature


def test_mecab_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sacrebleu.tokenizers.tokenizer_ja_mecab.MeCab", None)
    with pytest.raises(MetricUnavailable, match="needs MeCab") as caught:
        Bleu(BleuOptions()).statistics(items(JAPANESE), context("en-ja"))
    assert caught.value.hint == "pip install 'translation-harness[cjk]'"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where sacrebleu looks for sentencepiece models, empty."""
    monkeypatch.setattr("sacrebleu.tokenizers.tokenizer_spm.SACREBLEU_DIR", str(tmp_path))
    return tmp_path / "models"


@pytest.fixture
def sentencepiece_model() -> bytes:
    """A small sentencepiece model, trained on the spot."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        sentencepiece = pytest.importorskip("sentencepiece")
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["ภาษาไทย เขียน ติดกัน", "ฉันรักแมว", "แมวดำ"] * 5),
        model_writer=written,
        vocab_size=40,
        hard_vocab_limit=False,
        minloglevel=4,
    )
    return written.getvalue()


def test_flores_offline_is_not_fetched(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib.request.urlopen", lambda *_, **__: pytest.fail("asked the network"))
    with pytest.raises(MetricUnavailable, match="'flores200' is not on this machine, and --offline") as caught:
        Bleu(BleuOptions()).statistics(items([("แมว", ("แมวดำ",))]), context("en-th"))
    assert 'tokenize = "char"' in caught.value.hint
    assert not models.exists()


def test_flores_unreachable(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(url: str, timeout: float) -> io.BytesIO:
        raise URLError("no route to host")

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    with pytest.raises(MetricUnavailable, match=r"cannot be downloaded from https://.*no route to host"):
        Bleu(BleuOptions()).statistics(items([("แมว", ("แมวดำ",))]), context("en-th", offline=False))
    assert list(models.iterdir()) == []


def test_flores_fetched_once_then_used_offline(
    models: Path, sentencepiece_model: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def answer(url: str, timeout: float) -> io.BytesIO:
        asked.append(url)
        return io.BytesIO(sentencepiece_model)

    monkeypatch.setattr("urllib.request.urlopen", answer)
    pairs = [("ฉันรักแมว", ("ฉันรักแมวดำ",))]
    first = Bleu(BleuOptions()).statistics(items(pairs), context("en-th", offline=False))
    again = Bleu(BleuOptions()).statistics(items(pairs), context("en-th", offline=True))
    assert len(asked) == 1
    assert [path.name for path in models.iterdir()] == ["flores200sacrebleuspm"]
    assert "|tok:flores200|" in first.identity.signature
    assert first.rows[0, 0] > 1
    assert (first.rows == again.rows).all()


def test_sentencepiece_missing(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models.mkdir()
    (models / "flores200sacrebleuspm").write_bytes(b"model")
    monkeypatch.setitem(__import__("sys").modules, "sentencepiece", None)
    with pytest.raises(MetricUnavailable, match="needs sentencepiece") as caught:
        Bleu(BleuOptions()).statistics(items([("แมว", ("แมวดำ",))]), context("en-th"))
    assert caught.value.hint.startswith("pip install sentencepiece")
