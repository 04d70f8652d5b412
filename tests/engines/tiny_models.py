"""Untrained translation models, built on the spot: nothing is downloaded and no weights are kept.

What they write means nothing, but depends on what they read, so segments that were mixed up show. Large initial
weights see to the one; the token that ends an output has a larger row than the others, or outputs would hardly end. The
seeds and sizes are chosen so that every text in ``SOURCES`` has a finished output of its own.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

POSITIONS = 64
READING = ("EncDecAttention.o.weight", "decoder.layers.0.encoder_attn.out_proj.weight", "decoder.layers.0.fc2.weight")
"""Weights that bring what the model reads into what it writes next; small ones make it repeat itself."""
TEXT = "the dog cat house old new river city council runs sleeps under over garden light rain town mayor"
WORDS = TEXT.split()

ODD = ('Fish &amp; <b>cost</b> "3.50" &', "a </s> b", ">>fra<< the light", "  two  spaces  ", "Tea for two 🫖")
SOURCES = (
    *(" ".join(random.Random(number).choices(WORDS, k=1 + number % 9)) for number in range(25)),
    *ODD,
)
"""Short enough for the tiny models; some have an output that ends, and some have not."""


def _corpus(folder: Path) -> Path:
    rng = random.Random(1)
    lines = [" ".join(rng.choices(WORDS, k=rng.randint(2, 9))).capitalize() + "." for _ in range(400)]
    lines += ["abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 .,;:!?&<>/\"'()"] * 5
    path = folder / "corpus.txt"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _pieces(folder: Path, name: str, **options: Any) -> Path:
    import sentencepiece

    prefix = folder / name
    sentencepiece.SentencePieceTrainer.train(
        input=str(_corpus(folder)), model_prefix=str(prefix), vocab_size=160, hard_vocab_limit=False,
        character_coverage=1.0, minloglevel=2, **options,
    )  # fmt: skip
    return prefix.with_suffix(".model")


def build(folder: Path, kind: str) -> Path:
    """Build ``marian``, ``multilingual`` (Marian with target tokens), ``nllb``, ``m2m100``, ``madlad`` or ``chat``."""
    import torch

    from harness.engines.local.transformers_library import quiet

    folder.mkdir(parents=True)
    maker, seed, end, attention = _MAKERS[kind]
    with quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model, tokenizer = maker(folder)
        with torch.no_grad():
            model.get_output_embeddings().weight[tokenizer.eos_token_id] *= end
            for name, weight in model.named_parameters():
                if name.endswith(READING):
                    weight.mul_(attention)
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    for scrap in [*folder.glob("raw*"), folder / "corpus.txt"]:
        scrap.unlink()
    return folder


def _bart_like(vocabulary: int, **others: Any) -> dict[str, Any]:
    return {
        "vocab_size": vocabulary, "d_model": 32, "encoder_layers": 1, "decoder_layers": 1,
        "encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64,
        "max_position_embeddings": POSITIONS, "scale_embedding": False, "init_std": 0.5, **others,
    }  # fmt: skip


def _marian(folder: Path, marks: tuple[str, ...] = ()) -> tuple[Any, Any]:
    import json

    import sentencepiece
    from transformers import MarianConfig, MarianMTModel, MarianTokenizer

    spm = _pieces(folder, "raw")
    processor = sentencepiece.SentencePieceProcessor(model_file=str(spm))
    pieces = [processor.id_to_piece(number) for number in range(3, processor.get_piece_size())]
    vocabulary = {piece: number for number, piece in enumerate(["</s>", "<unk>", *pieces, *marks, "<pad>"])}
    file = folder / "raw.json"
    file.write_text(json.dumps(vocabulary), encoding="utf-8")
    tokenizer = MarianTokenizer(
        str(spm), str(spm), str(file), source_lang="en", target_lang="roa" if marks else "es",
        model_max_length=POSITIONS,
    )  # fmt: skip
    pad = vocabulary["<pad>"]
    config = MarianConfig(
        **_bart_like(
            len(vocabulary), pad_token_id=pad, decoder_start_token_id=pad, eos_token_id=0, bad_words_ids=[[pad]]
        )
    )
    return MarianMTModel(config).eval(), tokenizer


def _m2m(tokenizer: Any) -> tuple[Any, Any]:
    from transformers import M2M100Config, M2M100ForConditionalGeneration

    size = max(len(tokenizer), max(tokenizer.get_vocab().values()) + 1)
    config = M2M100Config(
        **_bart_like(size, decoder_start_token_id=2, pad_token_id=1, bos_token_id=0, eos_token_id=2),
        activation_function="relu",
    )
    return M2M100ForConditionalGeneration(config).eval(), tokenizer


def _nllb(folder: Path) -> tuple[Any, Any]:
    from transformers import NllbTokenizer

    return _m2m(NllbTokenizer(vocab_file=str(_pieces(folder, "raw")), src_lang="eng_Latn", tgt_lang="spa_Latn"))


def _m2m100(folder: Path) -> tuple[Any, Any]:
    import json

    import sentencepiece
    from transformers import M2M100Tokenizer
    from transformers.models.m2m_100.tokenization_m2m_100 import FAIRSEQ_LANGUAGE_CODES

    spm = _pieces(folder, "raw")
    processor = sentencepiece.SentencePieceProcessor(model_file=str(spm))
    pieces = [processor.id_to_piece(number) for number in range(3, processor.get_piece_size())]
    file = folder / "raw.json"
    vocabulary = {piece: number for number, piece in enumerate(["<s>", "<pad>", "</s>", "<unk>", *pieces])}
    file.write_text(json.dumps(vocabulary), encoding="utf-8")
    # As in the published models, where this list is part of the files.
    marks = [f"__{code}__" for code in FAIRSEQ_LANGUAGE_CODES["m2m100"]]
    return _m2m(
        M2M100Tokenizer(
            str(file), str(spm), src_lang="en", tgt_lang="es", num_madeup_words=0, additional_special_tokens=marks
        )
    )


def _madlad(folder: Path) -> tuple[Any, Any]:
    from transformers import T5Config, T5ForConditionalGeneration, T5Tokenizer

    spm = _pieces(
        folder, "raw", pad_id=0, eos_id=1, unk_id=2, bos_id=-1, user_defined_symbols=["<2es>", "<2en>", "<2iw>"]
    )
    tokenizer = T5Tokenizer(str(spm), extra_ids=0, legacy=False)
    config = T5Config(
        vocab_size=len(tokenizer), d_model=32, d_kv=16, d_ff=64, num_layers=1, num_decoder_layers=1, num_heads=2,
        pad_token_id=0, eos_token_id=1, decoder_start_token_id=0, feed_forward_proj="gated-gelu",
        tie_word_embeddings=False, initializer_factor=0.5,
    )  # fmt: skip
    return T5ForConditionalGeneration(config).eval(), tokenizer


def _chat(folder: Path) -> tuple[Any, Any]:
    from transformers import LlamaConfig, LlamaForCausalLM, LlamaTokenizer

    tokenizer = LlamaTokenizer(str(_pieces(folder, "raw", byte_fallback=False)), legacy=False)
    tokenizer.chat_template = "{% for m in messages %}<s>user: {{ m['content'] }}{% endfor %} answer:"
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=4 * POSITIONS, initializer_range=5.0, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    return LlamaForCausalLM(config).eval(), tokenizer


_MAKERS: dict[str, tuple[Callable[[Path], tuple[Any, Any]], int, float, float]] = {
    "marian": (_marian, 6, 5.0, 1.0),
    "multilingual": (lambda folder: _marian(folder, (">>spa<<", ">>por<<", ">>zho_Hans<<")), 6, 5.0, 1.0),
    "nllb": (_nllb, 4, 5.0, 1.0),
    "m2m100": (_m2m100, 4, 5.0, 1.0),
    "madlad": (_madlad, 7, 3.0, 3.0),
    "chat": (_chat, 5, 4.0, 1.0),
}
"""Maker, seed, how much larger the row of the end token is, and the weight of what is read in what is written."""
