"""Which of sacrebleu's tokenizers BLEU uses for a target language, and what it needs to be here.

A tokenizer made for spaces counts nothing in a script without them (13a on Japanese: a whole sentence is one word),
so the choice follows the language, an unfit choice is refused, and a missing tokenizer is never replaced by another.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from pathlib import Path
from typing import Any, Literal

from harness.errors import MetricUnavailable, UsageError
from harness.workspace.languages import NO_SPACES, display_name, primary
from harness.workspace.operating_system import replace_file

TokenizerName = Literal[
    "", "13a", "intl", "none", "char", "zh", "ja-mecab", "ko-mecab", "flores101", "flores200", "spBLEU-1K"
]
"""What ``tokenize`` may say; empty means: by target language."""

BY_LANGUAGE: dict[str, TokenizerName] = {
    "zh": "zh",
    "yue": "zh",
    "wuu": "zh",
    "ja": "ja-mecab",
    "ko": "ko-mecab",
}
MADE_FOR_SPACES = frozenset({"13a", "intl"})
DOWNLOAD_TIMEOUT = 10.0
"""Seconds without a byte after which the network counts as absent."""

CHANGE_IT = 'or choose another: --tokenize char with harness score, [metric.bleu] tokenize = "char" in harness.toml'


def choose(asked: TokenizerName, target: str, *, force: bool) -> TokenizerName:
    """Return the tokenizer for BLEU into ``target`` (a BCP-47 tag).

    Raises:
        UsageError: one made for spaces was asked for in a language without, and not forced.
    """
    language = primary(target)
    if not asked:
        return BY_LANGUAGE.get(language, "flores200" if language in NO_SPACES else "13a")
    if asked in MADE_FOR_SPACES and language in NO_SPACES and not force:
        raise UsageError(
            f"BLEU with tokenizer '{asked}' is meaningless for {display_name(target)}, which is written without spaces",
            hint="leave out the tokenizer to use the right one, or force it: --force-tokenizer with harness score, "
            "[metric.bleu] force = true in harness.toml",
        )
    return asked


def make_bleu(tokenizer: TokenizerName, *, offline: bool, **settings: Any) -> Any:
    """Return a ``sacrebleu.BLEU`` with this tokenizer.

    Raises:
        MetricUnavailable: MeCab, sentencepiece or the tokenizer's model is not here.
    """
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.tokenizers.tokenizer_spm import SPM_MODELS

    if tokenizer in SPM_MODELS:
        _need_model(tokenizer, SPM_MODELS[tokenizer]["url"], offline=offline)
    try:
        with warnings.catch_warnings():
            # sentencepiece's and MeCab's SWIG wrappers warn on import; there is nothing in it for the user.
            warnings.simplefilter("ignore", DeprecationWarning)
            return BLEU(tokenize=tokenizer, force=True, **settings)
    except ImportError as error:
        raise MetricUnavailable(
            f"tokenizer '{tokenizer}' needs sentencepiece, which is not installed",
            fix=f"pip install sentencepiece, {CHANGE_IT}",
        ) from error
    except RuntimeError as error:
        if not tokenizer.endswith("-mecab"):
            raise
        raise MetricUnavailable(
            f"tokenizer '{tokenizer}' needs MeCab and its dictionary, which are not installed",
            fix="pip install 'translation-harness[cjk]'",
        ) from error


def _need_model(tokenizer: str, url: str, *, offline: bool) -> None:
    """Make sure the sentencepiece model lies where sacrebleu looks for it.

    sacrebleu would fetch it itself, but without a time-out, and an interrupted download would pass for the model.
    """
    from sacrebleu.tokenizers import tokenizer_spm

    path = Path(tokenizer_spm.SACREBLEU_DIR, "models", Path(url).name)
    if path.is_file() and path.stat().st_size > 0:
        return
    fetch = f"python -c \"import sacrebleu; sacrebleu.BLEU(tokenize='{tokenizer}')\" (needs a network)"
    if offline:
        raise MetricUnavailable(
            f"the model of tokenizer '{tokenizer}' is not on this machine, and --offline does not allow downloading it",
            fix=f"{fetch}, {CHANGE_IT}",
        )
    try:
        _download(url, path)
    except OSError as error:
        raise MetricUnavailable(
            f"the model of tokenizer '{tokenizer}' is not on this machine and cannot be downloaded from {url}: {error}",
            fix=f"{fetch}, {CHANGE_IT}",
        ) from error


def _download(url: str, path: Path) -> None:
    """Fetch ``url`` and give it its name only when it is whole.

    Raises:
        OSError: no network, no such file, no room.
    """
    from urllib.request import urlopen

    path.parent.mkdir(parents=True, exist_ok=True)
    with urlopen(url, timeout=DOWNLOAD_TIMEOUT) as answer:  # noqa: S310 - sacrebleu's own constant, https
        content: bytes = answer.read()
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    replace_file(Path(unfinished), path)
