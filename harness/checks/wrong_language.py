"""The translation is in another language or script, including close relatives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from harness.checks.characters import UPPER, Selected, sign
from harness.checks.east_asian import written_in
from harness.checks.identify import identifier_for, same_language
from harness.checks.interface import WHOLE, CheckContext, Flag, Item
from harness.checks.screen import Batch, screened_by
from harness.checks.texts import prose_words, words
from harness.corpus.lint.characters import letters_of
from harness.types import Reason
from harness.workspace.languages import NO_SPACES, display_name, primary, script_known, script_of

_FEWEST_LETTERS = 16
_FEWEST_LETTERS_WITHOUT_SPACES = 8
_FEWEST_WORDS = 4
_FEWEST_PROSE_WORDS = 3
_ENOUGH = 5_000
"""Characters that tell a language for certain."""
_OWN_SCRIPT = 0.3
_NOT_LATIN = re.compile("[^\x00-\xa9\xab-\xb4\xb6-\xb9\xbb-\u024f\u1e00-\u1eff\u2000-\u2064\u20a0-\u20bf]")
"""What may be a letter of another script: all letters of these blocks are Latin, and punctuation is none."""
_UNLIKELY = 0.2
"""Probability of the target below which a text is in another language."""


_FOREIGN = sign(lambda character: character.isalpha() and _NOT_LATIN.match(character) is not None)
"""Letters of other scripts, and some of Latin that need not be told apart."""


def _not_identified(batch: Batch, context: CheckContext) -> Selected:
    """All but texts in Latin script that are identified as in the target language."""
    texts, target = batch.texts, context.pair.target
    selected = np.ones(len(batch), bool)
    if script_of(target) != "Latn" or primary(target) in NO_SPACES:
        return selected
    unlike = ~texts.plain | texts.having(_FOREIGN)
    prose, counts = texts.written_without(UPPER)
    identify = identifier_for(context.pair)
    for row in np.flatnonzero(~unlike & (counts >= _FEWEST_WORDS)).tolist():
        selected[row] = identify(prose[row][:_ENOUGH])[1] < _UNLIKELY
    selected[~unlike & (counts < _FEWEST_PROSE_WORDS)] = False
    return selected


@screened_by(_not_identified)
def check_wrong_language(item: Item, context: CheckContext) -> Iterator[Flag]:
    """Flag texts long enough to tell; names, figures and addresses do not count."""
    target = context.pair.target
    text_words = words(item.text)
    # A language without spaces has few "words"; a name in Latin letters among them is no sign.
    if not _have_letters(
        text_words, _FEWEST_LETTERS_WITHOUT_SPACES if primary(target) in NO_SPACES else _FEWEST_LETTERS
    ):
        return
    own, total = (0, 0) if _in_own_script(item.text, target) else letters_of(_new_words(text_words, item), target)
    if total >= _FEWEST_LETTERS_WITHOUT_SPACES and own < _OWN_SCRIPT * total:
        why = Reason(
            "flag.script",
            {"own": own, "all": total, "language": display_name(target), "script": script_of(target)},
        )
        if not any(_own_share(other, target) < _OWN_SCRIPT for other in item.references):
            yield Flag("wrong_language", WHOLE, why, 0.95)
        return
    if actual := written_in(item.text, target):
        if not any(written_in(other, target) for other in item.references):
            yield Flag("wrong_language", WHOLE, _other_language(actual, target), 0.95)
        return
    if primary(target) in NO_SPACES:
        return
    prose = prose_words(text_words)
    if len(prose) < _FEWEST_PROSE_WORDS:
        return
    if len(prose) < _FEWEST_WORDS:
        prose = _new_words(text_words, item).split()
    if len(prose) < _FEWEST_WORDS or not _have_letters(prose, _FEWEST_LETTERS):
        return
    identify = identifier_for(context.pair)
    language, likely = identify(" ".join(prose)[:_ENOUGH])
    if likely >= _UNLIKELY or same_language(language, primary(target)):
        return
    if any(identify(" ".join(prose_words(words(other)))[:_ENOUGH])[1] < _UNLIKELY for other in item.references):
        return
    yield Flag("wrong_language", WHOLE, _other_language(language, target), round(1 - likely, 2))


def _have_letters(text_words: Sequence[str], fewest: int) -> bool:
    return len(text_words) >= fewest or sum(map(len, text_words)) >= fewest


def _new_words(text_words: Iterable[str], item: Item) -> str:
    """Those that the source does not have, with spaces between them."""
    return " ".join(word for word in text_words if word not in item.source)


def _in_own_script(text: str, target: str) -> bool:
    """Whether all letters, told quickly, are those of a language in Latin script, or its script is not known."""
    return not script_known(target) or (script_of(target) == "Latn" and not _NOT_LATIN.search(text))


def _other_language(actual: str, target: str) -> Reason:
    return Reason("flag.language", {"found": display_name(actual), "target": display_name(target)})


def _own_share(text: str, target: str) -> float:
    own, total = letters_of(text, target)
    return own / total if total else 1.0
